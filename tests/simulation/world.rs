//! Ground truth: time, the stored objects, the processes and what each has loaded. The engine never sees it but
//! through the ports; the invariants see nothing else.

use std::collections::BTreeSet;

use base::diagnosis::Code;
use chrono::{DateTime, TimeDelta, Utc};
use rotation::engine::facts::{Fingerprint, Peer, Unusable, Validity};
use rotation::engine::material::{Material, Places, Revision, Slot, Stored};
use rotation::engine::policy::Policy;

use crate::adversary::Adversary;
use crate::conditions::Conditions;
use crate::consumers::{Consumer, Pickup, Process};
use crate::counts::Counts;
use crate::encoding;
use crate::invariants::Watch;
use crate::random::Random;
use crate::sabotage::Sabotage;

/// A certificate, named by its index in [`World::certificates`].
pub(crate) type Number = u32;

/// What a certificate says. Stored bytes only name it: a stand-in for DER.
#[derive(Debug, Clone)]
pub(crate) struct Certificate {
    /// The certificate that signed it; itself for a root.
    pub(crate) signer: Number,
    /// The root it chains to; itself for a root.
    pub(crate) root: Number,
    pub(crate) validity: Validity,
    /// The intersection up to the root.
    pub(crate) chain: Validity,
    pub(crate) subject: String,
    /// The names and usages it was made for; differs from the world's after the operator has changed them.
    pub(crate) profile: u32,
}

/// What a process has loaded, or what a slot holds: a leaf and the roots to judge the other peer by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) leaf: Number,
    pub(crate) trust: BTreeSet<Number>,
}

/// Everything there is.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) now: DateTime<Utc>,
    pub(crate) policy: Policy,
    pub(crate) certificates: Vec<Certificate>,
    pub(crate) profile: u32,
    slots: [Option<Stored>; 3],
    written: [DateTime<Utc>; 3],
    /// What the leaf slots hold, decoded; `None` if absent or not a matching triple.
    pairs: [Option<Pair>; 2],
    revision: u64,
    pub(crate) consumers: Vec<Consumer>,
    pub(crate) processes: Vec<Process>,
    /// What is out of order at the database.
    pub(crate) conditions: Conditions,
    /// The run that holds the lease.
    pub(crate) lease: Option<u64>,
    pub(crate) random: Random,
    pub(crate) counts: Counts,
    pub(crate) watch: Watch,
    pub(crate) sabotage: Option<Sabotage>,
    pub(crate) adversary: Option<Adversary>,
    pub(crate) trace: Option<Vec<String>>,
    /// Day 0 of the trace.
    pub(crate) begin: DateTime<Utc>,
}

/// Noon on the first day of every life.
pub(crate) fn first_day() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_268_800, 0).expect("2026-01-01T12:00:00Z")
}

/// The fingerprint of a certificate: its number.
pub(crate) fn fingerprint(number: Number) -> Fingerprint {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    Fingerprint(bytes)
}

/// The number of a certificate, from its fingerprint.
pub(crate) fn number(fingerprint: Fingerprint) -> Number {
    let mut bytes = [0; 4];
    bytes.copy_from_slice(&fingerprint.0[..4]);
    Number::from_be_bytes(bytes)
}

const fn index(slot: Slot) -> usize {
    match slot {
        Slot::Server => 0,
        Slot::Client => 1,
        Slot::Authority => 2,
    }
}

impl World {
    /// An empty store and no process.
    pub(crate) fn new(policy: Policy, random: Random) -> Self {
        let now = first_day();
        Self {
            now,
            policy,
            certificates: Vec::new(),
            profile: 0,
            slots: [None, None, None],
            written: [now; 3],
            pairs: [None, None],
            revision: 0,
            consumers: Vec::new(),
            processes: Vec::new(),
            conditions: Conditions::default(),
            lease: None,
            random,
            counts: Counts::default(),
            watch: Watch::default(),
            sabotage: None,
            adversary: None,
            trace: None,
            begin: now,
        }
    }

    /// Adds a configured consumer of so many processes, none of them running.
    pub(crate) fn add_consumer(&mut self, name: &'static str, peer: Peer, pickup: Pickup, processes: u32) {
        let consumer = self.consumers.len();
        self.consumers.push(Consumer {
            name,
            peer,
            pickup,
            has_pid_file: true,
            is_configured: true,
            restarted_for: None,
        });
        for _ in 0..processes {
            self.processes.push(Process {
                consumer,
                peer,
                pickup,
                running: false,
                loaded: None,
                down_until: None,
                refuses_until: None,
                projection: TimeDelta::zero(),
            });
        }
    }

    /// Records a certificate and returns its number.
    pub(crate) fn register(&mut self, signer: Option<Number>, validity: Validity, subject: String) -> Number {
        let number = Number::try_from(self.certificates.len()).expect("fewer than four thousand million certificates");
        let above = signer.map(|signer| self.certificate(signer).clone());
        self.certificates.push(Certificate {
            signer: signer.unwrap_or(number),
            root: above.as_ref().map_or(number, |above| above.root),
            validity,
            chain: above.map_or(validity, |above| validity.intersection(&above.chain)),
            subject,
            profile: self.profile,
        });
        number
    }

    pub(crate) fn certificate(&self, number: Number) -> &Certificate {
        &self.certificates[usize::try_from(number).expect("an index")]
    }

    pub(crate) const fn stored(&self, slot: Slot) -> Option<&Stored> {
        self.slots[index(slot)].as_ref()
    }

    pub(crate) const fn pair(&self, peer: Peer) -> Option<&Pair> {
        self.pairs[index(peer.slot())].as_ref()
    }

    pub(crate) const fn written_at(&self, slot: Slot) -> DateTime<Utc> {
        self.written[index(slot)]
    }

    /// Replaces an object, as any writer.
    pub(crate) fn put(&mut self, slot: Slot, material: Option<Material>) {
        self.revision += 1;
        let revision = Revision(self.revision.to_string());
        if slot != Slot::Authority {
            self.pairs[index(slot)] = material.as_ref().and_then(|material| encoding::pair(material).ok());
        }
        self.written[index(slot)] = self.now;
        self.slots[index(slot)] = material
            .map(|material| Stored { written: Some(self.now), ..Stored::new(material, revision, Places::default()) });
        self.read_at_login();
    }

    /// An object turns out to be another writer's.
    pub(crate) fn disown(&mut self, slot: Slot) {
        if let Some(stored) = &mut self.slots[index(slot)] {
            let why = "the Secret belongs to another writer".to_owned();
            stored.objection = Some(Unusable { code: Code::SecretForeign, why });
        }
    }

    /// Those who read the files at each login have what is stored, as soon as it has been projected.
    fn read_at_login(&mut self) {
        for process in self.processes.iter_mut().filter(|process| process.running) {
            let stored = &self.pairs[index(process.peer.slot())];
            let has_arrived = self.written[index(process.peer.slot())] + process.projection <= self.now;
            if process.pickup == Pickup::EachLogin && stored.is_some() && has_arrived {
                process.loaded.clone_from(stored);
            }
        }
    }

    /// Starts a process: it loads what is stored, or does not come up.
    pub(crate) fn start(&mut self, process: usize) {
        let stored = self.pair(self.processes[process].peer).cloned();
        let now = self.now;
        let process = &mut self.processes[process];
        let refuses = process.refuses_until.is_some_and(|until| now < until);
        process.running = stored.is_some() && !refuses;
        process.down_until = None;
        process.loaded = if process.running { stored } else { None };
    }

    /// Starts everything.
    pub(crate) fn start_all(&mut self) {
        for process in 0..self.processes.len() {
            self.start(process);
        }
    }

    /// Stops a process until a day when it starts again.
    pub(crate) fn stop(&mut self, process: usize, days: i64) {
        self.counts.outages += 1;
        let Process { consumer, .. } = self.processes[process];
        let name = self.consumers[consumer].name;
        self.note(|| format!("{name} is down for {days} days"));
        let process = &mut self.processes[process];
        process.running = false;
        process.loaded = None;
        process.down_until = Some(self.now + TimeDelta::days(days));
    }

    /// Someone puts an authority of their own in place: a root, or an intermediate under one.
    pub(crate) fn bring_authority(&mut self, life: TimeDelta, intermediate: bool) {
        let not_before = self.now - TimeDelta::days(1);
        let root = Validity { not_before, not_after: self.now + life * 2 };
        let root = self.register(None, root, format!("/CN=root {}", self.certificates.len()));
        let signer = if intermediate {
            let validity = Validity { not_before, not_after: self.now + life };
            self.register(Some(root), validity, "/CN=issuing authority".to_owned())
        } else {
            root
        };
        let mut material = Material::default();
        encoding::set_generation(&mut material, 0, signer);
        self.put(Slot::Authority, Some(material));
        self.note(|| "someone puts an authority of their own in place".to_owned());
    }

    /// Time passes; what was down for a while comes up again.
    pub(crate) fn pass(&mut self, span: TimeDelta) {
        self.now += span;
        for process in 0..self.processes.len() {
            if self.processes[process].down_until.is_some_and(|until| until <= self.now) {
                self.start(process);
            }
        }
        self.read_at_login();
        self.conditions.pass(self.now);
    }

    /// Whether a server and a client with these can complete a handshake now.
    pub(crate) fn works(&self, server: &Pair, client: &Pair) -> bool {
        self.would_work(server, client) && self.conditions.accepts(self.certificate(client.leaf).root)
    }

    /// The same as far as certificates tell.
    pub(crate) fn would_work(&self, server: &Pair, client: &Pair) -> bool {
        self.trusted(server, client) && self.in_time(server) && self.in_time(client)
    }

    /// Whether each of the two accepts the other's root.
    pub(crate) fn trusted(&self, server: &Pair, client: &Pair) -> bool {
        client.trust.contains(&self.certificate(server.leaf).root)
            && server.trust.contains(&self.certificate(client.leaf).root)
    }

    /// Whether a leaf and everything above it is valid now.
    pub(crate) fn in_time(&self, pair: &Pair) -> bool {
        self.certificate(pair.leaf).chain.contains(self.now)
    }

    /// The processes of a peer that run.
    pub(crate) fn running(&self, peer: Peer) -> impl Iterator<Item = &Process> {
        self.processes.iter().filter(move |process| process.peer == peer && process.running)
    }

    /// Whether every running server and client work together.
    pub(crate) fn everybody_talks(&self) -> bool {
        self.running(Peer::Server).filter_map(|server| server.loaded.as_ref()).all(|server| {
            self.running(Peer::Client)
                .filter_map(|client| client.loaded.as_ref())
                .all(|client| self.works(server, client))
        })
    }

    /// A line of the trace; costs nothing when it is not read.
    pub(crate) fn note(&mut self, line: impl FnOnce() -> String) {
        let day = (self.now - self.begin).num_days();
        if let Some(trace) = &mut self.trace {
            trace.push(format!("day {day:>4}  {}", line()));
        }
    }
}
