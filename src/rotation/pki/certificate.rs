//! A certificate and its content (RFC 5280, 4).

use std::collections::BTreeSet;
use std::fmt;

use aws_lc_rs::digest;
use base::diagnosis::Code;
use chrono::{DateTime, Utc};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;
use x509_parser::time::ASN1Time;

use crate::pki::error::{PkiError, Source};
use crate::pki::extensions::{self, AuthorityKeyIdentifier, ExtendedKeyUsages, Extensions, KeyUsages};
use crate::pki::identity::{Fingerprint, Serial, Validity, hexadecimal};
use crate::pki::name::SubjectName;
use crate::pki::public_key::{PublicKey, PublicKeyKind};
use crate::pki::subject::Emails;
use crate::pki::{der, encoding, pem, subject};

/// A certificate: its DER, and the fields parsed from it once.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    fingerprint: Fingerprint,
    contents: Contents,
}

/// The fields of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Contents {
    serial: Serial,
    raw_serial: Vec<u8>,
    subject: Vec<u8>,
    subject_line: String,
    subject_is_empty: bool,
    subject_emails: Emails,
    folded_subject: String,
    common_names: Vec<String>,
    issuer: Vec<u8>,
    issuer_line: String,
    folded_issuer: String,
    validity: Validity,
    public_key: Vec<u8>,
    key_kind: PublicKeyKind,
    signature_algorithm: String,
    extensions: Extensions,
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({} {:?})", self.contents.subject_line, self.fingerprint)
    }
}

impl Certificate {
    /// Parses DER. newleaf does not support every field, but every field is well-formed.
    pub fn from_der(der: &[u8], origin: &Source) -> Result<Self, PkiError> {
        let contents = read(der).map_err(|reason| PkiError::unreadable(Code::CertificateBroken, origin, reason))?;
        Ok(Self { der: der.to_vec(), fingerprint: fingerprint(der), contents })
    }

    /// Parses every certificate of a PEM file in order: at least one, none twice.
    pub fn all_from_pem(input: &[u8], origin: &Source) -> Result<Vec<Self>, PkiError> {
        let certificates = pem::certificates(input, origin)?
            .iter()
            .map(|der| Self::from_der(der, origin))
            .collect::<Result<Vec<_>, _>>()?;
        let mut seen = BTreeSet::new();
        match certificates.iter().find(|certificate| !seen.insert(certificate.fingerprint)) {
            None => Ok(certificates),
            Some(twice) => {
                let reason = format!("it contains the certificate {} twice", twice.subject_line());
                Err(PkiError::unreadable(Code::CertificateDuplicate, origin, reason))
            }
        }
    }

    /// The whole certificate in DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// SHA-256 over the DER.
    pub const fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The serial number.
    pub const fn serial(&self) -> &Serial {
        &self.contents.serial
    }

    /// The encoded subject.
    pub fn subject(&self) -> &[u8] {
        &self.contents.subject
    }

    /// The subject in one line, as PostgreSQL shows it (before it cuts it to 63 bytes).
    pub fn subject_line(&self) -> &str {
        &self.contents.subject_line
    }

    /// The common names in the subject. A proper subject has at most one.
    pub fn common_names(&self) -> &[String] {
        &self.contents.common_names
    }

    /// The encoded issuer.
    pub fn issuer(&self) -> &[u8] {
        &self.contents.issuer
    }

    /// The issuer in one line, as PostgreSQL shows it (before it cuts it to 63 bytes).
    pub fn issuer_line(&self) -> &str {
        &self.contents.issuer_line
    }

    pub const fn validity(&self) -> Validity {
        self.contents.validity
    }

    /// The public key (`SubjectPublicKeyInfo`, DER).
    pub fn public_key(&self) -> &[u8] {
        &self.contents.public_key
    }

    /// The subject alternative names that are DNS names or addresses.
    pub const fn names(&self) -> &BTreeSet<SubjectName> {
        &self.contents.extensions.names
    }

    /// The number of alternative names that are neither.
    pub const fn other_names(&self) -> usize {
        self.contents.extensions.other_names
    }

    /// The extended key usages. `None` without the extension.
    pub const fn extended_key_usages(&self) -> Option<&ExtendedKeyUsages> {
        self.contents.extensions.extended_key_usages.as_ref()
    }

    /// The key usages. `None` without the extension.
    pub const fn key_usages(&self) -> Option<KeyUsages> {
        self.contents.extensions.key_usages
    }

    /// Whether it belongs to an authority (basicConstraints with CA:TRUE).
    pub fn is_authority(&self) -> bool {
        self.contents.extensions.basic_constraints.is_some_and(|constraints| constraints.is_authority)
    }

    /// The number of intermediates that may follow (RFC 5280, 4.2.1.9).
    pub fn path_length(&self) -> Option<u32> {
        self.contents.extensions.basic_constraints.and_then(|constraints| constraints.path_length)
    }

    pub fn subject_key_identifier(&self) -> Option<&[u8]> {
        self.contents.extensions.subject_key_identifier.as_deref()
    }

    /// The key identifier in the authority key identifier.
    pub fn authority_key_identifier(&self) -> Option<&[u8]> {
        self.issuer_identifier()?.key.as_deref()
    }

    pub(super) const fn issuer_identifier(&self) -> Option<&AuthorityKeyIdentifier> {
        self.contents.extensions.authority_key_identifier.as_ref()
    }

    /// Whether subject and issuer are the same: a root.
    pub fn is_self_issued(&self) -> bool {
        self.contents.subject == self.contents.issuer
    }

    pub(super) const fn extensions(&self) -> &Extensions {
        &self.contents.extensions
    }

    pub(super) const fn subject_is_empty(&self) -> bool {
        self.contents.subject_is_empty
    }

    pub(super) const fn subject_emails(&self) -> Emails {
        self.contents.subject_emails
    }

    /// The subject in the normal form for OpenSSL's comparison.
    pub(super) fn folded_subject(&self) -> &str {
        &self.contents.folded_subject
    }

    /// The issuer in the normal form for OpenSSL's comparison.
    pub(super) fn folded_issuer(&self) -> &str {
        &self.contents.folded_issuer
    }

    pub(super) const fn key_kind(&self) -> PublicKeyKind {
        self.contents.key_kind
    }

    pub(super) fn signature_algorithm(&self) -> &str {
        &self.contents.signature_algorithm
    }

    /// The serial number's octets without leading zeros.
    pub(super) fn significant_serial(&self) -> &[u8] {
        der::significant(&self.contents.raw_serial)
    }

    /// Whether the serial number is positive, not zero, and has at most 20 octets (RFC 5280, 4.1.2.2).
    pub(super) fn has_proper_serial(&self) -> bool {
        let serial = &self.contents.raw_serial;
        let positive = !self.significant_serial().is_empty() && serial.first().is_some_and(|&first| first < 0x80);
        positive && serial.len() <= 20
    }

    /// The certificate as PEM, with LF and a final newline.
    pub fn to_pem(&self) -> String {
        pem::encode_certificates([self.der()])
    }
}

/// Several certificates as PEM, in the given order.
pub fn to_pem<'a>(certificates: impl IntoIterator<Item = &'a Certificate>) -> String {
    pem::encode_certificates(certificates.into_iter().map(Certificate::der))
}

fn fingerprint(der: &[u8]) -> Fingerprint {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest::digest(&digest::SHA256, der).as_ref());
    Fingerprint(bytes)
}

fn read(der: &[u8]) -> Result<Contents, String> {
    let (rest, certificate) =
        X509Certificate::from_der(der).map_err(|_| "the PEM block does not contain an X.509 certificate".to_owned())?;
    if !rest.is_empty() {
        return Err("bytes follow the certificate in its PEM block".to_owned());
    }
    if certificate.version().0 != 2 {
        return Err("it is not a version 3 certificate".to_owned());
    }
    let public_key = certificate.public_key().raw;
    let (subject, issuer) = (certificate.subject(), certificate.issuer());
    if !subject::is_text(subject) || !subject::is_text(issuer) {
        return Err("a name in it is not the text that it says to be".to_owned());
    }
    encoding::check(der)?;
    Ok(Contents {
        serial: Serial(hexadecimal(der::significant(certificate.raw_serial()))),
        raw_serial: certificate.raw_serial().to_vec(),
        subject: subject.as_raw().to_vec(),
        subject_line: subject::one_line(subject),
        subject_is_empty: subject.iter_attributes().next().is_none(),
        subject_emails: subject::emails(subject),
        folded_subject: subject::folded(subject),
        common_names: subject::common_names(subject),
        issuer: issuer.as_raw().to_vec(),
        issuer_line: subject::one_line(issuer),
        folded_issuer: subject::folded(issuer),
        validity: Validity {
            not_before: date(certificate.validity().not_before)?,
            not_after: date(certificate.validity().not_after)?,
        },
        public_key: public_key.to_vec(),
        key_kind: PublicKey::read(public_key).map_or(PublicKeyKind::Other, PublicKey::kind),
        signature_algorithm: certificate.signature_algorithm.algorithm.to_id_string(),
        extensions: extensions::read(&certificate)?,
    })
}

fn date(time: ASN1Time) -> Result<DateTime<Utc>, String> {
    DateTime::from_timestamp(time.timestamp(), 0).ok_or_else(|| "a date in it is out of range".to_owned())
}
