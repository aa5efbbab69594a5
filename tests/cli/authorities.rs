//! Authorities as people have them, good and broken, made by openssl: what the process says, and that it writes nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Place, Ran};

/// A folder of files that openssl makes.
struct Files(PathBuf);

impl Files {
    fn of(place: &Place) -> Self {
        Self(place.outer.path().to_path_buf())
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.0.join(name), bytes).expect("it can be written");
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.0.join(name)).expect("openssl has written it")
    }

    fn openssl(&self, arguments: &[&str]) {
        let made = Command::new("openssl").args(arguments).current_dir(&self.0).output().expect("openssl starts");
        assert!(made.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&made.stderr));
    }

    /// A self-signed certificate with its key, both in a name's files.
    fn certificate(&self, name: &str, extensions: &[&str]) {
        let (key, certificate) = (format!("{name}.key"), format!("{name}.crt"));
        let mut arguments = vec!["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
        arguments.extend(["-nodes", "-subj", "/O=Example/CN=Example authority", "-days", "900"]);
        arguments.extend(["-config", "minimal.cnf", "-keyout", key.as_str(), "-out", certificate.as_str()]);
        arguments.extend(extensions.iter().flat_map(|extension| ["-addext", extension]));
        self.openssl(&arguments);
    }
}

const AUTHORITY: [&str; 3] =
    ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign", "subjectKeyIdentifier=hash"];

fn prepared(place: &Place) -> Files {
    let files = Files::of(place);
    files.write("minimal.cnf", b"[req]\ndistinguished_name = name\n[name]\n");
    files.certificate("good", &AUTHORITY);
    files.certificate("other", &AUTHORITY);
    files.certificate("leaf", &["basicConstraints=critical,CA:FALSE", "subjectKeyIdentifier=hash"]);
    files.certificate("crl", &["basicConstraints=critical,CA:TRUE", "keyUsage=critical,cRLSign", AUTHORITY[2]]);
    files.openssl(&["pkcs8", "-topk8", "-in", "good.key", "-out", "encrypted.key", "-passout", "pass:secret"]);
    files.openssl(&["x509", "-in", "good.crt", "-outform", "DER", "-out", "der.crt"]);
    let good = files.read("good.crt");
    files.write("empty", b"");
    files.write("cut.crt", good.split_at(good.len() / 2).0);
    files.write("large.crt", &good.repeat(2000));
    files.write("twice.crt", &good.repeat(2));
    files.write("keys.key", &files.read("good.key").repeat(2));
    files
}

fn bootstrap(place: &Place, certificate: &str, key: &str) -> Ran {
    place.run(&[
        "bootstrap",
        "--set",
        &format!("authority.certificate={certificate}"),
        "--set",
        &format!("authority.key={key}"),
    ])
}

#[test]
fn a_broken_authority_is_refused_by_code_file_and_hint_and_nothing_is_written() {
    let place = Place::empty();
    let files = prepared(&place);
    let cases = [
        ("good.crt", "encrypted.key", "NL0104", "encrypted.key"),
        ("good.crt", "other.key", "NL0111", "good.crt"),
        ("good.crt", "empty", "NL0124", "empty"),
        ("good.crt", "good.crt", "NL0102", "good.crt"),
        ("good.crt", "keys.key", "NL0107", "keys.key"),
        ("leaf.crt", "leaf.key", "NL0112", "leaf.crt"),
        ("crl.crt", "crl.key", "NL0113", "crl.crt"),
        ("der.crt", "good.key", "NL0102", "der.crt"),
        ("empty", "good.key", "NL0102", "empty"),
        ("cut.crt", "good.key", "NL0103", "cut.crt"),
        ("large.crt", "good.key", "NL0101", "large.crt"),
        ("twice.crt", "good.key", "NL0109", "twice.crt"),
        ("good.key", "good.key", "NL0102", "good.key"),
    ];
    for (certificate, key, code, culprit) in cases {
        let refused = bootstrap(&place, &files.path(certificate), &files.path(key));
        let context = format!("{certificate} with {key}: {refused:?}");
        assert_eq!(refused.code, Some(4), "{context}");
        assert!(refused.stderr.starts_with(&format!("error[{code}]: ")), "{context}");
        assert!(refused.stderr.contains(&files.path(culprit)), "it names the file: {context}");
        assert!(refused.stderr.contains("  hint: "), "{context}");
        for object in ["authority", "server", "client"] {
            assert!(!Path::new(&place.directory).join(object).exists(), "{context}");
        }
    }
}

#[test]
fn a_good_authority_is_taken_with_its_key_in_any_form() {
    let place = Place::empty();
    let files = prepared(&place);
    files.openssl(&["ec", "-in", "good.key", "-out", "sec1.key"]);
    let crlf = String::from_utf8(files.read("good.crt")).expect("PEM is text").replace('\n', "\r\n");
    files.write("crlf.crt", format!("subject=Example\r\n{}", crlf.trim_end()).as_bytes());
    for (certificate, key) in [("good.crt", "good.key"), ("good.crt", "sec1.key"), ("crlf.crt", "sec1.key")] {
        let place = Place::empty();
        let made = bootstrap(&place, &files.path(certificate), &files.path(key));
        assert_eq!(made.code, Some(0), "{certificate} with {key}: {made:?}");
        let bundle = fs::read(Path::new(&place.directory).join("server/ca.crt")).expect("there is a bundle");
        assert_eq!(bundle, files.read("good.crt"), "{certificate}: the bundle is the authority's certificate");
    }
}

#[test]
fn an_authority_that_only_strict_verifiers_refuse_is_taken_and_every_command_says_who_objects() {
    let place = Place::empty();
    let files = prepared(&place);
    // As `openssl req -x509` makes it, and as the manual of PostgreSQL does.
    files.certificate("plain", &["basicConstraints=critical,CA:TRUE", "subjectKeyIdentifier=hash"]);
    let made = bootstrap(&place, &files.path("plain.crt"), &files.path("plain.key"));
    assert_eq!(made.code, Some(0), "{made:?}");
    let objection = "has no keyUsage extension: PostgreSQL, libpq and Node accept it; strict verifiers do not";
    assert!(made.stdout.contains("warning: authority 0: /O=Example/CN=Example authority"), "{made:?}");
    let (certificate, key) = (files.path("plain.crt"), files.path("plain.key"));
    let authority =
        ["--set", &format!("authority.certificate={certificate}"), "--set", &format!("authority.key={key}")];
    let run = |arguments: &[&str]| place.run(&[arguments, &authority].concat());
    for arguments in [&["status", "--exit-code"][..], &["plan", "--exit-code"], &["rotate"]] {
        let said = run(arguments);
        assert_eq!(said.code, Some(0), "a warning is no change that is pending: {said:?}");
        assert!(said.stdout.contains(objection) && said.stdout.contains("openssl verify -x509_strict"), "{said:?}");
    }
    let said = run(&["status", "-o", "json"]);
    let status: serde_json::Value = serde_json::from_str(&said.stdout).expect("JSON");
    let warning = &status["facts"]["authorities"]["present"][0]["warnings"][0];
    assert_eq!(warning["kind"], "strictVerifiers", "{said:?}");
    assert!(status["findings"].to_string().contains("StrictVerifiersRefuse"), "{said:?}");
}

#[test]
fn an_authority_of_ed25519_warns_of_password_logins() {
    let place = Place::empty();
    let made = place.run(&["bootstrap", "--set", "authority.algorithm=ed25519"]);
    assert_eq!(made.code, Some(0), "{made:?}");
    assert!(made.stdout.contains("libpq cannot log in with a password"), "{made:?}");
    let said = place.run(&["status", "--set", "authority.algorithm=ed25519"]);
    assert!(said.stdout.contains("PasswordLoginsFail"), "{said:?}");
}

#[test]
fn a_single_label_is_a_name_for_those_who_ask_for_it_with_a_note() {
    let place = Place::empty();
    let made = place.run(&["bootstrap", "--set", "server.names=db,localhost"]);
    assert_eq!(made.code, Some(0), "{made:?}");
    assert!(made.stdout.contains("warning: server's leaf: its name db is not fully qualified"), "{made:?}");
    assert!(!made.stdout.contains("its name localhost"), "localhost means the same everywhere: {made:?}");
    for refused in ["*.pg.example.org", "db_1.example.org"] {
        let said = place.run(&["bootstrap", "--set", &format!("server.names={refused}")]);
        assert_eq!(said.code, Some(78), "{said:?}");
        assert!(said.stderr.contains("NL0122"), "{said:?}");
    }
}

#[test]
fn the_default_leaf_of_a_host_names_localhost() {
    let place = Place::empty();
    let made = place.run(&["bootstrap"]);
    assert_eq!(made.code, Some(0), "{made:?}");
    let leaf = Path::new(&place.directory).join("server/tls.crt").display().to_string();
    let shown = Command::new("openssl").args(["x509", "-in", &leaf, "-noout", "-ext", "subjectAltName"]).output();
    let shown = String::from_utf8_lossy(&shown.expect("openssl starts").stdout).into_owned();
    assert!(shown.contains("DNS:localhost") && shown.contains("IP Address:127.0.0.1"), "{shown}");
}

#[test]
fn what_openssl_would_refuse_is_refused_before_anything_is_written() {
    let place = Place::empty();
    let files = prepared(&place);
    let constrained = [&AUTHORITY[..], &["nameConstraints=critical,permitted;DNS:example.org"]].concat();
    files.certificate("constrained", &constrained);
    files.certificate("self", &[&AUTHORITY[..], &["2.5.29.35=DER:30:06:80:04:01:02:03:04"]].concat());
    let names = ["--set", "server.names=db.example.org"];
    let tried = |name: &str, role: &str| {
        let (certificate, key) = (files.path(&format!("{name}.crt")), files.path(&format!("{name}.key")));
        let authority = [
            "--set",
            &format!("authority.certificate={certificate}"),
            "--set",
            &format!("authority.key={key}"),
            "--set",
            &format!("client.name={role}"),
        ];
        place.run(&[&["bootstrap"], &names[..], &authority[..]].concat())
    };
    for (name, role, code, reason) in [
        ("constrained", "svc.backstage", "NL0118", "permitted;DNS:example.org (the name svc.backstage)"),
        ("self", "postgres", "NL0117", "names another subject key identifier"),
    ] {
        let refused = tried(name, role);
        assert_eq!(refused.code, Some(4), "{refused:?}");
        assert!(refused.stderr.contains(&format!("error[{code}]: ")) && refused.stderr.contains(reason), "{refused:?}");
        for object in ["authority", "server", "client"] {
            assert!(!Path::new(&place.directory).join(object).exists(), "{name}: {object}");
        }
    }
    assert_eq!(tried("constrained", "backstage").code, Some(0), "a role without a dot is no host name");
}
