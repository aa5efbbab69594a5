//! Objects in Secrets: written whole, unless another writer was faster, beside what others keep there.

use base::diagnosis::Code;
use k8s_openapi::api::events::v1::Event;
use kube::Api;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams};
use rotation::document::cluster::{AuthoritySecret, ExternalKeys};
use rotation::engine::material::{Slot, Stored};
use rotation::engine::ports::Store;
use rotation::engine::request::Request;
use serde_json::json;

use crate::ground::forced;
use crate::runs::Runner;
use crate::stage::{Stage, authority, material, read, replace, store};

#[tokio::test]
async fn what_is_written_is_read_back_and_nothing_else_is_there() {
    let Some(stage) = Stage::set().await else { return };
    let store = stage.store();
    assert_eq!(read(&store, Slot::Server).await, None);
    replace(&store, Slot::Server, &material("one")).await;
    let stored = read(&store, Slot::Server).await.expect("it was written");
    assert_eq!(stored.material, material("one"));
    assert_eq!(stored.places["tls.key"], format!("Secret {}/server, key tls.key", stage.namespace));
    assert_eq!(read(&store, Slot::Client).await, None);
    let secret = stage.secret("server").await;
    assert_eq!(secret.type_.as_deref(), Some("kubernetes.io/tls"));
    assert_eq!(secret.metadata.labels.expect("labels")["app.kubernetes.io/managed-by"], "newleaf");
    assert!(stored.written.is_some(), "the API server notes when it was written");
}

#[tokio::test]
async fn a_write_on_another_revision_is_a_conflict_and_writes_nothing() {
    let Some(stage) = Stage::set().await else { return };
    let store = stage.store();
    replace(&store, Slot::Client, &material("one")).await;
    let first = read(&store, Slot::Client).await.expect("it was written");
    replace(&store, Slot::Client, &material("two")).await;
    let second = read(&store, Slot::Client).await.expect("it was written");
    // Once with what an earlier read noted, once with nothing noted.
    for store in [&store, &stage.store()] {
        for expected in [None, Some(&first.revision)] {
            let failure = store.write(Slot::Client, expected, &material("three")).await.expect_err("it has changed");
            assert_eq!(failure.code(), Code::WriteConflict, "{failure}");
        }
    }
    assert_eq!(read(&store, Slot::Client).await, Some(second));
}

#[tokio::test]
async fn a_writer_between_our_read_and_our_write_is_not_overwritten() {
    let Some(stage) = Stage::set().await else { return };
    let (ours, theirs) = (stage.store(), stage.store());
    replace(&ours, Slot::Server, &material("one")).await;
    let stored = read(&ours, Slot::Server).await.expect("it was written");
    replace(&theirs, Slot::Server, &material("theirs")).await;
    let failure = ours.write(Slot::Server, Some(&stored.revision), &material("ours")).await.expect_err("too late");
    assert_eq!(failure.code(), Code::WriteConflict, "{failure}");
    assert_eq!(read(&ours, Slot::Server).await.expect("it is there").material, material("theirs"));
}

#[tokio::test]
async fn an_object_made_anew_under_the_same_name_is_a_conflict() {
    let Some(stage) = Stage::set().await else { return };
    let store = stage.store();
    replace(&store, Slot::Server, &material("one")).await;
    let Stored { revision, .. } = read(&store, Slot::Server).await.expect("it was written");
    drop(stage.secrets().delete("server", &DeleteParams::default()).await.expect("it can be deleted"));
    let failure = store.write(Slot::Server, Some(&revision), &material("two")).await.expect_err("it is gone");
    assert_eq!(failure.code(), Code::WriteConflict, "{failure}");
    replace(&stage.store(), Slot::Server, &material("anew")).await;
    let failure = store.write(Slot::Server, Some(&revision), &material("two")).await.expect_err("it is another one");
    assert_eq!(failure.code(), Code::WriteConflict, "{failure}");
    assert_eq!(read(&store, Slot::Server).await.expect("it is there").material, material("anew"));
}

#[tokio::test]
async fn of_two_that_create_the_same_object_one_wins() {
    let Some(stage) = Stage::set().await else { return };
    let (one, other) = (stage.store(), stage.store());
    let (one_text, other_text) = (material("one"), material("other"));
    let results = tokio::join!(one.write(Slot::Server, None, &one_text), other.write(Slot::Server, None, &other_text));
    let stored = read(&one, Slot::Server).await.expect("one was written").material;
    match results {
        (Ok(()), Err(failure)) => assert_eq!((failure.code(), stored), (Code::WriteConflict, one_text)),
        (Err(failure), Ok(())) => assert_eq!((failure.code(), stored), (Code::WriteConflict, other_text)),
        results => panic!("not one winner: {results:?}"),
    }
}

#[tokio::test]
async fn keys_labels_and_annotations_of_others_survive_and_our_old_ones_go() {
    let Some(stage) = Stage::set().await else { return };
    let store = stage.store();
    replace(&store, Slot::Authority, &authority(&[1, 2])).await;
    let others = json!({
        "metadata": {"labels": {"team": "blue"}, "annotations": {"note": "keep"}},
        "data": {"other.txt": "b3RoZXI="},
    });
    let parameters = PatchParams { field_manager: Some("kubectl-edit".to_owned()), ..PatchParams::default() };
    stage.secrets().patch("authority", &parameters, &Patch::Merge(others)).await.expect("others may write too");
    replace(&store, Slot::Authority, &authority(&[2])).await;
    let stored = read(&store, Slot::Authority).await.expect("it is there");
    assert_eq!(stored.material, authority(&[2]), "generation 1 is gone, and what is not ours is not read");
    let secret = stage.secret("authority").await;
    assert_eq!(secret.metadata.labels.expect("labels")["team"], "blue");
    assert_eq!(secret.metadata.annotations.expect("annotations")["note"], "keep");
    assert_eq!(secret.data.expect("data")["other.txt"].0, b"other");
    assert_eq!(secret.type_.as_deref(), Some("Opaque"));
}

#[tokio::test]
async fn annotations_that_are_not_set_any_more_are_removed() {
    let Some(stage) = Stage::set().await else { return };
    let store = stage.store();
    let mut changed = material("one");
    replace(&store, Slot::Client, &changed).await;
    changed.annotations.clear();
    replace(&store, Slot::Client, &changed).await;
    assert_eq!(read(&store, Slot::Client).await.expect("it is there").material, changed);
}

#[tokio::test]
async fn a_secret_that_was_written_again_within_its_first_second_no_longer_has_its_first_leaf() {
    let Some(stage) = Stage::set().await else { return };
    let run = async |request| Runner::new(stage.client.clone(), stage.place(), "run").run(&request).await;
    run(Request::Bootstrap).await.expect("it can be made");
    let first = stage.snapshot().await;
    run(forced("again")).await.expect("it can be rotated");
    let second = stage.snapshot().await;
    for slot in [Slot::Server, Slot::Client] {
        let first = first.stored(slot).expect("it was made");
        let second = second.stored(slot).expect("it was written");
        assert_eq!((first.is_first, second.is_first), (true, false), "{slot:?}");
        // Pods may have read the second one meanwhile.
        replace(&stage.store(), slot, &first.material).await;
        assert!(!read(&stage.store(), slot).await.expect("it is there").is_first, "{slot:?}");
    }
}

#[tokio::test]
async fn a_leaf_under_keys_of_ones_own_is_written_to_an_opaque_secret() {
    let Some(stage) = Stage::set().await else { return };
    let mut place = stage.place();
    place.server.certificate = "server.crt".to_owned();
    place.server.key = "server.key".to_owned();
    let store = store(stage.client.clone(), &place, false);
    replace(&store, Slot::Server, &material("one")).await;
    assert_eq!(read(&store, Slot::Server).await.expect("it was written").material, material("one"));
    let secret = stage.secret("server").await;
    assert_eq!(secret.type_.as_deref(), Some("Opaque"));
    let keys: Vec<_> = secret.data.expect("data").into_keys().collect();
    assert_eq!(keys, ["ca.crt", "server.crt", "server.key"]);
}

#[tokio::test]
async fn an_authority_as_kubectl_and_cert_manager_lay_it_out_is_read_and_never_written() {
    let Some(stage) = Stage::set().await else { return };
    let pair = [("tls.crt", "certificate"), ("tls.key", "key")];
    let chained = [("tls.crt", "certificate"), ("tls.key", "key"), ("ca.crt", "root")];
    let own = [("cert", "certificate"), ("private", "key"), ("other", "x")];
    stage.put("kubectl", "kubernetes.io/tls", &pair).await;
    stage.put("cert-manager", "kubernetes.io/tls", &chained).await;
    stage.put("opaque", "Opaque", &own).await;
    let keys = ExternalKeys { certificate: "cert".to_owned(), key: "private".to_owned(), chain: None };
    for (name, external, entries) in [("kubectl", None, 2), ("cert-manager", None, 3), ("opaque", Some(keys), 2)] {
        let mut place = stage.place();
        place.authority = AuthoritySecret { name: name.to_owned(), external };
        for adopt in [false, true] {
            let store = store(stage.client.clone(), &place, adopt);
            let stored = read(&store, Slot::Authority).await.expect("it is there");
            assert_eq!(stored.material.entries.len(), entries, "{name}");
            assert_eq!(stored.material.entry("tls.crt"), Some(&b"certificate"[..]), "{name}");
            assert_eq!(stored.material.entry("tls.key"), Some(&b"key"[..]), "{name}");
            let before = stage.secret(name).await.metadata.resource_version;
            let written = store.write(Slot::Authority, Some(&stored.revision), &authority(&[1])).await;
            assert_eq!(written.expect_err("it is not ours").code(), Code::AuthorityForeign, "{name}");
            assert_eq!(stage.secret(name).await.metadata.resource_version, before, "{name}");
        }
    }
}

#[tokio::test]
async fn what_was_done_is_told_by_an_event_on_the_secret() {
    let Some(stage) = Stage::set().await else { return };
    replace(&stage.store(), Slot::Server, &material("secret-bytes")).await;
    stage.put("client", "Opaque", &[("tls.crt", "theirs")]).await;
    let store = stage.store();
    let stored = read(&store, Slot::Client).await.expect("it is there");
    let refused = store.write(Slot::Client, Some(&stored.revision), &material("ours")).await;
    assert_eq!(refused.expect_err("it is not ours").code(), Code::SecretForeign);
    let api: Api<Event> = Api::namespaced(stage.client.clone(), &stage.namespace);
    let events = api.list(&ListParams::default()).await.expect("events can be listed").items;
    let told: Vec<_> = events
        .iter()
        .map(|event| {
            let regarding = event.regarding.clone().expect("it is about something");
            (event.reason.clone().unwrap_or_default(), regarding.name.unwrap_or_default(), regarding.uid)
        })
        .collect();
    let uid = |name: &'static str| async { stage.secret(name).await.metadata.uid };
    assert!(told.contains(&("CertificateWritten".to_owned(), "server".to_owned(), uid("server").await)), "{told:?}");
    assert!(told.contains(&("RotationRefused".to_owned(), "client".to_owned(), uid("client").await)), "{told:?}");
    assert!(!format!("{events:?}").contains("secret-bytes"));
}
