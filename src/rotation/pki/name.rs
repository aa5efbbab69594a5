//! Names in certificates, parsed once.

use std::fmt;
use std::net::IpAddr;

/// A common name: 1 to 64 characters (RFC 5280, appendix A.1, ub-common-name), none of them a control character.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CommonName(String);

impl CommonName {
    /// The largest number of characters.
    pub const LENGTH_MAX: usize = 64;

    /// Accepts 1 to 64 characters without control characters.
    pub fn parse(text: &str) -> Result<Self, String> {
        let length = text.chars().count();
        if text.trim().is_empty() {
            return Err("a common name must not be empty".to_owned());
        }
        if length > Self::LENGTH_MAX {
            return Err(format!("a common name has at most {} characters; this one has {length}", Self::LENGTH_MAX));
        }
        if text.chars().any(char::is_control) {
            return Err("a common name must not contain control characters".to_owned());
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CommonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A subject alternative name, by which a client reaches the server.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SubjectName {
    /// A DNS name, lower case.
    Dns(String),
    /// An IP address.
    Ip(IpAddr),
}

impl SubjectName {
    /// Whether the name means a different host in every network: a single label, except `localhost`, which means the same
    /// everywhere (RFC 6761, 6.3).
    pub fn is_unqualified(&self) -> bool {
        match self {
            Self::Dns(name) => !name.contains('.') && name != "localhost",
            Self::Ip(_) => false,
        }
    }

    /// Accepts a DNS name or an IP address. A single label (`db`, the name of a service in a compose file) means a different host
    /// in every network; newleaf accepts it with a warning ([`crate::pki::warning::CertificateWarning`]).
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Ok(address) = text.parse() {
            return Ok(Self::Ip(address));
        }
        if text.contains(':') {
            return Err(format!("{text:?} is not an IP address; a zone (`%eth0`) has no place in a certificate"));
        }
        let name = text.to_ascii_lowercase();
        check_dns(&name).map_err(|reason| format!("{text:?} is not a host name: {reason}"))?;
        Ok(Self::Dns(name))
    }
}

/// The address of four or sixteen octets (RFC 5280, 4.2.1.6).
pub(super) fn address(octets: &[u8]) -> Option<IpAddr> {
    if let Ok(four) = <[u8; 4]>::try_from(octets) {
        return Some(four.into());
    }
    let sixteen = <[u8; 16]>::try_from(octets).ok()?;
    Some(sixteen.into())
}

/// Checks a DNS name by RFC 1034, 3.5, RFC 1123, 2.1 and RFC 5280, 4.2.1.6.
fn check_dns(name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("it is empty".to_owned());
    }
    if name.len() > 253 {
        return Err(format!("it has {} characters; the limit is 253", name.len()));
    }
    if name.ends_with('.') {
        return Err("it ends with a dot".to_owned());
    }
    if name.contains('*') {
        return Err("wildcards are not allowed".to_owned());
    }
    let labels: Vec<&str> = name.split('.').collect();
    labels.iter().try_for_each(|label| check_label(label))?;
    match labels.as_slice() {
        [.., last] if last.bytes().all(|byte| byte.is_ascii_digit()) => {
            Err("its last label is a number, as in an IP address".to_owned())
        }
        _ => Ok(()),
    }
}

fn check_label(label: &str) -> Result<(), String> {
    if label.is_empty() {
        return Err("it has an empty label".to_owned());
    }
    if label.len() > 63 {
        return Err(format!("a label has {} characters; the limit is 63", label.len()));
    }
    if label.starts_with('-') || label.ends_with('-') {
        return Err("a label starts or ends with a hyphen".to_owned());
    }
    let allowed = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-';
    match label.chars().find(|&character| !allowed(character)) {
        None => Ok(()),
        Some(character) if character.is_ascii() => Err(format!("{character:?} is not allowed")),
        Some(_) => Err("only ASCII is allowed; write an international name in its xn-- form".to_owned()),
    }
}

impl fmt::Display for SubjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => f.write_str(name),
            Self::Ip(address) => write!(f, "{address}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names_and_addresses_are_accepted() {
        for (text, shown) in [
            ("postgres.backstage.svc", "postgres.backstage.svc"),
            ("Postgres.Backstage.SVC", "postgres.backstage.svc"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
            ("0.pool.ntp.example", "0.pool.ntp.example"),
            ("postgres", "postgres"),
            ("localhost", "localhost"),
            ("127.0.0.1", "127.0.0.1"),
            ("::1", "::1"),
            ("2001:DB8::1", "2001:db8::1"),
        ] {
            assert_eq!(SubjectName::parse(text).map(|name| name.to_string()), Ok(shown.to_owned()), "{text}");
        }
    }

    #[test]
    fn every_other_name_is_refused_with_its_reason() {
        let long_label = format!("{}.example", "a".repeat(64));
        let long_name = vec!["a".repeat(62); 5].join(".");
        for (text, reason) in [
            ("", "empty"),
            ("db_1", "'_'"),
            ("42", "number"),
            ("*.example.org", "wildcards"),
            ("a_b.example", "'_'"),
            ("postgres.example.", "ends with a dot"),
            (".example.org", "empty label"),
            ("a..example", "empty label"),
            ("-a.example", "hyphen"),
            ("a-.example", "hyphen"),
            ("bücher.example", "xn--"),
            ("a b.example", "' '"),
            ("a\0b.example", "not allowed"),
            ("a\nb.example", "not allowed"),
            ("fe80::1%eth0", "zone"),
            ("host:5432", "not an IP address"),
            ("300.1.1.1", "number"),
            ("1.2.3", "number"),
            ("a/b.example", "'/'"),
            (long_label.as_str(), "64 characters"),
            (long_name.as_str(), "253"),
        ] {
            let refusal = SubjectName::parse(text).expect_err("it is not a name");
            assert!(refusal.contains(reason), "{text:?}: {refusal}");
        }
    }

    #[test]
    fn common_names_are_bounded_and_plain() {
        let longest = "é".repeat(64);
        for good in ["postgres", "Backstage database CA", longest.as_str()] {
            assert_eq!(CommonName::parse(good).expect("it is a common name").as_str(), good);
        }
        let too_long = "é".repeat(65);
        for bad in ["", " ", "a\0b", "a\nb", "\u{7f}", too_long.as_str()] {
            assert!(CommonName::parse(bad).is_err(), "{bad:?}");
        }
    }
}
