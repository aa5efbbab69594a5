//! SIGTERM in the middle of a run.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::scene::{Kind, Scene, Writes, assert_unharmed};
use crate::support::load::Habit;
use crate::support::site::ServerPickup;

/// Starts a run, tells it to stop when it has finished some steps, and gives its exit code.
async fn stop_after(scene: &Scene, arguments: &[&str], steps: usize) -> Option<i32> {
    let mut child = scene.site.newleaf.command(arguments).spawn().expect("the program starts");
    let pid = child.id().and_then(|id| i32::try_from(id).ok()).expect("it runs");
    let mut lines = BufReader::new(child.stderr.take().expect("it is a pipe")).lines();
    let mut finished = 0;
    while finished < steps {
        let line = lines.next_line().await.expect("it can be read").expect("a rollover has more steps");
        finished += usize::from(line.contains("\"stepFinished\""));
    }
    kill(Pid::from_raw(pid), Signal::SIGTERM).expect("our own child can be told");
    // Read on to the end: a full pipe would hold it up.
    while lines.next_line().await.expect("it can be read").is_some() {}
    child.wait().await.expect("it ends").code()
}

#[tokio::test]
async fn a_run_that_is_told_to_stop_ends_with_143_and_the_next_one_finishes() {
    let Some(scene) = Scene::set(ServerPickup::Reload).await else { return };
    let load = scene.load(Habit::LogInEachTime, 4).await;
    let mut left = Vec::new();
    for steps in 1..=9 {
        let id = format!("stop-{steps}");
        let arguments = [Kind::Rollover.arguments(&id), vec!["-o", "json"]].concat();
        let before = scene.writes();
        let code = stop_after(&scene, &arguments, steps).await;
        assert_eq!(code, Some(143), "after {steps} steps");
        left.push(scene.done(&["rotate"]).await.len());
        scene.done(&Kind::Rollover.arguments(&id)).await;
        assert_eq!(scene.writes().since(before), Writes { authority: 2, server: 3, client: 2 }, "{id}");
        scene.assert_clean(&id).await;
    }
    println!("SIGTERM after 1 to 9 steps of a rollover: exit 143; the next run took {left:?} steps");
    assert_unharmed(&load.stop().await, "logins meanwhile");
}
