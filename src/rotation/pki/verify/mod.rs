//! Decides whether a peer accepts a chain at a moment, for a usage, by a trust bundle. Issue, load, rehearsal and proof all
//! use it.

mod openssl;
mod rules;

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, Utc};
use rustls_pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use crate::pki::certificate::Certificate;
use crate::pki::extensions::{CLIENT_AUTH, SERVER_AUTH};
use crate::pki::name::SubjectName;
use crate::pki::path;
use crate::pki::trust_bundle::TrustBundle;
use crate::pki::verify::openssl::Building;
pub use crate::pki::verify::rules::{Fault, Rule};
use crate::pki::warning::CertificateWarning;

/// The usage of a leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// A TLS server.
    Server,
    /// A TLS client.
    Client,
}

impl Usage {
    /// The number of the extended key usage.
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

/// Why a peer does not accept a chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainRefusal {
    /// The chain has no certificate.
    #[error("no certificate is presented")]
    Empty,
    /// The leaf, or an authority above it, has expired.
    #[error("certificate expired")]
    Expired,
    /// The leaf, or an authority above it, is not valid yet.
    #[error("certificate not valid yet")]
    NotYetValid,
    /// No certificate of the bundle signed it.
    #[error("certificate signed by an unknown authority")]
    UnknownIssuer,
    /// A certificate with the right name did not issue it.
    #[error("certificate not issued by the authority of that name: {0}")]
    NotIssued(String),
    /// OpenSSL may take another certificate of the same name for the issuer.
    #[error("certificate signed by an authority that OpenSSL cannot distinguish from others of the same name")]
    Ambiguous,
    /// A certificate of the path breaks a rule.
    #[error(transparent)]
    Broken(#[from] Fault),
    /// The certificate does not have the requested name.
    #[error("certificate does not name {0}")]
    WrongName(SubjectName),
    /// rustls, and so tokio-postgres, refuses the certificate.
    #[error("certificate not acceptable to rustls: {0}")]
    Rustls(String),
}

/// Verifies a chain, the leaf first, by the rules of both OpenSSL and rustls. Returns the objections of strict verifiers. Only
/// self-signed certificates are anchors, and they must be valid too, because OpenSSL requires both. If a name is given, the
/// leaf must have it.
pub fn verify(
    chain: &[Certificate],
    trust: &TrustBundle,
    usage: Usage,
    at: DateTime<Utc>,
    name: Option<&SubjectName>,
) -> Result<Vec<CertificateWarning>, ChainRefusal> {
    let (leaf, sent) = chain.split_first().ok_or(ChainRefusal::Empty)?;
    openssl::check_time(leaf, at)?;
    let mut warnings = BTreeSet::new();
    for path in (Building { sent, trust, at }).paths(leaf)? {
        check_signatures(&path)?;
        warnings.extend(rules::check_path(&path, Some(usage))?);
    }
    verify_by_rustls(leaf, sent, trust, usage, at)?;
    if let Some(name) = name {
        verify_name(leaf, name)?;
    }
    Ok(warnings.into_iter().collect())
}

/// Judges the chain of an authority without regard to time: from the signing certificate to the root, each issued by the
/// next. Returns the objections of strict verifiers.
pub fn verify_authority(path: &[Certificate]) -> Result<Vec<CertificateWarning>, Fault> {
    rules::check_path(&path.iter().collect::<Vec<_>>(), None)
}

/// Judges the certificate of an authority without its path.
pub(super) fn verify_signer(certificate: &Certificate) -> Result<(), Fault> {
    rules::check_authority(certificate)
}

/// Checks that each certificate of the path issued the one before it, and the last one itself.
fn check_signatures(path: &[&Certificate]) -> Result<(), ChainRefusal> {
    let root = path.last().ok_or(ChainRefusal::Empty)?;
    let issuers = path.iter().skip(1).chain([root]);
    for (subject, issuer) in path.iter().zip(issuers) {
        path::check_issued(issuer, subject).map_err(ChainRefusal::NotIssued)?;
    }
    Ok(())
}

fn verify_by_rustls(
    leaf: &Certificate,
    sent: &[Certificate],
    trust: &TrustBundle,
    usage: Usage,
    at: DateTime<Utc>,
) -> Result<(), ChainRefusal> {
    let refusal = |error: webpki::Error| ChainRefusal::Rustls(error.to_string());
    let roots = trust.iter().filter(|root| root.is_self_issued() && root.validity().contains(at));
    let roots: Vec<CertificateDer<'_>> = roots.map(|root| CertificateDer::from(root.der())).collect();
    let anchors: Vec<TrustAnchor<'_>> = roots.iter().filter_map(|root| anchor_from_trusted_cert(root).ok()).collect();
    let sent: Vec<_> = sent.iter().map(|one| CertificateDer::from(one.der())).collect();
    let leaf = CertificateDer::from(leaf.der());
    let leaf = EndEntityCert::try_from(&leaf).map_err(refusal)?;
    let seconds = u64::try_from(at.timestamp()).map_err(|_| ChainRefusal::NotYetValid)?;
    let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
    leaf.verify_for_usage(ALL_VERIFICATION_ALGS, &anchors, &sent, time, usage.required(), None, None)
        .map(|_| ())
        .map_err(refusal)
}

/// Checks that the leaf has the name.
pub(super) fn verify_name(leaf: &Certificate, name: &SubjectName) -> Result<(), ChainRefusal> {
    let wrong = || ChainRefusal::WrongName(name.clone());
    let server_name = server_name(name).ok_or_else(wrong)?;
    let leaf = CertificateDer::from(leaf.der());
    let leaf = EndEntityCert::try_from(&leaf).map_err(|error| ChainRefusal::Rustls(error.to_string()))?;
    leaf.verify_is_valid_for_subject_name(&server_name).map_err(|_| wrong())
}

/// The name in the form of rustls.
pub(super) fn server_name(name: &SubjectName) -> Option<ServerName<'static>> {
    match name {
        SubjectName::Dns(name) => ServerName::try_from(name.clone()).ok(),
        SubjectName::Ip(address) => Some(ServerName::from(*address)),
    }
}
