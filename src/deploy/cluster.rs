//! The requests about any object of a stack, each bounded, none by force.

use std::time::Duration;

use aws_lc_rs::rand::fill;
use base::diagnosis::Failure;
use kube::Client;
use kubernetes::api::any::Applying;
use kubernetes::api::call::Call;
use kubernetes::api::connection::Connection;
use kubernetes::api::discovery::Discovery;
use kubernetes::api::error::KubernetesError;
use kubernetes::api::object::Uid;
use kubernetes::api::resource::Resource;
use kubernetes::lease::Timing;
use serde_json::Value;
use stack::object::text;
use tokio::sync::Mutex;

use crate::error::DeployError;
use crate::plan::MemberKey;
use crate::plan::desired::hex;

/// The field manager of the deployer.
pub const FIELD_MANAGER: &str = "newleaf-deploy";
/// How long one request may take.
pub const REQUEST: Duration = Duration::from_secs(30);

/// Who holds the Lease of a stack, and for how long without a renewal.
#[derive(Debug, Clone)]
pub struct LeaseHolder {
    /// A name that no other run has.
    pub name: String,
    /// The times of the Lease.
    pub timing: Timing,
}

impl LeaseHolder {
    /// This process.
    fn of_process() -> Self {
        let mut random = [0; 8];
        // Without random bytes the number of the process remains, which is enough on one machine.
        let _drawn = fill(&mut random);
        let name = format!("{FIELD_MANAGER}-{}-{}", std::process::id(), hex(&random));
        Self { name, timing: Timing::default() }
    }
}

/// The cluster, as the deployer uses it.
#[derive(Debug)]
pub struct StackCluster {
    connection: Connection,
    take_over: Vec<TakenField>,
    holder: LeaseHolder,
    discovery: Mutex<Discovery>,
}

impl StackCluster {
    /// A cluster behind a connection.
    pub fn new(connection: Connection) -> Self {
        Self { connection, take_over: Vec::new(), holder: LeaseHolder::of_process(), discovery: Mutex::default() }
    }

    /// The same, with fields that are taken over from their managers.
    #[must_use]
    pub fn taking_over(self, take_over: Vec<TakenField>) -> Self {
        Self { take_over, ..self }
    }

    /// The same as a holder of another name, with a Lease of another length: a test that dies does not wait for its own Lease.
    #[must_use]
    pub fn as_holder(self, holder: LeaseHolder) -> Self {
        Self { holder, ..self }
    }

    /// Who holds the Lease of the stack while it writes.
    pub const fn holder(&self) -> &LeaseHolder {
        &self.holder
    }

    /// The client.
    pub const fn client(&self) -> &Client {
        &self.connection.client
    }

    /// The resource of a kind; `None` where the cluster does not have it.
    pub async fn resource(&self, api_version: &str, kind: &str) -> Result<Option<Resource>, Failure> {
        let mut discovery = self.discovery.lock().await;
        Ok(discovery.resource(self.client(), api_version, kind, REQUEST).await?)
    }

    /// The resource of a kind that the cluster must have.
    pub async fn required(&self, api_version: &str, key: &MemberKey) -> Result<Resource, Failure> {
        let found = self.resource(api_version, &key.kind).await?;
        let missing = || DeployError::KindMissing {
            object: key.to_string(),
            kind: key.kind.clone(),
            api_version: api_version.to_owned(),
        };
        Ok(found.ok_or_else(missing)?)
    }

    /// Reads an object; `None` if it is not there.
    pub async fn read(&self, api_version: &str, key: &MemberKey) -> Result<Option<Value>, Failure> {
        let resource = self.required(api_version, key).await?;
        let call = Call::get(resource, key.namespace.as_deref().unwrap_or_default(), &key.name);
        match call.read::<Value>(self.client(), REQUEST).await {
            Ok(read) => Ok(read.map(|read| read.object)),
            Err(KubernetesError::NamespaceMissing { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Applies an object, or asks what applying it would make of it.
    pub async fn apply(&self, object: &Value, dry_run: bool) -> Result<Value, Failure> {
        let key = MemberKey::of(object);
        let resource = self.required(text(object, "/apiVersion"), &key).await?;
        let call = Call::patch(resource, key.namespace.as_deref().unwrap_or_default(), &key.name);
        let applying = Applying { manager: FIELD_MANAGER, dry_run, takes_over: false };
        match call.clone().apply_any(self.client(), object, applying, REQUEST).await {
            Err(KubernetesError::FieldOwned { fields, .. }) if self.are_named(&key, &fields.0) => {
                let applying = Applying { takes_over: true, ..applying };
                call.apply_any(self.client(), object, applying, REQUEST).await
            }
            answered => answered,
        }
        .map_err(|error| refusal(&key, error))
    }

    /// Whether a person has named every one of these fields.
    fn are_named(&self, key: &MemberKey, fields: &[String]) -> bool {
        let is_named = |field: &String| self.take_over.iter().any(|taken| taken.means(key, field));
        !fields.is_empty() && fields.iter().all(is_named)
    }

    /// Deletes this object and no other of its name.
    pub async fn remove(&self, object: &Value) -> Result<(), Failure> {
        let key = MemberKey::of(object);
        let Ok(uid) = serde_json::from_value::<Uid>(object.pointer("/metadata/uid").cloned().unwrap_or_default())
        else {
            return Ok(());
        };
        let resource = self.required(text(object, "/apiVersion"), &key).await?;
        let call =
            Call { verb: "delete", ..Call::get(resource, key.namespace.as_deref().unwrap_or_default(), &key.name) };
        match call.remove(self.client(), &uid, REQUEST).await {
            // Another object of this name was made meanwhile: it is not the one that was to go.
            Ok(()) | Err(KubernetesError::Conflict { .. } | KubernetesError::NamespaceMissing { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The objects of a kind with these labels; none where the cluster does not have the kind.
    pub async fn labelled(
        &self,
        (api_version, kind): (&str, &str),
        namespace: &str,
        selector: &str,
    ) -> Result<Vec<Value>, Failure> {
        let Some(resource) = self.resource(api_version, kind).await? else { return Ok(Vec::new()) };
        let namespace = if resource.is_namespaced() { namespace } else { "" };
        Ok(Call::list(resource, namespace).labelled(self.client(), selector, REQUEST).await?)
    }
}

/// A field that a person takes over: `.spec.replicas`, or of one object only, `Deployment/backstage:.spec.replicas`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenField {
    /// `Deployment/backstage`
    object: Option<String>,
    /// As the API server names it.
    field: String,
}

impl TakenField {
    /// Reads what a person wrote.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (object, field) = match text.split_once(":.") {
            Some((object, field)) if !text.starts_with('.') => (Some(object.to_owned()), format!(".{field}")),
            Some(_) | None => (None, text.to_owned()),
        };
        let fits = field.starts_with('.') && object.as_ref().is_none_or(|object| object.contains('/'));
        fits.then_some(Self { object, field })
            .ok_or_else(|| "write .FIELD or KIND/NAME:.FIELD, as the conflict names it".to_owned())
    }

    fn means(&self, key: &MemberKey, field: &str) -> bool {
        let object = format!("{}/{}", key.kind, key.name);
        self.field == field && self.object.as_ref().is_none_or(|named| *named == object)
    }
}

/// What the refusal of an apply means.
#[expect(clippy::wildcard_enum_match_arm, reason = "every other error says itself what it means")]
fn refusal(key: &MemberKey, error: KubernetesError) -> Failure {
    let object = key.to_string();
    match error {
        KubernetesError::FieldOwned { .. } => DeployError::Owned { object, source: error }.into(),
        KubernetesError::Refused { code: 422, ref message, .. } if is_about_immutable(message.as_str()) => {
            DeployError::Immutable { object, source: error }.into()
        }
        error => error.into(),
    }
}

/// The API server's words for fields that are set once (`validation.ValidateImmutableField`, and those of a `StatefulSet`). It
/// repeats the value first, so the words themselves may be cut off.
fn is_about_immutable(message: &str) -> bool {
    let words = [
        "field is immutable",
        "updates to statefulset spec",
        "spec.volumeClaimTemplates: Invalid",
        "spec.selector: Invalid",
    ];
    words.iter().any(|words| message.contains(words))
}
