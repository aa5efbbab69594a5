//! From a certificate to its root by signatures, apart from time, names and constraints.

use rustls_pki_types::SignatureVerificationAlgorithm;
use webpki::ALL_VERIFICATION_ALGS;

use crate::pki::certificate::Certificate;
use crate::pki::der;

/// The certificates from the one that signed the given certificate up to a self-signed root, found among the
/// candidates; the first that fits is taken. `None` when there is no root to be reached. Empty when the certificate is
/// itself a root.
pub fn to_root(certificate: &Certificate, candidates: &[Certificate]) -> Option<Vec<Certificate>> {
    let (path, complete) = climb(certificate, candidates);
    complete.then_some(path)
}

/// As far as the candidates lead, and whether that is a root.
pub(super) fn climb(certificate: &Certificate, candidates: &[Certificate]) -> (Vec<Certificate>, bool) {
    let mut path: Vec<Certificate> = Vec::new();
    loop {
        let highest = path.last().unwrap_or(certificate);
        if is_signed_by(highest, highest) {
            return (path, true);
        }
        let is_new = |one: &Certificate| one != certificate && !path.contains(one);
        let Some(issuer) = candidates.iter().find(|one| is_new(one) && is_signed_by(highest, one)) else {
            return (path, false);
        };
        path.push(issuer.clone());
    }
}

/// Whether the issuer's key made the subject's signature, and the subject names the issuer byte for byte.
pub(super) fn is_signed_by(subject: &Certificate, issuer: &Certificate) -> bool {
    subject.issuer() == issuer.subject()
        && signed_parts(subject.der()).is_some_and(|parts| {
            key_parts(issuer.public_key()).is_some_and(|(algorithm, key)| {
                ALL_VERIFICATION_ALGS.iter().any(|candidate| fits(*candidate, &parts, algorithm, key))
            })
        })
}

struct SignedParts<'a> {
    message: &'a [u8],
    algorithm: &'a [u8],
    signature: &'a [u8],
}

fn fits(candidate: &dyn SignatureVerificationAlgorithm, parts: &SignedParts<'_>, algorithm: &[u8], key: &[u8]) -> bool {
    candidate.signature_alg_id().as_ref() == parts.algorithm
        && candidate.public_key_alg_id().as_ref() == algorithm
        && candidate.verify_signature(key, parts.message, parts.signature).is_ok()
}

fn signed_parts(certificate: &[u8]) -> Option<SignedParts<'_>> {
    let fields = der::elements(der::only(certificate, der::SEQUENCE)?.content)?;
    let [message, algorithm, signature] = fields.as_slice() else { return None };
    Some(SignedParts { message: message.raw, algorithm: algorithm.content, signature: whole_octets(signature)? })
}

/// Algorithm and bits of a `SubjectPublicKeyInfo`.
fn key_parts(public_key: &[u8]) -> Option<(&[u8], &[u8])> {
    let fields = der::elements(der::only(public_key, der::SEQUENCE)?.content)?;
    let [algorithm, key] = fields.as_slice() else { return None };
    Some((algorithm.content, whole_octets(key)?))
}

/// A bit string without unused bits.
fn whole_octets<'a>(bits: &der::Element<'a>) -> Option<&'a [u8]> {
    match bits.content.split_first() {
        Some((0, octets)) if bits.tag == der::BIT_STRING => Some(octets),
        _ => None,
    }
}
