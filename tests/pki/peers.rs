//! PostgreSQL, libpq and Node are OpenSSL: what it refuses is refused before it is written, and what it takes is taken.
//! One test a case that people have reported.

use std::collections::BTreeMap;

use base::diagnosis::{Code, Diagnose};
use chrono::TimeDelta;
use rotation::engine::material::Snapshot;
use rotation::engine::ports::Issuer;
use rotation::pki::algorithm::KeyAlgorithm;
use rotation::pki::authority::Authority;
use rotation::pki::leaf::LeafProfile;
use rotation::pki::name::CommonName;

use crate::mutations::{issuer, stored};
use crate::support::{AUTHORITY, INTERMEDIATE, P256, Workshop, leaf, load, load_and_issue, now, origin};

/// A root and an intermediate below it, with their keys; the root's certificate is made again with these extensions and
/// arguments, as its owner renews it.
fn renewed_root(intermediate: &str, root: &str, arguments: &[&str]) -> (Workshop, Vec<u8>) {
    let workshop = Workshop::new();
    for name in ["root", "signer"] {
        workshop.key(name, &P256);
    }
    workshop.root("root", "root", "/CN=root", AUTHORITY, &["-set_serial", "1001"]);
    let signer = workshop.signed("signer", ("root", "root"), "/CN=signer", intermediate, "400");
    let root = workshop.root("root", "root", "/CN=root", root, arguments);
    (workshop, [signer, root].concat())
}

/// What OpenSSL says of a leaf under the chain, made by OpenSSL itself.
fn openssl_says(workshop: &Workshop, signer: &str, root: &str) -> Result<(), String> {
    workshop.key("leaf", &P256);
    workshop.signed("leaf", (signer, signer), "/CN=postgres", "basicConstraints=critical,CA:FALSE\n", "40");
    let (root, signer) = (format!("{root}.crt"), format!("{signer}.crt"));
    workshop.verdict(&["verify", "-CAfile", &root, "-untrusted", &signer, "leaf.crt"])
}

/// The refusal of an authority: its code and its text.
fn refusal(certificates: &[u8], key: &[u8]) -> (Code, String) {
    let error = load(certificates, key).expect_err("OpenSSL refuses what it signs");
    (error.code(), error.to_string())
}

#[test]
fn an_intermediate_that_names_another_key_identifier_than_its_root_has_is_refused() {
    let renewed = AUTHORITY.replace("subjectKeyIdentifier=hash", "subjectKeyIdentifier=0102030405");
    let (workshop, chain) = renewed_root(INTERMEDIATE, &renewed, &[]);
    openssl_says(&workshop, "signer", "root").expect_err("OpenSSL finds no issuer");
    let (code, text) = refusal(&chain, &workshop.read("signer.key"));
    assert_eq!(code, Code::ChainIncomplete, "{text}");
    assert!(text.contains("authority key identifier") && text.contains("/CN=root"), "{text}");
}

#[test]
fn an_intermediate_that_names_another_serial_than_its_root_has_is_refused() {
    let always = INTERMEDIATE.replace("authorityKeyIdentifier=keyid", "authorityKeyIdentifier=keyid,issuer:always");
    let (workshop, chain) = renewed_root(&always, AUTHORITY, &["-set_serial", "1003"]);
    openssl_says(&workshop, "signer", "root").expect_err("OpenSSL finds no issuer");
    let (code, text) = refusal(&chain, &workshop.read("signer.key"));
    assert_eq!(code, Code::ChainIncomplete, "{text}");
    assert!(text.contains("serial"), "{text}");
    let (workshop, chain) = renewed_root(&always, AUTHORITY, &["-set_serial", "1001"]);
    assert_eq!(openssl_says(&workshop, "signer", "root"), Ok(()));
    assert!(load_and_issue(&chain, &workshop.read("signer.key")).is_ok(), "the serial is the root's");
}

#[test]
fn a_root_that_names_another_key_identifier_than_its_own_is_refused() {
    let workshop = Workshop::new();
    let key = workshop.key("root", &P256);
    let foreign = format!("{AUTHORITY}2.5.29.35=DER:30:06:80:04:01:02:03:04\n");
    let root = workshop.root("root", "root", "/CN=root", &foreign, &[]);
    openssl_says(&workshop, "root", "root").expect_err("OpenSSL looks for another issuer of the root");
    let (code, text) = refusal(&root, &key);
    assert_eq!(code, Code::ChainIncomplete, "{text}");
    assert!(text.contains("authority key identifier"), "{text}");
}

#[test]
fn a_role_that_looks_like_a_host_name_is_held_to_the_dns_constraints_of_its_authority() {
    let workshop = Workshop::new();
    let key = workshop.key("root", &P256);
    let constrained = format!("{AUTHORITY}nameConstraints=critical,permitted;DNS:example.org\n");
    let root = workshop.root("root", "root", "/CN=root", &constrained, &[]);
    let authority = load(&root, &key).expect("an authority");
    let client = |role: &str| {
        let role = CommonName::parse(role).expect("a role");
        leaf(&authority, LeafProfile::client(&role), KeyAlgorithm::EcdsaP256)
    };
    for role in ["svc.backstage", "john.doe", "a_b.c-d.e"] {
        let error = client(role).map(|_| ()).expect_err("OpenSSL holds the role for a host name");
        let text = error.to_string();
        assert_eq!(error.code(), Code::ChainForbids, "{text}");
        assert!(text.contains("permitted;DNS:example.org") && text.contains(role), "{text}");
    }
    for role in ["postgres", "backstage.example.org", "svc.backstage ", ".backstage", "a..b", "svc.-x", "john@doe.org"]
    {
        let (certificate, _) = client(role).unwrap_or_else(|error| panic!("{role}: {error}"));
        workshop.write("client.pem", certificate.to_pem());
        let strictly = ["verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", "root.crt", "client.pem"];
        assert_eq!(workshop.verdict(&strictly), Ok(()), "{role}");
    }
}

#[test]
fn a_constraint_on_directory_names_is_named_by_the_refusal() {
    let workshop = Workshop::new();
    let key = workshop.key("root", &P256);
    workshop.write("names.cnf", "");
    let constrained = format!("{AUTHORITY}nameConstraints=critical,permitted;dirName:place\n[place]\nO=Company\n");
    let root = workshop.root("root", "root", "/CN=root", &constrained, &[]);
    let authority = load(&root, &key).expect("an authority");
    let error =
        leaf(&authority, crate::support::client(), KeyAlgorithm::EcdsaP256).map(|_| ()).expect_err("it is elsewhere");
    assert_eq!(error.code(), Code::ChainForbids);
    assert!(error.to_string().contains("permitted;dirName:/O=Company"), "{error}");
}

/// The two halves of a root that was cross-signed, what signs below it, and the older root.
fn cross_signed(workshop: &Workshop) -> [Vec<u8>; 4] {
    for name in ["old", "new", "issuing"] {
        workshop.key(name, &P256);
    }
    let ended = ["-not_before", "20200101000000Z", "-not_after", "20210101000000Z"];
    let old = workshop.dated_root("old", "old", "/CN=Old Root X1", ended);
    let new = workshop.root("new", "new", "/CN=New Root X2", AUTHORITY, &[]);
    let issuing = workshop.signed("issuing", ("new", "new"), "/CN=Corp Issuing", INTERMEDIATE, "400");
    let wide = INTERMEDIATE.replace("pathlen:0", "pathlen:1");
    let cross = workshop.dated_signed("new", "cross", ("old", "old"), "/CN=New Root X2", &wide, ended);
    [issuing, new, cross, old]
}

#[test]
fn a_cross_signed_bundle_is_taken_in_every_order() {
    let workshop = Workshop::new();
    let [issuing, new, cross, old] = cross_signed(&workshop);
    let key = workshop.read("issuing.key");
    for parts in [
        [&issuing, &new, &cross, &old],
        [&issuing, &cross, &old, &new],
        [&old, &cross, &new, &issuing],
        [&cross, &issuing, &new, &old],
    ] {
        let file: Vec<u8> = parts.into_iter().flatten().copied().collect();
        let authority = load_and_issue(&file, &key).expect("a valid path is in it");
        assert_eq!(authority.anchor().subject_line(), "/CN=New Root X2");
        assert_eq!(authority.chain().count(), 2);
    }
    let without_the_old_root = [issuing, cross, new].concat();
    assert!(load_and_issue(&without_the_old_root, &key).is_ok(), "a valid path is in it");
}

#[test]
fn of_a_renewed_authority_the_certificate_that_is_valid_now_and_ends_later_signs_in_every_order() {
    let workshop = Workshop::new();
    let key = workshop.key("root", &P256);
    let ended = ["-not_before", "20200101000000Z", "-not_after", "20210101000000Z"];
    let ended = workshop.dated_root("ended", "root", "/CN=Corp Root", ended);
    let ending = workshop.root("ending", "root", "/CN=Corp Root", AUTHORITY, &["-days", "20"]);
    let renewed = workshop.root("renewed", "root", "/CN=Corp Root", AUTHORITY, &["-days", "900"]);
    for file in [[&ended, &renewed], [&renewed, &ended], [&ending, &renewed], [&renewed, &ending]] {
        let file: Vec<u8> = file.into_iter().flatten().copied().collect();
        let authority = load_and_issue(&file, &key).expect("the renewed one is valid");
        assert_eq!(authority.to_pem().as_bytes(), renewed, "the renewed one signs");
    }
}

#[test]
fn the_facts_of_a_renewed_authority_are_those_of_the_certificate_that_is_used() {
    let workshop = Workshop::new();
    let key = workshop.key("root", &P256);
    let ending = workshop.root("ending", "root", "/CN=Corp Root", AUTHORITY, &["-days", "60"]);
    let renewed = workshop.root("renewed", "root", "/CN=Corp Root", AUTHORITY, &["-days", "900"]);
    let before = load_and_issue(&ending, &key).expect("an authority");
    let (certificate, leaf_key) = leaf(&before, crate::support::client(), KeyAlgorithm::EcdsaP256).expect("a leaf");
    let leaf = BTreeMap::from([
        ("tls.crt", certificate.to_pem().into_bytes()),
        ("tls.key", leaf_key.to_pem().as_bytes().to_vec()),
        ("ca.crt", ending.clone()),
    ]);
    for files in [[&ending, &renewed], [&renewed, &ending]] {
        let authority = BTreeMap::from([("tls.crt", files.map(Vec::as_slice).concat()), ("tls.key", key.clone())]);
        let snapshot =
            Snapshot { authority: Some(stored(&authority)), client: Some(stored(&leaf)), ..Snapshot::default() };
        let inspection = issuer().inspect(&snapshot, now());
        let facts = inspection.authorities.present().expect("an authority");
        assert!(facts[0].validity.not_after > now() + TimeDelta::days(800), "{facts:?}");
        // The leaf was signed with the same key: nothing is gone, and its chain lives longer.
        let leaf = inspection.client.present().expect("a leaf");
        assert_eq!(leaf.signer.map(|signer| signer.fingerprint), Some(facts[0].fingerprint));
        assert!(facts[0].warnings.is_empty() && leaf.warnings.is_empty());
    }
}

#[test]
fn letters_of_another_encoding_before_a_block_do_no_harm() {
    let workshop = Workshop::new();
    let key = workshop.key("root", &P256);
    let root = workshop.root("root", "root", "/CN=company", AUTHORITY, &[]);
    // What `openssl pkcs12` writes for the friendlyName of a store of Windows: code points modulo 256.
    let bag = b"Bag Attributes\n    friendlyName: Zertifizierungsstelle f\xfcr D\xfcsseldorf\n    localKeyID: 01\n";
    let file = [&bag[..], &root].concat();
    let key_file = [&bag[..], &key].concat();
    let authority = Authority::load(&[(&file, origin())], (&key_file, origin()), now());
    assert!(authority.is_ok(), "{:?}", authority.err());
}

/// What only `openssl verify -x509_strict` minds in an authority: extensions, and what the warning says of them.
fn lax() -> Vec<(&'static str, String, &'static [&'static str])> {
    let without = |line: &str| AUTHORITY.lines().filter(|one| !one.starts_with(line)).collect::<Vec<_>>().join("\n");
    let relaxed = AUTHORITY.replace("basicConstraints=critical,", "basicConstraints=");
    let bare = without("subjectKeyIdentifier") + "\nsubjectKeyIdentifier=none\n";
    vec![
        ("the PostgreSQL manual's own recipe", without("keyUsage"), &["no keyUsage extension"]),
        ("easy-rsa's default", relaxed.clone(), &["basicConstraints that are not critical"]),
        ("no subject key identifier", bare.clone(), &["no subject key identifier"]),
        (
            "all of them",
            "basicConstraints=CA:TRUE\nsubjectKeyIdentifier=none\n".to_owned(),
            &["no keyUsage extension", "basicConstraints that are not critical", "no subject key identifier"],
        ),
    ]
}

#[test]
fn an_authority_that_only_strict_verifiers_refuse_is_taken_with_a_warning() {
    let workshop = Workshop::new();
    let key = workshop.key("root", &P256);
    for (what, extensions, warned) in lax() {
        let root = workshop.root("root", "root", "/CN=company", &extensions, &[]);
        assert_eq!(openssl_says(&workshop, "root", "root"), Ok(()), "{what}");
        let authority = load_and_issue(&root, &key).unwrap_or_else(|code| panic!("{what}: {code}"));
        let warnings: Vec<_> = authority.warnings().iter().map(ToString::to_string).collect();
        assert_eq!(warnings.len(), warned.len(), "{what}: {warnings:?}");
        for (warning, lacks) in warnings.iter().zip(warned) {
            assert!(warning.contains(lacks) && warning.contains("-x509_strict"), "{what}: {warning}");
        }
        openssl_accepts(&workshop, &authority, Mode::Default, what);
        openssl_accepts(&workshop, &authority, Mode::StrictRefuses, what);
    }
    let root = workshop.root("root", "root", "/CN=company", AUTHORITY, &[]);
    let authority = load_and_issue(&root, &key).expect("an authority");
    assert_eq!(authority.warnings(), [], "nothing to object to");
    openssl_accepts(&workshop, &authority, Mode::Strict, "nothing to object to");
}

#[test]
fn an_intermediate_without_an_authority_key_identifier_is_taken_with_a_warning() {
    let bare = INTERMEDIATE.replace("authorityKeyIdentifier=keyid\n", "authorityKeyIdentifier=none\n");
    let (workshop, chain) = renewed_root(&bare, AUTHORITY, &[]);
    let authority = load_and_issue(&chain, &workshop.read("signer.key")).expect("OpenSSL needs none");
    let warnings: Vec<_> = authority.warnings().iter().map(ToString::to_string).collect();
    assert!(matches!(warnings.as_slice(), [one] if one.contains("no authority key identifier")), "{warnings:?}");
    openssl_accepts(&workshop, &authority, Mode::Default, "without an identifier");
    openssl_accepts(&workshop, &authority, Mode::StrictRefuses, "without an identifier");
}

#[test]
fn leaves_of_an_authority_without_a_key_identifier_stay_good_when_it_is_renewed_with_one() {
    let workshop = Workshop::new();
    let key = workshop.key("root", &P256);
    let without = AUTHORITY.replace("subjectKeyIdentifier=hash", "subjectKeyIdentifier=none");
    let root = workshop.root("root", "root", "/CN=company", &without, &[]);
    let authority = load_and_issue(&root, &key).expect("an authority");
    let (certificate, _) = leaf(&authority, crate::support::client(), KeyAlgorithm::EcdsaP256).expect("a leaf");
    workshop.write("client.pem", certificate.to_pem());
    workshop.root("renewed", "root", "/CN=company", AUTHORITY, &[]);
    let strictly = ["verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", "renewed.crt", "client.pem"];
    assert_eq!(workshop.verdict(&strictly), Ok(()));
}

#[test]
fn an_authority_that_signs_with_ed25519_warns_of_password_logins() {
    let workshop = Workshop::new();
    let key = workshop.key("root", &["-algorithm", "ED25519"]);
    let root = workshop.root("root", "root", "/CN=company", AUTHORITY, &[]);
    let brought = load_and_issue(&root, &key).expect("an authority");
    let made = crate::support::authority(KeyAlgorithm::Ed25519, "made");
    for authority in [brought, made] {
        let warnings: Vec<_> = authority.warnings().iter().map(ToString::to_string).collect();
        let [one] = warnings.as_slice() else { panic!("{warnings:?}") };
        assert!(one.contains("libpq") && one.contains("channel_binding=disable"), "{one}");
    }
    assert_eq!(crate::support::authority(KeyAlgorithm::EcdsaP256, "made").warnings(), []);
}

/// How OpenSSL is asked, and what it is to say.
#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Default,
    Strict,
    StrictRefuses,
}

fn openssl_accepts(workshop: &Workshop, authority: &Authority, mode: Mode, what: &str) {
    for (profile, purpose) in [(crate::support::server(), "sslserver"), (crate::support::client(), "sslclient")] {
        let (certificate, _) = leaf(authority, profile, KeyAlgorithm::EcdsaP256).expect("a leaf");
        workshop.write("new.pem", certificate.to_pem());
        workshop.write("anchor.pem", authority.anchor().to_pem());
        workshop.write("chain.pem", authority.to_pem());
        let files = ["-purpose", purpose, "-CAfile", "anchor.pem", "-untrusted", "chain.pem", "new.pem"];
        let strictly: &[&str] = if mode == Mode::Default { &[] } else { &["-x509_strict"] };
        let verdict = workshop.verdict(&[&["verify"], strictly, &files].concat());
        assert_eq!(verdict.is_ok(), mode != Mode::StrictRefuses, "{what}, {purpose}: {verdict:?}");
    }
}
