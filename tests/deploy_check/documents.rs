//! Broken documents through the command line: each with its code, its place, its limits, and nothing on standard output.

use crate::stage::Folder;

/// The file, the place, and a part of what is said.
const BROKEN: &[(&str, &str, &str)] = &[
    ("backstge: {}\n", "stack.yaml:1:1", "did you mean `backstage`?"),
    ("backstage:\n  replcas: 2\n", "stack.yaml:2:3", "did you mean `replicas`?"),
    ("database:\n  storage:\n    sise: 1Gi\n", "stack.yaml:3:5", "did you mean `size`?"),
    ("name: a\nname: b\n", "stack.yaml:2:1", "duplicate key name"),
    ("name: [\n", "stack.yaml:", ""),
    ("- a\n", "stack.yaml:1:1", "object is expected"),
    ("kind: Rotation\n", "stack.yaml:1:7", "one of Stack is expected"),
    ("apiVersion: v1\n", "stack.yaml:1:13", "newleaf.dev/v1alpha1"),
    ("platform: openshfit\n", "stack.yaml:1:11", "did you mean `openshift`?"),
    ("name: Portal\n", "stack.yaml:1:7", "lower-case"),
    ("namespace: kube-system\n", "stack.yaml:1:12", "a namespace of its own"),
    ("host: https://portal.example.org\n", "stack.yaml:1:7", "without scheme"),
    ("ingress: {kind: ingress, className: nginx}\n", "stack.yaml:", "browsers need a name"),
    ("backstage: {image: 'backstage:latest'}\n", "stack.yaml:1:20", "not `latest`"),
    ("backstage: {image: backstage}\n", "stack.yaml:1:20", "a tag or a digest"),
    ("backstage: {replicas: 0}\n", "stack.yaml:1:23", "from 1 to 100"),
    ("backstage: {replicas: two}\n", "stack.yaml:1:23", "integer"),
    ("backstage: {command: []}\n", "stack.yaml:1:22", "a program is needed"),
    ("backstage: {appConfig: [{}]}\n", "stack.yaml:1:25", "exactly one of configMap, secret, inline"),
    (
        "backstage:\n  appConfig:\n  - inline: {integrations: {github: [{token: planted}]}}\n",
        "stack.yaml:3:46",
        "becomes a ConfigMap",
    ),
    ("backstage:\n  appConfig:\n  - inline: {app: {$file: a, b: c}}\n", "stack.yaml:3:19", "stands alone"),
    ("backstage: {env: [{name: 1A, value: b}]}\n", "stack.yaml:1:26", "starts with no digit"),
    ("backstage: {env: [{name: A_TOKEN, value: planted}]}\n", "stack.yaml:1:42", "everybody who may read"),
    ("backstage: {files: [{path: etc, configMap: a}]}\n", "stack.yaml:1:28", "starts with `/`"),
    ("backstage: {resources: {requests: {memory: 1GB}}}\n", "stack.yaml:1:44", "Ki, Mi, Gi"),
    ("backstage: {replicas: 50, plugins: {count: 20, pool: 10}}\n", "stack.yaml:1:23", "are the most"),
    ("database: {version: 13}\n", "stack.yaml:1:21", "14 to 18"),
    ("database: {memory: 64Mi}\n", "stack.yaml:1:20", "256Mi are the least"),
    ("database: {storage: {size: 100Mi}}\n", "stack.yaml:1:28", "1024Mi are the least"),
    ("database: {parameters: {ssl: off}}\n", "stack.yaml:1:30", "nothing is admitted without TLS"),
    ("database: {existing: {}}\n", "stack.yaml:1:22", "it is required here"),
    ("database: {version: 17, existing: {host: db.example.org}}\n", "stack.yaml:1:21", "that the stack installs"),
    ("rotation: {schedule: daily}\n", "stack.yaml:1:22", "five fields"),
    ("rotation: {leaf: {rotateAfter: 45d}}\n", "stack.yaml:1:32", "before it ends"),
    ("networkPolicies: {nodes: [10.0.0.1]}\n", "stack.yaml:1:27", "a range is"),
    ("monitoring: {labels: {release: 'a b'}}\n", "stack.yaml:1:32", "a label is"),
    ("features: {auth: {oidc: {}}}\n", "stack.yaml:1:25", "it is required here"),
    ("raw: [{}]\n", "stack.yaml:1:7", "exactly one of path, configMap"),
    ("host: portal x\n", "stack.yaml:1:7", "without scheme, port and path"),
    ("host: a.example.org\ningress: {kind: httpRoute}\n", "stack.yaml:2:10", "belongs to a Gateway"),
    (
        "host: a.example.org\ningress: {kind: ingress, className: unheard}\n",
        "stack.yaml:2:37",
        "networkPolicies.ingressFrom",
    ),
    ("namespace: default\n", "stack.yaml:1:12", "choose another name"),
    ("backstage: {drainSeconds: -1}\n", "stack.yaml:1:27", "from 0 to"),
    ("backstage: {env: [{name: A}]}\n", "stack.yaml:1:19", "exactly one of value, configMap, secret"),
    ("backstage: {env: [{name: A, value: b}, {name: A, value: c}]}\n", "stack.yaml:1:47", "set once"),
    ("backstage: {imagePullSecrets: [Registry]}\n", "stack.yaml:1:32", "lower-case letters"),
    ("database: {storage: {class: Fast_SSD}}\n", "stack.yaml:1:29", "lower-case letters"),
    ("database: {cpu: lots}\n", "stack.yaml:1:17", "thousandths with `m`"),
    ("database: {existing: {host: db.example.org, port: 70000}}\n", "stack.yaml:1:51", "from 1 to 65535"),
    ("database: {existing: {host: 'https://db'}}\n", "stack.yaml:1:29", "without scheme"),
    ("database: {parameters: {max_connections: 1}}\n", "stack.yaml:1:42", "from 10 to 10000"),
    ("rotation: {leaf: {lifetime: 30}}\n", "stack.yaml:1:29", "string is expected"),
    ("rotation: {leaf: {lifetime: 10m}}\n", "stack.yaml:1:29", "1h is the least"),
    ("rotation: {pickup: restart, nudge: true}\n", "stack.yaml:1:36", "only a server that reloads"),
    ("rotation: {deadlines: {step: 20m, run: 10m}}\n", "stack.yaml:1:30", "a step ends within its run"),
    ("rotation: {authority: {}}\n", "stack.yaml:1:23", "add `secret`"),
    ("monitoring: {prometheus: {}}\n", "stack.yaml:1:26", "add the namespace"),
    (
        "externalSecrets: {store: {name: vault}, secrets: [{name: postgres-tls, data: [{key: a, remoteKey: b}]}]}\n",
        "stack.yaml:1:58",
        "two writers would fight",
    ),
    ("podSecurity: {level: strict}\n", "stack.yaml:1:22", "did you mean `restricted`?"),
    ("features: {techdocs: {publisher: awsS3}}\n", "stack.yaml:1:22", "set `bucket`"),
    ("features: {catalog: {locations: ['ftp://a']}}\n", "stack.yaml:1:34", "https:// or http://"),
];

/// A raw layer, its code, the place, and a part of what is said.
const BROKEN_LAYERS: &[(&str, &str, &str, &str)] = &[
    ("- a\n", "NL1001", "raw.yaml:1:1", "maps with apiVersion and kind"),
    ("kind: Service\n", "NL1001", "raw.yaml:1:1", "apiVersion"),
    ("apiVersion: v1\nkind: Service\n", "NL1001", "raw.yaml:1:1", "could be"),
    ("a: 1\na: 2\n", "NL1001", "raw.yaml:2:1", "duplicate key a"),
    (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: backstage}\nspec: {$patch: keep}\n",
        "NL1001",
        "raw.yaml:4:7",
        "`delete` or `replace`",
    ),
    (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: backstage}\nspec: {template: {spec: {hostNetwork: true}}}\n",
        "NL1002",
        "raw.yaml:1:1",
        "hostNetwork is on",
    ),
    (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: mine}\ndata: {password: planted}\n",
        "NL1002",
        "raw.yaml:1:1",
        "no-secret-in-config-map",
    ),
    (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: backstage}\nspec: {template: {spec: {containers: [{name: backstage, \
         image: 'a:latest'}]}}}\n",
        "NL1002",
        "raw.yaml:1:1",
        "image-pinned",
    ),
];

#[test]
fn each_broken_document_is_refused_with_its_code_its_place_and_its_limits() {
    let mut wrong = Vec::new();
    for (text, place, part) in BROKEN {
        let folder = Folder::new(&[("stack.yaml", text)]);
        let said = folder.deploy(&["render", "-f", "stack.yaml"]);
        let line = said.stderr.lines().find(|line| line.contains(place) && line.contains(part));
        let is_refused = said.code == Some(78) && said.stdout.is_empty() && said.stderr.starts_with("error[NL0901]");
        if !is_refused || line.is_none() || said.stderr.contains("planted") {
            wrong.push(format!("{text:?}: {place} {part}\n{said:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(BROKEN.len() + BROKEN_LAYERS.len() >= 60, "{}", BROKEN.len());
}

#[test]
fn each_broken_raw_layer_is_refused_at_its_line() {
    for (text, code, place, part) in BROKEN_LAYERS {
        let folder = Folder::new(&[("stack.yaml", "raw: [{path: raw.yaml}]\n"), ("raw.yaml", text)]);
        let said = folder.deploy(&["render", "-f", "stack.yaml"]);
        assert!(said.stderr.starts_with(&format!("error[{code}]")), "{text}: {said:?}");
        assert!(said.stderr.lines().any(|line| line.contains(place) && line.contains(part)), "{text}: {said:?}");
        assert!(said.stdout.is_empty() && !said.stderr.contains("planted"), "{text}: {said:?}");
        assert_eq!(said.code, Some(if *code == "NL1001" { 78 } else { 4 }), "{text}");
    }
}

#[test]
fn all_problems_of_all_layers_are_told_at_once() {
    let folder = Folder::new(&[("a.yaml", "name: A\n"), ("b.yaml", "backstage:\n  image: b\n")]);
    let said = folder.deploy(&["render", "-f", "a.yaml", "-f", "b.yaml", "--set", "database.version=12"]);
    for place in ["a.yaml:1:7: name", "b.yaml:2:10: backstage.image", "flag --set database.version: database.version"] {
        assert!(said.stderr.contains(place), "{place}: {}", said.stderr);
    }
    let json = folder.deploy(&["render", "-f", "a.yaml", "-o", "json"]).stderr;
    let error: serde_json::Value = serde_json::from_str(&json).expect("one document");
    assert_eq!((error["code"].as_str(), error["exitCode"].as_u64()), (Some("NL0901"), Some(78)));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let folder = Folder::new(&[("stack.yaml", "raw: [{path: gone}]\n")]);
    assert!(folder.deploy(&["render", "-f", "none.yaml"]).stderr.contains("none.yaml"));
    let said = folder.deploy(&["render", "-f", "stack.yaml"]);
    assert!(said.stderr.contains("failed to read") && said.stderr.contains("gone"), "{said:?}");
}
