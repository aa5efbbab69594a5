//! A corpus of broken configurations, and what convention makes of none.

use std::path::{Path, PathBuf};

use base::diagnosis::{Class, Diagnose, Failure};
use base::layers::merge::{merge, replace};

use super::*;
use crate::document::{Pickup, Trigger, file};

const HEAD: &str = "apiVersion: newleaf.dev/v1alpha1\nkind: Rotation\ndirectory: /etc/newleaf\n";
const PATH: &str = "/etc/newleaf.yaml";

const fn on(host: &str) -> Environment<'_> {
    Environment { host: Some(host), namespace: None }
}

fn directory(configuration: Configuration) -> DirectoryPlace {
    match configuration.place {
        Place::Directory(place) => place,
        Place::Cluster(place) => panic!("a directory was configured, not {place:?}"),
    }
}

fn read(body: &str) -> Result<Configuration, ConfigurationError> {
    let layers = file::parse(Path::new(PATH), &format!("{HEAD}{body}"))?;
    resolve(&layers, on("db.example.org"))
}

/// A layer of flags or variables.
fn given(values: &[(&str, &str, Origin)]) -> Result<Tree, ConfigurationError> {
    let values: Vec<_> = values.iter().map(|(key, text, origin)| (*key, (*text).to_owned(), origin.clone())).collect();
    file::settings(&values)
}

fn consumer(rest: &str) -> String {
    format!("consumers:\n- {{name: postgres, {rest}}}\n")
}

/// Body, code, and what the message must contain: the value, its limits or its place.
type Case = (String, &'static str, &'static str);

fn owned(cases: &[(&str, &'static str, &'static str)]) -> Vec<Case> {
    cases.iter().map(|(body, code, part)| ((*body).to_owned(), *code, *part)).collect()
}

fn corpus() -> Vec<Case> {
    [durations_and_contradictions(), single_values(), shapes(), pickups(), consumer_lists()].concat()
}

fn durations_and_contradictions() -> Vec<Case> {
    owned(&[
        (
            "leaf: {lifetime: 45}",
            "NL0508",
            "leaf.lifetime is \"45\" (file /etc/newleaf.yaml:4:18): a duration needs a unit",
        ),
        ("leaf: {lifetime: 45 days}", "NL0508", "45d, 12h"),
        ("leaf: {backdate: -1h}", "NL0508", "\"-1h\""),
        ("leaf: {lifetime: 99999999999999999999d}", "NL0508", "at most 365000d"),
        ("deadlines: {step: \"\"}", "NL0508", "deadlines.step"),
        ("deadlines: {run: 10m5h}", "NL0508", "longest first"),
        ("leaf: {lifetime: 30d, rotateAfter: 30d}", "NL0509", "leaf.rotateAfter is \"30d\""),
        ("leaf: {rotateAfter: 60d}", "NL0509", "leaf.lifetime is 45d (default)"),
        ("leaf: {rotateAfter: 0s}", "NL0509", "rotateAfter"),
        ("leaf: {lifetime: 9s, rotateAfter: 5s}", "NL0509", "at least 10s"),
        ("leaf: {backdate: 25h}", "NL0509", "must not exceed 1d"),
        ("authority: {lifetime: 100d}", "NL0509", "authority.renewBefore must be shorter"),
        ("authority: {renewBefore: 10d}", "NL0509", "authority.renewBefore is \"10d\""),
        ("authority: {lifetime: 36501d}", "NL0509", "36500d"),
        ("deadlines: {step: 20m}", "NL0509", "not longer than deadlines.run"),
        ("deadlines: {run: 2d}", "NL0509", "1d"),
        ("deadlines: {projection: 20s}", "NL0509", "a directory has no Secrets"),
        ("authority: {certificate: /a.crt}", "NL0509", "authority.key is not given"),
        ("authority: {chain: /a.crt}", "NL0509", "needs authority.certificate"),
        ("authority: {certificate: /a.crt, key: /a.key, lifetime: 10d}", "NL0509", "authority.lifetime is \"10d\""),
        ("authority: {certificate: /a.crt, key: /a.key, name: x}", "NL0509", "an external authority"),
        ("database: {user: postgres}", "NL0509", "database.endpoints"),
        ("server: {files: {owner: postgres, keyMode: \"0640\"}}", "NL0509", "only if root owns it"),
    ])
}

fn single_values() -> Vec<Case> {
    owned(&[
        ("authority: {certificate: ../a.crt, key: /a.key}", "NL0513", "must not contain `..`"),
        ("authority: {certificate: \"\", key: /a.key}", "NL0513", "not empty"),
        ("authority: {algorithm: dsa}", "NL0515", "use one of ecdsa-p256"),
        ("leaf: {algorithm: ECDSA-P256}", "NL0515", "\"ECDSA-P256\""),
        ("server: {files: {keyMode: \"0644\"}}", "NL0511", "at most 0640"),
        ("server: {files: {keyMode: \"0660\"}}", "NL0511", "server.files.keyMode"),
        ("client: {files: {keyMode: \"0000\"}}", "NL0511", "at least 0400"),
        ("client: {files: {keyMode: u=rw}}", "NL0511", "octal"),
        ("client: {files: {certificateMode: \"0666\"}}", "NL0511", "at most 0644"),
        ("client: {files: {certificateMode: \"4644\"}}", "NL0511", "\"4644\""),
        ("server: {names: []}", "NL0122", "at least one name"),
        ("server: {names: [a.example.org, a.example.org]}", "NL0122", "given twice"),
        ("database: {endpoints: [\"127.0.0.1:0\"]}", "NL0512", "1 to 65535"),
        ("database: {endpoints: [\"127.0.0.1:99999\"]}", "NL0512", "127.0.0.1:99999"),
        ("database: {endpoints: [\":5432\"]}", "NL0512", "HOST:PORT"),
        ("database: {endpoints: [a.b, a.b]}", "NL0512", "given twice"),
        ("server: {files: {owner: \"\"}}", "NL0503", "1 to 63 bytes"),
        ("database: {endpoints: [a.b], name: \"\"}", "NL0503", "database.name"),
    ])
}

fn shapes() -> Vec<Case> {
    owned(&[
        ("leef: {}", "NL0502", "/etc/newleaf.yaml:4:1"),
        ("leaf: {lifetime: 40d, lifetime: 41d}", "NL0502", "duplicate"),
        ("leaf: {}\nleaf: {}", "NL0502", "/etc/newleaf.yaml:5:1"),
        (
            "leaf: [20d]",
            "NL0502",
            "/etc/newleaf.yaml:4:7 does not have the documented shape: leaf: expected a map, found a list",
        ),
        ("consumers: [[a, server, restart]]", "NL0502", "consumers[0]: expected a map, found a list"),
        ("leef: {}", "NL0502", "there is no key leef; the nearest is leaf, of apiVersion"),
        ("leaf: [1", "NL0502", "/etc/newleaf.yaml:"),
        ("leaf: {lifetime: [1d]}", "NL0502", "/etc/newleaf.yaml:4:"),
        ("server: {names: a.b}", "NL0502", "/etc/newleaf.yaml:4:"),
        ("consumers: [{name: a}]", "NL0502", "loads"),
    ])
}

fn pickups() -> Vec<Case> {
    [
        ("loads: backup, pickup: restart, command: [x]", "NL0502", "server"),
        ("loads: server, pickup: hope, command: [x]", "NL0502", "reload"),
        ("loads: server, pickup: reload", "NL0510", "needs a trigger"),
        ("loads: server, pickup: reload, signal: true", "NL0510", "needs `pidFile`"),
        ("loads: server, pickup: reload, signal: true, pidFile: run/pid", "NL0510", "absolute path"),
        ("loads: server, pickup: reload, signal: true, pidFile: /run/../pid", "NL0510", "`..`"),
        ("loads: server, pickup: reload, command: [a], database: true", "NL0510", "one trigger"),
        ("loads: server, pickup: reload, database: true", "NL0510", "database.endpoints"),
        ("loads: server, pickup: reload, command: []", "NL0510", "is empty"),
        ("loads: server, pickup: reload, command: [a], fallback: {restart: []}", "NL0510", "fallback.restart"),
        ("loads: client, pickup: restart", "NL0510", "needs `command`"),
        ("loads: client, pickup: restart, command: [\" \"]", "NL0510", "empty text"),
        ("loads: client, pickup: restart, command: [a], signal: true", "NL0510", "belong to `reload`"),
        ("loads: client, pickup: login, command: [a]", "NL0510", "takes nothing else"),
        ("loads: client, pickup: restart, command: [a], speed: fast", "NL0502", "speed"),
    ]
    .map(|(rest, code, part)| (consumer(rest), code, part))
    .to_vec()
}

fn consumer_lists() -> Vec<Case> {
    owned(&[
        ("consumers:\n- {name: ../x, loads: server, pickup: restart, command: [a]}", "NL0510", "1 to 63 letters"),
        ("consumers:\n- {name: .x, loads: server, pickup: restart, command: [a]}", "NL0510", "starts with"),
        (
            "consumers:\n- {name: a, loads: server, pickup: restart, command: [a]}\n- {name: a, loads: client, pickup: restart, command: [a]}",
            "NL0510",
            "used twice",
        ),
        (
            "database: {endpoints: [a.b]}\nconsumers:\n- {name: a, loads: client, pickup: reload, database: true}",
            "NL0510",
            "loads the client's leaf",
        ),
    ])
}

#[test]
fn every_broken_configuration_has_its_code_its_place_and_a_hint() {
    let corpus = corpus();
    assert!(corpus.len() >= 60);
    for (body, code, part) in corpus {
        let error = read(&body).map(|_| ()).expect_err(&body);
        let message = error.to_string();
        assert_eq!(error.code().as_str(), code, "{body}: {message}");
        assert!(message.contains(part), "{body}: {message:?} lacks {part:?}");
        assert!(!message.ends_with('.') && !message.contains('\n'), "{body}: {message:?}");
        let failure = Failure::from(error);
        assert_eq!(failure.class(), Class::Configuration, "{body}");
        assert_eq!(failure.class().exit_code(), 78, "{body}");
        assert!(failure.hint().ends_with('.'), "{body}: {}", failure.hint());
    }
}

#[test]
fn another_version_or_kind_is_not_guessed_at() {
    for text in
        ["apiVersion: newleaf.dev/v1\nkind: Rotation\n", "apiVersion: newleaf.dev/v1alpha1\nkind: Job\n", "", "[]"]
    {
        let error = file::parse(Path::new(PATH), text).map(|_| ()).expect_err(text);
        assert_eq!(error.code().as_str(), "NL0502", "{text}: {error}");
    }
}

#[test]
fn a_directory_is_all_that_is_needed() {
    let nothing = resolve(&Tree::default(), Environment::default());
    assert!(matches!(nothing, Err(ConfigurationError::DirectoryMissing)));
    let layers = given(&[("directory", "here", Origin::Flag("--directory".to_owned()))]).expect("a path");
    let configuration = resolve(&layers, on("db.example.org")).expect("defaults are valid");
    let place = directory(configuration.clone());
    assert_eq!(place.directory, PathBuf::from("here"));
    let names: Vec<_> = configuration.profile.server_names.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["db.example.org", "localhost", "127.0.0.1", "::1"]);
    assert_eq!(configuration.profile.client_name.as_str(), "postgres");
    assert_eq!(configuration.policy.lifetime(), TimeDelta::days(45));
    assert_eq!(place.server_files.key_mode, 0o600);
    assert!(place.consumers.is_empty() && configuration.database.is_none());
}

#[test]
fn a_host_name_that_is_not_qualified_is_not_a_server_name() {
    let layers = given(&[("directory", "/d", Origin::Default)]).expect("a path");
    let configuration = resolve(&layers, on("db")).expect("valid");
    let names: Vec<_> = configuration.profile.server_names.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["localhost", "127.0.0.1", "::1"]);
}

#[test]
fn the_database_role_is_the_clients_name_unless_another_is_given() {
    let configuration = read("client: {name: backstage}\ndatabase: {endpoints: [127.0.0.1]}").expect("valid");
    assert_eq!(configuration.database.expect("a database").user, "backstage");
    let configuration = read("database: {endpoints: [127.0.0.1], user: other}").expect("valid");
    assert_eq!(configuration.database.expect("a database").user, "other");
}

#[test]
fn every_pickup_is_understood() {
    let body = "database: {endpoints: [127.0.0.1]}\nconsumers:\n\
        - {name: a, loads: server, pickup: reload, database: true}\n\
        - {name: b, loads: client, pickup: restart, command: [x, y]}\n\
        - {name: c, loads: client, pickup: login}\n";
    let pickups: Vec<_> =
        directory(read(body).expect("valid")).consumers.into_iter().map(|consumer| consumer.pickup).collect();
    let restart = Pickup::Restart { command: vec!["x".to_owned(), "y".to_owned()] };
    assert_eq!(pickups, [Pickup::Reload { trigger: Trigger::Database, fallback: None }, restart, Pickup::Login]);
}

#[test]
fn a_step_outlasts_the_wait_for_clients_that_log_in_with_what_a_kubelet_brings() {
    let read = |body: &str| {
        let text = format!("apiVersion: newleaf.dev/v1alpha1\nkind: Rotation\nnamespace: n\n{body}");
        resolve(&file::parse(Path::new(PATH), &text).expect("it is well formed"), Environment::default())
    };
    let projection = |body: &str| match read(body).expect("valid").place {
        Place::Cluster(place) => place.projection.as_secs(),
        Place::Directory(place) => panic!("a cluster was configured, not {place:?}"),
    };
    let consumers = "consumers: [{name: scripts, loads: client, pickup: login}]\n";
    assert_eq!(projection(consumers), 150);
    assert_eq!(projection(&format!("{consumers}deadlines: {{projection: 20s, step: 21s}}")), 20);
    assert_eq!(projection("deadlines: {step: 1m}"), 150, "newleaf waits for no consumer");
    let error = read(&format!("{consumers}deadlines: {{step: 150s}}")).expect_err("the wait would never end");
    assert_eq!(error.code(), Code::ValuesContradict, "{error}");
}

#[test]
fn flags_stand_above_the_file_value_by_value() {
    let file = file::parse(
        Path::new("/etc/newleaf/newleaf.yaml"),
        &format!("{HEAD}leaf: {{lifetime: 20d, rotateAfter: 10d}}\nauthority: {{certificate: ca.crt, key: ca.key}}\n"),
    )
    .expect("valid");
    let flags = given(&[
        ("leaf.lifetime", "40d", Origin::Flag("--set leaf.lifetime".to_owned())),
        ("server.names", "a.example.org, 10.0.0.1", Origin::Variable("X".to_owned())),
    ]);
    let layers = merge(file, flags.expect("a text and a list"), &replace);
    let configuration = resolve(&layers, Environment::default()).expect("valid");
    assert_eq!(configuration.policy.lifetime(), TimeDelta::days(40));
    assert_eq!(configuration.policy.rotate_after(), TimeDelta::days(10));
    assert_eq!(configuration.profile.server_names.len(), 2);
    let external = directory(configuration).external_authority.expect("an authority in files");
    assert_eq!(external.certificate, PathBuf::from("/etc/newleaf/ca.crt"), "relative to the file");
}

#[test]
fn errors_tell_flag_and_variable_from_file() {
    let variable = Origin::Variable("NEWLEAF_LEAF_LIFETIME".to_owned());
    let flags = given(&[("directory", "/d", Origin::Default), ("leaf.lifetime", "5", variable)]).expect("texts");
    let error = resolve(&flags, Environment::default()).expect_err("a bare number");
    assert!(error.to_string().contains("(variable NEWLEAF_LEAF_LIFETIME)"), "{error}");
    let origin = Origin::Flag("--set consumers".to_owned());
    let flags = given(&[("consumers", "[{name: a, loads: x}]", origin.clone())]).expect("a list");
    let error = resolve(&flags, Environment::default()).expect_err("no such peer");
    let start = "flag --set consumers does not have the documented shape: consumers[0].loads: unknown value \"x\"";
    assert!(error.to_string().starts_with(start), "{error}");
    let error = given(&[("consumers", "[{name: a", origin)]).expect_err("no YAML");
    assert!(error.to_string().contains("consumers: line 1, column "), "{error}");
}

#[test]
fn the_documented_example_is_valid_and_every_key_is_in_the_schema() {
    let configuration = read(
        "authority: {name: newleaf, algorithm: ecdsa-p256, lifetime: 3650d, renewBefore: 180d}\n\
         leaf: {lifetime: 45d, rotateAfter: 30d, backdate: 1h, algorithm: ecdsa-p256}\n\
         server: {names: [db.example.org, 127.0.0.1], files: {owner: postgres, group: postgres, keyMode: 0600}}\n\
         client: {name: postgres, files: {certificateMode: \"0644\"}}\n\
         consumers:\n\
         - {name: postgres, loads: server, pickup: reload, signal: true, pidFile: /run/pg.pid, fallback: {restart: [systemctl, restart, postgresql]}}\n\
         - {name: backstage, loads: client, pickup: restart, command: [systemctl, restart, backstage]}\n\
         database: {endpoints: [\"127.0.0.1:5432\"], user: postgres, name: postgres, serverName: db.example.org}\n\
         deadlines: {step: 3m, run: 10m}\n",
    )
    .expect("the example is valid");
    let place = directory(configuration);
    assert_eq!(place.consumers.len(), 2);
    assert_eq!(place.server_files.key_mode, 0o600);
    let schema = serde_json::to_string(&crate::document::shape::schema()).expect("a schema is JSON");
    for key in KEYS {
        let word = key.path.rsplit('.').next().expect("a path has an end");
        assert!(schema.contains(&format!("\"{word}\"")), "{word}");
    }
}
