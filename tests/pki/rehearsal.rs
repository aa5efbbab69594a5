//! Which pairs of leaves and bundles connect: the table measured on PostgreSQL, on rustls in memory.

use base::diagnosis::{Code, Diagnose};
use chrono::TimeDelta;
use rotation::pki::algorithm::KeyAlgorithm;
use rotation::pki::authority::Authority;
use rotation::pki::certificate::Certificate;
use rotation::pki::key::PrivateKey;
use rotation::pki::leaf::{LeafProfile, LeafRequest, issue};
use rotation::pki::rehearse::{Party, rehearse};
use rotation::pki::trust_bundle::TrustBundle;

use crate::support::{authority, client, leaf, name, now, origin, serial, server, span};

struct End {
    chain: Vec<Certificate>,
    key: PrivateKey,
}

fn end(authority: &Authority, profile: LeafProfile) -> End {
    let (certificate, key) = leaf(authority, profile, KeyAlgorithm::EcdsaP256).expect("a leaf");
    End { chain: vec![certificate], key }
}

fn bundle(authorities: &[&Authority]) -> TrustBundle {
    authorities.iter().map(|authority| authority.anchor().clone()).collect()
}

fn party<'a>(end: &'a End, trust: &'a TrustBundle) -> Party<'a> {
    Party { chain: &end.chain, key: &end.key, trust }
}

#[test]
fn two_ends_connect_exactly_when_each_trusts_the_others_authority() {
    let authorities = [authority(KeyAlgorithm::EcdsaP256, "first"), authority(KeyAlgorithm::EcdsaP256, "second")];
    let [first, second] = &authorities;
    let servers = [end(first, server()), end(second, server())];
    let clients = [end(first, client()), end(second, client())];
    let bundles = [
        (bundle(&[first]), [true, false]),
        (bundle(&[second]), [false, true]),
        (bundle(&[first, second]), [true, true]),
    ];
    let address = name("postgres.backstage.svc");
    let mut accepted = 0;
    for (server_index, server) in servers.iter().enumerate() {
        for (client_index, client) in clients.iter().enumerate() {
            for (server_trust, server_trusts) in &bundles {
                for (client_trust, client_trusts) in &bundles {
                    let expected = server_trusts[client_index] && client_trusts[server_index];
                    let outcome = rehearse(party(server, server_trust), party(client, client_trust), &address, now());
                    assert_eq!(outcome.is_ok(), expected, "{outcome:?}");
                    accepted += usize::from(expected);
                }
            }
        }
    }
    assert_eq!(accepted, 16, "of 36, as PostgreSQL accepts");
}

#[test]
fn all_leaf_algorithms_connect_under_all_authorities() {
    for of_authority in [KeyAlgorithm::EcdsaP256, KeyAlgorithm::EcdsaP384, KeyAlgorithm::Ed25519, KeyAlgorithm::Rsa2048]
    {
        let authority = authority(of_authority, "any");
        let trust = bundle(&[&authority]);
        for algorithm in
            [KeyAlgorithm::EcdsaP256, KeyAlgorithm::EcdsaP384, KeyAlgorithm::Ed25519, KeyAlgorithm::Rsa2048]
        {
            let ends = [server(), client()].map(|profile| {
                let (certificate, key) = leaf(&authority, profile, algorithm).expect("a leaf");
                End { chain: vec![certificate], key }
            });
            let outcome = rehearse(party(&ends[0], &trust), party(&ends[1], &trust), &name("10.0.0.7"), now());
            assert_eq!(outcome, Ok(()), "{algorithm} under {of_authority}");
        }
    }
}

#[test]
fn what_a_peer_would_refuse_is_refused_with_its_reason() {
    let authority = authority(KeyAlgorithm::EcdsaP256, "judged");
    let trust = bundle(&[&authority]);
    let none = TrustBundle::default();
    let good = [end(&authority, server()), end(&authority, client())];
    let [server_end, client_end] = &good;
    let address = name("postgres.backstage.svc");
    let other_key =
        End { chain: server_end.chain.clone(), key: PrivateKey::generate(KeyAlgorithm::EcdsaP256).expect("a key") };
    let empty = End { chain: Vec::new(), key: PrivateKey::generate(KeyAlgorithm::EcdsaP256).expect("a key") };
    let day = TimeDelta::days(1);
    let cases = [
        (
            "the server's leaf has expired",
            party(server_end, &trust),
            party(client_end, &trust),
            &address,
            now() + day * 50,
            "expired",
        ),
        (
            "the leaves are not valid yet",
            party(server_end, &trust),
            party(client_end, &trust),
            &address,
            now() - day,
            "not valid yet",
        ),
        (
            "the root has expired",
            party(server_end, &trust),
            party(client_end, &trust),
            &address,
            now() + day * 4000,
            "expired",
        ),
        (
            "the name is another",
            party(server_end, &trust),
            party(client_end, &trust),
            &name("other.backstage.svc"),
            now(),
            "does not name other.backstage.svc",
        ),
        (
            "the address is another",
            party(server_end, &trust),
            party(client_end, &trust),
            &name("10.0.0.8"),
            now(),
            "does not name 10.0.0.8",
        ),
        (
            "a client's leaf serves",
            party(client_end, &trust),
            party(client_end, &trust),
            &address,
            now(),
            "not meant for a server",
        ),
        (
            "a server's leaf logs in",
            party(server_end, &trust),
            party(server_end, &trust),
            &address,
            now(),
            "not meant for a client",
        ),
        (
            "the server trusts no authority",
            party(server_end, &none),
            party(client_end, &trust),
            &address,
            now(),
            "the server refuses the client",
        ),
        (
            "the client trusts no authority",
            party(server_end, &trust),
            party(client_end, &none),
            &address,
            now(),
            "the client refuses the server",
        ),
        ("the key is another", party(&other_key, &trust), party(client_end, &trust), &address, now(), "the server"),
        (
            "no certificate is presented",
            party(server_end, &trust),
            party(&empty, &trust),
            &address,
            now(),
            "no certificate",
        ),
    ];
    for (what, server, client, address, at, reason) in cases {
        let error = rehearse(server, client, address, at).expect_err(what);
        assert_eq!(error.code(), Code::RehearsalFailed, "{what}");
        assert!(error.to_string().contains(reason), "{what}: {error}");
    }
}

#[test]
fn a_leaf_connects_through_an_intermediate_only_when_it_is_presented() {
    use crate::support::{AUTHORITY, INTERMEDIATE, P256, Workshop, load_and_issue};
    let workshop = Workshop::new();
    for name in ["root", "signer"] {
        workshop.key(name, &P256);
    }
    let root = workshop.root("root", "root", "/CN=root", AUTHORITY, &[]);
    let signer = workshop.signed("signer", ("root", "root"), "/CN=signer", INTERMEDIATE, "400");
    let authority = load_and_issue(&[signer, root].concat(), &workshop.read("signer.key")).expect("an authority");
    let trust = bundle(&[&authority]);
    let with_chain = |profile| {
        let mut end = end(&authority, profile);
        end.chain.extend(authority.intermediates().cloned());
        end
    };
    let ends = [with_chain(server()), with_chain(client())];
    let address = name("postgres.backstage.svc");
    assert_eq!(rehearse(party(&ends[0], &trust), party(&ends[1], &trust), &address, now()), Ok(()));
    let bare = end(&authority, client());
    let error =
        rehearse(party(&ends[0], &trust), party(&bare, &trust), &address, now()).expect_err("no way to the root");
    assert!(error.to_string().contains("unknown authority"), "{error}");
    // An intermediate in the bundle is no anchor for OpenSSL, so it is none here.
    let only_signer: TrustBundle = [authority.signer().clone()].into_iter().collect();
    rehearse(party(&ends[0], &only_signer), party(&ends[1], &trust), &address, now()).expect_err("not an anchor");
}

#[test]
fn a_leaf_outside_of_its_authoritys_life_is_not_issued() {
    let authority = authority(KeyAlgorithm::EcdsaP256, "short");
    let key = PrivateKey::generate(KeyAlgorithm::EcdsaP256).expect("a key");
    let mut validity = span(45);
    validity.not_before = now() + TimeDelta::days(4000);
    validity.not_after = now() + TimeDelta::days(4010);
    let request = LeafRequest { profile: client(), serial: serial(3), validity };
    let error = issue(&authority, &request, &key).expect_err("its authority has ended");
    assert_eq!(error.code(), Code::IssueRefused);
}

#[test]
fn the_rehearsal_refuses_what_openssl_refuses_and_rustls_does_not() {
    use crate::support::{AUTHORITY, INTERMEDIATE, P256, Workshop, load_and_issue};
    let workshop = Workshop::new();
    for name in ["root", "signer"] {
        workshop.key(name, &P256);
    }
    let root = workshop.root("root", "root", "/CN=root", AUTHORITY, &[]);
    let signer = workshop.signed("signer", ("root", "root"), "/CN=signer", INTERMEDIATE, "400");
    let authority = load_and_issue(&[signer, root].concat(), &workshop.read("signer.key")).expect("an authority");
    let with_chain = |profile| {
        let mut end = end(&authority, profile);
        end.chain.extend(authority.intermediates().cloned());
        end
    };
    let ends = [with_chain(server()), with_chain(client())];
    let address = name("postgres.backstage.svc");
    let trust = bundle(&[&authority]);
    assert_eq!(rehearse(party(&ends[0], &trust), party(&ends[1], &trust), &address, now()), Ok(()));

    // The same root with the same key, renewed by a tool that makes its identifier otherwise: PostgreSQL has loaded it.
    let other = AUTHORITY.replace("subjectKeyIdentifier=hash", "subjectKeyIdentifier=0102030405");
    let renewed = TrustBundle::from_pem(&workshop.root("renewed", "root", "/CN=root", &other, &[]), &origin());
    let renewed = renewed.expect("a bundle");
    let error = rehearse(party(&ends[0], &trust), party(&ends[1], &renewed), &address, now());
    assert!(error.expect_err("OpenSSL finds no issuer").to_string().contains("unknown authority"));

    // Two roots of one name and no identifiers: OpenSSL takes the one that its tables hold first.
    let bare = AUTHORITY.replace("subjectKeyIdentifier=hash", "subjectKeyIdentifier=none");
    let twins = ["root", "signer"].map(|key| workshop.root(&format!("{key}-twin"), key, "/CN=twin", &bare, &[]));
    let authority = load_and_issue(&twins[0], &workshop.read("root.key")).expect("an authority");
    let ends = [end(&authority, server()), end(&authority, client())];
    let alone = bundle(&[&authority]);
    assert_eq!(rehearse(party(&ends[0], &alone), party(&ends[1], &alone), &address, now()), Ok(()));
    let both = TrustBundle::from_pem(&twins.concat(), &origin()).expect("a bundle");
    let error = rehearse(party(&ends[0], &alone), party(&ends[1], &both), &address, now());
    let text = error.expect_err("it may be the wrong one").to_string();
    assert!(text.contains("did not sign") && text.contains("/CN=twin"), "{text}");
}
