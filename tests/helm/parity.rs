//! What Helm makes of values is what newleaf-deploy renders for the same document.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};
use std::thread;

use serde_json::{Value, json};
use stack::components::check;
use stack::document;
use stack::export::{ExportPart, ExportedFile, oci};
use stack::layers::{self, document::LayeredDocument};
use stack::render::render;
use stack::settings::Settings;
use tempfile::TempDir;

use crate::chart::{Chart, helm, named, settings};
use crate::values::{combinations, merge};

/// Made once: its export asks the model two thousand times.
pub(crate) static CHART: LazyLock<Option<Chart>> =
    LazyLock::new(|| Some(Chart::of(helm("the chart of a stack, by Helm")?, &json!({}), ExportPart::Stack)));

/// What newleaf-deploy renders, without the namespace itself, and what `helm test` checks it with.
fn rendered(document: &Value) -> BTreeMap<String, Value> {
    let mut there = document.clone();
    merge(&mut there, json!({ "namespace": "team-a" }));
    objects(&settings(&there))
}

fn objects(settings: &Settings) -> BTreeMap<String, Value> {
    let mut objects = render(settings);
    objects.extend(check::objects(settings, &objects));
    objects.retain(|object| object.kind() != "Namespace");
    named(objects.iter().map(|object| object.value().clone()))
}

/// The objects that the model has, too, and the document that the check reads, as newleaf-deploy reads it.
fn parted(made: Vec<Value>) -> (BTreeMap<String, Value>, Settings) {
    let mut made = named(made.into_iter().filter(|object| object["metadata"]["name"] != "newleaf-test"));
    let config_map = made.remove("\"ConfigMap\" \"newleaf-check\"").expect("the document of the check");
    let text = config_map["data"]["stack.yaml"].as_str().expect("a text");
    let file = layers::document::file(Path::new("stack.yaml"), text).expect("YAML");
    let namespace = layers::document::set("namespace=team-a").expect("a value");
    let document = LayeredDocument::read(vec![file, namespace]).expect("a document");
    (made, document.settings().expect("a stack"))
}

/// Helm writes maps that people put in as its own YAML: what it says is compared there, and its checksum is of what it wrote.
fn without_the_form_of_inline_layers(objects: &mut BTreeMap<String, Value>, has_inline: bool) {
    for object in objects.values_mut() {
        if let Some(text) = object.pointer_mut("/data/app-config.yaml") {
            let read: Value = serde_saphyr::from_str(text.as_str().expect("a text")).expect("YAML");
            if has_inline {
                *text = read;
            }
        }
        if let (true, Some(Value::Object(annotations))) =
            (has_inline, object.pointer_mut("/spec/template/metadata/annotations"))
        {
            annotations.remove("newleaf.dev/configuration-checksum");
        }
    }
}

fn compare(chart: &Chart, values: &Value) -> Result<(), String> {
    let (mut made, checked) = parted(chart.template(values)?);
    let mut expected = rendered(values);
    if objects(&checked) != expected {
        return Err(format!("the check would look for another stack: {checked:?}"));
    }
    let layers = values.pointer("/backstage/appConfig").and_then(Value::as_array);
    let has_inline = layers.is_some_and(|layers| layers.iter().any(|layer| layer.get("inline").is_some()));
    without_the_form_of_inline_layers(&mut made, has_inline);
    without_the_form_of_inline_layers(&mut expected, has_inline);
    let names = |of: &BTreeMap<String, Value>| of.keys().cloned().collect::<Vec<_>>();
    if names(&made) != names(&expected) {
        return Err(format!("{:?}\n{:?}", names(&made), names(&expected)));
    }
    for (name, object) in &made {
        if *object != expected[name] {
            return Err(format!("{name}\nHelm:   {object}\nmodel:  {}", expected[name]));
        }
    }
    Ok(())
}

#[test]
fn helm_makes_of_each_combination_of_values_what_the_model_renders() {
    let Some(chart) = &*CHART else { return };
    let combinations = combinations();
    assert!(combinations.len() >= 200, "{}", combinations.len());
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(values) = combinations.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(why) = compare(chart, values) {
                        wrong.lock().expect("no panic").push(format!("{values}\n{why}"));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("no panic");
    println!("{} combinations", combinations.len());
    assert!(wrong.is_empty(), "{} of {}: {}", wrong.len(), combinations.len(), wrong[0]);
}

#[test]
fn what_the_model_refuses_helm_refuses_with_the_same_words() {
    let Some(chart) = &*CHART else { return };
    for values in [
        json!({ "ingress": { "kind": "ingress" } }),
        json!({ "host": "a.example.org" }),
        json!({ "host": "a.example.org", "ingress": { "className": "mine" } }),
        json!({ "host": "a.example.org", "ingress": { "kind": "httpRoute" } }),
        json!({ "rotation": { "leaf": { "lifetime": "14d" } } }),
        json!({ "rotation": { "pickup": "restart", "nudge": true } }),
    ] {
        let problems = Settings::of(&document::read(&values).expect("a document")).expect_err("it is refused");
        let refusal = chart.template(&values).expect_err("Helm refuses it");
        let said =
            |problem: &stack::problem::Problem| refusal.contains(&format!("{}: {}", problem.path, problem.limits));
        assert!(problems.iter().any(said), "{values}\n{problems:?}\n{refusal}");
    }
}

#[test]
fn the_schema_refuses_what_the_chart_does_not_offer_and_names_the_way_out() {
    let Some(chart) = &*CHART else { return };
    for (values, told) in [
        (
            json!({ "database": { "parameters": { "work_mem": "8MB" } } }),
            "write it into the stack file and export the chart again",
        ),
        (json!({ "namespace": "a" }), "write it into the stack file and export the chart again"),
        (json!({ "backstage": { "replica": 2 } }), "replica"),
        (json!({ "backstage": { "replicas": 7 } }), "replicas"),
        (json!({ "backstage": { "image": "portal:latest " } }), "image"),
        (json!({ "host": "https://portal.example.org" }), "host"),
        (json!({ "host": "a".repeat(300) }), "host"),
        (json!({ "backstage": { "title": "true" } }), "title"),
        (json!({ "backstage": { "env": [{ "name": "GITHUB_TOKEN", "value": "in plain words" }] } }), "env"),
        (json!({ "ingress": { "tls": { "secret": "A_B" } } }), "secret"),
    ] {
        let refusal = chart.template(&values).expect_err("Helm refuses it");
        assert!(
            refusal.contains("values don't meet the specifications") && refusal.contains(told),
            "{values}\n{refusal}"
        );
    }
}

#[test]
fn the_chart_is_clean_by_helms_own_strict_lint_with_and_without_values() {
    let Some(chart) = &*CHART else { return };
    let everything = combinations().into_iter().max_by_key(|values| values.to_string().len()).expect("a combination");
    for values in [json!({}), everything] {
        let output = chart.run(&["lint", "--strict"], &values);
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success() && !said.contains("[WARNING]") && !said.contains("[ERROR]"),
            "{values}\n{said}"
        );
    }
}

#[test]
fn values_of_the_stack_file_are_the_values_of_its_chart() {
    let Some(helm) = helm("values of a chart") else { return };
    let document = json!({
        "name": "portal",
        "host": "portal.example.org",
        "ingress": { "className": "nginx" },
        "backstage": { "replicas": 3, "command": ["node", "index.js"] },
        "database": { "parameters": { "log_min_duration_statement": "500" } },
    });
    let chart = Chart::of(helm, &document, ExportPart::Stack);
    let values: Value = serde_saphyr::from_str(&chart.files["values.yaml"]).expect("YAML");
    let offered =
        json!({ "host": "portal.example.org", "ingress": { "className": "nginx" }, "backstage": { "replicas": 3 } });
    assert_eq!(values, offered, "what is fixed is no value");
    let made = |values: &Value| {
        let (made, checked) = parted(chart.template(values).expect("a chart"));
        assert_eq!(objects(&checked), made, "the check looks for what the chart makes");
        made
    };
    assert_eq!(made(&json!({})), rendered(&document));
    let mut other = document.clone();
    merge(&mut other, json!({ "host": "other.example.org", "backstage": { "replicas": 1 } }));
    assert_eq!(made(&json!({ "host": "other.example.org", "backstage": { "replicas": 1 } })), rendered(&other));
}

#[test]
fn the_rotation_alone_is_a_chart_too() {
    let Some(helm) = helm("the chart of the rotation") else { return };
    let chart = Chart::of(helm, &json!({}), ExportPart::Rotation);
    let objects = chart.template(&json!({ "rotation": { "schedule": "5 5 * * *" } })).expect("a chart");
    let schedule = objects.iter().find(|object| object["kind"] == "CronJob").expect("a CronJob");
    assert_eq!(schedule["spec"]["schedule"], "5 5 * * *");
    assert!(!objects.iter().any(|object| object["kind"] == "Deployment" || object["kind"] == "StatefulSet"));
    let refusal = chart.template(&json!({ "host": "a.example.org" })).expect_err("it has no Backstage");
    assert!(refusal.contains("export the chart again"), "{refusal}");
}

#[test]
fn the_chart_makes_no_secret_and_holds_no_key() {
    let Some(chart) = &*CHART else { return };
    for values in combinations().iter().step_by(20) {
        let objects = chart.template(values).expect("a chart");
        assert!(objects.iter().all(|object| object["kind"] != "Secret" && object["kind"] != "Namespace"), "{values}");
    }
    assert!(chart.files.values().all(|text| !text.contains("PRIVATE KEY")));
}

/// The digests are OpenSSL's, and the archive is Helm's to read.
#[test]
fn the_layout_for_a_registry_holds_the_same_chart_and_names_each_part_by_its_digest() {
    let Some(chart) = &*CHART else { return };
    let text = |text: &String| ExportedFile::of_export(text.clone());
    let files = chart.files.iter().map(|(path, file)| (path.clone(), text(file))).collect();
    let layout = oci::layout(&files).expect("a layout");
    assert_eq!(layout, oci::layout(&files).expect("a layout"), "the same bytes each time");
    let folder = TempDir::new().expect("a folder");
    let write = |path: &str, bytes: &[u8]| {
        let place = folder.path().join(path);
        fs::create_dir_all(place.parent().expect("a folder")).expect("a folder");
        fs::write(&place, bytes).expect("a file");
        place
    };
    for (path, bytes) in &layout {
        let place = write(path, bytes);
        if let Some(digest) = path.strip_prefix("blobs/sha256/") {
            let said = Command::new("openssl").args(["dgst", "-sha256", "-r"]).arg(&place).output().expect("openssl");
            assert!(String::from_utf8_lossy(&said.stdout).starts_with(digest), "{path}");
        }
    }
    let json = |path: &str| serde_json::from_slice::<Value>(&layout[path]).expect("JSON");
    let blob = |descriptor: &Value| {
        let digest = descriptor["digest"].as_str().and_then(|digest| digest.strip_prefix("sha256:")).expect("a digest");
        let path = format!("blobs/sha256/{digest}");
        assert_eq!(descriptor["size"], layout[&path].len(), "{descriptor}");
        path
    };
    let manifest = json(&blob(&json("index.json")["manifests"][0]));
    assert_eq!(json(&blob(&manifest["config"]))["name"], "backstage");
    let archive = write("backstage.tgz", &layout[&blob(&manifest["layers"][0])]);
    let template = |what: &Path| {
        let output =
            chart.helm().args(["template", "release"]).arg(what).env("HELM_CACHE_HOME", folder.path()).output();
        let output = output.expect("helm starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    assert_eq!(template(&archive), template(chart.folder.path()));
}

#[test]
fn a_packaged_chart_is_the_chart_without_the_record_of_the_export() {
    let Some(chart) = &*CHART else { return };
    let packages = TempDir::new().expect("a folder");
    let folder = packages.path().display().to_string();
    fs::write(chart.folder.path().join(".newleaf-export.json"), "{}").expect("a file");
    let output = chart
        .helm()
        .arg("package")
        .arg(chart.folder.path())
        .args(["--destination", &folder])
        .env("HELM_CACHE_HOME", &folder)
        .output();
    assert!(output.expect("helm starts").status.success());
    let package = packages.path().join("backstage-0.1.0.tgz");
    let listed = Command::new("tar").arg("--list").arg("--file").arg(&package).output().expect("tar starts");
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    for path in chart.files.keys().filter(|path| *path != ".helmignore") {
        assert!(listed.contains(&format!("backstage/{path}")), "{path} is not in {listed}");
    }
    assert!(!listed.contains("newleaf-export"), "{listed}");
}
