//! A handshake that accepts any certificate, to read it. The server still proves that it holds the key if newleaf can verify
//! its kind of signature.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rotation::pki::observed::ObservedCertificate;
use rotation::pki::public_key::{PublicKey, Signature};
use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{ActiveKeyExchange, CryptoProvider, SupportedKxGroup, aws_lc_rs};
use rustls::ffdhe_groups::FfdheGroup;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::version::TLS12;
use rustls::{
    CertificateError, ClientConfig, DEFAULT_VERSIONS, DigitallySignedStruct, NamedGroup, PeerMisbehaved,
    SignatureScheme, SupportedProtocolVersion,
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

/// The algorithms that the client claims to support.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Offer {
    /// Only those that it supports.
    Usual,
    /// More than those: a server shows a certificate of an unusual kind only to a client that claims to know the kind. The
    /// handshake may then fail, or end without proof of the key.
    Everything,
    /// The same without TLS 1.3. OpenSSL 1.1.1 without a letter chooses 1.3 with every client that supports it, and then ignores
    /// the curves that 1.3 removed (RFC 8446, 4.2.7).
    EverythingBeforeTls13,
}

impl Offer {
    const fn is_everything(self) -> bool {
        match self {
            Self::Usual => false,
            Self::Everything | Self::EverythingBeforeTls13 => true,
        }
    }

    fn versions(self) -> Vec<&'static SupportedProtocolVersion> {
        match self {
            Self::Usual | Self::Everything => DEFAULT_VERSIONS.to_vec(),
            Self::EverythingBeforeTls13 => vec![&TLS12],
        }
    }
}

/// `rsa_pss_pss` (RFC 8446, 4.2.3): the same signatures as `rsa_pss_rsae`, by a key that is restricted to them.
const PSS: [(SignatureScheme, SignatureScheme); 3] = [
    (SignatureScheme::Unknown(0x0809), SignatureScheme::RSA_PSS_SHA256),
    (SignatureScheme::Unknown(0x080a), SignatureScheme::RSA_PSS_SHA384),
    (SignatureScheme::Unknown(0x080b), SignatureScheme::RSA_PSS_SHA512),
];

/// The curves of certificates that a TLS 1.2 server shows only to clients that name them: secp224r1, secp256k1, secp521r1,
/// brainpoolP256r1, brainpoolP384r1, brainpoolP512r1 (IANA, TLS Supported Groups).
static UNSPOKEN: [Unspoken; 6] = [Unspoken(21), Unspoken(22), Unspoken(25), Unspoken(26), Unspoken(27), Unspoken(28)];

/// The configuration of a client, and the record of its handshake.
pub(super) fn configuration(
    offer: Offer,
) -> Result<(ClientConfig, Arc<Observer>, Arc<NamedAuthorities>), rustls::Error> {
    let mut provider = aws_lc_rs::default_provider();
    if offer.is_everything() {
        provider.kx_groups.extend(UNSPOKEN.iter().map(|group| -> &'static dyn SupportedKxGroup { group }));
    }
    let provider = Arc::new(provider);
    let observer = Arc::new(Observer { provider: Arc::clone(&provider), offer, key_proved: AtomicBool::new(false) });
    let authorities = Arc::new(NamedAuthorities::default());
    let configuration = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&offer.versions())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::<Observer>::clone(&observer))
        .with_client_cert_resolver(Arc::<NamedAuthorities>::clone(&authorities));
    Ok((configuration, observer, authorities))
}

/// The configuration of a client that accepts any server, and presents this certificate or none.
pub(super) fn presenting(
    versions: &[&'static SupportedProtocolVersion],
    certificate: Option<Arc<CertifiedKey>>,
) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let key_proved = AtomicBool::new(false);
    let observer = Observer { provider: Arc::clone(&provider), offer: Offer::Usual, key_proved };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(observer));
    Ok(match certificate {
        Some(certificate) => {
            // Whatever authorities the server names: the server has to refuse it.
            builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(CertifiedKey::clone(&certificate))))
        }
        None => builder.with_no_client_auth(),
    })
}

/// The groups that newleaf supports, for messages.
pub(super) fn spoken_groups() -> String {
    let groups = aws_lc_rs::default_provider().kx_groups;
    groups.iter().map(|group| format!("{:?}", group.name())).collect::<Vec<_>>().join(", ")
}

/// Accepts any certificate, and records whether the server proved that it holds the key.
pub(super) struct Observer {
    provider: Arc<CryptoProvider>,
    offer: Offer,
    key_proved: AtomicBool,
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}

impl Observer {
    pub(super) fn key_proved(&self) -> bool {
        self.key_proved.load(Ordering::Relaxed)
    }

    /// A wrong signature ends the handshake. So does a signature of an unknown kind by a key of a known kind: newleaf's own
    /// certificates have such keys, and newleaf never trusts them without the proof.
    fn check(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let observed = ObservedCertificate::read(leaf);
        let Some(key) = observed.public_key.as_deref().and_then(PublicKey::read) else {
            return Ok(HandshakeSignatureValid::assertion());
        };
        match self.verdict(key, message, signature) {
            Signature::Genuine => self.key_proved.store(true, Ordering::Relaxed),
            Signature::Forged => return Err(CertificateError::BadSignature.into()),
            Signature::Unknown if key.is_verifiable() => {
                return Err(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme.into());
            }
            Signature::Unknown => {}
        }
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verdict(&self, key: PublicKey<'_>, message: &[u8], signature: &DigitallySignedStruct) -> Signature {
        let (scheme, key) = match PSS.iter().find(|(scheme, _)| *scheme == signature.scheme) {
            Some((_, same)) => (*same, key.as_rsa()),
            None => (signature.scheme, key),
        };
        let known = self.provider.signature_verification_algorithms.mapping;
        let algorithms = known.iter().filter(|(known, _)| *known == scheme).flat_map(|(_, algorithms)| *algorithms);
        key.signed_by_one_of(algorithms.copied(), message, signature.signature())
    }
}

impl ServerCertVerifier for Observer {
    fn verify_server_cert(
        &self,
        _leaf: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.check(message, leaf, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        // TLS 1.3 does not use these (RFC 8446, 4.2.3).
        let is_former = matches!(
            signature.scheme,
            SignatureScheme::RSA_PKCS1_SHA256 | SignatureScheme::RSA_PKCS1_SHA384 | SignatureScheme::RSA_PKCS1_SHA512
        );
        if is_former {
            return Err(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme.into());
        }
        self.check(message, leaf, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let mut schemes = self.provider.signature_verification_algorithms.supported_schemes();
        if self.offer.is_everything() {
            schemes.push(SignatureScheme::ED448);
            schemes.extend(PSS.iter().map(|(scheme, _)| *scheme));
        }
        schemes
    }
}

/// A group that the client names but does not support.
struct Unspoken(u16);

impl fmt::Debug for Unspoken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.name())
    }
}

impl SupportedKxGroup for Unspoken {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, rustls::Error> {
        Err(rustls::Error::General(format!("the server wants the group {:?}", self.name())))
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        None
    }

    fn name(&self) -> NamedGroup {
        NamedGroup::from(self.0)
    }
}

/// Records the names in the server's `CertificateRequest`, and presents no certificate.
#[derive(Debug, Default)]
pub(super) struct NamedAuthorities(Mutex<Option<BTreeSet<Vec<u8>>>>);

impl NamedAuthorities {
    pub(super) fn take(&self) -> Option<BTreeSet<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl ResolvesClientCert for NamedAuthorities {
    fn resolve(&self, subjects: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let names = subjects.iter().map(|subject| subject.to_vec()).collect();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(names);
        None
    }

    fn has_certs(&self) -> bool {
        true
    }
}
