use std::cell::Cell;
use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use crate::engine::material::{Places, Revision, Stored};
use crate::engine::request::RotationId;

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
    Stored::new(material, Revision("1".to_owned()), Places::default())
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
    let inspection = issuer.inspect(snapshot, now());
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
    let inspection = issuer.inspect(&snapshot, now());
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
    let inspection = issuer().inspect(&Snapshot::default(), now());
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
fn a_leaf_is_not_rehearsed_with_one_that_vouches_for_its_own_root() {
    for peer in Peer::ALL {
        let (issuer, mut snapshot) = settled();
        let (stranger, mut strange) = settled();
        let foreign = order(&stranger, &strange, peer.other(), 1);
        *slot(&mut snapshot, peer.other()) = slot(&mut strange, peer.other()).take();
        assert_ne!(foreign.trust, anchors(&issuer, &snapshot), "it is another authority");
        let order = order(&issuer, &snapshot, peer, 1);
        let material = issuer.issue(&snapshot, &order).expect("a leaf");
        issuer.rehearse(&snapshot, peer, &material, &order.peer_trust, now()).expect("the other peer proves nothing");
    }
}

#[test]
fn the_signer_of_a_leaf_is_found_in_a_bundle_when_its_authority_is_gone() {
    let (issuer, mut snapshot) = settled();
    let anchor = anchors(&issuer, &snapshot);
    snapshot.authority = None;
    let inspection = issuer.inspect(&snapshot, now());
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
    let inspection = issuer.inspect(&snapshot, now());
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
    assert_eq!(issuer.inspect(&snapshot, now()).client.present().expect("a leaf").rotation_ids, ["ticket-7"]);

    snapshot.authority = Some(stored(issuer.remove_authority(&snapshot, 1).expect("one less")));
    let inspection = issuer.inspect(&snapshot, now());
    assert_eq!(inspection.authorities.present().expect("authorities").len(), 1);
    assert_eq!(inspection.rollover_ids, ["ticket-7"]);
    assert!(issuer.remove_authority(&snapshot, 1).is_err(), "it is gone");
}

/// The entries of an object, renamed.
fn renamed(material: &Material, names: &[(&str, &str)]) -> Material {
    let entry = |(old, new): &(&str, &str)| ((*new).to_owned(), material.entries[*old].clone());
    Material { entries: names.iter().map(entry).collect(), ..Material::default() }
}

#[test]
fn an_authority_of_another_tool_is_generation_zero() {
    let (issuer, mut snapshot) = settled();
    let ours = snapshot.authority.clone().expect("an authority").material;
    let known = anchors(&issuer, &snapshot);
    let layouts: [&[(&str, &str)]; 3] = [
        &[("authority-1.crt", "tls.crt"), ("authority-1.key", "tls.key")],
        &[("authority-1.crt", "tls.crt"), ("authority-1.key", "tls.key"), ("authority-1.crt", "ca.crt")],
        &[("authority-1.crt", "ca.crt"), ("authority-1.key", "ca.key")],
    ];
    for names in layouts {
        snapshot.authority = Some(stored(renamed(&ours, names)));
        let inspection = issuer.inspect(&snapshot, now());
        let authorities = inspection.authorities.present().expect("it is read");
        assert_eq!(authorities.iter().map(|one| one.generation).collect::<Vec<_>>(), [0], "{names:?}");
        assert_eq!(anchors(&issuer, &snapshot), known);
        let order = order(&issuer, &snapshot, Peer::Client, 0);
        let material = issuer.issue(&snapshot, &order).expect("a leaf");
        issuer.rehearse(&snapshot, Peer::Client, &material, &order.peer_trust, now()).expect("the rehearsal");
        let emptied = issuer.remove_authority(&snapshot, 0).expect("removed");
        assert!(emptied.entries.is_empty(), "{names:?}");
    }
}

#[test]
fn a_stored_object_that_cannot_be_used_says_why() {
    let (issuer, snapshot) = settled();
    let damaged = |peer: Peer, entry: &str, bytes: &[u8]| {
        let mut snapshot = snapshot.clone();
        let object = slot(&mut snapshot, peer).as_mut().expect("a leaf");
        object.material.entries.insert(entry.to_owned(), SecretBytes::new(bytes.to_vec()));
        match issuer.inspect(&snapshot, now()).leaf(peer) {
            Observed::Unreadable(unusable) => unusable.why.clone(),
            Observed::Absent | Observed::Present(_) => "(readable)".to_owned(),
        }
    };
    let other_key = snapshot.client.as_ref().expect("a leaf").material.entries[LEAF_KEY].clone();
    let why = damaged(Peer::Server, LEAF_KEY, other_key.expose());
    assert!(why.contains("tls.crt of the server's leaf") && why.contains("does not belong to the key"), "{why}");
    for (entry, bytes) in [(LEAF_CERTIFICATE, ""), (LEAF_KEY, ""), (TRUST_BUNDLE, "nonsense"), (LEAF_CERTIFICATE, "x")]
    {
        let why = damaged(Peer::Client, entry, bytes.as_bytes());
        assert!(why.contains(&format!("{entry} of the client's leaf")), "{entry}: {why}");
    }
    assert_eq!(damaged(Peer::Client, TRUST_BUNDLE, b""), "(readable)", "a leaf without a bundle accepts no peer");

    let mut snapshot = snapshot;
    let authority = snapshot.authority.as_mut().expect("an authority");
    authority.material.entries.insert("authority-1.key".to_owned(), other_key);
    let inspection = issuer.inspect(&snapshot, now());
    let Observed::Unreadable(Unusable { why, .. }) = inspection.authorities else { panic!("the key is another") };
    assert!(why.contains("authority-1.key"), "{why}");
    // The bundles still show which authority signed the leaves.
    assert!(inspection.server.present().expect("a leaf").signer.is_some());
}

#[test]
fn drift_names_what_differs_from_the_profile() {
    let (issuer, snapshot) = settled();
    let mut profile = issuer.profile().clone();
    profile.leaf_algorithm = KeyAlgorithm::Ed25519;
    profile.client_name = CommonName::parse("backstage").expect("a name");
    profile.server_names.pop();
    let changed = CertificateIssuer::new(profile, || [9; 16]).inspect(&snapshot, now());
    let drift = |peer| changed.leaf(peer).present().expect("a leaf").drift.clone();
    let key = "its key is ecdsa-p256 instead of ed25519".to_owned();
    let names = "its names are postgres.backstage.svc, 127.0.0.1 instead of postgres.backstage.svc".to_owned();
    assert_eq!(drift(Peer::Server), [names, key.clone()]);
    assert_eq!(drift(Peer::Client), ["its common name is postgres instead of backstage".to_owned(), key]);

    // A leaf in the other's place has the wrong usage, and its signer is still known.
    let swapped = Snapshot { server: snapshot.client.clone(), client: snapshot.server.clone(), ..snapshot };
    let inspection = issuer.inspect(&swapped, now());
    let server = inspection.server.present().expect("a leaf");
    assert!(server.drift.iter().any(|one| one.contains("extended key usage")), "{:?}", server.drift);
    assert!(server.signer.is_some());
}

#[test]
fn republishing_keeps_the_leaf_and_changes_the_bundle() {
    let (issuer, mut snapshot) = settled();
    add_generation(&issuer, &mut snapshot, 2);
    let trust = anchors(&issuer, &snapshot);
    let before = snapshot.server.clone().expect("a leaf").material;
    let after = issuer.republish(&snapshot, Peer::Server, &trust).expect("another bundle");
    assert_eq!(after.entries[LEAF_CERTIFICATE], before.entries[LEAF_CERTIFICATE]);
    assert_eq!(after.entries[LEAF_KEY], before.entries[LEAF_KEY]);
    snapshot.server = Some(stored(after));
    assert_eq!(issuer.inspect(&snapshot, now()).server.present().expect("a leaf").trust, trust);

    let unknown = BTreeSet::from([Fingerprint([0; 32])]);
    let failure = issuer.republish(&snapshot, Peer::Server, &unknown).expect_err("no object contains it");
    assert_eq!(failure.code(), Code::SignerMissing);
}

#[test]
fn a_peer_that_cannot_connect_anyway_is_left_out_of_the_rehearsal() {
    let (issuer, mut snapshot) = settled();
    let later = now() + TimeDelta::days(60);
    let trust = anchors(&issuer, &snapshot);
    let validity = Validity { not_before: later, not_after: later + TimeDelta::days(45) };
    let order = LeafOrder { validity, ..order(&issuer, &snapshot, Peer::Server, 1) };
    let material = issuer.issue(&snapshot, &order).expect("a leaf");
    issuer.rehearse(&snapshot, Peer::Server, &material, &trust, later).expect("the client's leaf has expired");
    snapshot.client = None;
    issuer.rehearse(&snapshot, Peer::Server, &material, &trust, later).expect("the client has no leaf");
    let failure = issuer.rehearse(&snapshot, Peer::Server, &material, &trust, now()).expect_err("it has not begun");
    assert!(failure.to_string().contains("not valid yet"), "{failure}");
}

#[test]
fn a_long_authority_name_leaves_room_for_what_is_its_own() {
    let start = CommonName::parse(&"Ü,".repeat(32)).expect("a name");
    let name = authority_name(&start, 12, NewSerial::from_entropy([0xab; 16]));
    assert!(name.as_str().ends_with(" 12 2bababab"), "{name}");
    // `pg_stat_ssl` shows 63 bytes; the commas are shown with a backslash.
    assert!("/CN=".len() + name.as_str().replace(',', "\\,").len() <= 63, "{name}");
}
