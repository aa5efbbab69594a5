//! What probes report, and what the check says of it.

use chrono::{DateTime, TimeDelta};
use rotation::pki::algorithm::KeyAlgorithm;
use rotation::pki::authority::{Authority, AuthorityRequest};
use rotation::pki::identity::{NewSerial, Validity};
use rotation::pki::key::PrivateKey;
use rotation::pki::leaf::{LeafProfile, LeafRequest, issue};
use rotation::pki::name::CommonName;

use super::*;
use crate::check::line::CheckSeverity;

/// A leaf with the serial number 7.
fn stored() -> PublicLeaf {
    let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let validity = Validity { not_before: now, not_after: now + TimeDelta::days(45) };
    let name = |text: &str| CommonName::parse(text).unwrap();
    let key = || PrivateKey::generate(KeyAlgorithm::EcdsaP256).unwrap();
    let mut octets = [0; 16];
    octets[15] = 7;
    let serial = NewSerial::from_entropy(octets);
    let request = AuthorityRequest { common_name: name("the authority"), serial, validity };
    let authority = Authority::create(&request, key()).unwrap();
    let request = LeafRequest { profile: LeafProfile::client(&name("postgres")), serial, validity };
    let certificate = issue(&authority, &request, &key()).unwrap().to_pem().into_bytes();
    PublicLeaf { certificate, bundle: authority.to_pem().into_bytes() }
}

fn group(user: &str, serial: Option<&str>, encrypted: bool) -> SessionGroup {
    let (user, application) = (user.to_owned(), "backstage".to_owned());
    SessionGroup { user, application, serial: serial.map(str::to_owned), encrypted, sessions: 2 }
}

fn login(kind: LoginKind, answer: LoginAnswer) -> LoginTrial {
    LoginTrial { kind, user: "postgres".to_owned(), answer }
}

fn good(leaf: &PublicLeaf) -> PostgresReport {
    let stored = super::leaf(leaf).unwrap();
    let refused = || LoginAnswer::Refused("28000: no".to_owned());
    PostgresReport {
        endpoint: "postgres:5432".to_owned(),
        served: Sight::Seen(ServedCertificate {
            subject: "/CN=postgres".to_owned(),
            serial: stored.serial().0.clone(),
            sha256: stored.fingerprint().to_string(),
            not_after: None,
            key_proved: true,
            asks_for_certificate: true,
        }),
        sessions: Sight::Seen(SessionList { groups: vec![group("postgres", Some("0007"), true)], hidden: 0 }),
        logins: vec![
            login(LoginKind::OwnLeaf, LoginAnswer::Accepted),
            login(LoginKind::WithoutTls, refused()),
            login(LoginKind::OlderTls, refused()),
        ],
    }
}

const EDGES: [(TrialSource, TrialTarget, Option<&str>); 4] = [
    (TrialSource::Backstage, TrialTarget::Postgres, Some("Backstage's sessions")),
    (TrialSource::Backstage, TrialTarget::Backstage, None),
    (TrialSource::Stranger, TrialTarget::Postgres, None),
    (TrialSource::Postgres, TrialTarget::ApiServer, None),
];

/// One probe, with an answer for each of the edges.
fn outcome(postgres: PostgresReport, answers: [ConnectionAnswer; 4]) -> ProbeOutcome {
    let trials: Vec<(EdgeTrial, String)> = EDGES
        .into_iter()
        .enumerate()
        .map(|(index, (source, target, why))| (EdgeTrial { source, target, why }, format!("10.0.0.{index}:1")))
        .collect();
    let connections = trials.iter().zip(answers).map(|((trial, target), answer)| ConnectionTrial {
        target: target.clone(),
        should_open: trial.why.is_some(),
        answer,
    });
    let report = ProbeReport { postgres: Some(postgres), connections: connections.collect() };
    ProbeOutcome { trials, report: Ok(report) }
}

fn facts(leaf: &PublicLeaf, outcomes: Option<Vec<ProbeOutcome>>) -> TriedFacts {
    TriedFacts {
        outcomes,
        namespace: "backstage".to_owned(),
        role: "postgres".to_owned(),
        server: Some(leaf.clone()),
        client: Some(leaf.clone()),
        runs_database: true,
        needs_newest_tls: true,
    }
}

const DENIED: [ConnectionAnswer; 4] =
    [ConnectionAnswer::Opened, ConnectionAnswer::TimedOut, ConnectionAnswer::Refused, ConnectionAnswer::TimedOut];

fn found(lines: &[CheckLine]) -> Vec<(Code, CheckSeverity)> {
    lines.iter().flat_map(|line| &line.findings).map(|finding| (finding.code, finding.severity)).collect()
}

#[test]
fn what_a_probe_sees_of_postgresql_has_its_code() {
    let leaf = stored();
    let failure = CheckSeverity::Failure;
    let none: Vec<(Code, CheckSeverity)> = Vec::new();
    let served = |change: &dyn Fn(&mut ServedCertificate)| {
        let mut report = good(&leaf);
        if let Sight::Seen(served) = &mut report.served {
            change(served);
        }
        report
    };
    let sessions =
        |groups, hidden| PostgresReport { sessions: Sight::Seen(SessionList { groups, hidden }), ..good(&leaf) };
    let logins = |index: usize, answer: LoginAnswer| {
        let mut report = good(&leaf);
        report.logins[index].answer = answer;
        report
    };
    let asked = || LoginAnswer::Asked("a password (md5)".to_owned());
    for (case, report, expected) in [
        ("good", good(&leaf), none.clone()),
        ("another", served(&|it| it.sha256 = "00".to_owned()), vec![(Code::CheckServedOther, failure)]),
        ("without proof", served(&|it| it.key_proved = false), vec![(Code::CheckServedOther, failure)]),
        (
            "no handshake",
            PostgresReport { served: Sight::Unseen("no TLS".to_owned()), ..good(&leaf) },
            vec![(Code::CheckServedOther, failure)],
        ),
        ("older session", sessions(vec![group("postgres", Some("08"), true)], 0), vec![(Code::CheckSession, failure)]),
        ("other client", sessions(vec![group("reports", Some("08"), true)], 0), none.clone()),
        ("no certificate", sessions(vec![group("reports", None, true)], 0), vec![(Code::CheckSession, failure)]),
        ("no TLS", sessions(vec![group("postgres", None, false)], 0), vec![(Code::CheckSession, failure)]),
        ("hidden", sessions(Vec::new(), 1), vec![(Code::CheckSession, CheckSeverity::Warning)]),
        ("trust", logins(1, LoginAnswer::Accepted), vec![(Code::CheckLoginAccepted, failure)]),
        ("password", logins(1, asked()), vec![(Code::CheckPasswordAsked, failure)]),
        ("password for all", logins(0, asked()), vec![(Code::CheckPasswordAsked, failure)]),
        ("older TLS", logins(2, LoginAnswer::Accepted), vec![(Code::CheckLoginAccepted, failure)]),
        ("unclear", logins(1, LoginAnswer::Unclear("busy".to_owned())), vec![(Code::CheckProbe, failure)]),
        ("locked out", logins(0, LoginAnswer::Refused("28000".to_owned())), vec![(Code::CheckLeafRefused, failure)]),
        (
            "without leaf",
            PostgresReport { logins: good(&leaf).logins.split_off(1), ..good(&leaf) },
            vec![(Code::CheckLeafRefused, failure)],
        ),
    ] {
        let lines = facts(&leaf, Some(vec![outcome(report, DENIED)])).judge(true);
        assert_eq!(found(&lines), expected, "{case}: {lines:?}");
    }
    // Of a database of others: its other clients, and its TLS.
    let lenient = |report| {
        let facts = facts(&leaf, Some(vec![outcome(report, DENIED)]));
        found(&TriedFacts { runs_database: false, needs_newest_tls: false, server: None, ..facts }.judge(true))
    };
    assert_eq!(lenient(logins(1, asked())), none);
    assert_eq!(lenient(logins(2, LoginAnswer::Accepted)), none);
    assert_eq!(lenient(sessions(vec![group("reports", None, false)], 0)), none);
    assert_eq!(lenient(logins(1, LoginAnswer::Accepted)), [(Code::CheckLoginAccepted, failure)]);
}

#[test]
fn connections_are_judged_one_by_one_and_a_plugin_that_enforces_nothing_is_said_once() {
    let leaf = stored();
    let judged = |answers: [ConnectionAnswer; 4], has_policies| {
        let lines = facts(&leaf, Some(vec![outcome(good(&leaf), answers)])).judge(has_policies);
        lines
            .iter()
            .flat_map(|line| line.findings.clone())
            .map(|finding| (finding.code, finding.why))
            .collect::<Vec<_>>()
    };
    let open = || ConnectionAnswer::Opened;
    let shut = || ConnectionAnswer::TimedOut;
    assert_eq!(judged(DENIED, true), []);
    let [(code, why)] = &judged([shut(), shut(), shut(), shut()], true)[..] else { panic!("one finding") };
    assert_eq!(*code, Code::CheckEdgeClosed);
    assert_eq!(why, "Backstage does not reach PostgreSQL at 10.0.0.0:1 (Backstage's sessions): no answer came");
    let [(code, why)] = &judged([open(), shut(), open(), shut()], true)[..] else { panic!("one finding") };
    assert_eq!(*code, Code::CheckEdgeOpen);
    assert_eq!(
        why,
        "a pod without labels of the stack reaches PostgreSQL at 10.0.0.2:1, and no edge of the stack opens that"
    );
    let [(code, why)] = &judged([open(), open(), open(), open()], true)[..] else { panic!("one finding") };
    assert_eq!(*code, Code::CheckUnenforced);
    assert!(why.starts_with("all 3 connections"), "{why}");
    let missing = judged([open(), open(), open(), open()], false);
    assert_eq!(missing.iter().map(|(code, _)| *code).collect::<Vec<_>>(), [Code::CheckEdgeOpen; 3]);
}

#[test]
fn a_silent_probe_is_a_finding_and_what_it_should_have_seen_is_not_good() {
    let leaf = stored();
    let finding = CheckFinding::failure(Code::CheckProbe, "Job backstage/newleaf-probe-x", "no image", "import it");
    let silent = ProbeOutcome { trials: Vec::new(), report: Err(finding) };
    let lines = facts(&leaf, Some(vec![silent])).judge(true);
    assert_eq!(found(&lines), [(Code::CheckProbe, CheckSeverity::Failure)]);
    let is_good = |line: &&CheckLine| line.skipped.is_none() && line.findings.is_empty();
    assert_eq!(lines.iter().filter(is_good).count(), 0, "{lines:?}");
    let lines = facts(&leaf, None).judge(true);
    assert!(lines.iter().all(|line| line.skipped.as_ref().is_some_and(|why| why.contains("--probe"))), "{lines:?}");
}
