use chrono::TimeDelta;

use super::fixtures::{authority, consumer, cut_off, empty, fingerprint, forced, healthy, now, policy, rotate};
use crate::diagnosis::Code;
use crate::rotation::facts::{AuthorityFacts, Facts, Loaded, Observed, Peer, Validity};
use crate::rotation::plan::plan;
use crate::rotation::request::{Request, Scope};
use crate::rotation::step::Step;
use crate::rotation::{invariants, outlook};

/// The steps of a plan in short words, after every one of them has passed the checker.
fn story(facts: &Facts, request: &Request) -> Vec<String> {
    let plan = plan(facts, &policy(), request);
    let mut expected = facts.clone();
    for step in &plan.steps {
        assert_eq!(invariants::violations(&expected, step), Vec::<String>::new(), "{step}");
        expected = outlook::after(&expected, step);
    }
    plan.steps.iter().map(short).collect()
}

fn refusal(facts: &Facts, request: &Request) -> Option<Code> {
    plan(facts, &policy(), request).refusal.map(|(code, _)| code)
}

fn short(step: &Step) -> String {
    match step {
        Step::AddAuthority { generation, .. } => format!("add {generation}"),
        Step::RemoveAuthority { generation } => format!("remove {generation}"),
        Step::Issue { peer, signer, trust, .. } => format!("issue {peer} by {signer} trusting {}", trust.len()),
        Step::Republish { peer, trust } => format!("republish {peer} trusting {}", trust.len()),
        Step::PickUp { consumer, .. } => format!("pick up {consumer}"),
        Step::Prove { consumer, .. } => format!("prove {consumer}"),
    }
}

fn stale() -> Loaded {
    Loaded::Stale("serial 01".to_owned())
}

const SERVER_LOADS: [&str; 2] = ["pick up postgres", "prove postgres"];
const CLIENT_LOADS: [&str; 2] = ["pick up backstage", "prove backstage"];

fn both_load(server: &str, client: &str) -> Vec<String> {
    let steps = [&[server], &SERVER_LOADS[..], &[client], &CLIENT_LOADS[..]].concat();
    steps.into_iter().map(str::to_owned).collect()
}

fn loads_server(step: &str) -> Vec<String> {
    [&[step], &SERVER_LOADS[..]].concat().into_iter().map(str::to_owned).collect()
}

#[test]
fn a_healthy_pair_needs_nothing() {
    for request in [rotate(), Request::Bootstrap] {
        assert_eq!(story(&healthy(), &request), Vec::<String>::new());
    }
    let next = plan(&healthy(), &policy(), &rotate()).next;
    assert_eq!(next, Some(now() + TimeDelta::days(29)));
}

#[test]
fn bootstrap_makes_everything_and_touches_nobody() {
    let steps = story(&empty(), &Request::Bootstrap);
    assert_eq!(steps, ["add 1", "issue server by 1 trusting 1", "issue client by 1 trusting 1"]);
}

#[test]
fn bootstrap_mends_what_is_broken_and_leaves_what_is_merely_due() {
    let due = healthy().issued(Peer::Server, TimeDelta::days(31));
    assert_eq!(story(&due, &Request::Bootstrap), Vec::<String>::new());
    let broken = Facts { client: Observed::Unreadable(cut_off()), ..due };
    assert_eq!(story(&broken, &Request::Bootstrap), ["issue client by 1 trusting 1"]);
}

#[test]
fn a_due_pair_is_replaced_server_first() {
    let due = healthy().issued(Peer::Server, TimeDelta::days(30)).issued(Peer::Client, TimeDelta::days(30));
    assert_eq!(story(&due, &rotate()), both_load("issue server by 1 trusting 1", "issue client by 1 trusting 1"));
}

#[test]
fn what_an_earlier_run_left_is_finished_before_anything_else() {
    let facts = healthy().with_consumer("postgres", &stale()).issued(Peer::Client, TimeDelta::days(31));
    let steps = [&SERVER_LOADS[..], &["issue client by 1 trusting 1"], &CLIENT_LOADS[..]].concat();
    assert_eq!(story(&facts, &rotate()), steps);
}

#[test]
fn a_forced_rotation_replaces_each_leaf_once() {
    let steps = both_load("issue server by 1 trusting 1", "issue client by 1 trusting 1");
    assert_eq!(story(&healthy(), &forced(Scope::Leaves)), steps);
    let half = healthy().with_leaf(Peer::Server, |leaf| leaf.rotation_ids.push("ticket-1".to_owned()));
    let rest = [&["issue client by 1 trusting 1"], &CLIENT_LOADS[..]].concat();
    assert_eq!(story(&half, &forced(Scope::Leaves)), rest);
}

#[test]
fn a_forced_rollover_publishes_moves_and_removes() {
    // Once the server trusts the new authority, the client's new leaf and its new bundle travel together.
    let publish = both_load("republish server trusting 2", "issue client by 2 trusting 2");
    let server_moves = loads_server("issue server by 2 trusting 2");
    let drop = both_load("republish server trusting 1", "republish client trusting 1");
    let steps = [vec!["add 2".to_owned()], publish, server_moves, vec!["remove 1".to_owned()], drop].concat();
    assert_eq!(story(&healthy(), &forced(Scope::Authority)), steps);
}

#[test]
fn a_natural_rollover_publishes_early_and_signs_with_the_old_one_meanwhile() {
    let ending = AuthorityFacts {
        validity: Validity { not_before: now() - TimeDelta::days(9), not_after: now() + TimeDelta::days(179) },
        ..authority(1)
    };
    let facts = healthy().with_authorities(vec![ending.clone()]);
    let publish = both_load("republish server trusting 2", "republish client trusting 2");
    assert_eq!(story(&facts, &rotate()), [vec!["add 2".to_owned()], publish].concat());

    let published = healthy()
        .with_authorities(vec![ending, authority(2)])
        .with_leaves(|leaf| leaf.trust = [fingerprint(1), fingerprint(2)].into())
        .issued(Peer::Server, TimeDelta::days(30));
    assert_eq!(story(&published, &rotate())[0], "issue server by 1 trusting 2");
}

#[test]
fn an_old_authority_that_fits_no_leaf_any_more_is_left_at_the_next_rotation() {
    let ending = AuthorityFacts {
        validity: Validity { not_before: now() - TimeDelta::days(9), not_after: now() + TimeDelta::days(40) },
        ..authority(1)
    };
    let facts = healthy()
        .with_authorities(vec![ending, authority(2)])
        .with_leaves(|leaf| leaf.trust = [fingerprint(1), fingerprint(2)].into());
    assert_eq!(story(&facts, &rotate()), Vec::<String>::new());
    let due = facts.issued(Peer::Server, TimeDelta::days(30)).issued(Peer::Client, TimeDelta::days(30));
    let sign = both_load("issue server by 2 trusting 2", "issue client by 2 trusting 2");
    let drop = both_load("republish server trusting 1", "republish client trusting 1");
    assert_eq!(story(&due, &rotate()), [sign, vec!["remove 1".to_owned()], drop].concat());
}

#[test]
fn a_new_authority_waits_for_a_consumer_that_has_not_loaded_it() {
    let facts = healthy()
        .with_authorities(vec![AuthorityFacts { retiring: true, ..authority(1) }, authority(2)])
        .with_leaves(|leaf| leaf.trust = [fingerprint(1), fingerprint(2)].into())
        .with_consumer("backstage", &stale());
    let steps = story(&facts, &rotate());
    assert_eq!(
        steps[..4],
        ["issue client by 2 trusting 2", "pick up backstage", "prove backstage", "issue server by 2 trusting 2"]
    );
}

#[test]
fn a_retiring_authority_stays_while_sessions_that_it_opened_live() {
    let facts = healthy()
        .with_authorities(vec![AuthorityFacts { retiring: true, ..authority(1) }, authority(2)])
        .with_leaves(|leaf| {
            leaf.signer = super::fixtures::leaf(2).signer;
            leaf.trust = [fingerprint(1), fingerprint(2)].into();
        });
    assert_eq!(story(&facts, &rotate())[0], "remove 1");
    let in_use = Facts { issuers_in_use: ["/CN=authority 1".to_owned()].into(), ..facts };
    assert_eq!(story(&in_use, &rotate()), Vec::<String>::new());
}

#[test]
fn everything_expired_has_an_ordinary_way_out() {
    let ended = AuthorityFacts {
        validity: Validity { not_before: now() - TimeDelta::days(99), not_after: now() - TimeDelta::days(1) },
        ..authority(1)
    };
    let facts = healthy()
        .with_authorities(vec![ended])
        .issued(Peer::Server, TimeDelta::days(60))
        .issued(Peer::Client, TimeDelta::days(60));
    let steps = story(&facts, &rotate());
    assert_eq!(steps[..2], ["add 2", "issue server by 2 trusting 2"]);
    assert!(steps.contains(&"issue client by 2 trusting 2".to_owned()));
    assert!(steps.contains(&"remove 1".to_owned()), "{steps:?}");
}

#[test]
fn an_expired_client_leaf_is_replaced_before_the_server_reloads_by_a_login_with_it() {
    let server_only = healthy().issued(Peer::Server, TimeDelta::days(46));
    let issue = "issue server by 1 trusting 1";
    assert_eq!(story(&server_only, &rotate())[..2], [issue, "pick up postgres"]);
    let both = server_only.issued(Peer::Client, TimeDelta::days(46));
    let login = "issue client by 1 trusting 1";
    assert_eq!(
        story(&both, &rotate()),
        [issue, login, "pick up postgres", "prove postgres", "pick up backstage", "prove backstage"]
    );
}

#[test]
fn an_authority_replaced_by_its_owner_is_published_before_it_signs() {
    let theirs = AuthorityFacts { generation: 0, fingerprint: fingerprint(7), anchor: fingerprint(7), ..authority(7) };
    let facts = healthy().with_authorities(vec![theirs]);
    let publish = both_load("republish server trusting 2", "issue client by 0 trusting 2");
    let server_moves = loads_server("issue server by 0 trusting 2");
    let drop = both_load("republish server trusting 1", "republish client trusting 1");
    assert_eq!(story(&facts, &rotate()), [publish, server_moves, drop].concat());
}

#[test]
fn a_lost_authority_is_never_replaced_silently() {
    let lost = Facts { authorities: Observed::Absent, ..healthy() };
    for request in [rotate(), Request::Bootstrap, forced(Scope::Leaves)] {
        assert_eq!(refusal(&lost, &request), Some(Code::AuthorityLost), "{request:?}");
    }
    assert_eq!(story(&lost, &forced(Scope::Authority))[0], "add 1");
    let damaged = Facts { authorities: Observed::Unreadable(cut_off()), ..healthy() };
    for request in [rotate(), Request::Bootstrap, forced(Scope::Authority)] {
        assert_eq!(refusal(&damaged, &request), Some(Code::PemBroken), "{request:?}");
    }
    assert_eq!(refusal(&empty(), &rotate()), Some(Code::AuthorityMissing));
}

#[test]
fn a_rollover_is_refused_where_nobody_can_tell_what_is_loaded() {
    let blind = Facts { consumers: vec![consumer("postgres", Peer::Server)], ..healthy() };
    assert_eq!(refusal(&blind, &forced(Scope::Authority)), Some(Code::ConsumersUnknown));
    let foreign = healthy().with_authorities(vec![AuthorityFacts { generation: 0, ..authority(1) }]);
    assert_eq!(refusal(&foreign, &forced(Scope::Authority)), Some(Code::AuthorityForeign));
    let many = healthy().with_authorities((1..=4).map(authority).collect());
    assert_eq!(refusal(&many, &forced(Scope::Authority)), Some(Code::RolloverUnfinished));
}

#[test]
fn nothing_is_issued_on_a_wrong_clock() {
    let facts = Facts { reference: Some(now() - TimeDelta::hours(2)), ..healthy() };
    assert_eq!(refusal(&facts, &rotate()), None);
    for request in [forced(Scope::Leaves), forced(Scope::Authority)] {
        assert_eq!(refusal(&facts, &request), Some(Code::ClockDiffers), "{request:?}");
    }
}

#[test]
fn a_working_leaf_waits_for_a_server_that_cannot_be_seen() {
    let unknown = Loaded::Unknown("connection refused".to_owned());
    let facts = healthy().with_consumer("postgres", &unknown).issued(Peer::Server, TimeDelta::days(31));
    assert_eq!(story(&facts, &rotate())[0], "prove postgres");
    let expired = healthy().with_consumer("postgres", &unknown).issued(Peer::Server, TimeDelta::days(46));
    assert_eq!(story(&expired, &rotate())[0], "issue server by 1 trusting 1");
}

#[test]
fn what_cannot_be_undone_waits_for_a_database_that_can_check_our_clock() {
    let ending = AuthorityFacts {
        validity: Validity { not_before: now() - TimeDelta::days(9), not_after: now() + TimeDelta::days(179) },
        ..authority(1)
    };
    let seen = healthy().with_authorities(vec![ending]);
    let unseen = Facts { reference: None, ..seen.clone() }
        .with_consumer("postgres", &Loaded::Unknown("connection refused".to_owned()));
    for request in [rotate(), forced(Scope::Authority)] {
        assert_eq!(story(&seen, &request)[0], "add 2", "{request:?}");
        assert_eq!(story(&unseen, &request)[..2], ["prove postgres", "add 2"], "{request:?}");
    }
    let expired = unseen.clone().issued(Peer::Server, TimeDelta::days(46)).issued(Peer::Client, TimeDelta::days(46));
    assert_eq!(story(&expired, &rotate())[..2], ["issue server by 1 trusting 1", "prove postgres"]);
    let moved = unseen
        .with_authorities(vec![AuthorityFacts { retiring: true, ..authority(1) }, authority(2)])
        .with_leaves(|leaf| {
            leaf.signer = super::fixtures::leaf(2).signer;
            leaf.trust = [fingerprint(1), fingerprint(2)].into();
        });
    assert_eq!(story(&moved, &rotate())[..2], ["prove postgres", "remove 1"]);
}

#[test]
fn everything_expired_has_a_way_out_without_the_database() {
    let ended = AuthorityFacts {
        validity: Validity { not_before: now() - TimeDelta::days(99), not_after: now() - TimeDelta::days(1) },
        ..authority(1)
    };
    let facts = Facts { reference: None, ..healthy() }
        .with_authorities(vec![ended])
        .with_consumer("postgres", &Loaded::Unknown("certificate has expired".to_owned()))
        .issued(Peer::Server, TimeDelta::days(60))
        .issued(Peer::Client, TimeDelta::days(60));
    assert_eq!(story(&facts, &rotate())[..2], ["add 2", "issue server by 2 trusting 2"]);
}

#[test]
fn readers_at_each_login_and_stopped_processes_are_never_picked_up() {
    let facts = healthy().with_consumer("postgres", &Loaded::NotRunning).with_consumer("backstage", &Loaded::EachLogin);
    let steps = story(&facts, &forced(Scope::Leaves));
    assert_eq!(steps, ["issue server by 1 trusting 1", "issue client by 1 trusting 1"]);
}

#[test]
fn the_checker_refuses_what_would_break_a_connection() {
    let trusting = |generation| [fingerprint(generation)].into();
    let facts = healthy().with_authorities(vec![authority(1), authority(2)]);
    let validity = Validity { not_before: now(), not_after: now() + TimeDelta::days(45) };
    let too_early = Step::Issue {
        peer: Peer::Server,
        signer: 2,
        validity,
        trust: trusting(1),
        peer_trust: trusting(2),
        reasons: Vec::new(),
        rotation_id: None,
    };
    let forgets = Step::Republish { peer: Peer::Client, trust: trusting(2) };
    let in_use = Step::RemoveAuthority { generation: 1 };
    let unknown = Step::PickUp { peer: Peer::Server, consumer: "backstage".to_owned() };
    let reused =
        Step::AddAuthority { generation: 2, validity, retiring: std::collections::BTreeSet::new(), rotation_id: None };
    for step in [too_early, forgets, in_use, unknown, reused] {
        assert_ne!(invariants::violations(&facts, &step), Vec::<String>::new(), "{step}");
    }
    let client = Step::PickUp { peer: Peer::Client, consumer: "backstage".to_owned() };
    let lagging = healthy().with_consumer("postgres", &stale()).with_consumer("backstage", &stale());
    assert_ne!(invariants::violations(&lagging, &client), Vec::<String>::new());
}
