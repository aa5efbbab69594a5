//! The TLS of a login: it presents the stored client leaf and verifies the server by the client's stored bundle.

use std::sync::Arc;

use rotation::engine::material::{LEAF_CERTIFICATE, LEAF_KEY, Material, TRUST_BUNDLE};
use rotation::pki::certificate::Certificate;
use rotation::pki::error::Source;
use rotation::pki::key::PrivateKey;
use rotation::pki::trust_bundle::TrustBundle;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::aws_lc_rs;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, UnixTime};

/// Builds mutual TLS from stored bytes. The reason of a failure never contains any of them.
pub(crate) fn client_configuration(material: &Material, may_have_ended: bool) -> Result<ClientConfig, String> {
    let (bytes, origin) = entry(material, TRUST_BUNDLE)?;
    let mut roots = RootCertStore::empty();
    for authority in TrustBundle::from_pem(bytes, &origin).map_err(|error| error.to_string())?.iter() {
        let added = roots.add(authority.der().into());
        added.map_err(|error| format!("an authority in {TRUST_BUNDLE} cannot be used ({error})"))?;
    }
    let certified = client_certificate(material)?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let strict = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build();
    let strict = strict.map_err(|error| format!("{TRUST_BUNDLE} cannot be used ({error})"))?;
    let verifier: Arc<dyn ServerCertVerifier> = if may_have_ended { Arc::new(EndedToo(strict)) } else { strict };
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| error.to_string())?.dangerous().with_custom_certificate_verifier(verifier);
    Ok(builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(certified))))
}

/// The stored client leaf, as TLS presents it.
pub(crate) fn client_certificate(material: &Material) -> Result<CertifiedKey, String> {
    let (bytes, origin) = entry(material, LEAF_CERTIFICATE)?;
    let chain = Certificate::all_from_pem(bytes, &origin).map_err(|error| error.to_string())?;
    let (bytes, origin) = entry(material, LEAF_KEY)?;
    let key = PrivateKey::from_pem(bytes, &origin).map_err(|error| error.to_string())?;
    presented(chain.iter().map(Certificate::der), &key).ok_or_else(|| format!("{LEAF_KEY} cannot be used"))
}

/// A chain with its key, as TLS presents it.
pub(crate) fn presented<'a>(chain: impl Iterator<Item = &'a [u8]>, key: &PrivateKey) -> Option<CertifiedKey> {
    let chain = chain.map(|certificate| certificate.to_vec().into()).collect();
    // The bytes belong to a key that is wiped when dropped. AWS-LC wipes its own copy too.
    let signer = aws_lc_rs::sign::any_supported_type(&PrivatePkcs8KeyDer::from(key.pkcs8()).into());
    Some(CertifiedKey::new(chain, signer.ok()?))
}

fn entry<'a>(material: &'a Material, name: &'static str) -> Result<(&'a [u8], Source), String> {
    let bytes = material.entry(name).ok_or_else(|| format!("{name} is missing"))?;
    Ok((bytes, Source::new(name)))
}

/// Verifies an expired certificate as of its last moment, so that it forgives only the expiry.
#[derive(Debug)]
struct EndedToo(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for EndedToo {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let judge = |at| self.0.verify_server_cert(leaf, intermediates, name, ocsp, at);
        match judge(now) {
            Err(rustls::Error::InvalidCertificate(CertificateError::ExpiredContext { not_after, .. })) => {
                judge(not_after)
            }
            judged => judged,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls12_signature(message, leaf, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls13_signature(message, leaf, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}
