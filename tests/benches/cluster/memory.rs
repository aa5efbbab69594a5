//! The peak of a pod's memory, as its control group counts it: what a limit has to hold. Versions 1 and 2.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Where control groups are mounted.
const ROOTS: [&str; 2] = ["/sys/fs/cgroup/memory", "/sys/fs/cgroup"];
/// The file with the peak, in either version.
const PEAKS: [&str; 2] = ["memory.max_usage_in_bytes", "memory.peak"];
/// A group outlives its pod for much longer than this.
const PAUSE: Duration = Duration::from_millis(10);

/// The largest peak of the pods that come up while something is done, of those that the predicate knows by their identity.
pub(crate) fn peak(work: impl FnOnce(), is_meant: impl Fn(&str) -> bool) -> Option<u64> {
    let before = pods();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let mut peaks: BTreeMap<PathBuf, u64> = BTreeMap::new();
            while !done.load(Ordering::Relaxed) {
                for (pod, peak) in pods().into_iter().filter(|(pod, _)| !before.contains_key(pod)) {
                    peaks.insert(pod, peak);
                }
                std::thread::sleep(PAUSE);
            }
            peaks
        });
        work();
        done.store(true, Ordering::Relaxed);
        let peaks = watcher.join().expect("the watcher does not fail");
        let meant = peaks.into_iter().filter(|(path, _)| identity(path).is_some_and(|identity| is_meant(&identity)));
        meant.map(|(_, peak)| peak).max()
    })
}

/// Whose group it is: `pod<uid>`, or `...-pod<uid with underscores>.slice`.
fn identity(group: &Path) -> Option<String> {
    let (_, rest) = group.file_name()?.to_str()?.rsplit_once("pod")?;
    Some(rest.trim_end_matches(".slice").replace('_', "-"))
}

/// The groups of all pods, with their peaks so far. The peak of a pod counts all of its containers.
fn pods() -> BTreeMap<PathBuf, u64> {
    let mut found = BTreeMap::new();
    for root in ROOTS {
        collect(Path::new(root), 6, &mut found);
    }
    found
}

fn collect(directory: &Path, depth: u8, found: &mut BTreeMap<PathBuf, u64>) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    for entry in entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())) {
        let path = entry.path();
        let is_pod = entry.file_name().to_str().is_some_and(|name| name.contains("pod") && name.len() > 36);
        let peak = PEAKS.iter().find_map(|file| std::fs::read_to_string(path.join(file)).ok());
        match peak.and_then(|text| text.trim().parse().ok()) {
            Some(peak) if is_pod => drop(found.insert(path, peak)),
            _ if depth > 0 => collect(&path, depth - 1, found),
            _ => {}
        }
    }
}
