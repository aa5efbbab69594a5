//! Values for the chart, combined so that each pair of choices occurs together.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::combinations::rows;

/// For each option its choices, as YAML of the stack's document. Each choice fits to each choice of the others.
const OPTIONS: &[&[&str]] = &[
    &["", "platform: openshift", "platform: kind", "platform: k3d", "platform: minikube", "platform: microk8s"],
    &[
        "",
        "{host: portal.example.org, ingress: {kind: ingress, className: nginx}}",
        "{host: portal.example.org, ingress: {kind: ingress, className: bunkerweb, tls: {enabled: false}}}",
        "{host: a.b.example.org, ingress: {kind: ingress, className: traefik, tls: {clusterIssuer: company, secret: web}}}",
        "{host: portal.example.org, ingress: {kind: route}}",
        "{host: portal.example.org, ingress: {kind: httpRoute, gateway: {name: edge, namespace: gateways}}}",
        "{host: portal.example.org, ingress: {kind: httpRoute, gateway: {name: edge}, tls: {enabled: false}}}",
        "{host: portal.example.org, ingress: {kind: none}}",
        "ingress: {kind: none}",
    ],
    &[
        "",
        "database: {version: 14}",
        "database: {version: '18', memory: 2Gi, cpu: 1}",
        "database: {version: 15, image: 'localhost/postgres:15', storage: {size: 1Gi, class: fast}}",
        "database: {memory: 16Gi, cpu: 0.5, storage: {size: 100G}}",
    ],
    &["", "backstage: {replicas: 2}", "backstage: {replicas: 3}", "backstage: {replicas: 10}"],
    &["", "backstage: {image: 'registry.example.org:5000/team/portal:v1.2', imagePullSecrets: [one, two.three]}"],
    &["", "backstage: {title: 'The Portal (new)', organization: Example Inc. and Sons}"],
    &["", "backstage: {profile: leastPrivilege}"],
    &[
        "",
        "backstage: {appConfig: [{inline: {a: {b: [1, 'no', '${HOME}'], c: '{{ x }}'}}}, {secret: {name: s, key: k.yaml}}]}",
        "backstage: {appConfig: [{configMap: {name: c, key: k}}, {inline: {d: true}}, {configMap: {name: c2, key: k}}]}",
    ],
    &[
        "",
        "backstage: {env: [{name: A, value: 'on'}, {name: B_TOKEN, secret: {name: s, key: k}}, {name: C, value: '{{ .x }} \"$(Y)\" é'}]}",
        "backstage: {env: [{name: X, configMap: {name: c, key: k}}], envFrom: [{secret: s}, {configMap: c}, {secret: t}]}",
    ],
    &[
        "",
        "backstage: {files: [{path: /opt/a, configMap: c}, {path: /opt/b, secret: s}, {path: /opt/c, configMap: d}]}",
    ],
    &["", "backstage: {waitForDatabase: false, resources: {limits: {cpu: 4, memory: 4Gi}, requests: {cpu: 500m}}}"],
    &["", "rotation: {pickup: restart, schedule: '5 */6 * * 1-5'}", "rotation: {nudge: true, image: 'r/newleaf:2'}"],
    &[
        "",
        "rotation: {leaf: {lifetime: 90d, rotateAfter: 60d}}",
        "rotation: {leaf: {rotateAfter: 20d}, admissionPolicies: false}",
    ],
    &["", "networkPolicies: {enabled: false}"],
    &["", "monitoring: {serviceMonitor: true}", "monitoring: {alerts: true, dashboard: true}"],
    &["", "features: {search: true, kubernetes: true}", "features: {scaffolder: true, permissions: true}"],
    &[
        "",
        "check: {image: 'r.example.org/newleaf-deploy@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'}",
    ],
    &["", "disruption: {budget: false, spread: none}", "disruption: {spread: node}"],
];

/// At least 200 different combinations, in which every pair of choices occurs; the same each time.
pub(crate) fn combinations() -> Vec<Value> {
    let sizes: Vec<usize> = OPTIONS.iter().map(|choices| choices.len()).collect();
    let mut all = BTreeSet::new();
    let mut seed = 1;
    while all.len() < 200 {
        all.extend(rows(&sizes, seed));
        seed += 1;
    }
    all.iter().map(|row| combination(row)).collect()
}

fn combination(row: &[usize]) -> Value {
    let mut values = json!({});
    for (choices, choice) in OPTIONS.iter().zip(row) {
        let more: Option<Value> = serde_saphyr::from_str(choices[*choice]).expect("YAML");
        merge(&mut values, more.unwrap_or_default());
    }
    values
}

/// Maps by key, as Helm and the stack merge their layers.
pub(crate) fn merge(into: &mut Value, over: Value) {
    match (into, over) {
        (Value::Object(into), Value::Object(over)) => {
            for (key, value) in over {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (_, Value::Null) => {}
        (into, over) => *into = over,
    }
}
