//! Whose places newleaf relies on: its own user's and root's, as sshd's `StrictModes`.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, lchown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{NOBODY, Place, Ran, is_root, newleaf, ran};

/// A third user.
const OTHER: u32 = 12345;

/// A directory with a consumer whose command leaves a trace.
fn place() -> Option<Place> {
    if !is_root("places of lesser users") {
        return None;
    }
    let place = Place::open_to_all();
    place.configure(&format!(
        "consumers:\n- {{name: app, loads: client, pickup: restart, command: [/usr/bin/touch, {}]}}\n",
        trace(&place).display()
    ));
    let bootstrap = place.run(&["bootstrap"]);
    assert_eq!(bootstrap.code, Some(0), "{bootstrap:?}");
    assert_eq!(place.run(&["rotate"]).code, Some(0), "marks and locks are there");
    fs::remove_file(trace(&place)).expect("the command ran");
    Some(place)
}

fn trace(place: &Place) -> PathBuf {
    place.outer.path().join("trace")
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("we are root");
}

/// A link in place of what is there, to a place that is not.
fn link(path: &Path, target: &Path) {
    if path.is_dir() {
        fs::remove_dir_all(path).expect("we are root");
    } else {
        fs::remove_file(path).expect("we are root");
    }
    symlink(target, path).expect("we are root");
    lchown(path, Some(NOBODY), None).expect("we are root");
}

#[test]
fn f8_a_place_that_another_user_can_change_is_refused_with_owner_mode_and_the_mending_command() {
    type Give = fn(&Path);
    let nobody: Give = |path| chown(path, Some(NOBODY), None).expect("we are root");
    let all: Give = |path| mode(path, 0o777);
    let group: Give = |path| mode(path, 0o775);
    let cases = [
        ("", nobody, "nobody", "chown root: "),
        ("", all, "0777", "chmod go-w "),
        ("", group, "0775", "chmod go-w "),
        ("..", nobody, "nobody", "chown root: "),
        ("..", group, "0775", "chmod go-w "),
        ("newleaf.yaml", nobody, "nobody", "chown root: "),
        ("newleaf.yaml", all, "0777", "chmod go-w "),
        (".generations", nobody, "nobody", "chown root: "),
        (".generations", group, "0775", "chmod go-w "),
        (".consumers", nobody, "nobody", "chown root: "),
        (".consumers", all, "0777", "chmod go-w "),
        (".consumers/app", nobody, "nobody", "chown root: "),
        (".lock", nobody, "nobody", "chown root: "),
        (".lock", all, "0777", "chmod go-w "),
        (".generations/.lock", nobody, "nobody", "chown root: "),
        ("authority", nobody, "nobody", "chown root: "),
    ];
    for (name, give, part, mend) in cases {
        let Some(place) = place() else { return };
        let path = fs::canonicalize(Path::new(&place.directory).join(name)).expect("it is there");
        give(&path);
        let refused = place.run(&["rotate", "--now"]);
        let context = format!("{name} {part}: {refused:?}");
        assert_eq!(refused.code, Some(4), "{context}");
        assert!(refused.stderr.contains("error[NL0310]"), "{context}");
        let shown = path.display().to_string();
        assert!(refused.stderr.contains(&shown) && refused.stderr.contains(part), "{context}");
        assert!(refused.stderr.contains(&format!("{mend}{shown}")), "{context}");
        assert!(!trace(&place).exists(), "no command has run: {context}");
    }
}

#[test]
fn f8_no_link_is_followed_and_nothing_is_made_through_one() {
    for name in [".generations", ".consumers", ".lock", ".generations/.lock", ".consumers/app"] {
        let Some(place) = place() else { return };
        let target = place.outer.path().join("made-by-root");
        link(&Path::new(&place.directory).join(name), &target);
        let refused = place.run(&["rotate", "--now"]);
        assert_eq!(refused.code, Some(4), "{name}: {refused:?}");
        assert!(refused.stderr.contains("error[NL03"), "{name}: {refused:?}");
        assert!(!target.exists(), "{name}: nothing is made there");
        assert!(!trace(&place).exists(), "{name}: no command has run");
    }
}

#[test]
fn f8_a_lock_prepared_before_bootstrap_makes_nothing() {
    let Some(place) = place() else { return };
    let fresh = Path::new(&place.directory).join("fresh");
    let target = place.outer.path().join("made-by-root");
    fs::create_dir_all(fresh.join(".generations")).expect("we are root");
    symlink(&target, fresh.join(".generations/.lock")).expect("we are root");
    let refused = ran(newleaf(&["bootstrap", "-d", &fresh.display().to_string()]));
    assert_eq!(refused.code, Some(4), "{refused:?}");
    assert!(!target.exists());
}

#[test]
fn f8_a_link_on_the_way_is_followed_where_only_root_can_change_it() {
    let Some(place) = place() else { return };
    let trusted = place.outer.path().join("link");
    symlink(&place.directory, &trusted).expect("we are root");
    let by = |path: &Path| ran(newleaf(&["status", "-d", &path.display().to_string()]));
    assert_eq!(by(&trusted).code, Some(0));
    // In a sticky directory the owner of the link may replace it.
    let sticky = place.outer.path().join("sticky");
    fs::create_dir(&sticky).expect("we are root");
    mode(&sticky, 0o1777);
    let planted = sticky.join("link");
    symlink(&place.directory, &planted).expect("we are root");
    assert_eq!(by(&planted).code, Some(0), "a link of root in a sticky directory");
    lchown(&planted, Some(NOBODY), None).expect("we are root");
    let refused = by(&planted);
    assert_eq!(refused.code, Some(4), "{refused:?}");
    assert!(refused.stderr.contains("error[NL0310]") && refused.stderr.contains("nobody"), "{refused:?}");
    let refused = by(&sticky);
    assert_eq!(refused.code, Some(4), "a sticky directory itself holds nothing that is relied on: {refused:?}");
}

/// Runs the program as `nobody`, from a place where that user may start it.
fn as_nobody(place: &Place, arguments: &[&str]) -> Ran {
    let binary = place.outer.path().join("binary");
    if !binary.exists() {
        fs::copy(project::program(), &binary).expect("it can be copied");
    }
    mode(&binary, 0o755);
    let mut command = Command::new(binary);
    command.env_clear().args(arguments).uid(NOBODY).gid(NOBODY);
    ran(command)
}

#[test]
fn f8_a_program_that_is_not_root_trusts_root_and_itself_only() {
    let Some(place) = place() else { return };
    let own = place.outer.path().join("own");
    fs::create_dir(&own).expect("we are root");
    chown(&own, Some(NOBODY), Some(NOBODY)).expect("we are root");
    let directory = own.join("newleaf").display().to_string();
    let bootstrap = as_nobody(&place, &["bootstrap", "-d", &directory]);
    assert_eq!(bootstrap.code, Some(0), "{bootstrap:?}");
    chown(&own, Some(OTHER), None).expect("we are root");
    mode(&own, 0o755);
    let refused = as_nobody(&place, &["status", "-d", &directory]);
    assert_eq!(refused.code, Some(4), "{refused:?}");
    assert!(refused.stderr.contains("error[NL0310]") && refused.stderr.contains("12345"), "{refused:?}");
    assert!(refused.stderr.contains("chown nobody: "), "{refused:?}");
    // And root does not trust a directory of `nobody`.
    chown(&own, Some(NOBODY), None).expect("we are root");
    let refused = ran(newleaf(&["status", "-d", &directory]));
    assert_eq!(refused.code, Some(4), "{refused:?}");
    assert!(refused.stderr.contains("error[NL0310]"), "{refused:?}");
}

/// An authority of another tool, made by newleaf elsewhere.
fn brought(place: &Place) -> PathBuf {
    let folder = place.outer.path().join("tool");
    fs::create_dir(&folder).expect("we are root");
    for (name, text) in [("ca.crt", "authority/authority-1.crt"), ("ca.key", "authority/authority-1.key")] {
        fs::write(folder.join(name), place.read(text)).expect("it can be written");
        mode(&folder.join(name), 0o600);
    }
    folder
}

fn with_brought(place: &Place, folder: &Path) -> Ran {
    let path = |name: &str| folder.join(name).display().to_string();
    let directory = place.outer.path().join("with-brought").display().to_string();
    let [certificate, key] = [path("ca.crt"), path("ca.key")];
    let arguments = [
        "bootstrap",
        "-d",
        &directory,
        "--set",
        &format!("authority.certificate={certificate}"),
        "--set",
        &format!("authority.key={key}"),
    ];
    ran(newleaf(&arguments))
}

#[test]
fn f8_the_files_of_an_external_authority_are_its_keepers_alone() {
    type Change = fn(&Path, &Path);
    let refused: [(&str, Change); 7] = [
        ("others may write the key", |folder, _| mode(&folder.join("ca.key"), 0o622)),
        ("others may write the certificate", |folder, _| mode(&folder.join("ca.crt"), 0o622)),
        ("others may write the folder", |folder, _| mode(folder, 0o777)),
        ("the certificate is a third user's", |folder, _| {
            chown(folder.join("ca.key"), Some(NOBODY), None).expect("we are root");
            chown(folder.join("ca.crt"), Some(OTHER), None).expect("we are root");
        }),
        ("the folder is a third user's", |folder, _| chown(folder, Some(OTHER), None).expect("we are root")),
        ("its keeper links to a key of root", |folder, root_only| {
            chown(folder, Some(NOBODY), None).expect("we are root");
            chown(folder.join("ca.crt"), Some(NOBODY), None).expect("we are root");
            link(&folder.join("ca.key"), root_only);
        }),
        ("its keeper gives a named pipe", |folder, _| {
            fs::remove_file(folder.join("ca.key")).expect("it is there");
            nix::unistd::mkfifo(&folder.join("ca.key"), nix::sys::stat::Mode::S_IRWXU).expect("it can be made");
        }),
    ];
    for (case, change) in refused {
        let Some(place) = place() else { return };
        let folder = brought(&place);
        let key = fs::canonicalize(Path::new(&place.directory).join("authority/authority-1.key")).expect("it is there");
        change(&folder, &key);
        let ended = with_brought(&place, &folder);
        assert_eq!(ended.code, Some(4), "{case}: {ended:?}");
        assert!(ended.stderr.contains("error[NL03"), "{case}: {ended:?}");
    }
}

#[test]
fn f8_an_external_authority_may_be_kept_by_a_user_of_its_own_and_behind_links() {
    let Some(place) = place() else { return };
    let folder = brought(&place);
    // As certbot keeps them: a link in one folder to a file of the same keeper in another.
    let live = place.outer.path().join("live");
    fs::create_dir(&live).expect("we are root");
    for name in ["ca.crt", "ca.key"] {
        symlink(Path::new("../tool").join(name), live.join(name)).expect("we are root");
        chown(folder.join(name), Some(OTHER), Some(OTHER)).expect("we are root");
    }
    chown(&folder, Some(OTHER), Some(OTHER)).expect("we are root");
    let taken = with_brought(&place, &live);
    assert_eq!(taken.code, Some(0), "{taken:?}");
}
