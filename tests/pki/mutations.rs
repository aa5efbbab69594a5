//! Thousands of damaged inputs: nothing panics, and what is still accepted still verifies.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rotation::engine::material::{Material, Places, Revision, SecretBytes, Snapshot, Stored};
use rotation::engine::ports::Issuer;
use rotation::issuer::{CertificateIssuer, Profile};
use rotation::pki::algorithm::KeyAlgorithm;
use rotation::pki::authority::Authority;
use rotation::pki::certificate::Certificate;
use rotation::pki::key::PrivateKey;
use rotation::pki::name::CommonName;
use rotation::pki::observed::ObservedCertificate;
use rotation::pki::path::to_roots;
use rotation::pki::trust_bundle::TrustBundle;
use rotation::pki::verify::{Usage, verify};

use crate::support::{authority, client, leaf, name, now, origin, pem, server};

/// One place and what happens there.
type Change = (proptest::sample::Index, u8, u8);

fn damage(bytes: &[u8], changes: &[Change]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (place, kind, value) in changes {
        if bytes.is_empty() {
            break;
        }
        let place = place.index(bytes.len());
        match kind % 5 {
            0 => bytes[place] = *value,
            1 => bytes[place] ^= 1 << (value % 8),
            2 => bytes.insert(place, *value),
            3 => drop(bytes.remove(place)),
            _ => bytes.truncate(place),
        }
    }
    bytes
}

/// The same cases at every run: a failure is a defect, not an accident.
fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    vec((any::<proptest::sample::Index>(), any::<u8>(), any::<u8>()), 1..4)
}

#[test]
fn damaged_pem_and_der_never_panic() {
    let authority = authority(KeyAlgorithm::EcdsaP256, "damaged");
    let certificate = authority.signer().der().to_vec();
    let key = authority.key().pkcs8().to_vec();
    let strategy = (changes(), any::<bool>(), any::<bool>());
    let outcome = runner(6000).run(&strategy, |(changes, in_der, in_key)| {
        let (label, der) = if in_key { ("PRIVATE KEY", &key) } else { ("CERTIFICATE", &certificate) };
        let input = if in_der { pem(label, &damage(der, &changes)) } else { damage(&pem(label, der), &changes) };
        drop(Certificate::all_from_pem(&input, &origin()).map_err(|error| error.to_string()));
        drop(TrustBundle::from_pem(&input, &origin()));
        drop(PrivateKey::from_pem(&input, &origin()));
        let (good_key, good_certificate) = (authority.key().to_pem(), authority.to_pem());
        let loaded = if in_key {
            Authority::load(&[(good_certificate.as_bytes(), origin())], (&input, origin()), now())
        } else {
            Authority::load(&[(&input, origin())], (good_key.as_bytes(), origin()), now())
        };
        // What a server shows is only looked at, whatever it is.
        let observed = ObservedCertificate::read(&damage(&certificate, &changes));
        if let Ok(read) = Certificate::from_der(&damage(&certificate, &changes), &origin()) {
            assert_eq!((observed.fingerprint, &observed.serial), (read.fingerprint(), read.serial()));
        }
        if let Ok(loaded) = loaded {
            // What is accepted signs leaves that verify, or refuses to: `issue` checks its own result.
            drop(leaf(&loaded, client(), KeyAlgorithm::EcdsaP256));
        }
        Ok(())
    });
    outcome.expect("no panic and no failure");
}

pub(crate) fn stored(entries: &BTreeMap<&str, Vec<u8>>) -> Stored {
    let entries = entries.iter().map(|(entry, bytes)| ((*entry).to_owned(), SecretBytes::new(bytes.clone()))).collect();
    let material = Material { entries, ..Material::default() };
    Stored::new(material, Revision("1".to_owned()), Places::default())
}

pub(crate) fn issuer() -> CertificateIssuer {
    let profile = Profile {
        authority_name: CommonName::parse("newleaf").expect("a name"),
        authority_algorithm: KeyAlgorithm::EcdsaP256,
        leaf_algorithm: KeyAlgorithm::EcdsaP256,
        server_names: vec![name("postgres.backstage.svc")],
        client_name: CommonName::parse("postgres").expect("a name"),
    };
    CertificateIssuer::new(profile, || [7; 16])
}

#[test]
fn damaged_stores_never_panic() {
    let authority = authority(KeyAlgorithm::EcdsaP256, "damaged");
    let (certificate, key) = leaf(&authority, server(), KeyAlgorithm::EcdsaP256).expect("a leaf");
    let bytes = |text: &str| text.as_bytes().to_vec();
    let leaf_entries = BTreeMap::from([
        ("tls.crt", bytes(&certificate.to_pem())),
        ("tls.key", bytes(&key.to_pem())),
        ("ca.crt", bytes(&authority.to_pem())),
    ]);
    let authority_entries = BTreeMap::from([
        ("authority-1.crt", bytes(&authority.to_pem())),
        ("authority-1.key", bytes(&authority.key().to_pem())),
    ]);
    let issuer = issuer();
    let strategy = (changes(), any::<proptest::sample::Index>());
    let outcome = runner(2000).run(&strategy, |(changes, which)| {
        let (mut of_leaf, mut of_authority) = (leaf_entries.clone(), authority_entries.clone());
        let damaged = of_leaf.values_mut().chain(of_authority.values_mut()).nth(which.index(5)).expect("five entries");
        *damaged = damage(damaged, &changes);
        let server = Some(stored(&of_leaf));
        let snapshot = Snapshot { authority: Some(stored(&of_authority)), client: server.clone(), server };
        let inspection = issuer.inspect(&snapshot, now());
        let roots = inspection.server.present().map(|leaf| leaf.trust.clone()).unwrap_or_default();
        let peer = rotation::engine::facts::Peer::Server;
        let material = snapshot.server.as_ref().map(|stored| stored.material.clone()).unwrap_or_default();
        drop(issuer.rehearse(&snapshot, peer, &material, &roots, now()));
        drop(issuer.republish(&snapshot, peer, &BTreeSet::new()));
        Ok(())
    });
    outcome.expect("no panic and no failure");
}

#[test]
fn damaged_chains_never_panic_and_none_is_accepted() {
    let authority = authority(KeyAlgorithm::EcdsaP256, "damaged");
    let (certificate, _) = leaf(&authority, client(), KeyAlgorithm::EcdsaP256).expect("a leaf");
    let good = [certificate.clone(), authority.signer().clone()];
    let trust = |root: &Certificate| -> TrustBundle { std::iter::once(root.clone()).collect() };
    assert!(verify(&good[..1], &trust(&good[1]), Usage::Client, now(), None).is_ok());
    let judged = Cell::new(0);
    let outcome = runner(6000).run(&(changes(), any::<bool>()), |(changes, in_root)| {
        let damaged = damage(good[usize::from(in_root)].der(), &changes);
        let Ok(damaged) = Certificate::from_der(&damaged, &origin()) else { return Ok(()) };
        if good.contains(&damaged) {
            return Ok(());
        }
        let [leaf, root] = if in_root { [&good[0], &damaged] } else { [&damaged, &good[1]] };
        assert!(verify(&[leaf.clone(), root.clone()], &trust(root), Usage::Client, now(), None).is_err());
        assert!(to_roots(leaf, std::slice::from_ref(root)).paths.is_empty());
        judged.set(judged.get() + 1);
        Ok(())
    });
    outcome.expect("no panic and no failure");
    assert!(judged.get() > 300, "enough can still be read: {judged:?}");
}
