//! The hand of the controllers and of a kubelet, where there are none: a change of the template of a Deployment gets
//! another pod at once, which loads what its Secret holds then.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use http::Method;
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::{Pod, Secret};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use kube::{Api, Client};
use newleaf::cluster::consumers::hashes::{annotated_hash, hash_annotation};
use rotation::engine::facts::Peer;
use rotation::engine::material::{Material, SecretBytes, Snapshot, Stored};
use rotation::engine::ports::Issuer;
use serde_json::{Value, json};

use crate::runs::{SERVER, issuer};

/// The workload of a peer.
pub(crate) const fn workload(peer: Peer) -> &'static str {
    match peer {
        Peer::Server => "postgres",
        Peer::Client => "backstage",
    }
}

/// Two Deployments of one pod each, `postgres` and `backstage`.
#[derive(Clone)]
pub(crate) struct Controllers {
    client: Client,
    namespace: String,
    /// What the pods have loaded, and every moment at which two of them could not have spoken to each other.
    seen: Arc<Mutex<Seen>>,
    /// They do one thing after the other.
    turn: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Default)]
struct Seen {
    pods: BTreeMap<Peer, String>,
    loaded: Snapshot,
    broken: Vec<String>,
}

impl Controllers {
    pub(crate) fn new(client: Client, namespace: &str) -> Self {
        Self { client, namespace: namespace.to_owned(), seen: Arc::default(), turn: Arc::default() }
    }

    /// Makes both Deployments, as they are after newleaf has restarted them for what is stored.
    pub(crate) async fn start(&self, stored: &Snapshot) {
        for peer in Peer::ALL {
            let name = workload(peer);
            let labels = json!({"app": name});
            let containers = json!([{"name": name, "image": "localhost/pause:1"}]);
            let template = json!({"metadata": {"labels": labels}, "spec": {"containers": containers}});
            let spec = json!({"selector": {"matchLabels": labels}, "template": template});
            self.deployments()
                .create(&PostParams::default(), &object(name, json!({"spec": spec})))
                .await
                .expect("made");
            let hash = stored.stored(peer.slot()).and_then(|stored| annotated_hash(&stored.material));
            let marked = json!({"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": {"metadata":
                {"annotations": {hash_annotation(peer): hash}}}}});
            let marks = PatchParams::apply("newleaf");
            self.deployments().patch(name, &marks, &Patch::Apply(marked)).await.expect("it can be marked");
            self.act(peer).await;
        }
    }

    /// A client; after each change of a Deployment that passes through it, its pod is replaced.
    pub(crate) fn client(&self, through: &Client) -> Client {
        let (controllers, through) = (self.clone(), through.clone());
        let service = tower::service_fn(move |request: http::Request<kube::client::Body>| {
            // A task of its own: controllers finish what they have begun, even if the test that asked for it is gone.
            let work = tokio::spawn(controllers.clone().carry(through.clone(), request));
            async move { work.await.expect("the controllers do not fail") }
        });
        Client::new(service, self.namespace.clone())
    }

    async fn carry(
        self,
        through: Client,
        request: http::Request<kube::client::Body>,
    ) -> Result<http::Response<kube::client::Body>, kube::Error> {
        let named = |peer: &Peer| request.uri().path().ends_with(&format!("/deployments/{}", workload(*peer)));
        let changed = Peer::ALL.into_iter().find(named).filter(|_| request.method() == Method::PATCH);
        let answer = through.send(request).await;
        if let Some(peer) = changed {
            self.act(peer).await;
        }
        answer
    }

    /// Every moment at which the server's pod and the client's could not have spoken to each other.
    pub(crate) fn broken(&self) -> Vec<String> {
        self.seen().broken.clone()
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn deployments(&self) -> Api<Deployment> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    /// Replaces the pod of a Deployment whose template has changed.
    async fn act(&self, peer: Peer) {
        let _turn = self.turn.lock().await;
        let name = workload(peer);
        let deployment = self.deployments().get(name).await.expect("it is there");
        let generation = deployment.metadata.generation.unwrap_or(0);
        let observed = deployment.status.and_then(|status| status.observed_generation);
        if observed == Some(generation) {
            return;
        }
        let pods: Api<Pod> = Api::namespaced(self.client.clone(), &self.namespace);
        let pod = format!("{name}-{generation}");
        let set = self.replica_set(&pod, &deployment.metadata, deployment.spec.as_ref().map(|spec| json!(spec))).await;
        let template = deployment.spec.expect("it has a specification").template;
        let mut metadata = json!(template.metadata);
        metadata["labels"]["pod-template-hash"] = json!(generation.to_string());
        metadata["ownerReferences"] = owner("ReplicaSet", &pod, &set);
        let whole = json!({"metadata": metadata, "spec": template.spec});
        pods.create(&PostParams::default(), &object(&pod, whole)).await.expect("a pod can be made");
        let ready = json!({"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}});
        let status = PatchParams::default();
        pods.patch_status(&pod, &status, &Patch::Merge(ready)).await.expect("it can be told ready");
        self.load(peer).await;
        let former = self.seen().pods.insert(peer, pod);
        if let Some(former) = former {
            drop(pods.delete(&former, &DeleteParams::default()).await.expect("it can be deleted"));
        }
        let complete = json!({"status": {"observedGeneration": generation, "replicas": 1, "updatedReplicas": 1,
            "readyReplicas": 1, "availableReplicas": 1}});
        self.deployments().patch_status(name, &status, &Patch::Merge(complete)).await.expect("it can be told");
    }

    /// Makes the ReplicaSet of a template; its identity.
    async fn replica_set(&self, name: &str, deployment: &ObjectMeta, spec: Option<Value>) -> String {
        let spec = spec.expect("it has a specification");
        let of = deployment.name.as_deref().zip(deployment.uid.as_deref());
        let (of, uid) = of.expect("the API server names and knows it");
        let metadata =
            json!({"labels": spec["selector"]["matchLabels"], "ownerReferences": owner("Deployment", of, uid)});
        let set = json!({"metadata": metadata, "spec": {"selector": spec["selector"], "template": spec["template"]}});
        let sets: Api<ReplicaSet> = Api::namespaced(self.client.clone(), &self.namespace);
        let made = sets.create(&PostParams::default(), &object(name, set)).await.expect("a ReplicaSet can be made");
        made.metadata.uid.expect("it has an identity")
    }

    /// A pod reads its Secret once, when it starts.
    async fn load(&self, peer: Peer) {
        let secrets: Api<Secret> = Api::namespaced(self.client.clone(), &self.namespace);
        let secret = secrets.get(&peer.to_string()).await.expect("the pod's Secret is there");
        let mut material = Material::default();
        for (key, value) in secret.data.unwrap_or_default() {
            material.entries.insert(key, SecretBytes::new(value.0));
        }
        let revision = rotation::engine::material::Revision(String::new());
        let stored = Some(Stored::new(material, revision, BTreeMap::new()));
        let mut seen = self.seen();
        match peer {
            Peer::Server => seen.loaded.server = stored,
            Peer::Client => seen.loaded.client = stored,
        }
        if let Some(why) = quarrel(&seen.loaded) {
            seen.broken.push(why);
        }
    }
}

/// Why the two that have loaded this cannot speak to each other.
pub(crate) fn quarrel(loaded: &Snapshot) -> Option<String> {
    let (Some(_), Some(client)) = (&loaded.server, &loaded.client) else { return None };
    let issuer = issuer(SERVER);
    let inspection = issuer.inspect(loaded, chrono::Utc::now());
    let (Some(server), Some(_)) = (inspection.server.present(), inspection.client.present()) else {
        return Some(format!("{:?} {:?}", inspection.server, inspection.client));
    };
    if server.signer.is_none() {
        return Some("no authority has signed the server's leaf".to_owned());
    }
    let now = chrono::Utc::now();
    issuer.rehearse(loaded, Peer::Client, &client.material, &server.trust, now).err().map(|why| why.to_string())
}

fn owner(kind: &str, name: &str, uid: &str) -> Value {
    json!([{"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": uid, "controller": true}])
}

fn object<K: serde::de::DeserializeOwned>(name: &str, mut value: Value) -> K {
    value["metadata"]["name"] = json!(name);
    serde_json::from_value(value).expect("it is one")
}
