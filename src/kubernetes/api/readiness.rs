//! newleaf trusts a refusal only from a server that is ready. An API server that has just started denies every request with
//! 403 until it has loaded its Roles; a Job that trusted that answer would fail for good.
//!
//! Kubernetes manual, "Kubernetes API health endpoints"; who may ask for them: "Using RBAC Authorization", the role
//! `system:public-info-viewer`.

use std::time::Duration;

use http::{Method, Request, Response, StatusCode};
use kube::client::Body;
use tower::{BoxError, Service, ServiceExt};

/// The endpoint that reports readiness. By default every user may ask it, once the server has loaded its Roles.
const READY: &str = "/readyz";
/// How often newleaf asks a server that is not ready, with a pause in between: together less than the limit of a request.
const ASKED: usize = 6;
pub(super) const PAUSE: Duration = Duration::from_secs(1);

/// Sends a request. If the server refuses it, sends it again as soon as the server is ready.
///
/// If the server reports that it does not become ready, returns that answer, so no caller takes it for a refusal. If the
/// server refuses to report its readiness, the refusal counts.
pub(super) async fn send<S, B>(service: S, request: Request<Body>, pause: Duration) -> Result<Response<B>, BoxError>
where
    S: Service<Request<Body>, Response = Response<B>, Error = BoxError> + Clone,
{
    let again = copy(&request);
    let refused = service.clone().oneshot(request).await?;
    let Some(again) = again.filter(|_| refused.status() == StatusCode::FORBIDDEN) else { return Ok(refused) };
    let mut asked = 0;
    loop {
        asked += 1;
        let ready = Request::builder().method(Method::GET).uri(READY).body(Body::empty())?;
        let answer = service.clone().oneshot(ready).await?;
        if answer.status().is_success() {
            return service.oneshot(again).await;
        }
        if asked == ASKED {
            return Ok(if answer.status().is_server_error() { answer } else { refused });
        }
        tokio::time::sleep(pause).await;
    }
}

/// Copies a request. `None` for a request whose body can be sent only once; newleaf makes none.
fn copy(request: &Request<Body>) -> Option<Request<Body>> {
    let mut copy = Request::new(request.body().try_clone()?);
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.headers_mut() = request.headers().clone();
    Some(copy)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// The answer of a server that returns the statuses one after the other, and the requests that it got.
    async fn answer_of(statuses: &[u16]) -> (u16, Vec<String>) {
        let answers: Vec<u16> = statuses.to_vec();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        let server = tower::service_fn(move |request: Request<Body>| {
            let (seen, answers) = (Arc::clone(&seen), answers.clone());
            async move {
                let (parts, body) = request.into_parts();
                let body = body.collect_bytes().await?;
                let mut seen = seen.lock().expect("no test has panicked");
                seen.push(format!("{} {} {}", parts.method, parts.uri, String::from_utf8_lossy(&body)));
                let status = answers.get(seen.len() - 1).or(answers.last()).copied().unwrap_or_default();
                Ok::<_, BoxError>(Response::builder().status(status).body(())?)
            }
        });
        let request = Request::post("/secrets").body(Body::from(b"{}".to_vec())).expect("a request");
        let answer = send(server, request, Duration::ZERO).await.expect("an answer");
        let asked = asked.lock().expect("no test has panicked").clone();
        (answer.status().as_u16(), asked)
    }

    const REQUEST: &str = "POST /secrets {}";
    const QUESTION: &str = "GET /readyz ";

    #[tokio::test]
    async fn an_answer_that_is_no_refusal_is_handed_on() {
        for status in [200, 401, 404, 409, 500, 503] {
            assert_eq!(answer_of(&[status]).await, (status, vec![REQUEST.to_owned()]));
        }
    }

    #[tokio::test]
    async fn a_refusal_by_a_ready_server_counts_when_it_is_said_again() {
        let (status, asked) = answer_of(&[403, 200, 403]).await;
        assert_eq!((status, asked), (403, [REQUEST, QUESTION, REQUEST].map(str::to_owned).to_vec()));
    }

    #[tokio::test]
    async fn a_server_that_starts_is_waited_for() {
        let (status, asked) = answer_of(&[403, 500, 500, 200, 201]).await;
        assert_eq!(status, 201);
        assert_eq!(asked, [REQUEST, QUESTION, QUESTION, QUESTION, REQUEST]);
    }

    #[tokio::test]
    async fn a_server_that_never_gets_ready_refuses_nothing() {
        let (status, asked) = answer_of(&[403, 500]).await;
        assert_eq!((status, asked.len()), (500, 1 + ASKED));
    }

    #[tokio::test]
    async fn a_server_that_does_not_know_yet_who_may_ask_is_waited_for() {
        assert_eq!(answer_of(&[403, 403, 500, 200, 200]).await.0, 200);
    }

    #[tokio::test]
    async fn a_refusal_counts_where_the_server_refuses_to_report_its_readiness() {
        for status in [401, 403, 404] {
            let (answered, asked) = answer_of(&[403, status]).await;
            assert_eq!((answered, asked.len()), (403, 1 + ASKED));
        }
    }
}
