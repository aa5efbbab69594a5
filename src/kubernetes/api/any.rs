//! Any object as JSON: applied under the field manager of the caller, deleted, listed.

use std::time::Duration;

use kube::Client;
use kube::api::{DeleteParams, Patch, PatchParams, Preconditions, PropagationPolicy, ValidationDirective};
use kube::core::Request;
use serde_json::Value;

use crate::api::call::Call;
use crate::api::error::KubernetesError;
use crate::api::object::Uid;
use crate::api::read::Selection;

/// How an object is applied.
#[derive(Debug, Clone, Copy)]
pub struct Applying<'a> {
    /// The field manager that owns the fields from then on.
    pub manager: &'a str,
    /// Whether the API server only says what it would store.
    pub dry_run: bool,
    /// Whether fields of other managers are taken over. Only for fields that a person has named one by one.
    pub takes_over: bool,
}

impl Call {
    /// Applies all fields of the object. A field of another manager is a [`KubernetesError::FieldOwned`] that names it. The API
    /// server refuses a field that it does not know. Returns the object as it is stored, or would be.
    pub async fn apply_any(
        self,
        client: &Client,
        object: &Value,
        applying: Applying<'_>,
        limit: Duration,
    ) -> Result<Value, KubernetesError> {
        let parameters = PatchParams {
            field_manager: Some(applying.manager.to_owned()),
            dry_run: applying.dry_run,
            force: applying.takes_over,
            field_validation: Some(ValidationDirective::Strict),
        };
        let name = self.name.clone().unwrap_or_default();
        let request = Request::new(self.path()).patch(&name, &parameters, &Patch::Apply(object));
        self.answer(client, limit, request).await?.parse()
    }

    /// Deletes this object and no other of its name. What is gone already needs no deletion. What belongs to the object is
    /// deleted in the background, by Kubernetes.
    pub async fn remove(self, client: &Client, uid: &Uid, limit: Duration) -> Result<(), KubernetesError> {
        let parameters = DeleteParams {
            preconditions: Some(Preconditions { uid: Some(uid.as_str().to_owned()), resource_version: None }),
            propagation_policy: Some(PropagationPolicy::Background),
            ..DeleteParams::default()
        };
        let name = self.name.clone().unwrap_or_default();
        let request = Request::new(self.path()).delete(&name, &parameters);
        match self.answer(client, limit, request).await {
            Ok(_) | Err(KubernetesError::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The objects with these labels. A list leaves out version and kind of its elements; they are put back.
    pub async fn labelled(
        self,
        client: &Client,
        selector: &str,
        limit: Duration,
    ) -> Result<Vec<Value>, KubernetesError> {
        let (version, kind) = (self.resource.version(), self.resource.kind().to_owned());
        let mut objects = Vec::new();
        let selection = Selection { labels: selector.to_owned(), ..Selection::default() };
        let keep = |mut object: Value| {
            if let Value::Object(fields) = &mut object {
                fields.insert("apiVersion".to_owned(), version.clone().into());
                fields.insert("kind".to_owned(), kind.clone().into());
            }
            objects.push(object);
        };
        self.each(client, &selection, limit, keep).await?;
        Ok(objects)
    }
}
