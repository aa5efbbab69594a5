//! Option combinations of a stack: each pair of choices occurs together. The tests of this crate render them, and those of
//! the deployer hand what comes out to an API server.

use std::collections::BTreeSet;

/// An option, and its choices as YAML of the top level. Each choice fits to each choice of the others.
const OPTIONS: &[&[&str]] = &[
    &["", "platform: openshift", "platform: kind", "platform: k3d", "platform: minikube", "platform: microk8s"],
    &[
        "",
        "host: a.example.org\ningress: {kind: ingress, className: nginx}",
        "host: a.example.org\ningress: {kind: ingress, className: bunkerweb, tls: {enabled: false}}",
        "host: a.example.org\ningress: {kind: ingress, className: traefik, tls: {clusterIssuer: company, secret: a}}",
        "host: a.example.org\ningress: {kind: route}",
        "host: a.example.org\ningress: {kind: httpRoute, gateway: {name: edge, namespace: gateways}}",
        "host: a.example.org\ningress: {kind: none}",
    ],
    &[
        "",
        "database: {version: 14}",
        "database: {version: 18, memory: 2Gi, parameters: {work_mem: 8MB, ssl_min_protocol_version: TLSv1.2}}",
        "database: {image: 'localhost/postgres:15', storage: {size: 1Gi, class: fast}, cpu: 1}",
        "database: {existing: {host: pg.databases.svc}}",
        "database: {existing: {host: 192.0.2.1, port: 5433, trustBundle: pg-ca}}",
        "database: {existing: {host: db.example.org, maxConnections: 1000}}",
    ],
    &[
        "",
        "monitoring: {alerts: true}",
        "monitoring: {serviceMonitor: true, dashboard: true, alerts: true, labels: {a: b}, backstageMetrics: {port: 9000}, prometheus: {namespace: m}}",
    ],
    &[
        "",
        "networkPolicies: {enabled: false}",
        "networkPolicies: {nodes: [10.0.0.0/8], apiServer: {cidrs: [10.1.0.1/32], ports: [6443]}, egress: [{cidrs: [192.0.2.0/24]}], ingressFrom: {namespace: edge}}",
    ],
    &[
        "",
        "rotation: {pickup: restart, authority: {secret: ca}}",
        "rotation: {leaf: {lifetime: 4h, rotateAfter: 2h}, nudge: true}",
    ],
    &["", "disruption: {budget: false, spread: none}", "disruption: {spread: node}"],
    &["", "podSecurity: {level: baseline}"],
    &["", "externalSecrets: {store: {name: vault}, secrets: [{name: brought, data: [{key: a, remoteKey: b}]}]}"],
    &["", "name: portal\nnamespace: team-a"],
];

/// Keys of `backstage`.
const BACKSTAGE: &[&[&str]] = &[
    &["", "replicas: 2", "replicas: 5"],
    &["", "profile: leastPrivilege"],
    &["", "appConfig: [{inline: {a: {b: [1]}}}, {secret: {name: s, key: k}}, {configMap: {name: c, key: k}}]"],
    &[
        "",
        "env: [{name: A, value: b}, {name: B_TOKEN, secret: {name: s, key: k}}]",
        "envFrom: [{secret: s}, {configMap: c}]",
    ],
    &["", "files: [{path: /opt/a, configMap: c}, {path: /opt/b, secret: s}]"],
    &["", "waitForDatabase: false", "drainSeconds: 0", "imagePullSecrets: [registry]"],
    &["", "plugins: {count: 3, pool: 2}", "resources: {limits: {cpu: 4, memory: 4Gi}, requests: {memory: 2Gi}}"],
];

/// Keys of `features`.
const FEATURES: &[&[&str]] = &[
    &[
        "",
        "catalog: {allow: [API], locations: ['https://example.org/a.yaml'], github: [{organization: o, token: {name: s, key: k}}]}",
    ],
    &["", "scaffolder: true"],
    &["", "search: true"],
    &["", "permissions: true"],
    &[
        "",
        "techdocs: {}",
        "techdocs: {publisher: awsS3, bucket: b, region: r}",
        "techdocs: {publisher: azureBlobStorage, bucket: b}",
    ],
    &[
        "",
        "auth: {guest: true}",
        "auth: {oidc: {metadataUrl: 'https://i', clientId: {name: s, key: a}, clientSecret: {name: s, key: b}, sessionSecret: {name: s, key: c}}}",
    ],
    &["", "kubernetes: true"],
];

/// A choice of each option.
pub(crate) type Row = Vec<usize>;
type ChoicePair = (usize, usize, usize, usize);

/// A small generator of numbers (Knuth's MMIX), so that each run tries the same.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % limit
    }
}

fn pairs_of(row: &Row) -> impl Iterator<Item = ChoicePair> + '_ {
    let one = row.iter().enumerate();
    one.flat_map(move |(a, of_a)| row.iter().enumerate().skip(a + 1).map(move |(b, of_b)| (a, *of_a, b, *of_b)))
}

fn every_pair(sizes: &[usize]) -> BTreeSet<ChoicePair> {
    let mut pairs = BTreeSet::new();
    for (a, of_a) in sizes.iter().enumerate() {
        for (b, of_b) in sizes.iter().enumerate().skip(a + 1) {
            pairs.extend((0..*of_a).flat_map(|x| (0..*of_b).map(move |y| (a, x, b, y))));
        }
    }
    pairs
}

/// Rows that cover every pair: each starts with a pair that is missing, and takes of 20 random rows the one that adds most.
pub(crate) fn rows(sizes: &[usize], seed: u64) -> Vec<Row> {
    let mut numbers = Numbers(seed);
    let mut missing = every_pair(sizes);
    let mut rows = Vec::new();
    while let Some((a, x, b, y)) = missing.iter().nth(numbers.below(missing.len().max(1))).copied() {
        let mut best: (usize, Row) = (0, Vec::new());
        for _ in 0..20 {
            let mut row: Row = sizes.iter().map(|size| numbers.below(*size)).collect();
            (row[a], row[b]) = (x, y);
            let added = pairs_of(&row).filter(|pair| missing.contains(pair)).count();
            if added > best.0 {
                best = (added, row);
            }
        }
        for pair in pairs_of(&best.1) {
            missing.remove(&pair);
        }
        rows.push(best.1);
    }
    rows
}

fn options() -> Vec<&'static [&'static str]> {
    [OPTIONS, BACKSTAGE, FEATURES].concat()
}

/// The document of a combination.
pub(crate) fn document_of(row: &Row) -> String {
    let choices: Vec<&str> = options().iter().zip(row).map(|(choices, index)| choices[*index]).collect();
    let (top, rest) = choices.split_at(OPTIONS.len());
    let (backstage, features) = rest.split_at(BACKSTAGE.len());
    let section = |name: &str, choices: &[&str]| {
        let lines = choices.iter().filter(|choice| !choice.is_empty()).map(|choice| format!("  {choice}\n"));
        let lines: String = lines.collect();
        if lines.is_empty() { String::new() } else { format!("{name}:\n{lines}") }
    };
    let top: Vec<&str> = top.iter().copied().filter(|choice| !choice.is_empty()).collect();
    format!("{}\n{}{}", top.join("\n"), section("backstage", backstage), section("features", features))
}

/// At least 240 combinations, in which every pair of choices occurs; the same each time.
pub(crate) fn stacks() -> BTreeSet<Row> {
    let sizes: Vec<usize> = options().iter().map(|choices| choices.len()).collect();
    let mut all = BTreeSet::new();
    let mut seed = 1;
    while all.len() < 240 {
        let rows = rows(&sizes, seed);
        let mut missing = every_pair(&sizes);
        rows.iter().flat_map(pairs_of).for_each(|pair| {
            missing.remove(&pair);
        });
        assert!(missing.is_empty(), "{missing:?}");
        all.extend(rows);
        seed += 1;
    }
    all
}
