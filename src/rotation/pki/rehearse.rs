//! A mutual TLS handshake in memory: no socket, no file, at a moment that the caller gives.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rustls::client::ClientConnection;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::server::{ServerConnection, WebPkiClientVerifier};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, RootCertStore, ServerConfig, SupportedProtocolVersion};
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer, UnixTime};

use crate::pki::certificate::Certificate;
use crate::pki::error::PkiError;
use crate::pki::key::PrivateKey;
use crate::pki::name::SubjectName;
use crate::pki::trust_bundle::TrustBundle;
use crate::pki::verify::{self, Usage};

/// One end of the connection: the certificates that it presents, and those that it accepts.
#[derive(Debug, Clone, Copy)]
pub struct Party<'a> {
    /// Its chain, the leaf first, without the root.
    pub chain: &'a [Certificate],
    /// The leaf's key.
    pub key: &'a PrivateKey,
    /// The bundle by which it accepts the other end.
    pub trust: &'a TrustBundle,
}

/// Connects the client to the server by the name, once with TLS 1.3 and once with TLS 1.2. Each verifies the other at the
/// moment.
pub fn rehearse(server: Party<'_>, client: Party<'_>, name: &SubjectName, at: DateTime<Utc>) -> Result<(), PkiError> {
    let failed = |reason: String| PkiError::Rehearsal { server_name: name.to_string(), reason };
    // First apply newleaf's own rules: they are stricter about roots than rustls, and name the reason.
    verify::verify(server.chain, client.trust, Usage::Server, at, Some(name))
        .map_err(|refusal| failed(format!("the client refuses the server: {refusal}")))?;
    verify::verify(client.chain, server.trust, Usage::Client, at, None)
        .map_err(|refusal| failed(format!("the server refuses the client: {refusal}")))?;
    for version in [&rustls::version::TLS13, &rustls::version::TLS12] {
        handshake(server, client, name, at, version).map_err(&failed)?;
    }
    Ok(())
}

/// A clock that always returns the given moment.
#[derive(Debug)]
struct At(UnixTime);

impl TimeProvider for At {
    fn current_time(&self) -> Option<UnixTime> {
        Some(self.0)
    }
}

/// The settings of both ends.
struct Setting {
    provider: Arc<CryptoProvider>,
    time: Arc<At>,
    version: &'static SupportedProtocolVersion,
}

fn handshake(
    server: Party<'_>,
    client: Party<'_>,
    name: &SubjectName,
    at: DateTime<Utc>,
    version: &'static SupportedProtocolVersion,
) -> Result<(), String> {
    let seconds = u64::try_from(at.timestamp()).map_err(|_| "the moment is before 1970".to_owned())?;
    let setting = Setting {
        provider: Arc::new(aws_lc_rs::default_provider()),
        time: Arc::new(At(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))),
        version,
    };
    let server_config = server_config(server, &setting).map_err(|error| format!("the server: {error}"))?;
    let client_config = client_config(client, &setting).map_err(|error| format!("the client: {error}"))?;
    let server_name = verify::server_name(name).ok_or_else(|| "the name cannot be asked for".to_owned())?;
    let text = |error: rustls::Error| error.to_string();
    let mut server = ServerConnection::new(Arc::new(server_config)).map_err(text)?;
    let mut client = ClientConnection::new(Arc::new(client_config), server_name).map_err(text)?;
    converse(&mut server, &mut client)
}

fn server_config(party: Party<'_>, setting: &Setting) -> Result<ServerConfig, String> {
    let roots = Arc::new(roots(party.trust));
    let verifier = WebPkiClientVerifier::builder_with_provider(roots, Arc::clone(&setting.provider))
        .build()
        .map_err(|error| error.to_string())?;
    let time: Arc<dyn TimeProvider> = Arc::<At>::clone(&setting.time);
    ServerConfig::builder_with_details(Arc::clone(&setting.provider), time)
        .with_protocol_versions(&[setting.version])
        .and_then(|builder| Ok(builder.with_client_cert_verifier(verifier).with_cert_resolver(presented(party)?)))
        .map_err(|error| error.to_string())
}

fn client_config(party: Party<'_>, setting: &Setting) -> Result<ClientConfig, String> {
    let time: Arc<dyn TimeProvider> = Arc::<At>::clone(&setting.time);
    ClientConfig::builder_with_details(Arc::clone(&setting.provider), time)
        .with_protocol_versions(&[setting.version])
        .and_then(|builder| {
            let builder = builder.with_root_certificates(roots(party.trust));
            Ok(builder.with_client_cert_resolver(presented(party)?))
        })
        .map_err(|error| error.to_string())
}

fn roots(trust: &TrustBundle) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(trust.iter().map(|root| CertificateDer::from(root.der().to_vec())));
    roots
}

/// The certificate of the party. It borrows the key, because rustls wipes no copy; AWS-LC wipes its own.
fn presented(party: Party<'_>) -> Result<Arc<SingleCertAndKey>, rustls::Error> {
    let chain = party.chain.iter().map(|certificate| CertificateDer::from(certificate.der().to_vec())).collect();
    let key = aws_lc_rs::sign::any_supported_type(&PrivatePkcs8KeyDer::from(party.key.pkcs8()).into())?;
    Ok(Arc::new(SingleCertAndKey::from(CertifiedKey::new(chain, key))))
}

/// Passes bytes between both ends until both have completed the handshake and received a greeting.
fn converse(server: &mut ServerConnection, client: &mut ClientConnection) -> Result<(), String> {
    use io::{Read, Write};
    client.writer().write_all(b"client").map_err(|error| error.to_string())?;
    server.writer().write_all(b"server").map_err(|error| error.to_string())?;
    // A full handshake takes four turns; more turns mean that it makes no progress.
    for _ in 0..10 {
        carry(client, server).map_err(|error| format!("the server refuses the client: {error}"))?;
        carry(server, client).map_err(|error| format!("the client refuses the server: {error}"))?;
    }
    let mut heard = [[0_u8; 6]; 2];
    let [by_server, by_client] = &mut heard;
    server.reader().read_exact(by_server).map_err(|_| "the server heard nothing".to_owned())?;
    client.reader().read_exact(by_client).map_err(|_| "the client heard nothing".to_owned())?;
    if heard == [*b"client", *b"server"] { Ok(()) } else { Err("the bytes were not the same".to_owned()) }
}

fn carry<A, B, D, E>(from: &mut A, to: &mut B) -> Result<(), String>
where
    A: std::ops::DerefMut<Target = rustls::ConnectionCommon<D>>,
    B: std::ops::DerefMut<Target = rustls::ConnectionCommon<E>>,
{
    let text = |error: io::Error| error.to_string();
    while from.wants_write() {
        let mut bytes = Vec::new();
        from.write_tls(&mut bytes).map_err(text)?;
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            to.read_tls(&mut rest).map_err(text)?;
            to.process_new_packets().map_err(|error| error.to_string())?;
        }
    }
    Ok(())
}
