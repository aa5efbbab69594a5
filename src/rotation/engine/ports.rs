//! What a run needs from the outside. `host` and `kubernetes` implement it on files and signals, on Secrets and
//! rollouts; the tests implement it as a simulated world that can be killed at every call.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use base::diagnosis::Failure;
use base::lease::Lease;
use base::stop::Stop;
use chrono::{DateTime, Utc};

use crate::engine::facts::{Facts, Fingerprint, Login, Peer, RunningFacts, StoredFacts};
use crate::engine::material::{Material, Revision, Slot, Snapshot, Stored};
use crate::engine::memory::RunMemory;
use crate::engine::report::RunEvent;
use crate::engine::step::{AuthorityOrder, LeafOrder};

/// All ports of a run.
#[derive(Clone, Copy)]
pub struct Ports<'a> {
    /// The time of day and the time since the start of the run.
    pub clock: &'a dyn Clock,
    /// Signals and the deadline, which end the run early.
    pub stop: &'a dyn Stop,
    /// Reads and writes the authority and the leaves.
    pub store: &'a dyn Store,
    /// Observes the workloads that load the leaves, and makes them load.
    pub consumers: &'a dyn Consumers,
    /// Keeps other writers out.
    pub lease: &'a dyn Lease,
    /// Makes certificates.
    pub issuer: &'a dyn Issuer,
    /// Reports what happens.
    pub reporter: &'a dyn Reporter,
}

impl fmt::Debug for Ports<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ports").finish_non_exhaustive()
    }
}

/// The clocks that a run reads.
pub trait Clock {
    /// The time of day. It may jump.
    fn now(&self) -> DateTime<Utc>;

    /// The time since the start of the run. It never jumps.
    fn elapsed(&self) -> Duration;
}

/// Where authority and leaves are kept. A store may refuse a read that is older than what it has written itself.
#[async_trait(?Send)]
pub trait Store {
    /// Reads one object as a whole.
    async fn read(&self, slot: Slot) -> Result<Option<Stored>, Failure>;

    /// Replaces one object as a whole if it is still at the expected revision (`None`: if it is still absent).
    /// If another writer changed it in between, fails with [`base::diagnosis::Code::WriteConflict`] and writes nothing.
    async fn write(&self, slot: Slot, expected: Option<&Revision>, material: &Material) -> Result<(), Failure>;

    /// Removes the former version of an object, if the store keeps one. The run calls it once every consumer of the object
    /// has proved that it loaded the current version.
    async fn remove_former(&self, _slot: Slot) -> Result<(), Failure> {
        Ok(())
    }
}

/// Turns stored bytes into facts, and orders into bytes to store. Holds no state between calls.
pub trait Issuer {
    /// Parses what is stored. Never fails: unreadable material is a fact. If several paths lead from a certificate to a root,
    /// it uses one that is valid `now`.
    fn inspect(&self, snapshot: &Snapshot, now: DateTime<Utc>) -> StoredFacts;

    /// The stored authority with one more generation.
    fn add_authority(&self, snapshot: &Snapshot, order: &AuthorityOrder) -> Result<Material, Failure>;

    /// The stored authority without one of its generations.
    fn remove_authority(&self, snapshot: &Snapshot, generation: u32) -> Result<Material, Failure>;

    /// A new leaf with a new key and its trust bundle.
    fn issue(&self, snapshot: &Snapshot, order: &LeafOrder) -> Result<Material, Failure>;

    /// The stored leaf of a peer with another trust bundle.
    fn republish(&self, snapshot: &Snapshot, peer: Peer, trust: &BTreeSet<Fingerprint>) -> Result<Material, Failure>;

    /// A mutual TLS handshake in memory at `now` between the candidate and the stored leaf of its peer. The candidate
    /// must verify against `peer_trust`, and the peer against the candidate's own bundle. If the peer's own leaf is absent,
    /// unreadable or not valid at `now`, the candidate only has to verify against `peer_trust`.
    fn rehearse(
        &self,
        snapshot: &Snapshot,
        peer: Peer,
        candidate: &Material,
        peer_trust: &BTreeSet<Fingerprint>,
        now: DateTime<Utc>,
    ) -> Result<(), Failure>;
}

/// What is stored, as a consumer should show it, and what the run remembers of it. Consumers themselves remember nothing:
/// the next run sees the same and at most waits longer.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The stored bytes. The observing session logs in with the client's leaf.
    pub snapshot: &'a Snapshot,
    /// The facts that the issuer parsed from the bytes.
    pub stored: &'a StoredFacts,
    /// The time by our clock when the store was read.
    pub now: DateTime<Utc>,
    /// What this run has done and seen before.
    pub memory: &'a RunMemory,
}

impl<'a> Expected<'a> {
    /// What is stored for a peer.
    pub fn material(&self, peer: Peer) -> Option<&'a Material> {
        self.snapshot.stored(peer.slot()).map(|stored| &stored.material)
    }
}

/// The workloads that load the leaves.
#[async_trait(?Send)]
pub trait Consumers {
    /// Observes every consumer. A consumer that does not answer is [`crate::engine::facts::Loaded::Unknown`], not an error.
    async fn observe(&self, expected: Expected<'_>) -> Result<RunningFacts, Failure>;

    /// Tries a login on every endpoint with client material that need not be stored. Changes nothing and returns within
    /// `limit`.
    async fn log_in(&self, client: &Material, limit: Duration) -> Login;

    /// Makes one consumer load what is stored, by its configured pick-up, and waits until the pick-up ends. Idempotent.
    /// Returns within `limit`.
    async fn pick_up(&self, consumer: &str, expected: Expected<'_>, limit: Duration) -> Result<(), Failure>;

    /// Waits until the consumer shows what is stored, on every endpoint and in every session, or until `limit`.
    async fn prove(&self, consumer: &str, expected: Expected<'_>, limit: Duration) -> Result<(), Failure>;
}

/// Where a run is shown: a terminal, a log.
pub trait Reporter {
    fn report(&self, event: &RunEvent);

    /// The run has observed everything once more. The last call of a run tells how it left things.
    fn observed(&self, _facts: &Facts) {}
}
