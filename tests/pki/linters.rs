//! pkilint and zlint on what is issued: no finding at WARNING or worse.
//!
//! Both are asked for the rules of RFC 5280 and its companions only. The rules of the CA/Browser Forum are for public
//! authorities: they want revocation and issuer URLs and forbid internal names, which are what this is about.

use std::path::{Path, PathBuf};
use std::process::Command;

use rotation::pki::algorithm::KeyAlgorithm;
use rotation::pki::leaf::LeafProfile;

use crate::skip::skip;
use crate::support::{AUTHORITY, P256, Workshop, authority, client, leaf, name, server};
use crate::tools::tool;

/// A linter: its folder, and said so where it is absent.
fn linter(name: &str) -> Option<PathBuf> {
    tool(name).inspect_err(|why| skip(name, why)).ok()
}

/// An authority of each algorithm and a leaf of each kind, as PEM files.
fn issued(workshop: &Workshop) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for algorithm in KeyAlgorithm::ALL {
        let authority = authority(algorithm, &format!("newleaf {algorithm}"));
        files.push(workshop.write(&format!("authority-{algorithm}.pem"), authority.to_pem()));
        for (profile, usage) in [(server(), "server"), (client(), "client")] {
            let (leaf, _) = leaf(&authority, profile, algorithm).expect("a leaf");
            files.push(workshop.write(&format!("{usage}-{algorithm}.pem"), leaf.to_pem()));
        }
    }
    files
}

/// What pkilint finds at WARNING or worse.
fn pkilint(folder: &Path, file: &Path) -> String {
    let mut command = Command::new(folder.join("bin/python"));
    command.arg(folder.join("bin/lint_pkix_cert")).args(["lint", "-s", "WARNING"]).arg(file);
    let output = command.output().expect("pkilint runs");
    let printed = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).trim().to_owned();
    assert_eq!(output.status.success(), printed.is_empty(), "{}: {printed}", file.display());
    printed
}

/// The rules that zlint finds broken, warnings included.
fn zlint(folder: &Path, file: &Path) -> Vec<String> {
    let sources = ["-excludeSources", "CABF_BR,CABF_EV,CABF_SMIME_BR,Apple,Mozilla,ETSI_ESI", "-pretty=false"];
    let output = Command::new(folder.join("zlint")).args(sources).arg(file).output().expect("zlint runs");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    let verdicts: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{error}"));
    let verdicts = verdicts.as_object().expect("zlint prints an object");
    let with = |result: &str| verdicts.iter().filter(|(_, verdict)| verdict["result"] == result).count();
    assert!(with("pass") > 20, "{}: hardly any rule was applied", file.display());
    let broken = verdicts
        .iter()
        .filter(|(_, verdict)| matches!(verdict["result"].as_str().unwrap_or_default(), "warn" | "error" | "fatal"));
    broken.map(|(rule, _)| rule.clone()).collect()
}

/// A certificate in which every linter must find something: its serial number is negative.
fn faulty(workshop: &Workshop) -> PathBuf {
    workshop.key("faulty", &P256);
    workshop.root("faulty", "faulty", "/CN=faulty", AUTHORITY, &["-set_serial", "-5"]);
    workshop.path("faulty.crt")
}

#[test]
fn pkilint_finds_nothing() {
    let Some(folder) = linter("pkilint") else { return };
    let workshop = Workshop::new();
    assert!(pkilint(&folder, &faulty(&workshop)).contains("serial"), "pkilint is at work");
    for file in issued(&workshop) {
        assert_eq!(pkilint(&folder, &file), "", "{}", file.display());
    }
}

/// A leaf of a host that names itself as it does by default, one for the services of a compose file, and the single labels in each.
fn unqualified(workshop: &Workshop) -> [(PathBuf, &'static [&'static str]); 2] {
    let authority = authority(KeyAlgorithm::EcdsaP256, "newleaf names");
    let leaf = |file: &str, names: &[&str]| {
        let names: Vec<_> = names.iter().map(|text| name(text)).collect();
        let (leaf, _) = leaf(&authority, LeafProfile::server(&names), KeyAlgorithm::EcdsaP256).expect("a leaf");
        workshop.write(file, leaf.to_pem())
    };
    [
        (leaf("host.pem", &["db.example.org", "localhost", "127.0.0.1", "::1"]), &["localhost"]),
        (leaf("compose.pem", &["db", "postgres", "db.example.org"]), &["db", "postgres"]),
    ]
}

#[test]
fn pkilint_objects_to_each_single_label_and_to_nothing_else_and_zlint_to_none() {
    let (Some(pkilint_folder), Some(zlint_folder)) = (linter("pkilint"), linter("zlint")) else { return };
    let workshop = Workshop::new();
    for (file, labels) in unqualified(&workshop) {
        let printed = pkilint(&pkilint_folder, &file);
        let findings: Vec<&str> = printed.lines().map(str::trim).filter(|line| line.starts_with("pkix.")).collect();
        let expected = labels
            .iter()
            .map(|label| format!("pkix.invalid_domain_name_syntax (ERROR): Invalid domain name syntax: \"{label}\""));
        assert_eq!(findings, expected.collect::<Vec<_>>(), "{printed}");
        assert_eq!(zlint(&zlint_folder, &file), Vec::<String>::new(), "{}", file.display());
    }
}

#[test]
fn zlint_finds_nothing() {
    let Some(folder) = linter("zlint") else { return };
    let workshop = Workshop::new();
    assert!(!zlint(&folder, &faulty(&workshop)).is_empty(), "zlint is at work");
    for file in issued(&workshop) {
        assert_eq!(zlint(&folder, &file), Vec::<String>::new(), "{}", file.display());
    }
}
