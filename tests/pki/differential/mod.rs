//! Thousands of chains, each judged by newleaf and by OpenSSL, for both purposes, as peers ask and strictly.

mod draft;
mod mutations;
mod peer;
mod random;
mod scene;
mod verdicts;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{DateTime, Utc};
use draft::{Key, keys};
use peer::{Chain, Mode, PURPOSES};
use random::Random;
use scene::Scene;
use verdicts::{Judged, judge};

use crate::support::{Workshop, now, origin, pem};

/// How many chains; the seed of each is its number.
const CHAINS: u64 = 10_000;
/// How many of them are shown to the command `openssl verify`, too.
const COMMANDS: u64 = 300;
const THREADS: u64 = 2;

/// Why newleaf refuses what OpenSSL's default accepts: a part of the refusal, and why that is meant.
const DELIBERATE: &[(&str, &str)] = &[
    ("not a version # certificate", "version 1 has no basicConstraints: each leaf could sign (RFC 5280, 6.1.4, k)"),
    (
        "a date in it is not written",
        "RFC 5280, 4.1.2.5; OpenSSL minds where it uses the certificate, newleaf in each of a file",
    ),
    ("a name in it is not the text", "OpenSSL minds where it uses the certificate, newleaf in each of a file"),
    ("the same extension twice", "RFC 5280, 4.2; OpenSSL minds only some"),
    ("not encoded in DER", "OpenSSL reads other encodings where they do no harm"),
    ("is malformed", "DER is asked for; OpenSSL reads other encodings, and some extensions not at all"),
    (
        "does not contain an X.### certificate",
        "a version that does not exist, or no DER; OpenSSL minds only where it uses the certificate",
    ),
    ("of a kind that is not supported", "AWS-LC has no such keys"),
    ("key that peers refuse", "rustls knows RSA, the three curves of NIST and Ed25519"),
    ("rustls cannot verify with the key", "rustls knows no such signature: tokio-postgres would refuse it"),
    ("weak or unknown algorithm", "the same in an authority; and the security level of Debian, but for a root's own"),
    ("in another encoding", "rustls compares names by their octets"),
    ("is not its own", "a root that did not sign itself is damaged; OpenSSL does not look"),
    (
        "did not sign",
        "OpenSSL happened upon the right one of several of a name; with another order of the same files it would not",
    ),
    ("names another", "the same: one of several of a name, and the one that remains is not the issuer"),
    ("signed by an unknown authority", "the same: a way that OpenSSL did not happen to take leads nowhere"),
    ("CertExpired", "the same, said by rustls"),
    ("was valid until", "the way that has not ended is refused for another of these reasons"),
    ("certificate not meant for a", "OpenSSL takes Netscape's and Microsoft's step-up usages for a server's"),
    ("serial number that is not positive", "RFC 5280, 4.1.2.2; Go and linters refuse it"),
    (
        "has an empty subject",
        "PostgreSQL names authorities to its clients by their subject, and newleaf tells them apart by it",
    ),
    ("extended key usage without", "newleaf signs servers' and clients' leaves; step-up usages are none"),
    (
        "has extensions that peers do not accept",
        "rustls refuses critical extensions that it does not know, also those that OpenSSL knows",
    ),
    (
        "lacks basicConstraints",
        "OpenSSL takes a root without, if nothing speaks against it; RFC 5280, 6.1.4, k does not",
    ),
    ("name constraint", "of a form that rustls refuses, or with a minimum that is written out"),
    ("TrailingData(GeneralName)", "a constraint with a minimum or a maximum"),
    ("InvalidNetworkMaskConstraint", "a constraint with a mask that has gaps"),
    ("CaUsedAsEndEntity", "rustls takes no authority for a leaf"),
];

/// What came out how often, first for which seed, and whether it must not.
type Tally = BTreeMap<String, Counted>;

#[derive(Clone)]
struct Counted {
    count: usize,
    seed: u64,
    changes: String,
    broken: bool,
}

#[test]
fn newleaf_takes_no_chain_that_openssl_refuses_and_says_why_it_refuses_others() {
    let keys = keys();
    let at = now();
    #[expect(clippy::disallowed_methods, reason = "a failing seed is given again by the environment")]
    let seeds: Vec<u64> = match std::env::var("NEWLEAF_SEED") {
        Ok(seed) => vec![seed.parse().expect("NEWLEAF_SEED is a number")],
        Err(_) => (0..CHAINS).collect(),
    };
    if let [seed] = seeds.as_slice() {
        println!("{}", shown(*seed, &keys, at));
    }
    let share = |number: u64| seeds.iter().copied().filter(move |seed| seed % THREADS == number);
    let tallies: Vec<Tally> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..THREADS)
            .map(|number| {
                let (keys, share) = (&keys, share(number));
                scope.spawn(move || tally(share, keys, at))
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().expect("each chain is judged")).collect()
    });
    let mut all = Tally::new();
    for (outcome, counted) in tallies.into_iter().flatten() {
        let count = all.get(&outcome).map_or(0, |known| known.count) + counted.count;
        all.insert(outcome, Counted { count, ..counted });
    }
    println!("{}", table(&all));
    let broken: Vec<_> = all.iter().filter(|(_, counted)| counted.broken).map(again).collect();
    assert!(broken.is_empty(), "{broken:#?}");
    let new = all.iter().filter(|(outcome, _)| outcome.starts_with("only newleaf") && why(outcome).is_none());
    let new: Vec<_> = new.map(again).collect();
    assert!(new.is_empty(), "newleaf alone refuses for reasons that are not among the deliberate ones: {new:#?}");
    if seeds.len() > 1 {
        let unused = DELIBERATE.iter().filter(|(part, _)| !all.keys().any(|outcome| outcome.contains(part)));
        assert_eq!(unused.collect::<Vec<_>>(), Vec::<&(&str, &str)>::new(), "no chain was refused for these reasons");
        for what in ["both accept", "both refuse", "taken with a warning", "strictly too", "makes itself"] {
            let seen: usize = all.iter().filter(|(outcome, _)| outcome.contains(what)).map(|(_, it)| it.count).sum();
            assert!(seen > 100, "{what}: {seen}");
        }
    }
}

/// An outcome and how to see it again.
fn again((outcome, Counted { seed, changes, .. }): (&String, &Counted)) -> String {
    format!("{outcome}; changed: {changes}; again: NEWLEAF_SEED={seed} cargo test --test pki differential")
}

fn tally(seeds: impl Iterator<Item = u64>, keys: &[Key], at: DateTime<Utc>) -> Tally {
    let mut tally = Tally::new();
    for seed in seeds {
        let mut random = Random::new(seed);
        let scene = Scene::new(&mut random, keys, at);
        let judged = catch_unwind(AssertUnwindSafe(|| judge(&scene, keys, &mut random)));
        let judged = judged.unwrap_or_else(|_| vec![Judged { outcome: "a panic".to_owned(), broken: true }]);
        for Judged { outcome, broken } in judged {
            let first = || Counted { count: 0, seed, changes: scene.changes.join(", "), broken };
            tally.entry(outcome).or_insert_with(first).count += 1;
        }
    }
    tally
}

/// The certificates of a seed: the authorities, a server's leaf, a client's.
fn shown(seed: u64, keys: &[Key], at: DateTime<Utc>) -> String {
    let scene = Scene::new(&mut Random::new(seed), keys, at);
    let all = scene.authorities.iter().chain(&scene.leaves);
    let text = all.flat_map(|draft| pem("CERTIFICATE", &draft.made(keys)));
    String::from_utf8(text.collect()).expect("PEM is text")
}

fn why(outcome: &str) -> Option<&'static str> {
    DELIBERATE.iter().find(|(part, _)| outcome.contains(part)).map(|(_, why)| *why)
}

fn table(tally: &Tally) -> String {
    let mut text = String::from("\n  COUNT  OUTCOME\n");
    for (outcome, Counted { count, .. }) in tally {
        let reason = why(outcome).map(|why| format!("\n         [{why}]")).unwrap_or_default();
        writeln!(text, "{count:>7}  {outcome}{reason}").expect("text takes it");
    }
    text
}

#[test]
fn the_library_says_what_the_command_says() {
    let keys = keys();
    let at = now();
    let workshop = Workshop::new();
    let mut verdicts = [0, 0];
    for seed in 0..COMMANDS {
        let mut random = Random::new(seed);
        let scene = Scene::new(&mut random, &keys, at);
        let made: Vec<Vec<u8>> = scene.authorities.iter().map(|draft| draft.made(&keys)).collect();
        // A peer that sends what is no certificate is refused; the command leaves it out of the file.
        if !made.iter().all(|der| peer::is_certificate(der)) {
            continue;
        }
        let kind = usize::from(seed % 2 == 1);
        let leaf = scene.leaves[kind].made(&keys);
        let strictness = if seed % 4 < 2 { Mode::Default } else { Mode::Strict };
        let chain = Chain { leaf: &leaf, sent: &made[1..], trusted: &made[..1] };
        let said = peer::verdict(&chain, PURPOSES[kind].1, strictness, at, 2).is_ok();
        let file = |name: &str, certificates: &[Vec<u8>]| {
            let text: Vec<u8> = certificates.iter().flat_map(|der| pem("CERTIFICATE", der)).collect();
            workshop.write(name, text);
        };
        file("trusted.pem", chain.trusted);
        file("sent.pem", chain.sent);
        file("leaf.pem", std::slice::from_ref(&leaf));
        let at = at.timestamp().to_string();
        let mut arguments =
            vec!["verify", "-purpose", PURPOSES[kind].0, "-auth_level", "2", "-attime", &at, "-CAfile", "trusted.pem"];
        if !chain.sent.is_empty() {
            arguments.extend(["-untrusted", "sent.pem"]);
        }
        if strictness == Mode::Strict {
            arguments.push("-x509_strict");
        }
        arguments.push("leaf.pem");
        let commanded = workshop.verdict(&arguments);
        assert_eq!(commanded.is_ok(), said, "seed {seed}, {:?}: {commanded:?}", scene.changes);
        verdicts[usize::from(said)] += 1;
    }
    assert!(verdicts.iter().all(|count| *count > 50), "both verdicts are seen: {verdicts:?}");
}

#[test]
fn authorities_that_signed_each_other_in_rings_take_no_longer_than_others() {
    let keys = keys();
    let at = now();
    let root = scene::authority(0, 0, None, &keys, at);
    // Sixteen of each of two names, all with one key, each signed by all of the other name: 16! times 16! ways to nowhere.
    let ring = |number: u8| {
        let names = ["/one", "/other"].map(draft::Name::common);
        let [subject, issuer] = if number.is_multiple_of(2) { names } else { [names[1].clone(), names[0].clone()] };
        draft::Draft { serial: vec![1, number], subject, issuer, ..root.clone() }
    };
    let files: Vec<u8> = (0..32).flat_map(|number| pem("CERTIFICATE", &ring(number).made(&keys))).collect();
    let refused = rotation::pki::authority::Authority::load(&[(&files, origin())], (&keys[0].pem, origin()), at);
    let text = refused.expect_err("there is no root").to_string();
    assert!(text.contains("no path leads to a root"), "{text}");
}
