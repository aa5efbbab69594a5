//! `init`, `images`, `explain` and `import`, which contact no cluster.

use serde_json::{Value, json};

use crate::stage::{Folder, Shell};

#[test]
fn init_writes_a_document_that_renders_and_never_overwrites() {
    for platform in ["kubernetes", "openshift", "kind", "k3d", "minikube", "microk8s"] {
        let folder = Folder::new(&[]);
        let said = folder.deploy(&["init", "--platform", platform]);
        assert_eq!((said.code, said.stdout.as_str()), (Some(0), ""), "{said:?}");
        assert!(folder.read("stack.yaml").contains(&format!("platform: {platform}\n")));
        assert_eq!(folder.deploy(&["render", "-f", "stack.yaml"]).code, Some(0), "{platform}");
    }
    let folder = Folder::new(&[("stack.yaml", "mine")]);
    let said = folder.deploy(&["init"]);
    assert_eq!(said.code, Some(4));
    assert!(said.stderr.contains("NL1004") && folder.read("stack.yaml") == "mine", "{said:?}");
    assert_eq!(folder.deploy(&["init", "--platform", "mars"]).code, Some(2));
}

#[test]
fn images_are_listed_one_a_line_and_with_their_users() {
    let folder = Folder::new(&[]);
    let said = folder.deploy(&["images", "--set", "database.version=16"]);
    let lines: Vec<&str> = said.stdout.lines().collect();
    assert!(lines.iter().any(|line| line.starts_with("postgres:16.")) && lines.contains(&"newleaf:0.1.0"), "{lines:?}");
    let json = folder.deploy(&["images", "-o", "json"]).stdout;
    let document: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(document["images"].as_array().map(Vec::len), Some(lines.len()));
    assert!(json.contains("StatefulSet backstage/postgres"), "{json}");
}

#[test]
fn explain_names_layer_file_and_line_and_what_was_overridden() {
    let folder = Folder::new(&[
        (
            "a.yaml",
            "backstage:\n  replicas: 2\n  appConfig:\n  - inline: {app: {title: Inline}}\nraw: [{path: over}]\n",
        ),
        ("b.yaml", "backstage:\n  replicas: 3\n"),
        ("over/one.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: backstage}\nspec:\n  replicas: 5\n"),
    ]);
    let explain = |path: &str| {
        let said = folder.deploy(&["explain", path, "-f", "a.yaml", "-f", "b.yaml", "--set", "backstage.title=Set"]);
        assert_eq!(said.code, Some(0), "{said:?}");
        said.stdout
    };
    assert_eq!(
        explain("backstage.replicas"),
        "backstage.replicas: 3\n  from          file b.yaml:2:13\n  overrides     file a.yaml:2:13\n"
    );
    assert_eq!(
        explain("deployment/backstage/spec.replicas"),
        "deployment/backstage/spec.replicas: 5\n  from          file over/one.yaml:5:13\n  overrides     rendered\n"
    );
    assert!(
        explain("app-config/app.title").contains("Inline\n  from          file a.yaml:4:27\n  overrides     generated")
    );
    let image = "StatefulSet/postgres/spec.template.spec.containers[0].image";
    let version = folder.deploy(&["explain", image, "--set", "database.version=16"]).stdout;
    assert!(version.contains("follows from  database.version (flag --set database.version)"), "{version}");
    assert!(explain("database.version").contains("no layer gives it"));
    assert!(explain("NL1103").starts_with("NL1103: "));
    for (path, part) in [
        ("backstage.replcas", "the nearest is replicas"),
        ("Deployment/nobody/spec", "no Deployment nobody is rendered"),
        ("Deployment/backstage/spec.nothing", "no such field"),
        ("a..b", "a path is names"),
        ("app-config/nothing", "no layer of app-config"),
    ] {
        let said = folder.deploy(&["explain", path]);
        assert!(said.code == Some(2) && said.stderr.contains(part), "{path}: {said:?}");
    }
}

#[test]
fn an_import_of_the_chart_renders_and_says_what_was_left() {
    let values = "backstage:\n  image: {registry: registry.example.org, repository: portal, tag: 1.2.3}\n  nodeSelector: {disk: fast}\n";
    let folder =
        Folder::new(&[("values.yaml", values), ("more.yaml", "backstage: {readinessProbe: {periodSeconds: 5}}\n")]);
    let said = folder.deploy(&["import", "values.yaml", "--to", "new"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let rendered = folder.deploy(&["render", "-f", "new/stack.yaml", "-o", "json"]);
    let list: Value = serde_json::from_str(&rendered.stdout).expect("JSON");
    let deployment = list["items"].as_array().expect("items").iter().find(|item| item["kind"] == "Deployment");
    let pod = &deployment.expect("it is rendered")["spec"]["template"]["spec"];
    assert_eq!(pod["nodeSelector"], json!({"disk": "fast"}));
    assert!(pod["containers"][0]["image"] == "registry.example.org/portal:1.2.3", "{pod}");
    let again = folder.deploy(&["import", "values.yaml", "--to", "new"]);
    assert!(again.code == Some(4) && again.stderr.contains("NL1004"), "{again:?}");
    let left = folder.deploy(&["import", "more.yaml", "--to", "other"]);
    assert!(left.code == Some(4) && left.stderr.contains("NL1003"), "{left:?}");
    assert!(left.stdout.contains("backstage.readinessProbe.periodSeconds"), "{left:?}");
}

#[test]
fn an_import_of_the_operators_folder_renders() {
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: backstage}\nspec:\n  replicas: 2\n  template:\n    spec:\n      \
                      containers:\n      - {name: backstage-backend, image: 'ghcr.io/backstage/backstage:1.38.1'}\n";
    let folder = Folder::new(&[
        ("raw/deployment.yaml", deployment),
        ("raw/db-secret.yaml", "apiVersion: v1\nkind: Secret\nstringData: {a: planted}\n"),
        ("raw/broken.yaml", "a: [\n"),
    ]);
    let broken = folder.deploy(&["import", "raw"]);
    assert!(broken.code == Some(78) && broken.stderr.contains("broken.yaml"), "{broken:?}");
    std::fs::remove_file(folder.0.path().join("raw/broken.yaml")).expect("it is there");
    let said = folder.deploy(&["import", "raw", "--to", "new", "-o", "json"]);
    assert_eq!(said.code, Some(4), "{said:?}");
    assert!(said.stdout.contains("db-secret.yaml") && !said.stdout.contains("planted"), "{said:?}");
    assert_eq!(folder.deploy(&["render", "-f", "new/stack.yaml"]).code, Some(0));
}

#[test]
fn the_version_is_told_to_people_and_to_programs() {
    let folder = Folder::new(&[]);
    let said = folder.deploy(&["version"]);
    let expected = format!("newleaf-deploy {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!((said.code, said.stdout, said.stderr), (Some(0), expected, String::new()));
    let said = folder.deploy(&["version", "--output", "json"]);
    let document: Value = serde_json::from_str(&said.stdout).expect("a document");
    assert_eq!(document["version"], env!("CARGO_PKG_VERSION"), "{document}");
    assert_eq!(document["kind"], "Version", "{document}");
}

#[test]
fn what_happens_is_told_to_programs_as_one_document_a_line() {
    let Some(shell) = Shell::new() else { return };
    let said = shell.deploy(&["install", "--output", "json", "--timeout", "2s"]);
    assert_eq!(said.code, Some(75), "nothing becomes ready here: {said:?}");
    let documents: Vec<Value> =
        said.stderr.lines().map(|line| line.parse().unwrap_or_else(|error| panic!("{error}: {line}"))).collect();
    let events = |name: &str| documents.iter().filter(|it| it["kind"] == "Event" && it["event"] == name).count();
    assert!(events("object") > 10 && events("componentReady") >= 1 && events("waiting") >= 1, "{documents:#?}");
    let waiting = documents.iter().find(|it| it["event"] == "waiting").expect("one");
    assert!(waiting["object"].as_str().is_some_and(|object| object.starts_with("Job ")), "{waiting}");
    let error = documents.last().expect("the error");
    assert_eq!((error["code"].as_str(), error["exitCode"].as_u64()), (Some("NL0908"), Some(75)), "{error}");
    assert_eq!(said.stdout, "", "there is no result");

    let done = shell.deploy(&["install", "--output", "json", "--wait=false"]);
    let report: Value = serde_json::from_str(&done.stdout).expect("one document");
    assert_eq!((done.code, report["kind"].as_str()), (Some(0), Some("Installation")), "{report}");
    let quiet = shell.deploy(&["install", "--output", "json", "--wait=false", "--quiet"]);
    assert_eq!((quiet.code, quiet.stderr.as_str()), (Some(0), ""), "{quiet:?}");
}
