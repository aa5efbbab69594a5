//! The [`Store`] on Secrets: each object is one Secret, and each write one request that fails if anybody was faster.

pub(crate) mod layout;
pub mod refusal;
pub(crate) mod wire;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::time::Duration;

use k8s_openapi::api::core::v1::{ObjectReference, Secret};
use kube::Resource;
use kube::api::{GetParams, Patch, PatchParams, PostParams};
use kube::core::Request;
use kube::{Client, Error};
use zeroize::Zeroizing;

use crate::configuration::cluster::ClusterPlace;
use crate::diagnosis::{Class, Diagnose, Failure};
use crate::kubernetes::api::FIELD_MANAGER;
use crate::kubernetes::api::call::Call;
use crate::kubernetes::api::error::KubernetesError;
use crate::kubernetes::events::{Events, Reason};
use crate::kubernetes::secrets::layout::{Known, Layout};
use crate::kubernetes::secrets::refusal::{Refusal, SecretRefused};
use crate::kubernetes::secrets::wire::{SecretPatch, WireSecret};
use crate::rotation::facts::Unusable;
use crate::rotation::material::{Material, Revision, Slot, Stored};
use crate::rotation::ports::Store;

/// How long one request may take.
const LIMIT: Duration = Duration::from_secs(10);

/// Authority and leaves in the Secrets of a namespace.
pub struct Secrets {
    client: Client,
    place: ClusterPlace,
    adopt: bool,
    events: Events,
    /// What the last reads found besides the bytes.
    known: RefCell<BTreeMap<Slot, Known>>,
    /// Revisions that we have replaced: none of them can be the present one.
    replaced: RefCell<HashSet<Revision>>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets").field("place", &self.place).field("adopt", &self.adopt).finish_non_exhaustive()
    }
}

impl Secrets {
    /// The Secrets of a place. `adopt`: what somebody else made is taken over, for good.
    pub fn new(client: Client, place: &ClusterPlace, adopt: bool, events: Events) -> Self {
        Self { client, place: place.clone(), adopt, events, known: RefCell::default(), replaced: RefCell::default() }
    }

    /// Tells those who look at a Secret that nothing was done, and why.
    pub(crate) async fn tell_refusal(&self, slot: Slot, failure: &Failure) {
        let uid = self.known.borrow().get(&slot).and_then(|known| known.uid.clone());
        let note = format!("{}: {failure}", failure.code());
        self.events.post(self.reference(slot, uid), Reason::RotationRefused, note).await;
    }

    fn layout(&self, slot: Slot) -> Layout<'_> {
        Layout::of(&self.place, slot)
    }

    fn call(&self, verb: &'static str, slot: Slot) -> Call {
        let name = (verb != "create").then(|| self.layout(slot).secret().to_owned());
        Call { verb, group: "", resource: "secrets", namespace: self.place.namespace.clone(), name }
    }

    fn request(&self) -> Request {
        Request::new(Secret::url_path(&(), Some(&self.place.namespace)))
    }

    async fn get(&self, slot: Slot) -> Result<Option<(Stored, Known)>, Failure> {
        let call = self.call("get", slot);
        let answered = call.clone().send(LIMIT, async {
            let request =
                self.request().get(self.layout(slot).secret(), &GetParams::default()).map_err(Error::BuildRequest)?;
            self.client.request_text(request).await.map(Zeroizing::new)
        });
        let text = match answered.await {
            Err(KubernetesError::NotFound { .. }) => return Ok(None),
            answered => answered?,
        };
        let (stored, known) = layout::read(self.layout(slot), &self.place.namespace, &self.parse(slot, &text)?)?;
        if self.replaced.borrow().contains(&stored.revision) {
            return Err(KubernetesError::Outdated { call }.into());
        }
        Ok(Some((stored, known)))
    }

    fn parse(&self, slot: Slot, text: &str) -> Result<WireSecret, SecretRefused> {
        WireSecret::parse(text).map_err(|_| self.refused(slot, Refusal::Unreadable))
    }

    fn refused(&self, slot: Slot, refusal: Refusal) -> SecretRefused {
        SecretRefused { secret: format!("{}/{}", self.place.namespace, self.layout(slot).secret()), refusal }
    }

    /// Returns the uid, as the other writes do.
    async fn create(&self, slot: Slot, material: &Material) -> Result<Option<String>, Failure> {
        let secret = layout::creation(self.layout(slot), &self.place.namespace, material)?;
        let parameters = PostParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PostParams::default() };
        let created = self.call("create", slot).send(LIMIT, async {
            let body = serde_json::to_vec(&secret).map_err(Error::SerdeError)?;
            let request = self.request().create(&parameters, body).map_err(Error::BuildRequest)?;
            self.client.request_text(request).await.map(Zeroizing::new)
        });
        match created.await {
            // Made is made: what the answer does not tell, an Event can do without.
            Ok(text) => Ok(self.parse(slot, &text).ok().and_then(|secret| secret.metadata.uid)),
            Err(KubernetesError::Forbidden { call, .. }) => Err(self.refused(slot, Refusal::Absent { call }).into()),
            Err(error) => Err(error.into()),
        }
    }

    /// What is known of the Secret at the revision that was read; a conflict if it is not there any more.
    async fn known_at(&self, slot: Slot, expected: &Revision) -> Result<Known, Failure> {
        let remembered = self.known.borrow().get(&slot).filter(|known| known.revision == *expected).cloned();
        let found = match remembered {
            Some(known) => Some(known),
            None => self.get(slot).await?.map(|(_, known)| known).filter(|known| known.revision == *expected),
        };
        found.ok_or_else(|| self.conflict(slot, "it has changed since it was read").into())
    }

    fn conflict(&self, slot: Slot, message: &str) -> KubernetesError {
        KubernetesError::Conflict { call: self.call("patch", slot), message: message.to_owned() }
    }

    async fn patch(&self, slot: Slot, patch: &SecretPatch) -> Result<(), Failure> {
        let parameters = PatchParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PatchParams::default() };
        let name = self.layout(slot).secret();
        let patched = self.call("patch", slot).send(LIMIT, async {
            // Only the metadata come back: no reason to send the key over the line again.
            let request =
                self.request().patch_metadata(name, &parameters, &Patch::Merge(patch)).map_err(Error::BuildRequest)?;
            self.client.request_text(request).await
        });
        match patched.await {
            Ok(_) => Ok(()),
            Err(KubernetesError::NotFound { .. }) => Err(self.conflict(slot, "it is gone since it was read").into()),
            Err(error) => Err(error.into()),
        }
    }

    /// The Secret as Events name it.
    fn reference(&self, slot: Slot, uid: Option<String>) -> ObjectReference {
        ObjectReference {
            api_version: Some("v1".to_owned()),
            kind: Some("Secret".to_owned()),
            name: Some(self.layout(slot).secret().to_owned()),
            namespace: Some(self.place.namespace.clone()),
            uid,
            ..ObjectReference::default()
        }
    }

    /// Creates or replaces it, and returns its uid.
    async fn put(
        &self,
        slot: Slot,
        expected: Option<&Revision>,
        material: &Material,
    ) -> Result<Option<String>, Failure> {
        let Some(expected) = expected else { return self.create(slot, material).await };
        let known = self.known_at(slot, expected).await?;
        let patch = layout::patch(self.layout(slot), &self.place.namespace, &known, material, self.adopt)?;
        self.patch(slot, &patch).await?;
        self.replaced.borrow_mut().insert(expected.clone());
        Ok(known.uid)
    }
}

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
        match self.put(slot, expected, material).await {
            Ok(uid) => {
                let note = match slot {
                    Slot::Authority => "newleaf wrote the generations of the authority",
                    Slot::Server | Slot::Client => "newleaf wrote leaf, key and trust bundle",
                };
                self.events.post(self.reference(slot, uid), Reason::CertificateWritten, note.to_owned()).await;
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
