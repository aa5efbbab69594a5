//! The few fields of a certificate that are compared with what a server or a session shows.

use std::collections::BTreeSet;
use std::fmt::Write;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use crate::rotation::facts::{Fingerprint, Serial};

/// SHA-256 of any bytes.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    let mut hash = [0; 32];
    hash.iter_mut().zip(digest.as_ref()).for_each(|(to, from)| *to = *from);
    hash
}

/// Bytes in lower-case hexadecimal.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// SHA-256 of any bytes, in lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    Fingerprint(sha256(bytes)).to_string()
}

/// The fingerprint of a certificate in DER.
pub fn fingerprint(der: &[u8]) -> Fingerprint {
    Fingerprint(sha256(der))
}

/// The serial number of a certificate in DER; `None` when it is not an X.509 certificate.
pub fn serial(der: &[u8]) -> Option<Serial> {
    let (_, certificate) = x509_parser::parse_x509_certificate(der).ok()?;
    Some(serial_from_bytes(certificate.tbs_certificate.raw_serial()))
}

/// The subject of a certificate in DER, as the DER of an RFC 5280 `Name`.
pub fn subject(der: &[u8]) -> Option<Vec<u8>> {
    let (_, certificate) = x509_parser::parse_x509_certificate(der).ok()?;
    Some(certificate.subject().as_raw().to_vec())
}

/// The certificates of a PEM file, in its order; the blocks that are not certificates are passed over.
/// `None` when a block is damaged.
pub fn certificates(pem: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>().ok()
}

/// The subjects of the certificates of a trust bundle, as a server names them in its `CertificateRequest`
/// (RFC 8446, 4.2.4). The second value tells whether two certificates share one: then the names alone do not show which
/// of them a server has loaded.
pub fn bundle_subjects(pem: &[u8]) -> Option<(BTreeSet<Vec<u8>>, bool)> {
    let unique: BTreeSet<Vec<u8>> = certificates(pem)?.iter().map(|certificate| certificate.to_vec()).collect();
    let subjects = unique.iter().map(|der| subject(der)).collect::<Option<BTreeSet<_>>>()?;
    let shared = subjects.len() < unique.len();
    Some((subjects, shared))
}

/// A DER integer as a serial: lower-case hexadecimal without leading zero bytes.
fn serial_from_bytes(bytes: &[u8]) -> Serial {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    Serial(hexadecimal(bytes.get(zeros..).unwrap_or_default()))
}

/// The serial that `pg_stat_ssl.client_serial` shows as a decimal number; `None` when it is not one.
pub fn serial_from_decimal(text: &str) -> Option<Serial> {
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
    (!text.is_empty()).then(|| serial_from_bytes(&bytes))
}

/// Whether two serials are the same number, however their leading zeros are written.
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
