//! Rotations and rollovers, one after the other, while clients log in.

use std::time::Instant;

use crate::scene::{Kind, LIMIT, Scene, assert_unharmed};
use crate::support::load::Habit;
use crate::support::site::ServerPickup;

const CLIENTS: usize = 8;
const ROTATIONS: usize = 100;
const ROLLOVERS: usize = 5;
/// Restarts take longer, so fewer of them tell how many logins each costs.
const RESTARTS: usize = 10;

/// Runs one kind again and again; both serials must be new each time, as the server and a client show them.
async fn repeat(scene: &Scene, kind: Kind, times: usize) {
    let mut before = scene.serials().await;
    for number in 0..times {
        scene.done(&kind.arguments(&format!("{kind:?}-{number}"))).await;
        let after = scene.serials().await;
        assert!(before.0 != after.0 && before.1 != after.1, "{kind:?} {number}: {before:?} is still in use");
        before = after;
    }
}

#[tokio::test]
async fn no_login_fails_in_a_hundred_rotations_and_five_rollovers() {
    let Some(scene) = Scene::set(ServerPickup::Reload).await else { return };
    let anew = scene.load(Habit::LogInEachTime, CLIENTS).await;
    let kept = scene.load(Habit::KeepTheSession, 1).await;
    let begin = Instant::now();
    repeat(&scene, Kind::Rotation, ROTATIONS).await;
    let (rotated, begin) = (begin.elapsed(), Instant::now());
    // Sessions of the old authority would keep it alive, as they must.
    let kept = kept.stop().await;
    repeat(&scene, Kind::Rollover, ROLLOVERS).await;
    let rolled = begin.elapsed();
    let anew = anew.stop().await;
    println!(
        "reload: {ROTATIONS} rotations in {rotated:.1?}, {ROLLOVERS} rollovers in {rolled:.1?}, {} logins, {} failed, \
         longest gap {:.0?}; {} queries in kept sessions, {} failed",
        anew.succeeded, anew.failed, anew.longest_gap, kept.succeeded, kept.failed
    );
    assert_unharmed(&anew, "a login for each query");
    assert_unharmed(&kept, "kept sessions");
    scene.assert_clean("at the end").await;
}

#[tokio::test]
async fn a_restart_costs_logins_and_heals() {
    let Some(scene) = Scene::set(ServerPickup::Restart).await else { return };
    let load = scene.load(Habit::LogInEachTime, CLIENTS).await;
    repeat(&scene, Kind::Rotation, RESTARTS).await;
    load.answered(20, LIMIT).await.expect("clients are let in again");
    let tally = load.stop().await;
    let each = u64::try_from(RESTARTS).expect("a small number");
    println!(
        "restart: {RESTARTS} rotations, {} logins, {} failed, that is {} a rotation, longest gap {:.0?}",
        tally.succeeded,
        tally.failed,
        tally.failed / each,
        tally.longest_gap
    );
    // The load sees what a restart does: so its silence in the test above means something.
    assert!(tally.failed > 0, "a restart that no client notices was none");
    scene.assert_clean("at the end").await;
}

#[tokio::test]
async fn an_authority_outlives_its_sessions_and_goes_with_the_last() {
    let Some(scene) = Scene::set(ServerPickup::Reload).await else { return };
    let kept = scene.load(Habit::KeepTheSession, 1).await;
    let steps = scene.done(&Kind::Rollover.arguments("kept")).await;
    assert!(!steps.iter().any(|step| step.starts_with("remove")), "{steps:?}");
    assert_unharmed(&kept.stop().await, "the session of the old authority");
    let steps = scene.done(&["rotate"]).await;
    assert!(steps.iter().any(|step| step == "remove authority 1"), "{steps:?}");
    scene.assert_clean("after the last session").await;
}
