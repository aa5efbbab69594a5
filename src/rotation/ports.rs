//! What a run needs from the outside. `host` and `kubernetes` implement it on files and signals, on Secrets and
//! rollouts; the tests implement it as a simulated world that can be killed at every call.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::diagnosis::Failure;
use crate::rotation::facts::{AuthorityFacts, ConsumerFacts, Fingerprint, LeafFacts, Login, Observed, Peer, Validity};
use crate::rotation::material::{Material, Revision, Slot, Snapshot, Stored};
use crate::rotation::report::RunEvent;
use crate::rotation::request::RotationId;

/// Time, and the wish of the operator to stop.
#[expect(async_fn_in_trait, reason = "one thread runs it all: no future crosses to another")]
pub trait Clock {
    /// The time of day: may jump.
    fn now(&self) -> DateTime<Utc>;

    /// Time since the start of the run: never jumps.
    fn elapsed(&self) -> Duration;

    /// Whether a signal has asked the run to stop.
    fn interrupted(&self) -> bool;

    /// Waits until a signal asks the run to stop, at most for `limit`.
    async fn stop(&self, limit: Duration);
}

/// Where authority and leaves are kept.
#[expect(async_fn_in_trait, reason = "one thread runs it all: no future crosses to another")]
pub trait Store {
    /// Reads an object whole.
    async fn read(&self, slot: Slot) -> Result<Option<Stored>, Failure>;

    /// Replaces an object whole, if it still is at the expected revision (`None`: if it still is absent).
    /// A change in between is [`crate::diagnosis::Code::WriteConflict`], and nothing is written.
    async fn write(&self, slot: Slot, expected: Option<&Revision>, material: &Material) -> Result<(), Failure>;

    /// Removes what was stored before, where a store keeps it. Called when every consumer of the object has been seen to
    /// load what is stored now.
    async fn remove_former(&self, _slot: Slot) -> Result<(), Failure> {
        Ok(())
    }
}

/// What the stored bytes say, without the world outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// The authority's generations, oldest first.
    pub authorities: Observed<Vec<AuthorityFacts>>,
    /// The forced rollovers that the authority has had.
    pub rollover_ids: Vec<String>,
    /// The server's leaf.
    pub server: Observed<LeafFacts>,
    /// The client's leaf.
    pub client: Observed<LeafFacts>,
}

impl Inspection {
    /// The stored leaf of a peer.
    pub const fn leaf(&self, peer: Peer) -> &Observed<LeafFacts> {
        match peer {
            Peer::Server => &self.server,
            Peer::Client => &self.client,
        }
    }

    /// Whether anything is stored that cannot be used.
    pub const fn has_unreadable(&self) -> bool {
        matches!(self.authorities, Observed::Unreadable(_))
            || matches!(self.server, Observed::Unreadable(_))
            || matches!(self.client, Observed::Unreadable(_))
    }
}

/// A new generation of the authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorityOrder {
    /// Its number.
    pub generation: u32,
    /// Its span of life.
    pub validity: Validity,
    /// The generations that retire with it.
    pub retiring: BTreeSet<u32>,
    /// The forced rollover that asked for it.
    pub rotation_id: Option<RotationId>,
}

/// A new leaf. Names, usage and key algorithm are the issuer's configuration; the choices are here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeafOrder {
    /// Whose.
    pub peer: Peer,
    /// The generation that signs.
    pub signer: u32,
    /// Its span of life, already inside the signer's.
    pub validity: Validity,
    /// The roots that go into its trust bundle.
    pub trust: BTreeSet<Fingerprint>,
    /// The roots that the other peer has loaded: the new leaf must verify against them.
    pub peer_trust: BTreeSet<Fingerprint>,
    /// The forced rotation that asked for it.
    pub rotation_id: Option<RotationId>,
}

/// Turns stored bytes into facts, and orders into bytes to store. Holds no state between calls.
pub trait Issuer {
    /// Reads what is stored. Never fails: what cannot be read is a fact. Of several ways from a certificate to a root, one that
    /// is valid `now` counts.
    fn inspect(&self, snapshot: &Snapshot, now: DateTime<Utc>) -> Inspection;

    /// The stored authority with one generation more.
    fn add_authority(&self, snapshot: &Snapshot, order: &AuthorityOrder) -> Result<Material, Failure>;

    /// The stored authority with one generation less.
    fn remove_authority(&self, snapshot: &Snapshot, generation: u32) -> Result<Material, Failure>;

    /// A new leaf with a new key, its trust bundle beside it.
    fn issue(&self, snapshot: &Snapshot, order: &LeafOrder) -> Result<Material, Failure>;

    /// The stored leaf of a peer with another trust bundle.
    fn republish(&self, snapshot: &Snapshot, peer: Peer, trust: &BTreeSet<Fingerprint>) -> Result<Material, Failure>;

    /// A mutual TLS handshake in memory at `now` between the candidate and the stored leaf of its peer. The candidate
    /// is judged by `peer_trust`, the peer by the candidate's own bundle. A peer whose own leaf is absent, unreadable
    /// or not valid at `now` is left out: the candidate then only has to verify against `peer_trust`.
    fn rehearse(
        &self,
        snapshot: &Snapshot,
        peer: Peer,
        candidate: &Material,
        peer_trust: &BTreeSet<Fingerprint>,
        now: DateTime<Utc>,
    ) -> Result<(), Failure>;
}

/// What is stored, as a consumer should show it.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The bytes: the observing session logs in with the client's leaf.
    pub snapshot: &'a Snapshot,
    /// What they say.
    pub inspection: &'a Inspection,
    /// Our clock, when they were read.
    pub now: DateTime<Utc>,
}

/// What the running consumers show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// Every configured consumer, in pick-up order within its peer.
    pub consumers: Vec<ConsumerFacts>,
    /// The clock of the database, as any endpoint tells it.
    pub reference: Option<DateTime<Utc>>,
    /// How PostgreSQL answers a login with the stored client leaf.
    pub login: Login,
    /// Subjects (one-line form) of the authorities that live sessions were opened with.
    pub issuers_in_use: Observed<BTreeSet<String>>,
    /// The setting that makes PostgreSQL check revocation lists.
    pub revocation_list: Observed<String>,
}

/// The workloads that load the leaves.
#[expect(async_fn_in_trait, reason = "one thread runs it all: no future crosses to another")]
pub trait Consumers {
    /// Looks at every consumer. What cannot be observed is [`crate::rotation::facts::Loaded::Unknown`], not an error.
    async fn observe(&self, expected: Expected<'_>) -> Result<Observation, Failure>;

    /// Tries a login with client material that need not be stored, on every endpoint. Changes nothing; returns within
    /// `limit`.
    async fn log_in(&self, client: &Material, limit: Duration) -> Login;

    /// Makes one consumer load what is stored, by its configured pick-up, and waits for that to end.
    /// Doing it twice is the same as once. Returns within `limit`.
    async fn pick_up(&self, consumer: &str, expected: Expected<'_>, limit: Duration) -> Result<(), Failure>;

    /// Waits until the consumer shows what is stored, on every endpoint and in every session, or until `limit`.
    async fn prove(&self, consumer: &str, expected: Expected<'_>, limit: Duration) -> Result<(), Failure>;
}

/// One writer at a time.
#[expect(async_fn_in_trait, reason = "one thread runs it all: no future crosses to another")]
pub trait Lease {
    /// Waits for the lease, at most until `limit`; then it is [`crate::diagnosis::Code::LeaseHeld`].
    async fn acquire(&self, limit: Duration) -> Result<(), Failure>;

    /// Gives it back. A lease that was not given back ends by itself.
    async fn release(&self) -> Result<(), Failure>;
}

/// Whoever watches: a terminal, a log, Kubernetes Events.
pub trait Reporter {
    /// Tells what happens now.
    fn report(&self, event: &RunEvent);
}

/// All ports of a run.
pub trait Ports: Clock + Store + Issuer + Consumers + Lease + Reporter {}

impl<T: Clock + Store + Issuer + Consumers + Lease + Reporter> Ports for T {}

/// A world (a host or a cluster), an issuer and a reporter as one.
#[derive(Debug)]
pub struct Composed<'a, W, I, R> {
    /// Where things are kept and loaded, and what time it is there.
    pub world: &'a W,
    /// Makes certificates.
    pub issuer: &'a I,
    /// Tells whoever watches.
    pub reporter: &'a R,
}

impl<W: Clock, I, R> Clock for Composed<'_, W, I, R> {
    fn now(&self) -> DateTime<Utc> {
        self.world.now()
    }

    fn elapsed(&self) -> Duration {
        self.world.elapsed()
    }

    fn interrupted(&self) -> bool {
        self.world.interrupted()
    }

    async fn stop(&self, limit: Duration) {
        self.world.stop(limit).await;
    }
}

impl<W: Store, I, R> Store for Composed<'_, W, I, R> {
    async fn read(&self, slot: Slot) -> Result<Option<Stored>, Failure> {
        self.world.read(slot).await
    }

    async fn write(&self, slot: Slot, expected: Option<&Revision>, material: &Material) -> Result<(), Failure> {
        self.world.write(slot, expected, material).await
    }

    async fn remove_former(&self, slot: Slot) -> Result<(), Failure> {
        self.world.remove_former(slot).await
    }
}

impl<W: Consumers, I, R> Consumers for Composed<'_, W, I, R> {
    async fn observe(&self, expected: Expected<'_>) -> Result<Observation, Failure> {
        self.world.observe(expected).await
    }

    async fn log_in(&self, client: &Material, limit: Duration) -> Login {
        self.world.log_in(client, limit).await
    }

    async fn pick_up(&self, consumer: &str, expected: Expected<'_>, limit: Duration) -> Result<(), Failure> {
        self.world.pick_up(consumer, expected, limit).await
    }

    async fn prove(&self, consumer: &str, expected: Expected<'_>, limit: Duration) -> Result<(), Failure> {
        self.world.prove(consumer, expected, limit).await
    }
}

impl<W: Lease, I, R> Lease for Composed<'_, W, I, R> {
    async fn acquire(&self, limit: Duration) -> Result<(), Failure> {
        self.world.acquire(limit).await
    }

    async fn release(&self) -> Result<(), Failure> {
        self.world.release().await
    }
}

impl<W, I: Issuer, R> Issuer for Composed<'_, W, I, R> {
    fn inspect(&self, snapshot: &Snapshot, now: DateTime<Utc>) -> Inspection {
        self.issuer.inspect(snapshot, now)
    }

    fn add_authority(&self, snapshot: &Snapshot, order: &AuthorityOrder) -> Result<Material, Failure> {
        self.issuer.add_authority(snapshot, order)
    }

    fn remove_authority(&self, snapshot: &Snapshot, generation: u32) -> Result<Material, Failure> {
        self.issuer.remove_authority(snapshot, generation)
    }

    fn issue(&self, snapshot: &Snapshot, order: &LeafOrder) -> Result<Material, Failure> {
        self.issuer.issue(snapshot, order)
    }

    fn republish(&self, snapshot: &Snapshot, peer: Peer, trust: &BTreeSet<Fingerprint>) -> Result<Material, Failure> {
        self.issuer.republish(snapshot, peer, trust)
    }

    fn rehearse(
        &self,
        snapshot: &Snapshot,
        peer: Peer,
        candidate: &Material,
        peer_trust: &BTreeSet<Fingerprint>,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        self.issuer.rehearse(snapshot, peer, candidate, peer_trust, now)
    }
}

impl<W, I, R: Reporter> Reporter for Composed<'_, W, I, R> {
    fn report(&self, event: &RunEvent) {
        self.reporter.report(event);
    }
}
