//! Authority and leaves in a directory.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use base::diagnosis::{Code, Diagnose};
use newleaf::host::store::DirectoryStore;
use nix::unistd::{User, geteuid};
use rotation::document::{Account, ExternalAuthority, FileAttributes};
use rotation::engine::material::{Material, Revision, SecretBytes, Slot};
use rotation::engine::ports::Store;
use tempfile::tempdir;

use crate::setting::{authority, bounds, material, place, read, replace, store, store_of};
use crate::skip::skip;

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

#[tokio::test]
async fn modes_are_as_configured_and_the_authority_is_always_private() {
    let directory = tempdir().expect("a temporary directory can be made");
    let mut place = place(directory.path());
    place.server_files.key_mode = 0o640;
    place.client_files.certificate_mode = 0o600;
    let store = store_of(&place);
    replace(&store, Slot::Authority, &authority("x")).await;
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
    place.server_files.owner = Some(Account::Name("no-such-user".to_owned()));
    let error = DirectoryStore::new(&place, bounds()).expect_err("no user is called that");
    assert_eq!(error.code(), Code::OwnerUnknown);
    if !geteuid().is_root() {
        skip("the owner of files", "only root may give files away");
        return;
    }
    let nobody = User::from_name("nobody").expect("users can be looked up").expect("there is a nobody");
    place.server_files = FileAttributes {
        owner: Some(Account::Name("nobody".to_owned())),
        group: None,
        key_mode: 0o600,
        certificate_mode: 0o644,
    };
    let store = store_of(&place);
    replace(&store, Slot::Server, &material("x")).await;
    replace(&store, Slot::Client, &material("x")).await;
    for name in ["server/tls.key", "server/tls.crt", "server/ca.crt"] {
        let found = fs::metadata(directory.path().join(name)).expect("the path exists");
        assert_eq!((found.uid(), found.gid()), (nobody.uid.as_raw(), nobody.gid.as_raw()), "{name}");
    }
    for name in ["server", "server/annotations.json"] {
        assert_eq!(
            fs::metadata(directory.path().join(name)).expect("the path exists").uid(),
            0,
            "{name} is not given away"
        );
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
async fn f18_a_file_that_is_none_is_damage_of_a_leaf_and_a_refusal_of_the_authority() {
    let large: fn(&Path) = |path| fs::write(path, vec![b'x'; (1 << 20) + 1]).expect("the file can be written");
    let directory_inside: fn(&Path) = |path| {
        fs::remove_file(path).expect("it is there");
        fs::create_dir(path).expect("the directory can be made");
    };
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
        place(&directory.path().join("server/tls.key"));
        let stored = read(&store, Slot::Server).await.expect("something is there");
        assert_eq!(stored.damage.map(|damage| damage.code), Some(code));
        assert_eq!(stored.material, Material::default(), "nothing of it is used");
        replace(&store, Slot::Server, &material("y")).await;
        assert_eq!(read(&store, Slot::Server).await.expect("it was written").material, material("y"));

        replace(&store, Slot::Authority, &authority("x")).await;
        place(&directory.path().join("authority/authority-1.key"));
        let failure = store.read(Slot::Authority).await.expect_err("an authority is not replaced");
        assert_eq!(failure.code(), code);
    }
}

#[tokio::test]
async fn f1_what_does_not_belong_to_an_authority_is_neither_read_nor_carried_along() {
    let directory = tempdir().expect("a temporary directory can be made");
    let store = store(directory.path());
    replace(&store, Slot::Authority, &authority("x")).await;
    let generation = directory.path().join("authority");
    fs::write(generation.join("notes.txt"), "stray").expect("the file can be written");
    symlink("/etc/hostname", generation.join("authority-x.crt")).expect("the link can be made");
    let stored = read(&store, Slot::Authority).await.expect("it is there");
    assert_eq!(stored.material, authority("x"));
    symlink("/etc/hostname", generation.join("authority-2.crt")).expect("the link can be made");
    let failure = store.read(Slot::Authority).await.expect_err("what is called as a file of it must be one");
    assert_eq!(failure.code(), Code::DirectoryUnusable);
    assert!(
        failure.to_string().contains("authority-2.crt is") || failure.to_string().contains("authority-2.crt cannot")
    );
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
    let store = store_of(&place);
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
