//! An API server that is none: what a cluster of any size says, recorded, and whatever a broken or hostile server says
//! instead. Only for what a real API server does not show on demand.

mod objects;
mod selection;
mod site;
mod world;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::stream;
use http::{Method, Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};

pub(crate) use objects::{crowd, event, job_pod, owned_pod, owner};
pub(crate) use site::Site;
pub(crate) use world::{NAMESPACE, World};

/// One request: what a test decides by, and what it looks up afterwards.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    /// What follows the namespace: `secrets/postgres-tls`, `pods`.
    pub(crate) object: String,
    /// The query, decoded.
    pub(crate) query: Vec<(String, String)>,
    /// Only the metadata are wanted.
    pub(crate) metadata: bool,
    pub(crate) body: Value,
}

impl Asked {
    /// A part of the query.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn is(&self, method: &Method, object: &str) -> bool {
        self.method == *method && self.object == object
    }
}

/// What is answered.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// JSON.
    Json(StatusCode, Value),
    /// Bytes of a content type.
    Raw(StatusCode, &'static str, Vec<u8>),
    /// Bytes that never end.
    Endless(Vec<u8>),
    /// Some bytes, and then nothing for ever.
    Stalls(Vec<u8>),
}

impl Answer {
    /// The API server's own word about a failure.
    pub(crate) fn status(code: u16, reason: &str, message: &str, details: &Value) -> Self {
        let status = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": code,
            "reason": reason, "message": message, "details": details});
        Self::Json(StatusCode::from_u16(code).expect("a status"), status)
    }

    /// That an object is not there.
    pub(crate) fn not_found(resource: &str, name: &str) -> Self {
        let message = format!("{resource} \"{name}\" not found");
        Self::status(404, "NotFound", &message, &json!({"kind": resource, "name": name}))
    }
}

type Fault = Box<dyn Fn(&Asked) -> Option<Answer> + Send>;

struct State {
    world: Mutex<World>,
    fault: Mutex<Option<Fault>>,
    asked: Mutex<Vec<Asked>>,
}

/// The server, in a thread of its own; it ends with the process that made it.
pub(crate) struct Stub {
    state: Arc<State>,
    directory: TempDir,
}

impl Stub {
    /// With a world.
    pub(crate) fn start(world: World) -> Self {
        let state = Arc::new(State { world: Mutex::new(world), fault: Mutex::default(), asked: Mutex::default() });
        let shared = Arc::clone(&state);
        let (sender, receiver) = std::sync::mpsc::channel();
        drop(std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async move {
                let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port is free");
                sender.send(listener.local_addr().expect("it has an address")).expect("the test waits for it");
                while let Ok((socket, _)) = listener.accept().await {
                    drop(tokio::spawn(serve(Arc::clone(&shared), socket)));
                }
            });
        }));
        let address = receiver.recv().expect("the stub listens");
        let directory = tempfile::tempdir().expect("a temporary directory");
        std::fs::write(directory.path().join("kubeconfig"), kubeconfig(address)).expect("it can be written");
        Self { state, directory }
    }

    /// A kubeconfig that leads to it.
    pub(crate) fn kubeconfig(&self) -> PathBuf {
        self.directory.path().join("kubeconfig")
    }

    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.state.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on this decides first, and what it answers is answered.
    pub(crate) fn answers(&self, fault: impl Fn(&Asked) -> Option<Answer> + Send + 'static) {
        *self.state.fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(fault));
    }

    /// Every request so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.state.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Those that would have changed something.
    pub(crate) fn changes(&self) -> Vec<Asked> {
        self.asked().into_iter().filter(|asked| asked.method != Method::GET).collect()
    }
}

fn kubeconfig(address: SocketAddr) -> String {
    format!(
        "apiVersion: v1\nkind: Config\nclusters: [{{name: stub, cluster: {{server: \"http://{address}\"}}}}]\n\
         users: [{{name: stub, user: {{token: the-token}}}}]\n\
         contexts: [{{name: stub, context: {{cluster: stub, user: stub, namespace: {NAMESPACE}}}}}]\ncurrent-context: stub\n"
    )
}

async fn serve(state: Arc<State>, socket: TcpStream) {
    let answer = service_fn(move |request| {
        let state = Arc::clone(&state);
        async move { state.answer(request).await }
    });
    // A client that goes away in the middle is none of our business.
    drop(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(socket), answer).await);
}

type AnswerBody = UnsyncBoxBody<Bytes, io::Error>;

impl State {
    async fn answer(&self, request: Request<Incoming>) -> io::Result<Response<AnswerBody>> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        let path = parts.uri.path();
        let object =
            path.split_once("/namespaces/").and_then(|(_, rest)| rest.split_once('/')).map_or(path, |(_, it)| it);
        let asked = Asked {
            method: parts.method,
            object: object.to_owned(),
            metadata: parts
                .headers
                .get("accept")
                .is_some_and(|accept| accept.to_str().is_ok_and(|it| it.contains("PartialObject"))),
            query: parts.uri.query().map(selection::query).unwrap_or_default(),
            body: serde_json::from_slice(&body).unwrap_or_default(),
        };
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(asked.clone());
        let fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner).as_ref().and_then(|fault| fault(&asked));
        let answer = fault.unwrap_or_else(|| self.world.lock().unwrap_or_else(PoisonError::into_inner).answer(&asked));
        Ok(response(answer))
    }
}

fn response(answer: Answer) -> Response<AnswerBody> {
    let whole =
        |bytes: Vec<u8>| Full::new(Bytes::from(bytes)).map_err(|never: Infallible| match never {}).boxed_unsync();
    let frame = |bytes: Vec<u8>| Ok::<_, io::Error>(Frame::data(Bytes::from(bytes)));
    let (status, kind, body) = match answer {
        Answer::Json(status, value) => (status, "application/json", whole(value.to_string().into_bytes())),
        Answer::Raw(status, kind, bytes) => (status, kind, whole(bytes)),
        Answer::Endless(bytes) => {
            let frames = stream::repeat_with(move || frame(bytes.clone()));
            (StatusCode::OK, "application/json", StreamBody::new(frames).boxed_unsync())
        }
        Answer::Stalls(bytes) => {
            let frames = stream::StreamExt::chain(stream::iter([frame(bytes)]), stream::pending());
            (StatusCode::OK, "application/json", StreamBody::new(frames).boxed_unsync())
        }
    };
    Response::builder().status(status).header("content-type", kind).body(body).expect("an answer")
}
