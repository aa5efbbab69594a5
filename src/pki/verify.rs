//! Whether a peer accepts a chain: at a moment, for a use, by a trust bundle.

use std::fmt;

use chrono::{DateTime, Utc};
use rustls_pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use crate::pki::certificate::{CLIENT_AUTH, Certificate, SERVER_AUTH};
use crate::pki::name::SubjectName;
use crate::pki::trust_bundle::TrustBundle;

/// What a leaf is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// A TLS server.
    Server,
    /// A TLS client.
    Client,
}

impl Usage {
    /// The number of its extended key usage.
    pub const fn extended_key_usage(self) -> &'static str {
        match self {
            Self::Server => SERVER_AUTH,
            Self::Client => CLIENT_AUTH,
        }
    }

    fn required(self) -> KeyUsage {
        match self {
            Self::Server => KeyUsage::server_auth(),
            Self::Client => KeyUsage::client_auth(),
        }
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Server => "server",
            Self::Client => "client",
        })
    }
}

/// Why a chain is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no certificate in the chain.
    #[error("no certificate is presented")]
    Empty,
    /// The leaf, or an authority above it, has ended.
    #[error("certificate expired")]
    Expired,
    /// The leaf, or an authority above it, has not begun.
    #[error("certificate not valid yet")]
    NotYetValid,
    /// No certificate of the bundle signed it.
    #[error("certificate signed by an unknown authority")]
    UnknownIssuer,
    /// It is not for this use.
    #[error("certificate not meant for a {0}")]
    WrongUsage(Usage),
    /// It is not for the name.
    #[error("certificate does not name {0}")]
    WrongName(SubjectName),
    /// A path length or a name constraint above it does not allow it.
    #[error("an authority above the certificate does not allow it: {0}")]
    Forbidden(String),
    /// Anything else.
    #[error("certificate not acceptable: {0}")]
    Other(String),
}

/// Verifies a chain, the leaf first, as OpenSSL and rustls both would. Only self-signed certificates are anchors, and
/// they must be valid too: OpenSSL asks for both. With a name, the leaf must carry it.
pub fn verify(
    chain: &[Certificate],
    trust: &TrustBundle,
    usage: Usage,
    at: DateTime<Utc>,
    name: Option<&SubjectName>,
) -> Result<(), Refusal> {
    let (leaf, intermediates) = chain.split_first().ok_or(Refusal::Empty)?;
    let roots = || trust.iter().filter(|root| root.is_self_issued());
    let path = |roots: &mut dyn Iterator<Item = &Certificate>| verify_path(leaf, intermediates, roots, usage, at);
    path(&mut roots().filter(|root| root.validity().contains(at))).map_err(|refusal| {
        // The same chain under a root out of its time deserves that reason.
        let ended = path(&mut roots().filter(|root| root.validity().not_after < at)).is_ok();
        let not_begun = path(&mut roots().filter(|root| at < root.validity().not_before)).is_ok();
        match (refusal == Refusal::UnknownIssuer, ended, not_begun) {
            (true, true, _) => Refusal::Expired,
            (true, false, true) => Refusal::NotYetValid,
            (true, false, false) | (false, ..) => refusal,
        }
    })?;
    match name {
        Some(name) => verify_name(leaf, name),
        None => Ok(()),
    }
}

fn verify_path(
    leaf: &Certificate,
    intermediates: &[Certificate],
    roots: &mut dyn Iterator<Item = &Certificate>,
    usage: Usage,
    at: DateTime<Utc>,
) -> Result<(), Refusal> {
    let roots: Vec<CertificateDer<'_>> = roots.map(|root| CertificateDer::from(root.der())).collect();
    let anchors: Vec<TrustAnchor<'_>> = roots.iter().filter_map(|root| anchor_from_trusted_cert(root).ok()).collect();
    let intermediates: Vec<_> = intermediates.iter().map(|one| CertificateDer::from(one.der())).collect();
    let leaf = CertificateDer::from(leaf.der());
    let leaf = EndEntityCert::try_from(&leaf).map_err(|error| refusal(&error, usage))?;
    let seconds = u64::try_from(at.timestamp()).map_err(|_| Refusal::NotYetValid)?;
    let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
    leaf.verify_for_usage(ALL_VERIFICATION_ALGS, &anchors, &intermediates, time, usage.required(), None, None)
        .map(|_| ())
        .map_err(|error| refusal(&error, usage))
}

fn verify_name(leaf: &Certificate, name: &SubjectName) -> Result<(), Refusal> {
    let wrong = || Refusal::WrongName(name.clone());
    let server_name = server_name(name).ok_or_else(wrong)?;
    let leaf = CertificateDer::from(leaf.der());
    let leaf = EndEntityCert::try_from(&leaf).map_err(|error| refusal(&error, Usage::Server))?;
    leaf.verify_is_valid_for_subject_name(&server_name).map_err(|_| wrong())
}

/// The name as rustls takes it.
pub(super) fn server_name(name: &SubjectName) -> Option<ServerName<'static>> {
    match name {
        SubjectName::Dns(name) => ServerName::try_from(name.clone()).ok(),
        SubjectName::Ip(address) => Some(ServerName::from(*address)),
    }
}

fn refusal(error: &webpki::Error, usage: Usage) -> Refusal {
    use webpki::Error as E;
    let text = error.to_string();
    #[expect(clippy::wildcard_enum_match_arm, reason = "the enum of another crate grows")]
    match error {
        E::CertExpired { .. } => Refusal::Expired,
        E::CertNotValidYet { .. } => Refusal::NotYetValid,
        E::UnknownIssuer | E::InvalidSignatureForPublicKey => Refusal::UnknownIssuer,
        E::RequiredEkuNotFoundContext(_) | E::EmptyEkuExtension => Refusal::WrongUsage(usage),
        E::NameConstraintViolation | E::PathLenConstraintViolated => Refusal::Forbidden(text),
        _ => Refusal::Other(text),
    }
}
