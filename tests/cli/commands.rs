//! What the commands do to a directory, and what they say.

use std::fs;
use std::io::Read;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::{NOBODY, Place, binary, json, ran};

#[test]
fn bootstrap_makes_everything_once_and_says_what_to_configure() {
    let place = Place::empty();
    let first = place.run(&["bootstrap"]);
    assert_eq!(first.code, Some(0), "{first:?}");
    for line in
        ["ssl = on", "/server/tls.key'", "clientcert=verify-full", "sslmode=verify-full", "next: configure PostgreSQL"]
    {
        assert!(first.stdout.contains(line), "{line}: {}", first.stdout);
    }
    let before = place.content();
    let second = place.run(&["bootstrap", "-o", "json"]);
    assert_eq!(second.code, Some(0), "{second:?}");
    assert_eq!(json(&second)["steps"], Value::Array(Vec::new()));
    assert!(place.content() == before, "the second run changes nothing");
}

#[test]
fn plan_and_status_and_verify_write_nothing() {
    let place = Place::bootstrapped();
    let before = place.content();
    for arguments in [&["plan"][..], &["plan", "--now"], &["plan", "--now", "--authority"], &["status"], &["verify"]] {
        let ran = place.run(arguments);
        assert_eq!(ran.code, Some(0), "{arguments:?}: {ran:?}");
        assert!(place.content() == before, "{arguments:?}");
    }
    let empty = Place::empty();
    fs::create_dir(&empty.directory).expect("it can be made");
    assert_eq!(empty.run(&["plan"]).code, Some(0));
    assert!(empty.content().is_empty(), "looking makes nothing");
}

#[test]
fn a_forced_rotation_is_done_once_for_each_identity() {
    let place = Place::bootstrapped();
    let old = place.read("server/tls.crt");
    let first = place.run(&["rotate", "--now", "--id", "TICKET-17", "-o", "json"]);
    let new = place.read("server/tls.crt");
    assert_eq!(first.code, Some(0), "{first:?}");
    assert_eq!(json(&first)["force"]["id"], "TICKET-17");
    assert_ne!(old, new);
    let again = place.run(&["rotate", "--now", "--id", "TICKET-17", "-o", "json"]);
    assert_eq!(json(&again)["steps"], Value::Array(Vec::new()));
    assert_eq!(place.read("server/tls.crt"), new);
    let other = place.run(&["rotate", "--now"]);
    let retry = format!("To retry without rotating twice: newleaf rotate --now -d {} --id ", place.directory);
    assert!(other.stderr.contains(&retry), "{}", other.stderr);
    assert_ne!(place.read("server/tls.crt"), new);
}

#[test]
fn exit_code_3_tells_who_asks_that_something_is_to_be_done() {
    let place = Place::bootstrapped();
    assert_eq!(place.run(&["plan", "--exit-code"]).code, Some(0));
    assert_eq!(place.run(&["status", "--exit-code"]).code, Some(0));
    assert_eq!(place.run(&["plan", "--exit-code", "--now"]).code, Some(3));
    let drift = ["status", "--exit-code", "--set", "server.names=db.example.org"];
    assert_eq!(place.run(&drift).code, Some(3));
    assert_eq!(place.run(&drift[..1]).code, Some(0), "without --exit-code it is only shown");
}

#[test]
fn output_for_machines_has_a_version_and_a_kind() {
    let place = Place::bootstrapped();
    let cases: [(&[&str], &str, &str); 4] = [
        (&["status"], "Status", "facts"),
        (&["plan"], "Plan", "steps"),
        (&["verify"], "Verification", "proofs"),
        (&["rotate"], "RotationOutcome", "leaves"),
    ];
    for (arguments, kind, field) in cases {
        let document = json(&place.run(&[arguments, &["-o", "json"]].concat()));
        assert_eq!(document["apiVersion"], "newleaf.dev/v1alpha1", "{kind}");
        assert_eq!(document["kind"], kind);
        assert!(!document[field].is_null(), "{kind}: {document}");
        let yaml = place.run(&[arguments, &["-o", "yaml"]].concat()).stdout;
        assert!(yaml.contains(&format!("kind: {kind}\n")) && yaml.contains(&format!("{field}:")), "{yaml}");
    }
}

#[test]
fn progress_is_json_lines_for_machines_and_nothing_when_quiet() {
    let place = Place::empty();
    let bootstrap = place.run(&["bootstrap", "-o", "json"]);
    let events: Vec<Value> =
        bootstrap.stderr.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect();
    assert!(events.iter().any(|event| event["event"] == "stepFinished"), "{events:?}");
    let quiet = place.run(&["rotate", "--now", "-q"]);
    assert_eq!((quiet.code, quiet.stderr.as_str()), (Some(0), ""));
    let plain = place.run(&["rotate", "--now"]);
    assert!(plain.stderr.contains("ok 1 issue the server's leaf"), "{}", plain.stderr);
    assert!(!plain.stderr.contains('\r') && !plain.stdout.contains('\u{1b}'), "no terminal, no control characters");
}

#[test]
fn status_draws_a_bar_for_each_certificate() {
    let place = Place::bootstrapped();
    let ascii = place.run(&["status"]).stdout;
    let bars = |text: &str, begin: char, end: char| {
        text.lines()
            .filter(|line| line.contains('─') || line.contains("--"))
            .filter(|line| {
                line.trim_end().ends_with(end) && (line.contains(begin) || line.contains('o') || line.contains('●'))
            })
            .count()
    };
    assert_eq!(bars(&ascii, '[', ']'), 3, "{ascii}");
    assert!(ascii.is_ascii());
    let mut command = place.command(&["status"]);
    command.env("LANG", "C.UTF-8");
    let unicode = ran(command).stdout;
    assert_eq!(bars(&unicode, '├', '┤'), 3, "{unicode}");
}

#[test]
fn a_rollover_without_a_database_to_observe_it_is_refused() {
    let place = Place::bootstrapped();
    let refused = place.run(&["rotate", "--now", "--authority"]);
    assert_eq!(refused.code, Some(4), "{refused:?}");
    assert!(refused.stderr.contains("error[NL0214]") && refused.stderr.contains("  hint: "), "{}", refused.stderr);
    place.configure(
        "consumers:\n- {name: server, loads: server, pickup: reload, command: [/bin/true]}\n\
         - {name: client, loads: client, pickup: login}\n",
    );
    let blind = place.run(&["rotate", "--now", "--authority"]);
    assert_eq!(blind.code, Some(4), "{blind:?}");
    assert!(blind.stderr.contains("error[NL0214]") && blind.stderr.contains("no database"), "{}", blind.stderr);
    let authorities = json(&place.run(&["status", "-o", "json"]))["facts"]["authorities"]["present"].clone();
    assert_eq!(authorities.as_array().map(Vec::len), Some(1), "nothing was written: {authorities}");
}

#[test]
fn a_rollover_with_named_consumers_replaces_the_authority_and_both_leaves() {
    let place = Place::empty();
    place.configure(
        "consumers:\n- {name: server, loads: server, pickup: login}\n- {name: client, loads: client, pickup: login}\n",
    );
    assert_eq!(place.run(&["bootstrap"]).code, Some(0));
    let authorities = |place: &Place| json(&place.run(&["status", "-o", "json"]))["facts"]["authorities"].clone();
    let before = authorities(&place);
    let rollover = place.run(&["rotate", "--now", "--authority", "--id", "roll"]);
    assert_eq!(rollover.code, Some(0), "{rollover:?}");
    let after = authorities(&place);
    assert_eq!(after["present"].as_array().map(Vec::len), Some(1), "{after}");
    assert_ne!(before["present"][0]["fingerprint"], after["present"][0]["fingerprint"]);
    assert_eq!(place.run(&["verify"]).code, Some(0));
}

#[test]
fn a_directory_that_is_none_is_refused_and_a_missing_authority_is_told() {
    let place = Place::empty();
    fs::write(&place.directory, "a file").expect("it can be written");
    let refused = place.run(&["bootstrap"]);
    assert_eq!(refused.code, Some(4), "{refused:?}");
    assert!(refused.stderr.contains("error[NL0301]"), "{}", refused.stderr);
    let place = Place::empty();
    fs::create_dir(&place.directory).expect("it can be made");
    let missing = place.run(&["rotate"]);
    assert_eq!(missing.code, Some(4), "{missing:?}");
    assert!(missing.stderr.contains("error[NL0201]") && missing.stderr.contains("newleaf bootstrap"), "{missing:?}");
    assert!(place.content().is_empty(), "nothing is made");
}

#[test]
fn permission_denied_ends_with_77() {
    if !nix::unistd::geteuid().is_root() {
        return assert_eq!(Place::empty().run(&["bootstrap", "-d", "/proc/newleaf"]).code, Some(77));
    }
    // The binary is copied to where another user may start it.
    let place = Place::empty();
    let open = |path: &Path| fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("ours");
    open(place.outer.path());
    let binary = place.outer.path().join("binary");
    fs::copy(project::program(), &binary).expect("it can be copied");
    open(&binary);
    let mut command = Command::new(&binary);
    command.env_clear().args(["bootstrap", "-d", &place.directory]).uid(NOBODY).gid(NOBODY);
    let denied = ran(command);
    assert_eq!(denied.code, Some(77), "{denied:?}");
    assert!(denied.stderr.contains("error[NL0304]") && denied.stderr.contains("Permission denied"), "{denied:?}");
    chown(place.outer.path(), Some(NOBODY), Some(NOBODY)).expect("we are root");
    let mut command = Command::new(&binary);
    command.env_clear().args(["bootstrap", "-d", &place.directory]).uid(NOBODY).gid(NOBODY);
    assert_eq!(ran(command).code, Some(0), "the owner may");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = crate::support::newleaf(&["completion", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    drop(child.stdout.take());
    let mut stderr = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut stderr).expect("UTF-8");
    assert_eq!((child.wait().expect("it ends").code(), stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_strict_umask_does_not_lock_the_database_out_of_its_leaf() {
    let place = Place::empty();
    let binary = binary();
    let script = format!("umask 077 && exec {binary} bootstrap -d {}", place.directory);
    let mut shell = Command::new("sh");
    shell.env_clear().args(["-c", &script]);
    let bootstrapped = ran(shell);
    assert_eq!(bootstrapped.code, Some(0), "{bootstrapped:?}");
    let mode = |path: &str| {
        let metadata = fs::metadata(Path::new(&place.directory).join(path)).expect("it is there");
        metadata.permissions().mode() & 0o777
    };
    assert_eq!([mode(""), mode(".generations"), mode("server"), mode("server/tls.crt")], [0o755, 0o755, 0o755, 0o644]);
    assert_eq!([mode("authority"), mode("server/tls.key"), mode("client/tls.key")], [0o700, 0o600, 0o600]);
}
