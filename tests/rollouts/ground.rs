//! A namespace with workloads, leaves that are "stored", and consumers of them.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use base::diagnosis::Failure;
use base::workload_kind::WorkloadKind;
use chrono::{DateTime, Utc};
use kube::Client;
use newleaf::cluster::consumers::ClusterConsumers;
use newleaf::cluster::consumers::hashes::annotated_hash;
use rotation::document::Database;
use rotation::document::cluster::{
    AuthoritySecret, Choice, ClusterConsumer, ClusterPickup, ClusterPlace, LeafSecret, Target,
};
use rotation::engine::facts::{LeafFacts, Loaded, Observed, Peer, StoredFacts, Validity};
use rotation::engine::material::{Material, Revision, Snapshot, Stored};
use rotation::engine::memory::RunMemory;
use rotation::engine::ports::{Consumers, Expected};
use rotation::pki::certificate::Certificate;
use rotation::pki::error::Source;
use terminal::stop_token::StopToken;

use crate::certificates::Authority;
use crate::kubectl::Namespace;

/// Long enough for a busy machine: nothing waits for it to pass.
pub(crate) const LIMIT: Duration = Duration::from_secs(90);
/// Long enough for Kubernetes to show its trouble.
pub(crate) const SHORT: Duration = Duration::from_secs(20);

/// A namespace, what is stored, and who loads it.
pub(crate) struct Ground {
    pub(crate) namespace: Namespace,
    pub(crate) client: Client,
    pub(crate) authority: Authority,
    /// When the leaves were written, as the API server would tell.
    pub(crate) written: Cell<Option<DateTime<Utc>>>,
    /// The wish to stop.
    pub(crate) stop: StopToken,
    pub(crate) database: Option<Database>,
    pub(crate) leaves: RefCell<BTreeMap<Peer, Material>>,
    consumers: Vec<ClusterConsumer>,
}

impl Ground {
    /// A new namespace; none where there is no cluster.
    pub(crate) async fn new(test: &str) -> Option<Self> {
        let namespace = Namespace::restricted(test)?;
        // Another test of this process may have been first.
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let client = Client::try_default().await.expect("KUBECONFIG names a cluster");
        let authority = Authority::new("ground authority");
        let ground = Self {
            namespace,
            client,
            authority,
            written: Cell::default(),
            stop: StopToken::default(),
            database: None,
            leaves: RefCell::default(),
            consumers: Vec::new(),
        };
        ground.renew(Peer::Server, 0x101);
        ground.renew(Peer::Client, 0x201);
        Some(ground)
    }

    /// Stores another leaf.
    pub(crate) fn renew(&self, peer: Peer, serial: u64) {
        let trust = [&self.authority];
        let leaf = match peer {
            Peer::Server => self.authority.server(serial, &trust),
            Peer::Client => self.authority.client("postgres", serial, &trust),
        };
        self.leaves.borrow_mut().insert(peer, leaf);
    }

    /// What the annotation of a restart holds for what is stored.
    pub(crate) fn hash(&self, peer: Peer) -> String {
        annotated_hash(&self.leaves.borrow()[&peer]).expect("the leaf can be read")
    }

    /// A consumer `it` of the client's leaf that is restarted.
    pub(crate) fn restarts(self, kind: WorkloadKind, choice: Choice) -> Self {
        self.consumer("it", Peer::Client, ClusterPickup::Restart, kind, choice)
    }

    /// One more consumer.
    pub(crate) fn consumer(
        mut self,
        name: &str,
        peer: Peer,
        pickup: ClusterPickup,
        kind: WorkloadKind,
        choice: Choice,
    ) -> Self {
        let target = Some(Target { namespace: self.namespace.name().to_owned(), kind, choice });
        self.consumers.push(ClusterConsumer { name: name.to_owned(), peer, pickup, target });
        self
    }

    /// The consumers, as a new process sees them.
    pub(crate) fn consumers(&self) -> ClusterConsumers {
        let leaf = |name: &str| LeafSecret {
            name: name.to_owned(),
            certificate: "tls.crt".to_owned(),
            key: "tls.key".to_owned(),
            bundle: "ca.crt".to_owned(),
        };
        let place = ClusterPlace {
            namespace: self.namespace.name().to_owned(),
            authority: AuthoritySecret { name: "authority".to_owned(), external: None },
            server: leaf("postgres-tls"),
            client: leaf("backstage-tls"),
            consumers: self.consumers.clone(),
            projection: Duration::from_secs(150),
        };
        ClusterConsumers::new(self.client.clone(), &place, self.database.as_ref(), self.stop.clone())
    }

    /// Picks up and proves.
    pub(crate) async fn roll(&self, consumer: &str, limit: Duration) -> Result<(), Failure> {
        let (snapshot, stored) = self.stored();
        let expected =
            Expected { snapshot: &snapshot, stored: &stored, now: DateTime::UNIX_EPOCH, memory: &RunMemory::default() };
        let consumers = self.consumers();
        consumers.pick_up(consumer, expected, limit).await?;
        let mut memory = RunMemory::default();
        for peer in Peer::ALL {
            memory.note_pick_up(peer, consumer);
        }
        consumers.prove(consumer, Expected { memory: &memory, ..expected }, limit).await
    }

    /// The failure of a pick-up.
    pub(crate) async fn fails(&self, consumer: &str, limit: Duration) -> Failure {
        self.roll(consumer, limit).await.expect_err("Kubernetes cannot get on")
    }

    /// What a consumer shows.
    pub(crate) async fn loaded(&self, consumer: &str) -> Loaded {
        let (snapshot, stored) = self.stored();
        let expected =
            Expected { snapshot: &snapshot, stored: &stored, now: DateTime::UNIX_EPOCH, memory: &RunMemory::default() };
        let observation = self.consumers().observe(expected).await.expect("looking never fails");
        let found = observation.consumers.into_iter().find(|found| found.name == consumer);
        found.expect("the consumer is configured").loaded
    }

    /// Looks until a consumer shows what is wanted.
    pub(crate) async fn until(&self, consumer: &str, wanted: impl Fn(&Loaded) -> bool) {
        let looks = async {
            while !wanted(&self.loaded(consumer).await) {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(LIMIT, looks).await.expect("the consumer shows it in time");
    }

    /// Creates a workload of one replica and waits until it runs.
    pub(crate) fn runs(&self, workload: &str, manifest: &str) {
        self.namespace.apply(manifest);
        self.namespace.rolled_out(workload);
    }

    /// The values of a field of all pods that are not ending.
    pub(crate) fn of_pods(&self, field: &str) -> Vec<String> {
        let path = format!("jsonpath={{range .items[*]}}{{.metadata.deletionTimestamp}}={{{field}}}{{\"\\n\"}}{{end}}");
        let answer = self.namespace.kubectl(&["get", "pods", "--output", &path]);
        answer.lines().filter_map(|line| line.strip_prefix('=')).map(str::to_owned).collect()
    }

    /// The annotation of every pod that says which client leaf it was made for.
    pub(crate) fn hashes(&self) -> BTreeSet<String> {
        self.of_pods(".metadata.annotations.newleaf\\.dev/client-hash").into_iter().collect()
    }

    /// How many pods are ready.
    pub(crate) fn ready(&self) -> usize {
        let states = self.of_pods(".status.conditions[?(@.type==\"Ready\")].status");
        states.iter().filter(|state| *state == "True").count()
    }

    fn stored(&self) -> (Snapshot, StoredFacts) {
        let leaves = self.leaves.borrow();
        let stored = |peer| {
            let material: &Material = &leaves[&peer];
            let stored = Stored::new(material.clone(), Revision(String::new()), BTreeMap::new());
            Some(Stored { written: self.written.get(), ..stored })
        };
        let snapshot = Snapshot { authority: None, server: stored(Peer::Server), client: stored(Peer::Client) };
        let stored = StoredFacts {
            authorities: Observed::Absent,
            rollover_ids: Vec::new(),
            server: facts(&leaves[&Peer::Server]),
            client: facts(&leaves[&Peer::Client]),
        };
        (snapshot, stored)
    }
}

fn facts(material: &Material) -> Observed<LeafFacts> {
    let pem = material.entry("tls.crt").expect("every leaf of the ground has a certificate");
    let leaf = Certificate::all_from_pem(pem, &Source::new("the ground")).expect("it is a certificate").swap_remove(0);
    let validity = Validity { not_before: DateTime::UNIX_EPOCH, not_after: DateTime::UNIX_EPOCH };
    Observed::Present(LeafFacts {
        fingerprint: leaf.fingerprint(),
        serial: leaf.serial().clone(),
        validity,
        chain_validity: validity,
        signer: None,
        drift: Vec::new(),
        trust: BTreeSet::new(),
        rotation_ids: Vec::new(),
        warnings: Vec::new(),
    })
}

/// A workload that does nothing, with more lines for its specification (`spec`).
pub(crate) fn idle(kind: &str, name: &str, spec: &str) -> String {
    format!(
        "{{apiVersion: apps/v1, kind: {kind}, metadata: {{name: {name}, labels: {{team: blue}}}}, spec: {{{spec} \
         selector: {{matchLabels: {{app: {name}}}}}, template: {{metadata: {{labels: {{app: {name}}}}}, spec: {{\
         automountServiceAccountToken: false, terminationGracePeriodSeconds: 1, \
         securityContext: {{runAsNonRoot: true, runAsUser: 999, seccompProfile: {{type: RuntimeDefault}}}}, \
         containers: [{{name: idle, image: 'localhost/pause:1', imagePullPolicy: IfNotPresent, \
         securityContext: {{allowPrivilegeEscalation: false, capabilities: {{drop: [ALL]}}}}}}]}}}}}}}}"
    )
}

/// A strategic merge patch of the one container.
pub(crate) fn container(fields: &str) -> String {
    pod(&format!("containers: [{{name: idle, {fields}}}]"))
}

/// A strategic merge patch of the template's pod. What begins with a brace, kubectl takes for JSON.
pub(crate) fn pod(fields: &str) -> String {
    format!("spec: {{template: {{spec: {{{fields}}}}}}}")
}
