//! What a server shows before a login: its certificate chain, and the names of the authorities by which it accepts clients.
//! Nothing else shows that PostgreSQL refused a reload.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use base::diagnosis::RemoteText;
use rotation::document::Endpoint;
use rotation::engine::facts::{Fingerprint, Serial};
use rotation::pki::observed::ObservedCertificate;
use rustls::AlertDescription;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::postgres::any_certificate::{Offer, configuration, spoken_groups};
use crate::postgres::error::PostgresError;

/// The `SSLRequest` message: its length, then 80877103 (PostgreSQL manual, 55.2.11 and 55.7).
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

/// What a server has loaded, as it shows it to every client that connects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// The chain that the server sent, leaf first, each certificate in DER.
    pub chain: Vec<Vec<u8>>,
    /// The fingerprint of the leaf.
    pub fingerprint: Fingerprint,
    /// The serial number of the leaf.
    pub serial: Serial,
    /// Whether the server proved that it holds the leaf's key. For the kinds of keys that newleaf makes or stores, every
    /// completed handshake proves it. So an unproved leaf is not newleaf's.
    pub key_proved: bool,
    /// The subjects (DER) of the authorities by which it accepts clients. `None` if it asks for no client certificate.
    pub client_authorities: Option<BTreeSet<Vec<u8>>>,
}

/// The name by which to verify the server's certificate.
pub(crate) fn server_name(endpoint: &Endpoint) -> Result<ServerName<'static>, PostgresError> {
    let name = endpoint.server_name.as_ref().unwrap_or(&endpoint.host);
    ServerName::try_from(name.clone()).map_err(|error| PostgresError::Handshake {
        endpoint: endpoint.to_string(),
        reason: RemoteText::from_error(&error),
    })
}

/// Opens a TCP connection without Nagle's algorithm, because a login consists of many small messages.
pub(crate) async fn connect(endpoint: &Endpoint) -> Result<TcpStream, PostgresError> {
    let unreachable = |source| PostgresError::Unreachable { endpoint: endpoint.to_string(), source };
    let stream = TcpStream::connect((endpoint.host.as_str(), endpoint.port)).await.map_err(unreachable)?;
    stream.set_nodelay(true).map_err(unreachable)?;
    Ok(stream)
}

/// Completes one TLS handshake and reads what the server shows, without a login. Ends within `limit`.
///
/// It accepts any certificate: the caller judges it. If the server and newleaf have no algorithm in common, it asks again with
/// clients that claim to support everything.
pub async fn handshake(endpoint: &Endpoint, limit: Duration) -> Result<Served, PostgresError> {
    let doing = "completing a TLS handshake";
    let timeout = |_| PostgresError::Timeout { endpoint: endpoint.to_string(), doing, limit };
    let looks = async {
        match look(endpoint, Offer::Usual).await {
            Err(PostgresError::NothingInCommon { .. }) => {}
            seen => return seen,
        }
        match look(endpoint, Offer::Everything).await {
            Err(error @ PostgresError::NothingInCommon { .. }) => {
                look(endpoint, Offer::EverythingBeforeTls13).await.map_err(|_| error)
            }
            seen => seen,
        }
    };
    tokio::time::timeout(limit, looks).await.map_err(timeout)?
}

async fn look(endpoint: &Endpoint, offer: Offer) -> Result<Served, PostgresError> {
    let mut stream = connect(endpoint).await?;
    request_tls(endpoint, &mut stream).await?;
    let (configuration, observer, authorities) = configuration(offer).map_err(|error| failed(endpoint, error))?;
    let connector = TlsConnector::from(Arc::new(configuration));
    let mut stream = connector
        .connect(server_name(endpoint)?, stream)
        .await
        .map_err(|error| interpret(endpoint, "completing a TLS handshake", error))?;
    let (_, connection) = stream.get_ref();
    let chain: Vec<Vec<u8>> =
        connection.peer_certificates().unwrap_or_default().iter().map(|certificate| certificate.to_vec()).collect();
    // A close_notify is a courtesy: the facts are already here.
    drop(stream.shutdown().await);
    let leaf = chain.first().ok_or_else(|| failed(endpoint, io::Error::other("the server sent no certificate")))?;
    let ObservedCertificate { fingerprint, serial, .. } = ObservedCertificate::read(leaf);
    let (key_proved, client_authorities) = (observer.key_proved(), authorities.take());
    Ok(Served { chain, fingerprint, serial, key_proved, client_authorities })
}

/// Asks for TLS and reads exactly the one byte of the answer: what follows it belongs to TLS.
pub(super) async fn request_tls(endpoint: &Endpoint, stream: &mut TcpStream) -> Result<(), PostgresError> {
    let doing = "waiting for the answer to the SSLRequest";
    stream.write_all(&SSL_REQUEST).await.map_err(|error| interpret(endpoint, doing, error))?;
    match stream.read_u8().await.map_err(|error| interpret(endpoint, doing, error))? {
        b'S' => Ok(()),
        b'N' => Err(PostgresError::WithoutTls { endpoint: endpoint.to_string() }),
        // Before TLS an attacker could have written the text of an ErrorResponse: do not show it (PostgreSQL manual, 55.2.11).
        b'E' => Err(failed(endpoint, io::Error::other("the server answered with an error before TLS"))),
        answer => Err(PostgresError::NotPostgres { endpoint: endpoint.to_string(), answer }),
    }
}

/// Whether the connection is over, whatever was to be read or written.
pub(super) fn has_ended(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
    )
}

/// Distinguishes a connection that ended from a handshake that failed.
fn interpret(endpoint: &Endpoint, doing: &'static str, error: io::Error) -> PostgresError {
    if has_ended(&error) {
        return PostgresError::Closed { endpoint: endpoint.to_string(), doing };
    }
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>()).cloned();
    match cause {
        Some(
            source @ (rustls::Error::AlertReceived(AlertDescription::HandshakeFailure) | rustls::Error::General(_)),
        ) => PostgresError::NothingInCommon { endpoint: endpoint.to_string(), groups: spoken_groups(), source },
        Some(_) | None => failed(endpoint, error),
    }
}

fn failed<E: std::error::Error + Send + Sync + 'static>(endpoint: &Endpoint, error: E) -> PostgresError {
    PostgresError::Handshake { endpoint: endpoint.to_string(), reason: RemoteText::from_error(&error) }
}
