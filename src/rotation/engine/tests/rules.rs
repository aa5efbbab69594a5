use chrono::TimeDelta;

use super::fixtures::{authority, cut_off, fingerprint, forced, healthy, now, policy, rotate};
use crate::engine::facts::{AuthorityFacts, Facts, Loaded, Observed, Peer, Validity};
use crate::engine::request::{Request, Scope};
use crate::engine::rules::{Reason, Subject, explain};

fn found(facts: &Facts, request: &Request) -> Vec<(Subject, Reason)> {
    explain(facts, &policy(), request).into_iter().map(|finding| (finding.subject, finding.reason)).collect()
}

fn server(reason: Reason) -> Vec<(Subject, Reason)> {
    vec![(Subject::Leaf(Peer::Server), reason)]
}

#[test]
fn a_healthy_pair_has_no_finding() {
    assert_eq!(found(&healthy(), &rotate()), []);
}

#[test]
fn rotation_is_due_at_thirty_days_to_the_second() {
    let due = TimeDelta::days(30);
    assert_eq!(found(&healthy().issued(Peer::Server, due - TimeDelta::seconds(1)), &rotate()), []);
    let facts = healthy().issued(Peer::Server, due);
    let reasons: Vec<_> = found(&facts, &rotate()).into_iter().map(|(_, reason)| reason).collect();
    assert_eq!(reasons, [Reason::RotationDue, Reason::LeafEnding]);
}

#[test]
fn a_leaf_is_ending_inside_the_slack_only_if_a_new_one_would_live_longer() {
    let short =
        |facts: Facts| facts.with_leaf(Peer::Server, |leaf| leaf.validity.not_after = now() + TimeDelta::days(15));
    assert_eq!(found(&short(healthy()), &rotate()), server(Reason::LeafEnding));
    let ending = AuthorityFacts {
        validity: Validity { not_before: now() - TimeDelta::days(1), not_after: now() + TimeDelta::days(15) },
        ..authority(1)
    };
    let reasons = found(&short(healthy().with_authorities(vec![ending])), &rotate());
    assert_eq!(reasons, [(Subject::Authority(None), Reason::AuthorityEnding)]);
}

#[test]
fn a_leaf_is_expired_one_second_after_its_end() {
    let ends = |end| healthy().with_leaf(Peer::Server, move |leaf| leaf.validity.not_after = end);
    let reasons = |facts: &Facts| found(facts, &rotate()).iter().any(|(_, reason)| *reason == Reason::LeafExpired);
    assert!(!reasons(&ends(now())));
    assert!(reasons(&ends(now() - TimeDelta::seconds(1))));
}

#[test]
fn a_leaf_from_the_future_is_found() {
    let facts = healthy().with_leaf(Peer::Server, |leaf| leaf.validity.not_before = now() + TimeDelta::seconds(1));
    assert_eq!(found(&facts, &rotate()), server(Reason::LeafNotYetValid));
}

#[test]
fn a_leaf_of_no_known_authority_is_untrusted_and_nothing_of_it_is_required() {
    let facts = healthy().with_leaf(Peer::Server, |leaf| leaf.signer = None);
    assert_eq!(found(&facts, &rotate()), server(Reason::LeafUntrusted));
}

#[test]
fn a_leaf_below_an_expired_intermediate_is_untrusted() {
    let facts = healthy().with_leaf(Peer::Server, |leaf| leaf.chain_validity.not_after = now() - TimeDelta::seconds(1));
    assert_eq!(found(&facts, &rotate()), server(Reason::LeafUntrusted));
}

#[test]
fn drift_is_named() {
    let facts = healthy().with_leaf(Peer::Server, |leaf| leaf.drift.push("names differ".to_owned()));
    assert_eq!(found(&facts, &rotate()), server(Reason::ProfileDrift));
}

#[test]
fn what_cannot_be_read_is_found_and_not_judged_further() {
    let facts = healthy().with_stored(|it| it.server = Observed::Unreadable(cut_off()));
    assert_eq!(found(&facts, &forced(Scope::Leaves))[..1], server(Reason::LeafUnreadable));
    let facts = healthy().with_stored(|it| it.authorities = Observed::Unreadable(cut_off()));
    assert_eq!(found(&facts, &rotate())[0], (Subject::Authority(None), Reason::AuthorityUnreadable));
}

#[test]
fn a_forced_rotation_is_wanted_once_an_identity() {
    let forced = forced(Scope::Leaves);
    let reasons: Vec<_> = found(&healthy(), &forced).into_iter().map(|(_, reason)| reason).collect();
    assert_eq!(reasons, [Reason::Forced, Reason::Forced]);
    let done = healthy().with_leaves(|leaf| leaf.rotation_ids.push("ticket-1".to_owned()));
    assert_eq!(found(&done, &forced), []);
}

#[test]
fn a_bundle_that_lacks_an_authority_is_found() {
    let facts = healthy().with_authorities(vec![authority(1), authority(2)]);
    let both: Vec<_> = Peer::ALL.map(|peer| (Subject::Leaf(peer), Reason::TrustDiffers)).into();
    assert_eq!(found(&facts, &rotate()), both);
}

#[test]
fn surplus_trust_is_kept_while_a_consumer_lags_behind() {
    let facts = healthy().with_leaf(Peer::Client, |leaf| {
        leaf.trust.insert(fingerprint(9));
    });
    assert_eq!(found(&facts, &rotate()), [(Subject::Leaf(Peer::Client), Reason::TrustDiffers)]);
    let lagging = facts.with_consumer("postgres", &Loaded::Stale("serial 01".to_owned()));
    let stale = (Subject::Consumer("postgres".to_owned()), Reason::ConsumerStale);
    assert_eq!(found(&lagging, &rotate()), [stale]);
}

#[test]
fn a_clock_is_wrong_beyond_half_the_backdate() {
    let ahead = |seconds| healthy().with_running(|it| it.reference = Some(now() - TimeDelta::seconds(seconds)));
    assert_eq!(found(&ahead(1800), &rotate()), []);
    assert_eq!(found(&ahead(1801), &rotate()), [(Subject::Clock, Reason::ClockDiffers)]);
    assert_eq!(found(&ahead(-1801), &rotate()), [(Subject::Clock, Reason::ClockDiffers)]);
}

#[test]
fn an_authority_that_ends_within_half_a_year_is_found() {
    let ends = |days| AuthorityFacts {
        validity: Validity { not_before: now() - TimeDelta::days(1), not_after: now() + TimeDelta::days(days) },
        ..authority(1)
    };
    assert_eq!(found(&healthy().with_authorities(vec![ends(180)]), &rotate()), []);
    let ending = (Subject::Authority(None), Reason::AuthorityEnding);
    assert_eq!(found(&healthy().with_authorities(vec![ends(179)]), &rotate()), [ending]);
}

#[test]
fn an_unknown_signer_is_gone_and_a_retiring_one_is_named() {
    let facts = healthy().with_authorities(vec![authority(2)]);
    assert!(found(&facts, &rotate()).contains(&(Subject::Leaf(Peer::Server), Reason::SignerGone)));
    let retiring = AuthorityFacts { retiring: true, ..authority(1) };
    let facts = healthy().with_authorities(vec![retiring, authority(2)]);
    assert!(found(&facts, &rotate()).contains(&(Subject::Leaf(Peer::Client), Reason::SignerRetiring)));
}
