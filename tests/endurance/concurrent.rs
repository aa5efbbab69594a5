//! Many processes that want the same at once.

use std::collections::BTreeMap;
use std::time::Instant;

use tokio::task::JoinSet;

use crate::scene::{Kind, LIMIT, Scene, Writes, assert_unharmed, print_counts};
use crate::support::load::Habit;
use crate::support::site::ServerPickup;

const PROCESSES: usize = 200;

#[tokio::test]
async fn two_hundred_processes_with_one_identity_rotate_once() {
    let Some(scene) = Scene::set(ServerPickup::Reload).await else { return };
    let load = scene.load(Habit::LogInEachTime, 2).await;
    let before = scene.writes();
    let begin = Instant::now();
    let mut processes = JoinSet::new();
    for _ in 0..PROCESSES {
        let newleaf = scene.site.newleaf.clone();
        processes.spawn(async move { newleaf.run(&Kind::Rotation.arguments("once")).await });
    }
    let mut codes: BTreeMap<i32, usize> = BTreeMap::new();
    let mut others = Vec::new();
    while let Some(ended) = processes.join_next().await {
        let ended = ended.expect("nothing panics").expect("the program starts");
        *codes.entry(ended.code()).or_default() += 1;
        if ![0, 75].contains(&ended.code()) {
            others.push(ended.errors);
        }
    }
    println!("{PROCESSES} processes with one identity in {:.1?}; exit codes:", begin.elapsed());
    print_counts(&codes);
    assert!(others.is_empty(), "{codes:?}: {others:?}");
    assert!(codes.contains_key(&0), "no process was first: {codes:?}");
    assert_eq!(scene.writes().since(before), Writes { authority: 0, server: 1, client: 1 });
    load.answered(20, LIMIT).await.expect("clients are let in");
    assert_unharmed(&load.stop().await, "logins meanwhile");
    scene.assert_clean("at the end").await;
}
