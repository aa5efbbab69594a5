//! A certificate that no peer may accept, to try whether one does.

use crate::pki::certificate::Certificate;
use crate::pki::der;
use crate::pki::key::PrivateKey;

/// `ecdsa-with-SHA256` as an `AlgorithmIdentifier` (RFC 5758, 3.2).
const ECDSA_WITH_SHA256: [u8; 12] = [0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];

/// A copy of a certificate with the public part of another key, and signed by that key: all names, the serial number and the
/// identifier of the authority stay. The key must be an ECDSA P-256 key. `None` if the certificate cannot be copied.
///
/// `TBSCertificate` is version, serial, signature, issuer, validity, subject, subjectPublicKeyInfo, ... (RFC 5280, 4.1).
pub fn counterfeit(genuine: &Certificate, key: &PrivateKey) -> Option<Vec<u8>> {
    let outer = der::elements(der::only(genuine.der(), der::SEQUENCE)?.content)?;
    let fields = der::elements(outer.first()?.content)?;
    let mut parts: Vec<&[u8]> = fields.iter().map(|field| field.raw).collect();
    *parts.get_mut(2)? = &ECDSA_WITH_SHA256;
    *parts.get_mut(6)? = key.public_key();
    let signed = der::encode(der::SEQUENCE, &parts);
    let signature = der::encode(der::BIT_STRING, &[&[0], &key.sign(&signed)?]);
    Some(der::encode(der::SEQUENCE, &[&signed, &ECDSA_WITH_SHA256, &signature]))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;
    use crate::pki::algorithm::KeyAlgorithm;
    use crate::pki::authority::{Authority, AuthorityRequest};
    use crate::pki::error::Source;
    use crate::pki::identity::{NewSerial, Validity};
    use crate::pki::leaf::{LeafProfile, LeafRequest, issue};
    use crate::pki::name::CommonName;
    use crate::pki::trust_bundle::TrustBundle;
    use crate::pki::verify::{ChainRefusal, Usage, verify};

    #[test]
    fn a_counterfeit_says_what_the_genuine_one_says_and_does_not_verify() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let validity = Validity { not_before: now, not_after: now + TimeDelta::days(45) };
        let name = |text: &str| CommonName::parse(text).unwrap();
        let key = || PrivateKey::generate(KeyAlgorithm::EcdsaP256).unwrap();
        let serial = NewSerial::from_entropy([7; 16]);
        let request = AuthorityRequest { common_name: name("the authority"), serial, validity };
        for algorithm in [KeyAlgorithm::EcdsaP256, KeyAlgorithm::Ed25519, KeyAlgorithm::Rsa2048] {
            let authority = Authority::create(&request, PrivateKey::generate(algorithm).unwrap()).unwrap();
            let profile = LeafProfile::client(&name("backstage"));
            let genuine = issue(&authority, &LeafRequest { profile, serial, validity }, &key()).unwrap();
            let other = key();
            let copy = Certificate::from_der(&counterfeit(&genuine, &other).unwrap(), &Source::new("a copy")).unwrap();
            assert_eq!(copy.issuer(), genuine.issuer());
            assert_eq!((copy.subject(), copy.serial()), (genuine.subject(), genuine.serial()));
            assert_eq!(copy.authority_key_identifier(), genuine.authority_key_identifier());
            assert_eq!(copy.public_key(), other.public_key());
            let trust: TrustBundle = [authority.anchor().clone()].into_iter().collect();
            assert!(verify(&[genuine], &trust, Usage::Client, now, None).is_ok());
            let refusal = verify(&[copy], &trust, Usage::Client, now, None);
            assert!(matches!(refusal, Err(ChainRefusal::NotIssued(_) | ChainRefusal::Rustls(_))), "{refusal:?}");
        }
    }
}
