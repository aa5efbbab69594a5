//! What a server shows before anyone logs in: its certificate chain, and the names of the authorities that it accepts
//! clients by. A reload that PostgreSQL refused can be seen nowhere else.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::configuration::Endpoint;
use crate::pki::certificate::Certificate;
use crate::pki::error::Origin;
use crate::postgres::error::PostgresError;
use crate::rotation::facts::{Fingerprint, Serial};

/// The `SSLRequest` message: its length, then 80877103 (PostgreSQL manual, 55.2.11 and 55.7).
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

/// What a server has loaded, as it shows it to anyone who connects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// The chain as it was sent, leaf first, each certificate in DER.
    pub chain: Vec<Vec<u8>>,
    /// The leaf's fingerprint.
    pub fingerprint: Fingerprint,
    /// The leaf's serial number.
    pub serial: Serial,
    /// The subjects (DER) of the authorities that it accepts clients by; `None` when it asks for no client certificate.
    pub client_authorities: Option<BTreeSet<Vec<u8>>>,
}

/// `host:port`, for messages.
pub fn address(endpoint: &Endpoint) -> String {
    let Endpoint { host, port, .. } = endpoint;
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// The name to verify the server's certificate by.
pub(crate) fn server_name(endpoint: &Endpoint) -> Result<ServerName<'static>, PostgresError> {
    let name = endpoint.server_name.as_ref().unwrap_or(&endpoint.host);
    ServerName::try_from(name.clone())
        .map_err(|error| PostgresError::Handshake { endpoint: address(endpoint), source: Box::new(error) })
}

/// Opens a TCP connection; at once sends what is written, as a login is many small messages.
pub(crate) async fn connect(endpoint: &Endpoint) -> Result<TcpStream, PostgresError> {
    let unreachable = |source| PostgresError::Unreachable { endpoint: address(endpoint), source };
    let stream = TcpStream::connect((endpoint.host.as_str(), endpoint.port)).await.map_err(unreachable)?;
    stream.set_nodelay(true).map_err(unreachable)?;
    Ok(stream)
}

/// Completes one TLS handshake and reads what the server shows, without logging in. Ends within `limit`.
///
/// Any certificate is accepted: the caller judges it. The signature of the handshake is verified, so the server holds
/// the key of the certificate that is reported.
pub async fn handshake(endpoint: &Endpoint, limit: Duration) -> Result<Served, PostgresError> {
    let doing = "completing a TLS handshake";
    let timeout = |_| PostgresError::Timeout { endpoint: address(endpoint), doing, limit };
    tokio::time::timeout(limit, look(endpoint)).await.map_err(timeout)?
}

async fn look(endpoint: &Endpoint) -> Result<Served, PostgresError> {
    let mut stream = connect(endpoint).await?;
    request_tls(endpoint, &mut stream).await?;
    let authorities = Arc::new(NamedAuthorities::default());
    let configuration = reading_configuration(Arc::clone(&authorities)).map_err(|error| failed(endpoint, error))?;
    let connector = TlsConnector::from(Arc::new(configuration));
    let mut stream = connector
        .connect(server_name(endpoint)?, stream)
        .await
        .map_err(|error| interpret(endpoint, "completing a TLS handshake", error))?;
    let (_, connection) = stream.get_ref();
    let chain: Vec<Vec<u8>> =
        connection.peer_certificates().unwrap_or_default().iter().map(|certificate| certificate.to_vec()).collect();
    // Saying goodbye is a courtesy: the facts are already here.
    drop(stream.shutdown().await);
    let leaf = chain.first().ok_or_else(|| failed(endpoint, io::Error::other("no certificate was sent")))?;
    let leaf = Certificate::from_der(leaf, &Origin::new("the handshake")).map_err(|error| failed(endpoint, error))?;
    let (fingerprint, serial) = (leaf.fingerprint(), leaf.serial().clone());
    Ok(Served { chain, fingerprint, serial, client_authorities: authorities.take() })
}

/// Asks for TLS and reads exactly the one byte of the answer: what follows it belongs to TLS.
async fn request_tls(endpoint: &Endpoint, stream: &mut TcpStream) -> Result<(), PostgresError> {
    let doing = "waiting for the answer to the SSLRequest";
    stream.write_all(&SSL_REQUEST).await.map_err(|error| interpret(endpoint, doing, error))?;
    match stream.read_u8().await.map_err(|error| interpret(endpoint, doing, error))? {
        b'S' => Ok(()),
        b'N' => Err(PostgresError::WithoutTls { endpoint: address(endpoint) }),
        // Before TLS the text of an ErrorResponse could be anyone's: it is not shown (PostgreSQL manual, 55.2.11).
        b'E' => Err(failed(endpoint, io::Error::other("the server answered with an error before TLS"))),
        answer => Err(PostgresError::NotPostgres { endpoint: address(endpoint), answer }),
    }
}

/// Tells a connection that ended from a handshake that failed.
fn interpret(endpoint: &Endpoint, doing: &'static str, error: io::Error) -> PostgresError {
    let ended = matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
    );
    if ended { PostgresError::Closed { endpoint: address(endpoint), doing } } else { failed(endpoint, error) }
}

fn failed<E: std::error::Error + Send + Sync + 'static>(endpoint: &Endpoint, error: E) -> PostgresError {
    PostgresError::Handshake { endpoint: address(endpoint), source: Box::new(error) }
}

fn reading_configuration(authorities: Arc<NamedAuthorities>) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let reader = Arc::new(AnyCertificate(Arc::clone(&provider)));
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(reader)
        .with_client_cert_resolver(authorities))
}

/// Accepts any certificate, for reading it; still makes the server prove that it holds the key.
struct AnyCertificate(Arc<CryptoProvider>);

impl fmt::Debug for AnyCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnyCertificate")
    }
}

impl ServerCertVerifier for AnyCertificate {
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
        verify_tls12_signature(message, leaf, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, leaf, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Notes the names in the server's `CertificateRequest`, and answers with no certificate.
#[derive(Debug, Default)]
struct NamedAuthorities(Mutex<Option<BTreeSet<Vec<u8>>>>);

impl NamedAuthorities {
    fn take(&self) -> Option<BTreeSet<Vec<u8>>> {
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
