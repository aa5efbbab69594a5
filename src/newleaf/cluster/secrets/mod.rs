//! The [`Store`] on Secrets: each object is one Secret, and each write one request, which fails if another writer was faster.

pub(crate) mod layout;
pub mod refusal;
pub(crate) mod wire;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use async_trait::async_trait;
use base::diagnosis::{Class, Diagnose, Failure, RemoteText};
use k8s_openapi::api::core::v1::ObjectReference;
use kube::Client;
use kubernetes::api::call::Call;
use kubernetes::api::error::KubernetesError;
use kubernetes::api::object::Uid;
use kubernetes::api::resource::Resource;
use kubernetes::events::Events;
use kubernetes::lease::ClusterLease;
use rotation::document::cluster::ClusterPlace;
use rotation::engine::facts::Unusable;
use rotation::engine::material::{Material, Revision, Slot, Stored};
use rotation::engine::ports::Store;

use crate::cluster::event_reasons;
use crate::cluster::secrets::layout::{SecretFacts, SecretKeys};
use crate::cluster::secrets::refusal::{SecretRefusal, SecretRefused};
use crate::cluster::secrets::wire::ReadSecret;

/// How long one request may take.
const LIMIT: Duration = Duration::from_secs(10);

/// The authority and the leaves in the Secrets of a namespace.
pub struct Secrets {
    client: Client,
    place: ClusterPlace,
    adopt: bool,
    events: Events,
    lease: Option<Rc<ClusterLease>>,
    /// The facts of the last reads, besides the bytes.
    known: RefCell<BTreeMap<Slot, SecretFacts>>,
    /// Revisions that this run has replaced. None of them can be the present one.
    replaced: RefCell<HashSet<Revision>>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets").field("place", &self.place).field("adopt", &self.adopt).finish_non_exhaustive()
    }
}

impl Secrets {
    /// The Secrets of a place. `adopt` permanently takes ownership of Secrets created by another tool.
    pub fn new(client: Client, place: &ClusterPlace, adopt: bool, events: Events) -> Self {
        Self {
            client,
            place: place.clone(),
            adopt,
            events,
            lease: None,
            known: RefCell::default(),
            replaced: RefCell::default(),
        }
    }

    /// Writes only while the run holds this Lease.
    pub(super) fn under(self, lease: Rc<ClusterLease>) -> Self {
        Self { lease: Some(lease), ..self }
    }

    /// The slot of the first Secret that newleaf refuses to write, or else that of the authority.
    pub(crate) fn refusing_slot(&self) -> Slot {
        let known = self.known.borrow();
        for slot in [Slot::Authority, Slot::Server, Slot::Client] {
            let Some(known) = known.get(&slot) else { continue };
            let layout = self.layout(slot);
            if layout::standing_objection(layout, &self.place.namespace, known, self.adopt).is_some() {
                return slot;
            }
        }
        Slot::Authority
    }

    /// Posts an Event on a Secret: newleaf wrote nothing, and why.
    pub(crate) async fn tell_refusal(&self, slot: Slot, failure: &Failure) {
        let uid = self.known.borrow().get(&slot).map(|known| known.guard.uid().clone());
        let note = format!("{}: {failure}", failure.code());
        self.events.post(self.reference(slot, uid), event_reasons::ROTATION_REFUSED, note).await;
    }

    fn layout(&self, slot: Slot) -> SecretKeys<'_> {
        SecretKeys::of(&self.place, slot)
    }

    async fn get(&self, slot: Slot) -> Result<Option<(Stored, SecretFacts)>, Failure> {
        let (layout, namespace) = (self.layout(slot), &self.place.namespace);
        let call = Call::get(Resource::Secret, namespace, layout.secret());
        let Some(found) = call.clone().read::<ReadSecret>(&self.client, LIMIT).await? else { return Ok(None) };
        let (stored, known) = layout::read(layout, namespace, found)?;
        if self.replaced.borrow().contains(&stored.revision) {
            return Err(KubernetesError::Outdated { call }.into());
        }
        Ok(Some((stored, known)))
    }

    fn refused(&self, slot: Slot, refusal: SecretRefusal) -> SecretRefused {
        SecretRefused { secret: format!("{}/{}", self.place.namespace, self.layout(slot).secret()), refusal }
    }

    /// Returns the uid, as the other writes do.
    async fn create(&self, slot: Slot, material: &Material) -> Result<Option<Uid>, Failure> {
        let secret = layout::creation(self.layout(slot), &self.place.namespace, material)?;
        let call = Call::create(Resource::Secret, &self.place.namespace);
        match call.make_quietly(&self.client, &secret, LIMIT).await {
            Err(KubernetesError::Forbidden { call, .. }) => {
                Err(self.refused(slot, SecretRefusal::Absent { call }).into())
            }
            made => Ok(made?),
        }
    }

    /// The facts of the Secret at the expected revision. A conflict if it has another revision now.
    async fn known_at(&self, slot: Slot, expected: &Revision) -> Result<SecretFacts, Failure> {
        let remembered = self.known.borrow().get(&slot).filter(|known| known.revision() == *expected).cloned();
        let found = match remembered {
            Some(known) => Some(known),
            None => self.get(slot).await?.map(|(_, known)| known).filter(|known| known.revision() == *expected),
        };
        found.ok_or_else(|| self.conflict(slot, "it has changed since the read").into())
    }

    fn conflict(&self, slot: Slot, message: &str) -> KubernetesError {
        KubernetesError::Conflict { call: self.patch_call(slot), message: RemoteText::new(message) }
    }

    fn patch_call(&self, slot: Slot) -> Call {
        Call::patch(Resource::Secret, &self.place.namespace, self.layout(slot).secret())
    }

    async fn replace(&self, slot: Slot, known: &SecretFacts, material: &Material) -> Result<(), Failure> {
        let patch = layout::patch(self.layout(slot), &self.place.namespace, known, material, self.adopt)?;
        // The answer has only the metadata, so the key does not travel again.
        match self.patch_call(slot).merge_quietly(&self.client, &patch, LIMIT).await {
            Err(KubernetesError::NotFound { .. }) => Err(self.conflict(slot, "it was deleted after the read").into()),
            replaced => Ok(replaced?),
        }
    }

    /// The Secret as Events refer to it.
    fn reference(&self, slot: Slot, uid: Option<Uid>) -> ObjectReference {
        ObjectReference {
            api_version: Some("v1".to_owned()),
            kind: Some("Secret".to_owned()),
            name: Some(self.layout(slot).secret().to_owned()),
            namespace: Some(self.place.namespace.clone()),
            uid: uid.map(|uid| uid.as_str().to_owned()),
            ..ObjectReference::default()
        }
    }

    /// Creates or replaces the Secret and returns its uid.
    async fn put(&self, slot: Slot, expected: Option<&Revision>, material: &Material) -> Result<Option<Uid>, Failure> {
        let Some(expected) = expected else { return self.create(slot, material).await };
        let known = self.known_at(slot, expected).await?;
        self.replace(slot, &known, material).await?;
        self.replaced.borrow_mut().insert(expected.clone());
        Ok(Some(known.guard.uid().clone()))
    }
}

#[async_trait(?Send)]
impl Store for Secrets {
    async fn read(&self, slot: Slot) -> Result<Option<Stored>, Failure> {
        self.known.borrow_mut().remove(&slot);
        let Some((mut stored, known)) = self.get(slot).await? else { return Ok(None) };
        let refused = layout::standing_objection(self.layout(slot), &self.place.namespace, &known, self.adopt);
        stored.objection = refused.map(|refused| Unusable { code: refused.code(), why: refused.to_string() });
        self.known.borrow_mut().insert(slot, known);
        Ok(Some(stored))
    }

    async fn write(&self, slot: Slot, expected: Option<&Revision>, material: &Material) -> Result<(), Failure> {
        if let Some(lease) = &self.lease {
            lease.still_held()?;
        }
        match self.put(slot, expected, material).await {
            Ok(uid) => {
                let note = match slot {
                    Slot::Authority => "newleaf wrote the generations of the authority",
                    Slot::Server | Slot::Client => "newleaf wrote leaf, key and trust bundle",
                };
                self.events.post(self.reference(slot, uid), event_reasons::CERTIFICATE_WRITTEN, note.to_owned()).await;
                Ok(())
            }
            Err(failure) => {
                if failure.class() == Class::Refused {
                    self.tell_refusal(slot, &failure).await;
                }
                Err(failure)
            }
        }
    }
}
