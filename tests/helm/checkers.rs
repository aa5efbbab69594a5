//! What the checkers of others say of the chart: kubeconform, whether each field is one of Kubernetes; kube-score, whether pods are
//! as they should be.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::parity::CHART;
use crate::schemas;
use crate::skip::skip;
use crate::tools::tool;
use crate::values::combinations;

/// Every so many of the combinations: one run of Helm each.
const STEP: usize = 12;
/// What kube-score would have otherwise, and why it is not.
const EXPLAINED: &[(&str, &str)] = &[
    ("container-image-pull-policy", "a version names one image; nodes that have it need no registry to start"),
    ("container-security-context-user-group-id", "PostgreSQL and Backstage run as the users of their official images"),
    ("deployment-replicas", "on an empty database two replicas lock each other out: one first, and then more"),
];

/// A program with the objects on its standard input: whether it was content, and what it said.
fn judged(command: &mut Command, objects: &[Value]) -> (bool, String) {
    let text: String = objects.iter().flat_map(|object| ["---\n".to_owned(), format!("{object}\n")]).collect();
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    // It reads all of it before it says anything.
    child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    let said = [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
    (output.status.success(), said)
}

fn conform(program: &Path, schemas: &Path, objects: &[Value]) -> (bool, String) {
    let mut command = Command::new(program);
    let location = format!("{}/{}", schemas.display(), schemas::TEMPLATE);
    judged(command.args(["-strict", "-output", "json", "-schema-location", &location]), objects)
}

#[test]
fn kubeconform_knows_every_field_of_the_chart_and_refuses_a_misspelt_one() {
    let tools = ["kubeconform", "kubernetes-openapi", "crds"].map(tool);
    let [Ok(program), Ok(openapi), Ok(crds)] = &tools else {
        return skip("kubeconform", tools.into_iter().find_map(Result::err).unwrap_or_default());
    };
    let Some(chart) = &*CHART else { return };
    let (program, folder) = (program.join("kubeconform"), TempDir::new().expect("a folder"));
    schemas::write(folder.path(), openapi, crds);
    let mut kinds = BTreeMap::new();
    let mut tried = 0;
    for values in [json!({})].iter().chain(combinations().iter().step_by(STEP)) {
        let objects = chart.template(values).expect("a chart");
        let (is_good, said) = conform(&program, folder.path(), &objects);
        assert!(is_good, "{values}\n{said}");
        tried += objects.len();
        kinds.extend(objects.into_iter().map(|object| (object["kind"].to_string(), object)));
    }
    for (kind, object) in &mut kinds {
        let field = if object.get("spec").is_some() { "/spec" } else { "" };
        let fields = object.pointer_mut(field).and_then(Value::as_object_mut).expect("fields");
        fields.insert("replica".to_owned(), json!(1));
        let (is_good, said) = conform(&program, folder.path(), std::slice::from_ref(object));
        assert!(!is_good && said.contains("'replica' not allowed"), "{kind}: {said}");
    }
    println!("{tried} objects of {} kinds", kinds.len());
    assert!(kinds.len() >= 15, "{:?}", kinds.keys());
}

/// What kube-score finds at WARNING or worse.
fn findings(program: &Path, objects: &[Value]) -> String {
    let mut command = Command::new(program);
    command.args(["score", "--output-format", "ci", "--enable-optional-test", "container-security-context-privileged"]);
    for (test, _) in EXPLAINED {
        command.args(["--ignore-test", test]);
    }
    let (_, said) = judged(command.arg("-"), objects);
    assert!(said.lines().any(|line| line.starts_with("[OK]")), "{said}");
    let is_finding = |line: &&str| !line.starts_with("[OK]") && !line.starts_with("[SKIPPED]");
    said.lines().filter(is_finding).collect::<Vec<_>>().join("\n")
}

#[test]
fn kube_score_finds_nothing_in_the_chart_that_is_not_explained() {
    let program = match tool("kube-score") {
        Ok(folder) => folder.join("kube-score"),
        Err(why) => return skip("kube-score", why),
    };
    let Some(chart) = &*CHART else { return };
    let mut objects = chart.template(&json!({})).expect("a chart");
    assert_eq!(findings(&program, &objects), "");
    let deployment = objects.iter_mut().find(|object| object["kind"] == "Deployment").expect("a Deployment");
    deployment["spec"]["template"]["spec"]["containers"][0]["image"] = json!("example.org/portal:latest");
    let found = findings(&program, &objects);
    assert!(found.contains("Deployment: (backstage) Image with latest tag"), "{found}");
}
