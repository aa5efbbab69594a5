//! Documents that are refused: each with the path of what is wrong, its limits, and a way out.

use super::*;

/// The document, the path, and a part of the limits.
const BAD: &[(&str, &str, &str)] = &[
    ("- a\n", "the document", "object is expected"),
    ("backstge: {}", "backstge", "the keys here are"),
    ("kind: Rotation", "kind", "one of Stack"),
    ("apiVersion: v1", "apiVersion", "one of newleaf.dev/v1alpha1"),
    ("platform: OpenShift", "platform", "one of kubernetes, openshift"),
    ("name: Portal", "name", "lower-case"),
    ("name: a-name-that-is-much-too-long-for-a-label-because-it-has-more-than-63-letters", "name", "1 to 63"),
    ("namespace: kube-system", "namespace", "a namespace of its own"),
    ("namespace: default", "namespace", "a namespace of its own"),
    ("namespace: my.namespace", "namespace", "1 to 63"),
    ("host: https://portal.example.org", "host", "without scheme"),
    ("host: 192.0.2.1\ningress: {kind: ingress, className: nginx}", "host", "a host is a name"),
    ("ingress: {kind: ingress, className: nginx}", "host", "browsers need a name"),
    ("host: a.example.org", "ingress.className", "must name the pods"),
    ("host: a.example.org\ningress: {className: mine}", "ingress.className", "must name the pods"),
    ("host: a.example.org\ningress: {kind: httpRoute}", "ingress.gateway", "belongs to a Gateway"),
    ("host: a.example.org\ningress: {kind: route, className: nginx}", "ingress.className", "only an Ingress"),
    ("host: a.example.org\ningress: {kind: route, tls: {enabled: false}}", "ingress.tls.enabled", "always ends TLS"),
    ("host: a.example.org\ningress: {kind: route, tls: {secret: a}}", "ingress.tls.secret", "has the certificate"),
    (
        "host: a.example.org\ningress: {className: nginx, annotations: {'a b': c}}",
        "ingress.annotations.a b",
        "a label has a name",
    ),
    ("host: a.example.org\ningress: {className: nginx, tls: {secret: A}}", "ingress.tls.secret", "lower-case"),
    ("backstage: {image: backstage}", "backstage.image", "a tag or a digest"),
    ("backstage: {image: 'backstage:latest'}", "backstage.image", "not `latest`"),
    ("backstage: {image: 'backstage@sha256:abc'}", "backstage.image", "a tag or a digest"),
    ("backstage: {image: 'Backstage:1'}", "backstage.image", "a tag or a digest"),
    ("backstage: {replicas: 0}", "backstage.replicas", "from 1 to 100"),
    ("backstage: {replicas: -1}", "backstage.replicas", "number"),
    ("backstage: {replicas: two}", "backstage.replicas", "integer"),
    ("backstage: {title: ''}", "backstage.title", "1 to 120"),
    ("backstage: {command: []}", "backstage.command", "a program is needed"),
    ("backstage: {command: ['']}", "backstage.command[0]", "is not empty"),
    ("backstage: {appConfig: [{}]}", "backstage.appConfig[0]", "exactly one of configMap, secret, inline"),
    (
        "backstage: {appConfig: [{configMap: {name: a, key: b}, secret: {name: a, key: b}}]}",
        "backstage.appConfig[0]",
        "exactly one",
    ),
    ("backstage: {appConfig: [{configMap: {name: a}}]}", "backstage.appConfig[0].configMap.key", "required"),
    (
        "backstage: {appConfig: [{inline: {integrations: {github: [{token: ghp_planted}]}}}]}",
        "backstage.appConfig[0].inline.integrations.github[0].token",
        "becomes a ConfigMap",
    ),
    ("backstage: {env: [{name: 1A, value: b}]}", "backstage.env[0].name", "starts with no digit"),
    ("backstage: {env: [{name: A}]}", "backstage.env[0]", "exactly one of value, configMap, secret"),
    ("backstage: {env: [{name: API_TOKEN, value: planted}]}", "backstage.env[0].value", "everybody who may read"),
    ("backstage: {env: [{name: A, value: b}, {name: A, value: c}]}", "backstage.env[1].name", "set once"),
    ("backstage: {env: [{name: STACK_NAMESPACE, value: b}]}", "backstage.env[0].name", "the stack sets it"),
    ("backstage: {env: [{name: A, secret: {name: a, key: '../b'}}]}", "backstage.env[0].secret.key", "a key is"),
    ("backstage: {envFrom: [{configMap: a, secret: b}]}", "backstage.envFrom[0]", "exactly one"),
    ("backstage: {files: [{path: etc, configMap: a}]}", "backstage.files[0].path", "starts with `/`"),
    ("backstage: {files: [{path: /a/../b, configMap: a}]}", "backstage.files[0].path", "no `..`"),
    ("backstage: {files: [{path: /etc/newleaf/x, configMap: a}]}", "backstage.files[0].path", "mounted already"),
    ("backstage: {files: [{path: /etc, configMap: a}]}", "backstage.files[0].path", "mounted already"),
    (
        "backstage: {files: [{path: /a, configMap: a}, {path: /a/, secret: b}]}",
        "backstage.files[1].path",
        "mounted already",
    ),
    ("backstage: {resources: {requests: {cpu: fast}}}", "backstage.resources.requests.cpu", "processor time"),
    ("backstage: {resources: {requests: {memory: 1GB}}}", "backstage.resources.requests.memory", "Ki, Mi, Gi"),
    ("backstage: {resources: {requests: {memory: 4Gi}}}", "backstage.resources.requests.memory", "at most the limit"),
    ("backstage: {resources: {requests: {cpu: 3}}}", "backstage.resources.requests.cpu", "at most the limit"),
    ("backstage: {plugins: {pool: 0}}", "backstage.plugins.pool", "from 1 to 100"),
    (
        "backstage: {replicas: 3, plugins: {count: 10, pool: 10}}\ndatabase: {parameters: {max_connections: 100}}",
        "database.parameters.max_connections",
        "10 plugins with 10 connections in each of 4 pods",
    ),
    ("backstage: {replicas: 50, plugins: {count: 20, pool: 10}}", "backstage.replicas", "are the most"),
    (
        "database: {existing: {host: db.example.org, maxConnections: 20}}",
        "database.existing.maxConnections",
        "20 are the most",
    ),
    ("backstage: {profile: admin}", "backstage.profile", "one of superuser, leastPrivilege"),
    ("backstage: {startupSeconds: 5}", "backstage.startupSeconds", "from 30 to 3600"),
    ("backstage: {drainSeconds: 601}", "backstage.drainSeconds", "from 0 to 600"),
    ("database: {version: 13}", "database.version", "14 to 18"),
    ("database: {version: latest}", "database.version", "14 to 18"),
    ("database: {image: 'registry.example.org/postgres:custom'}", "database.image", "which one it is"),
    ("database: {memory: 64Mi}", "database.memory", "256Mi are the least"),
    ("database: {memory: lots}", "database.memory", "an amount is"),
    ("database: {cpu: '0'}", "database.cpu", "processor time"),
    ("database: {storage: {size: 100Mi}}", "database.storage.size", "1024Mi are the least"),
    ("database: {storage: {class: Fast}}", "database.storage.class", "lower-case"),
    ("database: {parameters: {ssl: off}}", "database.parameters.ssl", "nothing is admitted without TLS"),
    ("database: {parameters: {SSL_Cert_File: /a}}", "database.parameters.SSL_Cert_File", "the stack sets it"),
    ("database: {parameters: {hba_file: /a}}", "database.parameters.hba_file", "who may log in"),
    ("database: {parameters: {'a=b': c}}", "database.parameters.a=b", "a setting is letters"),
    (
        "database: {parameters: {ssl_min_protocol_version: TLSv1}}",
        "database.parameters.ssl_min_protocol_version",
        "TLSv1.2",
    ),
    ("database: {parameters: {max_connections: many}}", "database.parameters.max_connections", "from 10 to 10000"),
    ("database: {version: 17, existing: {host: db.example.org}}", "database.version", "that the stack installs"),
    ("database: {existing: {host: 'db:5432'}}", "database.existing.host", "without scheme, port"),
    ("database: {existing: {host: db.example.org, port: 70000}}", "database.existing.port", "from 1 to 65535"),
    ("database: {existing: {host: db.example.org, role: Backstage}}", "database.existing.role", "lower-case"),
    ("database: {existing: {host: db.example.org, cidrs: [10.0.0.0/33]}}", "database.existing.cidrs[0]", "a range is"),
    ("database: {existing: {}}", "database.existing.host", "required"),
    ("rotation: {schedule: daily}", "rotation.schedule", "five fields"),
    ("rotation: {schedule: '61 3 * * *'}", "rotation.schedule", "five fields"),
    ("rotation: {leaf: {lifetime: 45}}", "rotation.leaf.lifetime", "string"),
    ("rotation: {leaf: {lifetime: 1w}}", "rotation.leaf.lifetime", "a duration is"),
    ("rotation: {leaf: {rotateAfter: 45d}}", "rotation.leaf.rotateAfter", "before it ends"),
    ("rotation: {leaf: {lifetime: 1m, rotateAfter: 1s}}", "rotation.leaf.lifetime", "1h is the least"),
    ("rotation: {deadlines: {step: 1h}}", "rotation.deadlines.step", "within its run"),
    ("rotation: {image: newleaf}", "rotation.image", "a tag or a digest"),
    ("networkPolicies: {nodes: [10.0.0.1]}", "networkPolicies.nodes[0]", "a range is"),
    ("networkPolicies: {egress: [{ports: [0]}]}", "networkPolicies.egress[0].ports[0]", "from 1 to 65535"),
    (
        "networkPolicies: {ingressFrom: {podLabels: {a: b}}}",
        "networkPolicies.ingressFrom.namespace",
        "by their namespace",
    ),
    ("monitoring: {labels: {release: 'a b'}}", "monitoring.labels.release", "a label is"),
    ("monitoring: {backstageMetrics: {path: metrics}}", "monitoring.backstageMetrics.path", "starts with `/`"),
    ("features: {catalog: {locations: [catalog.yaml]}}", "features.catalog.locations[0]", "https://"),
    ("features: {catalog: {allow: ['a b']}}", "features.catalog.allow[0]", "a kind is a word"),
    ("features: {techdocs: {publisher: awsS3}}", "features.techdocs.bucket", "kept in a bucket"),
    ("features: {techdocs: {bucket: docs}}", "features.techdocs.bucket", "have no bucket"),
    ("features: {auth: {oidc: {}}}", "features.auth.oidc.metadataUrl", "required"),
    (
        "externalSecrets: {store: {name: a}, secrets: [{name: postgres-tls, data: [{key: a, remoteKey: b}]}]}",
        "externalSecrets.secrets[0].name",
        "two writers",
    ),
    (
        "externalSecrets: {store: {name: a}, secrets: [{name: a, data: []}]}",
        "externalSecrets.secrets[0].data",
        "has keys",
    ),
    (
        "externalSecrets: {store: {name: a}, secrets: [{name: a, data: [{key: a, remoteKey: ''}]}]}",
        "externalSecrets.secrets[0].data[0].remoteKey",
        "1 to 120 characters",
    ),
    ("podSecurity: {level: none}", "podSecurity.level", "one of restricted"),
    ("disruption: {spread: rack}", "disruption.spread", "one of none, node, zone"),
    ("raw: [{}]", "raw[0]", "exactly one of path, configMap"),
];

#[test]
fn each_bad_document_is_refused_with_path_limits_and_a_way_out() {
    let mut wrong = Vec::new();
    for (text, path, limits) in BAD {
        let read = document::parse(text).and_then(|document| Settings::of(&document));
        let Err(found) = read else {
            wrong.push(format!("{text:?} is taken"));
            continue;
        };
        let expected = found.iter().find(|problem| problem.path == *path && problem.limits.contains(limits));
        match expected {
            Some(problem) if problem.way_out.is_empty() || problem.value.is_empty() => {
                wrong.push(format!("{text:?}: no way out or no value: {problem}"));
            }
            Some(_) => {}
            None => wrong.push(format!("{text:?}: {found:#?}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(BAD.len() > 90, "{}", BAD.len());
}

#[test]
fn one_problem_hides_no_other() {
    let text = "name: A\nbackstage: {image: a, replicas: 0, env: [{name: 1}, {name: A_TOKEN, value: b}]}\n\
                database: {version: 12, memory: 1}\nrotation: {schedule: a, leaf: {lifetime: x}}\n";
    let shape = problems(text);
    assert_eq!(shape[0].path, "backstage.env[0].name", "a number is no name");
    let found = problems(&text.replace("{name: 1}", "{name: '1'}"));
    let paths: Vec<&str> = found.iter().map(|problem| problem.path.as_str()).collect();
    let expected = [
        "backstage.env[0]",
        "backstage.env[0].name",
        "backstage.env[1].value",
        "backstage.image",
        "backstage.replicas",
        "database.memory",
        "database.version",
        "name",
        "rotation.leaf.lifetime",
        "rotation.schedule",
    ];
    assert_eq!(paths, expected);
}

#[test]
fn no_message_repeats_a_planted_secret() {
    for (text, ..) in BAD.iter().filter(|(text, ..)| text.contains("planted")) {
        for problem in problems(text) {
            assert!(!problem.to_string().contains("planted"), "{problem}");
        }
    }
}
