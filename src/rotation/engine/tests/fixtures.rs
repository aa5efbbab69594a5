//! Facts in plain verbs. The starting point is a healthy pair that was issued a day ago.

use std::collections::BTreeSet;

use base::diagnosis::Code;
use chrono::{DateTime, TimeDelta, TimeZone, Utc};

use crate::engine::facts::{
    AuthorityFacts, ConsumerFacts, Facts, Fingerprint, LeafFacts, Loaded, Login, Observed, Peer, RunningFacts, Serial,
    Signer, StoredFacts, Unusable, Validity,
};
use crate::engine::policy::{Policy, PolicyValues};
use crate::engine::request::{Force, Request, RotationId, Scope};

pub(super) fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 21, 3, 0, 0).single().expect("a date that exists")
}

pub(super) fn policy() -> Policy {
    Policy::new(&PolicyValues::default()).expect("defaults are valid")
}

pub(super) fn forced(scope: Scope) -> Request {
    let id = RotationId::parse("ticket-1").expect("a valid identity");
    Request::Rotate(Some(Force { id, scope }))
}

pub(super) fn rotate() -> Request {
    Request::Rotate(None)
}

pub(super) fn cut_off() -> Unusable {
    Unusable { code: Code::PemBroken, why: "cut off".to_owned() }
}

/// A reason why something cannot be asked now.
pub(super) fn no_answer() -> Unusable {
    Unusable { code: Code::ServerUnreachable, why: "connection refused".to_owned() }
}

pub(super) fn fingerprint(generation: u8) -> Fingerprint {
    Fingerprint([generation; 32])
}

pub(super) fn healthy() -> Facts {
    let stored = StoredFacts {
        authorities: Observed::Present(vec![authority(1)]),
        rollover_ids: Vec::new(),
        server: Observed::Present(leaf(1)),
        client: Observed::Present(leaf(1)),
    };
    let running = RunningFacts {
        reference: Some(now()),
        consumers: vec![consumer("postgres", Peer::Server), consumer("backstage", Peer::Client)],
        login: Login::Admitted,
        issuers_in_use: Observed::Present(BTreeSet::new()),
        revocation_list: Observed::Absent,
    };
    Facts { now: now(), stored, running }
}

pub(super) fn empty() -> Facts {
    let mut facts = healthy();
    facts.stored.authorities = Observed::Absent;
    facts.stored.server = Observed::Absent;
    facts.stored.client = Observed::Absent;
    for consumer in &mut facts.running.consumers {
        consumer.loaded = Loaded::NotRunning;
    }
    facts
}

pub(super) fn authority(generation: u8) -> AuthorityFacts {
    AuthorityFacts {
        generation: generation.into(),
        fingerprint: fingerprint(generation),
        anchor: fingerprint(generation),
        subject: format!("/CN=authority {generation}"),
        validity: Validity { not_before: now() - TimeDelta::days(365), not_after: now() + TimeDelta::days(3285) },
        retiring: false,
        warnings: Vec::new(),
    }
}

pub(super) fn leaf(generation: u8) -> LeafFacts {
    let issued = now() - TimeDelta::days(1);
    let validity = Validity { not_before: issued - TimeDelta::hours(1), not_after: issued + TimeDelta::days(45) };
    LeafFacts {
        fingerprint: fingerprint(0xee),
        serial: Serial("0a".to_owned()),
        validity,
        chain_validity: validity,
        signer: Some(Signer { fingerprint: fingerprint(generation), anchor: fingerprint(generation) }),
        drift: Vec::new(),
        trust: BTreeSet::from([fingerprint(generation)]),
        rotation_ids: Vec::new(),
        warnings: Vec::new(),
    }
}

pub(super) fn consumer(name: &str, peer: Peer) -> ConsumerFacts {
    ConsumerFacts { name: name.to_owned(), peer, loaded: Loaded::Current, accepts_besides: BTreeSet::new() }
}

impl Facts {
    pub(super) fn with_stored(mut self, change: impl FnOnce(&mut StoredFacts)) -> Self {
        change(&mut self.stored);
        self
    }

    pub(super) fn with_running(mut self, change: impl FnOnce(&mut RunningFacts)) -> Self {
        change(&mut self.running);
        self
    }

    pub(super) fn with_authorities(self, authorities: Vec<AuthorityFacts>) -> Self {
        self.with_stored(|it| it.authorities = Observed::Present(authorities))
    }

    pub(super) fn with_leaf(mut self, peer: Peer, change: impl FnOnce(&mut LeafFacts)) -> Self {
        let target = match peer {
            Peer::Server => &mut self.stored.server,
            Peer::Client => &mut self.stored.client,
        };
        if let Observed::Present(leaf) = target {
            change(leaf);
        }
        self
    }

    pub(super) fn with_leaves(self, change: impl Fn(&mut LeafFacts)) -> Self {
        self.with_leaf(Peer::Server, &change).with_leaf(Peer::Client, &change)
    }

    pub(super) fn with_consumer(mut self, name: &str, loaded: &Loaded) -> Self {
        for consumer in self.running.consumers.iter_mut().filter(|consumer| consumer.name == name) {
            consumer.loaded.clone_from(loaded);
        }
        self
    }

    /// The database does not answer: neither what it serves nor its clock is known.
    pub(super) fn unseen(self) -> Self {
        self.with_consumer("postgres", &Loaded::Unknown(no_answer())).with_running(|it| {
            it.reference = None;
            it.login = Login::Unknown(no_answer());
            it.issuers_in_use = Observed::Unreadable(no_answer());
            it.revocation_list = Observed::Unreadable(no_answer());
        })
    }

    pub(super) fn issued(self, peer: Peer, age: TimeDelta) -> Self {
        let begin = now() - age;
        self.with_leaf(peer, |leaf| {
            leaf.validity =
                Validity { not_before: begin - TimeDelta::hours(1), not_after: begin + TimeDelta::days(45) };
            leaf.chain_validity = leaf.validity;
        })
    }
}
