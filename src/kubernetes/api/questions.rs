//! What the API server is asked about itself: its version and clock, and what an account may do.

use std::sync::Arc;
use std::time::Duration;

use base::diagnosis::RemoteText;
use chrono::{DateTime, Utc};
use http::Request;
use kube::Client;
use kube::api::PostParams;
use kube::core::Request as ObjectRequest;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::call::Call;
use crate::api::error::KubernetesError;
use crate::api::resource::{DescribedResource, Resource};

/// The API server, as it describes itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerVersion {
    /// `1`
    pub major: u32,
    /// `33`
    pub minor: u32,
    /// `v1.33.2`
    pub text: RemoteText,
    /// Its clock, to the second.
    pub clock: Option<DateTime<Utc>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct VersionAnswer {
    major: String,
    minor: String,
    git_version: RemoteText,
}

/// What an account may do, by a `SelfSubjectAccessReview`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Permission {
    /// The account may.
    Granted,
    /// The account may not; what the authorizer says of it.
    Denied(RemoteText),
}

#[derive(Debug, Deserialize)]
struct Review {
    status: ReviewStatus,
}

#[derive(Debug, Deserialize)]
struct ReviewStatus {
    #[serde(default)]
    allowed: bool,
    #[serde(default)]
    reason: RemoteText,
}

/// The version of the API server, and its clock.
pub async fn version(client: &Client, limit: Duration) -> Result<ServerVersion, KubernetesError> {
    let call = Call::get(resource("", "v1", "Version", "version"), "", "version");
    let request = Request::get("/version").body(Vec::new()).map_err(kube::core::request::Error::BuildRequest);
    let answer = call.answer(client, limit, request).await?;
    let clock = answer.date();
    let VersionAnswer { major, minor, git_version } = answer.parse()?;
    // Some clouds write `33+`.
    let number = |text: &str| text.trim_end_matches('+').parse().unwrap_or_default();
    Ok(ServerVersion { major: number(&major), minor: number(&minor), text: git_version, clock })
}

/// Whether the account may send a request. `verb` and resource are those of a rule.
pub async fn may(client: &Client, wanted: &Call, limit: Duration) -> Result<Permission, KubernetesError> {
    let review = resource("authorization.k8s.io", "v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews");
    let call = Call::create(review, "");
    let (plural, subresource) = wanted.resource.as_str().split_once('/').unwrap_or((wanted.resource.as_str(), ""));
    let version = wanted.resource.version();
    let version = version.split_once('/').map_or(version.as_str(), |(_, version)| version);
    let namespace = if wanted.resource.is_namespaced() { wanted.namespace.as_str() } else { "" };
    let body = json!({
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": { "resourceAttributes": {
            "verb": wanted.verb,
            "group": wanted.resource.group(),
            "version": version,
            "resource": plural,
            "subresource": subresource,
            "namespace": namespace,
            "name": wanted.name.as_deref().unwrap_or_default(),
        }},
    });
    let bytes = serde_json::to_vec(&body).map_err(kube::core::request::Error::SerializeBody);
    let path = call.path();
    let request = bytes.and_then(|bytes| ObjectRequest::new(path).create(&PostParams::default(), bytes));
    let Review { status } = call.answer(client, limit, request).await?.parse()?;
    Ok(if status.allowed { Permission::Granted } else { Permission::Denied(status.reason) })
}

impl Call {
    /// Asks the API server what it would store if the object were created. Nothing is stored.
    pub async fn rehearse_creation(
        self,
        client: &Client,
        object: &Value,
        manager: &str,
        limit: Duration,
    ) -> Result<(), KubernetesError> {
        let uri = format!("{}?dryRun=All&fieldValidation=Strict&fieldManager={manager}", self.path());
        let bytes = serde_json::to_vec(object).map_err(kube::core::request::Error::SerializeBody);
        let request = bytes.and_then(|bytes| {
            let post = Request::post(uri).header(http::header::CONTENT_TYPE, "application/json");
            post.body(bytes).map_err(kube::core::request::Error::BuildRequest)
        });
        self.answer(client, limit, request).await.map(drop)
    }
}

/// A resource of the whole cluster.
fn resource(group: &str, version: &str, kind: &str, plural: &str) -> Resource {
    Resource::Described(Arc::new(DescribedResource {
        group: group.to_owned(),
        version: version.to_owned(),
        kind: kind.to_owned(),
        plural: plural.to_owned(),
        namespaced: false,
    }))
}
