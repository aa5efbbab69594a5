use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::document;
use crate::export::{ExportPart, ExportProblem, ExportSource, RepositoryPlace, SpokeLabel, Tool, files};
use crate::settings::Settings;

fn exported(document: &Value, part: ExportPart, repository: &RepositoryPlace) -> BTreeMap<String, Vec<Value>> {
    let settings = Settings::of(&document::read(document).expect("a document")).expect("a valid stack");
    let source = ExportSource { settings: &settings, document, part, repository, version: "0" };
    let files = files(Tool::Argocd, &source).expect("it can be exported");
    let parsed = files.into_iter().map(|(path, file)| {
        let documents = serde_saphyr::from_multiple(&file.text).expect("YAML");
        (path, documents)
    });
    parsed.collect()
}

fn place() -> RepositoryPlace {
    let url = Some("https://git.example.org/platform.git".to_owned());
    RepositoryPlace { url, path: "/clusters/portal/".to_owned(), ..RepositoryPlace::default() }
}

fn annotation<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.pointer(&format!("/metadata/annotations/argocd.argoproj.io~1{name}")).and_then(Value::as_str)
}

/// Everything that the example files of the other tests switch on: so each kind is there.
fn everything() -> Value {
    json!({
        "host": "portal.example.org",
        "ingress": { "className": "nginx" },
        "monitoring": { "serviceMonitor": true, "alerts": true, "dashboard": true },
    })
}

#[test]
fn each_object_is_in_the_wave_of_its_phase_and_only_the_bootstrap_job_is_a_hook() {
    let files = exported(&everything(), ExportPart::Stack, &place());
    let waves = [
        ("objects/configuration.yaml", "0"),
        ("objects/certificates.yaml", "1"),
        ("objects/database.yaml", "2"),
        ("objects/backstage.yaml", "3"),
        ("objects/rest.yaml", "4"),
    ];
    for (path, wave) in waves {
        assert!(!files[path].is_empty(), "{path}");
        for object in &files[path] {
            assert_eq!(annotation(object, "sync-wave"), Some(wave), "{object}");
            let is_hook = object["kind"] == "Job";
            assert_eq!(annotation(object, "hook"), is_hook.then_some("Sync"), "{object}");
            assert_eq!(annotation(object, "hook-delete-policy"), is_hook.then_some("BeforeHookCreation"), "{object}");
        }
    }
    let hooks = files.values().flatten().filter(|object| annotation(object, "hook").is_some());
    assert_eq!(hooks.count(), 1);
}

#[test]
fn the_namespace_stays_and_nothing_else_is_kept() {
    let files = exported(&json!({}), ExportPart::Stack, &place());
    let kept: Vec<&Value> = files.values().flatten().filter(|it| annotation(it, "sync-options").is_some()).collect();
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(kept[0]["kind"], "Namespace");
    assert_eq!(annotation(kept[0], "sync-options"), Some("Prune=false,Delete=false"));
    assert_eq!(annotation(kept[0], "compare-options"), Some("IgnoreExtraneous"));
}

#[test]
fn the_application_reads_the_objects_where_they_are_in_git() {
    let files = exported(&json!({"name": "portal", "namespace": "team"}), ExportPart::Stack, &place());
    let application = &files["applications/portal.yaml"][0];
    assert_eq!(application["kind"], "Application");
    assert_eq!(application["spec"]["source"]["repoURL"], "https://git.example.org/platform.git");
    assert_eq!(application["spec"]["source"]["targetRevision"], "HEAD");
    assert_eq!(application["spec"]["source"]["path"], "clusters/portal/objects");
    assert_eq!(application["spec"]["destination"]["namespace"], "team");
    let root = RepositoryPlace { path: String::new(), ..place() };
    let files = exported(&json!({}), ExportPart::Stack, &root);
    assert_eq!(files["applications/backstage.yaml"][0]["spec"]["source"]["path"], "objects");
}

#[test]
fn a_hub_has_one_application_for_each_cluster_with_the_label() {
    let spokes = SpokeLabel::parse("clusterType=spoke");
    let files = exported(&json!({}), ExportPart::Rotation, &RepositoryPlace { spokes, ..place() });
    let set = &files["applications/backstage-rotation.yaml"][0];
    assert_eq!(set["kind"], "ApplicationSet");
    let generator = &set["spec"]["generators"][0];
    assert_eq!(generator["clusters"]["selector"]["matchLabels"], json!({"clusterType": "spoke"}));
    let template = &set["spec"]["template"];
    assert_eq!(template["metadata"]["name"], "backstage-rotation-{{.nameNormalized}}");
    assert_eq!(template["spec"]["destination"]["server"], "{{.server}}");
    let alone = exported(&json!({}), ExportPart::Rotation, &place());
    let alone = &alone["applications/backstage-rotation.yaml"][0];
    assert_eq!(template["spec"]["syncPolicy"], alone["spec"]["syncPolicy"], "a spoke is synced as the hub itself is");
}

/// What a project allows: of the whole cluster by name too, and in which namespaces of which server.
fn allowed<'a>(project: &'a Value, list: &str) -> Vec<[&'a str; 3]> {
    let text = |item: &'a Value, key: &str| item[key].as_str().unwrap_or_default();
    let items = project["spec"][list].as_array().expect("a list").iter();
    items.map(|item| [text(item, "group"), text(item, "kind"), text(item, "name")]).collect()
}

#[test]
fn the_project_allows_each_object_of_the_stack_and_no_other_of_the_whole_cluster() {
    let reader = json!({ "features": { "kubernetes": true } });
    for document in [json!({}), everything(), reader] {
        for part in [ExportPart::Stack, ExportPart::Rotation] {
            let files = exported(&document, part, &place());
            let (path, project) = files.iter().find(|(path, _)| path.ends_with("-project.yaml")).expect("a project");
            let project = &project[0];
            let application = &files[&path.replace("-project", "")][0];
            assert_eq!(application["spec"]["project"], project["metadata"]["name"]);
            assert_eq!(project["spec"]["sourceRepos"], json!([application["spec"]["source"]["repoURL"]]));
            let destination = json!({"server": "https://kubernetes.default.svc", "namespace": "backstage"});
            assert_eq!(project["spec"]["destinations"], json!([destination]));

            let objects: Vec<&Value> = files
                .iter()
                .filter(|(path, _)| path.starts_with("objects/"))
                .flat_map(|(_, objects)| objects)
                .collect();
            let group = |object: &Value| {
                let version = object["apiVersion"].as_str().expect("a version").to_owned();
                version.split_once('/').map_or_else(String::new, |(group, _)| group.to_owned())
            };
            let (inside, outside): (Vec<_>, Vec<_>) =
                objects.into_iter().partition(|object| object["metadata"].get("namespace").is_some());
            let mut wanted: Vec<Value> = outside
                .into_iter()
                .map(|object| json!([group(object), object["kind"], object["metadata"]["name"]]))
                .collect();
            wanted.sort_by_key(ToString::to_string);
            assert_eq!(json!(allowed(project, "clusterResourceWhitelist")), json!(wanted));
            let kinds = allowed(project, "namespaceResourceWhitelist");
            for object in &inside {
                assert!(kinds.contains(&[&group(object), object["kind"].as_str().expect("a kind"), ""]), "{object}");
            }
            let beyond = kinds.iter().filter(|[_, kind, _]| !inside.iter().any(|object| object["kind"] == *kind));
            let beyond: Vec<&str> = beyond.map(|[_, kind, _]| *kind).collect();
            let children = [("Job", "Pod"), ("Deployment", "ReplicaSet"), ("Service", "EndpointSlice")];
            let is_there = |parent: &str| inside.iter().any(|object| object["kind"] == parent);
            let children: Vec<&str> =
                children.into_iter().filter(|(parent, _)| is_there(parent)).map(|(_, child)| child).collect();
            assert_eq!(beyond, children, "what Kubernetes makes of them");
        }
    }
}

#[test]
fn a_project_that_exists_is_named_and_none_is_made() {
    let project = Some("platform".to_owned());
    let files = exported(&json!({}), ExportPart::Stack, &RepositoryPlace { project, ..place() });
    assert_eq!(files["applications/backstage.yaml"][0]["spec"]["project"], "platform");
    assert!(!files.values().flatten().any(|object| object["kind"] == "AppProject"));
}

#[test]
fn the_project_of_a_hub_allows_any_cluster_and_one_namespace() {
    let spokes = SpokeLabel::parse("clusterType=spoke");
    let files = exported(&json!({"namespace": "team"}), ExportPart::Stack, &RepositoryPlace { spokes, ..place() });
    let project = &files["applications/backstage-project.yaml"][0];
    assert_eq!(project["spec"]["destinations"], json!([{"server": "*", "namespace": "team"}]));
    let set = &files["applications/backstage.yaml"][0];
    assert_eq!(set["spec"]["template"]["spec"]["project"], project["metadata"]["name"]);
}

#[test]
fn a_label_is_a_key_with_a_value() {
    for text in ["", "spoke", "=spoke", "clusterType=", "cluster Type=spoke", "a=b=c", "a={{.b}}"] {
        assert_eq!(SpokeLabel::parse(text), None, "{text}");
    }
    let label = SpokeLabel::parse("example.org/cluster-type=spoke_1").expect("a label");
    assert_eq!((label.key.as_str(), label.value.as_str()), ("example.org/cluster-type", "spoke_1"));
}

#[test]
fn without_a_repository_there_is_nothing_to_read() {
    let settings = Settings::of(&document::read(&json!({})).expect("a document")).expect("a valid stack");
    let (document, repository) = (json!({}), RepositoryPlace::default());
    let source = ExportSource {
        settings: &settings,
        document: &document,
        part: ExportPart::Stack,
        repository: &repository,
        version: "0",
    };
    assert!(matches!(files(Tool::Argocd, &source), Err(ExportProblem::RepositoryMissing("argocd"))));
}
