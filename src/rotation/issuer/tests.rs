use std::cell::Cell;
use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use crate::rotation::material::{Revision, Stored};
use crate::rotation::request::RotationId;

fn date(text: &str) -> DateTime<Utc> {
    text.parse().expect("a date")
}

fn now() -> DateTime<Utc> {
    date("2026-11-21T10:00:00Z")
}

fn span(days: i64) -> Validity {
    Validity { not_before: now() - TimeDelta::hours(1), not_after: now() + TimeDelta::days(days) }
}

fn issuer() -> CertificateIssuer {
    let profile = Profile {
        authority_name: CommonName::parse("newleaf test").expect("a name"),
        authority_algorithm: KeyAlgorithm::EcdsaP256,
        leaf_algorithm: KeyAlgorithm::EcdsaP256,
        server_names: vec![
            SubjectName::parse("postgres.backstage.svc").expect("a name"),
            SubjectName::parse("127.0.0.1").expect("an address"),
        ],
        client_name: CommonName::parse("postgres").expect("a name"),
    };
    let count = Cell::new(1_u8);
    CertificateIssuer::new(profile, move || {
        count.set(count.get() + 1);
        [count.get(); 16]
    })
}

fn stored(material: Material) -> Stored {
    Stored { material, revision: Revision("1".to_owned()) }
}

/// The world after a bootstrap: one authority, both leaves signed by it.
fn settled() -> (CertificateIssuer, Snapshot) {
    let issuer = issuer();
    let mut snapshot = Snapshot::default();
    add_generation(&issuer, &mut snapshot, 1);
    for peer in Peer::ALL {
        issue_leaf(&issuer, &mut snapshot, peer, 1);
    }
    (issuer, snapshot)
}

fn add_generation(issuer: &CertificateIssuer, snapshot: &mut Snapshot, generation: u32) {
    let order = AuthorityOrder { generation, validity: span(3650), retiring: BTreeSet::new(), rotation_id: None };
    snapshot.authority = Some(stored(issuer.add_authority(snapshot, &order).expect("an authority")));
}

fn anchors(issuer: &CertificateIssuer, snapshot: &Snapshot) -> BTreeSet<Fingerprint> {
    let inspection = issuer.inspect(snapshot);
    inspection.authorities.present().expect("authorities").iter().map(|authority| authority.anchor).collect()
}

fn order(issuer: &CertificateIssuer, snapshot: &Snapshot, peer: Peer, signer: u32) -> LeafOrder {
    let trust = anchors(issuer, snapshot);
    LeafOrder { peer, signer, validity: span(45), trust: trust.clone(), peer_trust: trust, rotation_id: None }
}

fn issue_leaf(issuer: &CertificateIssuer, snapshot: &mut Snapshot, peer: Peer, signer: u32) {
    let order = order(issuer, snapshot, peer, signer);
    let material = issuer.issue(snapshot, &order).expect("a leaf");
    issuer.rehearse(snapshot, peer, &material, &order.peer_trust, now()).expect("the rehearsal");
    *slot(snapshot, peer) = Some(stored(material));
}

fn slot(snapshot: &mut Snapshot, peer: Peer) -> &mut Option<Stored> {
    match peer {
        Peer::Server => &mut snapshot.server,
        Peer::Client => &mut snapshot.client,
    }
}

#[test]
fn what_was_issued_is_found_again_without_drift() {
    let (issuer, snapshot) = settled();
    let inspection = issuer.inspect(&snapshot);
    let authorities = inspection.authorities.present().expect("authorities");
    assert_eq!(authorities.len(), 1);
    assert_eq!(authorities[0].generation, 1);
    assert_eq!(authorities[0].subject, "/CN=newleaf test 1 02020202");
    assert_eq!(authorities[0].validity, span(3650));
    for peer in Peer::ALL {
        let leaf = inspection.leaf(peer).present().expect("a leaf");
        assert_eq!(leaf.drift, Vec::<String>::new());
        assert_eq!(leaf.validity, span(45));
        assert_eq!(leaf.chain_validity, span(45));
        assert_eq!(leaf.signer.map(|signer| signer.anchor), Some(authorities[0].anchor));
        assert_eq!(leaf.trust, BTreeSet::from([authorities[0].anchor]));
    }
}

#[test]
fn nothing_stored_is_absent() {
    let inspection = issuer().inspect(&Snapshot::default());
    assert_eq!(inspection.authorities, Observed::Absent);
    assert_eq!((inspection.server, inspection.client), (Observed::Absent, Observed::Absent));
}

#[test]
fn a_leaf_under_an_authority_that_the_peer_has_not_loaded_fails_its_rehearsal() {
    let (issuer, mut snapshot) = settled();
    let loaded = anchors(&issuer, &snapshot);
    add_generation(&issuer, &mut snapshot, 2);
    let material = issuer.issue(&snapshot, &order(&issuer, &snapshot, Peer::Server, 2)).expect("a leaf");
    let failure = issuer.rehearse(&snapshot, Peer::Server, &material, &loaded, now()).expect_err("unknown authority");
    assert_eq!(failure.code(), Code::RehearsalFailed);
}

#[test]
fn the_signer_of_a_leaf_is_found_in_a_bundle_when_its_authority_is_gone() {
    let (issuer, mut snapshot) = settled();
    let anchor = anchors(&issuer, &snapshot);
    snapshot.authority = None;
    let inspection = issuer.inspect(&snapshot);
    let leaf = inspection.server.present().expect("a leaf");
    assert_eq!(leaf.signer.map(|signer| signer.anchor), anchor.first().copied());
}

#[test]
fn rotations_are_remembered_and_generations_removed() {
    let (issuer, mut snapshot) = settled();
    let id = RotationId::parse("ticket-7").expect("an id");
    let forced = AuthorityOrder {
        generation: 2,
        validity: span(3650),
        retiring: BTreeSet::from([1]),
        rotation_id: Some(id.clone()),
    };
    snapshot.authority = Some(stored(issuer.add_authority(&snapshot, &forced).expect("an authority")));
    let inspection = issuer.inspect(&snapshot);
    assert_eq!(inspection.rollover_ids, ["ticket-7"]);
    let retiring: Vec<_> = inspection
        .authorities
        .present()
        .expect("authorities")
        .iter()
        .map(|one| (one.generation, one.retiring))
        .collect();
    assert_eq!(retiring, [(1, true), (2, false)]);

    let forced = LeafOrder { rotation_id: Some(id), ..order(&issuer, &snapshot, Peer::Client, 2) };
    snapshot.client = Some(stored(issuer.issue(&snapshot, &forced).expect("a leaf")));
    assert_eq!(issuer.inspect(&snapshot).client.present().expect("a leaf").rotation_ids, ["ticket-7"]);

    snapshot.authority = Some(stored(issuer.remove_authority(&snapshot, 1).expect("one less")));
    let inspection = issuer.inspect(&snapshot);
    assert_eq!(inspection.authorities.present().expect("authorities").len(), 1);
    assert_eq!(inspection.rollover_ids, ["ticket-7"]);
    assert!(issuer.remove_authority(&snapshot, 1).is_err(), "it is gone");
}
