//! The extensions of a certificate (RFC 5280, 4.2), parsed once.

use std::collections::BTreeSet;

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{CRLDistributionPoint, GeneralName, ParsedExtension, X509Extension};
use x509_parser::prelude::FromDer;
use x509_parser::x509::X509Name;

use crate::pki::name::{self, SubjectName};
use crate::pki::name_constraints::NameConstraints;
use crate::pki::{der, encoding, subject};

/// The key usages that newleaf needs (RFC 5280, 4.2.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyUsages {
    /// The bits as the RFC numbers them: `digitalSignature` is bit 0.
    bits: u16,
}

impl KeyUsages {
    /// `digitalSignature`, and nothing else.
    pub const DIGITAL_SIGNATURE: Self = Self { bits: 1 };

    /// Whether it may sign certificates.
    pub const fn may_sign_certificates(self) -> bool {
        self.bits & (1 << 5) != 0
    }

    /// Whether its holder may take part in a TLS handshake as a client: `digitalSignature` or `keyAgreement`.
    pub(super) const fn may_be_a_client(self) -> bool {
        self.bits & (1 | 1 << 4) != 0
    }

    /// The same for a server, which may also use `keyEncipherment`.
    pub(super) const fn may_be_a_server(self) -> bool {
        self.bits & (1 | 1 << 2 | 1 << 4) != 0
    }
}

/// The purposes of the extended key usage extension (RFC 5280, 4.2.1.12), as dotted numbers.
pub type ExtendedKeyUsages = BTreeSet<String>;

/// `id-kp-serverAuth`.
pub const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
/// `id-kp-clientAuth`.
pub const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";

/// Extensions that OpenSSL judges even if they are not critical, and that no certificate for PostgreSQL needs: proxies
/// (RFC 3820), addresses and autonomous systems (RFC 3779).
const NEVER_WANTED: [&str; 3] = ["1.3.6.1.5.5.7.1.14", "1.3.6.1.5.5.7.1.7", "1.3.6.1.5.5.7.1.8"];

/// The content of the extensions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Extensions {
    pub(super) basic_constraints: Option<BasicConstraints>,
    pub(super) key_usages: Option<KeyUsages>,
    pub(super) key_usages_critical: bool,
    pub(super) extended_key_usages: Option<ExtendedKeyUsages>,
    pub(super) names: BTreeSet<SubjectName>,
    /// The number of alternative names that are neither DNS names nor addresses, or are malformed.
    pub(super) other_names: usize,
    pub(super) has_alternative_names: bool,
    /// The tags of the forms of all alternative names.
    pub(super) name_forms: BTreeSet<u8>,
    pub(super) subject_key_identifier: Option<Vec<u8>>,
    pub(super) authority_key_identifier: Option<AuthorityKeyIdentifier>,
    pub(super) name_constraints: Option<NameConstraints>,
    /// The bits of Netscape's certificate type: 0 for a client, 1 for a server.
    pub(super) netscape_types: Option<u8>,
    /// The numbers of extensions that a verifier may refuse: unknown critical ones, and [`NEVER_WANTED`].
    pub(super) unacceptable: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BasicConstraints {
    pub(super) is_authority: bool,
    pub(super) path_length: Option<u32>,
    pub(super) critical: bool,
}

/// How a certificate identifies the certificate of its issuer (RFC 5280, 4.2.1.1).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct AuthorityKeyIdentifier {
    pub(super) key: Option<Vec<u8>>,
    /// The issuer of the issuer's certificate.
    pub(super) issuer: Option<Vec<u8>>,
    /// The same issuer in the normal form for OpenSSL's comparison.
    pub(super) folded_issuer: Option<String>,
    /// The serial number of the issuer's certificate, without leading zeros.
    pub(super) serial: Option<Vec<u8>>,
}

/// Parses all extensions. The error is a clause.
pub(super) fn read(certificate: &X509Certificate<'_>) -> Result<Extensions, String> {
    certificate.tbs_certificate.extensions_map().map_err(|_| "it has the same extension twice".to_owned())?;
    let mut read = Extensions::default();
    for extension in certificate.extensions() {
        let number = extension.oid.to_id_string();
        read.add(extension, &number).ok_or_else(|| format!("its extension {number} is malformed"))?;
    }
    Ok(read)
}

impl Extensions {
    /// Adds one extension. `None` if it is malformed.
    fn add(&mut self, extension: &X509Extension<'_>, number: &str) -> Option<()> {
        #[expect(clippy::wildcard_enum_match_arm, reason = "the enum of another crate grows")]
        match extension.parsed_extension() {
            ParsedExtension::BasicConstraints(constraints) => {
                self.basic_constraints = Some(BasicConstraints {
                    is_authority: constraints.ca,
                    path_length: constraints.path_len_constraint,
                    critical: extension.critical,
                });
            }
            ParsedExtension::KeyUsage(usage) => {
                self.key_usages = Some(KeyUsages { bits: usage.flags }).filter(|usages| usages.bits != 0);
                self.key_usages_critical = extension.critical;
                self.key_usages?;
            }
            ParsedExtension::ExtendedKeyUsage(_) => {
                self.extended_key_usages = Some(extended_key_usages(extension.value)?);
            }
            ParsedExtension::SubjectAlternativeName(alternative) => {
                self.add_names(&alternative.general_names, extension.value)?;
            }
            ParsedExtension::SubjectKeyIdentifier(identifier) => {
                self.subject_key_identifier = Some(identifier.0.to_vec());
                self.refuse_if(extension.critical, number);
            }
            ParsedExtension::AuthorityKeyIdentifier(_) => {
                self.authority_key_identifier = Some(authority_key_identifier(extension.value)?);
                self.refuse_if(extension.critical, number);
            }
            ParsedExtension::NameConstraints(_) => {
                self.name_constraints = Some(NameConstraints::read(extension.value)?);
            }
            ParsedExtension::NSCertType(_) => {
                let bits = der::only(extension.value, der::BIT_STRING)?.content;
                self.netscape_types = Some(bits.get(1).copied().unwrap_or_default().reverse_bits());
                self.refuse_if(extension.critical, number);
            }
            ParsedExtension::CRLDistributionPoints(points) => {
                if !points.iter().all(says_where) {
                    return None;
                }
                self.refuse_if(extension.critical, number);
            }
            ParsedExtension::ParseError { .. } => return None,
            _ => self.refuse_if(extension.critical || NEVER_WANTED.contains(&number), number),
        }
        Some(())
    }

    fn add_names(&mut self, names: &[GeneralName<'_>], value: &[u8]) -> Option<()> {
        for name in names {
            match subject_name(name) {
                Some(name) => drop(self.names.insert(name)),
                None => self.other_names += 1,
            }
        }
        self.has_alternative_names = true;
        let forms = der::elements(der::only(value, der::SEQUENCE)?.content)?;
        self.name_forms = forms.iter().map(|name| name.tag).collect();
        Some(())
    }

    fn refuse_if(&mut self, unacceptable: bool, number: &str) {
        if unacceptable {
            self.unacceptable.push(number.to_owned());
        }
    }
}

/// Whether a distribution point has content; RFC 5280, 4.2.1.13 forbids an empty one.
fn says_where(point: &CRLDistributionPoint<'_>) -> bool {
    let names_its_issuer = match &point.crl_issuer {
        Some(names) => !names.is_empty(),
        None => false,
    };
    point.distribution_point.is_some() || names_its_issuer
}

/// Every purpose by its number. The parsed form of the library keeps only known ones.
fn extended_key_usages(value: &[u8]) -> Option<ExtendedKeyUsages> {
    let (_, purposes) = Vec::<x509_parser::asn1_rs::Oid<'_>>::from_der(value).ok()?;
    Some(purposes.iter().map(x509_parser::asn1_rs::Oid::to_id_string).collect())
}

/// `SEQUENCE { [0] keyIdentifier, [1] authorityCertIssuer, [2] authorityCertSerialNumber }`, each optional.
fn authority_key_identifier(value: &[u8]) -> Option<AuthorityKeyIdentifier> {
    let mut read = AuthorityKeyIdentifier::default();
    for field in der::elements(der::only(value, der::SEQUENCE)?.content)? {
        match field.tag {
            0x80 => read.key = Some(field.content.to_vec()),
            0xa1 => {
                // OpenSSL uses only the first directory name.
                let names = der::elements(field.content)?;
                if !names.iter().all(encoding::is_general_name) {
                    return None;
                }
                let name = names.into_iter().find(|name| name.tag == 0xa4);
                if let Some(name) = name {
                    let (_, parsed) = X509Name::from_der(name.content).ok()?;
                    read.issuer = Some(name.content.to_vec());
                    read.folded_issuer = Some(subject::folded(&parsed));
                }
            }
            0x82 => read.serial = Some(der::significant(field.content).to_vec()),
            _ => return None,
        }
    }
    Some(read)
}

fn subject_name(name: &GeneralName<'_>) -> Option<SubjectName> {
    match name {
        GeneralName::DNSName(name) => Some(SubjectName::Dns((*name).to_owned())),
        GeneralName::IPAddress(octets) => name::address(octets).map(SubjectName::Ip),
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
