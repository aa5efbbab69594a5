//! A namespace with thousands of pods and Events: the peak of the memory does not grow with it, and the time no faster.

use std::time::Duration;

use crate::stub::{Site, crowd, event};

/// How much the peak may differ between an empty namespace and a full one, in KiB: a page, and what is kept of it.
const GROWTH_MAX: u64 = 6 * 1024;
const PODS: usize = 5_000;
const EVENTS: usize = 10_000;

fn mebibytes(kibibytes: u64) -> f64 {
    f64::from(u32::try_from(kibibytes).expect("less than 4 TiB")) / 1024.0
}

/// Measures a command in a namespace with other pods of these labels.
fn peak(app: &str, pods: usize, events: usize, arguments: &[&str]) -> (u64, Duration) {
    let site = Site::bootstrapped();
    site.stub.world().pods.extend(crowd(pods, app));
    let warnings =
        (0..events).map(|number| event(number, "StatefulSet", "postgres", "uid-of-postgres", &"w".repeat(900)));
    site.stub.world().events.extend(warnings);
    let measured = site.measured(arguments);
    let errors = String::from_utf8_lossy(&measured.output.stderr).into_owned();
    assert_eq!(measured.output.status.code(), Some(0), "{errors}");
    println!("CROWDED {app} {pods} pods: {arguments:?}: {:.1} MiB, {:?}", mebibytes(measured.kibibytes), measured.took);
    (measured.kibibytes, measured.took)
}

#[test]
fn the_memory_of_a_rotation_does_not_grow_with_the_pods_of_others() {
    let rotate = ["rotate", "--now", "--id", "once"];
    let (empty, _) = peak("other", 0, 0, &rotate);
    let (full, _) = peak("other", PODS, EVENTS, &rotate);
    assert!(full < empty + GROWTH_MAX, "{empty} KiB without others, {full} KiB with them");
}

#[test]
fn the_memory_of_a_look_does_not_grow_where_the_selection_by_labels_leaves_nothing_out() {
    let (empty, _) = peak("backstage", 0, 0, &["plan"]);
    let (full, _) = peak("backstage", PODS, 0, &["plan"]);
    assert!(full < empty + GROWTH_MAX, "{empty} KiB without others, {full} KiB with them");
}
