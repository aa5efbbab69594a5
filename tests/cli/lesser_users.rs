//! What the owner of a leaf's files can make of it: nothing but a leaf that is replaced.

use std::fs;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::support::{NOBODY, Place, as_nobody, is_root, json};

/// A directory whose server files belong to `nobody`, and beside it a file that only root may read.
fn given_to_nobody() -> Option<Place> {
    if !is_root("a lesser user who owns a leaf's files") {
        return None;
    }
    let place = Place::open_to_all();
    place.configure(
        "server: {files: {owner: nobody}}\nconsumers:\n- {name: server, loads: server, pickup: login}\n\
         - {name: client, loads: client, pickup: login}\n",
    );
    let bootstrap = place.run(&["bootstrap"]);
    assert_eq!(bootstrap.code, Some(0), "{bootstrap:?}");
    fs::write(root_only(&place), "a secret of root\n").expect("it can be written");
    fs::set_permissions(root_only(&place), fs::Permissions::from_mode(0o600)).expect("it is ours");
    Some(place)
}

fn root_only(place: &Place) -> PathBuf {
    place.outer.path().join("root-only")
}

fn server(place: &Place) -> PathBuf {
    fs::canonicalize(Path::new(&place.directory).join("server")).expect("there is a generation")
}

#[test]
fn f1_the_owner_of_the_files_of_a_leaf_gets_no_other_file_that_root_can_read() {
    let Some(place) = given_to_nobody() else { return };
    let key = place.read("authority/authority-1.key");
    let attack = format!(
        "cd {0}/server; ln -s {1} zzz.crt; ln -s {0}/authority/authority-1.key stolen.crt; ln -sf {1} ca.crt; : > tls.crt",
        place.directory,
        root_only(&place).display()
    );
    as_nobody(&attack);
    let rotate = place.run(&["rotate"]);
    assert_eq!(rotate.code, Some(0), "{rotate:?}");
    let seen = as_nobody(&format!("cat {}/server/*", place.directory));
    assert!(seen.contains("BEGIN CERTIFICATE"), "it may read its own files: {seen}");
    assert!(!seen.contains("a secret of root") && !seen.contains(key.lines().nth(1).expect("a key has lines")));
}

#[test]
fn f1_the_owner_of_the_files_of_a_leaf_cannot_say_that_a_forced_rotation_is_done() {
    let Some(place) = given_to_nobody() else { return };
    let before = place.read("server/tls.crt");
    as_nobody(&format!(
        "cd {}/server; rm -f annotations.json; echo '{{\"newleaf.dev/rotation-ids\": \"TICKET-1\"}}' > annotations.json",
        place.directory
    ));
    assert_eq!(place.run(&["rotate", "--now", "--id", "TICKET-1"]).code, Some(0));
    let after = place.read("server/tls.crt");
    assert_ne!(before, after, "the rotation that was asked for was done");
    // Nor can it take back what is noted there now.
    as_nobody(&format!("cd {}/server; : > annotations.json; rm -f annotations.json", place.directory));
    assert_eq!(place.run(&["rotate", "--now", "--id", "TICKET-1"]).code, Some(0));
    assert_eq!(place.read("server/tls.crt"), after, "it is done once");
}

#[test]
fn f1_only_files_are_given_away_and_directories_stay_roots() {
    let Some(place) = given_to_nobody() else { return };
    let owner_and_mode = |path: PathBuf| {
        let found = fs::metadata(path).expect("it is there");
        (found.uid(), found.mode() & 0o777)
    };
    assert_eq!(owner_and_mode(server(&place)), (0, 0o755));
    assert_eq!(owner_and_mode(server(&place).join("tls.key")), (NOBODY, 0o600));
    assert_eq!(place.run(&["rotate", "--now", "--id", "noted"]).code, Some(0));
    assert_eq!(owner_and_mode(server(&place).join("annotations.json")), (0, 0o644));
    let private = ["rotate", "--now", "--set", "server.files.certificateMode=0600"];
    assert_eq!(place.run(&private).code, Some(0));
    assert_eq!(owner_and_mode(server(&place)), (0, 0o750), "the owner's group may search it, others need not");
    assert!(as_nobody(&format!("cat {}/server/tls.key", place.directory)).contains("PRIVATE KEY"));
}

type Damage = fn(&Path, &Path);

/// What may have come where a leaf's files are: what is done to the generation, given a file that only root
/// may read.
fn damages() -> Vec<(&'static str, Damage)> {
    vec![
        ("a link", |generation, root_only| {
            fs::remove_file(generation.join("ca.crt")).expect("it is there");
            symlink(root_only, generation.join("ca.crt")).expect("it can be made");
        }),
        ("a hard link", |generation, root_only| {
            fs::remove_file(generation.join("ca.crt")).expect("it is there");
            fs::hard_link(root_only, generation.join("ca.crt")).expect("it can be made");
        }),
        ("a directory", |generation, _| {
            fs::remove_file(generation.join("tls.key")).expect("it is there");
            fs::create_dir(generation.join("tls.key")).expect("it can be made");
        }),
        ("a named pipe", |generation, _| {
            fs::remove_file(generation.join("tls.key")).expect("it is there");
            nix::unistd::mkfifo(&generation.join("tls.key"), nix::sys::stat::Mode::S_IRWXU).expect("it can be made");
        }),
        ("a file that is too large", |generation, _| {
            fs::write(generation.join("tls.crt"), vec![b'x'; (1 << 20) + 1]).expect("it can be written");
        }),
        ("a file of a third user", |generation, _| {
            chown(generation.join("tls.crt"), Some(12345), None).expect("we are root");
        }),
        ("annotations that are none", |generation, _| {
            fs::write(generation.join("annotations.json"), "[1]").expect("it can be written");
        }),
        ("annotations of the leaf's owner", |generation, _| {
            fs::write(generation.join("annotations.json"), "{}").expect("it can be written");
            chown(generation.join("annotations.json"), Some(NOBODY), None).expect("we are root");
        }),
        ("a directory of the leaf's owner", |generation, _| {
            chown(generation, Some(NOBODY), None).expect("we are root");
        }),
        ("a directory that everybody may write", |generation, _| {
            fs::set_permissions(generation, fs::Permissions::from_mode(0o777)).expect("we are root");
        }),
        ("no directory at all", |generation, _| fs::remove_dir_all(generation).expect("we are root")),
        ("an empty directory", |generation, _| {
            for name in ["tls.crt", "tls.key", "ca.crt"] {
                fs::remove_file(generation.join(name)).expect("it is there");
            }
        }),
    ]
}

#[test]
fn f18_damage_in_one_leaf_is_a_fact_about_it_and_it_is_replaced() {
    let Some(place) = given_to_nobody() else { return };
    for (case, damage) in damages() {
        let client = place.read("client/tls.crt");
        damage(&server(&place), &root_only(&place));
        let status = place.run(&["status", "-o", "json"]);
        assert_eq!(status.code, Some(0), "{case}: {status:?}");
        let facts = &json(&status)["facts"];
        assert!(facts["server"]["unreadable"]["why"].is_string(), "{case}: {}", facts["server"]);
        assert!(facts["client"]["present"].is_object(), "{case}: the other leaf is read");
        let rotate = place.run(&["rotate"]);
        assert_eq!(rotate.code, Some(0), "{case}: {rotate:?}");
        assert!(place.read("server/tls.crt").starts_with("-----BEGIN CERTIFICATE-----"), "{case}");
        assert!(
            place.read("server/ca.crt").starts_with("-----BEGIN CERTIFICATE-----"),
            "{case}: nothing is carried along"
        );
        assert_eq!(place.read("client/tls.crt"), client, "{case}: the other leaf stays");
    }
}

/// A process of `nobody` that holds a lease on a file (fcntl(2), `F_SETLEASE`): a process that opens it waits for the owner.
struct Lease(Child);

impl Lease {
    fn on(path: &Path) -> Self {
        let script = "$SIG{IO} = 'IGNORE'; open(my $file, '<', $ARGV[0]) or die; fcntl($file, 1024, 1) or die $!; \
                      $| = 1; print \"held\\n\"; sleep 600";
        let mut perl = Command::new("perl");
        perl.args(["-e", script]).arg(path).uid(NOBODY).gid(NOBODY).stdout(Stdio::piped());
        let mut child = perl.spawn().expect("there is perl");
        let mut line = [0; 5];
        child.stdout.as_mut().expect("piped").read_exact(&mut line).expect("it holds the lease");
        Self(child)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _collected = self.0.wait();
    }
}

#[test]
fn f18_a_lease_that_the_owner_holds_on_a_file_stops_neither_leaf() {
    let Some(place) = given_to_nobody() else { return };
    let _lease = Lease::on(&server(&place).join("tls.crt"));
    let rotate = place.run(&["rotate", "--now"]);
    assert_eq!(rotate.code, Some(0), "{rotate:?}");
}

#[test]
fn f18_what_does_not_belong_to_a_leaf_is_neither_read_nor_carried_along() {
    let Some(place) = given_to_nobody() else { return };
    fs::create_dir(server(&place).join("backup")).expect("we are root");
    symlink(root_only(&place), server(&place).join("zzz.crt")).expect("we are root");
    for number in 0..300 {
        fs::write(server(&place).join(format!("{number}.crt")), "stray").expect("we are root");
    }
    let rotate = place.run(&["rotate", "--now", "--id", "one"]);
    assert_eq!(rotate.code, Some(0), "{rotate:?}");
    let mut names: Vec<String> = fs::read_dir(server(&place))
        .expect("it is there")
        .map(|entry| entry.expect("it can be listed").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["annotations.json", "ca.crt", "tls.crt", "tls.key"]);
}

#[test]
fn f18_damage_in_the_authority_is_still_a_refusal() {
    for (case, damage) in damages() {
        // The authority's files are called otherwise, and its owner is root.
        if !["a directory of the leaf's owner", "no directory at all", "annotations that are none"].contains(&case) {
            continue;
        }
        let Some(place) = given_to_nobody() else { return };
        let authority = Path::new(&place.directory).join("authority");
        damage(&fs::canonicalize(authority).expect("there is a generation"), &root_only(&place));
        let refused = place.run(&["rotate"]);
        assert_eq!(refused.code, Some(4), "{case}: {refused:?}");
        assert!(refused.stderr.contains("error[NL03"), "{case}: {refused:?}");
    }
}
