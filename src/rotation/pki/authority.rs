//! An authority: created by newleaf or supplied by the operator, and checked before it signs anything.

use std::cmp::Reverse;
use std::fmt;

use base::diagnosis::Code;
use chrono::{DateTime, Utc};
use rcgen::{BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, KeyUsagePurpose};

use crate::pki::algorithm::KeyAlgorithm;
use crate::pki::certificate::Certificate;
use crate::pki::error::{PkiError, Source};
use crate::pki::fields::{key_identifier, offset_date_time};
use crate::pki::identity::{Fingerprint, NewSerial, Validity};
use crate::pki::key::{KeyKind, PrivateKey};
use crate::pki::name::CommonName;
use crate::pki::path::{self, CertificationPath};
use crate::pki::verify::{self, Fault};
use crate::pki::warning::CertificateWarning;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorityRequest {
    /// The common name of its subject.
    pub common_name: CommonName,
    /// The serial number of its certificate.
    pub serial: NewSerial,
    /// The validity of its certificate.
    pub validity: Validity,
}

/// An authority's certificates from the one that signs up to the root, and the signing key.
pub struct Authority {
    signer: Certificate,
    above: Vec<Certificate>,
    key: PrivateKey,
    origin: Source,
    warnings: Vec<CertificateWarning>,
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").field("signer", &self.signer).field("above", &self.above).finish_non_exhaustive()
    }
}

impl Authority {
    /// Creates a root with CA:TRUE, a path length of zero (it signs only leaves), keyCertSign and cRLSign, each critical.
    pub fn create(request: &AuthorityRequest, key: PrivateKey) -> Result<Self, PkiError> {
        let what = format!("the authority {}", request.common_name);
        let refused = |reason: String| PkiError::issue(Code::IssueRefused, what.clone(), reason);
        let params = root_params(request, &key).ok_or_else(|| refused("its dates are out of range".to_owned()))?;
        let made = params.self_signed(&key).map_err(|error| refused(error.to_string()))?;
        let origin = Source::new(what.clone());
        let signer = Certificate::from_der(made.der(), &origin)?;
        let warnings =
            verify::verify_authority(std::slice::from_ref(&signer)).map_err(|fault| refused(fault.to_string()))?;
        let matches = signer.serial() == &request.serial.serial()
            && signer.validity() == request.validity
            && signer.common_names() == [request.common_name.as_str().to_owned()]
            && warnings.is_empty();
        if matches {
            Ok(Self::new(vec![signer], warnings, key, origin))
        } else {
            Err(refused("the result differs from the request".to_owned()))
        }
    }

    fn new(
        mut path: CertificationPath,
        mut warnings: Vec<CertificateWarning>,
        key: PrivateKey,
        origin: Source,
    ) -> Self {
        let signer = path.remove(0);
        if key.kind() == KeyKind::Known(KeyAlgorithm::Ed25519) {
            warnings.push(CertificateWarning::channel_binding(signer.subject_line()));
        }
        Self { signer, above: path, key, origin, warnings }
    }

    /// Reads an authority. `certificates` are in one or two PEM files, in any order. The certificate of the key signs, and the
    /// others must lead from it to a root. If there are several paths, it prefers one that is valid at the moment, then the one
    /// that expires last. [`Self::check_at`] checks the validity.
    pub fn load(certificates: &[(&[u8], Source)], key: (&[u8], Source), at: DateTime<Utc>) -> Result<Self, PkiError> {
        let (key_pem, key_origin) = key;
        let mut pool = Vec::new();
        for (input, origin) in certificates {
            pool.extend(Certificate::all_from_pem(input, origin)?);
        }
        let origin = match certificates.first() {
            Some((_, origin)) => origin.clone(),
            None => key_origin.clone(),
        };
        if key_pem.trim_ascii().is_empty() {
            let reason = "it has a certificate but no key";
            return Err(PkiError::unreadable(Code::AuthorityKeyMissing, &key_origin, reason));
        }
        let key = PrivateKey::from_pem(key_pem, &key_origin)?;
        let mut signers: Vec<&Certificate> = pool.iter().filter(|one| one.public_key() == key.public_key()).collect();
        signers.sort_by_key(|signer| Reverse(preference(std::slice::from_ref(*signer), at)));
        if signers.is_empty() {
            let reason = format!("none of its certificates belongs to the key in {key_origin}");
            return Err(PkiError::authority(Code::KeyMismatch, &origin, reason));
        }
        let (path, warnings) = best_path(&signers, &pool, at, &origin)?;
        Ok(Self::new(path, warnings, key, origin))
    }

    /// Checks that every certificate up to the root is valid at the moment.
    pub fn check_at(&self, at: DateTime<Utc>) -> Result<(), PkiError> {
        for certificate in self.chain() {
            let Validity { not_before, not_after } = certificate.validity();
            let line = certificate.subject_line();
            if at < not_before {
                let reason = format!("{line} is not valid before {not_before}");
                return Err(PkiError::authority(Code::AuthorityNotYetValid, &self.origin, reason));
            }
            if at > not_after {
                let reason = format!("{line} was valid until {not_after}");
                return Err(PkiError::authority(Code::AuthorityExpired, &self.origin, reason));
            }
        }
        Ok(())
    }

    /// The certificate that signs.
    pub const fn signer(&self) -> &Certificate {
        &self.signer
    }

    /// The certificates to present with a leaf: all but the root, the signer first. Empty if the root signs.
    pub fn intermediates(&self) -> impl Iterator<Item = &Certificate> {
        self.chain().take(self.above.len())
    }

    /// The root that peers trust.
    pub fn anchor(&self) -> &Certificate {
        self.above.last().unwrap_or(&self.signer)
    }

    /// The chain from the signer to the root.
    pub fn chain(&self) -> impl Iterator<Item = &Certificate> {
        std::iter::once(&self.signer).chain(&self.above)
    }

    /// The span in which the whole chain is valid. It may be empty.
    pub fn validity(&self) -> Validity {
        self.above.iter().fold(self.signer.validity(), |span, one| span.intersection(&one.validity()))
    }

    /// Properties that some peers or tools object to.
    pub fn warnings(&self) -> &[CertificateWarning] {
        &self.warnings
    }

    /// The signing key.
    pub const fn key(&self) -> &PrivateKey {
        &self.key
    }

    /// The chain as PEM, the signer first.
    pub fn to_pem(&self) -> String {
        crate::pki::certificate::to_pem(self.chain())
    }
}

fn root_params(request: &AuthorityRequest, key: &PrivateKey) -> Option<CertificateParams> {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, request.common_name.as_str());
    let mut params = CertificateParams::default();
    params.not_before = offset_date_time(request.validity.not_before)?;
    params.not_after = offset_date_time(request.validity.not_after)?;
    params.serial_number = Some(request.serial.octets().to_vec().into());
    params.subject_alt_names = Vec::new();
    params.distinguished_name = name;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.extended_key_usages = Vec::new();
    params.name_constraints = None;
    params.crl_distribution_points = Vec::new();
    params.custom_extensions = Vec::new();
    params.use_authority_key_identifier_extension = true;
    params.key_identifier_method = rcgen::KeyIdMethod::PreSpecified(key_identifier(key));
    Some(params)
}

/// The order of preference of paths: valid at the moment, later expiry, fewer certificates. The rest makes the choice
/// independent of the order in a file.
pub(crate) fn preference(path: &[Certificate], at: DateTime<Utc>) -> impl Ord + use<> {
    let Some(span) = path.iter().map(Certificate::validity).reduce(|one, other| one.intersection(&other)) else {
        return (false, at, Reverse(0), Vec::new());
    };
    let fingerprints: Vec<Fingerprint> = path.iter().map(Certificate::fingerprint).collect();
    (span.contains(at), span.not_after, Reverse(path.len()), fingerprints)
}

/// The best path of any of the signers, which are sorted. If there is none, why the first signer has none.
fn best_path(
    signers: &[&Certificate],
    pool: &[Certificate],
    at: DateTime<Utc>,
    origin: &Source,
) -> Result<(CertificationPath, Vec<CertificateWarning>), PkiError> {
    let mut good: Vec<(CertificationPath, Vec<CertificateWarning>)> = Vec::new();
    let mut first_error = None;
    for signer in signers {
        match paths_of(signer, pool, at, origin) {
            Ok(paths) => good.extend(paths),
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    let best = good.into_iter().max_by_key(|(path, _)| preference(path, at));
    match (best, first_error) {
        (Some(best), _) => Ok(best),
        (None, Some(error)) => Err(error),
        (None, None) => Err(PkiError::authority(Code::KeyMismatch, origin, "no certificate belongs to the key")),
    }
}

/// Every path of the signer that peers accept, at least one.
fn paths_of(
    signer: &Certificate,
    pool: &[Certificate],
    at: DateTime<Utc>,
    origin: &Source,
) -> Result<Vec<(CertificationPath, Vec<CertificateWarning>)>, PkiError> {
    let refuse = |fault: &Fault| PkiError::authority(fault.rule.code(), origin, fault.to_string());
    // Refuse a certificate that is not an authority before looking at its chain.
    verify::verify_signer(signer).map_err(|fault| refuse(&fault))?;
    let search = path::to_roots(signer, pool);
    let mut paths = search.paths;
    paths.sort_by_key(|path| Reverse(preference(path, at)));
    let mut good = Vec::new();
    let mut first_error = None;
    for path in paths {
        match verify::verify_authority(&path) {
            Ok(warnings) => good.push((path, warnings)),
            Err(fault) => first_error = first_error.or(Some(refuse(&fault))),
        }
    }
    if !good.is_empty() {
        return Ok(good);
    }
    if let Some(error) = first_error {
        return Err(error);
    }
    let reason = search.gap.unwrap_or_else(|| "no path leads to a root".to_owned());
    Err(PkiError::authority(Code::ChainIncomplete, origin, reason))
}
