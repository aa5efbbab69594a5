//! A certificate that newleaf only observes: of any version, with any key, in any encoding that OpenSSL serves. It judges
//! nothing.

use aws_lc_rs::digest;

use crate::pki::der;
use crate::pki::identity::{Fingerprint, Serial, hexadecimal};

/// The fields that newleaf can read from any certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedCertificate {
    /// The SHA-256 of the sent bytes.
    pub fingerprint: Fingerprint,
    /// The serial number, or a text in its place if it is unreadable.
    pub serial: Serial,
    /// The `SubjectPublicKeyInfo`, if it is readable.
    pub public_key: Option<Vec<u8>>,
}

impl ObservedCertificate {
    /// Reads the sent bytes.
    pub fn read(sent: &[u8]) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest::digest(&digest::SHA256, sent).as_ref());
        let fields = fields(sent).unwrap_or_default();
        let serial = match fields.first() {
            Some(field) if field.tag == der::INTEGER => hexadecimal(der::significant(field.content)),
            Some(_) | None => "unreadable".to_owned(),
        };
        // Serial number, signature, issuer, validity, subject, subjectPublicKeyInfo (RFC 5280, 4.1).
        let public_key = fields.get(5).filter(|field| field.tag == der::SEQUENCE).map(|field| field.raw.to_vec());
        Self { fingerprint: Fingerprint(bytes), serial: Serial(serial), public_key }
    }
}

/// The fields of the signed part, from the serial number on. Version 1 does not encode its version.
fn fields(sent: &[u8]) -> Option<Vec<der::Element<'_>>> {
    let (certificate, _) = der::take_lenient(sent)?;
    let (signed, _) = der::take_lenient(certificate.content)?;
    let mut rest = signed.content;
    let mut fields = Vec::new();
    while let Some((field, following)) = der::take_lenient(rest) {
        fields.push(field);
        rest = following;
    }
    if let Some(first) = fields.first()
        && first.tag == 0xa0
    {
        fields.remove(0);
    }
    Some(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_has_a_fingerprint_all_the_same() {
        for sent in [&b""[..], b"\x30", b"\x30\x80\x00\x00", b"not DER at all", b"\x30\x03\x30\x01\x02"] {
            let observed = ObservedCertificate::read(sent);
            assert_eq!((observed.serial.0.as_str(), observed.public_key), ("unreadable", None), "{sent:?}");
        }
    }

    #[test]
    fn lengths_that_are_longer_than_they_need_be_are_read() {
        // SEQUENCE { SEQUENCE { INTEGER 0x0102 } }, each length in two octets.
        let sent = b"\x30\x82\x00\x0a\x30\x82\x00\x06\x02\x82\x00\x02\x01\x02";
        assert_eq!(ObservedCertificate::read(sent).serial.0, "0102");
    }
}
