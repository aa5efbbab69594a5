//! Leaves: their profile, how newleaf makes them, and the check of the result.
//!
//! rcgen encodes the certificate, with two exceptions. It would re-encode the issuer's name, and change an unusual name (two
//! organizational units, a multi-valued RDN), so newleaf inserts the authority's own bytes. And it accepts any request, so
//! newleaf checks every field of the result and verifies the chain.

use std::collections::BTreeSet;

use base::diagnosis::Code;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyUsagePurpose,
    PublicKeyData, SanType, SignatureAlgorithm, SigningKey,
};

use crate::pki::authority::Authority;
use crate::pki::certificate::Certificate;
use crate::pki::der;
use crate::pki::error::{PkiError, Source};
use crate::pki::extensions::KeyUsages;
use crate::pki::fields::{identifier_of_authority, key_identifier, offset_date_time};
use crate::pki::identity::{NewSerial, Validity};
use crate::pki::key::PrivateKey;
use crate::pki::name::{CommonName, SubjectName};
use crate::pki::trust_bundle::TrustBundle;
use crate::pki::verify::{self, ChainRefusal, Rule, Usage};

/// The properties of a leaf that describe its holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeafProfile {
    usage: Usage,
    common_name: Option<CommonName>,
    names: BTreeSet<SubjectName>,
}

impl LeafProfile {
    /// The profile of a server: its names, and as common name the first of them that fits (no client should rely on it: RFC
    /// 9525, 2).
    pub fn server(names: &[SubjectName]) -> Self {
        let dns = names.iter().find_map(|name| match name {
            SubjectName::Dns(name) => CommonName::parse(name).ok(),
            SubjectName::Ip(_) => None,
        });
        Self { usage: Usage::Server, common_name: dns, names: names.iter().cloned().collect() }
    }

    /// The profile of a client: the common name is the database role (PostgreSQL manual, 21.12).
    pub fn client(common_name: &CommonName) -> Self {
        Self { usage: Usage::Client, common_name: Some(common_name.clone()), names: BTreeSet::new() }
    }

    pub const fn usage(&self) -> Usage {
        self.usage
    }

    /// The differences between a certificate and this profile, a clause each.
    pub fn differences(&self, certificate: &Certificate) -> Vec<String> {
        let mut differences = Vec::new();
        let wanted: Vec<_> = self.common_name.iter().map(|name| name.as_str().to_owned()).collect();
        if certificate.common_names() != wanted {
            let [has, wanted] = [certificate.common_names(), &wanted].map(|names| shown(names.iter()));
            differences.push(format!("its common name is {has} instead of {wanted}"));
        }
        if certificate.names() != &self.names || certificate.other_names() != 0 {
            let [has, wanted] = [certificate.names(), &self.names].map(|names| shown(names.iter()));
            let others = if certificate.other_names() == 0 { "" } else { " and others" };
            differences.push(format!("its names are {has}{others} instead of {wanted}"));
        }
        let usage = self.usage.extended_key_usage();
        if certificate.extended_key_usages() != Some(&BTreeSet::from([usage.to_owned()])) {
            differences.push(format!("its extended key usage is not that of a {}", self.usage));
        }
        if certificate.key_usages() != Some(KeyUsages::DIGITAL_SIGNATURE) {
            differences.push("its key usage is not digitalSignature alone".to_owned());
        }
        if certificate.is_authority() {
            differences.push("it is an authority".to_owned());
        }
        differences
    }
}

fn shown<T: ToString>(items: impl Iterator<Item = T>) -> String {
    let texts: Vec<String> = items.map(|item| item.to_string()).collect();
    if texts.is_empty() { "none".to_owned() } else { texts.join(", ") }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeafRequest {
    pub profile: LeafProfile,
    /// The serial number of the leaf.
    pub serial: NewSerial,
    /// The validity, inside the authority's, in whole seconds.
    pub validity: Validity,
}

/// Makes a leaf for the key, signed by the authority, and verifies the result.
pub fn issue(authority: &Authority, request: &LeafRequest, key: &PrivateKey) -> Result<Certificate, PkiError> {
    let what = format!("a {} certificate", request.profile.usage);
    let refused = |reason: &str| PkiError::issue(Code::IssueRefused, what.clone(), reason);
    let identifier = identifier_of_authority(authority.signer(), authority.key());
    let params = leaf_params(request, key).ok_or_else(|| refused("a date or a name cannot be encoded"))?;
    let draft = draft(&params, &identifier, authority.key(), key).map_err(|error| refused(&error.to_string()))?;
    let der = sign_for(&draft, authority).ok_or_else(|| refused("it could not be signed"))?;
    let certificate = Certificate::from_der(&der, &Source::new(what.clone()))?;
    check_fields(&certificate, authority, &identifier, request, key).map_err(|reason| refused(&reason))?;
    check_chain(&certificate, authority, request.profile.usage).map_err(|refusal| match &refusal {
        ChainRefusal::Broken(fault) if fault.rule != Rule::WrongUsage => {
            PkiError::issue(fault.rule.code(), what.clone(), refusal.to_string())
        }
        ChainRefusal::Empty
        | ChainRefusal::Expired
        | ChainRefusal::NotYetValid
        | ChainRefusal::UnknownIssuer
        | ChainRefusal::NotIssued(_)
        | ChainRefusal::Ambiguous
        | ChainRefusal::Broken(_)
        | ChainRefusal::WrongName(_)
        | ChainRefusal::Rustls(_) => refused(&refusal.to_string()),
    })?;
    Ok(certificate)
}

fn leaf_params(request: &LeafRequest, key: &PrivateKey) -> Option<CertificateParams> {
    let mut name = DistinguishedName::new();
    if let Some(common_name) = &request.profile.common_name {
        name.push(DnType::CommonName, common_name.as_str());
    }
    let mut params = CertificateParams::default();
    params.not_before = offset_date_time(request.validity.not_before)?;
    params.not_after = offset_date_time(request.validity.not_after)?;
    params.serial_number = Some(request.serial.octets().to_vec().into());
    params.subject_alt_names = request.profile.names.iter().map(alternative_name).collect::<Option<_>>()?;
    params.distinguished_name = name;
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![match request.profile.usage {
        Usage::Server => ExtendedKeyUsagePurpose::ServerAuth,
        Usage::Client => ExtendedKeyUsagePurpose::ClientAuth,
    }];
    params.name_constraints = None;
    params.crl_distribution_points = Vec::new();
    params.custom_extensions = Vec::new();
    params.use_authority_key_identifier_extension = true;
    params.key_identifier_method = KeyIdMethod::PreSpecified(key_identifier(key));
    Some(params)
}

fn alternative_name(name: &SubjectName) -> Option<SanType> {
    match name {
        SubjectName::Dns(name) => name.as_str().try_into().ok().map(SanType::DnsName),
        SubjectName::Ip(address) => Some(SanType::IpAddress(*address)),
    }
}

/// Stands in for the authority's key while rcgen encodes the draft: newleaf signs nothing before the issuer is right.
struct Unsigned<'a>(&'a PrivateKey);

impl PublicKeyData for Unsigned<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.0.der_bytes()
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        self.0.algorithm()
    }
}

impl SigningKey for Unsigned<'_> {
    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Ok(Vec::new())
    }
}

/// The certificate with another issuer and no signature.
fn draft(
    params: &CertificateParams,
    authority_identifier: &[u8],
    authority_key: &PrivateKey,
    key: &PrivateKey,
) -> Result<Vec<u8>, rcgen::Error> {
    let mut issuer = CertificateParams::default();
    issuer.distinguished_name = DistinguishedName::new();
    issuer.key_identifier_method = KeyIdMethod::PreSpecified(authority_identifier.to_vec());
    let issuer = Issuer::new(issuer, Unsigned(authority_key));
    Ok(params.signed_by(key, &issuer)?.der().to_vec())
}

/// Puts the authority's subject into the issuer field, and signs.
/// `TBSCertificate` is version, serial, signature, issuer, validity, ... (RFC 5280, 4.1).
fn sign_for(draft: &[u8], authority: &Authority) -> Option<Vec<u8>> {
    let outer = der::elements(der::only(draft, der::SEQUENCE)?.content)?;
    let [to_be_signed, algorithm, _] = outer.as_slice() else { return None };
    let fields = der::elements(to_be_signed.content)?;
    let mut parts: Vec<&[u8]> = fields.iter().map(|field| field.raw).collect();
    *parts.get_mut(3)? = authority.signer().subject();
    let to_be_signed = der::encode(der::SEQUENCE, &parts);
    let signature = authority.key().sign(&to_be_signed)?;
    let signature = der::encode(der::BIT_STRING, &[&[0], &signature]);
    Some(der::encode(der::SEQUENCE, &[&to_be_signed, algorithm.raw, &signature]))
}

/// Compares every field of the result with the request.
fn check_fields(
    certificate: &Certificate,
    authority: &Authority,
    identifier: &[u8],
    request: &LeafRequest,
    key: &PrivateKey,
) -> Result<(), String> {
    let extensions = certificate.extensions();
    let constraints = extensions.basic_constraints;
    let rules = [
        (certificate.serial() == &request.serial.serial(), "the serial number"),
        (certificate.has_proper_serial(), "the form of the serial number"),
        (certificate.validity() == request.validity, "the validity"),
        (certificate.issuer() == authority.signer().subject(), "the issuer"),
        (certificate.public_key() == key.public_key(), "the public key"),
        (certificate.authority_key_identifier() == Some(identifier), "the authority key identifier"),
        (extensions.subject_key_identifier == Some(key_identifier(key)), "the subject key identifier"),
        (constraints.is_some_and(|constraints| constraints.critical && !constraints.is_authority), "basicConstraints"),
        (extensions.key_usages_critical, "the criticality of keyUsage"),
        (extensions.unacceptable.is_empty(), "a critical extension"),
    ];
    if let Some((_, field)) = rules.into_iter().find(|(holds, _)| !holds) {
        return Err(format!("{field} differs from the request"));
    }
    match request.profile.differences(certificate).into_iter().next() {
        Some(difference) => Err(difference),
        None => Ok(()),
    }
}

/// Verifies the whole chain at the first moment at which all of it is valid.
fn check_chain(leaf: &Certificate, authority: &Authority, usage: Usage) -> Result<(), ChainRefusal> {
    let chain: Vec<Certificate> = std::iter::once(leaf).chain(authority.intermediates()).cloned().collect();
    let trust: TrustBundle = [authority.anchor().clone()].into_iter().collect();
    let at = leaf.validity().intersection(&authority.validity()).not_before;
    verify::verify(&chain, &trust, usage, at, None)?;
    leaf.names().iter().try_for_each(|name| verify::verify_name(leaf, name))
}
