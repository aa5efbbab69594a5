//! `kill -9` at random moments of real runs, and the next run.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::numbers::{Random, median};
use crate::scene::{Kind, LIMIT, Scene, Writes, assert_unharmed, print_counts};
use crate::support::load::{Habit, Load};
use crate::support::site::ServerPickup;

/// How many runs are killed; `NEWLEAF_KILLS` gives another number.
const KILLS: usize = 200;
/// Undisturbed runs of each kind, to know how long one takes under this load and what it writes.
const SAMPLES: usize = 5;

/// What an undisturbed run of a kind is like.
struct Usual {
    /// How long it takes, as far as it is known: the machine has other things to do, now more and now less of them.
    takes: Duration,
    writes: Writes,
    steps: usize,
}

async fn usual(scene: &Scene, kind: Kind) -> Usual {
    let mut times = Vec::new();
    let mut last = None;
    for number in 0..SAMPLES {
        let (before, begin) = (scene.writes(), Instant::now());
        let steps = scene.done(&kind.arguments(&format!("usual-{kind:?}-{number}"))).await.len();
        times.push(begin.elapsed());
        last = Some((scene.writes().since(before), steps));
    }
    let (writes, steps) = last.expect("there is a sample");
    Usual { takes: median(times), writes, steps }
}

impl Usual {
    /// A run that was still at work may take longer than was thought; one that had ended has shown how long it takes.
    fn learn(&mut self, ended_after: Option<Duration>) {
        self.takes = ended_after.unwrap_or(self.takes * 21 / 20);
    }
}

/// Starts a run and kills it after a while. When it ended, if it was not alive any more.
async fn kill(scene: &Scene, arguments: &[&str], after: Duration) -> Option<Duration> {
    let mut child = scene.site.newleaf.command(arguments).spawn().expect("the program starts");
    let begin = Instant::now();
    if tokio::time::timeout(after, child.wait()).await.is_err() {
        child.start_kill().expect("our own child can be killed");
    }
    let ended = child.wait_with_output().await.expect("it ends");
    (ended.status.signal() != Some(9)).then(|| begin.elapsed())
}

/// What the next run had to do: where the killed one was.
fn left(kind: Kind, steps: &[String], usual: &Usual) -> String {
    let number = |letter: char| letter.is_ascii_digit() || letter == ' ';
    match steps.first() {
        None => format!("{kind:?}: nothing was left"),
        Some(_) if steps.len() >= usual.steps => format!("{kind:?}: all {:>2} were left", usual.steps),
        Some(first) => {
            let first = first.split(',').next().unwrap_or_default().trim_end_matches(number);
            format!("{kind:?}: {:>2} of {:>2} were left, the first to {first}", steps.len(), usual.steps)
        }
    }
}

/// Kills one run and lets the next finish. What was left, if the kill met a live process.
async fn kill_one(scene: &Scene, number: usize, kind: Kind, usual: &mut Usual, random: &mut Random) -> Option<String> {
    let id = format!("kill-{number}");
    let context = format!("{kind:?} {number}");
    let before = scene.writes();
    let ended_after = kill(scene, &kind.arguments(&id), random.moment(usual.takes)).await;
    usual.learn(ended_after);
    // Now and then it is not the operator who comes next, but the daily run.
    if random.below(4) == 0 {
        scene.done(&["rotate"]).await;
        scene.assert_clean(&context).await;
    }
    let steps = scene.done(&kind.arguments(&id)).await;
    scene.assert_clean(&context).await;
    assert_eq!(scene.writes().since(before), usual.writes, "{context}: an identity issues once");
    ended_after.is_none().then(|| left(kind, &steps, usual))
}

/// What killed runs left behind goes with the next write of each object. Of the authority only what is current stays; of a
/// leaf also what a login a moment ago may have resolved, each generation whole.
async fn assert_no_litter(scene: &Scene) {
    scene.done(&Kind::Rollover.arguments("tidy")).await;
    let generations = scene.site.newleaf.directory().join(".generations");
    let names = |directory: &Path| -> Vec<String> {
        let entries = std::fs::read_dir(directory).expect("it is there").map(|entry| entry.expect("it can be read"));
        let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    };
    let all: Vec<_> = names(&generations).into_iter().filter(|name| name != ".lock").collect();
    assert!(!all.iter().any(|name| name.contains(".removed") || name.contains(".next")), "{all:?}");
    let (authorities, leaves): (Vec<_>, Vec<_>) = all.into_iter().partition(|name| name.starts_with("authority-"));
    assert_eq!(authorities.len(), 1, "{authorities:?}");
    for leaf in leaves {
        let files = names(&generations.join(&leaf));
        let whole = ["ca.crt", "tls.crt", "tls.key"].iter().all(|name| files.iter().any(|file| file == name));
        assert!(whole, "{leaf} holds {files:?}");
    }
}

async fn assert_still_unharmed(load: &Load, context: &str) {
    load.answered(1, LIMIT).await.expect("clients are let in");
    assert_unharmed(&load.tally(), context);
}

#[tokio::test]
async fn a_killed_run_is_finished_by_the_next_without_issuing_twice() {
    let Some(scene) = Scene::set(ServerPickup::Reload).await else { return };
    let kills = std::env::var("NEWLEAF_KILLS").map_or(KILLS, |text| text.parse().expect("NEWLEAF_KILLS is a number"));
    let mut random = Random::from_environment();
    let load = scene.load(Habit::LogInEachTime, 2).await;
    let begin = Instant::now();
    let (mut rotation, mut rollover) = (usual(&scene, Kind::Rotation).await, usual(&scene, Kind::Rollover).await);
    println!("a rotation takes {:.0?} under this load, a rollover {:.0?}", rotation.takes, rollover.takes);
    assert_eq!(rotation.writes, Writes { authority: 0, server: 1, client: 1 });
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for number in 0..kills {
        let (kind, usual) =
            if random.below(4) == 0 { (Kind::Rollover, &mut rollover) } else { (Kind::Rotation, &mut rotation) };
        let met = kill_one(&scene, number, kind, usual, &mut random).await;
        *counts.entry(met.unwrap_or_else(|| format!("{kind:?}: it had ended before"))).or_default() += 1;
        assert_still_unharmed(&load, &format!("{kind:?} {number}")).await;
    }
    let tally = load.stop().await;
    println!(
        "{kills} kills in {:.1?}, {} logins, {} failed; the runs after them found:",
        begin.elapsed(),
        tally.succeeded,
        tally.failed
    );
    print_counts(&counts);
    assert_unharmed(&tally, "logins");
    assert_no_litter(&scene).await;
    let alive: usize = counts.iter().filter(|(found, _)| !found.ends_with("before")).map(|(_, count)| count).sum();
    assert!(alive > kills / 2, "only {alive} kills met a live process: {counts:?}");
}
