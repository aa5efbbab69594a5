//! One login up to its first answer: whether a server lets a client in, refuses it, or asks for something else. It accepts any
//! certificate of the server, because only the answer counts, and it ends a session that opened at once.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use base::diagnosis::RemoteText;
use rotation::document::Endpoint;
use rotation::probe::LoginAnswer;
use rustls::SupportedProtocolVersion;
use rustls::sign::CertifiedKey;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_rustls::TlsConnector;

use crate::postgres::any_certificate::presenting;
use crate::postgres::error::PostgresError;
use crate::postgres::handshake::{connect, has_ended, request_tls, server_name};
use crate::postgres::login::APPLICATION_NAME;

/// Version 3.0 of the protocol (PostgreSQL manual, 55.7, `StartupMessage`).
const PROTOCOL: i32 = 196_608;
/// `Terminate`: its type and its length.
const TERMINATE: [u8; 5] = [b'X', 0, 0, 0, 4];
/// The longest message that is read: before a session opens, the server sends none that is longer.
const MESSAGE_MAX: usize = 64 << 10;
/// The number of messages that may come before the answer: notices, and the versions of the protocol.
const MESSAGES_MAX: usize = 16;

/// The TLS of a login.
#[derive(Debug, Clone)]
pub(crate) enum LoginTls {
    /// None.
    Without,
    /// In one of these versions, with a certificate or none.
    With(&'static [&'static SupportedProtocolVersion], Option<Arc<CertifiedKey>>),
}

/// A login.
#[derive(Debug, Clone)]
pub(crate) struct LoginAttempt<'a> {
    /// The role.
    pub(crate) user: &'a str,
    /// The database.
    pub(crate) database: &'a str,
    /// Whether the session is one of replication, which belongs to no database.
    pub(crate) replicates: bool,
    /// The TLS.
    pub(crate) tls: LoginTls,
}

/// Tries a login. Ends within `limit`.
pub(crate) async fn attempt(endpoint: &Endpoint, wanted: &LoginAttempt<'_>, limit: Duration) -> LoginAnswer {
    match tokio::time::timeout(limit, answered(endpoint, wanted)).await {
        Ok(Ok(answer) | Err(answer)) => answer,
        Err(_) => LoginAnswer::Unclear("it gave no answer in time".to_owned()),
    }
}

/// The answer; as an error where the login did not come as far as its first message.
async fn answered(endpoint: &Endpoint, wanted: &LoginAttempt<'_>) -> Result<LoginAnswer, LoginAnswer> {
    let mut stream = connect(endpoint).await.map_err(|error| unclear(&error))?;
    let LoginTls::With(versions, certificate) = &wanted.tls else { return Ok(first_answer(stream, wanted).await) };
    match request_tls(endpoint, &mut stream).await {
        Ok(()) => {}
        Err(PostgresError::WithoutTls { .. }) => return Err(LoginAnswer::Refused("it offers no TLS".to_owned())),
        Err(error) => return Err(unclear(&error)),
    }
    let configuration = presenting(versions, certificate.clone()).map_err(|error| unclear(&error))?;
    let name = server_name(endpoint).map_err(|error| unclear(&error))?;
    let stream = TlsConnector::from(Arc::new(configuration)).connect(name, stream).await;
    Ok(first_answer(stream.map_err(|error| broken(&error))?, wanted).await)
}

async fn first_answer<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, wanted: &LoginAttempt<'_>) -> LoginAnswer {
    let exchanged = async {
        stream.write_all(&start_up(wanted)).await?;
        stream.flush().await?;
        for _ in 0..MESSAGES_MAX {
            let (kind, body) = message(&mut stream).await?;
            match kind {
                b'R' => return Ok(authentication(&body)),
                b'E' => return Ok(refusal(&body)),
                _ => {}
            }
        }
        Ok(LoginAnswer::Unclear("it answered neither yes nor no".to_owned()))
    };
    let answer = exchanged.await.unwrap_or_else(|error: io::Error| broken(&error));
    // A courtesy, so that the server logs no broken connection: the answer is already here.
    drop(stream.write_all(&TERMINATE).await);
    drop(stream.shutdown().await);
    answer
}

fn start_up(wanted: &LoginAttempt<'_>) -> Vec<u8> {
    let mut pairs = vec![("user", wanted.user), ("database", wanted.database), ("application_name", APPLICATION_NAME)];
    if wanted.replicates {
        pairs.push(("replication", "true"));
    }
    let mut body = PROTOCOL.to_be_bytes().to_vec();
    for text in pairs.into_iter().flat_map(|(name, value)| [name, value]) {
        body.extend(text.bytes().filter(|byte| *byte != 0).chain([0]));
    }
    body.push(0);
    // The length counts itself.
    let length = u32::try_from(body.len().saturating_add(4)).unwrap_or(u32::MAX);
    [&length.to_be_bytes()[..], &body].concat()
}

/// A message: its type and its body.
async fn message<S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<(u8, Vec<u8>)> {
    let kind = stream.read_u8().await?;
    let length = usize::try_from(stream.read_u32().await?).unwrap_or(usize::MAX);
    let length = length.checked_sub(4).filter(|length| *length <= MESSAGE_MAX);
    let length = length.ok_or_else(|| io::Error::other("it sent a message that PostgreSQL never sends"))?;
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok((kind, body))
}

/// PostgreSQL manual, 55.7, `Authentication...`.
fn authentication(body: &[u8]) -> LoginAnswer {
    let asked = |method: &str| LoginAnswer::Asked(method.to_owned());
    match body.first_chunk().map(|number| i32::from_be_bytes(*number)) {
        Some(0) => LoginAnswer::Accepted,
        Some(3) => asked("a password in plain words"),
        Some(5) => asked("a password (md5)"),
        Some(10) => asked("a password (SCRAM)"),
        Some(2 | 7 | 8 | 9) => asked("a ticket of Kerberos"),
        Some(number) => asked(&format!("something else (authentication request {number})")),
        None => LoginAnswer::Unclear("its answer cannot be read".to_owned()),
    }
}

/// The reason in an `ErrorResponse`: its fields are a letter and a text that ends with a zero.
fn refusal(body: &[u8]) -> LoginAnswer {
    let field = |letter: u8| {
        let found = body.split(|byte| *byte == 0).find(|field| field.first() == Some(&letter));
        RemoteText::from_bytes(found.and_then(|field| field.get(1..)).unwrap_or_default())
    };
    let (state, reason) = (field(b'C'), field(b'M'));
    let reason = format!("{state}: {reason}");
    // Insufficient resources, operator intervention, system error: it says nothing about the client.
    if ["53", "57", "58"].iter().any(|class| state.as_str().starts_with(class)) {
        return LoginAnswer::Unclear(reason);
    }
    LoginAnswer::Refused(reason)
}

/// What a broken connection means. A server that refuses a certificate sends an alert, and closes; the alert may be lost where
/// the client has sent its first message already.
fn broken(error: &io::Error) -> LoginAnswer {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>());
    match cause {
        Some(rustls::Error::AlertReceived(alert)) => LoginAnswer::Refused(format!("TLS alert {alert:?}")),
        Some(_) | None if has_ended(error) => LoginAnswer::Refused("it closed the connection".to_owned()),
        Some(_) | None => unclear(error),
    }
}

fn unclear(error: &dyn std::error::Error) -> LoginAnswer {
    LoginAnswer::Unclear(RemoteText::from_error(error).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the client makes of these bytes of a server.
    async fn of(sent: &[u8]) -> LoginAnswer {
        let (client, mut server) = tokio::io::duplex(1 << 17);
        server.write_all(sent).await.unwrap();
        server.shutdown().await.unwrap();
        let wanted = LoginAttempt { user: "u", database: "d", replicates: false, tls: LoginTls::Without };
        first_answer(client, &wanted).await
    }

    #[tokio::test]
    async fn only_an_ok_is_an_acceptance_whatever_a_server_sends() {
        let error = |state: &str| {
            let fields = format!("SFATAL\0C{state}\0Mno\0\0");
            let length = u32::try_from(fields.len() + 4).unwrap();
            [b"E", &length.to_be_bytes()[..], fields.as_bytes()].concat()
        };
        let notice = b"N\0\0\0\x05\0";
        let accepted = b"R\0\0\0\x08\0\0\0\0";
        assert_eq!(of(accepted).await, LoginAnswer::Accepted);
        assert_eq!(of(&[&notice[..], accepted].concat()).await, LoginAnswer::Accepted);
        assert_eq!(of(&[accepted, &error("3D000")[..]].concat()).await, LoginAnswer::Accepted, "no such database");
        assert_eq!(of(b"R\0\0\0\x08\0\0\0\x03").await, LoginAnswer::Asked("a password in plain words".to_owned()));
        assert_eq!(of(b"R\0\0\0\x0c\0\0\0\x05salt").await, LoginAnswer::Asked("a password (md5)".to_owned()));
        assert_eq!(of(&error("28000")).await, LoginAnswer::Refused("28000: no".to_owned()));
        assert_eq!(of(&error("57P03")).await, LoginAnswer::Unclear("57P03: no".to_owned()));
        assert_eq!(of(b"").await, LoginAnswer::Refused("it closed the connection".to_owned()));
        for hostile in [&b"R\0\0\0\x04"[..], b"R\0\0\0\0", b"E\xff\xff\xff\xff", &notice.repeat(100)] {
            assert!(matches!(of(hostile).await, LoginAnswer::Unclear(_)), "{hostile:?}");
        }
    }
}
