//! A namespace of the test's own, and what the deployer does in it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use base::diagnosis::Failure;
use deploy::cluster::{LeaseHolder, StackCluster, TakenField};
use deploy::event::{DeployEvent, EventSink};
use deploy::inventory::Inventory;
use deploy::observe::observe;
use deploy::plan::MemberKey;
use deploy::remove::{Named, Removal, removal, remove};
use deploy::run::{InstallReport, Installation};
use deploy::wait::Waiter;
use kube::Client;
use kubernetes::api::connection::{Access, Connection};
use kubernetes::lease::Timing;
use serde_json::Value;
use stack::document::parse;
use stack::render::render;
use stack::settings::Settings;
use terminal::stop_token::StopToken;

use crate::api_server;
use crate::meter::Meter;
use crate::skip::skip;

/// Takes events, and keeps none.
#[derive(Debug)]
pub(crate) struct Silence;

impl EventSink for Silence {
    fn tell(&self, _: &DeployEvent) {}
}

/// A namespace of the API server that no other test uses; the stack makes it.
#[derive(Clone)]
pub(crate) struct Stage {
    pub(crate) client: Client,
    pub(crate) namespace: String,
}

impl Stage {
    /// None, and said so, where there is no API server.
    pub(crate) async fn set() -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let kubeconfig = match api_server::own() {
            Ok(own) => own.kubeconfig,
            Err(why) => {
                skip("deploy", why);
                return None;
            }
        };
        let access = Access { kubeconfig: Some(kubeconfig), ..Access::default() };
        let client = access.connect().await.expect("the kubeconfig is good").client;
        Some(Self { client, namespace: format!("stack-{}", NUMBER.fetch_add(1, Ordering::SeqCst)) })
    }

    pub(crate) fn settings(&self, text: &str) -> Settings {
        let document = parse(&format!("namespace: {}\n{text}", self.namespace)).expect("a document");
        Settings::of(&document).expect("a valid one")
    }

    pub(crate) fn cluster(&self, meter: &Meter) -> StackCluster {
        self.cluster_of("the stage", Timing::default(), meter)
    }

    /// As a holder of the Lease: the same name is the same process, which finds its own Lease after a death.
    pub(crate) fn cluster_of(&self, holder: &str, timing: Timing, meter: &Meter) -> StackCluster {
        let cluster = StackCluster::new(Connection::with_client(meter.client(&self.client), "default"));
        cluster.as_holder(LeaseHolder { name: holder.to_owned(), timing })
    }

    /// Installs as a process of that name, and tells what happens.
    pub(crate) async fn install_as(
        &self,
        (holder, timing): (&str, Timing),
        text: &str,
        meter: &Meter,
        events: &dyn EventSink,
    ) -> Result<InstallReport, Failure> {
        let (cluster, stop) = (self.cluster_of(holder, timing, meter), StopToken::default());
        let waiter = Waiter { cluster: &cluster, events, stop: &stop, limit: Duration::from_secs(20) };
        Box::pin(Installation { waiter, waits: false }.run(self.settings(text))).await
    }

    /// Installs without waiting: nothing becomes ready here.
    pub(crate) async fn install(&self, text: &str, meter: &Meter) -> Result<InstallReport, Failure> {
        self.install_over(text, meter, &[]).await
    }

    /// Installs, and waits for each phase so long at most.
    pub(crate) async fn install_waiting(
        &self,
        text: &str,
        meter: &Meter,
        limit: Duration,
    ) -> Result<InstallReport, Failure> {
        let (cluster, stop) = (self.cluster(meter), StopToken::default());
        let waiter = Waiter { cluster: &cluster, events: &Silence, stop: &stop, limit };
        Box::pin(Installation { waiter, waits: true }.run(self.settings(text))).await
    }

    /// The same, taking over fields of other managers.
    pub(crate) async fn install_over(
        &self,
        text: &str,
        meter: &Meter,
        over: &[&str],
    ) -> Result<InstallReport, Failure> {
        let over = over.iter().map(|field| TakenField::parse(field).expect("a field")).collect();
        let (cluster, stop) = (self.cluster(meter).taking_over(over), StopToken::default());
        let waiter = Waiter { cluster: &cluster, events: &Silence, stop: &stop, limit: Duration::from_secs(20) };
        Box::pin(Installation { waiter, waits: false }.run(self.settings(text))).await
    }

    /// What an uninstallation would do.
    pub(crate) async fn removal(&self, text: &str, named: Named) -> Removal {
        removal(&self.cluster(&Meter::new()), &self.settings(text), named).await.expect("a plan")
    }

    /// Uninstalls.
    pub(crate) async fn uninstall(&self, text: &str, named: Named, meter: &Meter) -> Result<(), Failure> {
        let (cluster, stop) = (self.cluster(meter), StopToken::default());
        let waiter = Waiter { cluster: &cluster, events: &Silence, stop: &stop, limit: Duration::from_secs(20) };
        let settings = self.settings(text);
        let removal = removal(&cluster, &settings, named).await?;
        remove(&waiter, &settings, &removal).await
    }

    /// The members, each with its version and without what the API server and the test's namespace make of it.
    pub(crate) async fn members(&self, text: &str) -> BTreeMap<MemberKey, Value> {
        let settings = self.settings(text);
        let inventory = Inventory::of(settings.name.as_str(), settings.namespace.as_str());
        let cluster = self.cluster(&Meter::new());
        observe(&cluster, &inventory, &render(&settings)).await.expect("it can be read").live
    }

    pub(crate) async fn versions(&self, text: &str) -> BTreeMap<String, String> {
        let version = |value: &Value| value["metadata"]["resourceVersion"].as_str().unwrap_or_default().to_owned();
        self.members(text).await.iter().map(|(key, value)| (key.to_string(), version(value))).collect()
    }

    /// Names and hashes of all members, whatever the namespace is called.
    pub(crate) async fn content(&self, text: &str) -> Vec<String> {
        let members = self.members(text).await;
        let neutral = |key: &MemberKey| key.to_string().replace(&self.namespace, "NAMESPACE");
        members.keys().map(neutral).collect()
    }

    pub(crate) async fn read(&self, api_version: &str, kind: &str, name: &str) -> Option<Value> {
        let group = api_version.split_once('/').map(|(group, _)| group).unwrap_or_default().to_owned();
        let key =
            MemberKey { kind: kind.to_owned(), group, namespace: Some(self.namespace.clone()), name: name.to_owned() };
        self.cluster(&Meter::new()).read(api_version, &key).await.expect("it can be read")
    }

    /// A change by another writer: a merge patch under another field manager.
    pub(crate) async fn meddle(&self, path: &str, manager: &str, change: &Value) {
        let uri = format!("{path}?fieldManager={manager}");
        let request = http::Request::patch(uri).header("content-type", "application/merge-patch+json");
        let request = request.body(serde_json::to_vec(change).expect("JSON")).expect("a request");
        let _changed: Value = self.client.request(request).await.expect("it can be changed");
    }

    /// A change by another program: a patch of any kind.
    pub(crate) async fn change(&self, uri: &str, kind: &str, object: &Value) {
        let request = http::Request::patch(uri).header("content-type", kind);
        let request = request.body(serde_json::to_vec(object).expect("JSON")).expect("a request");
        let _changed: Value = self.client.request(request).await.expect("it can be changed");
    }

    /// An object that another program makes.
    pub(crate) async fn make(&self, path: &str, object: &Value) {
        let request = http::Request::post(path).header("content-type", "application/json");
        let request = request.body(serde_json::to_vec(object).expect("JSON")).expect("a request");
        let _made: Value = self.client.request(request).await.expect("it can be made");
    }

    /// An operator deletes an object.
    pub(crate) async fn delete(&self, path: &str) {
        let request = http::Request::delete(path).body(Vec::new()).expect("a request");
        let _deleted: Value = self.client.request(request).await.expect("it can be deleted");
    }

    pub(crate) fn path(&self, group: &str, plural: &str, name: &str) -> String {
        let root = if group.contains('/') { "apis" } else { "api" };
        format!("/{root}/{group}/namespaces/{}/{plural}/{name}", self.namespace)
    }
}
