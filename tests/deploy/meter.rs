//! A layer of the deployer's client: every request is counted, and after so many the process is dead. Its last request took
//! effect, and no process ever learns the answer. Or one request is answered by a fault, or its
//! connection is cut.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use http::{Request, Response, StatusCode};
use kube::Client;
use kube::client::Body;
use tokio::sync::watch;

/// Requests of all meters.
static SENT: AtomicUsize = AtomicUsize::new(0);

/// What the client has asked; clones are the same one.
#[derive(Debug, Clone)]
pub(crate) struct Meter(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// How many requests the process lives.
    life: Option<usize>,
    /// Which request is answered by which status instead.
    fault: Option<(usize, StatusCode)>,
    /// The connection of which request is cut: the request takes effect, and its answer is lost.
    cut: Option<usize>,
    asked: Mutex<Vec<(usize, String)>>,
    over: watch::Sender<bool>,
}

impl Meter {
    pub(crate) fn new() -> Self {
        Self::with(None, None)
    }

    /// A process that dies after so many requests.
    pub(crate) fn dying(after: usize) -> Self {
        Self::with(Some(after), None)
    }

    /// One request, counted from 1, is answered by this status.
    pub(crate) fn faulty(at: usize, status: StatusCode) -> Self {
        Self::with(None, Some((at, status)))
    }

    /// The connection of one request, counted from 1, is cut before its answer arrives.
    pub(crate) fn cutting(at: usize) -> Self {
        Self::of(None, None, Some(at))
    }

    fn with(life: Option<usize>, fault: Option<(usize, StatusCode)>) -> Self {
        Self::of(life, fault, None)
    }

    fn of(life: Option<usize>, fault: Option<(usize, StatusCode)>, cut: Option<usize>) -> Self {
        Self(Arc::new(Inner { life, fault, cut, asked: Mutex::default(), over: watch::channel(false).0 }))
    }

    pub(crate) fn client(&self, through: &Client) -> Client {
        let (meter, through) = (self.clone(), through.clone());
        Client::new(tower::service_fn(move |request| meter.clone().carry(through.clone(), request)), "default")
    }

    /// What the process does in its life; `None` if it died before the end.
    pub(crate) async fn spend<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut over = self.0.over.subscribe();
        tokio::select! {
            biased;
            _ = over.wait_for(|over| *over) => None,
            done = work => Some(done),
        }
    }

    /// Every request: method and path with its query.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.asked().iter().map(|(_, request)| request.clone()).collect()
    }

    /// When requests were sent, counted over all meters.
    pub(crate) fn numbers(&self, is_meant: impl Fn(&str) -> bool) -> Vec<usize> {
        self.asked().iter().filter(|(_, request)| is_meant(request)).map(|(number, _)| *number).collect()
    }

    /// The requests that change something but a Lease.
    pub(crate) fn writes(&self) -> Vec<String> {
        let is_write = |request: &String| {
            !request.starts_with("GET ") && !request.contains("dryRun=All") && !request.contains("/leases")
        };
        self.requests().into_iter().filter(is_write).collect()
    }

    fn asked(&self) -> std::sync::MutexGuard<'_, Vec<(usize, String)>> {
        self.0.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn carry(self, through: Client, request: Request<Body>) -> Result<Response<Body>, kube::Error> {
        let number = {
            let mut asked = self.asked();
            let number = SENT.fetch_add(1, Ordering::SeqCst);
            asked.push((number, format!("{} {}", request.method(), request.uri())));
            asked.len()
        };
        if let Some((at, status)) = self.0.fault
            && at == number
        {
            let told = format!(
                "{{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"reason\":\"{}\",\"message\":\"the meter says so\",\"code\":{}}}",
                status.canonical_reason().unwrap_or_default().replace(' ', ""),
                status.as_u16()
            );
            let response = Response::builder().status(status).body(Body::from(told.into_bytes()));
            return response.map_err(kube::Error::HttpError);
        }
        if self.0.life == Some(0) {
            self.0.over.send_replace(true);
        }
        if *self.0.over.borrow() {
            return std::future::pending().await;
        }
        let answer = through.send(request).await;
        if self.0.cut == Some(number) {
            let cut = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
            return Err(kube::Error::Service(Box::new(cut)));
        }
        if self.0.life == Some(number) {
            self.0.over.send_replace(true);
        }
        if *self.0.over.borrow() { std::future::pending().await } else { answer }
    }
}
