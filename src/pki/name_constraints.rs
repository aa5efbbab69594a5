//! Name constraints (RFC 5280, 4.2.1.10), judged as OpenSSL and webpki both do: DNS names and addresses, a client's common
//! name that looks like a host name, and no other form.

use std::fmt;
use std::net::IpAddr;

use x509_parser::prelude::FromDer;
use x509_parser::x509::X509Name;

use crate::pki::certificate::Certificate;
use crate::pki::name::SubjectName;
use crate::pki::subject::Emails;
use crate::pki::{der, encoding, subject};

/// What an authority allows below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NameConstraints(Vec<Subtree>);

/// One subtree of names.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Subtree {
    permitted: bool,
    base: Base,
}

/// The root of a subtree.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Base {
    /// A domain, lower case.
    Dns(String),
    /// An address and its mask.
    Address(Vec<u8>),
    /// A name of a form that is not judged here, or one with a minimum or maximum.
    Other { form: u8, shown: String },
}

/// The tags of the forms (RFC 5280, 4.2.1.6).
const EMAIL: u8 = 0x81;
const DNS: u8 = 0x82;
const DIRECTORY: u8 = 0xa4;
const URI: u8 = 0x86;
const ADDRESS: u8 = 0x87;

/// The names that a certificate carries, as far as constraints are about them.
struct CertificateNames<'a> {
    certificate: &'a Certificate,
    is_leaf: bool,
}

impl NameConstraints {
    /// Reads the value of the extension; `None` when it is malformed.
    pub(super) fn read(value: &[u8]) -> Option<Self> {
        let mut subtrees = Vec::new();
        for side in der::elements(der::only(value, der::SEQUENCE)?.content)? {
            let permitted = match side.tag {
                0xa0 => true,
                0xa1 => false,
                _ => return None,
            };
            for subtree in der::elements(side.content)? {
                let parts = der::elements(subtree.content).filter(|_| subtree.tag == der::SEQUENCE)?;
                let (base, limits) = parts.split_first().filter(|(base, _)| encoding::is_general_name(base))?;
                if limits.iter().any(|limit| !matches!(limit.tag, 0x80 | 0x81)) {
                    return None;
                }
                subtrees.push(Subtree { permitted, base: Base::read(base, !limits.is_empty()) });
            }
        }
        Some(Self(subtrees))
    }

    /// The constraint that the certificate violates, if there is one, in the words of OpenSSL's configuration.
    pub(super) fn violated_by(&self, certificate: &Certificate, is_leaf: bool) -> Option<String> {
        if certificate.subject_emails() == Emails::Improper {
            return Some("(the subject has an email address that is no IA5String)".to_owned());
        }
        let names = CertificateNames { certificate, is_leaf };
        let judged = self.0.iter().find(|subtree| subtree.forbids_at_once(&names)).map(ToString::to_string);
        judged
            .or_else(|| names.dns().into_iter().find_map(|name| self.outside(&name, |base| base.holds_dns(&name))))
            .or_else(|| {
                names.addresses().into_iter().find_map(|name| self.outside(&name, |base| base.holds_address(name)))
            })
    }

    /// Where the name is of the form of permitted subtrees and in none of them, all of these.
    fn outside<N: fmt::Display>(&self, name: &N, holds: impl Fn(&Base) -> Option<bool>) -> Option<String> {
        let permitted: Vec<_> =
            self.0.iter().filter(|subtree| subtree.permitted && holds(&subtree.base).is_some()).collect();
        let inside = permitted.is_empty() || permitted.iter().any(|subtree| holds(&subtree.base) == Some(true));
        let all = || permitted.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        (!inside).then(|| format!("{} (the name {name})", all()))
    }
}

impl Base {
    fn read(name: &der::Element<'_>, has_limits: bool) -> Self {
        let other = || Self::Other { form: name.tag, shown: shown(name) };
        match name.tag {
            _ if has_limits => other(),
            DNS => match str::from_utf8(name.content) {
                Ok(domain) => Self::Dns(domain.to_ascii_lowercase()),
                Err(_) => other(),
            },
            ADDRESS if matches!(name.content.len(), 8 | 32) => Self::Address(name.content.to_vec()),
            _ => other(),
        }
    }

    /// Whether the name is the domain or below it; `None` for a subtree of another form.
    fn holds_dns(&self, name: &str) -> Option<bool> {
        let Self::Dns(domain) = self else { return None };
        let front = name.strip_suffix(domain.as_str());
        Some(
            domain.is_empty()
                || front.is_some_and(|front| front.is_empty() || front.ends_with('.') || domain.starts_with('.')),
        )
    }

    fn holds_address(&self, address: IpAddr) -> Option<bool> {
        let Self::Address(network) = self else { return None };
        let octets = match address {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        };
        let (base, mask) = network.split_at_checked(network.len() / 2)?;
        let same = octets.iter().zip(base).zip(mask).all(|((octet, base), mask)| octet & mask == base & mask);
        Some(octets.len() == base.len() && same)
    }
}

impl Subtree {
    /// Whether it excludes a name, or is about names of a form that is not judged here and the certificate has one.
    fn forbids_at_once(&self, names: &CertificateNames<'_>) -> bool {
        match &self.base {
            Base::Other { form, .. } => names.have(*form),
            Base::Dns(_) => !self.permitted && names.dns().iter().any(|name| self.base.holds_dns(name) == Some(true)),
            Base::Address(_) => {
                !self.permitted && names.addresses().iter().any(|name| self.base.holds_address(*name) == Some(true))
            }
        }
    }
}

impl fmt::Display for Subtree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = if self.permitted { "permitted" } else { "excluded" };
        match &self.base {
            Base::Dns(domain) => write!(f, "{side};DNS:{domain}"),
            Base::Address(network) => {
                let (base, mask) = network.split_at_checked(network.len() / 2).unwrap_or_default();
                write!(f, "{side};IP:{}/{}", address(base), address(mask))
            }
            Base::Other { shown, .. } => write!(f, "{side};{shown}"),
        }
    }
}

fn address(octets: &[u8]) -> String {
    let four = <[u8; 4]>::try_from(octets).map(IpAddr::from);
    let parsed = four.or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from));
    parsed.map_or_else(|_| "?".to_owned(), |address| address.to_string())
}

/// A name in the words of OpenSSL's configuration.
fn shown(name: &der::Element<'_>) -> String {
    let text = || String::from_utf8_lossy(name.content).into_owned();
    match name.tag {
        EMAIL => format!("email:{}", text()),
        DNS => format!("DNS:{}", text()),
        URI => format!("URI:{}", text()),
        ADDRESS => "IP, malformed or with a minimum or maximum".to_owned(),
        DIRECTORY => {
            let line =
                X509Name::from_der(name.content).map_or_else(|_| "?".to_owned(), |(_, name)| subject::one_line(&name));
            format!("dirName:{line}")
        }
        _ => "a name of another form".to_owned(),
    }
}

impl CertificateNames<'_> {
    /// The DNS names; of a leaf without any, its common names that look like host names, which OpenSSL judges too
    /// (`NAME_CONSTRAINTS_check_CN`).
    fn dns(&self) -> Vec<String> {
        let names = self.certificate.names().iter().filter_map(|name| match name {
            SubjectName::Dns(name) => Some(name.to_ascii_lowercase()),
            SubjectName::Ip(_) => None,
        });
        let names: Vec<_> = names.collect();
        if !names.is_empty() || !self.is_leaf {
            return names;
        }
        let common = self.certificate.common_names().iter();
        common.filter(|name| looks_like_a_host_name(name)).map(|name| name.to_ascii_lowercase()).collect()
    }

    fn addresses(&self) -> Vec<IpAddr> {
        let address = |name: &SubjectName| match name {
            SubjectName::Ip(address) => Some(*address),
            SubjectName::Dns(_) => None,
        };
        self.certificate.names().iter().filter_map(address).collect()
    }

    /// Whether it carries a name of the form.
    fn have(&self, form: u8) -> bool {
        let extensions = self.certificate.extensions();
        match form {
            DNS => !self.dns().is_empty(),
            DIRECTORY if !self.certificate.subject_is_empty() => true,
            EMAIL if self.certificate.subject_emails() != Emails::None => true,
            // An address inside of another name is one too (SmtpUTF8Mailbox, RFC 8398).
            EMAIL => extensions.name_forms.iter().any(|carried| matches!(*carried, EMAIL | 0xa0)),
            _ => extensions.name_forms.contains(&form),
        }
    }
}

/// OpenSSL's `cn2dnsid`: at least two labels of letters, digits, underscores and inner hyphens.
pub(super) fn looks_like_a_host_name(name: &str) -> bool {
    let allowed = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
    let is_label = |label: &str| {
        !label.is_empty() && label.chars().all(allowed) && !label.starts_with('-') && !label.ends_with('-')
    };
    name.contains('.') && name.split('.').all(is_label)
}
