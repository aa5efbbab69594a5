use std::collections::BTreeSet;

use base::diagnosis::Code;
use chrono::TimeDelta;

use super::fixtures::{
    authority, consumer, cut_off, empty, fingerprint, forced, healthy, no_answer, now, policy, rotate,
};
use crate::engine::facts::{AuthorityFacts, Facts, LeafFacts, Loaded, Login, Observed, Peer, Signer, Validity};
use crate::engine::plan::{Decision, decide, plan};
use crate::engine::request::{Request, Scope};
use crate::engine::setbacks::Setbacks;
use crate::engine::step::{AuthorityOrder, LeafOrder, Step, Trial};
use crate::engine::trust::target_trust;
use crate::engine::{invariants, outlook};

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
        Step::AddAuthority(order) => format!("add {}", order.generation),
        Step::RemoveAuthority { generation } => format!("remove {generation}"),
        Step::Issue { order, .. } => {
            format!("issue {} by {} trusting {}", order.peer, order.signer, order.trust.len())
        }
        Step::Republish { peer, trust } => format!("republish {peer} trusting {}", trust.len()),
        Step::LogIn => "log in".to_owned(),
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
fn bootstrap_makes_everything_and_touches_no_consumer() {
    let steps = story(&empty(), &Request::Bootstrap);
    assert_eq!(steps, ["add 1", "issue server by 1 trusting 1", "issue client by 1 trusting 1"]);
}

#[test]
fn bootstrap_mends_what_is_broken_and_leaves_what_is_merely_due() {
    let due = healthy().issued(Peer::Server, TimeDelta::days(31));
    assert_eq!(story(&due, &Request::Bootstrap), Vec::<String>::new());
    let broken = due.with_stored(|it| it.client = Observed::Unreadable(cut_off()));
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
fn a_retiring_authority_stays_until_every_evidence_of_its_use_is_gone() {
    let facts = healthy()
        .with_authorities(vec![AuthorityFacts { retiring: true, ..authority(1) }, authority(2)])
        .with_leaves(|leaf| {
            leaf.signer = super::fixtures::leaf(2).signer;
            leaf.trust = [fingerprint(1), fingerprint(2)].into();
        });
    assert_eq!(story(&facts, &rotate())[0], "remove 1");
    let removed = |facts: &Facts| story(facts, &rotate()).contains(&"remove 1".to_owned());
    let issuers = |issuers| facts.clone().with_running(|it| it.issuers_in_use = issuers);
    assert!(
        !removed(&issuers(Observed::Present(["/CN=authority 1".to_owned()].into()))),
        "a session was opened with it"
    );
    assert!(!removed(&issuers(Observed::Unreadable(no_answer()))), "the sessions cannot be seen");
    let unseen = plan(&issuers(Observed::Unreadable(no_answer())), &policy(), &rotate());
    assert_eq!(unseen.refusal.map(|(code, _)| code), Some(no_answer().code), "the run says so");
    assert!(removed(&issuers(Observed::Absent)), "no database is configured, and every consumer shows what is stored");
    let unproved = Loaded::Unproved("no database is configured".to_owned());
    assert!(!removed(&facts.clone().with_consumer("postgres", &unproved)), "nothing shows what postgres has loaded");
    let lingering = Loaded::Lingering("a session is open".to_owned());
    let open = facts.clone().with_consumer("backstage", &lingering);
    assert_eq!(story(&open, &rotate())[0], "prove backstage", "an old session is open");
    let mut accepting = facts.clone();
    accepting.running.consumers[0].accepts_besides = ["/CN=authority 1".to_owned()].into();
    assert!(!removed(&accepting), "the server accepts clients by it");
}

#[test]
fn a_peer_cannot_vouch_for_its_own_root() {
    let foreign = |leaf: &mut LeafFacts| {
        leaf.signer = Some(Signer { fingerprint: fingerprint(66), anchor: fingerprint(66) });
        leaf.trust.insert(fingerprint(66));
    };
    for peer in Peer::ALL {
        let facts = healthy().with_leaf(peer, foreign);
        for request in [rotate(), Request::Bootstrap, forced(Scope::Leaves), forced(Scope::Authority)] {
            let other = peer.other();
            assert!(!target_trust(&facts, other).contains(&fingerprint(66)), "{request:?} in the {other}'s bundle");
            let steps = story(&facts, &request);
            let enters = plan(&facts, &policy(), &request).steps.iter().any(|step| match step {
                Step::Issue { order: LeafOrder { peer, trust, .. }, .. } | Step::Republish { peer, trust } => {
                    *peer == other && trust.contains(&fingerprint(66))
                }
                Step::AddAuthority(_)
                | Step::RemoveAuthority { .. }
                | Step::LogIn
                | Step::PickUp { .. }
                | Step::Prove { .. } => false,
            });
            assert!(!enters, "{request:?}: {steps:?}");
            assert!(steps.iter().any(|step| step.starts_with(&format!("issue {peer} by"))), "{request:?}: {steps:?}");
        }
    }
}

#[test]
fn no_root_but_a_stored_authoritys_may_enter_a_bundle() {
    let widened = Step::Republish { peer: Peer::Server, trust: [fingerprint(1), fingerprint(66)].into() };
    assert_ne!(invariants::violations(&healthy(), &widened), Vec::<String>::new());
}

#[test]
fn a_revocation_list_is_found_before_a_rollover_begins() {
    let list = Observed::Present("ssl_crl_file = '/crl.pem'".to_owned());
    let facts = healthy().with_running(|it| it.revocation_list = list);
    assert_eq!(refusal(&facts, &forced(Scope::Authority)), Some(Code::RevocationList));
    assert_eq!(story(&facts, &rotate()), Vec::<String>::new());
    let ending = AuthorityFacts {
        validity: Validity { not_before: now() - TimeDelta::days(9), not_after: now() + TimeDelta::days(179) },
        ..authority(1)
    };
    let facts = facts.with_authorities(vec![ending]).issued(Peer::Server, TimeDelta::days(31));
    let renewed = ["issue server by 1 trusting 1", "pick up postgres", "prove postgres"];
    assert_eq!(story(&facts, &rotate()), renewed, "the leaves are renewed all the same");
    assert_eq!(refusal(&facts, &rotate()), Some(Code::RevocationList));
    let unknown = facts.with_running(|it| it.revocation_list = Observed::Unreadable(no_answer()));
    let steps = story(&unknown, &forced(Scope::Authority));
    let position = |wanted: &str| steps.iter().position(|step| step == wanted);
    assert!(position("log in").is_some() && position("log in") < position("add 2"), "{steps:?}");
}

#[test]
fn clients_load_a_leaf_only_when_postgresql_lets_it_in() {
    let waiting = |login, age| {
        healthy()
            .with_running(|it| it.login = login)
            .with_consumer("backstage", &stale())
            .issued(Peer::Client, TimeDelta::days(age))
    };
    let first = |facts: &Facts| story(facts, &rotate())[0].clone();
    assert_eq!(first(&waiting(Login::Admitted, 0)), "pick up backstage");
    assert_eq!(first(&waiting(Login::NotTried, 0)), "pick up backstage");
    for login in [Login::Accepted(no_answer()), Login::Unknown(no_answer())] {
        assert_eq!(first(&waiting(login.clone(), 3)), "log in", "{login:?}");
        assert_eq!(
            first(&waiting(login.clone(), 4)),
            "pick up backstage",
            "{login:?}: a quarter of the slack has passed"
        );
    }
    assert_eq!(first(&waiting(Login::LeafRefused(no_answer()), 20)), "log in");
}

#[test]
fn what_lingers_after_a_restart_is_not_restarted_again_and_stops_no_leaf() {
    let lingering = Loaded::Lingering("a session is open".to_owned());
    let facts = healthy().with_consumer("backstage", &lingering);
    assert_eq!(story(&facts, &rotate()), ["prove backstage"]);
    let due = facts.issued(Peer::Server, TimeDelta::days(31));
    let steps = ["issue server by 1 trusting 1", "pick up postgres", "prove postgres", "prove backstage"];
    assert_eq!(story(&due, &rotate()), steps);
}

#[test]
fn after_a_setback_only_a_leaf_that_ends_soon_is_replaced() {
    let setbacks = Setbacks { consumers: ["postgres".to_owned()].into(), ..Setbacks::default() };
    let facts = |days| healthy().with_consumer("postgres", &stale()).issued(Peer::Client, TimeDelta::days(days));
    let step = |facts: &Facts, setbacks: &Setbacks| match decide(facts, &policy(), &rotate(), setbacks) {
        Decision::Act(step) => short(&step),
        Decision::Done => "done".to_owned(),
        Decision::Refuse(code, _) => code.to_string(),
    };
    assert_eq!(step(&facts(31), &Setbacks::default()), "pick up postgres");
    assert_eq!(step(&facts(31), &setbacks), "done");
    assert_eq!(step(&facts(38), &setbacks), "issue client by 1 trusting 1");
    // PostgreSQL refused what generation 2 had signed: generation 1, which has signed what works, signs again.
    let rollover = facts(38)
        .with_authorities(vec![AuthorityFacts { retiring: true, ..authority(1) }, authority(2)])
        .with_leaves(|leaf| leaf.trust = [fingerprint(1), fingerprint(2)].into())
        .with_leaf(Peer::Server, |leaf| leaf.signer = super::fixtures::leaf(2).signer)
        .with_consumer("postgres", &Loaded::Current);
    assert_eq!(step(&rollover, &Setbacks::default()), "issue client by 2 trusting 2");
    let refused = Setbacks { signers: [2].into(), ..Setbacks::default() };
    assert_eq!(step(&rollover, &refused), "issue client by 1 trusting 2");
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
    let moves_and_drops = both_load("issue server by 0 trusting 1", "republish client trusting 1");
    assert_eq!(story(&facts, &rotate()), [publish, moves_and_drops].concat());
}

#[test]
fn a_lost_authority_is_never_replaced_silently() {
    let lost = healthy().with_stored(|it| it.authorities = Observed::Absent);
    for request in [rotate(), Request::Bootstrap, forced(Scope::Leaves)] {
        assert_eq!(refusal(&lost, &request), Some(Code::AuthorityLost), "{request:?}");
    }
    assert_eq!(story(&lost, &forced(Scope::Authority))[0], "add 1");
    let damaged = healthy().with_stored(|it| it.authorities = Observed::Unreadable(cut_off()));
    for request in [rotate(), Request::Bootstrap, forced(Scope::Authority)] {
        assert_eq!(refusal(&damaged, &request), Some(Code::PemBroken), "{request:?}");
    }
    assert_eq!(refusal(&empty(), &rotate()), Some(Code::AuthorityMissing));
}

#[test]
fn a_rollover_is_refused_where_nothing_shows_what_is_loaded() {
    let blind = healthy().with_running(|it| it.consumers = vec![consumer("postgres", Peer::Server)]);
    assert_eq!(refusal(&blind, &forced(Scope::Authority)), Some(Code::ConsumersUnknown));
    let foreign = healthy().with_authorities(vec![AuthorityFacts { generation: 0, ..authority(1) }]);
    assert_eq!(refusal(&foreign, &forced(Scope::Authority)), Some(Code::AuthorityForeign));
    let many = healthy().with_authorities((1..=4).map(authority).collect());
    assert_eq!(refusal(&many, &forced(Scope::Authority)), Some(Code::RolloverUnfinished));
}

#[test]
fn nothing_is_issued_on_a_wrong_clock() {
    let facts = healthy().with_running(|it| it.reference = Some(now() - TimeDelta::hours(2)));
    assert_eq!(refusal(&facts, &rotate()), None);
    for request in [forced(Scope::Leaves), forced(Scope::Authority)] {
        assert_eq!(refusal(&facts, &request), Some(Code::ClockDiffers), "{request:?}");
    }
}

#[test]
fn a_leaf_waits_for_a_database_that_cannot_tell_the_time_until_half_its_slack_is_left() {
    let due = |days| healthy().unseen().issued(Peer::Server, TimeDelta::days(days));
    assert_eq!(story(&due(31), &rotate())[0], "prove postgres");
    assert_eq!(story(&due(38), &rotate())[0], "issue server by 1 trusting 1");
    assert_eq!(story(&due(46), &rotate())[0], "issue server by 1 trusting 1");
    // One endpoint is dead, another one tells the time: nothing waits.
    let half =
        healthy().with_consumer("postgres", &Loaded::Unknown(no_answer())).issued(Peer::Server, TimeDelta::days(31));
    assert_eq!(story(&half, &rotate()), ["issue server by 1 trusting 1", "prove postgres"]);
    let client =
        healthy().with_consumer("postgres", &Loaded::Unknown(no_answer())).issued(Peer::Client, TimeDelta::days(31));
    let moved = ["issue client by 1 trusting 1", "pick up backstage", "prove backstage", "prove postgres"];
    assert_eq!(story(&client, &rotate()), moved);
}

#[test]
fn what_cannot_be_undone_waits_for_a_database_that_can_check_our_clock() {
    let ending = AuthorityFacts {
        validity: Validity { not_before: now() - TimeDelta::days(9), not_after: now() + TimeDelta::days(179) },
        ..authority(1)
    };
    let seen = healthy().with_authorities(vec![ending]);
    let unseen = seen.clone().unseen();
    for request in [rotate(), forced(Scope::Authority)] {
        assert_eq!(story(&seen, &request)[0], "add 2", "{request:?}");
        assert_eq!(story(&unseen, &request)[0], "prove postgres", "{request:?}");
    }
    let expired = unseen.clone().issued(Peer::Server, TimeDelta::days(46)).issued(Peer::Client, TimeDelta::days(46));
    let issued = ["issue server by 1 trusting 1", "issue client by 1 trusting 1"];
    assert_eq!(story(&expired, &rotate())[..2], issued);
    let moved = unseen
        .with_authorities(vec![AuthorityFacts { retiring: true, ..authority(1) }, authority(2)])
        .with_leaves(|leaf| {
            leaf.signer = super::fixtures::leaf(2).signer;
            leaf.trust = [fingerprint(1), fingerprint(2)].into();
        });
    assert_eq!(story(&moved, &rotate())[0], "prove postgres");
}

#[test]
fn everything_expired_has_a_way_out_without_the_database() {
    let ended = AuthorityFacts {
        validity: Validity { not_before: now() - TimeDelta::days(99), not_after: now() - TimeDelta::days(1) },
        ..authority(1)
    };
    let facts = healthy()
        .unseen()
        .with_authorities(vec![ended])
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
    let order = LeafOrder {
        peer: Peer::Server,
        signer: 2,
        validity,
        trust: trusting(1),
        peer_trust: trusting(2),
        rotation_id: None,
    };
    let too_early = Step::Issue { order, trial: Trial::None, reasons: Vec::new() };
    let forgets = Step::Republish { peer: Peer::Client, trust: trusting(2) };
    let in_use = Step::RemoveAuthority { generation: 1 };
    let unknown = Step::PickUp { peer: Peer::Server, consumer: "backstage".to_owned() };
    let reused =
        Step::AddAuthority(AuthorityOrder { generation: 2, validity, retiring: BTreeSet::new(), rotation_id: None });
    for step in [too_early, forgets, in_use, unknown, reused] {
        assert_ne!(invariants::violations(&facts, &step), Vec::<String>::new(), "{step}");
    }
    let client = Step::PickUp { peer: Peer::Client, consumer: "backstage".to_owned() };
    let lagging = healthy().with_consumer("postgres", &stale()).with_consumer("backstage", &stale());
    let untried = lagging.clone().with_running(|it| it.login = Login::NotTried);
    assert_ne!(invariants::violations(&untried, &client), Vec::<String>::new());
    assert_eq!(invariants::violations(&lagging, &client), Vec::<String>::new(), "the server accepts the leaf");
    let locked_out = healthy().with_running(|it| it.login = Login::LeafRefused(no_answer()));
    assert_ne!(invariants::violations(&locked_out, &client), Vec::<String>::new());
}
