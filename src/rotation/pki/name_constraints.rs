//! Name constraints (RFC 5280, 4.2.1.10), judged as both OpenSSL and webpki do: DNS names, addresses, and a client's common
//! name if it looks like a host name. It judges no other form.

use std::fmt;
use std::net::IpAddr;

use x509_parser::prelude::FromDer;
use x509_parser::x509::X509Name;

use crate::pki::certificate::Certificate;
use crate::pki::name::{self, SubjectName};
use crate::pki::subject::Emails;
use crate::pki::{der, encoding, subject};

/// The names that an authority allows below it.
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
    /// A name of another form, or one with a minimum or maximum.
    Other { form: u8, shown: String },
}

/// The tags of the forms (RFC 5280, 4.2.1.6).
const EMAIL: u8 = 0x81;
const DNS: u8 = 0x82;
const DIRECTORY: u8 = 0xa4;
const URI: u8 = 0x86;
const ADDRESS: u8 = 0x87;

/// The names of a certificate that constraints apply to.
struct CertificateNames<'a> {
    certificate: &'a Certificate,
    is_leaf: bool,
}

impl NameConstraints {
    /// Parses the value of the extension. `None` if it is malformed.
    pub(super) fn read(value: &[u8]) -> Option<Self> {
        let mut subtrees = Vec::new();
        for side in der::elements(der::only(value, der::SEQUENCE)?.content)? {
            let permitted = match side.tag {
                0xa0 => true,
                0xa1 => false,
                _ => return None,
            };
            for subtree in der::elements(side.content)? {
                let parts = der::elements(subtree.content)?;
                let (base, limits) = parts.split_first()?;
                let has_proper_limits = limits.iter().all(|limit| matches!(limit.tag, 0x80 | 0x81));
                if subtree.tag != der::SEQUENCE || !encoding::is_general_name(base) || !has_proper_limits {
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
        for subtree in &self.0 {
            if subtree.forbids_at_once(&names) {
                return Some(subtree.to_string());
            }
        }
        for name in names.dns() {
            if let Some(permitted) = self.permitted_elsewhere(|base| base.holds_dns(&name)) {
                return Some(format!("{permitted} (the name {name})"));
            }
        }
        for name in names.addresses() {
            if let Some(permitted) = self.permitted_elsewhere(|base| base.holds_address(name)) {
                return Some(format!("{permitted} (the name {name})"));
            }
        }
        None
    }

    /// The permitted subtrees for the form of a name, if there are some and none of them contains the name.
    fn permitted_elsewhere(&self, holds: impl Fn(&Base) -> Option<bool>) -> Option<String> {
        let mut elsewhere = Vec::new();
        for subtree in self.0.iter().filter(|subtree| subtree.permitted) {
            match holds(&subtree.base) {
                Some(true) => return None,
                Some(false) => elsewhere.push(subtree.to_string()),
                None => {}
            }
        }
        if elsewhere.is_empty() { None } else { Some(elsewhere.join(", ")) }
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

    /// Whether the name is the domain or below it. `None` for a subtree of another form.
    fn holds_dns(&self, name: &str) -> Option<bool> {
        let Self::Dns(domain) = self else { return None };
        let Some(front) = name.strip_suffix(domain.as_str()) else { return Some(false) };
        let is_whole_label = front.is_empty() || front.ends_with('.') || domain.starts_with('.');
        Some(domain.is_empty() || is_whole_label)
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
    /// Whether it excludes a name. An excluded form that newleaf does not judge counts if the certificate has such a name.
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
    match name::address(octets) {
        Some(address) => address.to_string(),
        None => "?".to_owned(),
    }
}

/// A name in the words of OpenSSL's configuration.
fn shown(name: &der::Element<'_>) -> String {
    let text = || String::from_utf8_lossy(name.content).into_owned();
    match name.tag {
        EMAIL => format!("email:{}", text()),
        DNS => format!("DNS:{}", text()),
        URI => format!("URI:{}", text()),
        ADDRESS => "IP, malformed or with a minimum or maximum".to_owned(),
        DIRECTORY => match X509Name::from_der(name.content) {
            Ok((_, name)) => format!("dirName:{}", subject::one_line(&name)),
            Err(_) => "dirName:?".to_owned(),
        },
        _ => "a name of another form".to_owned(),
    }
}

impl CertificateNames<'_> {
    /// The DNS names. For a leaf without any, the common names that look like host names, which OpenSSL judges too
    /// (`NAME_CONSTRAINTS_check_CN`).
    fn dns(&self) -> Vec<String> {
        let mut names = Vec::new();
        for name in self.certificate.names() {
            if let SubjectName::Dns(name) = name {
                names.push(name.to_ascii_lowercase());
            }
        }
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
            // An address inside another name counts too (SmtpUTF8Mailbox, RFC 8398).
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
