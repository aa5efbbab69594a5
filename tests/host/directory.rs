//! Authority and leaves in a directory.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use newleaf::configuration::{ExternalAuthority, FileAttributes};
use newleaf::diagnosis::{Code, Diagnose};
use newleaf::host::store::DirectoryStore;
use newleaf::rotation::material::{Material, Revision, SecretBytes, Slot};
use newleaf::rotation::ports::Store;
use nix::unistd::{User, geteuid};
use tempfile::tempdir;

use crate::setting::{material, place, read, replace, store};
use crate::skip::skip;

/// The names of the generations of a slot.
fn generations(directory: &Path, slot: &str) -> Vec<String> {
    let entries = fs::read_dir(directory.join(".generations")).expect("there are generations");
    let names = entries.map(|entry| entry.expect("it can be listed").file_name().to_string_lossy().into_owned());
    let mut names: Vec<_> = names.filter(|name| name.starts_with(slot)).collect();
    names.sort();
    names
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("the path exists").permissions().mode() & 0o7777
}

#[tokio::test]
async fn what_is_written_is_read_back_and_nothing_else_is_there() {
    let directory = tempdir().expect("a temporary directory can be made");
    let store = store(directory.path());
    assert_eq!(read(&store, Slot::Server).await, None);
    replace(&store, Slot::Server, &material("one")).await;
    assert_eq!(read(&store, Slot::Server).await.expect("it was written").material, material("one"));
    assert_eq!(read(&store, Slot::Client).await, None);
    assert_eq!(fs::read(directory.path().join("server/tls.crt")).expect("a peer reads it here"), b"one");
}

#[tokio::test]
async fn a_write_on_another_revision_is_a_conflict_and_writes_nothing() {
    let directory = tempdir().expect("a temporary directory can be made");
    let store = store(directory.path());
    replace(&store, Slot::Client, &material("one")).await;
    let first = read(&store, Slot::Client).await.expect("it was written");
    replace(&store, Slot::Client, &material("one")).await;
    let second = read(&store, Slot::Client).await.expect("it was written");
    assert_ne!(first.revision, second.revision, "the same content again is another revision");
    let unknown = Revision("client-0000000009-0000000000000000".to_owned());
    for expected in [None, Some(&first.revision), Some(&unknown)] {
        let failure = store.write(Slot::Client, expected, &material("two")).await.expect_err("it has changed");
        assert_eq!(failure.code(), Code::WriteConflict);
    }
    assert_eq!(read(&store, Slot::Client).await, Some(second));
    let failure = store.write(Slot::Server, Some(&unknown), &material("x")).await.expect_err("it is absent");
    assert_eq!(failure.code(), Code::WriteConflict);
}

#[test]
fn a_reader_never_sees_half_of_a_write() {
    let directory = tempdir().expect("a temporary directory can be made");
    let path = directory.path().to_path_buf();
    let done = Arc::new(AtomicBool::new(false));
    let block_on = |future: std::pin::Pin<Box<dyn Future<Output = ()>>>| {
        tokio::runtime::Builder::new_current_thread().build().expect("a runtime can be made").block_on(future);
    };
    let stop = Arc::clone(&done);
    let reads = std::thread::spawn({
        let path = path.clone();
        move || {
            let store = store(&path);
            let mut seen = 0_u32;
            block_on(Box::pin(async move {
                while !stop.load(Ordering::SeqCst) {
                    let Some(stored) = read(&store, Slot::Server).await else { continue };
                    let text = stored.material.annotations.get("text").expect("the annotations are whole").clone();
                    assert_eq!(stored.material, material(&text));
                    seen += 1;
                }
                assert!(seen > 50, "{seen} reads happened while 500 writes did");
            }));
        }
    });
    let store = store(&path);
    block_on(Box::pin(async move {
        for number in 0..500 {
            replace(&store, Slot::Server, &material(&number.to_string())).await;
        }
    }));
    done.store(true, Ordering::SeqCst);
    reads.join().expect("no read was torn");
}

#[tokio::test]
async fn the_generation_before_is_kept_and_what_a_crash_left_is_removed() {
    let directory = tempdir().expect("a temporary directory can be made");
    let store = store(directory.path());
    for text in ["one", "two", "three", "four"] {
        replace(&store, Slot::Server, &material(text)).await;
    }
    let kept = generations(directory.path(), "server");
    assert_eq!(kept.len(), 2, "{kept:?}");
    assert!(kept[0].starts_with("server-0000000003-") && kept[1].starts_with("server-0000000004-"), "{kept:?}");

    // Died while writing; died before the swap; died while removing.
    let all = directory.path().join(".generations");
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
    assert_eq!(ours.len(), 2, "{ours:?}");
}

#[tokio::test]
async fn modes_are_as_configured_and_the_authority_is_always_private() {
    let directory = tempdir().expect("a temporary directory can be made");
    let mut place = place(directory.path());
    place.server_files.key_mode = 0o640;
    place.client_files.certificate_mode = 0o600;
    let store = DirectoryStore::new(&place).expect("nobody in it is unknown");
    let mut authority = Material::default();
    for name in ["authority-1.crt", "authority-1.key"] {
        authority.entries.insert(name.to_owned(), SecretBytes::new(b"x".to_vec()));
    }
    replace(&store, Slot::Authority, &authority).await;
    replace(&store, Slot::Server, &material("x")).await;
    replace(&store, Slot::Client, &material("x")).await;
    for (path, expected) in [
        ("authority", 0o700),
        ("authority/authority-1.crt", 0o600),
        ("authority/authority-1.key", 0o600),
        ("server", 0o755),
        ("server/tls.key", 0o640),
        ("server/tls.crt", 0o644),
        ("server/ca.crt", 0o644),
        ("server/annotations.json", 0o644),
        ("client", 0o700),
        ("client/tls.key", 0o600),
        ("client/tls.crt", 0o600),
    ] {
        assert_eq!(mode(&directory.path().join(path)), expected, "{path}");
    }
}

#[tokio::test]
async fn files_belong_to_the_configured_owner() {
    let directory = tempdir().expect("a temporary directory can be made");
    let mut place = place(directory.path());
    place.server_files.owner = Some("no-such-user".to_owned());
    let error = DirectoryStore::new(&place).expect_err("nobody is called that");
    assert_eq!(error.code(), Code::OwnerUnknown);
    if !geteuid().is_root() {
        skip("the owner of files", "only root may give files away");
        return;
    }
    let nobody = User::from_name("nobody").expect("users can be looked up").expect("there is a nobody");
    place.server_files =
        FileAttributes { owner: Some("nobody".to_owned()), group: None, key_mode: 0o600, certificate_mode: 0o644 };
    let store = DirectoryStore::new(&place).expect("nobody in it is unknown");
    replace(&store, Slot::Server, &material("x")).await;
    replace(&store, Slot::Client, &material("x")).await;
    for name in ["server", "server/tls.key", "server/tls.crt"] {
        let found = fs::metadata(directory.path().join(name)).expect("the path exists");
        assert_eq!((found.uid(), found.gid()), (nobody.uid.as_raw(), nobody.gid.as_raw()), "{name}");
    }
    assert_eq!(fs::metadata(directory.path().join("client/tls.key")).expect("the path exists").uid(), 0);
}

#[tokio::test]
async fn foreign_paths_are_refused_and_left_alone() {
    type Place = fn(&Path);
    let foreign: [(&str, Place); 5] = [
        ("a file", |path| fs::write(path, "mine").expect("the file can be written")),
        ("a directory", |path| fs::create_dir(path).expect("the directory can be made")),
        ("a link elsewhere", |path| symlink("/etc", path).expect("the link can be made")),
        ("a link out of the generations", |path| symlink(".generations/../x", path).expect("the link can be made")),
        ("another slot's generation", |path| {
            symlink(".generations/client-0000000001-00000000000000aa", path).expect("the link can be made");
        }),
    ];
    for (case, place) in foreign {
        let directory = tempdir().expect("a temporary directory can be made");
        let store = store(directory.path());
        let path = directory.path().join("server");
        place(&path);
        let before = fs::symlink_metadata(&path).expect("it was placed").ino();
        let failure = store.read(Slot::Server).await.expect_err(case);
        assert_eq!(failure.code(), Code::DirectoryUnusable, "{case}");
        let failure = store.write(Slot::Server, None, &material("x")).await.expect_err(case);
        assert_eq!(failure.code(), Code::DirectoryUnusable, "{case}");
        assert_eq!(fs::symlink_metadata(&path).expect("it is still there").ino(), before, "{case}");
    }
}

#[tokio::test]
async fn a_directory_that_is_a_file_is_refused() {
    let directory = tempdir().expect("a temporary directory can be made");
    let file = directory.path().join("file");
    fs::write(&file, "mine").expect("the file can be written");
    for path in [file.clone(), file.join("below")] {
        let store = store(&path);
        let failure = store.write(Slot::Server, None, &material("x")).await.expect_err("it is a file");
        assert_eq!(failure.code(), Code::DirectoryUnusable, "{}", path.display());
    }
    assert_eq!(fs::read(&file).expect("it is still there"), b"mine");
}

#[tokio::test]
async fn a_generation_with_something_else_in_it_is_refused() {
    let large: fn(&Path) = |path| fs::write(path, vec![b'x'; (1 << 20) + 1]).expect("the file can be written");
    let directory_inside: fn(&Path) = |path| fs::create_dir(path).expect("the directory can be made");
    let annotations: fn(&Path) = |path| {
        fs::write(path.with_file_name("annotations.json"), "[1]").expect("the file can be written");
    };
    let cases = [
        (large, Code::InputTooLarge),
        (directory_inside, Code::DirectoryUnusable),
        (annotations, Code::DirectoryUnusable),
    ];
    for (place, code) in cases {
        let directory = tempdir().expect("a temporary directory can be made");
        let store = store(directory.path());
        replace(&store, Slot::Server, &material("x")).await;
        place(&directory.path().join("server/other"));
        let failure = store.read(Slot::Server).await.expect_err("it is not a certificate file");
        assert_eq!(failure.code(), code);
    }
}

#[tokio::test]
async fn entries_cannot_leave_their_generation() {
    let directory = tempdir().expect("a temporary directory can be made");
    let store = store(directory.path());
    for name in ["../escaped", "a/b", "..", ".", "", "annotations.json"] {
        let mut material = Material::default();
        material.entries.insert(name.to_owned(), SecretBytes::new(b"x".to_vec()));
        let failure = store.write(Slot::Server, None, &material).await.expect_err(name);
        assert_eq!(failure.code(), Code::DirectoryUnusable, "{name:?}");
    }
    assert_eq!(read(&store, Slot::Server).await, None);
    assert!(!directory.path().join(".generations/escaped").exists());
}

#[tokio::test]
async fn an_authority_of_someone_else_is_read_and_never_written() {
    let directory = tempdir().expect("a temporary directory can be made");
    let path = |name: &str| directory.path().join(name);
    let mut place = place(&path("store"));
    let chain = Some(path("chain.pem"));
    let external = ExternalAuthority { certificate: path("ca.pem"), key: path("ca-key.pem"), chain };
    place.external_authority = Some(external);
    let store = DirectoryStore::new(&place).expect("nobody in it is unknown");
    assert_eq!(read(&store, Slot::Authority).await, None);
    for (name, text) in [("ca.pem", "certificate"), ("ca-key.pem", "key"), ("chain.pem", "chain")] {
        fs::write(path(name), text).expect("the file can be written");
    }
    let stored = read(&store, Slot::Authority).await.expect("the files are there");
    let entries = ["tls.crt", "tls.key", "ca.crt"].map(|name| stored.material.entry(name));
    assert_eq!(entries, [Some(&b"certificate"[..]), Some(&b"key"[..]), Some(&b"chain"[..])]);
    let failure = store.write(Slot::Authority, Some(&stored.revision), &stored.material).await;
    assert_eq!(failure.expect_err("it is not ours").code(), Code::AuthorityForeign);
    assert_eq!(fs::read(path("ca-key.pem")).expect("it is still there"), b"key");
    fs::write(path("ca.pem"), "another").expect("the file can be written");
    let changed = read(&store, Slot::Authority).await.expect("the files are there");
    assert_ne!(changed.revision, stored.revision);
}
