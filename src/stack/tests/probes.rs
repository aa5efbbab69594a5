//! The Jobs by which `check` tries an installed stack, and what they try.

use super::*;
use crate::components::Component;
use crate::components::network_policies::trials::{TrialSource, TrialTarget, trials};
use crate::components::probe::{ProbeSpec, job};

/// Each connection as `SOURCE>TARGET`, those that must open and the others.
fn tried(text: &str) -> [Vec<String>; 2] {
    let name = |source: TrialSource| source.name().unwrap_or("stranger");
    let target = |target| match target {
        TrialTarget::Postgres => "postgres",
        TrialTarget::Backstage => "backstage",
        TrialTarget::ApiServer => "api",
    };
    let all = trials(&settings(text));
    [true, false].map(|opens| {
        let fitting = all.iter().filter(|trial| trial.why.is_some() == opens);
        fitting.map(|trial| format!("{}>{}", name(trial.source), target(trial.target))).collect()
    })
}

#[test]
fn every_pair_of_parts_is_tried_as_the_edges_say() {
    let [open, closed] = tried("");
    assert_eq!(open, ["backstage>postgres", "newleaf>postgres", "newleaf>api"]);
    let others = ["newleaf>backstage", "postgres>postgres", "postgres>backstage", "postgres>api"];
    let strangers = ["stranger>postgres", "stranger>backstage"];
    let but_for_egress: Vec<&String> = closed.iter().filter(|pair| *pair != "backstage>api").collect();
    assert_eq!(but_for_egress, [&["backstage>backstage"][..], &others, &strangers].concat());

    let [open, _] = tried("features: {kubernetes: true}");
    assert!(open.contains(&"backstage>api".to_owned()), "{open:?}");
    assert_eq!(tried("networkPolicies: {enabled: false}"), [Vec::<String>::new(), Vec::new()]);
}

#[test]
fn what_addresses_or_labels_may_let_through_is_not_called_closed() {
    let [_, closed] = tried("networkPolicies: {nodes: [10.0.0.0/8]}");
    assert!(!closed.iter().any(|pair| pair.ends_with(">backstage")), "{closed:?}");
    let [_, closed] = tried("networkPolicies: {ingressFrom: {namespace: backstage}}");
    assert!(!closed.iter().any(|pair| pair.ends_with(">backstage")), "{closed:?}");
    let [_, closed] = tried("networkPolicies: {ingressFrom: {namespace: elsewhere}}");
    assert!(closed.contains(&"stranger>backstage".to_owned()), "{closed:?}");
    let [_, closed] = tried("networkPolicies: {egress: [{cidrs: [0.0.0.0/0], ports: [443]}]}");
    assert!(!closed.contains(&"backstage>api".to_owned()), "{closed:?}");
}

#[test]
fn a_database_of_others_is_tried_from_those_that_need_it_only() {
    let [open, closed] = tried("database: {existing: {host: db.example.org, cidrs: [192.0.2.7/32]}}");
    assert_eq!(open, ["backstage>postgres", "newleaf>postgres", "newleaf>api"]);
    assert!(!closed.iter().any(|pair| pair.ends_with(">postgres") || pair.starts_with("postgres>")), "{closed:?}");
}

#[test]
fn a_probe_keeps_the_policies_of_the_stack_and_no_service_or_budget_selects_it() {
    let settings = settings("backstage: {replicas: 2}");
    let objects = render(&settings);
    for source in TrialSource::ALL {
        let closed = vec!["10.0.0.1:5432".to_owned()];
        let spec = ProbeSpec { source, asks_postgres: source == TrialSource::Backstage, open: Vec::new(), closed };
        let mut value = job(&settings, &spec, "run");
        value["metadata"]["name"] = "newleaf-probe-x".into();
        let probe = Object::from_value(value, Component::Added, Phase::Rest);
        let labels = at(&probe, "/spec/template/metadata/labels").clone();
        let all = [&objects[..], std::slice::from_ref(&probe)].concat();
        let broken: Vec<Violation> =
            violations(&settings, &all).into_iter().filter(|it| it.object == probe.title()).collect();
        // A stranger is meant to be without a policy.
        let is_expected = |it: &Violation| source == TrialSource::Stranger && it.check.contains("polic");
        assert!(broken.iter().all(is_expected), "{source:?}: {broken:?}");
        for kind in ["Service", "PodDisruptionBudget"] {
            for object in objects.iter().filter(|object| object.kind() == kind) {
                let selector =
                    object.value().pointer("/spec/selector/matchLabels").unwrap_or(at(object, "/spec/selector"));
                let selector = selector.as_object().expect("labels");
                let is_selected = selector.iter().all(|(name, value)| labels.get(name) == Some(value));
                assert!(!is_selected, "{source:?}: {}", object.title());
            }
        }
        let volumes = pod(&probe, "/volumes").as_array().map_or(0, Vec::len);
        assert_eq!(volumes, usize::from(spec.asks_postgres), "only one has the leaf");
        assert_eq!(pod(&probe, "/automountServiceAccountToken"), false);
    }
}
