//! Single values: from text to a type that cannot be wrong. Each failure is a clause that says what is allowed.

use std::fmt;
use std::net::IpAddr;
use std::path::{Component, Path};
use std::str::FromStr;

use crate::document::{Account, Endpoint};

/// The port of PostgreSQL (IANA).
const POSTGRES_PORT: u16 = 5432;

/// Whether a path leaves the directory it starts in.
pub(super) fn climbs(path: &Path) -> bool {
    path.components().any(|component| component == Component::ParentDir)
}

/// Parses a file mode in octal: the owner may read, and the mode grants no right that `allowed` lacks.
pub(super) fn mode(text: &str, allowed: u32, limits: &str) -> Result<u32, String> {
    // `from_str_radix` alone takes a sign and more digits, too.
    let is_octal = text.len() <= 4 && text.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
    match u32::from_str_radix(text, 8) {
        Ok(mode) if is_octal && mode & !allowed == 0 && mode & 0o400 != 0 => Ok(mode),
        Ok(_) | Err(_) => Err(limits.to_owned()),
    }
}

/// `HOST`, `HOST:PORT`, `ADDRESS` or `[ADDRESS]:PORT`.
pub(super) fn endpoint(text: &str, server_name: Option<&str>) -> Result<Endpoint, String> {
    let (host, port) = match text.parse::<IpAddr>() {
        Ok(_) => (text, None),
        Err(_) => match text.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let host = match bracketed_address(host) {
        Some(address) => address,
        None => host,
    };
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    let plain = host.parse::<IpAddr>().is_ok() || (host.bytes().all(known) && !host.starts_with(['.', '-']));
    if host.is_empty() || host.len() > 253 || !plain {
        return Err("an endpoint is HOST, HOST:PORT or [IPv6]:PORT".to_owned());
    }
    let port = match port {
        None => POSTGRES_PORT,
        Some(port) => port.parse().ok().filter(|port| *port > 0).ok_or("a port is a number from 1 to 65535")?,
    };
    Ok(Endpoint { host: host.to_owned(), port, server_name: server_name.map(str::to_owned) })
}

/// `HOST:PORT`, with an IPv6 address in brackets.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, .. } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

impl FromStr for Endpoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        endpoint(text, None)
    }
}

/// The IPv6 address in brackets.
fn bracketed_address(host: &str) -> Option<&str> {
    let inner = host.strip_prefix('[')?.strip_suffix(']')?;
    if inner.contains(':') && inner.parse::<IpAddr>().is_ok() { Some(inner) } else { None }
}

/// A user, group, role or database name: not empty, no control character, at most 63 bytes (PostgreSQL, Linux: 32).
pub(super) fn plain_name(text: &str) -> Result<String, String> {
    if (1..=63).contains(&text.len()) && !text.chars().any(char::is_control) {
        Ok(text.to_owned())
    } else {
        Err("a name is 1 to 63 bytes without control characters".to_owned())
    }
}

/// A user or a group: digits are its number, anything else its name.
pub(super) fn account(text: &str) -> Result<Account, String> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return plain_name(text).map(Account::Name);
    }
    // For chown(2) the largest number means "no change".
    let number = text.parse().ok().filter(|number: &u32| *number < u32::MAX && number.to_string() == text);
    number
        .map(Account::Number)
        .ok_or_else(|| "a number is 0 to 4294967294, in decimal without leading zeros".to_owned())
}

/// A name as Kubernetes gives namespaces: an RFC 1123 label.
pub(super) fn label(text: &str) -> Result<String, String> {
    if text.len() <= 63 && is_label(text) {
        Ok(text.to_owned())
    } else {
        Err("a name is 1 to 63 lower-case letters, digits and `-`, with a letter or digit at both ends".to_owned())
    }
}

/// A name as Kubernetes gives most objects: RFC 1123 labels with dots between them.
pub(super) fn subdomain(text: &str) -> Result<String, String> {
    if text.len() <= 253 && text.split('.').all(is_label) {
        Ok(text.to_owned())
    } else {
        Err("a name is 1 to 253 lower-case letters, digits, `-` and `.`, with a letter or digit at both ends"
            .to_owned())
    }
}

/// A label selector, by its characters: the API server knows its grammar, and people paste it into a shell.
pub(super) fn selector(text: &str) -> Result<String, String> {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./=!,() ".contains(&byte);
    if !text.trim().is_empty() && text.bytes().all(known) {
        Ok(text.to_owned())
    } else {
        Err(format!("`selector` is {text:?}; it is labels like `app=postgres,role in (a, b)`"))
    }
}

pub(super) fn secret_key(text: &str) -> Result<String, String> {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if (1..=253).contains(&text.len()) && text.bytes().all(known) && text != "." && !text.starts_with("..") {
        Ok(text.to_owned())
    } else {
        Err("a key of a Secret is 1 to 253 letters, digits, `-`, `_` and `.`".to_owned())
    }
}

fn is_label(text: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(known) && !text.starts_with('-') && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_has_the_characters_of_labels_and_nothing_for_a_shell() {
        for text in ["app=postgres", "app in (a, b),!legacy", "example.org/tier notin (x)", "a==b,c!=d"] {
            assert_eq!(selector(text).as_deref(), Ok(text));
        }
        for text in ["", "  ", "a'; rm -rf ~; '", "a=$(id)", "a=b\nc=d", "a=`id`"] {
            assert!(selector(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn endpoints_take_every_usual_form() {
        let cases = [
            ("127.0.0.1:5433", "127.0.0.1", 5433),
            ("db.example.org", "db.example.org", 5432),
            ("::1", "::1", 5432),
            ("[::1]:5433", "::1", 5433),
        ];
        for (text, host, port) in cases {
            let endpoint = endpoint(text, None).expect(text);
            assert_eq!((endpoint.host.as_str(), endpoint.port), (host, port), "{text}");
        }
    }

    #[test]
    fn users_are_names_or_numbers() {
        assert_eq!(account("postgres"), Ok(Account::Name("postgres".to_owned())));
        assert_eq!(account("999"), Ok(Account::Number(999)));
        assert_eq!(account("0"), Ok(Account::Number(0)));
        assert_eq!(account("4294967294"), Ok(Account::Number(u32::MAX - 1)));
        for text in ["", "070", "4294967295", "99999999999"] {
            assert!(account(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn endpoints_that_name_no_place_are_refused() {
        for text in ["", ":5432", "db:0", "db:65536", "db:", "db:x", "a b:1", "[db]:1", "-h:1", "user@db:1", "db/x"] {
            assert!(endpoint(text, None).is_err(), "{text:?}");
        }
    }
}
