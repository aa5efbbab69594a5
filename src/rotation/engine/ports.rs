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

use crate::engine::facts::{Fingerprint, Login, Peer, RunningFacts, StoredFacts};
use crate::engine::material::{Material, Revision, Slot, Snapshot, Stored};
use crate::engine::memory::RunMemory;
use crate::engine::report::RunEvent;
use crate::engine::step::{AuthorityOrder, LeafOrder};

/// All ports of a run.
#[derive(Clone, Copy)]
pub struct Ports<'a> {
    /// What time it is.
    pub clock: &'a dyn Clock,
    /// What ends the run early.
    pub stop: &'a dyn Stop,
    /// Where authority and leaves are kept.
    pub store: &'a dyn Store,
    /// The workloads that load the leaves.
    pub consumers: &'a dyn Consumers,
    /// One writer at a time.
    pub lease: &'a dyn Lease,
    /// Makes certificates.
    pub issuer: &'a dyn Issuer,
    /// Shows what happens.
    pub reporter: &'a dyn Reporter,
}

impl fmt::Debug for Ports<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ports").finish_non_exhaustive()
    }
}

/// Time.
pub trait Clock {
    /// The time of day: may jump.
    fn now(&self) -> DateTime<Utc>;

    /// Time since the start of the run: never jumps.
    fn elapsed(&self) -> Duration;
}

/// Where authority and leaves are kept. A store may refuse a read that is older than what it has written itself.
#[async_trait(?Send)]
pub trait Store {
    /// Reads an object whole.
    async fn read(&self, slot: Slot) -> Result<Option<Stored>, Failure>;

    /// Replaces an object whole, if it still is at the expected revision (`None`: if it still is absent).
    /// A change in between is [`base::diagnosis::Code::WriteConflict`], and nothing is written.
    async fn write(&self, slot: Slot, expected: Option<&Revision>, material: &Material) -> Result<(), Failure>;

    /// Removes what was stored before, where a store keeps it. Called when every consumer of the object has been seen to
    /// load what is stored now.
    async fn remove_former(&self, _slot: Slot) -> Result<(), Failure> {
        Ok(())
    }
}

/// Turns stored bytes into facts, and orders into bytes to store. Holds no state between calls.
pub trait Issuer {
    /// Reads what is stored. Never fails: what cannot be read is a fact. Of several ways from a certificate to a root, one that
    /// is valid `now` counts.
    fn inspect(&self, snapshot: &Snapshot, now: DateTime<Utc>) -> StoredFacts;

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

/// What is stored, as a consumer should show it, and what the run remembers of it. Consumers remember nothing themselves: the
/// next run sees the same, and only waits for longer.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The bytes: the observing session logs in with the client's leaf.
    pub snapshot: &'a Snapshot,
    /// What they say.
    pub stored: &'a StoredFacts,
    /// Our clock, when they were read.
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
    /// Looks at every consumer. What cannot be observed is [`crate::engine::facts::Loaded::Unknown`], not an error.
    async fn observe(&self, expected: Expected<'_>) -> Result<RunningFacts, Failure>;

    /// Tries a login with client material that need not be stored, on every endpoint. Changes nothing; returns within
    /// `limit`.
    async fn log_in(&self, client: &Material, limit: Duration) -> Login;

    /// Makes one consumer load what is stored, by its configured pick-up, and waits for that to end.
    /// Doing it twice is the same as once. Returns within `limit`.
    async fn pick_up(&self, consumer: &str, expected: Expected<'_>, limit: Duration) -> Result<(), Failure>;

    /// Waits until the consumer shows what is stored, on every endpoint and in every session, or until `limit`.
    async fn prove(&self, consumer: &str, expected: Expected<'_>, limit: Duration) -> Result<(), Failure>;
}

/// Where a run is shown: a terminal, a log.
pub trait Reporter {
    /// Shows what happens now.
    fn report(&self, event: &RunEvent);
}
