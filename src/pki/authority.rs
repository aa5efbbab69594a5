//! An authority: made by us or brought by someone else, and checked before it signs anything.

use std::fmt;

use chrono::{DateTime, Utc};
use rcgen::{BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, KeyUsagePurpose};

use crate::diagnosis::Code;
use crate::pki::certificate::{ANY_USAGE, CLIENT_AUTH, Certificate, SERVER_AUTH};
use crate::pki::error::{Error, Origin};
use crate::pki::fields::{key_identifier, offset_date_time};
use crate::pki::identity::{NewSerial, Validity};
use crate::pki::key::PrivateKey;
use crate::pki::name::CommonName;
use crate::pki::path;

/// What a new authority is to be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorityRequest {
    /// Its subject.
    pub common_name: CommonName,
    /// Its serial number.
    pub serial: NewSerial,
    /// Its span of life.
    pub validity: Validity,
}

/// An authority's certificates from the one that signs up to the root, and the signing key.
pub struct Authority {
    signer: Certificate,
    above: Vec<Certificate>,
    key: PrivateKey,
    origin: Origin,
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").field("signer", &self.signer).field("above", &self.above).finish_non_exhaustive()
    }
}

impl Authority {
    /// A new root: CA:TRUE and a path length of zero (it signs leaves only), keyCertSign and cRLSign, each critical.
    pub fn create(request: &AuthorityRequest, key: PrivateKey) -> Result<Self, Error> {
        let what = format!("the authority {}", request.common_name);
        let refused = |reason: String| Error::issue(Code::IssueRefused, what.clone(), reason);
        let params = root_params(request, &key).ok_or_else(|| refused("its dates are out of range".to_owned()))?;
        let made = params.self_signed(&key).map_err(|error| refused(error.to_string()))?;
        let origin = Origin::new(what.clone());
        let signer = Certificate::from_der(made.der(), &origin)?;
        let authority = Self { signer, above: Vec::new(), key, origin };
        authority.check().map_err(|error| refused(error.to_string()))?;
        let matches = authority.signer.serial() == &request.serial.serial()
            && authority.signer.validity() == request.validity
            && authority.signer.common_names() == [request.common_name.as_str().to_owned()];
        if matches { Ok(authority) } else { Err(refused("it is not what was asked for".to_owned())) }
    }

    /// Reads an authority. `certificates` are in one or two PEM files, in any order; the one that belongs to the key
    /// signs, and the others must lead from it to a root. Whether it is valid now is another question:
    /// [`Self::check_at`].
    pub fn load(certificates: &[(&[u8], Origin)], key: (&[u8], Origin)) -> Result<Self, Error> {
        let (key_pem, key_origin) = key;
        let mut pool = Vec::new();
        for (input, origin) in certificates {
            pool.extend(Certificate::all_from_pem(input, origin)?);
        }
        let origin = certificates.first().map_or_else(|| key_origin.clone(), |(_, origin)| origin.clone());
        if key_pem.trim_ascii().is_empty() {
            let reason = "there is a certificate but no key beside it";
            return Err(Error::unreadable(Code::AuthorityKeyMissing, &key_origin, reason));
        }
        let key = PrivateKey::from_pem(key_pem, &key_origin)?;
        let Some(signer) = pool.iter().find(|certificate| certificate.public_key() == key.public_key()).cloned() else {
            let reason = format!("no certificate in it belongs to the key in {key_origin}");
            return Err(Error::authority(Code::KeyMismatch, &origin, reason));
        };
        // What is no authority at all needs no chain to be refused.
        check_certificate(&signer, &origin)?;
        let above = chain_above(&signer, &pool, &origin)?;
        let authority = Self { signer, above, key, origin };
        authority.check()?;
        Ok(authority)
    }

    /// Everything that does not depend on the time.
    fn check(&self) -> Result<(), Error> {
        self.chain().try_for_each(|certificate| check_certificate(certificate, &self.origin))?;
        check_constraints(self)
    }

    /// Whether every certificate up to the root is valid at the moment.
    pub fn check_at(&self, at: DateTime<Utc>) -> Result<(), Error> {
        for certificate in self.chain() {
            let Validity { not_before, not_after } = certificate.validity();
            let line = certificate.subject_line();
            if at < not_before {
                let reason = format!("{line} is not valid before {not_before}");
                return Err(Error::authority(Code::AuthorityNotYetValid, &self.origin, reason));
            }
            if at > not_after {
                let reason = format!("{line} was valid until {not_after}");
                return Err(Error::authority(Code::AuthorityExpired, &self.origin, reason));
            }
        }
        Ok(())
    }

    /// The certificate that signs.
    pub const fn signer(&self) -> &Certificate {
        &self.signer
    }

    /// The certificates that a leaf is presented with: all but the root, the signer first. Empty when the root signs.
    pub fn intermediates(&self) -> impl Iterator<Item = &Certificate> {
        let below_root = if self.above.is_empty() { 0 } else { self.above.len() };
        self.chain().take(below_root)
    }

    /// The root that peers trust.
    pub fn anchor(&self) -> &Certificate {
        self.above.last().unwrap_or(&self.signer)
    }

    /// From the signer to the root.
    pub fn chain(&self) -> impl Iterator<Item = &Certificate> {
        std::iter::once(&self.signer).chain(&self.above)
    }

    /// When all of the chain is valid; may be empty.
    pub fn validity(&self) -> Validity {
        self.above.iter().fold(self.signer.validity(), |span, one| span.intersection(&one.validity()))
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

/// The certificates from the signer's issuer to the root.
fn chain_above(signer: &Certificate, pool: &[Certificate], origin: &Origin) -> Result<Vec<Certificate>, Error> {
    let (above, complete) = path::climb(signer, pool);
    if complete {
        return Ok(above);
    }
    let highest = above.last().unwrap_or(signer);
    let reason = if highest.is_self_issued() {
        format!("the signature of {} is not its own", highest.subject_line())
    } else {
        format!("the certificate of {}, which signed {}, is missing", highest.issuer_line(), highest.subject_line())
    };
    Err(Error::authority(Code::ChainIncomplete, origin, reason))
}

/// What RFC 5280 asks of every authority, and OpenSSL with `X509_V_FLAG_X509_STRICT` enforces.
fn check_certificate(certificate: &Certificate, origin: &Origin) -> Result<(), Error> {
    let line = certificate.subject_line();
    let refuse = |code, reason: &str| Err(Error::authority(code, origin, format!("{line} {reason}")));
    let extensions = certificate.extensions();
    let Some(constraints) = extensions.basic_constraints.filter(|constraints| constraints.is_authority) else {
        return refuse(Code::AuthorityNotCa, "is not an authority: it lacks basicConstraints with CA:TRUE");
    };
    match extensions.key_usages {
        None => return refuse(Code::AuthorityUnlintable, "has no keyUsage extension"),
        Some(usages) if !usages.may_sign_certificates() => {
            return refuse(Code::AuthorityCannotSign, "may not sign certificates: its keyUsage lacks keyCertSign");
        }
        Some(_) => {}
    }
    let Validity { not_before, not_after } = certificate.validity();
    let issued_by_another = !certificate.is_self_issued();
    let findings = [
        (!constraints.critical, "has basicConstraints that are not critical".to_owned()),
        (certificate.subject_is_empty(), "has an empty subject".to_owned()),
        (extensions.subject_key_identifier.is_none(), "has no subject key identifier".to_owned()),
        (
            issued_by_another && extensions.authority_key_identifier.is_none(),
            "has no authority key identifier".to_owned(),
        ),
        (!certificate.has_proper_serial(), "has a serial number that is not positive or too long".to_owned()),
        (not_after < not_before, "ends before it begins".to_owned()),
        (
            !has_strong_signature(certificate),
            format!("is signed with a weak or unknown algorithm ({})", certificate.signature_algorithm()),
        ),
        (
            !extensions.unknown_critical.is_empty(),
            format!("has critical extensions that are not known: {}", extensions.unknown_critical.join(", ")),
        ),
    ];
    match findings.into_iter().find(|(found, _)| *found) {
        Some((_, reason)) => refuse(Code::AuthorityUnlintable, &reason),
        None => Ok(()),
    }
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

/// Path lengths and extended key usages above the leaves. Name constraints are judged when a leaf is verified.
fn check_constraints(authority: &Authority) -> Result<(), Error> {
    let refuse = |certificate: &Certificate, reason: String| {
        let reason = format!("{} {reason}", certificate.subject_line());
        Err(Error::authority(Code::ChainForbids, &authority.origin, reason))
    };
    for (below, certificate) in (0_u32..).zip(authority.chain()) {
        if certificate.path_length().is_some_and(|length| length < below) {
            return refuse(certificate, format!("allows fewer than the {below} intermediate authorities below it"));
        }
        let Some(usages) = certificate.extended_key_usages() else { continue };
        let is_root = certificate == authority.anchor();
        let allows = |usage: &str| usages.contains(usage) || (is_root && usages.contains(ANY_USAGE));
        if !(allows(SERVER_AUTH) && allows(CLIENT_AUTH)) {
            return refuse(certificate, "has an extended key usage without serverAuth and clientAuth".to_owned());
        }
    }
    Ok(())
}
