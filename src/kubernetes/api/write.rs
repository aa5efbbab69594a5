//! Writing: creating an object, and changing one after a read. Every change names the object and the version that it
//! expects; there is no other way to send one.

use std::time::Duration;

use http::HeaderValue;
use kube::Client;
use kube::api::{Patch, PatchParams, PostParams};
use kube::core::Request;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::api::FIELD_MANAGER;
use crate::api::answer::Built;
use crate::api::call::Call;
use crate::api::error::KubernetesError;
use crate::api::object::{Guard, ReadObject, Uid};

/// The `Accept` header for the metadata of an object only (Kubernetes, "API Concepts", "Metadata-only fetches").
const ONLY_METADATA: &str = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

/// The part of a created object that newleaf reads.
#[derive(Debug, Deserialize)]
struct Made {
    metadata: MadeMetadata,
}

#[derive(Debug, Deserialize)]
struct MadeMetadata {
    uid: Uid,
}

/// The object that a change expects.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Precondition<'a> {
    /// The object in the version of the read.
    Version(&'a Guard),
    /// The object in any version. Only for changes that are right for every version.
    Object { uid: &'a Uid },
}

/// A change of an object: its guard, the change of the metadata, and the rest.
#[derive(Debug, Serialize)]
pub struct Change<'a, M: Serialize, B: Serialize> {
    metadata: Metadata<'a, M>,
    #[serde(flatten)]
    body: B,
}

#[derive(Debug, Serialize)]
struct Metadata<'a, M: Serialize> {
    #[serde(flatten)]
    precondition: Precondition<'a>,
    #[serde(flatten)]
    more: M,
}

impl<'a, M: Serialize, B: Serialize> Change<'a, M, B> {
    /// A change of the object in the version of the read.
    pub const fn of_version(guard: &'a Guard, more: M, body: B) -> Self {
        Self { metadata: Metadata { precondition: Precondition::Version(guard), more }, body }
    }

    /// A change of the object in any version.
    pub(crate) const fn of_object(uid: &'a Uid, more: M, body: B) -> Self {
        Self { metadata: Metadata { precondition: Precondition::Object { uid }, more }, body }
    }
}

impl Call {
    /// Creates an object and returns it as stored.
    pub async fn make<T: DeserializeOwned>(
        self,
        client: &Client,
        object: &impl Serialize,
        limit: Duration,
    ) -> Result<ReadObject<T>, KubernetesError> {
        let request = self.creation(object);
        self.answer(client, limit, request).await?.object()
    }

    /// Creates an object and returns its identity only, so the content does not travel again. An answer without an identity
    /// still counts as success.
    pub async fn make_quietly(
        self,
        client: &Client,
        object: &impl Serialize,
        limit: Duration,
    ) -> Result<Option<Uid>, KubernetesError> {
        let request = self.creation(object).map(|mut request| {
            request.headers_mut().insert(http::header::ACCEPT, HeaderValue::from_static(ONLY_METADATA));
            request
        });
        let answer = self.answer(client, limit, request).await?;
        Ok(answer.parse::<Made>().ok().map(|made| made.metadata.uid))
    }

    fn creation(&self, object: &impl Serialize) -> Built {
        let parameters = PostParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PostParams::default() };
        let body = serde_json::to_vec(object).map_err(kube::core::request::Error::SerializeBody)?;
        Request::new(self.path()).create(&parameters, body)
    }

    /// Merges a change into the object (RFC 7396) and returns the changed object.
    pub async fn merge<T: DeserializeOwned, M: Serialize, B: Serialize>(
        self,
        client: &Client,
        change: &Change<'_, M, B>,
        limit: Duration,
    ) -> Result<ReadObject<T>, KubernetesError> {
        self.change(client, &parameters(), &Patch::Merge(change), limit).await
    }

    /// Merges a change into the object and ignores the content of the answer.
    pub async fn merge_quietly<M: Serialize, B: Serialize>(
        self,
        client: &Client,
        change: &Change<'_, M, B>,
        limit: Duration,
    ) -> Result<(), KubernetesError> {
        let name = self.name.clone().unwrap_or_default();
        let request = Request::new(self.path()).patch_metadata(&name, &parameters(), &Patch::Merge(change));
        self.answer(client, limit, request).await.map(drop)
    }

    /// Applies newleaf's fields of the object, as its own field manager and without force. Returns the changed object.
    pub async fn apply<T: DeserializeOwned, M: Serialize, B: Serialize>(
        self,
        client: &Client,
        change: &Change<'_, M, B>,
        limit: Duration,
    ) -> Result<ReadObject<T>, KubernetesError> {
        self.change(client, &parameters(), &Patch::Apply(change), limit).await
    }

    async fn change<T: DeserializeOwned, P: Serialize>(
        self,
        client: &Client,
        parameters: &PatchParams,
        patch: &Patch<P>,
        limit: Duration,
    ) -> Result<ReadObject<T>, KubernetesError> {
        let name = self.name.clone().unwrap_or_default();
        let request = Request::new(self.path()).patch(&name, parameters, patch);
        self.answer(client, limit, request).await?.object()
    }
}

fn parameters() -> PatchParams {
    PatchParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PatchParams::default() }
}
