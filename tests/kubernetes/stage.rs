//! A namespace of the test's own, and what a test does in it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use k8s_openapi::ByteString;
use k8s_openapi::api::coordination::v1::Lease as LeaseObject;
use k8s_openapi::api::core::v1::{Namespace, Secret};
use k8s_openapi::api::rbac::v1::{PolicyRule, Role, RoleBinding, RoleRef, Subject};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::api::{DeleteParams, PostParams};
use kube::{Api, Client};
use kubernetes::api::connection::Access;
use kubernetes::events::Events;
use kubernetes::lease::{ClusterLease, Timing};
use newleaf::cluster::secrets::Secrets;
use rotation::document::cluster::{AuthoritySecret, ClusterPlace, LeafSecret};
use rotation::engine::material::{Material, SecretBytes, Slot, Snapshot, Stored};
use rotation::engine::ports::Store;
use terminal::stop_token::StopToken;

use crate::api_server;
use crate::skip::skip;

/// Long enough for a busy machine: nothing waits for it to pass.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// A namespace, removed when dropped, unless its API server ends with the tests anyway.
pub(crate) struct Stage {
    pub(crate) client: Client,
    pub(crate) namespace: String,
    kubeconfig: PathBuf,
    is_own: bool,
}

impl Stage {
    /// A new namespace; none, and said so, where there is no API server.
    pub(crate) async fn set() -> Option<Self> {
        Self::in_cluster(api_server::kubeconfig(), false).await
    }

    /// A new namespace of the API server that no other test uses; none, and said so, where it was not built.
    pub(crate) async fn own() -> Option<Self> {
        Self::in_cluster(api_server::own().map(|own| own.kubeconfig), true).await
    }

    async fn in_cluster(kubeconfig: Result<PathBuf, String>, is_own: bool) -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let kubeconfig = match kubeconfig {
            Ok(kubeconfig) => kubeconfig,
            Err(why) => {
                skip("kubernetes", why);
                return None;
            }
        };
        let namespace = format!("newleaf-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::SeqCst));
        let client = connect(kubeconfig.clone(), None).await;
        let metadata = ObjectMeta { name: Some(namespace.clone()), ..ObjectMeta::default() };
        let object = Namespace { metadata, ..Namespace::default() };
        let api: Api<Namespace> = Api::all(client.clone());
        api.create(&PostParams::default(), &object).await.expect("a namespace can be made");
        Some(Self { client, namespace, kubeconfig, is_own })
    }

    pub(crate) fn place(&self) -> ClusterPlace {
        ClusterPlace {
            namespace: self.namespace.clone(),
            authority: AuthoritySecret { name: "authority".to_owned(), external: None },
            server: leaf("server"),
            client: leaf("client"),
            consumers: Vec::new(),
            projection: Duration::from_secs(150),
        }
    }

    pub(crate) fn store(&self) -> Secrets {
        store(self.client.clone(), &self.place(), false)
    }

    pub(crate) fn adopting(&self) -> Secrets {
        store(self.client.clone(), &self.place(), true)
    }

    pub(crate) fn lease(&self, holder: &str, timing: Timing) -> ClusterLease {
        ClusterLease::new(self.client.clone(), &self.namespace, holder, timing, Rc::new(StopToken::default()))
    }

    pub(crate) fn secrets(&self) -> Api<Secret> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    pub(crate) async fn secret(&self, name: &str) -> Secret {
        self.secrets().get(name).await.expect("the Secret is there")
    }

    /// All three objects as they are now.
    pub(crate) async fn snapshot(&self) -> Snapshot {
        let store = self.store();
        Snapshot {
            authority: read(&store, Slot::Authority).await,
            server: read(&store, Slot::Server).await,
            client: read(&store, Slot::Client).await,
        }
    }

    /// Makes all that is there in a snapshot of another namespace.
    pub(crate) async fn put_all(&self, snapshot: &Snapshot) {
        for (slot, name) in [(Slot::Authority, "authority"), (Slot::Server, "server"), (Slot::Client, "client")] {
            let Some(stored) = snapshot.stored(slot) else { continue };
            let entries = stored.material.entries.iter();
            let data = entries.map(|(key, bytes)| (key.clone(), ByteString(bytes.expose().to_vec()))).collect();
            let metadata = ObjectMeta {
                name: Some(name.to_owned()),
                labels: Some([("app.kubernetes.io/managed-by".to_owned(), "newleaf".to_owned())].into()),
                ..ObjectMeta::default()
            };
            let secret = Secret { metadata, data: Some(data), ..Secret::default() };
            let parameters = PostParams { field_manager: Some("newleaf".to_owned()), ..PostParams::default() };
            self.secrets().create(&parameters, &secret).await.expect("a Secret can be made");
        }
    }

    pub(crate) async fn lease_object(&self) -> LeaseObject {
        let api: Api<LeaseObject> = Api::namespaced(self.client.clone(), &self.namespace);
        api.get("newleaf").await.expect("the Lease is there")
    }

    /// Makes a Secret as another tool does.
    pub(crate) async fn put(&self, name: &str, kind: &str, data: &[(&str, &str)]) {
        let data: BTreeMap<_, _> =
            data.iter().map(|(key, value)| ((*key).to_owned(), ByteString(value.as_bytes().to_vec()))).collect();
        let metadata = ObjectMeta { name: Some(name.to_owned()), ..ObjectMeta::default() };
        let secret = Secret { metadata, data: Some(data), type_: Some(kind.to_owned()), ..Secret::default() };
        let parameters = PostParams { field_manager: Some("kubectl-create".to_owned()), ..PostParams::default() };
        self.secrets().create(&parameters, &secret).await.expect("a Secret can be made");
    }

    /// A client of an account that may do only this.
    pub(crate) async fn account(&self, rules: Vec<PolicyRule>) -> Client {
        let named = |name: &str| ObjectMeta { name: Some(name.to_owned()), ..ObjectMeta::default() };
        let api: Api<Role> = Api::namespaced(self.client.clone(), &self.namespace);
        let role = Role { metadata: named("restricted"), rules: Some(rules) };
        api.create(&PostParams::default(), &role).await.expect("a Role can be made");
        let group = "rbac.authorization.k8s.io".to_owned();
        let user = format!("{}-restricted", self.namespace);
        let binding = RoleBinding {
            metadata: named("restricted"),
            role_ref: RoleRef { api_group: group.clone(), kind: "Role".to_owned(), name: "restricted".to_owned() },
            subjects: Some(vec![Subject {
                api_group: Some(group),
                kind: "User".to_owned(),
                name: user.clone(),
                namespace: None,
            }]),
        };
        let bindings: Api<RoleBinding> = Api::namespaced(self.client.clone(), &self.namespace);
        bindings.create(&PostParams::default(), &binding).await.expect("a RoleBinding can be made");
        connect(self.kubeconfig.clone(), Some(user)).await
    }

    pub(crate) async fn delete_namespace(&self) {
        let api: Api<Namespace> = Api::all(self.client.clone());
        drop(api.delete(&self.namespace, &DeleteParams::default()).await.expect("it can be deleted"));
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if self.is_own {
            return;
        }
        let namespace = self.namespace.clone();
        // The test's own runtime is busy with this very drop.
        let removed = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let api: Api<Namespace> = Api::all(client(None).await);
                drop(api.delete(&namespace, &DeleteParams::default()).await);
            });
        });
        drop(removed.join());
    }
}

/// A client of the administrator, or of an account that the administrator impersonates.
pub(crate) async fn client(as_user: Option<String>) -> Client {
    connect(api_server::kubeconfig().expect("there is an API server"), as_user).await
}

pub(crate) async fn connect(kubeconfig: PathBuf, as_user: Option<String>) -> Client {
    let access = Access { kubeconfig: Some(kubeconfig), as_user, ..Access::default() };
    access.connect().await.expect("the kubeconfig is good").client
}

pub(crate) fn store(client: Client, place: &ClusterPlace, adopt: bool) -> Secrets {
    Secrets::new(client.clone(), place, adopt, Events::new(client, "test".to_owned()))
}

pub(crate) fn leaf(name: &str) -> LeafSecret {
    LeafSecret {
        name: name.to_owned(),
        certificate: "tls.crt".to_owned(),
        key: "tls.key".to_owned(),
        bundle: "ca.crt".to_owned(),
    }
}

/// One rule of a Role for Secrets or another resource.
pub(crate) fn rule(group: &str, resource: &str, verbs: &[&str]) -> PolicyRule {
    PolicyRule {
        api_groups: Some(vec![group.to_owned()]),
        resources: Some(vec![resource.to_owned()]),
        verbs: verbs.iter().map(|verb| (*verb).to_owned()).collect(),
        ..PolicyRule::default()
    }
}

/// Material whose every part carries the same text, so that a mixture is seen.
pub(crate) fn material(text: &str) -> Material {
    let mut material = Material::default();
    for entry in ["tls.crt", "tls.key", "ca.crt"] {
        material.entries.insert(entry.to_owned(), SecretBytes::new(text.as_bytes().to_vec()));
    }
    material.annotations.insert("newleaf.dev/rotation-ids".to_owned(), text.to_owned());
    material
}

/// Two generations of an authority.
pub(crate) fn authority(numbers: &[u32]) -> Material {
    let mut material = Material::default();
    for number in numbers {
        for end in ["crt", "key"] {
            let bytes = SecretBytes::new(format!("{number} {end}").into_bytes());
            material.entries.insert(format!("authority-{number}.{end}"), bytes);
        }
    }
    material
}

pub(crate) async fn read(store: &Secrets, slot: Slot) -> Option<Stored> {
    store.read(slot).await.expect("the store can be read")
}

/// Replaces what is there.
pub(crate) async fn replace(store: &Secrets, slot: Slot, material: &Material) {
    let revision = read(store, slot).await.map(|stored| stored.revision);
    store.write(slot, revision.as_ref(), material).await.expect("the store can be written");
}
