//! Properties that PostgreSQL and its usual clients accept, and other tools object to.

use std::fmt;

use serde::Serialize;

use crate::pki::name::SubjectName;

/// An objection that PostgreSQL and its usual clients do not share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CertificateWarning {
    /// The kind of tool that objects.
    pub kind: WarningKind,
    /// The property and its consequence: a clause.
    pub message: String,
}

/// The kind of tool that objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum WarningKind {
    /// Verifiers that require all of RFC 5280.
    StrictVerifiers,
    /// libpq, if it logs in with a password over TLS.
    ChannelBinding,
    /// Linters, and people who use one certificate in two networks.
    UnqualifiedName,
}

impl CertificateWarning {
    /// The warning about a property that strict verifiers require and the certificate lacks.
    pub(super) fn strict(certificate: &str, lacks: &str) -> Self {
        let message = format!(
            "{certificate} {lacks}: PostgreSQL, libpq and Node accept it; strict verifiers do not (`openssl verify -x509_strict`, Python since 3.13)"
        );
        Self { kind: WarningKind::StrictVerifiers, message }
    }

    /// The warning about an authority whose signatures have no digest.
    pub(super) fn channel_binding(certificate: &str) -> Self {
        let message = format!(
            "{certificate} signs with Ed25519: libpq cannot log in with a password (scram-sha-256) to a server with such a leaf, unless it says channel_binding=disable; logins by certificate work"
        );
        Self { kind: WarningKind::ChannelBinding, message }
    }

    /// The warning about a name with a single label.
    pub fn unqualified_name(name: &SubjectName) -> Self {
        let message = format!(
            "its name {name} is not fully qualified: it means a different host in every network, and linters object to it"
        );
        Self { kind: WarningKind::UnqualifiedName, message }
    }
}

impl fmt::Display for CertificateWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
