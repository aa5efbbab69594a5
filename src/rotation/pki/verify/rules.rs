//! The rules by which every peer refuses a certificate for its place in a path, and those of strict verifiers only.
//!
//! The rules are those of OpenSSL 3.0 (`check_extensions`, `check_auth_level`, `check_name_constraints` in `crypto/x509`)
//! with the security level of Debian, and those of webpki or RFC 5280 where they are stricter, as noted there.

use base::diagnosis::Code;

use crate::pki::certificate::Certificate;
use crate::pki::extensions::{CLIENT_AUTH, SERVER_AUTH};
use crate::pki::identity::Validity;
use crate::pki::verify::Usage;
use crate::pki::warning::CertificateWarning;

/// The rule by which peers refuse a certificate for its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// The certificate is not an authority.
    NotAuthority,
    /// The certificate may not sign certificates.
    MayNotSign,
    /// It has no subject, by which peers identify authorities. OpenSSL refuses that only in its strict mode.
    EmptySubject,
    /// Issuer and subject are one name in two encodings: OpenSSL takes the certificate for a root, and rustls does not.
    TwoSpellings,
    /// The serial number is not positive or too long. OpenSSL accepts that; Go and linters do not.
    ImproperSerial,
    /// Its validity ends before it begins.
    EmptyValidity,
    /// Its signature algorithm is too weak for OpenSSL, or unknown to rustls.
    WeakSignature,
    /// Its key is too weak for OpenSSL, or of a kind unknown to rustls.
    UnusableKey,
    /// It has an extension that a peer does not accept.
    UnacceptableExtension,
    /// It allows fewer authorities below it than the path has.
    PathTooLong,
    /// Its extended key usage does not allow the usage of the leaf below it.
    UsageForbidden,
    /// A name constraint above it does not allow its name.
    NameForbidden,
    /// The leaf does not have this usage.
    WrongUsage,
}

impl Rule {
    /// The code for an authority that breaks the rule.
    pub const fn code(self) -> Code {
        match self {
            Self::NotAuthority => Code::AuthorityNotCa,
            Self::MayNotSign => Code::AuthorityCannotSign,
            Self::EmptySubject
            | Self::TwoSpellings
            | Self::ImproperSerial
            | Self::EmptyValidity
            | Self::WeakSignature
            | Self::UnusableKey
            | Self::UnacceptableExtension
            | Self::WrongUsage => Code::AuthorityUnlintable,
            Self::PathTooLong | Self::UsageForbidden | Self::NameForbidden => Code::ChainForbids,
        }
    }
}

/// A rule that a certificate breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Fault {
    /// The broken rule.
    pub rule: Rule,
    /// The certificate and what is wrong with it: a clause.
    pub reason: String,
}

/// Judges a path with genuine signatures, without regard to time. With a usage the leaf is first, otherwise the signing
/// authority; the root is last. Returns the objections of strict verifiers.
pub(super) fn check_path(path: &[&Certificate], usage: Option<Usage>) -> Result<Vec<CertificateWarning>, Fault> {
    let leaves = usize::from(usage.is_some());
    if let (Some(usage), Some(leaf)) = (usage, path.first()) {
        check_leaf(leaf, usage)?;
    }
    let mut warnings = Vec::new();
    let authorities = path.get(leaves..).unwrap_or_default();
    for (below, authority) in (0_u32..).zip(authorities) {
        check_authority(authority)?;
        check_place(authority, below, usage)?;
        warnings.extend(objections(authority));
    }
    for (index, certificate) in path.iter().enumerate() {
        check_names(certificate, path.get(index + 1..).unwrap_or_default(), index < leaves)?;
    }
    Ok(warnings)
}

/// The rules for every authority by itself.
pub(super) fn check_authority(certificate: &Certificate) -> Result<(), Fault> {
    if !certificate.is_authority() {
        return broken(certificate, Rule::NotAuthority, "is not an authority: it lacks basicConstraints with CA:TRUE");
    }
    // Without the extension it may sign (RFC 5280, 4.2.1.3).
    if let Some(usages) = certificate.extensions().key_usages
        && !usages.may_sign_certificates()
    {
        return broken(certificate, Rule::MayNotSign, "may not sign certificates: its keyUsage lacks keyCertSign");
    }
    if certificate.subject_is_empty() {
        return broken(certificate, Rule::EmptySubject, "has an empty subject");
    }
    if !certificate.is_self_issued() && certificate.folded_subject() == certificate.folded_issuer() {
        let reason = "names itself as its issuer in another spelling";
        return broken(certificate, Rule::TwoSpellings, reason);
    }
    if !certificate.has_proper_serial() {
        let reason = "has a serial number that is not positive or too long";
        return broken(certificate, Rule::ImproperSerial, reason);
    }
    check_any(certificate)
}

/// The rules for every certificate.
fn check_any(certificate: &Certificate) -> Result<(), Fault> {
    let Validity { not_before, not_after } = certificate.validity();
    if not_after < not_before {
        return broken(certificate, Rule::EmptyValidity, "expires before its validity begins");
    }
    if !has_strong_signature(certificate) {
        let reason = format!("is signed with a weak or unknown algorithm ({})", certificate.signature_algorithm());
        return broken(certificate, Rule::WeakSignature, &reason);
    }
    if !certificate.key_kind().is_usable() {
        let reason = format!("has a key that peers refuse: {}", certificate.key_kind());
        return broken(certificate, Rule::UnusableKey, &reason);
    }
    match certificate.extensions().unacceptable.as_slice() {
        [] => Ok(()),
        numbers => {
            let reason = format!("has extensions that peers do not accept: {}", numbers.join(", "));
            broken(certificate, Rule::UnacceptableExtension, &reason)
        }
    }
}

/// Path length and extended key usage (RFC 5280, 4.2.1.9). For OpenSSL and webpki the usage `any` does not suffice.
fn check_place(certificate: &Certificate, below: u32, usage: Option<Usage>) -> Result<(), Fault> {
    if let Some(length) = certificate.path_length()
        && length < below
    {
        let reason = format!("allows fewer than the {below} intermediate authorities below it");
        return broken(certificate, Rule::PathTooLong, &reason);
    }
    let Some(allowed) = certificate.extended_key_usages() else { return Ok(()) };
    let wanted: &[&str] = match usage {
        Some(Usage::Server) => &[SERVER_AUTH],
        Some(Usage::Client) => &[CLIENT_AUTH],
        None => &[SERVER_AUTH, CLIENT_AUTH],
    };
    if wanted.iter().all(|usage| allowed.contains(*usage)) {
        Ok(())
    } else {
        let reason = "has an extended key usage without serverAuth and clientAuth";
        broken(certificate, Rule::UsageForbidden, reason)
    }
}

/// The name constraints of all authorities above.
fn check_names(certificate: &Certificate, above: &[&Certificate], is_leaf: bool) -> Result<(), Fault> {
    for authority in above {
        let Some(constraints) = &authority.extensions().name_constraints else { continue };
        if let Some(violated) = constraints.violated_by(certificate, is_leaf) {
            let (line, above) = (certificate.subject_line(), authority.subject_line());
            let reason = format!("the name constraint {violated} of {above} does not allow {line}");
            return Err(Fault { rule: Rule::NameForbidden, reason });
        }
    }
    Ok(())
}

fn check_leaf(leaf: &Certificate, usage: Usage) -> Result<(), Fault> {
    let extensions = leaf.extensions();
    // A missing extension allows every usage.
    let keys = match (extensions.key_usages, usage) {
        (Some(usages), Usage::Server) => usages.may_be_a_server(),
        (Some(usages), Usage::Client) => usages.may_be_a_client(),
        (None, _) => true,
    };
    let extended = match &extensions.extended_key_usages {
        Some(allowed) => allowed.contains(usage.extended_key_usage()),
        None => true,
    };
    let netscape = match (extensions.netscape_types, usage) {
        (Some(types), Usage::Server) => types & 2 != 0,
        (Some(types), Usage::Client) => types & 1 != 0,
        (None, _) => true,
    };
    if keys && extended && netscape {
        check_any(leaf)
    } else {
        Err(Fault { rule: Rule::WrongUsage, reason: format!("certificate not meant for a {usage}") })
    }
}

fn broken(certificate: &Certificate, rule: Rule, reason: &str) -> Result<(), Fault> {
    Err(Fault { rule, reason: format!("{} {reason}", certificate.subject_line()) })
}

/// The properties that OpenSSL refuses only with `X509_V_FLAG_X509_STRICT`.
fn objections(certificate: &Certificate) -> Vec<CertificateWarning> {
    let extensions = certificate.extensions();
    let is_critical = match extensions.basic_constraints {
        Some(constraints) => constraints.critical,
        None => false,
    };
    let has_empty_names =
        extensions.names.is_empty() && extensions.other_names == 0 && extensions.has_alternative_names;
    let objections = [
        (extensions.key_usages.is_none(), "has no keyUsage extension"),
        (!is_critical, "has basicConstraints that are not critical"),
        (extensions.subject_key_identifier.is_none(), "has no subject key identifier"),
        (
            !certificate.is_self_issued() && certificate.authority_key_identifier().is_none(),
            "has no authority key identifier",
        ),
        (has_empty_names, "has an empty list of alternative names"),
    ];
    let found = objections.into_iter().filter(|(found, _)| *found);
    found.map(|(_, lacks)| CertificateWarning::strict(certificate.subject_line(), lacks)).collect()
}

fn has_strong_signature(certificate: &Certificate) -> bool {
    const STRONG: [&str; 8] = [
        "1.2.840.10045.4.3.2",   // ecdsa-with-SHA256
        "1.2.840.10045.4.3.3",   // ecdsa-with-SHA384
        "1.2.840.10045.4.3.4",   // ecdsa-with-SHA512
        "1.2.840.113549.1.1.10", // RSASSA-PSS, with the hashes that webpki knows
        "1.2.840.113549.1.1.11", // sha256WithRSAEncryption
        "1.2.840.113549.1.1.12", // sha384WithRSAEncryption
        "1.2.840.113549.1.1.13", // sha512WithRSAEncryption
        "1.3.101.112",           // Ed25519
    ];
    STRONG.contains(&certificate.signature_algorithm())
}
