//! What is stored, as anything: the issuer turns it into facts.
#![no_main]

use chrono::DateTime;
use libfuzzer_sys::fuzz_target;
use rotation::pki::algorithm::KeyAlgorithm;
use rotation::pki::name::{CommonName, SubjectName};
use rotation::issuer::{CertificateIssuer, Profile};
use rotation::engine::material::{Material, Revision, SecretBytes, Snapshot, Stored, Places};
use rotation::engine::ports::Issuer;

const ENTRIES: [&str; 8] =
    ["tls.crt", "tls.key", "ca.crt", "ca.key", "authority-1.crt", "authority-1.key", "authority-2.crt", "other"];

/// Entries, each behind a byte that names it, separated by zero bytes.
fn stored(input: &[u8]) -> Stored {
    let mut material = Material::default();
    for part in input.split(|&byte| byte == 0) {
        let Some((name, bytes)) = part.split_first() else { continue };
        let name = ENTRIES[usize::from(*name) % ENTRIES.len()].to_owned();
        material.entries.insert(name, SecretBytes::new(bytes.to_vec()));
    }
    Stored::new(material, Revision("1".to_owned()), Places::default())
}

fuzz_target!(|input: &[u8]| {
    let profile = Profile {
        authority_name: CommonName::parse("newleaf").expect("a name"),
        authority_algorithm: KeyAlgorithm::EcdsaP256,
        leaf_algorithm: KeyAlgorithm::EcdsaP256,
        server_names: vec![SubjectName::parse("postgres.backstage.svc").expect("a name")],
        client_name: CommonName::parse("postgres").expect("a name"),
    };
    let issuer = CertificateIssuer::new(profile, || [7; 16]);
    let everything = stored(input);
    let snapshot = Snapshot {
        authority: Some(everything.clone()),
        server: Some(everything.clone()),
        client: Some(everything),
    };
    let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
    let _ = issuer.inspect(&snapshot, now);
});
