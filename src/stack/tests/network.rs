//! Network policies, read as a network plugin reads them: which connections are let through.

use std::collections::BTreeMap;

use super::*;

/// One end of a connection.
#[derive(Debug, Clone)]
struct End {
    namespace: &'static str,
    labels: BTreeMap<&'static str, &'static str>,
    address: &'static str,
}

fn end(namespace: &'static str, labels: &[(&'static str, &'static str)]) -> End {
    End { namespace, labels: labels.iter().copied().collect(), address: "10.1.2.3" }
}

fn own(name: &'static str) -> End {
    end("backstage", &[("app.kubernetes.io/name", name), ("app.kubernetes.io/instance", "backstage")])
}

fn outside(address: &'static str) -> End {
    End { namespace: "", labels: BTreeMap::new(), address }
}

fn selector_fits(selector: &Value, label: &dyn Fn(&str) -> Option<String>) -> bool {
    let by_labels = selector["matchLabels"].as_object().into_iter().flatten();
    let mut by_labels = by_labels.map(|(name, value)| label(name).as_deref() == value.as_str());
    let mut expressions = selector["matchExpressions"].as_array().into_iter().flatten().map(|expression| {
        assert_eq!(expression["operator"], "In");
        let value = label(expression["key"].as_str().expect("a key"));
        value.is_some_and(|value| texts(&expression["values"]).contains(&value.as_str()))
    });
    by_labels.all(|fits| fits) && expressions.all(|fits| fits)
}

fn in_range(address: &str, range: &str) -> bool {
    let (network, length) = range.split_once('/').expect("a range");
    let bits = |text: &str| text.parse::<std::net::Ipv4Addr>().map(u32::from);
    let (Ok(address), Ok(network), Ok(length)) = (bits(address), bits(network), length.parse::<u32>()) else {
        return false;
    };
    length == 0 || address >> (32 - length) == network >> (32 - length)
}

fn peer_fits(peer: &Value, other: &End) -> bool {
    if let Some(range) = peer["ipBlock"]["cidr"].as_str() {
        return in_range(other.address, range);
    }
    let namespace_fits = match peer.get("namespaceSelector") {
        Some(selector) => {
            selector_fits(selector, &|name| (name == "kubernetes.io/metadata.name").then(|| other.namespace.to_owned()))
        }
        None => other.namespace == "backstage",
    };
    let pods_fit = peer.get("podSelector").is_none_or(|selector| {
        selector_fits(selector, &|name| other.labels.get(name).map(|value| (*value).to_owned()))
    });
    namespace_fits && pods_fit && !other.namespace.is_empty()
}

/// Whether the policies of one end let the connection through.
fn admits(objects: &[Object], of: &End, direction: &str, other: &End, port: u16, protocol: &str) -> bool {
    let policies = objects.iter().filter(|object| object.kind() == "NetworkPolicy" && of.namespace == "backstage");
    let mut is_closed = false;
    for policy in policies {
        let fits =
            selector_fits(at(policy, "/spec/podSelector"), &|name| of.labels.get(name).map(|it| (*it).to_owned()));
        if !fits || !texts(at(policy, "/spec/policyTypes")).contains(&direction) {
            continue;
        }
        is_closed = true;
        let (rules, peers) = if direction == "Ingress" { ("/spec/ingress", "from") } else { ("/spec/egress", "to") };
        for rule in at(policy, rules).as_array().into_iter().flatten() {
            let port_fits = rule["ports"]
                .as_array()
                .into_iter()
                .flatten()
                .any(|it| it["port"] == port && it["protocol"] == protocol);
            if port_fits && rule[peers].as_array().into_iter().flatten().any(|peer| peer_fits(peer, other)) {
                return true;
            }
        }
    }
    !is_closed
}

fn passes(objects: &[Object], from: &End, to: &End, port: u16, protocol: &str) -> bool {
    admits(objects, from, "Egress", to, port, protocol) && admits(objects, to, "Ingress", from, port, protocol)
}

fn dns() -> End {
    end("kube-system", &[("k8s-app", "kube-dns")])
}

#[test]
fn the_default_stack_opens_exactly_its_edges() {
    let objects = objects("");
    let api = outside("203.0.113.7");
    let stranger = || end("backstage", &[("app", "stranger")]);
    let cases: Vec<(&str, End, End, u16, &str, bool)> = vec![
        ("backstage's sessions", own("backstage"), own("postgres"), 5432, "TCP", true),
        ("the rotation's proof", own("newleaf"), own("postgres"), 5432, "TCP", true),
        ("the rotation at the API server", own("newleaf"), api.clone(), 6443, "TCP", true),
        ("names for backstage", own("backstage"), dns(), 53, "UDP", true),
        ("names for the rotation", own("newleaf"), dns(), 53, "TCP", true),
        ("a stranger at the database", stranger(), own("postgres"), 5432, "TCP", false),
        ("a stranger at backstage", stranger(), own("backstage"), 7007, "TCP", false),
        (
            "another namespace at the database",
            end("other", &[("app.kubernetes.io/name", "backstage")]),
            own("postgres"),
            5432,
            "TCP",
            false,
        ),
        ("another port of the database", own("backstage"), own("postgres"), 22, "TCP", false),
        ("backstage on the internet", own("backstage"), api.clone(), 443, "TCP", false),
        ("backstage at the API server", own("backstage"), api.clone(), 6443, "TCP", false),
        ("the database anywhere", own("postgres"), api, 443, "TCP", false),
        ("the database and names", own("postgres"), dns(), 53, "UDP", false),
        ("the database at backstage", own("postgres"), own("backstage"), 7007, "TCP", false),
        ("backstage at the rotation", own("backstage"), own("newleaf"), 8080, "TCP", false),
        ("the rotation at backstage", own("newleaf"), own("backstage"), 7007, "TCP", false),
    ];
    for (what, from, to, port, protocol, expected) in cases {
        assert_eq!(passes(&objects, &from, &to, port, protocol), expected, "{what}");
    }
}

#[test]
fn requests_come_from_the_controller_alone() {
    let cases = [
        ("host: a.example.org\ningress: {className: nginx}", end("ingress-nginx", &[])),
        ("host: a.example.org\ningress: {className: bunkerweb}", end("bunkerweb", &[])),
        ("host: a.example.org\nplatform: k3d", end("kube-system", &[("app.kubernetes.io/name", "traefik")])),
        ("host: a.example.org\nplatform: microk8s", end("ingress", &[])),
        ("host: a.example.org\ningress: {kind: httpRoute, gateway: {name: g, namespace: edge}}", end("edge", &[])),
        (
            "host: a.example.org\nnetworkPolicies: {ingressFrom: {namespace: mine, podLabels: {app: edge}}}",
            end("mine", &[("app", "edge")]),
        ),
    ];
    for (text, controller) in cases {
        let objects = objects(text);
        assert!(passes(&objects, &controller, &own("backstage"), 7007, "TCP"), "{text}");
        assert!(!passes(&objects, &end("other", &[("app", "edge")]), &own("backstage"), 7007, "TCP"), "{text}");
        assert!(!passes(&objects, &controller, &own("postgres"), 5432, "TCP"), "{text}");
    }
    let objects =
        objects("host: a.example.org\nnetworkPolicies: {ingressFrom: {namespace: mine, podLabels: {app: edge}}}");
    assert!(!passes(&objects, &end("mine", &[]), &own("backstage"), 7007, "TCP"), "both selectors must fit");
}

#[test]
fn what_needs_the_internet_gets_it_and_a_list_replaces_that() {
    let github = "features: {catalog: {github: [{organization: a}]}}";
    let there = outside("198.51.100.1");
    assert!(passes(&objects(github), &own("backstage"), &there, 443, "TCP"));
    let listed = objects(&format!("{github}\nnetworkPolicies: {{egress: [{{cidrs: [192.0.2.0/24], ports: [8443]}}]}}"));
    assert!(!passes(&listed, &own("backstage"), &there, 443, "TCP"));
    assert!(passes(&listed, &own("backstage"), &outside("192.0.2.9"), 8443, "TCP"));
    assert!(passes(&objects("features: {kubernetes: true}"), &own("backstage"), &there, 6443, "TCP"));
}

#[test]
fn an_existing_database_is_the_only_one_that_is_reached() {
    let of_service = objects("database: {existing: {host: pg.databases.svc, port: 5433}}");
    assert!(passes(&of_service, &own("backstage"), &end("databases", &[]), 5433, "TCP"));
    assert!(!passes(&of_service, &own("backstage"), &end("other", &[]), 5433, "TCP"));
    let of_address = objects("database: {existing: {host: 192.0.2.4}}");
    assert!(passes(&of_address, &own("newleaf"), &outside("192.0.2.4"), 5432, "TCP"));
    assert!(!passes(&of_address, &own("newleaf"), &outside("192.0.2.5"), 5432, "TCP"));
}

#[test]
fn probes_and_prometheus_have_their_own_edges() {
    let objects = objects(
        "networkPolicies: {nodes: [10.0.0.0/24]}\nmonitoring: {backstageMetrics: {}, prometheus: {namespace: monitoring}}",
    );
    assert!(passes(&objects, &outside("10.0.0.9"), &own("backstage"), 7007, "TCP"));
    assert!(!passes(&objects, &outside("10.0.1.9"), &own("backstage"), 7007, "TCP"));
    assert!(passes(&objects, &end("monitoring", &[]), &own("backstage"), 9464, "TCP"));
    assert!(!passes(&objects, &end("monitoring", &[]), &own("backstage"), 7007, "TCP"));
}

#[test]
fn prometheus_alone_reaches_the_figures_and_they_reach_nothing() {
    let (exporter, scraped) = (|| own("newleaf-metrics"), "monitoring: {serviceMonitor: true}");
    let named = "monitoring: {serviceMonitor: true, prometheus: {namespace: monitoring}}";
    let nodes = format!("{named}\nnetworkPolicies: {{nodes: [10.0.0.0/24]}}");
    let of_operator = || end("anywhere", &[("app.kubernetes.io/name", "prometheus")]);
    for (text, from, port, expected) in [
        (scraped, of_operator(), 9464, true),
        (scraped, of_operator(), 80, false),
        (scraped, end("anywhere", &[]), 9464, false),
        (scraped, own("backstage"), 9464, false),
        (named, end("monitoring", &[]), 9464, true),
        (named, of_operator(), 9464, false),
        (&nodes, outside("10.0.0.9"), 9464, true),
        (&nodes, outside("10.0.1.9"), 9464, false),
        ("", of_operator(), 9464, false),
    ] {
        assert_eq!(passes(&objects(text), &from, &exporter(), port, "TCP"), expected, "{text} {from:?} {port}");
    }
    for (to, port) in [(outside("203.0.113.7"), 6443), (own("postgres"), 5432), (dns(), 53)] {
        assert!(!passes(&objects(scraped), &exporter(), &to, port, "TCP"), "{to:?}");
    }
}

#[test]
fn other_pods_of_the_namespace_are_left_alone_and_policies_can_be_off() {
    let objects = objects("");
    let (one, other) = (end("backstage", &[("app", "one")]), end("backstage", &[("app", "other")]));
    assert!(passes(&objects, &one, &other, 80, "TCP"));
    assert!(!super::objects("networkPolicies: {enabled: false}").iter().any(|object| object.kind() == "NetworkPolicy"));
}
