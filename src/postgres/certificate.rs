//! The fields of a certificate that newleaf compares with those that a server or a session shows.

use std::collections::BTreeSet;

use crate::pki::certificate::Certificate;
use crate::pki::error::Source;
use crate::pki::identity::hexadecimal;
use crate::pki::trust_bundle::TrustBundle;
use crate::rotation::facts::Serial;
use crate::rotation::material::{LEAF_CERTIFICATE, Material, TRUST_BUNDLE};

/// The SHA-256 of bytes, in lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hexadecimal(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref())
}

/// One hash of everything that a consumer loads: the leaf and the certificates of the bundle, in any order. It leaves out
/// the key, because a new key has a new leaf. `None` if the material is unreadable.
pub fn content_hash(material: &Material) -> Option<String> {
    let origin = Source::new("stored material");
    let chain = Certificate::all_from_pem(material.entry(LEAF_CERTIFICATE)?, &origin).ok()?;
    let bundle = TrustBundle::from_pem(material.entry(TRUST_BUNDLE)?, &origin).ok()?;
    // The parts are hashes of fixed length in a fixed order, so two different contents never give the same bytes.
    let parts = chain.iter().take(1).chain(bundle.iter()).flat_map(|certificate| certificate.fingerprint().0);
    let parts: Vec<u8> = parts.collect();
    Some(sha256_hex(&parts))
}

/// The subjects of the certificates of a trust bundle, as a server names them in its `CertificateRequest`
/// (RFC 8446, 4.2.4). `None` if the bundle is unreadable.
pub fn bundle_subjects(pem: &[u8]) -> Option<BTreeSet<Vec<u8>>> {
    let bundle = TrustBundle::from_pem(pem, &Source::new("the trust bundle")).ok()?;
    Some(bundle.iter().map(|authority| authority.subject().to_vec()).collect())
}

/// The largest number of digits of a serial number: 20 octets (RFC 5280, 4.1.2.2) are below 2^160.
const SERIAL_DIGITS_MAX: usize = 49;

/// Parses the serial that `pg_stat_ssl.client_serial` shows as a decimal number. `None` if it is not one.
pub fn serial_from_decimal(text: &str) -> Option<Serial> {
    if text.is_empty() || text.len() > SERIAL_DIGITS_MAX {
        return None;
    }
    let mut bytes: Vec<u8> = Vec::new();
    for character in text.chars() {
        let mut carry = character.to_digit(10)?;
        for byte in bytes.iter_mut().rev() {
            let value = u32::from(*byte) * 10 + carry;
            *byte = u8::try_from(value & 0xff).ok()?;
            carry = value >> 8;
        }
        if carry > 0 {
            bytes.insert(0, u8::try_from(carry).ok()?);
        }
    }
    Some(Serial(hexadecimal(&bytes)))
}

/// Whether two serials are the same number, apart from leading zeros.
pub fn same_serial(one: &Serial, other: &Serial) -> bool {
    let bare = |serial: &Serial| serial.0.trim_start_matches('0').to_ascii_lowercase();
    bare(one) == bare(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_serials_become_hexadecimal() {
        for (decimal, hexadecimal) in [
            ("0", ""),
            ("10", "0a"),
            ("255", "ff"),
            ("256", "0100"),
            ("340282366920938463463374607431768211455", "ffffffffffffffffffffffffffffffff"),
            ("1461501637330902918203684832716283019655932542975", "ffffffffffffffffffffffffffffffffffffffff"),
        ] {
            assert_eq!(serial_from_decimal(decimal), Some(Serial(hexadecimal.to_owned())), "{decimal}");
        }
        assert_eq!(serial_from_decimal("12a"), None);
        assert_eq!(serial_from_decimal(""), None);
        assert_eq!(serial_from_decimal(&"9".repeat(50)), None, "no serial number has so many digits");
    }

    #[test]
    fn leading_zeros_make_no_difference() {
        assert!(same_serial(&Serial("0a1".to_owned()), &Serial("a1".to_owned())));
        assert!(!same_serial(&Serial("a1".to_owned()), &Serial("a10".to_owned())));
    }

    #[test]
    fn hashes_are_those_of_the_standard() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(sha256_hex(b""), empty);
    }
}
