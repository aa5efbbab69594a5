//! An authority's files, a leaf of each kind below it, and what is wrong with them.

use chrono::{DateTime, TimeDelta, Utc};

use super::draft::{Algorithm, Draft, Extension, Key, Name, TAKEN, USUAL, element, oid};
use super::mutations::MUTATIONS;
use super::random::Random;

pub(super) const SKI: &str = "2.5.29.14";
pub(super) const KEY_USAGE: &str = "2.5.29.15";
pub(super) const NAMES: &str = "2.5.29.17";
pub(super) const BASIC: &str = "2.5.29.19";
pub(super) const AKI: &str = "2.5.29.35";
pub(super) const EXTENDED: &str = "2.5.29.37";

pub(super) const SERVER: usize = 0;
pub(super) const CLIENT: usize = 1;

/// Everything that is judged.
pub(super) struct Scene {
    /// The authorities: from the root to the one that signs, then others that are beside them in the files.
    pub(super) authorities: Vec<Draft>,
    /// How many lead from the root to the one that signs.
    pub(super) depth: usize,
    /// A server's and a client's leaf that the test makes.
    pub(super) leaves: [Draft; 2],
    /// Which authorities are in the bundle besides the root.
    pub(super) trusted: Vec<usize>,
    pub(super) at: DateTime<Utc>,
    /// What was changed.
    pub(super) changes: Vec<&'static str>,
    /// The order of the files, and how many are in the first.
    pub(super) order: Vec<usize>,
    pub(super) first: usize,
}

impl Scene {
    pub(super) fn new(random: &mut Random, keys: &[Key], at: DateTime<Utc>) -> Self {
        let depth = 1 + random.below(3);
        let mut authorities: Vec<Draft> = Vec::new();
        for level in 0..depth {
            let key = if random.one_in(8) { USUAL + random.below(TAKEN - USUAL) } else { level };
            let key = if authorities.iter().any(|one| one.key == key) { level } else { key };
            let parent = authorities.last().cloned();
            authorities.push(authority(level, key, parent.as_ref(), keys, at));
        }
        let above = authorities.last().expect("there is a root").clone();
        let leaves = [SERVER, CLIENT].map(|kind| leaf(kind, &above, keys, at));
        let mut scene = Self {
            authorities,
            depth,
            leaves,
            trusted: Vec::new(),
            at,
            changes: Vec::new(),
            order: Vec::new(),
            first: 0,
        };
        for _ in 0..random.below(4) {
            let (name, change) = random.choose(MUTATIONS);
            change(&mut scene, random);
            scene.changes.push(name);
        }
        scene.order = (0..scene.authorities.len()).collect();
        random.shuffle(&mut scene.order);
        scene.first = 1 + random.below(scene.order.len());
        scene
    }

    /// The one that signs leaves.
    pub(super) fn signer(&self) -> &Draft {
        &self.authorities[self.depth - 1]
    }

    /// A certificate to be changed: mostly an authority.
    pub(super) fn any(&mut self, random: &mut Random) -> &mut Draft {
        let count = self.authorities.len();
        match random.below(count + 1) {
            index if index < count => &mut self.authorities[index],
            _ => &mut self.leaves[random.below(2)],
        }
    }

    pub(super) fn any_authority(&mut self, random: &mut Random) -> &mut Draft {
        let count = self.authorities.len();
        &mut self.authorities[random.below(count)]
    }

    pub(super) fn any_leaf(&mut self, random: &mut Random) -> &mut Draft {
        &mut self.leaves[random.below(2)]
    }
}

pub(super) fn utc(at: DateTime<Utc>) -> (u8, String) {
    if at.format("%Y").to_string().as_str() < "2050" {
        (0x17, at.format("%y%m%d%H%M%SZ").to_string())
    } else {
        (0x18, at.format("%Y%m%d%H%M%SZ").to_string())
    }
}

pub(super) fn identifier(key: usize) -> Vec<u8> {
    vec![u8::try_from(key + 1).expect("it is small"); 20]
}

fn extension(number: &'static str, critical: bool, value: Vec<u8>) -> Extension {
    Extension { number, critical, value }
}

pub(super) fn aki_of(key: usize) -> Vec<u8> {
    element(0x30, &[&element(0x80, &[&identifier(key)])])
}

/// keyCertSign and cRLSign.
const SIGNS: [u8; 4] = [0x03, 0x02, 0x01, 0x06];

pub(super) fn authority(level: usize, key: usize, parent: Option<&Draft>, keys: &[Key], at: DateTime<Utc>) -> Draft {
    let subject = Name::common(["Root", "Middle", "Issuing"].get(level).copied().unwrap_or("Deep"));
    let signer = parent.map_or(key, |parent| parent.key);
    let mut extensions = vec![
        extension(BASIC, true, element(0x30, &[&[1, 1, 0xff]])),
        extension(KEY_USAGE, true, SIGNS.to_vec()),
        extension(SKI, false, element(0x04, &[&identifier(key)])),
    ];
    if parent.is_some() {
        extensions.push(extension(AKI, false, aki_of(signer)));
    }
    Draft {
        version: Some(2),
        serial: vec![1, u8::try_from(level).expect("it is small"), u8::try_from(key).expect("it is small")],
        issuer: parent.map_or_else(|| subject.clone(), |parent| parent.subject.clone()),
        subject,
        dates: [utc(at - TimeDelta::days(10)), utc(at + TimeDelta::days(1000))],
        key,
        signer,
        algorithm: Algorithm::of(keys[signer].kind),
        inner_algorithm: None,
        extensions,
        forged: false,
        damaged: None,
    }
}

pub(super) fn names(names: &[(u8, &[u8])]) -> Vec<u8> {
    let encoded: Vec<Vec<u8>> = names.iter().map(|(tag, name)| element(*tag, &[name])).collect();
    element(0x30, &[&encoded.concat()])
}

/// A leaf that nothing is wrong with, but perhaps its role.
pub(super) fn plain_leaf(kind: usize, above: &Draft, keys: &[Key], at: DateTime<Utc>, role: &str) -> Draft {
    let mut leaf = leaf(kind, above, keys, at);
    if kind == CLIENT {
        leaf.subject = Name::common(role);
    }
    leaf
}

fn leaf(kind: usize, above: &Draft, keys: &[Key], at: DateTime<Utc>) -> Draft {
    let usage = ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"][kind];
    let key = USUAL - 1;
    let mut extensions = vec![
        extension(BASIC, true, element(0x30, &[])),
        extension(KEY_USAGE, true, vec![0x03, 0x02, 0x07, 0x80]),
        extension(EXTENDED, false, element(0x30, &[&oid(usage)])),
        extension(SKI, false, element(0x04, &[&identifier(key)])),
        extension(AKI, false, aki_of(above.key)),
    ];
    if kind == SERVER {
        extensions.push(extension(NAMES, false, names(&[(0x82, b"postgres.backstage.svc"), (0x87, &[10, 0, 0, 7])])));
    }
    Draft {
        version: Some(2),
        serial: vec![9, 9],
        issuer: above.subject.clone(),
        subject: Name::common(["postgres.backstage.svc", "postgres"][kind]),
        dates: [utc(at - TimeDelta::hours(1)), utc(at + TimeDelta::days(45))],
        key,
        signer: above.key,
        algorithm: Algorithm::of(keys[above.key].kind),
        inner_algorithm: None,
        extensions,
        forged: false,
        damaged: None,
    }
}
