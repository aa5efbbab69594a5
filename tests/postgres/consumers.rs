//! Consumers that are told, and the proof that they loaded what is stored.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use base::diagnosis::Code;
use chrono::DateTime;
use newleaf::host::consumers::HostConsumers;
use rotation::document::{Pickup, Trigger};
use rotation::engine::facts::{Loaded, Login, Observed, Peer};
use rotation::engine::material::{Material, SecretBytes, Slot};
use rotation::engine::memory::RunMemory;
use rotation::engine::ports::{Consumers, Expected};
use terminal::stop_token::StopToken;

use crate::stage::{LIMIT, Stage, by_signal, picked_up, write};
use crate::support::certificates::Authority;
use crate::support::load::login;
use crate::support::server::readable_directory;

/// It passes in vain, but not before one observation has finished, also on a busy machine.
const SHORT: Duration = Duration::from_secs(5);

fn stale(loaded: &Loaded) -> &str {
    let Loaded::Stale(why) = loaded else { return "not stale" };
    why
}

async fn roll(stage: &Stage, consumers: &HostConsumers, limit: Duration) -> Result<(), base::diagnosis::Failure> {
    let (snapshot, stored) = stage.stored().await;
    let expected =
        Expected { snapshot: &snapshot, stored: &stored, now: DateTime::UNIX_EPOCH, memory: &RunMemory::default() };
    consumers.pick_up("postgres", expected, limit).await?;
    let memory = picked_up(Peer::Server, "postgres");
    consumers.prove("postgres", Expected { memory: &memory, ..expected }, limit).await
}

#[tokio::test]
async fn a_reload_by_signal_and_by_the_database_is_proven() {
    for trigger in [Trigger::Signal, Trigger::Database] {
        let Some(mut stage) = Stage::set().await else { return };
        let consumers =
            stage.consumers("postgres", Peer::Server, Pickup::Reload { trigger: trigger.clone(), fallback: None });
        assert_eq!(stage.loaded(&consumers, "postgres").await, Loaded::Current, "{trigger:?}");
        stage.renew_server().await;
        let old = stage.loaded(&consumers, "postgres").await;
        assert!(stale(&old).contains("serves serial 0101, stored is 0103"), "{old:?}");
        roll(&stage, &consumers, LIMIT).await.expect("the server loads what is stored");
        let observation = stage.observe(&consumers).await;
        assert_eq!(observation.consumers[0].loaded, Loaded::Current);
        assert!(observation.reference.is_some(), "the database tells its time");
        assert!(!stage.server.log().contains("could not receive data"), "{}", stage.server.log());
    }
}

#[tokio::test]
async fn a_changed_bundle_is_loaded_too() {
    let Some(mut stage) = Stage::set().await else { return };
    let consumers = stage.consumers("postgres", Peer::Server, by_signal());
    let second = Authority::new("second authority");
    let leaf = stage.server_leaf().await;
    write(&stage.store, Slot::Server, &with_bundle(&leaf, &[&stage.authority, &second])).await;
    let old = stage.loaded(&consumers, "postgres").await;
    assert!(stale(&old).contains("it lacks 1 of the stored authorities"), "{old:?}");
    roll(&stage, &consumers, LIMIT).await.expect("the server loads what is stored");
    assert_eq!(stage.loaded(&consumers, "postgres").await, Loaded::Current);
}

#[tokio::test]
async fn an_authority_replaced_by_one_of_the_same_name_is_accepted_until_the_server_has_reloaded() {
    let Some(mut stage) = Stage::set().await else { return };
    let consumers = stage.consumers("postgres", Peer::Server, by_signal());
    let twin = Authority::new("stage authority");
    let leaf = stage.server_leaf().await;
    write(&stage.store, Slot::Server, &with_bundle(&leaf, &[&twin])).await;
    // Leaf and names are as they are stored; the certificate behind the name is another one.
    let loaded = stage.loaded(&consumers, "postgres").await;
    assert!(stale(&loaded).contains("has not read its files since they were written"), "{loaded:?}");
    assert!(stage.lets_in(&stage.authority.client("postgres", 0x401, &[&stage.authority])).await, "it is the old one");
    roll(&stage, &consumers, LIMIT).await.expect("the server loads what is stored");
    assert_eq!(stage.loaded(&consumers, "postgres").await, Loaded::Current);
    assert!(!stage.lets_in(&stage.authority.client("postgres", 0x402, &[&stage.authority])).await, "it is over");
    assert!(stage.lets_in(&twin.client("postgres", 0x403, &[&stage.authority])).await);
}

#[tokio::test]
async fn a_server_that_may_not_be_asked_for_its_files_is_current_once_it_was_reloaded() {
    let Some(mut stage) = Stage::set().await else { return };
    stage.plain_role("plain").await;
    let consumers = stage.consumers("postgres", Peer::Server, by_signal());
    let leaf = stage.server_leaf().await;
    // A server that takes seconds to start was started after the first write, which would prove that it has loaded it.
    write(&stage.store, Slot::Server, &leaf).await;
    let loaded = stage.loaded(&consumers, "postgres").await;
    assert!(stale(&loaded).contains("does not show which trust bundle it has loaded"), "{loaded:?}");
    roll(&stage, &consumers, LIMIT).await.expect("the signal is delivered");
    assert_eq!(stage.loaded(&consumers, "postgres").await, Loaded::Current);
    write(&stage.store, Slot::Server, &with_bundle(&leaf, &[&stage.authority, &Authority::new("another")])).await;
    let loaded = stage.loaded(&consumers, "postgres").await;
    assert!(matches!(loaded, Loaded::Stale(_)), "what was loaded before the write is no proof: {loaded:?}");
}

/// The same leaf with another bundle beside it.
fn with_bundle(leaf: &Material, authorities: &[&Authority]) -> Material {
    let bundle: String = authorities.iter().map(|authority| authority.pem()).collect();
    let mut material = leaf.clone();
    material.entries.insert("ca.crt".to_owned(), SecretBytes::new(bundle.into_bytes()));
    material
}

type Damage = fn(&Stage);

/// Ways to make PostgreSQL refuse the new files, each after they have arrived.
fn damages() -> Vec<(&'static str, Damage)> {
    vec![
        ("key of another certificate", |stage| replace_key(stage)),
        ("key readable to all", |stage| {
            let mode = fs::Permissions::from_mode(0o644);
            fs::set_permissions(stage.path("server", "tls.key"), mode).expect("the mode can be changed");
        }),
        ("key missing", |stage| fs::remove_file(stage.path("server", "tls.key")).expect("it can be removed")),
        ("key empty", |stage| fs::write(stage.path("server", "tls.key"), "").expect("it can be written")),
        ("garbage as bundle", |stage| fs::write(stage.path("server", "ca.crt"), "garbage").expect("it can be written")),
        ("empty bundle", |stage| fs::write(stage.path("server", "ca.crt"), "").expect("it can be written")),
    ]
}

fn replace_key(stage: &Stage) {
    let other = stage.authority.server(7, &[]);
    fs::write(stage.path("server", "tls.key"), other.entry("tls.key").expect("it has a key"))
        .expect("it can be written");
}

#[tokio::test]
async fn a_refused_reload_is_found_and_never_followed_by_a_restart() {
    let Some(mut stage) = Stage::set().await else { return };
    let restarted = stage.place.directory.join("restarted");
    let fallback = Some(vec!["touch".to_owned(), restarted.display().to_string()]);
    let pickup = Pickup::Reload { trigger: Trigger::Signal, fallback };
    let consumers = stage.consumers("postgres", Peer::Server, pickup);
    for (case, damage) in damages() {
        stage.renew_server().await;
        // The facts are of what was written: the damage happens after.
        let (snapshot, stored) = stage.stored().await;
        let expected =
            Expected { snapshot: &snapshot, stored: &stored, now: DateTime::UNIX_EPOCH, memory: &RunMemory::default() };
        damage(&stage);
        consumers.pick_up("postgres", expected, LIMIT).await.expect("the signal is delivered");
        let memory = picked_up(Peer::Server, "postgres");
        let expected = Expected { memory: &memory, ..expected };
        let failure = consumers.prove("postgres", expected, LIMIT).await.expect_err(case);
        assert_eq!(failure.code(), Code::ReloadRefused, "{case}: {failure}");
        assert!(stage.server.log().contains("SSL configuration was not reloaded"), "{case}");
        assert!(!restarted.exists(), "{case}: the same files would keep it from starting");
        stage.renew_server().await;
        roll(&stage, &consumers, LIMIT).await.expect("good files are loaded again");
    }
}

/// Copies what is stored to where the server looks, as a mount that does not follow would keep it.
fn copy(from: &Path, to: &Path) {
    let status = Command::new("cp").args(["-rp", "-T"]).args([from, to]).status().expect("cp exists");
    assert!(status.success());
}

#[tokio::test]
async fn files_that_never_arrive_lead_to_the_fallback_only_where_there_is_one() {
    let elsewhere = readable_directory().expect("a temporary directory can be made");
    let files = elsewhere.path().join("files");
    let place = |directory: std::path::PathBuf| {
        copy(&fs::canonicalize(directory.join("server"))?, &files);
        Ok(files.clone())
    };
    let Some(mut stage) = Stage::with_files(place).await else { return };
    let consumers = stage.consumers("postgres", Peer::Server, by_signal());
    stage.renew_server().await;
    let failure = roll(&stage, &consumers, SHORT).await.expect_err("the files are not there");
    assert_eq!(failure.code(), Code::StaleCertificate, "{failure}");

    stage.place.consumers.clear();
    let restart = stage.server.restart_command().join(" ");
    let source = stage.place.directory.join("server");
    let script = format!("cp -rp -T $(readlink -f {}) {} && {restart}", source.display(), files.display());
    let fallback = Some(["sh", "-c", &script].map(str::to_owned).to_vec());
    let consumers = stage.consumers("postgres", Peer::Server, Pickup::Reload { trigger: Trigger::Signal, fallback });
    roll(&stage, &consumers, Duration::from_secs(20)).await.expect("the restart brings the files");
    assert_eq!(stage.loaded(&consumers, "postgres").await, Loaded::Current);
}

#[tokio::test]
async fn a_server_that_shows_a_certificate_of_version_1_is_stale_and_reloaded() {
    let elsewhere = readable_directory().expect("a temporary directory can be made");
    let files = elsewhere.path().join("files");
    let place = |_| {
        fs::create_dir(&files)?;
        fs::set_permissions(&files, fs::Permissions::from_mode(0o755))?;
        let p256 = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
        crate::odd::make(&files, &p256, true);
        Ok(files.clone())
    };
    let Some(mut stage) = Stage::with_files(place).await else { return };
    // The server is to load newleaf's files, and one SIGHUP is missing.
    fs::remove_dir_all(&files).expect("they can be removed");
    copy(&fs::canonicalize(stage.place.directory.join("server")).expect("it is a link"), &files);
    let consumers = stage.consumers("postgres", Peer::Server, by_signal());
    let old = stage.loaded(&consumers, "postgres").await;
    assert!(stale(&old).contains("stored is 0101"), "{old:?}");
    roll(&stage, &consumers, LIMIT).await.expect("the server loads what is stored");
    assert_eq!(stage.loaded(&consumers, "postgres").await, Loaded::Current);
}

#[tokio::test]
async fn a_restart_is_proven_and_one_that_does_not_come_up_is_not() {
    let Some(mut stage) = Stage::set().await else { return };
    let command = stage.server.restart_command();
    let consumers = stage.consumers("postgres", Peer::Server, Pickup::Restart { command });
    stage.renew_server().await;
    roll(&stage, &consumers, LIMIT).await.expect("the server starts with what is stored");
    assert_eq!(stage.loaded(&consumers, "postgres").await, Loaded::Current);

    stage.server.stop().expect("the server can be stopped");
    assert_eq!(stage.loaded(&consumers, "postgres").await, Loaded::NotRunning);
    let (snapshot, stored) = stage.stored().await;
    let expected =
        Expected { snapshot: &snapshot, stored: &stored, now: DateTime::UNIX_EPOCH, memory: &RunMemory::default() };
    let failure = consumers.prove("postgres", expected, SHORT).await.expect_err("it does not run");
    assert_eq!(failure.code(), Code::StaleCertificate, "{failure}");
}

#[tokio::test]
async fn a_client_is_current_when_it_was_told_and_its_old_sessions_are_gone() {
    let Some(mut stage) = Stage::set().await else { return };
    let restart = Pickup::Restart { command: vec!["true".to_owned()] };
    let consumers = stage.consumers("backstage", Peer::Client, restart);
    assert!(stale(&stage.loaded(&consumers, "backstage").await).contains("neither reloaded nor restarted"));

    let files = stage.place.directory.join("client");
    let old = login(&stage.server.database(), &files, "backstage").await.expect("the client can log in");
    write(&stage.store, Slot::Client, &stage.authority.client("postgres", 0x202, &[&stage.authority])).await;
    let (snapshot, stored) = stage.stored().await;
    let expected =
        Expected { snapshot: &snapshot, stored: &stored, now: DateTime::UNIX_EPOCH, memory: &RunMemory::default() };
    consumers.pick_up("backstage", expected, LIMIT).await.expect("the command succeeds");
    let memory = picked_up(Peer::Client, "backstage");
    let expected = Expected { memory: &memory, ..expected };
    let observation = stage.observe(&consumers).await;
    let Loaded::Lingering(why) = &observation.consumers[0].loaded else { panic!("{:?}", observation.consumers) };
    assert!(why.starts_with("1 session is still open with another serial than 0202, the first with 0201"), "{why}");
    assert_eq!(observation.issuers_in_use, Observed::Present(["/CN=stage authority".to_owned()].into()));
    let stop = StopToken::default();
    let stopped = HostConsumers::new(&stage.place, stage.database.as_ref(), stop.clone());
    stopped.pick_up("backstage", expected, LIMIT).await.expect("the command succeeds");
    stop.cancel();
    let failure = stopped.prove("backstage", expected, LIMIT).await.expect_err("it was asked to stop");
    assert_eq!(failure.code(), Code::Interrupted);
    let failure = consumers.prove("backstage", expected, SHORT).await.expect_err("the old session is open");
    assert_eq!(failure.code(), Code::StaleCertificate);

    let _new = login(&stage.server.database(), &files, "backstage").await.expect("the client can log in");
    drop(old);
    consumers.prove("backstage", expected, LIMIT).await.expect("the old session is gone");
}

#[tokio::test]
async fn a_server_that_trusts_the_client_not_yet_is_still_observed() {
    let Some(mut stage) = Stage::set().await else { return };
    let consumers = stage.consumers("postgres", Peer::Server, by_signal());
    roll(&stage, &consumers, LIMIT).await.expect("the server loads what is stored");
    let stranger = Authority::new("stranger");
    write(&stage.store, Slot::Client, &stranger.client("postgres", 1, &[&stage.authority])).await;
    let observation = stage.observe(&consumers).await;
    assert_eq!(observation.consumers[0].loaded, Loaded::Current, "handshakes need no login");
    assert_eq!(observation.reference, None);
    assert!(matches!(&observation.login, Login::LeafRefused(_)), "{:?}", observation.login);
    assert!(matches!(&observation.issuers_in_use, Observed::Unreadable(_)), "{:?}", observation.issuers_in_use);
    assert!(matches!(&observation.revocation_list, Observed::Unreadable(_)), "{:?}", observation.revocation_list);
}
