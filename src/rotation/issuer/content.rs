//! What a consumer loads, as a server and its pods can show it again.

use std::collections::BTreeSet;

use crate::engine::material::{LEAF_CERTIFICATE, Material, TRUST_BUNDLE};
use crate::pki::certificate::Certificate;
use crate::pki::digest::sha256_hex;
use crate::pki::error::Source;
use crate::pki::trust_bundle::TrustBundle;

/// What a consumer loads, as one hash: the leaf and the certificates of the bundle, in any order. The key needs no part
/// in it, as a new key has a new leaf. `None` when the material cannot be read.
pub fn content_hash(material: &Material) -> Option<String> {
    let origin = Source::new("stored material");
    let chain = Certificate::all_from_pem(material.entry(LEAF_CERTIFICATE)?, &origin).ok()?;
    let bundle = TrustBundle::from_pem(material.entry(TRUST_BUNDLE)?, &origin).ok()?;
    // Fixed-length hashes of the parts, in a fixed order: no two different contents give the same bytes.
    let parts = chain.iter().take(1).chain(bundle.iter()).flat_map(|certificate| certificate.fingerprint().0);
    let parts: Vec<u8> = parts.collect();
    Some(sha256_hex(&parts))
}

/// The subjects of the certificates of a trust bundle, as a server names them in its `CertificateRequest`
/// (RFC 8446, 4.2.4); `None` when the bundle cannot be read.
pub fn bundle_subjects(pem: &[u8]) -> Option<BTreeSet<Vec<u8>>> {
    let bundle = TrustBundle::from_pem(pem, &Source::new("the trust bundle")).ok()?;
    Some(bundle.iter().map(|authority| authority.subject().to_vec()).collect())
}
