//! Fields that authorities and leaves share, in the form of rcgen.

use aws_lc_rs::digest;
use chrono::{DateTime, Utc};
use rcgen::PublicKeyData;
use time::OffsetDateTime;

use crate::pki::certificate::Certificate;
use crate::pki::key::PrivateKey;

/// The subject key identifier that newleaf sets: the leftmost 160 bits of the SHA-256 of the public key (RFC 7093, 2,
/// method 1).
pub(super) fn key_identifier(key: &PrivateKey) -> Vec<u8> {
    digest::digest(&digest::SHA256, key.der_bytes()).as_ref().iter().take(20).copied().collect()
}

/// The identifier by which leaves name their authority's key. If the authority has none, it is the one that its owner's tool
/// will probably set when it renews the authority with the same key (RFC 5280, 4.2.1.2, method 1). Until then no peer
/// compares it.
pub(super) fn identifier_of_authority(certificate: &Certificate, key: &PrivateKey) -> Vec<u8> {
    match certificate.subject_key_identifier() {
        Some(identifier) => identifier.to_vec(),
        None => digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, key.der_bytes()).as_ref().to_vec(),
    }
}

/// Converts a time for rcgen, which writes `UTCTime` until 2049 and `GeneralizedTime` from 2050 (RFC 5280, 4.1.2.5).
pub(super) fn offset_date_time(time: DateTime<Utc>) -> Option<OffsetDateTime> {
    let date = OffsetDateTime::from_unix_timestamp(time.timestamp()).ok()?;
    if (1970..=9999).contains(&date.year()) { Some(date) } else { None }
}
