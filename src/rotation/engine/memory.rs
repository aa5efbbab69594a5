//! What a run remembers between two observations.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::engine::facts::Peer;
use crate::engine::material::{Revision, Slot, Snapshot};

/// What a run has done and seen before. Safety does not depend on it: a run without memory waits longer, or makes a
/// consumer pick up once more.
#[derive(Debug, Clone, Default)]
pub struct RunMemory {
    picked_up: BTreeSet<(Peer, String)>,
    first_seen: BTreeMap<Slot, (Revision, Duration)>,
    elapsed: Duration,
}

impl RunMemory {
    /// Whether this run has made the consumer load the material that is stored now.
    pub fn has_picked_up(&self, peer: Peer, consumer: &str) -> bool {
        self.picked_up.iter().any(|(of, name)| *of == peer && name == consumer)
    }

    /// How long the stored material of a peer has been the same for this run, by a clock that never jumps.
    pub fn seen_for(&self, peer: Peer) -> Duration {
        match self.first_seen.get(&peer.slot()) {
            Some((_, since)) => self.elapsed.saturating_sub(*since),
            None => Duration::ZERO,
        }
    }

    /// Records that a consumer has picked up the stored material.
    pub fn note_pick_up(&mut self, peer: Peer, consumer: &str) {
        self.picked_up.insert((peer, consumer.to_owned()));
    }

    /// Records an observation, that long after the start of the run. It clears the pick-ups of material that has changed.
    pub(crate) fn note_look(&mut self, snapshot: &Snapshot, elapsed: Duration) {
        self.elapsed = elapsed;
        for peer in Peer::ALL {
            let slot = peer.slot();
            let Some(stored) = snapshot.stored(slot) else { continue };
            let known = self.first_seen.get(&slot).map(|(revision, _)| revision);
            if known != Some(&stored.revision) {
                self.first_seen.insert(slot, (stored.revision.clone(), elapsed));
                self.picked_up.retain(|(of, _)| *of != peer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::material::{Material, Places, Stored};

    fn snapshot(revision: &str) -> Snapshot {
        let stored = Stored::new(Material::default(), Revision(revision.to_owned()), Places::default());
        Snapshot { server: Some(stored), ..Snapshot::default() }
    }

    #[test]
    fn what_is_stored_anew_is_young_and_no_consumer_has_picked_it_up() {
        let mut memory = RunMemory::default();
        assert_eq!(memory.seen_for(Peer::Server), Duration::ZERO);
        memory.note_look(&snapshot("1"), Duration::from_secs(1));
        memory.note_pick_up(Peer::Server, "db");
        memory.note_pick_up(Peer::Client, "db");
        memory.note_look(&snapshot("1"), Duration::from_secs(5));
        assert_eq!(memory.seen_for(Peer::Server), Duration::from_secs(4));
        assert!(memory.has_picked_up(Peer::Server, "db") && !memory.has_picked_up(Peer::Server, "web"));
        memory.note_look(&snapshot("2"), Duration::from_secs(6));
        assert_eq!(memory.seen_for(Peer::Server), Duration::ZERO);
        assert!(!memory.has_picked_up(Peer::Server, "db"));
        assert!(memory.has_picked_up(Peer::Client, "db"), "another leaf");
    }
}
