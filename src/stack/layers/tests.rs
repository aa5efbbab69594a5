//! Layers of the document, raw layers, and where a value comes from.

use std::path::Path;

use base::layers::origin::Origin;
use base::layers::path::FieldPath;

use super::app_config::LayeredAppConfig;
use super::document::{LayeredDocument, file, set};
use super::placed::PlacedProblem;
use super::provenance::sources;
use super::raw::{LayeredObjects, apply, parse};
use crate::object::Object;
use crate::render::render;

fn document(files: &[&str], sets: &[&str]) -> Result<LayeredDocument, Vec<PlacedProblem>> {
    let names = ["a.yaml", "b.yaml", "c.yaml"];
    let mut layers = Vec::new();
    for (name, text) in names.iter().zip(files) {
        layers.push(file(Path::new(name), text).map_err(|problem| vec![problem])?);
    }
    for text in sets {
        layers.push(set(text).map_err(|problem| vec![problem])?);
    }
    LayeredDocument::read(layers)
}

fn refused(files: &[&str], sets: &[&str]) -> Vec<String> {
    let problems = document(files, sets).and_then(|document| document.settings()).expect_err("it is wrong");
    problems.iter().map(ToString::to_string).collect()
}

fn rendered(text: &str) -> Vec<Object> {
    let document = document(&[text], &[]).expect("a document");
    render(&document.settings().expect("settings"))
}

fn with_raw(raw: &[&str]) -> Result<LayeredObjects, PlacedProblem> {
    let objects = rendered("name: portal");
    let layers: Result<Vec<_>, _> = raw.iter().map(|text| parse(Path::new("raw.yaml"), text)).collect();
    apply(&objects, &layers?, "backstage")
}

fn path(text: &str) -> FieldPath {
    text.parse().expect("a path")
}

#[test]
fn later_files_win_by_key_and_set_wins_over_them() {
    let read = document(
        &["backstage: {replicas: 1, title: A}\nname: one\n", "backstage: {replicas: 2}\n"],
        &["backstage.replicas=3", "database.version=16", "backstage.imageConfig=a.yaml,b.yaml"],
    )
    .expect("a document");
    let backstage = read.document.backstage.clone().expect("a section");
    assert_eq!((backstage.replicas, backstage.title.as_deref()), (Some(3), Some("A")));
    assert_eq!(backstage.image_config, Some(vec!["a.yaml".to_owned(), "b.yaml".to_owned()]));
    let explained = read.tree.explain(&path("backstage.replicas")).expect("it is given").to_string();
    assert_eq!(
        explained,
        "backstage.replicas is \"3\" (flag --set backstage.replicas); before: file a.yaml:1:23, file b.yaml:1:23"
    );
    assert_eq!(read.settings().expect("settings").database.name.as_str(), "postgres");
}

#[test]
fn no_layer_at_all_is_a_working_stack() {
    assert!(document(&[], &[]).expect("a document").settings().is_ok());
    assert!(document(&["", "# nothing\n"], &[]).expect("a document").settings().is_ok());
}

#[test]
fn null_deletes_what_a_lower_layer_gives() {
    let read =
        document(&["database: {parameters: {work_mem: 8MB, jit: off}}\n", "database: {parameters: {jit: null}}"], &[]);
    let parameters = read.expect("a document").document.database.expect("a section").parameters.expect("parameters");
    assert_eq!(parameters.keys().collect::<Vec<_>>(), ["work_mem"]);
}

#[test]
fn a_null_inside_of_an_app_config_stays_for_backstage() {
    let read = document(&["backstage: {appConfig: [{inline: {organization: null}}]}"], &[]).expect("a document");
    let settings = read.settings().expect("settings");
    let app_config = LayeredAppConfig::of(&read, &settings).expect("layers");
    let hidden = app_config.explain(&path("organization.name")).expect("the generated layer gives it");
    assert_eq!(hidden.value, None);
    assert_eq!(hidden.origin.place(), "a.yaml:1:49");
    assert_eq!(hidden.overridden, [Origin::Default]);
}

#[test]
fn every_problem_names_file_line_and_column_or_the_flag() {
    assert_eq!(
        refused(&["name: a\nbackstge:\n  replicas: 1\n", "database:\n  storage:\n    sise: 1Gi\n"], &[]),
        [
            "a.yaml:2:1: backstge is not a known key: the keys here are apiVersion, backstage, check, database, disruption, \
             externalSecrets, features, host, ingress, kind, monitoring, name, namespace, networkPolicies, platform, \
             podSecurity, raw, rotation; did you mean `backstage`?",
            "b.yaml:3:5: database.storage.sise is not a known key: the keys here are class, size; did you mean `size`?",
        ]
    );
    let found = refused(&["monitoring:\n  labels:\n    app.kubernetes.io/x: 'a b'\n"], &["backstage.replicas=0"]);
    assert!(
        found.iter().any(|text| text.starts_with("flag --set backstage.replicas: backstage.replicas is 0")),
        "{found:?}"
    );
    assert!(
        found.iter().any(|text| text.starts_with("a.yaml:3:26: monitoring.labels.app.kubernetes.io/x")),
        "{found:?}"
    );
    let env = refused(&["backstage:\n  env:\n  - {name: A, value: b}\n  - {name: A, value: c}\n"], &[]);
    assert!(env[0].starts_with("a.yaml:4:12: backstage.env[1].name"), "{env:?}");
    let missing = refused(&["database:\n  existing: {port: 1}\n"], &[]);
    assert!(missing[0].starts_with("a.yaml:2:13: database.existing.host is missing"), "{missing:?}");
}

#[test]
fn what_cannot_be_set_is_refused_with_a_way_out() {
    for (text, part) in [
        ("backstage", "write PATH=VALUE"),
        ("=1", "the path is empty"),
        ("backstage..replicas=1", "a path is names"),
        ("backstage.env[0].name=A", "a list is set as a whole"),
        ("backstage.replica=2", "did you mean `replicas`?"),
        ("backstage.replicas=[", "--set backstage.replicas"),
    ] {
        let found = refused(&[], &[text]);
        assert!(found[0].contains(part) && found[0].contains("--set"), "{text}: {found:?}");
    }
}

#[test]
fn a_raw_layer_is_merged_field_by_field_and_every_value_knows_its_line() {
    let raw = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: backstage}\nspec:\n  template:\n    spec:\n      \
               containers:\n      - name: backstage\n        env:\n        - {name: ADDED, value: x}\n---\n# more\napiVersion: v1\n\
               kind: ConfigMap\nmetadata: {name: mine}\ndata: {a: b}\n";
    let layered = with_raw(&[raw]).expect("it fits");
    let deployment = layered.find("deployment", "backstage").expect("it is rendered");
    let env = deployment.value().pointer("/spec/template/spec/containers/0/env").expect("variables");
    assert!(env.as_array().expect("a list").iter().any(|variable| variable["name"] == "ADDED"));
    let mine = layered.find("ConfigMap", "mine").expect("it is added");
    assert_eq!(mine.namespace(), Some("backstage"));
    let explained = layered.explain("ConfigMap", "mine", &path("data.a")).expect("it is given");
    assert_eq!(explained.origin.place(), "raw.yaml:16:11");
    let image = layered.explain("Deployment", "backstage", &path("spec.replicas")).expect("it is rendered");
    assert_eq!((image.origin, image.overridden), (Origin::Default, Vec::new()));
}

#[test]
fn an_object_says_what_a_layer_overrode_and_what_it_deleted() {
    let raw =
        |spec: &str| format!("apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: backstage}}\nspec: {spec}\n");
    let layered = with_raw(&[&raw("{replicas: 4}"), &raw("{replicas: 5, strategy: null}")]).expect("it fits");
    let replicas = layered.explain("deployment", "backstage", &path("spec.replicas")).expect("it is given");
    assert_eq!(replicas.value, Some(5.into()));
    assert_eq!(replicas.overridden.len(), 2);
    assert_eq!(replicas.overridden[0], Origin::Default);
    let deleted = layered.explain("deployment", "backstage", &path("spec.strategy.type")).expect("it was rendered");
    assert_eq!((deleted.value, deleted.origin.place()), (None, "raw.yaml:4:31".to_owned()));
    assert!(layered.explain("deployment", "backstage", &path("spec.nothing")).is_none());
}

#[test]
fn a_raw_layer_that_does_not_fit_is_refused_at_its_line() {
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: backstage}\n";
    for (raw, place, part) in [
        ("- a\n", "raw.yaml:1:1", "maps with apiVersion and kind"),
        ("a: [\n", "raw.yaml:", ""),
        ("kind: Service\n", "raw.yaml:1:1", "apiVersion"),
        ("apiVersion: v1\nkind: Service\n", "raw.yaml:1:1", "could be"),
        ("# a\n---\napiVersion: v1\nkind: Secret\nmetadata: {labels: {}}\n", "raw.yaml:3:1", "metadata.name"),
        ("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n$patch: delete\n", "raw.yaml:1:1", "no such object"),
        ("apiVersion: apps/v1beta1\nkind: Deployment\nmetadata: {name: backstage}\n", "raw.yaml:1:1", "is rendered as"),
        (&format!("{deployment}spec: {{$patch: merge}}\n"), "raw.yaml:4:7", "`delete` or `replace`"),
        (
            &format!("{deployment}spec: {{template: {{spec: {{containers: [{{image: 'a:1'}}]}}}}}}\n"),
            "raw.yaml:4",
            "lacks `name`",
        ),
    ] {
        let refused = with_raw(&[raw]).expect_err(raw).to_string();
        assert!(refused.starts_with(place) && refused.contains(part), "{raw}: {refused}");
    }
}

#[test]
fn a_deleted_object_is_gone_and_a_list_is_unwrapped() {
    let raw = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n  metadata: {name: backstage}\n  $patch: delete\n";
    let layered = with_raw(&[raw]).expect("it fits");
    assert!(layered.find("Service", "backstage").is_none());
    assert!(layered.find("Service", "postgres").is_some());
}

#[test]
fn a_rendered_value_names_the_keys_that_it_follows_from() {
    let read = document(&["name: a\nbackstage: {replicas: 3, title: T}\n"], &[]).expect("a document");
    let found = sources(&read, |document| {
        let objects = render(&document.settings().ok()?);
        let deployment = objects.iter().find(|object| object.kind() == "Deployment")?.value().clone();
        deployment.pointer("/spec/replicas").cloned()
    });
    let found: Vec<_> = found.iter().map(|(path, origin)| (path.to_string(), origin.place())).collect();
    assert_eq!(found, [("backstage.replicas".to_owned(), "a.yaml:2:23".to_owned())]);
}

#[test]
fn an_app_config_that_backstage_refuses_is_refused_at_its_line() {
    let read = document(&["backstage:\n  appConfig:\n  - inline:\n      app: {$file: a, title: b}\n"], &[])
        .expect("a document");
    let refused = LayeredAppConfig::of(&read, &read.settings().expect("settings")).expect_err("keys beside $file");
    assert_eq!(refused.origin.place(), "a.yaml:4:12");
}
