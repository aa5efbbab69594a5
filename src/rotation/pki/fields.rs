//! Fields that authorities and leaves have in common, as rcgen takes them.

use aws_lc_rs::digest;
use chrono::{DateTime, Utc};
use rcgen::PublicKeyData;
use time::OffsetDateTime;

use crate::pki::certificate::Certificate;
use crate::pki::key::PrivateKey;

/// The subject key identifier that we give: the leftmost 160 bits of the SHA-256 of the public key (RFC 7093, 2,
/// method 1).
pub(super) fn key_identifier(key: &PrivateKey) -> Vec<u8> {
    digest::digest(&digest::SHA256, key.der_bytes()).as_ref().iter().take(20).copied().collect()
}

/// The identifier that leaves name their authority's key by. Where the authority has none of its own, it is the one that its
/// owner's tool will most likely give when the authority is renewed with the same key (RFC 5280, 4.2.1.2, method 1); until then
/// no peer compares it.
pub(super) fn identifier_of_authority(certificate: &Certificate, key: &PrivateKey) -> Vec<u8> {
    match certificate.subject_key_identifier() {
        Some(identifier) => identifier.to_vec(),
        None => digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, key.der_bytes()).as_ref().to_vec(),
    }
}

/// The time as rcgen takes it; it writes `UTCTime` until 2049 and `GeneralizedTime` from 2050 (RFC 5280, 4.1.2.5).
pub(super) fn offset_date_time(time: DateTime<Utc>) -> Option<OffsetDateTime> {
    let date = OffsetDateTime::from_unix_timestamp(time.timestamp()).ok()?;
    if (1970..=9999).contains(&date.year()) { Some(date) } else { None }
}
