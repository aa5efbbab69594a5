//! The life of a process, as a layer of its client of the API server: every request is counted, and after so many the
//! process is dead. Its last request took effect, and no process ever learns the answer; so the moment after a request is the
//! one before the next.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use http::{Method, Request, Response};
use kube::Client;
use kube::client::Body;
use tokio::sync::watch;

/// A life; clones are the same one.
#[derive(Debug, Clone)]
pub(crate) struct Life(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// How many requests it lasts; `None`: as long as it likes.
    length: Option<usize>,
    asked: Mutex<Vec<Asked>>,
    over: watch::Sender<bool>,
}

/// One request.
#[derive(Debug, Clone)]
struct Asked {
    /// Method and object, without the namespace.
    what: String,
    /// Whether it changed a Secret.
    is_write: bool,
}

impl Life {
    /// One that ends after so many requests; with 0, before the first one is sent.
    pub(crate) fn new(length: Option<usize>) -> Self {
        let (over, _) = watch::channel(false);
        Self(Arc::new(Inner { length, asked: Mutex::default(), over }))
    }

    /// A client whose requests count.
    pub(crate) fn client(&self, through: &Client) -> Client {
        let (life, through) = (self.clone(), through.clone());
        let service = tower::service_fn(move |request| life.clone().carry(through.clone(), request));
        Client::new(service, "default")
    }

    /// What the process does in it; `None` if it died before the end.
    pub(crate) async fn spend<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut over = self.0.over.subscribe();
        tokio::select! {
            biased;
            _ = over.wait_for(|over| *over) => None,
            done = work => Some(done),
        }
    }

    /// Every request but the renewals of the Lease, whose number depends on how busy the machine is.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.asked().iter().map(|asked| asked.what.clone()).collect()
    }

    /// How often each Secret was changed.
    pub(crate) fn writes(&self) -> BTreeMap<String, usize> {
        let mut writes = BTreeMap::new();
        for asked in self.asked().iter().filter(|asked| asked.is_write) {
            *writes.entry(asked.what.clone()).or_default() += 1;
        }
        writes
    }

    fn asked(&self) -> std::sync::MutexGuard<'_, Vec<Asked>> {
        self.0.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn carry(self, through: Client, request: Request<Body>) -> Result<Response<Body>, kube::Error> {
        let (what, request) = name(request).await?;
        let number = what.map(|what| {
            let mut asked = self.asked();
            asked.push(Asked { what, is_write: false });
            asked.len()
        });
        if self.0.length == Some(0) {
            self.end();
        }
        if *self.0.over.borrow() {
            return std::future::pending().await;
        }
        let answer = through.send(request).await;
        if let (Some(number), Ok(answer)) = (number, &answer)
            && let Some(asked) = self.asked().get_mut(number - 1)
        {
            asked.is_write = answer.status().is_success() && is_change_of_secret(&asked.what);
        }
        if number.is_some() && number == self.0.length {
            self.end();
        }
        if *self.0.over.borrow() { std::future::pending().await } else { answer }
    }

    fn end(&self) {
        self.0.over.send_replace(true);
    }
}

/// Method and object of a request; none for a renewal of the Lease.
pub(crate) async fn name(request: Request<Body>) -> Result<(Option<String>, Request<Body>), kube::Error> {
    let path = request.uri().path();
    let object = path.split_once("/namespaces/").and_then(|(_, rest)| rest.split_once('/')).map_or(path, |(_, it)| it);
    let what = format!("{} {object}", request.method());
    if request.method() != Method::PATCH || !object.starts_with("leases/") {
        return Ok((Some(what), request));
    }
    let (parts, body) = request.into_parts();
    let bytes = body.collect_bytes().await?;
    let changes_holder = String::from_utf8_lossy(&bytes).contains("holderIdentity");
    Ok((changes_holder.then_some(what), Request::from_parts(parts, Body::from(bytes))))
}

fn is_change_of_secret(what: &str) -> bool {
    ["POST secrets", "PATCH secrets/"].iter().any(|start| what.starts_with(start))
}
