//! Certificates for tests, made without the code under test.

use std::collections::BTreeMap;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod,
    KeyPair, KeyUsagePurpose, SanType, SerialNumber,
};
use rotation::engine::material::{Material, SecretBytes};
use time::OffsetDateTime;
use x509_parser::extensions::ParsedExtension;

/// An authority that signs leaves for tests.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
    subject: Vec<u8>,
}

impl Authority {
    /// A new authority with this common name.
    pub(crate) fn new(name: &str) -> Self {
        let mut parameters = parameters(name);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().expect("a P-256 key can be made");
        let certificate = parameters.self_signed(&key).expect("an authority can sign itself");
        let (_, parsed) = x509_parser::parse_x509_certificate(certificate.der()).expect("rcgen writes DER");
        let subject = parsed.subject().as_raw().to_vec();
        Self { pem: certificate.pem(), subject, issuer: Issuer::new(parameters, key) }
    }

    /// One that is stored as PEM and has nothing but a common name.
    pub(crate) fn stored(certificate: &str, key: &str) -> Option<Self> {
        let (_, pem) = x509_parser::pem::parse_x509_pem(certificate.as_bytes()).ok()?;
        let (_, parsed) = x509_parser::parse_x509_certificate(&pem.contents).ok()?;
        let name = parsed.subject().iter_common_name().next()?.as_str().ok()?;
        let mut parameters = parameters(name);
        for extension in parsed.extensions() {
            if let ParsedExtension::SubjectKeyIdentifier(identifier) = extension.parsed_extension() {
                parameters.key_identifier_method = KeyIdMethod::PreSpecified(identifier.0.to_vec());
            }
        }
        let issuer = Issuer::new(parameters, KeyPair::from_pem(key).ok()?);
        Some(Self { pem: certificate.to_owned(), subject: parsed.subject().as_raw().to_vec(), issuer })
    }

    /// A client's leaf for this role that has ended.
    pub(crate) fn expired_client(&self, role: &str, serial: u64, trust: &[&Self]) -> Material {
        let mut parameters = parameters(role);
        parameters.not_after = OffsetDateTime::now_utc() - Duration::from_secs(60);
        self.sign(parameters, serial, ExtendedKeyUsagePurpose::ClientAuth, trust)
    }

    /// A server's leaf for `localhost` and `127.0.0.1` that has ended.
    pub(crate) fn expired_server(&self, serial: u64, trust: &[&Self]) -> Material {
        let mut parameters = server_parameters();
        parameters.not_after = OffsetDateTime::now_utc() - Duration::from_secs(60);
        self.sign(parameters, serial, ExtendedKeyUsagePurpose::ServerAuth, trust)
    }

    /// Its certificate.
    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    /// The DER of its subject.
    pub(crate) fn subject(&self) -> &[u8] {
        &self.subject
    }

    /// A server's leaf for `localhost` and `127.0.0.1`, with a bundle of these authorities.
    pub(crate) fn server(&self, serial: u64, trust: &[&Self]) -> Material {
        self.sign(server_parameters(), serial, ExtendedKeyUsagePurpose::ServerAuth, trust)
    }

    /// A client's leaf for this role, with a bundle of these authorities.
    pub(crate) fn client(&self, role: &str, serial: u64, trust: &[&Self]) -> Material {
        self.sign(parameters(role), serial, ExtendedKeyUsagePurpose::ClientAuth, trust)
    }

    fn sign(
        &self,
        mut parameters: CertificateParams,
        serial: u64,
        usage: ExtendedKeyUsagePurpose,
        trust: &[&Self],
    ) -> Material {
        parameters.serial_number = Some(SerialNumber::from(serial));
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        parameters.extended_key_usages = vec![usage];
        parameters.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().expect("a P-256 key can be made");
        let certificate = parameters.signed_by(&key, &self.issuer).expect("the authority can sign");
        let bundle: String = trust.iter().map(|authority| authority.pem()).collect();
        material([("tls.crt", certificate.pem()), ("tls.key", key.serialize_pem()), ("ca.crt", bundle)])
    }
}

/// Material from texts.
pub(crate) fn material<const N: usize>(entries: [(&str, String); N]) -> Material {
    let entries = entries.into_iter().map(|(name, text)| (name.to_owned(), SecretBytes::new(text.into_bytes())));
    Material { entries: entries.collect(), annotations: BTreeMap::new() }
}

fn server_parameters() -> CertificateParams {
    let mut parameters = parameters("server");
    let localhost = "localhost".try_into().expect("localhost is ASCII");
    let loopback = SanType::IpAddress(std::net::Ipv4Addr::LOCALHOST.into());
    parameters.subject_alt_names = vec![SanType::DnsName(localhost), loopback];
    parameters
}

fn parameters(name: &str) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, name);
    // The peers ask the real clock.
    let now = OffsetDateTime::now_utc();
    parameters.not_before = now - Duration::from_secs(3600);
    parameters.not_after = now + Duration::from_secs(86_400);
    parameters
}
