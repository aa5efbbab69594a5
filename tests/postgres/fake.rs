//! A server that speaks enough of PostgreSQL's protocol (manual, chapter 55) to let a client in and to answer what it likes.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rotation::document::Endpoint;
use rustls::ServerConfig;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// What it answers when it is asked for the sessions.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Answer {
    /// One session whose serial number has so many digits.
    Digits(usize),
    /// Small rows without end.
    SmallRows,
    /// Large rows without end.
    LargeRows,
    /// Notices without end.
    Notices,
    /// One row that never ends.
    OneEndlessMessage,
}

/// A running fake. Ends when dropped.
pub(crate) struct FakeServer {
    port: u16,
    sent: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Drop for FakeServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl FakeServer {
    /// Starts one that shows the leaf of a directory.
    pub(crate) async fn start(files: &Path, answer: Answer) -> Self {
        let chain = CertificateDer::pem_file_iter(files.join("tls.crt")).expect("it is there");
        let chain = chain.collect::<Result<Vec<_>, _>>().expect("it is PEM");
        let key =
            PrivateKeyDer::from_pem_slice(&fs::read(files.join("tls.key")).expect("it is there")).expect("it is PEM");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = config.expect("it has versions").with_no_client_auth().with_single_cert(chain, key);
        let acceptor = TlsAcceptor::from(Arc::new(config.expect("key and certificate belong together")));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        let sent = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&sent);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // It ends when the client has had enough.
                drop(serve(stream, &acceptor, answer, &counted).await);
            }
        });
        Self { port, sent, task }
    }

    /// How many bytes of answers without end it got rid of, some of them into the buffers of the line.
    pub(crate) fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }

    /// Where it listens.
    pub(crate) fn endpoint(&self) -> Endpoint {
        Endpoint { host: "127.0.0.1".to_owned(), port: self.port, server_name: Some("localhost".to_owned()) }
    }
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).expect("a short message").to_be_bytes();
    [&[kind], &length[..], body].concat()
}

/// A `RowDescription` of columns in binary form.
fn columns(types: &[u32]) -> Vec<u8> {
    let mut body = u16::try_from(types.len()).expect("few columns").to_be_bytes().to_vec();
    for kind in types {
        body.extend(b"c\0\0\0\0\0\0\0");
        body.extend(kind.to_be_bytes());
        body.extend([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 1]);
    }
    message(b'T', &body)
}

fn row(values: &[Option<&[u8]>]) -> Vec<u8> {
    let mut body = u16::try_from(values.len()).expect("few columns").to_be_bytes().to_vec();
    for value in values {
        match value {
            Some(value) => {
                body.extend(u32::try_from(value.len()).expect("a short value").to_be_bytes());
                body.extend(*value);
            }
            None => body.extend([0xff; 4]),
        }
    }
    message(b'D', &body)
}

const BOOL: u32 = 16;
const INT4: u32 = 23;
const TEXT: u32 = 25;
const TIMESTAMPTZ: u32 = 1184;
const OWN: [u32; 4] = [TEXT, TIMESTAMPTZ, TEXT, TEXT];
const SESSIONS: [u32; 7] = [BOOL, INT4, TEXT, TEXT, TEXT, BOOL, TIMESTAMPTZ];

fn session(application: &[u8], serial: &[u8]) -> Vec<u8> {
    row(&[
        Some(&[1]),
        Some(&7_u32.to_be_bytes()),
        Some(application),
        Some(serial),
        Some(b"/CN=x"),
        Some(&[1]),
        Some(&[0; 8]),
    ])
}

async fn serve(mut stream: TcpStream, acceptor: &TlsAcceptor, answer: Answer, sent: &AtomicUsize) -> io::Result<()> {
    stream.read_exact(&mut [0; 8]).await?;
    stream.write_all(b"S").await?;
    let mut stream = acceptor.accept(stream).await?;
    let length = stream.read_u32().await?;
    let mut start_up = vec![0; usize::try_from(length).expect("a length") - 4];
    stream.read_exact(&mut start_up).await?;
    stream.write_all(&[message(b'R', &[0; 4]), message(b'Z', b"I")].concat()).await?;
    let mut query = Vec::new();
    loop {
        let kind = stream.read_u8().await?;
        let length = stream.read_u32().await?;
        let mut body = vec![0; usize::try_from(length).expect("a length") - 4];
        stream.read_exact(&mut body).await?;
        let asks_for = |word: &str| query.windows(word.len()).any(|part| part == word.as_bytes());
        match kind {
            b'P' => {
                query = body;
                stream.write_all(&message(b'1', b"")).await?;
            }
            b'D' => {
                stream.write_all(&message(b't', &[0, 0])).await?;
                let types = match () {
                    () if asks_for("search_path") => &[TEXT][..],
                    () if asks_for("pg_stat_ssl") => &SESSIONS,
                    () => &OWN,
                };
                stream.write_all(&columns(types)).await?;
            }
            b'B' => stream.write_all(&message(b'2', b"")).await?,
            b'E' if asks_for("search_path") => {
                let path = row(&[Some(b"pg_catalog,pg_temp")]);
                stream.write_all(&[path, message(b'C', b"SELECT 1\0")].concat()).await?;
            }
            b'E' if asks_for("pg_stat_ssl") => {
                say(&mut stream, answer, sent).await?;
                stream.write_all(&message(b'C', b"SELECT 1\0")).await?;
            }
            b'E' => {
                let own = row(&[Some(b"app"), Some(&[0; 8]), Some(b""), Some(b"")]);
                stream.write_all(&[own, message(b'C', b"SELECT 1\0")].concat()).await?;
            }
            b'S' => stream.write_all(&message(b'Z', b"I")).await?,
            b'C' => stream.write_all(&message(b'3', b"")).await?,
            _ => return Ok(()),
        }
        stream.flush().await?;
    }
}

async fn say(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), answer: Answer, sent: &AtomicUsize) -> io::Result<()> {
    let part = match answer {
        Answer::Digits(count) => return stream.write_all(&session(b"x", &vec![b'7'; count])).await,
        Answer::SmallRows => session(b"", b"7"),
        Answer::LargeRows => session(&vec![b'x'; 60_000], b"7"),
        Answer::Notices => message(b'N', b"SNOTICE\0C00000\0Mon and on\0\0"),
        Answer::OneEndlessMessage => {
            stream.write_all(&[b'D', 0x7f, 0xff, 0xff, 0xff]).await?;
            vec![b'x'; 4096]
        }
    };
    loop {
        stream.write_all(&part).await?;
        sent.fetch_add(part.len(), Ordering::Relaxed);
    }
}
