//! Clients as an application has them: each login reads the files anew, and what fails is counted, not fatal.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rotation::document::Database;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::tally::Tally;

/// What a client does after a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Habit {
    /// Ends the session: each query logs in anew, with the files as they are then.
    LogInEachTime,
    /// Keeps the session until a query fails.
    KeepTheSession,
}

type Problem = Box<dyn std::error::Error + Send + Sync>;

/// How long a client pauses after an answer: more queries would not see more, and leave nothing of a small machine.
const BETWEEN: Duration = Duration::from_millis(100);
/// How long it pauses after a failure, as an application's pool does.
const PAUSE: Duration = Duration::from_millis(10);
/// How many error texts are kept.
const ERRORS_MAX: usize = 10;

/// An open session. Says goodbye when dropped.
pub(crate) struct Login {
    /// For queries.
    pub(crate) client: tokio_postgres::Client,
}

/// Logs in over mutual TLS with the files of a directory. A symlink to it is resolved once, so that key and certificate
/// are of one generation.
pub(crate) async fn login(database: &Database, files: &Path, application: &str) -> Result<Login, Problem> {
    let tls = configuration(&fs::canonicalize(files)?)?;
    let endpoint = database.endpoints.first().ok_or("no endpoint")?;
    let mut login = tokio_postgres::Config::new();
    login.host(endpoint.server_name.as_ref().unwrap_or(&endpoint.host)).port(endpoint.port);
    if let Ok(address) = endpoint.host.parse() {
        login.hostaddr(address);
    }
    login.user(&database.user).dbname(&database.name).application_name(application);
    login.ssl_mode(tokio_postgres::config::SslMode::Require).connect_timeout(Duration::from_secs(10));
    let (client, connection) = login.connect(MakeRustlsConnect::new(tls)).await?;
    // Ends by itself once the client is dropped.
    tokio::spawn(async move { drop(connection.await) });
    Ok(Login { client })
}

fn configuration(files: &Path) -> Result<ClientConfig, Problem> {
    let mut roots = RootCertStore::empty();
    for authority in CertificateDer::pem_file_iter(files.join("ca.crt"))? {
        roots.add(authority?)?;
    }
    let chain = CertificateDer::pem_file_iter(files.join("tls.crt"))?.collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_file(files.join("tls.key"))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(roots).with_client_auth_cert(chain, key)?)
}

#[derive(Default)]
struct Counters {
    succeeded: AtomicU64,
    failed: AtomicU64,
    stopping: AtomicBool,
    errors: Mutex<Vec<String>>,
    gap: Mutex<Gap>,
}

#[derive(Default)]
struct Gap {
    last: Option<Instant>,
    longest: Duration,
}

/// Clients at work, each with a new login for each query.
pub(crate) struct Load {
    counters: Arc<Counters>,
    clients: Vec<JoinHandle<()>>,
}

impl Load {
    /// Starts this many clients that log in for each query.
    pub(crate) fn start(clients: usize, database: &Database, files: &Path) -> Self {
        Self::start_with(Habit::LogInEachTime, clients, database, files)
    }

    /// Starts this many clients with a habit.
    pub(crate) fn start_with(habit: Habit, clients: usize, database: &Database, files: &Path) -> Self {
        let counters = Arc::new(Counters::default());
        let work = |_| tokio::spawn(work(Arc::clone(&counters), habit, database.clone(), files.to_path_buf()));
        Self { clients: (0..clients).map(work).collect(), counters }
    }

    /// What has been seen so far.
    pub(crate) fn tally(&self) -> Tally {
        Tally {
            succeeded: self.counters.succeeded.load(Ordering::SeqCst),
            failed: self.counters.failed.load(Ordering::SeqCst),
            errors: self.counters.errors.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            longest_gap: self.counters.gap.lock().unwrap_or_else(PoisonError::into_inner).longest,
        }
    }

    /// Waits until this many more queries have been answered, so that what comes next happens under load.
    pub(crate) async fn answered(&self, more: u64, limit: Duration) -> io::Result<()> {
        let wanted = self.counters.succeeded.load(Ordering::SeqCst) + more;
        let wait = async {
            while self.counters.succeeded.load(Ordering::SeqCst) < wanted {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let late = || io::Error::other(format!("no {more} answers within {limit:?}: {:?}", self.tally()));
        tokio::time::timeout(limit, wait).await.map_err(|_| late())
    }

    /// Lets every client finish its query and tells what was seen.
    pub(crate) async fn stop(mut self) -> Tally {
        self.counters.stopping.store(true, Ordering::SeqCst);
        for client in self.clients.drain(..) {
            if let Err(error) = client.await {
                self.counters.failed(error.to_string());
            }
        }
        self.tally()
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.clients.iter().for_each(JoinHandle::abort);
    }
}

impl Counters {
    fn succeeded(&self) {
        self.succeeded.fetch_add(1, Ordering::SeqCst);
        let mut gap = self.gap.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let waited = gap.last.map_or(Duration::ZERO, |last| now - last);
        gap.longest = gap.longest.max(waited);
        gap.last = Some(now);
    }

    fn failed(&self, error: String) {
        self.failed.fetch_add(1, Ordering::SeqCst);
        let mut errors = self.errors.lock().unwrap_or_else(PoisonError::into_inner);
        if errors.len() < ERRORS_MAX {
            errors.push(error);
        }
    }
}

async fn work(counters: Arc<Counters>, habit: Habit, database: Database, files: PathBuf) {
    let mut kept = None;
    while !counters.stopping.load(Ordering::SeqCst) {
        match ask(kept.take(), &database, &files).await {
            Ok(session) => {
                counters.succeeded();
                kept = (habit == Habit::KeepTheSession).then_some(session);
                tokio::time::sleep(BETWEEN).await;
            }
            Err(error) => {
                counters.failed(error);
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// One query, in the session that was kept or in a new one.
async fn ask(kept: Option<Login>, database: &Database, files: &Path) -> Result<Login, String> {
    let session = match kept {
        Some(session) => session,
        None => login(database, files, "load").await.map_err(|error| chain(error.as_ref()))?,
    };
    session.client.query_one("SELECT 1", &[]).await.map_err(|error| chain(&error))?;
    Ok(session)
}

/// An error and its causes on one line.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// The serial that the server shows in a new handshake, and the one that it sees of the client, in hexadecimal.
pub(crate) async fn serials(database: &Database, files: &Path) -> Result<(String, String), Problem> {
    let session = login(database, files, "serials").await?;
    let query = "SELECT client_serial::text FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    let decimal: String = session.client.query_one(query, &[]).await?.try_get(0)?;
    Ok((shown(database, files).await?, hexadecimal(&decimal).ok_or("the serial is no number")?))
}

/// The serial of the certificate that the server presents, by a handshake of our own (PostgreSQL manual, 55.2.11).
async fn shown(database: &Database, files: &Path) -> Result<String, Problem> {
    let endpoint = database.endpoints.first().ok_or("no endpoint")?;
    let mut stream = TcpStream::connect((endpoint.host.as_str(), endpoint.port)).await?;
    stream.write_all(&[0, 0, 0, 8, 4, 210, 22, 47]).await?;
    if stream.read_u8().await? != b'S' {
        return Err("the server offers no TLS".into());
    }
    let name = endpoint.server_name.as_ref().unwrap_or(&endpoint.host).clone().try_into()?;
    let connector = tokio_rustls::TlsConnector::from(Arc::new(configuration(&fs::canonicalize(files)?)?));
    let stream = connector.connect(name, stream).await?;
    let (_, session) = stream.get_ref();
    let leaf = session.peer_certificates().and_then(<[_]>::first).ok_or("the server presents nothing")?;
    let (_, parsed) = x509_parser::parse_x509_certificate(leaf)?;
    Ok(digits(parsed.raw_serial()))
}

/// A decimal number of any length in hexadecimal, two digits a byte.
fn hexadecimal(decimal: &str) -> Option<String> {
    let mut bytes: Vec<u8> = Vec::new();
    for digit in decimal.chars() {
        let mut carry = digit.to_digit(10)?;
        for byte in &mut bytes {
            let value = u32::from(*byte) * 10 + carry;
            *byte = u8::try_from(value & 0xff).ok()?;
            carry = value >> 8;
        }
        if carry > 0 {
            bytes.push(u8::try_from(carry).ok()?);
        }
    }
    bytes.reverse();
    Some(digits(&bytes))
}

/// Two hexadecimal digits a byte.
pub(crate) fn digits(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}
