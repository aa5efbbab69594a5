//! The judge: certificates in DER, each behind its length in two octets. The first is a leaf, the second a root that is trusted,
//! the others are sent beside the leaf. What is accepted has a way to a root.
#![no_main]

use chrono::DateTime;
use libfuzzer_sys::fuzz_target;
use rotation::pki::certificate::Certificate;
use rotation::pki::error::Source;
use rotation::pki::observed::ObservedCertificate;
use rotation::pki::path::to_roots;
use rotation::pki::trust_bundle::TrustBundle;
use rotation::pki::verify::{Usage, verify};

fn certificates(mut input: &[u8]) -> Vec<Certificate> {
    let origin = Source::new("fuzz");
    let mut certificates = Vec::new();
    while let [high, low, rest @ ..] = input {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(rest.len());
        let (der, following) = rest.split_at(length);
        let observed = ObservedCertificate::read(der);
        if let Ok(certificate) = Certificate::from_der(der, &origin) {
            assert_eq!((observed.fingerprint, &observed.serial), (certificate.fingerprint(), certificate.serial()));
            certificates.push(certificate);
        }
        input = following;
    }
    certificates
}

fuzz_target!(|input: &[u8]| {
    let certificates = certificates(input);
    let [leaf, root, sent @ ..] = certificates.as_slice() else { return };
    let trust: TrustBundle = std::iter::once(root.clone()).collect();
    let chain: Vec<Certificate> = std::iter::once(leaf).chain(sent).cloned().collect();
    let at = leaf.validity().not_before.max(DateTime::UNIX_EPOCH);
    for usage in [Usage::Server, Usage::Client] {
        if verify(&chain, &trust, usage, at, None).is_ok() {
            assert!(!to_roots(leaf, &certificates).paths.is_empty());
        }
    }
});
