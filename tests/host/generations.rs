//! Generations: which of them are kept, which are removed, and what readers see meanwhile.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base::diagnosis::Code;
use rotation::engine::material::Slot;
use rotation::engine::ports::Store;
use tempfile::tempdir;

use crate::setting::{authority, material, read, replace, store};

/// The names of the generations of a slot.
fn generations(directory: &Path, slot: &str) -> Vec<String> {
    let entries = fs::read_dir(directory.join(".generations")).expect("there are generations");
    let names = entries.map(|entry| entry.expect("it can be listed").file_name().to_string_lossy().into_owned());
    let mut names: Vec<_> = names.filter(|name| name.starts_with(slot)).collect();
    names.sort();
    names
}

fn block_on(future: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime can be made").block_on(future);
}

#[test]
fn a_reader_never_sees_half_of_a_write() {
    let directory = tempdir().expect("a temporary directory can be made");
    let path = directory.path().to_path_buf();
    let done = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&done);
    let reads = std::thread::spawn({
        let path = path.clone();
        move || {
            let store = store(&path);
            let mut seen = 0_u32;
            block_on(async move {
                while !stop.load(Ordering::SeqCst) {
                    let Some(stored) = read(&store, Slot::Server).await else { continue };
                    let text = stored.material.annotations.get("text").expect("the annotations are whole").clone();
                    assert_eq!(stored.material, material(&text));
                    seen += 1;
                }
                assert!(seen > 50, "{seen} reads happened while 500 writes did");
            });
        }
    });
    let store = store(&path);
    block_on(async move {
        for number in 0..500 {
            replace(&store, Slot::Server, &material(&number.to_string())).await;
        }
    });
    done.store(true, Ordering::SeqCst);
    reads.join().expect("no read was torn");
}

/// Makes every generation look as if it had been written two minutes ago.
fn two_minutes_later(directory: &Path, slot: &str) {
    for name in generations(directory, slot) {
        let generation = fs::File::open(directory.join(".generations").join(name)).expect("it is there");
        let before = generation.metadata().and_then(|it| it.modified()).expect("it has a time");
        generation.set_modified(before - Duration::from_secs(120)).expect("the time can be set");
    }
}

#[tokio::test]
async fn b16_former_generations_of_a_leaf_stay_until_every_consumer_has_loaded_the_new_one() {
    let directory = tempdir().expect("a temporary directory can be made");
    let store = store(directory.path());
    for text in ["one", "two", "three", "four"] {
        replace(&store, Slot::Server, &material(text)).await;
    }
    assert_eq!(generations(directory.path(), "server").len(), 4, "no write removes what may still be read");
    store.remove_former(Slot::Server).await.expect("they can be removed");
    assert_eq!(generations(directory.path(), "server").len(), 4, "a login that has resolved the link may be under way");
    two_minutes_later(directory.path(), "server");
    store.remove_former(Slot::Client).await.expect("there is nothing to remove");
    store.remove_former(Slot::Server).await.expect("they can be removed");
    let kept = generations(directory.path(), "server");
    assert!(kept.len() == 1 && kept[0].starts_with("server-0000000004-"), "{kept:?}");
    assert_eq!(read(&store, Slot::Server).await.expect("it is whole").material, material("four"));
}

#[tokio::test]
async fn f25_the_former_authority_goes_with_the_write_that_replaces_it() {
    let directory = tempdir().expect("a temporary directory can be made");
    let store = store(directory.path());
    for text in ["one", "two"] {
        replace(&store, Slot::Authority, &authority(text)).await;
    }
    let kept = generations(directory.path(), "authority");
    assert!(kept.len() == 1 && kept[0].starts_with("authority-0000000002-"), "{kept:?}");
    assert_eq!(read(&store, Slot::Authority).await.expect("it is whole").material, authority("two"));
}

#[test]
fn f25_a_reader_of_the_authority_never_meets_a_generation_that_is_being_removed() {
    let directory = tempdir().expect("a temporary directory can be made");
    let path = directory.path().to_path_buf();
    let done = Arc::new(AtomicBool::new(false));
    let reads = std::thread::spawn({
        let (path, done) = (path.clone(), Arc::clone(&done));
        move || {
            block_on(async move {
                let store = store(&path);
                let mut seen = 0_u32;
                while !done.load(Ordering::SeqCst) {
                    let Some(stored) = read(&store, Slot::Authority).await else { continue };
                    let text = stored.material.annotations.get("text").expect("the annotations are whole").clone();
                    assert_eq!(stored.material, authority(&text));
                    seen += 1;
                }
                assert!(seen > 20, "{seen} reads happened while 200 writes did");
            });
        }
    });
    block_on(async move {
        let store = store(&path);
        for number in 0..200 {
            replace(&store, Slot::Authority, &authority(&number.to_string())).await;
        }
    });
    done.store(true, Ordering::SeqCst);
    reads.join().expect("no read was torn");
}

#[tokio::test]
async fn what_a_crash_left_is_removed_by_the_next_write() {
    let directory = tempdir().expect("a temporary directory can be made");
    let store = store(directory.path());
    let all = directory.path().join(".generations");
    // Died within the first write.
    fs::create_dir(&all).expect("the directory can be made");
    let first = "server-0000000001-00000000000000cc";
    fs::create_dir(all.join(first)).expect("the directory can be made");
    symlink(Path::new(".generations").join(first), all.join("server.next")).expect("the link can be made");
    assert_eq!(read(&store, Slot::Server).await, None, "it was never complete");
    for text in ["one", "two", "three", "four"] {
        replace(&store, Slot::Server, &material(text)).await;
    }
    assert!(!all.join(first).exists());
    // Died while writing; died before the swap; died while removing.
    for leftover in ["server-0000000005-00000000000000aa", "server-0000000001-00000000000000bb.removed"] {
        fs::create_dir(all.join(leftover)).expect("the directory can be made");
        fs::write(all.join(leftover).join("tls.key"), "half").expect("the file can be written");
    }
    symlink("nowhere", all.join("server.next")).expect("the link can be made");
    fs::create_dir(all.join("server-by-hand")).expect("the directory can be made");
    assert_eq!(read(&store, Slot::Server).await.expect("it is whole").material, material("four"));
    replace(&store, Slot::Server, &material("five")).await;
    assert_eq!(read(&store, Slot::Server).await.expect("it is whole").material, material("five"));
    let names = generations(directory.path(), "server");
    let (ours, foreign): (Vec<_>, Vec<_>) = names.iter().partition(|name| name.starts_with("server-00"));
    assert_eq!(foreign, ["server-by-hand"], "what newleaf did not make it does not remove");
    assert_eq!(ours.len(), 5, "{ours:?}");
}

#[tokio::test]
async fn b17_a_copy_that_left_links_out_is_refused_and_nothing_is_removed() {
    let directory = tempdir().expect("a temporary directory can be made");
    let store = store(directory.path());
    replace(&store, Slot::Authority, &authority("one")).await;
    fs::remove_file(directory.path().join("authority")).expect("it is a link");
    let kept = generations(directory.path(), "authority");
    let refused = store.read(Slot::Authority).await.expect_err("it is not absent: its link is");
    assert_eq!(refused.code(), Code::DirectoryUnusable);
    assert!(refused.hint().contains(&format!("ln -s .generations/{} authority", kept[0])), "{}", refused.hint());
    let refused = store.write(Slot::Authority, None, &authority("two")).await.expect_err("one is there");
    assert_eq!(refused.code(), Code::DirectoryUnusable);
    assert_eq!(generations(directory.path(), "authority"), kept);
}
