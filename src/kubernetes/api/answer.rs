//! One request, and its answer read up to a limit. This is the only place that sends requests, so every answer has a limit,
//! and the library shows or logs none of them (it repeats what it cannot parse).

use std::future::Future;
use std::time::Duration;

use base::diagnosis::RemoteText;
use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use futures_util::io::AsyncBufRead;
use http::{Request, Response};
use http_body_util::BodyExt;
use kube::Client;
use kube::client::Body;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::api::call::Call;
use crate::api::error::KubernetesError;
use crate::api::object::{ReadObject, guard};
use crate::api::status::meaning;

/// The largest answer that newleaf reads. The API server stores objects of up to 1.5 MiB (etcd, "System limits"); as JSON with
/// field names they are at most a few times as large.
pub(crate) const BODY_MAX: usize = 6 * 1024 * 1024;
/// The largest part of a failure's answer that newleaf reads. It would not show more.
const FAILURE_MAX: usize = 64 * 1024;

/// A request as the client library builds it.
pub(super) type Built = Result<Request<Vec<u8>>, kube::core::request::Error>;

impl Call {
    /// Sends the request and reads the whole answer within `limit`. The client alone would retry for longer.
    pub(super) async fn answer(
        self,
        client: &Client,
        limit: Duration,
        request: Built,
    ) -> Result<Answer, KubernetesError> {
        self.answer_of(client, limit, request, BODY_MAX).await
    }

    /// The same, with a size limit for the answer.
    pub(super) async fn answer_of(
        self,
        client: &Client,
        limit: Duration,
        request: Built,
        bytes: usize,
    ) -> Result<Answer, KubernetesError> {
        let call = self.clone();
        self.within(limit, async move {
            let response = call.send(client, request).await?;
            let date = date(&response);
            let body = whole(&call, response.into_body(), bytes).await?;
            Ok(Answer { call, body, date })
        })
        .await
    }

    /// Sends the request and streams the answer. Opening the stream may take `limit`.
    pub(super) async fn stream(
        self,
        client: &Client,
        limit: Duration,
        request: Built,
    ) -> Result<impl AsyncBufRead + use<>, KubernetesError> {
        let call = self.clone();
        let response = self.within(limit, async move { call.send(client, request).await }).await?;
        Ok(response.into_body().into_data_stream().map_err(std::io::Error::other).into_async_read())
    }

    /// Turns every answer but a success into an error.
    async fn send(&self, client: &Client, request: Built) -> Result<Response<Body>, KubernetesError> {
        let request = request.map_err(|error| self.unreachable(&error))?.map(Body::from);
        let response = client.send(request).await.map_err(|error| self.unreachable(&error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let code = response.status().as_u16();
        let (body, _) = start(self, response.into_body(), FAILURE_MAX).await?;
        Err(meaning(self.clone(), code, &body))
    }

    pub(super) async fn within<T>(
        self,
        limit: Duration,
        work: impl Future<Output = Result<T, KubernetesError>>,
    ) -> Result<T, KubernetesError> {
        match tokio::time::timeout(limit, work).await {
            Ok(done) => done,
            Err(_) => Err(KubernetesError::Timeout { call: self, limit }),
        }
    }

    fn unreachable(&self, error: &dyn std::error::Error) -> KubernetesError {
        KubernetesError::Unreachable { call: self.clone(), reason: RemoteText::from_error(error) }
    }
}

/// A whole answer. It may contain a key, so it is wiped when dropped.
pub(super) struct Answer {
    call: Call,
    pub(super) body: Zeroizing<Vec<u8>>,
    date: Option<DateTime<Utc>>,
}

impl Answer {
    /// Parses the requested object, with its guard.
    pub(super) fn object<T: DeserializeOwned>(self) -> Result<ReadObject<T>, KubernetesError> {
        let Some(guard) = guard(&self.call, &self.body) else {
            return Err(self.foreign("it lacks the kind, the name, the namespace, the uid or the version"));
        };
        let answered = self.date;
        Ok(ReadObject { guard, object: self.parse()?, answered })
    }

    /// The time of the answer by the clock of the API server.
    pub(super) const fn date(&self) -> Option<DateTime<Utc>> {
        self.date
    }

    /// Parses the answer.
    pub(super) fn parse<T: DeserializeOwned>(self) -> Result<T, KubernetesError> {
        // Do not repeat unreadable text: it may be a key.
        match serde_json::from_slice(&self.body) {
            Ok(parsed) => Ok(parsed),
            Err(error) if error.is_eof() => Err(self.foreign("it is cut off")),
            Err(_) => Err(self.foreign("it is not JSON of the documented shape")),
        }
    }

    fn foreign(self, problem: &'static str) -> KubernetesError {
        KubernetesError::Foreign { call: self.call, problem }
    }
}

/// The time of an answer by its `Date` header.
fn date(response: &Response<Body>) -> Option<DateTime<Utc>> {
    let date = response.headers().get(http::header::DATE)?.to_str().ok()?;
    Some(DateTime::parse_from_rfc2822(date).ok()?.to_utc())
}

/// Reads a body of at most `limit` bytes. A larger body is an error.
async fn whole(call: &Call, body: Body, limit: usize) -> Result<Zeroizing<Vec<u8>>, KubernetesError> {
    match start(call, body, limit).await? {
        (bytes, true) => Ok(bytes),
        (_, false) => Err(KubernetesError::TooLarge { call: call.clone(), limit }),
    }
}

/// Reads the first `limit` bytes of a body, and whether the body ends there.
async fn start(call: &Call, mut body: Body, limit: usize) -> Result<(Zeroizing<Vec<u8>>, bool), KubernetesError> {
    let mut bytes = Zeroizing::new(Vec::new());
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| call.unreachable(&error))?;
        let Some(data) = frame.data_ref() else { continue };
        let room = limit - bytes.len();
        bytes.extend_from_slice(data.get(..room).unwrap_or(data));
        if data.len() > room {
            return Ok((bytes, false));
        }
    }
    Ok((bytes, true))
}
