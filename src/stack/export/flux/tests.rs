use serde_json::{Value, json};

use crate::document;
use crate::export::flux::FluxSource;
use crate::export::{ExportPart, ExportSource, ExportedFiles, RepositoryPlace, Tool, files};
use crate::render::render;
use crate::settings::Settings;

const MUCH: &str = "
name: portal
namespace: portal-eu
backstage:
  startupSeconds: 100
  appConfig: [{inline: {app: {title: '${TITLE}'}}}]
externalSecrets: {store: {name: vault}, secrets: [{name: theirs, data: [{key: a, remoteKey: b}]}]}
";

fn settings(text: &str) -> Settings {
    Settings::of(&document::parse(text).expect("a document")).expect("a valid stack")
}

fn export(text: &str, part: ExportPart, repository: &RepositoryPlace) -> ExportedFiles {
    let settings = settings(text);
    let document = Value::Null;
    let source = ExportSource { settings: &settings, document: &document, part, repository, version: "0" };
    files(Tool::Flux, &source).expect("it can be exported")
}

fn exported(text: &str) -> ExportedFiles {
    export(text, ExportPart::Stack, &RepositoryPlace::default())
}

fn read(files: &ExportedFiles, path: &str) -> Vec<Value> {
    let file = files.get(path).unwrap_or_else(|| panic!("no {path} in {:?}", files.keys()));
    serde_saphyr::from_multiple(&file.text).expect("YAML")
}

fn objects(files: &ExportedFiles) -> Vec<Value> {
    let paths = files.keys().filter(|path| path.ends_with("/objects.yaml"));
    paths.flat_map(|path| read(files, path)).collect()
}

fn mark(object: &Value, name: &str) -> Option<String> {
    let annotations = object.pointer("/metadata/annotations")?;
    Some(annotations.get(format!("kustomize.toolkit.fluxcd.io/{name}"))?.as_str()?.to_owned())
}

fn unmark(object: &mut Value) {
    let metadata = object["metadata"].as_object_mut().expect("a map");
    if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
        annotations.retain(|name, _| !name.starts_with("kustomize.toolkit.fluxcd.io/"));
        if annotations.is_empty() {
            metadata.remove("annotations");
        }
    }
}

#[test]
fn each_phase_waits_for_the_one_before() {
    let files = exported(MUCH);
    let order = ["configuration", "certificates", "database", "backstage", "rest"];
    for (place, phase) in order.into_iter().enumerate() {
        let kustomization = read(&files, &format!("clusters/portal/portal-{phase}.yaml")).remove(0);
        let before = place.checked_sub(1).and_then(|before| order.get(before));
        let expected = before.map_or(Value::Null, |before| json!([{ "name": format!("portal-{before}") }]));
        assert_eq!(kustomization["spec"]["dependsOn"], expected, "{phase}");
        assert_eq!(kustomization["spec"]["path"], json!(format!("./{phase}")));
        assert_eq!([&kustomization["spec"]["wait"], &kustomization["spec"]["prune"]], [&json!(true); 2]);
        assert_eq!(kustomization["spec"]["sourceRef"], json!({ "kind": "GitRepository", "name": "flux-system" }));
        let list = read(&files, &format!("{phase}/kustomization.yaml")).remove(0);
        assert_eq!(list["resources"], json!(["objects.yaml"]));
    }
    let timeout =
        |phase: &str| read(&files, &format!("clusters/portal/portal-{phase}.yaml"))[0]["spec"]["timeout"].clone();
    assert_eq!(
        [timeout("database"), timeout("backstage")],
        ["600s", "800s"],
        "two starts, and then as long as any other"
    );
    assert!(
        !files.contains_key("clusters/portal/kustomization.yaml"),
        "it would leave out the files of `flux bootstrap`"
    );
}

#[test]
fn a_phase_that_has_no_objects_is_left_out() {
    let files = exported("database: {existing: {host: db.example.org, trustBundle: theirs}}");
    assert!(!files.keys().any(|path| path.contains("database")), "{:?}", files.keys());
    let kustomization = read(&files, "clusters/backstage/backstage-backstage.yaml").remove(0);
    assert_eq!(kustomization["spec"]["dependsOn"], json!([{ "name": "backstage-certificates" }]));
}

#[test]
fn the_objects_are_those_of_the_stack_and_differ_only_where_flux_must_know_something() {
    let files = exported(MUCH);
    let rendered = render(&settings(MUCH));
    let mut marked = Vec::new();
    let objects = objects(&files);
    assert_eq!(objects.len(), rendered.len());
    for mut object in objects {
        let same = rendered.iter().find(|it| it.kind() == object["kind"] && it.name() == object["metadata"]["name"]);
        let mut expected = same.expect("it is rendered").value().clone();
        for name in ["substitute", "prune", "force"] {
            if let Some(value) = mark(&object, name) {
                marked.push(format!("{} {name} {value}", object["kind"].as_str().expect("a kind")));
            }
        }
        unmark(&mut object);
        unmark(&mut expected);
        if object["kind"] == "Job" {
            assert_eq!(object["spec"]["ttlSecondsAfterFinished"], Value::Null, "Flux would run it again and again");
            expected["spec"].as_object_mut().expect("a map").remove("ttlSecondsAfterFinished");
        }
        assert_eq!(object, expected);
    }
    marked.sort();
    marked.dedup();
    for mark in ["Job force enabled", "Namespace prune disabled", "ConfigMap substitute disabled"] {
        assert!(marked.iter().any(|it| it == mark), "{mark}: {marked:?}");
    }
}

#[test]
fn whatever_flux_could_substitute_is_marked() {
    let objects = objects(&exported(MUCH));
    for object in &objects {
        let is_marked = mark(object, "substitute").is_some_and(|it| it == "disabled");
        assert!(is_marked || !object.to_string().contains("${"), "{object}");
    }
    assert!(objects.iter().any(|object| object.to_string().contains("${TITLE}")));
}

#[test]
fn a_mark_of_a_raw_layer_wins() {
    let object = json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": { "name": "theirs", "annotations": { "kustomize.toolkit.fluxcd.io/prune": "enabled" } },
    });
    let object =
        crate::object::Object::from_value(object, crate::components::Component::Added, crate::object::Phase::Rest);
    assert_eq!(mark(super::marks::marked(object).value(), "prune"), Some("enabled".to_owned()));
}

#[test]
fn an_external_secret_is_ready_only_by_its_own_word() {
    let kustomization = read(&exported(MUCH), "clusters/portal/portal-configuration.yaml").remove(0);
    let expressions = kustomization["spec"]["healthCheckExprs"].as_array().expect("expressions");
    assert_eq!(expressions.len(), 1);
    assert_eq!(expressions[0]["kind"], "ExternalSecret");
    let kustomization = read(&exported(MUCH), "clusters/portal/portal-backstage.yaml").remove(0);
    assert_eq!(kustomization["spec"]["healthCheckExprs"], Value::Null);
}

#[test]
fn the_rotation_alone_has_the_phases_that_it_needs() {
    let files = export("", ExportPart::Rotation, &RepositoryPlace::default());
    let kinds: Vec<String> = objects(&files).iter().map(|it| it["kind"].as_str().expect("a kind").to_owned()).collect();
    assert!(kinds.contains(&"CronJob".to_owned()) && !kinds.contains(&"Deployment".to_owned()), "{kinds:?}");
    let kustomization = read(&files, "clusters/backstage/backstage-rest.yaml").remove(0);
    assert_eq!(kustomization["spec"]["dependsOn"], json!([{ "name": "backstage-certificates" }]));
}

#[test]
fn the_place_in_the_repository_and_its_source_are_those_that_a_person_names() {
    for (path, expected) in
        [("", "./rest"), (".", "./rest"), ("apps/portal/", "./apps/portal/rest"), ("./a", "./a/rest")]
    {
        let flux: FluxSource = "OCIRepository/portal".parse().expect("a source");
        let repository = RepositoryPlace { path: path.to_owned(), flux, ..RepositoryPlace::default() };
        let files = export("", ExportPart::Stack, &repository);
        let spec = &read(&files, "clusters/backstage/backstage-rest.yaml")[0]["spec"];
        assert_eq!(spec["path"], expected);
        assert_eq!(spec["sourceRef"], json!({ "kind": "OCIRepository", "name": "portal" }));
    }
    for text in
        ["", "portal", "GitRepository", "GitRepository/", "Git/portal", "GitRepository/a/b", "GitRepository/A b"]
    {
        let error = text.parse::<FluxSource>().expect_err(text).to_string();
        assert!(error.contains("KIND/NAME") && error.contains("GitRepository"), "{error}");
    }
}

#[test]
fn a_chart_is_installed_instead_of_the_objects() {
    let with = |chart: &str| {
        let repository =
            RepositoryPlace { path: "apps".to_owned(), chart: Some(chart.to_owned()), ..RepositoryPlace::default() };
        let files = export(MUCH, ExportPart::Stack, &repository);
        assert_eq!(files.keys().collect::<Vec<_>>(), ["clusters/portal/portal.yaml"]);
        read(&files, "clusters/portal/portal.yaml")
    };
    let in_repository = with("chart");
    assert_eq!(in_repository.len(), 1);
    assert_eq!(in_repository[0]["spec"]["chart"]["spec"]["chart"], "./apps/chart");
    assert_eq!(in_repository[0]["spec"]["targetNamespace"], "portal-eu");
    for (chart, url, reference) in [
        ("oci://r.example:5000/charts/portal:1.2.3", "oci://r.example:5000/charts/portal", json!({ "tag": "1.2.3" })),
        ("oci://r.example:5000/charts/portal", "oci://r.example:5000/charts/portal", json!({ "semver": "*" })),
        ("oci://r.example/portal@sha256:ab", "oci://r.example/portal", json!({ "digest": "sha256:ab" })),
        ("oci://r.example/portal:", "oci://r.example/portal", json!({ "semver": "*" })),
        ("oci://", "oci://", json!({ "semver": "*" })),
    ] {
        let fetched = with(chart);
        assert_eq!(fetched.len(), 2, "{chart}");
        assert_eq!(fetched[0]["spec"]["url"], url);
        assert_eq!(fetched[0]["spec"]["ref"], reference);
        assert_eq!(fetched[1]["spec"]["chartRef"], json!({ "kind": "OCIRepository", "name": "portal" }));
    }
}
