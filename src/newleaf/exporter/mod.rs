//! Serves the figures of the last run to Prometheus over HTTP, from the mounted ConfigMap. It reads the file again for each
//! request, asks the API server for nothing and knows no certificate.
//!
//! It is small on purpose: two paths, no bodies, one answer a connection, and a limit for everything that a peer decides.

mod source;

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base::diagnosis::{Code, Diagnose};
use http::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustix::io::Errno;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::exporter::source::FigureSource;

/// How many connections are served at once. Others wait in the queue of the kernel.
const CONNECTIONS: usize = 32;
/// How long a connection lives.
const PATIENCE: Duration = Duration::from_secs(5);
/// The largest head of a request.
const HEAD_MAX: usize = 16 * 1024;
/// The pause after a connection that could not be accepted: the process has no file descriptor left, for example.
const PAUSE: Duration = Duration::from_millis(200);
/// Prometheus' text format.
const TEXT_FORMAT: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
const PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// The address cannot be listened at.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen at {address}: {source}")]
pub struct ListenFailed {
    address: SocketAddr,
    source: io::Error,
}

impl Diagnose for ListenFailed {
    fn code(&self) -> Code {
        Code::ListenFailed
    }
}

/// The figures of a directory, and the socket at which they are asked for.
#[derive(Debug)]
pub struct Exporter {
    listener: TcpListener,
    figures: Arc<FigureSource>,
}

impl Exporter {
    /// Listens. A machine without IPv6 listens at all its addresses of IPv4 instead of all of IPv6.
    pub async fn listen(address: SocketAddr, directory: &Path) -> Result<Self, ListenFailed> {
        let listener = match TcpListener::bind(address).await {
            Err(error) if has_no_ipv6(address, &error) => {
                TcpListener::bind(SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), address.port())).await
            }
            bound => bound,
        };
        match listener {
            Ok(listener) => Ok(Self { listener, figures: Arc::new(FigureSource::new(directory)) }),
            Err(source) => Err(ListenFailed { address, source }),
        }
    }

    /// The address; the port that the kernel chose, if it was asked to.
    pub fn address(&self) -> Option<SocketAddr> {
        self.listener.local_addr().ok()
    }

    /// Serves for ever.
    pub async fn serve(self) -> Infallible {
        let room = Arc::new(Semaphore::new(CONNECTIONS));
        loop {
            // Never closed, so it always comes.
            let permit = Arc::clone(&room).acquire_owned().await;
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    let figures = Arc::clone(&self.figures);
                    drop(tokio::spawn(async move {
                        connection(stream, figures).await;
                        drop(permit);
                    }));
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }
}

fn has_no_ipv6(address: SocketAddr, error: &io::Error) -> bool {
    let is_any = address.is_ipv6() && address.ip().is_unspecified();
    is_any
        && (error.kind() == io::ErrorKind::AddrNotAvailable
            || error.raw_os_error() == Some(Errno::AFNOSUPPORT.raw_os_error()))
}

async fn connection(stream: TcpStream, figures: Arc<FigureSource>) {
    let service = service_fn(move |request: Request<Incoming>| {
        let answer = answer(&figures, request.method(), request.uri().path());
        async move { Ok::<_, Infallible>(answer) }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .keep_alive(false)
        .max_buf_size(HEAD_MAX)
        .serve_connection(TokioIo::new(stream), service);
    match tokio::time::timeout(PATIENCE, served).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a connection ended early"),
        Err(_) => tracing::debug!("a connection was too slow"),
    }
}

fn answer(figures: &FigureSource, method: &Method, path: &str) -> Response<Full<Bytes>> {
    if ![Method::GET, Method::HEAD].contains(method) {
        let mut refused = text(StatusCode::METHOD_NOT_ALLOWED, PLAIN, "only GET and HEAD\n".to_owned());
        refused.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return refused;
    }
    match path {
        "/metrics" => match figures.read() {
            Ok(figures) => text(StatusCode::OK, TEXT_FORMAT, figures.exposition()),
            // Prometheus shows a target that answers so as down, with this status.
            Err(error) => {
                tracing::warn!(code = %error.code(), %error, "cannot read the figures");
                text(StatusCode::INTERNAL_SERVER_ERROR, PLAIN, format!("{}: {error}\n", error.code()))
            }
        },
        "/healthz" => text(StatusCode::OK, PLAIN, "ok\n".to_owned()),
        _ => text(StatusCode::NOT_FOUND, PLAIN, "only /metrics and /healthz\n".to_owned()),
    }
}

fn text(status: StatusCode, kind: HeaderValue, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}
