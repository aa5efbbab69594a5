//! The objects of a few configurations: what they must hold, and what they must not.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use k8s_openapi::api::admissionregistration::v1::{
    ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, ValidatingAdmissionPolicySpec,
};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::batch::v1::{CronJob, Job, JobSpec};
use k8s_openapi::api::core::v1::{ConfigMap, PodSpec, Service, ServiceAccount};
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::grants::{Actor, Grant, grants};
use super::object::yaml;
use super::*;
use crate::document::resolve::{Environment, resolve};
use crate::document::{Place, file};

const PLAIN: &str = "\
consumers:
- {name: postgres, loads: server, pickup: reload, workload: statefulset/postgres}
- {name: backstage, loads: client, pickup: restart, workload: deployment/backstage}
database: {endpoints: [postgres.backstage.svc]}
";
const NUDGED: &str = "\
consumers:
- {name: postgres, loads: server, pickup: reload, workload: statefulset/postgres, nudge: true}
- {name: apps, loads: client, pickup: restart, workload: deployment, selector: tier=app, namespace: portal}
- {name: reports, loads: client, pickup: login}
database: {endpoints: [postgres.backstage.svc]}
";
fn place(body: &str) -> ClusterPlace {
    place_in("backstage", body)
}

fn place_in(namespace: &str, body: &str) -> ClusterPlace {
    let text = format!("apiVersion: newleaf.dev/v1alpha1\nkind: Rotation\n{body}");
    let layers = file::parse(Path::new("newleaf.yaml"), &text).expect("well formed");
    let configuration = resolve(&layers, Environment { host: None, namespace: Some(namespace) }).expect("valid");
    match configuration.place {
        Place::Cluster(place) => place,
        Place::Directory(place) => panic!("a cluster was configured, not {place:?}"),
    }
}

const fn options() -> Options<'static> {
    Options {
        image: "newleaf:test",
        schedule: "17 3 * * *",
        configuration: "leaf: {lifetime: \"yes\"}\n",
        deadlines: Deadlines { step: Duration::from_secs(120), run: Duration::from_secs(600) },
        policies: true,
        metrics: true,
    }
}

fn objects(body: &str) -> Vec<Manifest> {
    parts(&place(body), &options()).into_iter().flat_map(|(_, objects)| objects).collect()
}

fn roles(objects: &[Manifest]) -> Vec<Role> {
    objects.iter().filter_map(Manifest::read::<Role>).collect()
}

/// Every right of an account, without its reason.
fn rights(body: &str, account: Actor) -> BTreeSet<(String, String, String, &'static str)> {
    let right = |grant: Grant| (grant.namespace, grant.resource.to_owned(), grant.names.join(","), grant.verb);
    grants(&place(body)).into_iter().filter(|grant| grant.account == account).map(right).collect()
}

/// Reads a document as the type that it claims to be, and fails when anything of it is lost on the way.
fn read_strictly<T: DeserializeOwned + serde::Serialize>(document: &Value) {
    let typed: T = serde_json::from_value(document.clone()).expect("it is of its type");
    assert_eq!(serde_json::to_value(typed).expect("it can be written"), *document);
}

#[test]
fn every_object_survives_its_yaml_without_a_loss() {
    for body in [PLAIN, NUDGED] {
        let objects = objects(body);
        let text = yaml(&objects).expect("YAML");
        let documents: Vec<Value> = serde_saphyr::from_multiple(&text).expect("YAML that can be read");
        assert_eq!(documents.len(), objects.len());
        for (document, object) in documents.iter().zip(&objects) {
            assert_eq!(*document, serde_json::to_value(object).expect("JSON"));
            match document["kind"].as_str().expect("a kind") {
                "ServiceAccount" => read_strictly::<ServiceAccount>(document),
                "Role" => read_strictly::<Role>(document),
                "RoleBinding" => read_strictly::<RoleBinding>(document),
                "ConfigMap" => read_strictly::<ConfigMap>(document),
                "Job" => read_strictly::<Job>(document),
                "CronJob" => read_strictly::<CronJob>(document),
                "Deployment" => read_strictly::<Deployment>(document),
                "Service" => read_strictly::<Service>(document),
                "ValidatingAdmissionPolicy" => read_strictly::<ValidatingAdmissionPolicy>(document),
                "ValidatingAdmissionPolicyBinding" => read_strictly::<ValidatingAdmissionPolicyBinding>(document),
                other => panic!("{other} is not expected"),
            }
        }
    }
}

#[test]
fn the_rotation_may_do_what_it_is_for_and_nothing_else() {
    let mut expected = BTreeSet::new();
    for (resource, names, verbs) in [
        ("secrets", "postgres-tls,backstage-tls", &["get", "patch"][..]),
        ("secrets", "newleaf-authority", &["get", "patch"]),
        ("leases", "newleaf", &["get", "patch"]),
        ("configmaps", "newleaf-figures", &["get", "patch"]),
        ("pods", "", &["list"]),
        ("replicasets", "", &["list"]),
        ("pods/log", "", &["get"]),
        ("statefulsets", "postgres", &["get"]),
        ("deployments", "backstage", &["get", "patch"]),
        ("events", "", &["create", "list"]),
    ] {
        expected
            .extend(verbs.iter().map(|verb| ("backstage".to_owned(), resource.to_owned(), names.to_owned(), *verb)));
    }
    assert_eq!(rights(PLAIN, Actor::Rotation), expected);
}

#[test]
fn bootstrap_alone_creates_secrets_and_restarts_no_workload() {
    let bootstrap = rights(PLAIN, Actor::Bootstrap);
    let rotation = rights(PLAIN, Actor::Rotation);
    let added: Vec<_> =
        bootstrap.difference(&rotation).map(|(_, resource, _, verb)| (resource.as_str(), *verb)).collect();
    assert_eq!(added, [("leases", "create"), ("secrets", "create")]);
    let left_out: Vec<_> =
        rotation.difference(&bootstrap).map(|(_, resource, _, verb)| (resource.as_str(), *verb)).collect();
    assert_eq!(left_out, [("deployments", "patch"), ("events", "list"), ("pods/log", "get")]);
}

#[test]
fn an_authority_of_another_tool_is_only_read() {
    let external = format!("authority: {{secret: my-authority, certificate: tls.crt, key: tls.key}}\n{PLAIN}");
    for account in [Actor::Rotation, Actor::Bootstrap] {
        let rights = rights(&external, account);
        let verbs: Vec<_> = rights.iter().filter(|(.., names, _)| names == "my-authority").map(|it| it.3).collect();
        assert_eq!(verbs, ["get"]);
    }
}

#[test]
fn a_consumer_elsewhere_brings_a_role_there_that_holds_no_right_to_secrets() {
    let objects = objects(NUDGED);
    let elsewhere: Vec<Role> =
        roles(&objects).into_iter().filter(|role| role.metadata.namespace.as_deref() == Some("portal")).collect();
    let names: Vec<_> = elsewhere.iter().filter_map(|role| role.metadata.name.as_deref()).collect();
    assert_eq!(names, ["newleaf.backstage", "newleaf-bootstrap.backstage"]);
    for rule in elsewhere.iter().flat_map(|role| role.rules.iter().flatten()) {
        assert!(!rule.resources.iter().flatten().any(|resource| resource == "secrets"), "{rule:?}");
    }
    let bootstrap: Vec<_> = rights(NUDGED, Actor::Bootstrap).into_iter().filter(|it| it.0 == "portal").collect();
    let bootstrap: Vec<_> = bootstrap.iter().map(|(_, resource, _, verb)| (resource.as_str(), *verb)).collect();
    assert_eq!(bootstrap, [("deployments", "list"), ("pods", "list"), ("replicasets", "list")], "it only looks");
    let portal: BTreeSet<_> = rights(NUDGED, Actor::Rotation).into_iter().filter(|it| it.0 == "portal").collect();
    assert!(portal.contains(&("portal".to_owned(), "deployments".to_owned(), String::new(), "list")));
    assert!(portal.contains(&("portal".to_owned(), "deployments".to_owned(), String::new(), "patch")));
    assert!(!portal.contains(&("portal".to_owned(), "pods".to_owned(), String::new(), "patch")), "nudged elsewhere");
}

#[test]
fn one_that_reads_its_files_at_each_login_costs_no_right() {
    let login = "- {name: apps, loads: client, pickup: login, workload: deployment/apps, namespace: portal}\n";
    let more = PLAIN.replace("database:", &format!("{login}database:"));
    for account in [Actor::Rotation, Actor::Bootstrap] {
        assert_eq!(rights(&more, account), rights(PLAIN, account));
    }
}

#[test]
fn every_role_is_bound_to_an_account_of_ours_and_holds_exactly_the_rights_on_the_list() {
    for body in [PLAIN, NUDGED] {
        let objects = objects(body);
        let mut found = BTreeSet::new();
        for role in roles(&objects) {
            let namespace = role.metadata.namespace.clone().expect("a namespace");
            let mut bindings = objects.iter().filter_map(Manifest::read::<RoleBinding>);
            let binding = bindings.find(|binding| binding.metadata == role.metadata);
            let subject = &binding.expect("a binding").subjects.expect("subjects")[0];
            assert_eq!(subject.namespace.as_deref(), Some("backstage"));
            for rule in role.rules.iter().flatten() {
                let names = rule.resource_names.clone().unwrap_or_default().join(",");
                let resource = rule.resources.clone().expect("resources").join(",");
                for verb in &rule.verbs {
                    found.insert((
                        subject.name.clone(),
                        namespace.clone(),
                        resource.clone(),
                        names.clone(),
                        verb.clone(),
                    ));
                }
            }
        }
        let listed: BTreeSet<_> = grants(&place(body))
            .into_iter()
            .filter_map(|it| {
                let account = it.account.name()?.to_owned();
                Some((account, it.namespace, it.resource.to_owned(), it.names.join(","), it.verb.to_owned()))
            })
            .collect();
        assert_eq!(found, listed);
    }
}

#[test]
fn no_account_lists_secrets_and_pods_are_patched_only_under_the_policy() {
    for body in [PLAIN, NUDGED] {
        let grants = grants(&place(body));
        assert!(!grants.iter().any(|it| it.resource == "secrets" && ["list", "watch", "delete"].contains(&it.verb)));
        let patches = grants.iter().any(|it| it.resource == "pods" && it.verb == "patch");
        let policy = policy(body, "newleaf.backstage").is_some();
        assert_eq!((patches, policy), (body == NUDGED, body == NUDGED));
    }
}

/// A policy, which must be bound.
fn policy(body: &str, name: &str) -> Option<ValidatingAdmissionPolicySpec> {
    let objects = objects(body);
    let mut bindings = objects.iter().filter_map(Manifest::read::<ValidatingAdmissionPolicyBinding>);
    let bound = bindings.any(|binding| binding.spec.and_then(|spec| spec.policy_name).as_deref() == Some(name));
    let mut policies = objects.iter().filter_map(Manifest::read::<ValidatingAdmissionPolicy>);
    let found = policies.find(|policy| policy.metadata.name.as_deref() == Some(name)).and_then(|policy| policy.spec);
    assert_eq!(found.is_some(), bound, "{name}");
    found
}

fn expressions(spec: ValidatingAdmissionPolicySpec) -> Vec<String> {
    spec.validations.expect("rules").into_iter().map(|rule| rule.expression).collect()
}

#[test]
fn the_policy_is_about_the_account_and_every_field_but_the_annotation() {
    let spec = policy(NUDGED, "newleaf.backstage").expect("a policy");
    let condition = &spec.match_conditions.as_ref().expect("a condition")[0].expression;
    assert_eq!(condition, "request.userInfo.username == 'system:serviceaccount:' + request.namespace + ':newleaf'");
    let expressions = expressions(spec);
    assert_eq!(expressions[0], "object.spec == oldObject.spec");
    assert_eq!(expressions[1], "object.metadata.?labels.orValue({}) == oldObject.metadata.?labels.orValue({})");
    assert_eq!(expressions.len(), 6);
}

#[test]
fn what_bootstrap_may_create_is_confined_to_its_names() {
    let spec = policy(PLAIN, "newleaf-bootstrap.backstage").expect("a policy");
    let condition = &spec.match_conditions.as_ref().expect("a condition")[0].expression;
    assert_eq!(
        condition,
        "request.userInfo.username == 'system:serviceaccount:' + request.namespace + ':newleaf-bootstrap'"
    );
    assert!(expressions(spec)[0].contains("['newleaf-authority', 'postgres-tls', 'backstage-tls']"));
}

/// The namespaces are chosen so that the names of accounts and namespaces, put together with a hyphen, would be the same.
#[test]
fn no_two_places_share_the_name_of_an_object_outside_of_their_namespaces() {
    let names = |namespace: &str| {
        let documents = parts(&place_in(namespace, NUDGED), &options()).into_iter().flat_map(|(_, objects)| objects);
        let documents = documents.map(|object| serde_json::to_value(&object).expect("JSON"));
        let key = |document: Value| {
            let metadata = &document["metadata"];
            (metadata["namespace"] != namespace)
                .then(|| format!("{} {} {}", document["kind"], metadata["namespace"], metadata["name"]))
        };
        documents.filter_map(key).collect::<BTreeSet<_>>()
    };
    let (one, other) = (names("a"), names("bootstrap-a"));
    assert_eq!(one.len(), 8, "two policies, two Roles, and their bindings: {one:?}");
    assert!(one.is_disjoint(&other), "{:?}", one.intersection(&other));
}

#[test]
fn the_policies_can_be_left_out() {
    let parts = parts(&place(NUDGED), &Options { policies: false, ..options() });
    assert!(!parts.iter().any(|(subject, _)| *subject == "policy"));
}

/// What serves the figures: the pod's spec.
fn exporter_pod() -> PodSpec {
    let deployments: Vec<Deployment> = objects(PLAIN).iter().filter_map(Manifest::read).collect();
    assert_eq!(deployments.len(), 1);
    deployments[0].spec.clone().and_then(|spec| spec.template.spec).expect("a pod")
}

#[test]
fn what_serves_the_figures_holds_no_token_and_mounts_nothing_but_the_figures() {
    let pod = exporter_pod();
    assert_eq!(pod.automount_service_account_token, Some(false));
    assert_eq!(pod.service_account_name.as_deref(), Some("newleaf-metrics"));
    let volumes = pod.volumes.expect("volumes");
    let mounted: Vec<_> = volumes.iter().map(|volume| serde_json::to_value(volume).expect("JSON")).collect();
    assert_eq!(
        mounted,
        [serde_json::json!({"name": "figures", "configMap": {"name": "newleaf-figures", "optional": true}})]
    );
    assert!(pod.init_containers.is_none() && pod.containers.len() == 1, "nothing else runs beside it");
    assert!(pod.containers[0].env.is_none() && pod.containers[0].env_from.is_none());
    // Even a token that an administrator mounted would be of an account without rights.
    assert!(grants(&place(PLAIN)).iter().all(|grant| grant.account.name() != Some("newleaf-metrics")));
    let bindings: Vec<RoleBinding> = objects(PLAIN).iter().filter_map(Manifest::read).collect();
    let subjects: Vec<_> = bindings.iter().flat_map(|binding| binding.subjects.iter().flatten()).collect();
    assert!(!subjects.is_empty() && subjects.iter().all(|subject| subject.name != "newleaf-metrics"), "{subjects:?}");
}

#[test]
fn the_figures_are_there_before_the_first_run_and_their_content_belongs_to_the_runs() {
    let maps: Vec<ConfigMap> = objects(PLAIN).iter().filter_map(Manifest::read).collect();
    let figures = maps.iter().find(|map| map.metadata.name.as_deref() == Some("newleaf-figures")).expect("the figures");
    assert!(figures.data.is_none() && figures.binary_data.is_none(), "who applies it again takes nothing away");
}

#[test]
fn what_serves_the_figures_can_be_left_out() {
    let without = parts(&place(PLAIN), &Options { metrics: false, ..options() });
    assert!(!without.iter().any(|(subject, _)| *subject == "metrics"));
    assert!(without.iter().all(|(_, objects)| objects.iter().all(|object| object.kind() != "Deployment")));
}

fn job_specs(objects: &[Manifest]) -> Vec<JobSpec> {
    let spec = |object: &Manifest| {
        let document = serde_json::to_value(object).expect("JSON");
        let spec = document.pointer("/spec/jobTemplate/spec").or_else(|| document.get("spec"));
        let spec = spec.filter(|spec| spec["template"].is_object() && object.kind() != "Deployment")?;
        Some(serde_json::from_value(spec.clone()).expect("a Job's spec"))
    };
    objects.iter().filter_map(spec).collect()
}

#[test]
fn a_job_is_tried_again_as_its_exit_codes_say() {
    let specs = job_specs(&objects(PLAIN));
    assert_eq!(specs.len(), 2);
    for spec in specs {
        let rules = spec.pod_failure_policy.expect("a policy").rules;
        let on_codes: Vec<_> = rules
            .iter()
            .filter_map(|rule| Some((rule.action.as_str(), rule.on_exit_codes.as_ref()?.values.as_slice())))
            .collect();
        assert_eq!(on_codes, [("Ignore", &[130, 143][..]), ("FailJob", &[2, 4, 77, 78]), ("Count", &[1, 5, 75])]);
        assert!(rules[0].on_pod_conditions.is_some(), "the policy checks for an eviction before any exit code");
        let pod = spec.template.spec.expect("a pod");
        assert_eq!(pod.restart_policy.as_deref(), Some("Never"), "a pod failure policy needs it");
        assert!(spec.active_deadline_seconds > Some(3 * 600), "three runs fit into it");
        assert!(spec.ttl_seconds_after_finished >= Some(600), "Argo CD waits for ever for a Job that is gone");
        assert!(pod.termination_grace_period_seconds > Some(120), "a step can end");
    }
}

#[test]
fn what_bootstrap_needs_comes_before_its_job() {
    for object in objects(PLAIN) {
        let document = serde_json::to_value(&object).expect("JSON");
        // The policies too: they hold for the account before it does anything.
        let needed = document["metadata"]["name"] == "newleaf-bootstrap"
            || object.kind() == "ConfigMap"
            || object.kind().starts_with("ValidatingAdmissionPolicy");
        let expected = match (needed, object.kind()) {
            (true, "Job") => ManifestPhase::Bootstrap,
            (true, _) => ManifestPhase::Preparation,
            (false, _) => ManifestPhase::Operation,
        };
        assert_eq!(object.phase, expected, "{document}");
        assert!(
            document["metadata"]["annotations"].is_null(),
            "what tools read is put on where it is written for them"
        );
    }
}
