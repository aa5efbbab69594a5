//! No byte of a private key leaves its file.

use std::collections::BTreeSet;
use std::path::Path;

use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;

use crate::support::Place;

/// Every way in which a key could show: its PEM lines, its DER and its secret part in hexadecimal, both cases, and as a
/// list of numbers.
fn needles(pem: &str) -> Vec<String> {
    let mut needles: Vec<String> = pem.lines().filter(|line| !line.starts_with("-----")).map(str::to_owned).collect();
    let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).expect("a key in PEM");
    for window in key.secret_der().windows(16).step_by(8) {
        let hexadecimal = window.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
        needles.push(hexadecimal.to_uppercase());
        needles.push(hexadecimal);
        needles.push(window.iter().map(u8::to_string).collect::<Vec<_>>().join(", "));
    }
    // What every P-256 key in PKCS#8 begins with is no secret, and no other file has it either.
    needles.retain(|needle| needle.len() >= 16);
    needles
}

fn keys(place: &Place) -> BTreeSet<String> {
    let keys = place.content().into_iter().filter(|(path, _)| path.extension().is_some_and(|end| end == "key"));
    keys.map(|(_, bytes)| String::from_utf8(bytes).expect("PEM is text")).collect()
}

#[test]
fn no_private_key_byte_is_printed_logged_or_stored_elsewhere() {
    let place = Place::bootstrapped();
    let mut said = String::new();
    let mut secret = keys(&place);
    let commands: [&[&str]; 9] = [
        &["status"],
        &["plan", "--now"],
        &["rotate", "--now", "--id", "one"],
        &["verify"],
        &["rotate"],
        &["bootstrap"],
        &["rotate", "--now", "--id", "two", "--set", "leaf.algorithm=rsa-2048"],
        &["rotate", "--now", "--authority"],
        &["status", "--directory", "/nonexistent"],
    ];
    for arguments in commands {
        for extra in [&["-vvv"][..], &["-vvv", "--log-format", "json", "-o", "json"]] {
            let ran = place.run(&[arguments, extra].concat());
            said.push_str(&ran.stdout);
            said.push_str(&ran.stderr);
            secret.extend(keys(&place));
        }
    }
    assert!(secret.len() >= 5, "an authority and leaves before and after: {}", secret.len());
    let needles: Vec<String> = secret.iter().flat_map(|pem| needles(pem)).collect();
    assert!(needles.len() > 100);
    assert!(!needles.iter().any(|needle| said.contains(needle)), "a key was printed");
    for (path, bytes) in place.content() {
        if path.extension().is_none_or(|end| end != "key") {
            let text = String::from_utf8_lossy(&bytes);
            assert!(!needles.iter().any(|needle| text.contains(needle)), "a key is in {}", path.display());
        }
    }
}

#[test]
fn keys_can_be_read_by_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::bootstrapped();
    for name in ["authority/authority-1.key", "server/tls.key", "client/tls.key"] {
        let path = Path::new(&place.directory).join(name);
        let mode = std::fs::metadata(&path).expect(name).permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}
