//! Leaves a second on one core, beside what they are made of and beside the openssl command.
//!
//! `cargo bench --bench issue`

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench measures with the clock, prints its table and stops at the first surprise"
)]

#[path = "median.rs"]
mod median;

use std::process::Command;
use std::time::{Duration, Instant};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use rotation::pki::algorithm::KeyAlgorithm;
use rotation::pki::authority::{Authority, AuthorityRequest};
use rotation::pki::identity::{NewSerial, Validity};
use rotation::pki::key::PrivateKey;
use rotation::pki::leaf::{LeafProfile, LeafRequest, issue};
use rotation::pki::name::{CommonName, SubjectName};

use crate::median::median;

/// Rounds; the median is shown.
const ROUNDS: usize = 11;

/// Operations a second, the median of [`ROUNDS`] rounds of the given length.
fn rate(round: Duration, mut operation: impl FnMut()) -> f64 {
    let rates = (0..ROUNDS)
        .map(|_| {
            let (start, mut count) = (Instant::now(), 0_u32);
            while start.elapsed() < round {
                operation();
                count += 1;
            }
            f64::from(count) / start.elapsed().as_secs_f64()
        })
        .collect();
    median(rates)
}

fn validity() -> Validity {
    let date = |text: &str| text.parse().expect("a date");
    Validity { not_before: date("2026-01-01T00:00:00Z"), not_after: date("2026-02-15T00:00:00Z") }
}

fn authority(algorithm: KeyAlgorithm) -> Authority {
    let request = AuthorityRequest {
        common_name: CommonName::parse("bench").expect("a name"),
        serial: NewSerial::from_entropy([1; 16]),
        validity: validity(),
    };
    Authority::create(&request, PrivateKey::generate(algorithm).expect("a key")).expect("an authority")
}

/// Key, leaf, verification and PEM.
fn newleaf(authority: &Authority, algorithm: KeyAlgorithm) {
    let names = [SubjectName::parse("postgres.backstage.svc").expect("a name")];
    let request = LeafRequest {
        profile: LeafProfile::server(&names),
        serial: NewSerial::from_entropy([2; 16]),
        validity: validity(),
    };
    let key = PrivateKey::generate(algorithm).expect("a key");
    let leaf = issue(authority, &request, &key).expect("a leaf");
    std::hint::black_box((leaf.to_pem(), key.to_pem()));
}

fn openssl(directory: &std::path::Path) {
    let run = |arguments: &[&str]| {
        let output = Command::new("openssl").args(arguments).current_dir(directory).output().expect("openssl runs");
        assert!(output.status.success(), "openssl {arguments:?}");
    };
    run(&[
        "req",
        "-new",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-keyout",
        "leaf.key",
        "-subj",
        "/CN=postgres",
        "-out",
        "leaf.csr",
    ]);
    run(&[
        "x509",
        "-req",
        "-in",
        "leaf.csr",
        "-CA",
        "authority.crt",
        "-CAkey",
        "authority.key",
        "-set_serial",
        "7",
        "-days",
        "45",
        "-out",
        "leaf.crt",
    ]);
}

fn main() {
    // `cargo test` runs benches too, to see that they work.
    let measured = std::env::args().any(|argument| argument == "--bench");
    let round = if measured { Duration::from_millis(500) } else { Duration::from_millis(1) };
    let p256 = authority(KeyAlgorithm::EcdsaP256);
    let random = SystemRandom::new();
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("authority.crt"), p256.to_pem()).expect("written");
    std::fs::write(directory.path().join("authority.key"), p256.key().to_pem().as_bytes()).expect("written");

    let signer = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key");
    let floor = rate(round, || {
        EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key");
        signer.sign(&random, &[0; 500]).expect("a signature");
    });
    let floor_ed25519 = rate(round, || {
        Ed25519KeyPair::generate().expect("a key");
        signer.sign(&random, &[0; 500]).expect("a signature");
    });
    let rows = [
        ("aws-lc-rs: P-256 key and signature, nothing else", floor),
        ("newleaf: P-256 leaf, verified, as PEM", rate(round, || newleaf(&p256, KeyAlgorithm::EcdsaP256))),
        ("aws-lc-rs: Ed25519 key, P-256 signature", floor_ed25519),
        ("newleaf: Ed25519 leaf under P-256, verified, as PEM", rate(round, || newleaf(&p256, KeyAlgorithm::Ed25519))),
        ("newleaf: RSA-2048 leaf under P-256", rate(round, || newleaf(&p256, KeyAlgorithm::Rsa2048))),
        ("openssl: P-256 leaf (req and x509)", rate(round, || openssl(directory.path()))),
    ];
    println!("{:<55} {:>10} {:>9}", "one core, median of 11 rounds", "a second", "of floor");
    for (what, rate) in rows {
        println!("{what:<55} {rate:>10.0} {:>9.3}", rate / floor);
    }
}
