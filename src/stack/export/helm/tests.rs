//! How a chart is made of what the model renders. Whether Helm makes the same of it is tested with Helm (tests/helm).

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::*;
use crate::document;
use crate::export::helm::tokens::{Piece, pieces};
use crate::export::{ExportPart, RepositoryPlace};
use crate::layers::raw::{self, PartialObjects};
use crate::settings::Settings;

fn chart(document: &Value, part: ExportPart) -> BTreeMap<String, String> {
    let settings = Settings::of(&document::read(document).expect("a document")).expect("valid");
    let repository = RepositoryPlace::default();
    let source = ExportSource { settings: &settings, document, part, repository: &repository, version: "0.1.0" };
    files(&source).expect("a chart").into_iter().map(|(path, file)| (path, file.text)).collect()
}

#[test]
fn the_chart_of_the_rotation_offers_its_values_and_no_others() {
    let files = chart(&json!({ "rotation": { "schedule": "5 5 * * *" } }), ExportPart::Rotation);
    let values: Value = serde_saphyr::from_str(&files["values.yaml"]).expect("YAML");
    assert_eq!(values, json!({ "rotation": { "schedule": "5 5 * * *" } }));
    let schema: Value = serde_json::from_str(&files["values.schema.json"]).expect("JSON");
    assert!(schema.pointer("/properties/rotation/properties/schedule/pattern").is_some(), "{schema}");
    assert!(schema.pointer("/properties/host/const").is_some_and(Value::is_string), "{schema}");
    assert!(files["templates/rotation.yaml"].contains("schedule: {{ ($.Values.rotation).schedule | default"));
    assert!(files["templates/bootstrap.yaml"].contains("helm.sh/hook: pre-install,pre-upgrade"));
    assert!(files.values().all(|text| !text.contains("argocd.argoproj.io") && !text.contains("zqv")), "{files:?}");
    assert_eq!(files, chart(&json!({ "rotation": { "schedule": "5 5 * * *" } }), ExportPart::Rotation));
}

/// The export itself ends with an error where a combination that it did not learn from comes out otherwise than by the model.
#[test]
fn the_chart_of_a_whole_stack_follows_the_model_and_keeps_what_the_stack_says() {
    let document =
        json!({ "host": "portal.example.org", "ingress": { "className": "nginx" }, "database": { "version": 16 } });
    let files = chart(&document, ExportPart::Stack);
    let values: Value = serde_saphyr::from_str(&files["values.yaml"]).expect("YAML");
    assert_eq!(values, document);
    let database = &files["templates/database.yaml"];
    assert!(database.contains("{{- if eq (toString ($.Values.database).version) \"14\" }}"), "{database}");
    for (path, text) in &files {
        let is_template = path.starts_with("templates/");
        assert!(!is_template || !text.contains("portal.example.org"), "{path} holds a value");
        assert!(!text.contains("zqv") && !text.contains("zqi") && !text.contains('\0'), "{path} holds a token");
        assert!(!text.contains("kind: Secret\n") && !text.contains("kind: Namespace\n"), "{path}");
        assert!(text.contains("newleaf-deploy 0.1.0"), "{path} says who made it");
    }
}

#[test]
fn a_value_that_the_chart_cannot_follow_is_not_offered() {
    let image = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: backstage}\nspec: {template: {spec: \
                 {containers: [{name: backstage, image: 'mine:1'}], initContainers: [{name: wait-for-database, image: 'mine:1'}]}}}";
    let layer = raw::parse(Path::new("raw.yaml"), image).expect("a layer");
    let gateway = json!({
        "host": "portal.example.org",
        "ingress": { "kind": "httpRoute", "gateway": { "name": "edge", "sectionName": "web" } },
    });
    let paths = |document: &Value, layers: Vec<PartialObjects>| {
        let settings = Settings::of(&document::read(document).expect("a document")).expect("valid");
        let settings = Settings { partial_objects: layers, ..settings };
        let repository = RepositoryPlace::default();
        let part = ExportPart::Stack;
        let source = ExportSource { settings: &settings, document, part, repository: &repository, version: "0.1.0" };
        let (offered, _) = offered(&source).expect("values");
        offered.offers.iter().map(|offer| offer.path).collect::<Vec<_>>()
    };
    let all = paths(&json!({}), Vec::new());
    assert_eq!(all.len(), offers::OFFERS.len());
    let missing = |of: &[&'static str]| all.iter().copied().filter(|path| !of.contains(path)).collect::<Vec<_>>();
    assert_eq!(missing(&paths(&json!({}), vec![layer])), ["backstage.image"], "a raw layer decides");
    let with_gateway = missing(&paths(&gateway, Vec::new()));
    assert_eq!(with_gateway, ["host", "ingress.kind", "ingress.gateway.name"], "the section name needs them");
    assert_eq!(missing(&paths(&json!({ "backstage": { "replicas": 50 } }), Vec::new())), ["backstage.replicas"]);
}

#[test]
fn a_text_falls_into_its_tokens_and_what_is_between() {
    assert_eq!(pieces("a zq b"), [Piece::Literal("a zq b")]);
    let text = format!("https://{}/{}zq", tokens::value(3), tokens::place(1, 2));
    let found =
        [Piece::Literal("https://"), Piece::Value(3), Piece::Literal("/"), Piece::Place(1, 2), Piece::Literal("zq")];
    assert_eq!(pieces(&text), found);
    assert_eq!(pieces(&tokens::item(7, 2, 'b', 1)), [Piece::Field(2, 1)]);
    assert_eq!(pieces(tokens::NAMESPACE), [Piece::Namespace]);
}

#[test]
fn two_items_become_one_template_with_their_place_or_none() {
    let common = |one: &str, other: &str| prepared::common(&json!(one), &json!(other), [2, 5]);
    let (first, second) = (tokens::item(7, 2, 'a', 0), tokens::item(7, 2, 'b', 0));
    let place = tokens::place(1, 2);
    assert_eq!(
        common(&format!("03-{first}.yaml"), &format!("06-{second}.yaml")),
        json!(format!("{place}-{first}.yaml"))
    );
    assert_eq!(common("03-c-3", "06-c-6"), json!(format!("{place}-c-{}", tokens::place(1, 1))));
    let ambiguous = common("x", "y");
    assert!(ambiguous.as_str().is_some_and(|text| text.starts_with(AMBIGUOUS)), "{ambiguous}");
}
