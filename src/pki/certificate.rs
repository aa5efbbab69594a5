//! A certificate and what it says (RFC 5280, 4).

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;

use aws_lc_rs::digest;
use chrono::{DateTime, Utc};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer;
use x509_parser::time::ASN1Time;

use crate::diagnosis::Code;
use crate::pki::error::{Error, Origin};
use crate::pki::identity::{Fingerprint, Serial, Validity, hexadecimal};
use crate::pki::name::SubjectName;
use crate::pki::{pem, subject};

/// The usages that matter here (RFC 5280, 4.2.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyUsages {
    /// As they are numbered in the RFC: `digitalSignature` is bit 0.
    bits: u16,
}

impl KeyUsages {
    /// `digitalSignature`, and nothing else.
    pub const DIGITAL_SIGNATURE: Self = Self { bits: 1 };

    /// Whether it may sign certificates.
    pub const fn may_sign_certificates(self) -> bool {
        self.bits & (1 << 5) != 0
    }
}

/// What the extended key usage extension allows (RFC 5280, 4.2.1.12), as dotted numbers.
pub type ExtendedKeyUsages = BTreeSet<String>;

/// `id-kp-serverAuth`.
pub const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
/// `id-kp-clientAuth`.
pub const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";
/// `anyExtendedKeyUsage`.
pub const ANY_USAGE: &str = "2.5.29.37.0";

/// A certificate: its DER, and what was read from it once.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    fingerprint: Fingerprint,
    contents: Contents,
}

/// What a certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Contents {
    serial: Serial,
    serial_length: usize,
    serial_is_positive: bool,
    subject: Vec<u8>,
    subject_line: String,
    subject_is_empty: bool,
    common_names: Vec<String>,
    issuer: Vec<u8>,
    issuer_line: String,
    validity: Validity,
    public_key: Vec<u8>,
    signature_algorithm: String,
    extensions: Extensions,
}

/// What the extensions say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Extensions {
    pub(super) basic_constraints: Option<BasicConstraints>,
    pub(super) key_usages: Option<KeyUsages>,
    pub(super) key_usages_critical: bool,
    pub(super) extended_key_usages: Option<ExtendedKeyUsages>,
    pub(super) names: BTreeSet<SubjectName>,
    /// Alternative names that are neither DNS names nor addresses, or not well-formed ones.
    pub(super) other_names: usize,
    pub(super) subject_key_identifier: Option<Vec<u8>>,
    pub(super) authority_key_identifier: Option<Vec<u8>>,
    /// Numbers of critical extensions that no verifier here understands.
    pub(super) unknown_critical: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BasicConstraints {
    pub(super) is_authority: bool,
    pub(super) path_length: Option<u32>,
    pub(super) critical: bool,
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({} {:?})", self.contents.subject_line, self.fingerprint)
    }
}

impl Certificate {
    /// Reads DER. Not all that it says is supported, but all of it is well-formed.
    pub fn from_der(der: &[u8], origin: &Origin) -> Result<Self, Error> {
        let contents = read(der).map_err(|reason| Error::unreadable(Code::CertificateBroken, origin, reason))?;
        Ok(Self { der: der.to_vec(), fingerprint: fingerprint(der), contents })
    }

    /// Reads every certificate of a PEM file, in its order: at least one, none twice.
    pub fn all_from_pem(input: &[u8], origin: &Origin) -> Result<Vec<Self>, Error> {
        let certificates = pem::certificates(input, origin)?
            .iter()
            .map(|der| Self::from_der(der, origin))
            .collect::<Result<Vec<_>, _>>()?;
        let mut seen = BTreeSet::new();
        match certificates.iter().find(|certificate| !seen.insert(certificate.fingerprint)) {
            None => Ok(certificates),
            Some(twice) => {
                let reason = format!("the certificate {} is in it twice", twice.subject_line());
                Err(Error::unreadable(Code::CertificateDuplicate, origin, reason))
            }
        }
    }

    /// The whole of it, in DER.
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

    /// The subject as it is encoded.
    pub fn subject(&self) -> &[u8] {
        &self.contents.subject
    }

    /// The subject in one line, as PostgreSQL shows it (before it cuts it to 63 bytes).
    pub fn subject_line(&self) -> &str {
        &self.contents.subject_line
    }

    /// The common names in the subject; a well-made one has at most one.
    pub fn common_names(&self) -> &[String] {
        &self.contents.common_names
    }

    /// The issuer as it is encoded.
    pub fn issuer(&self) -> &[u8] {
        &self.contents.issuer
    }

    /// The issuer in one line, as PostgreSQL shows it (before it cuts it to 63 bytes).
    pub fn issuer_line(&self) -> &str {
        &self.contents.issuer_line
    }

    /// When it is valid.
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

    /// How many alternative names it has that are neither.
    pub const fn other_names(&self) -> usize {
        self.contents.extensions.other_names
    }

    /// The extended key usages; `None` when it has no such extension.
    pub const fn extended_key_usages(&self) -> Option<&ExtendedKeyUsages> {
        self.contents.extensions.extended_key_usages.as_ref()
    }

    /// The key usages; `None` when it has no such extension.
    pub const fn key_usages(&self) -> Option<KeyUsages> {
        self.contents.extensions.key_usages
    }

    /// Whether it is an authority's (basicConstraints with CA:TRUE).
    pub fn is_authority(&self) -> bool {
        self.contents.extensions.basic_constraints.is_some_and(|constraints| constraints.is_authority)
    }

    /// How many intermediates may follow (RFC 5280, 4.2.1.9).
    pub fn path_length(&self) -> Option<u32> {
        self.contents.extensions.basic_constraints.and_then(|constraints| constraints.path_length)
    }

    /// The subject key identifier.
    pub fn subject_key_identifier(&self) -> Option<&[u8]> {
        self.contents.extensions.subject_key_identifier.as_deref()
    }

    /// The authority key identifier.
    pub fn authority_key_identifier(&self) -> Option<&[u8]> {
        self.contents.extensions.authority_key_identifier.as_deref()
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

    pub(super) fn signature_algorithm(&self) -> &str {
        &self.contents.signature_algorithm
    }

    /// Positive, not zero, at most 20 octets (RFC 5280, 4.1.2.2).
    pub(super) const fn has_proper_serial(&self) -> bool {
        self.contents.serial_is_positive && self.contents.serial_length <= 20
    }

    /// PEM: LF, a final newline.
    pub fn to_pem(&self) -> String {
        pem::encode_certificates([self.der()])
    }
}

/// PEM of several, in the given order.
pub fn to_pem<'a>(certificates: impl IntoIterator<Item = &'a Certificate>) -> String {
    pem::encode_certificates(certificates.into_iter().map(Certificate::der))
}

fn fingerprint(der: &[u8]) -> Fingerprint {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest::digest(&digest::SHA256, der).as_ref());
    Fingerprint(bytes)
}

fn read(der: &[u8]) -> Result<Contents, String> {
    let (rest, certificate) = X509Certificate::from_der(der)
        .map_err(|_| "what is in the PEM block is not an X.509 certificate".to_owned())?;
    if !rest.is_empty() {
        return Err("bytes follow the certificate in its PEM block".to_owned());
    }
    if certificate.version().0 != 2 {
        return Err("it is not a version 3 certificate".to_owned());
    }
    let raw_serial = certificate.raw_serial();
    let significant: Vec<u8> = raw_serial.iter().copied().skip_while(|&octet| octet == 0).collect();
    Ok(Contents {
        serial: Serial(hexadecimal(&significant)),
        serial_length: raw_serial.len(),
        serial_is_positive: !significant.is_empty() && raw_serial.first().is_some_and(|&first| first < 0x80),
        subject: certificate.subject().as_raw().to_vec(),
        subject_line: subject::one_line(certificate.subject()),
        subject_is_empty: certificate.subject().iter_attributes().next().is_none(),
        common_names: common_names(&certificate),
        issuer: certificate.issuer().as_raw().to_vec(),
        issuer_line: subject::one_line(certificate.issuer()),
        validity: Validity {
            not_before: date(certificate.validity().not_before)?,
            not_after: date(certificate.validity().not_after)?,
        },
        public_key: certificate.public_key().raw.to_vec(),
        signature_algorithm: certificate.signature_algorithm.algorithm.to_id_string(),
        extensions: extensions(&certificate)?,
    })
}

fn date(time: ASN1Time) -> Result<DateTime<Utc>, String> {
    DateTime::from_timestamp(time.timestamp(), 0).ok_or_else(|| "a date in it is out of range".to_owned())
}

fn common_names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let names = certificate.subject().iter_common_name();
    names.map(|name| name.as_str().map_or_else(|_| "(not text)".to_owned(), str::to_owned)).collect()
}

fn extensions(certificate: &X509Certificate<'_>) -> Result<Extensions, String> {
    certificate.tbs_certificate.extensions_map().map_err(|_| "it has the same extension twice".to_owned())?;
    let mut read = Extensions::default();
    for extension in certificate.extensions() {
        let number = extension.oid.to_id_string();
        #[expect(clippy::wildcard_enum_match_arm, reason = "the enum of another crate grows")]
        match extension.parsed_extension() {
            ParsedExtension::BasicConstraints(constraints) => {
                read.basic_constraints = Some(BasicConstraints {
                    is_authority: constraints.ca,
                    path_length: constraints.path_len_constraint,
                    critical: extension.critical,
                });
            }
            ParsedExtension::KeyUsage(usage) => {
                read.key_usages = Some(KeyUsages { bits: usage.flags });
                read.key_usages_critical = extension.critical;
            }
            ParsedExtension::ExtendedKeyUsage(_) => {
                read.extended_key_usages = Some(extended_key_usages(extension.value)?);
            }
            ParsedExtension::SubjectAlternativeName(alternative) => {
                for name in &alternative.general_names {
                    match subject_name(name) {
                        Some(name) => drop(read.names.insert(name)),
                        None => read.other_names += 1,
                    }
                }
            }
            ParsedExtension::SubjectKeyIdentifier(identifier) => {
                read.subject_key_identifier = Some(identifier.0.to_vec());
            }
            ParsedExtension::AuthorityKeyIdentifier(identifier) => {
                read.authority_key_identifier =
                    identifier.key_identifier.as_ref().map(|identifier| identifier.0.to_vec());
            }
            ParsedExtension::NameConstraints(_) => {}
            ParsedExtension::ParseError { .. } => return Err(format!("its extension {number} is malformed")),
            _ if extension.critical => read.unknown_critical.push(number),
            _ => {}
        }
    }
    Ok(read)
}

/// Every purpose by its number: the parsed form keeps only those that it knows.
fn extended_key_usages(value: &[u8]) -> Result<ExtendedKeyUsages, String> {
    let (_, purposes) = Vec::<x509_parser::asn1_rs::Oid<'_>>::from_der(value)
        .map_err(|_| "its extended key usage is malformed".to_owned())?;
    Ok(purposes.iter().map(x509_parser::asn1_rs::Oid::to_id_string).collect())
}

fn subject_name(name: &GeneralName<'_>) -> Option<SubjectName> {
    match name {
        GeneralName::DNSName(name) => Some(SubjectName::Dns((*name).to_owned())),
        GeneralName::IPAddress(octets) => address(octets).map(SubjectName::Ip),
        GeneralName::OtherName(..)
        | GeneralName::RFC822Name(_)
        | GeneralName::X400Address(_)
        | GeneralName::DirectoryName(_)
        | GeneralName::EDIPartyName(_)
        | GeneralName::URI(_)
        | GeneralName::RegisteredID(_)
        | GeneralName::Invalid(..) => None,
    }
}

fn address(octets: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(octets).map(IpAddr::from);
    four.or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from)).ok()
}
