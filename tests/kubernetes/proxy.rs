//! An HTTPS proxy in front of the API server, which treats one request otherwise than the others.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use futures_util::stream;
use http::header::{CONTENT_LENGTH, HOST, RETRY_AFTER};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use kube::client::Body;
use kube::{Client, Config};
use kubernetes::api::connection::build;
use rcgen::generate_simple_self_signed;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig, crypto};

use crate::life;

/// How one request fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// 409, although no other writer was faster.
    Conflict,
    /// 429: come back in a second.
    TooMany,
    /// 500.
    Broken,
    /// 503, once.
    Busy,
    /// 503, and for everything after it too.
    Down,
    /// 403, once: as by a server that does not know its Roles yet.
    Starting,
    /// 401, and for everything after it too: the token has expired.
    Expired,
    /// It takes effect, and no answer comes.
    Withheld,
    /// It takes effect, and the connection breaks in the middle of the answer.
    Cut,
    /// What an earlier request for the same was answered.
    Stale,
}

impl Fault {
    pub(crate) const ALL: [Self; 10] = [
        Self::Conflict,
        Self::TooMany,
        Self::Broken,
        Self::Busy,
        Self::Down,
        Self::Starting,
        Self::Expired,
        Self::Withheld,
        Self::Cut,
        Self::Stale,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Conflict => "409",
            Self::TooMany => "429, Retry-After",
            Self::Broken => "500",
            Self::Busy => "503 once",
            Self::Down => "503 from then on",
            Self::Starting => "403 while starting",
            Self::Expired => "401 from then on",
            Self::Withheld => "no answer, done",
            Self::Cut => "answer cut, done",
            Self::Stale => "stale read",
        }
    }

    const fn lasts(self) -> bool {
        matches!(self, Self::Down | Self::Expired)
    }

    /// What is answered instead of asking the API server.
    const fn status(self) -> Option<StatusCode> {
        match self {
            Self::Conflict => Some(StatusCode::CONFLICT),
            Self::TooMany => Some(StatusCode::TOO_MANY_REQUESTS),
            Self::Broken => Some(StatusCode::INTERNAL_SERVER_ERROR),
            Self::Busy | Self::Down => Some(StatusCode::SERVICE_UNAVAILABLE),
            Self::Starting => Some(StatusCode::FORBIDDEN),
            Self::Expired => Some(StatusCode::UNAUTHORIZED),
            Self::Withheld | Self::Cut | Self::Stale => None,
        }
    }
}

type AnswerBody = UnsyncBoxBody<Bytes, io::Error>;

/// The proxy; ends when dropped.
pub(crate) struct Proxy {
    address: SocketAddr,
    state: Arc<State>,
    task: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct State {
    upstream: Client,
    fault: Fault,
    /// Which request it is about, counted from 0; renewals of the Lease do not count.
    at: usize,
    count: AtomicUsize,
    repaired: AtomicBool,
    /// The first answer to each request that reads.
    answers: Mutex<BTreeMap<String, (StatusCode, Bytes)>>,
}

/// The certificate of all proxies.
struct Identity {
    certificate: CertificateDer<'static>,
    acceptor: TlsAcceptor,
}

fn identity() -> &'static Identity {
    static IDENTITY: OnceLock<Identity> = OnceLock::new();
    IDENTITY.get_or_init(|| {
        let made = generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate can be made");
        let certificate = made.cert.der().clone();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("it is a key");
        let config = ServerConfig::builder_with_provider(Arc::new(crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider has them")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key)
            .expect("they belong together");
        Identity { certificate, acceptor: TlsAcceptor::from(Arc::new(config)) }
    })
}

impl Proxy {
    pub(crate) async fn start(upstream: Client, fault: Fault, at: usize) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port is free");
        let address = listener.local_addr().expect("it has an address");
        let (count, repaired, answers) = (AtomicUsize::new(0), AtomicBool::new(false), Mutex::default());
        let state = Arc::new(State { upstream, fault, at, count, repaired, answers });
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                drop(tokio::spawn(serve(Arc::clone(&shared), socket)));
            }
        });
        Self { address, state, task }
    }

    /// The program's own client, to the proxy.
    pub(crate) fn client(&self) -> Client {
        let url = format!("https://{}", self.address).parse().expect("it is an address");
        let mut config = Config::new(url);
        config.root_cert = Some(vec![identity().certificate.to_vec()]);
        build(config).expect("a client can be made")
    }

    /// From now on every request fares well.
    pub(crate) fn repair(&self) {
        self.state.repaired.store(true, Ordering::SeqCst);
    }
}

async fn serve(state: Arc<State>, socket: TcpStream) {
    let Ok(stream) = identity().acceptor.accept(socket).await else { return };
    let answer = service_fn(move |request| {
        let state = Arc::clone(&state);
        async move { state.answer(request).await }
    });
    // A client that goes away in the middle is no failure of the proxy.
    drop(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await);
}

impl State {
    async fn answer(&self, request: Request<Incoming>) -> io::Result<Response<AnswerBody>> {
        let (mut parts, body) = request.into_parts();
        parts.headers.remove(HOST);
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        let request = Request::from_parts(parts, Body::from(body));
        let (what, request) = life::name(request).await.map_err(io::Error::other)?;
        if let Some(fault) = self.fault_of(what.as_ref()) {
            return self.falsify(fault, what.unwrap_or_default(), request).await;
        }
        let (status, headers, body) = self.pass(what, request).await?;
        Ok(response(status, &headers, whole(body)))
    }

    /// Whether it is this request's turn.
    fn fault_of(&self, what: Option<&String>) -> Option<Fault> {
        if self.repaired.load(Ordering::SeqCst) {
            return None;
        }
        let struck = match what {
            Some(_) => self.count.fetch_add(1, Ordering::SeqCst),
            // A renewal is none that is chosen, but what lasts is for all.
            None if self.fault.lasts() => self.count.load(Ordering::SeqCst),
            None => return None,
        };
        (struck == self.at || (self.fault.lasts() && struck > self.at)).then_some(self.fault)
    }

    async fn falsify(&self, fault: Fault, what: String, request: Request<Body>) -> io::Result<Response<AnswerBody>> {
        if let Some(status) = fault.status() {
            let mut headers = HeaderMap::new();
            if fault == Fault::TooMany {
                headers.insert(RETRY_AFTER, 1.into());
            }
            let told = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
                "reason": status.canonical_reason(), "message": "the proxy says so", "code": status.as_u16()});
            return Ok(response(status, &headers, whole(Bytes::from(told.to_string()))));
        }
        if fault == Fault::Stale {
            let older = self.answers().get(&what).cloned();
            let (status, body) = older.ok_or_else(|| io::Error::other("it was not asked for before"))?;
            return Ok(response(status, &HeaderMap::new(), whole(body)));
        }
        let (status, headers, body) = self.pass(Some(what), request).await?;
        if fault == Fault::Withheld {
            return std::future::pending().await;
        }
        let half = body.slice(..body.len() / 2);
        let broken = stream::iter([Ok(Frame::data(half)), Err(io::Error::other("cut"))]);
        let mut answer = response(status, &headers, StreamBody::new(broken).boxed_unsync());
        answer.headers_mut().insert(CONTENT_LENGTH, body.len().into());
        Ok(answer)
    }

    /// Asks the API server.
    async fn pass(&self, what: Option<String>, request: Request<Body>) -> io::Result<(StatusCode, HeaderMap, Bytes)> {
        let reads = request.method() == Method::GET;
        let (parts, body) = self.upstream.send(request).await.map_err(io::Error::other)?.into_parts();
        let body = body.collect_bytes().await.map_err(io::Error::other)?;
        if let Some(what) = what.filter(|_| reads) {
            self.answers().entry(what).or_insert_with(|| (parts.status, body.clone()));
        }
        Ok((parts.status, parts.headers, body))
    }

    fn answers(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, (StatusCode, Bytes)>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn whole(body: Bytes) -> AnswerBody {
    Full::new(body).map_err(|never: Infallible| match never {}).boxed_unsync()
}

fn response(status: StatusCode, headers: &HeaderMap, body: AnswerBody) -> Response<AnswerBody> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    for name in ["content-type", "retry-after"] {
        if let Some(value) = headers.get(name) {
            response.headers_mut().insert(http::HeaderName::from_static(name), value.clone());
        }
    }
    response
}
