//! Configuration as the process meets it: files, variables, flags.

use std::fs;

use crate::support::{Place, json, newleaf, ran};

#[test]
fn a_wrong_configuration_ends_with_78_and_tells_code_place_and_hint() {
    let cases = [
        ("leaf: {lifetime: 45}", "NL0508", "newleaf.yaml:3:18"),
        ("leaf: {rotateAfter: 50d}", "NL0509", "leaf.lifetime is 45d (default)"),
        ("leaves: {}", "NL0502", "newleaf.yaml:3:1"),
        ("consumers: [{name: a, loads: server, pickup: reload}]", "NL0510", "needs a trigger"),
        ("server: {files: {keyMode: \"0644\"}}", "NL0511", "at most 0640"),
        ("server: {names: [db_1.example.org]}", "NL0122", "'_' is not allowed"),
        ("server: {files: {owner: nobody-of-this-name}}", "NL0305", "nobody-of-this-name"),
    ];
    for (body, code, part) in cases {
        let place = Place::empty();
        place.configure(body);
        let refused = place.run(&["bootstrap"]);
        assert_eq!(refused.code, Some(78), "{body}: {refused:?}");
        assert!(refused.stdout.is_empty(), "{body}");
        assert!(refused.stderr.starts_with(&format!("error[{code}]: ")), "{body}: {}", refused.stderr);
        assert!(refused.stderr.contains(part) && refused.stderr.contains("  hint: "), "{body}: {}", refused.stderr);
        assert_eq!(place.content().len(), 1, "{body}: nothing but the file is there");
    }
}

#[test]
fn machines_get_the_error_as_one_line_of_json() {
    let place = Place::empty();
    place.configure("leaf: {lifetime: 45}");
    let refused = place.run(&["status", "-o", "json"]);
    let error: serde_json::Value = serde_json::from_str(&refused.stderr).expect("one JSON document");
    assert_eq!(error["apiVersion"], "newleaf.dev/v1alpha1");
    assert_eq!(error["kind"], "Error");
    assert_eq!(error["code"], "NL0508");
    assert_eq!(error["exitCode"], 78);
    assert!(refused.stdout.is_empty());
}

#[test]
fn variables_stand_above_the_file_and_flags_above_variables() {
    let place = Place::empty();
    place.configure("leaf: {lifetime: 20d, rotateAfter: 10d}");
    let days = |arguments: &[&str], variable: Option<&str>| {
        let mut command = place.command(arguments);
        command.envs(variable.map(|value| ("NEWLEAF_LEAF_LIFETIME", value)));
        ran(command)
    };
    let refused = days(&["status", "--set", "leaf.lifetime=7"], Some("8"));
    assert!(refused.stderr.contains("\"7\" (flag --set leaf.lifetime)"), "{}", refused.stderr);
    let refused = days(&["status"], Some("8"));
    assert!(refused.stderr.contains("\"8\" (variable NEWLEAF_LEAF_LIFETIME)"), "{}", refused.stderr);
    let unset = days(&["status"], Some(""));
    assert_eq!(unset.code, Some(0), "an empty variable is none: {unset:?}");
}

#[test]
fn config_shows_what_is_in_effect_and_where_it_comes_from() {
    let place = Place::empty();
    place.configure("leaf: {lifetime: 40d}\nconsumers:\n- {name: web, loads: client, pickup: login}");
    let mut command = place.command(&["config", "-o", "json", "--set", "server.names=db.example.org,10.0.0.5"]);
    command.env("NEWLEAF_DEADLINES_STEP", "2m");
    let shown = json(&ran(command));
    let of = |key: &str| {
        let values = shown["values"].as_array().expect("a list");
        let found = values.iter().find(|value| value["key"] == key).unwrap_or_else(|| panic!("{key} is shown"));
        (found["value"].clone(), found["origin"].as_str().expect("a text").to_owned())
    };
    let file = format!("file {}/newleaf.yaml", place.directory);
    assert_eq!(of("leaf.lifetime").0, "40d");
    assert!(of("leaf.lifetime").1.starts_with(&file), "{:?}", of("leaf.lifetime"));
    assert_eq!(of("leaf.rotateAfter"), ("30d".into(), "default".to_owned()));
    assert_eq!(of("deadlines.step"), ("2m".into(), "variable NEWLEAF_DEADLINES_STEP".to_owned()));
    let names = serde_json::json!(["db.example.org", "10.0.0.5"]);
    assert_eq!(of("server.names"), (names, "flag --set server.names".to_owned()));
    assert_eq!(of("consumers").0, serde_json::json!(["web"]));
    let shown = shown.to_string();
    assert!(!shown.contains("server.secret"), "keys of clusters have no meaning here: {shown}");
    let wrong = place.run(&["config", "--set", "leaf.lifetime=1x"]);
    assert_eq!((wrong.code, wrong.stdout.as_str()), (Some(78), ""), "what cannot be used is refused");
}

#[test]
fn without_a_directory_nothing_is_guessed() {
    let refused = ran(newleaf(&["status"]));
    assert_eq!(refused.code, Some(78));
    assert!(refused.stderr.contains("error[NL0514]") && refused.stderr.contains("--directory"), "{}", refused.stderr);
    let place = Place::bootstrapped();
    let mut command = newleaf(&["status"]);
    command.env("NEWLEAF_DIRECTORY", &place.directory);
    assert_eq!(ran(command).code, Some(0));
}

#[test]
fn a_named_file_must_be_there() {
    let place = Place::empty();
    let missing = place.run(&["status", "--config", "/nonexistent/newleaf.yaml"]);
    assert_eq!(missing.code, Some(78));
    assert!(missing.stderr.contains("error[NL0501]"), "{}", missing.stderr);
    let elsewhere = place.outer.path().join("other.yaml");
    let text = format!("apiVersion: newleaf.dev/v1alpha1\nkind: Rotation\ndirectory: {}\n", place.directory);
    fs::write(&elsewhere, text).expect("it can be written");
    let bootstrap = ran(newleaf(&["bootstrap", "--config", &elsewhere.display().to_string()]));
    assert_eq!(bootstrap.code, Some(0), "{bootstrap:?}");
    assert!(place.read("server/tls.crt").starts_with("-----BEGIN CERTIFICATE-----"));
}

#[test]
fn the_configurations_of_the_readme_and_the_guides_are_accepted() {
    let root = project::root();
    let guides = fs::read_dir(root.join("docs/guides")).expect("the guides are there");
    let guides = guides.map(|entry| entry.expect("a readable entry").path());
    let mut seen = 0;
    for path in guides.chain([root.join("README.md")]) {
        let text = fs::read_to_string(&path).expect("a page is text");
        for block in text.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()) {
            if !["authority:", "server:", "consumers:", "apiVersion:"].iter().any(|key| block.starts_with(key)) {
                continue;
            }
            seen += 1;
            let place = Place::empty();
            let header = "apiVersion: newleaf.dev/v1alpha1\nkind: Rotation\n";
            let body = block.strip_prefix(header).unwrap_or(block);
            let ran = if body.lines().any(|line| line.starts_with("namespace:")) {
                let file = place.outer.path().join("cluster.yaml");
                fs::write(&file, format!("{header}{body}")).expect("it can be written");
                ran(newleaf(&["manifests", "--config", &file.display().to_string()]))
            } else {
                place.configure(body);
                place.run(&["status"])
            };
            // The authority of the example is not on this machine; everything else must get past the configuration.
            let passes = ran.code != Some(78) && ran.code != Some(2);
            assert!(passes, "{}:\n{block}\n{}", path.display(), ran.stderr);
        }
    }
    assert!(seen >= 3, "only {seen} configurations found: the test looks in the wrong place");
}
