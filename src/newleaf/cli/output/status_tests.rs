use std::collections::BTreeSet;

use base::diagnosis::Code;
use chrono::TimeDelta;
use rotation::engine::facts::{
    ConsumerFacts, Fingerprint, Login, RunningFacts, Serial, Signer, StoredFacts, Unusable, Validity,
};
use rotation::engine::rules::Reason;

use super::*;

fn at(days: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a date") + TimeDelta::days(days)
}

fn leaf(serial: &str) -> LeafFacts {
    let validity = Validity { not_before: at(-15), not_after: at(30) };
    LeafFacts {
        fingerprint: Fingerprint([1; 32]),
        serial: Serial(serial.to_owned()),
        validity,
        chain_validity: validity,
        signer: Some(Signer { fingerprint: Fingerprint([9; 32]), anchor: Fingerprint([9; 32]) }),
        drift: Vec::new(),
        trust: BTreeSet::from([Fingerprint([9; 32])]),
        rotation_ids: Vec::new(),
        warnings: Vec::new(),
    }
}

fn status() -> StatusReport {
    let authority = AuthorityFacts {
        generation: 1,
        fingerprint: Fingerprint([9; 32]),
        anchor: Fingerprint([9; 32]),
        subject: "/CN=newleaf\u{1b}[2J".to_owned(),
        validity: Validity { not_before: at(-15), not_after: at(3635) },
        retiring: false,
        warnings: Vec::new(),
    };
    let consumer = |name: &str, peer, loaded| ConsumerFacts {
        name: name.to_owned(),
        peer,
        loaded,
        accepts_besides: BTreeSet::new(),
    };
    StatusReport {
        place: Location::Directory("/etc/newleaf".to_owned()),
        facts: Facts {
            now: at(0),
            stored: StoredFacts {
                authorities: Observed::Present(vec![authority]),
                rollover_ids: Vec::new(),
                server: Observed::Present(leaf("0123456789abcdef0123")),
                client: Observed::Unreadable(Unusable { code: Code::KeyBroken, why: "the key is broken".to_owned() }),
            },
            running: RunningFacts {
                reference: None,
                consumers: vec![
                    consumer("postgres", Peer::Server, Loaded::Current),
                    consumer("backstage", Peer::Client, Loaded::Stale("two sessions show serial 77".to_owned())),
                ],
                login: Login::NotTried,
                issuers_in_use: Observed::Absent,
                revocation_list: Observed::Absent,
            },
        },
        server_due: Some(at(15)),
        client_due: None,
        findings: vec![Finding {
            subject: Subject::Consumer("backstage".to_owned()),
            reason: Reason::ConsumerStale,
            message: "two sessions show serial 77".to_owned(),
        }],
        steps_pending: 2,
        next: Some(at(15)),
        runs: None,
        authority_due: vec![(1, at(3455))],
    }
}

#[test]
fn everything_that_matters_is_shown_and_fits() {
    let text = draw(&status(), Style::PLAIN);
    for part in [
        "authority 1   /CN=newleaf\\u{1b}[2J",
        "server's leaf   serial 0123456789ab, signed by authority 1",
        "due 2027-01-30 (in 15 d)   ends 2027-02-14 (in 30 d)",
        "client's leaf   unusable: the key is broken",
        "backstage   client   stale     two sessions show serial 77",
        "ConsumerStale",
        "next: newleaf rotate has 2 steps to take",
        "[ issued   o now   : due   ] end",
    ] {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
    assert!(text.is_ascii(), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn unicode_and_colour_change_nothing_but_signs() {
    let style = Style { unicode: true, colour: true, terminal: true, width: 100 };
    let text = draw(&status(), style);
    assert!(text.contains('●') && text.contains('┆') && text.contains("\u{1b}[32m"), "{text}");
    assert!(!text.contains("\u{1b}[2J"), "a subject must not clear the screen: {text}");
}

#[test]
fn an_empty_directory_leads_to_bootstrap() {
    let mut status = status();
    status.facts.stored.authorities = Observed::Absent;
    status.facts.stored.server = Observed::Absent;
    status.facts.stored.client = Observed::Absent;
    status.facts.running.consumers.clear();
    let text = draw(&status, Style::PLAIN);
    assert!(text.contains("next: newleaf bootstrap"), "{text}");
    assert!(text.contains("no consumer is configured"), "{text}");
}

#[test]
fn machines_read_the_same_facts() {
    let value = serde_json::to_value(status()).expect("a status is JSON");
    assert_eq!(value["facts"]["server"]["present"]["serial"], "0123456789abcdef0123");
    assert_eq!(value["stepsPending"], 2);
    assert_eq!(value.get("runs"), None, "a directory has no CronJob");
    assert_eq!(value["findings"][0]["reason"], "ConsumerStale");
}
