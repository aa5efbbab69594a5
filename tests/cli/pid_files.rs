//! Pid files: whose process may be signalled, and what is no pid file.

use std::fs;
use std::io::Read;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::support::{NOBODY, Place, is_root};

/// A process that SIGHUP ends; killed and waited for when dropped.
struct Victim(Child);

impl Victim {
    fn of(user: Option<u32>) -> Self {
        // A process is deaf to what was ignored when it started, as SIGHUP is for all that `nohup` starts.
        let mut command = Command::new("env");
        command.args(["--default-signal=HUP", "sh", "-c", "echo ready; exec sleep 1000"]).stdout(Stdio::piped());
        if let Some(user) = user {
            command.uid(user).gid(user);
        }
        let mut child = command.spawn().expect("there is a shell");
        let mut line = [0; 6];
        child.stdout.as_mut().expect("it is piped").read_exact(&mut line).expect("it says that it is ready");
        Self(child)
    }

    fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Whether it still runs.
    fn lives(&mut self) -> bool {
        self.0.try_wait().expect("it can be asked").is_none()
    }

    /// The signal that ended it.
    fn ended_by(&mut self) -> Option<i32> {
        self.0.wait().expect("it ends").signal()
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _collected = self.0.wait();
    }
}

/// A directory whose one consumer is signalled, and the pid file, which is not there yet, in a folder of `nobody`.
fn place() -> (Place, PathBuf) {
    let place = Place::open_to_all();
    let run = place.outer.path().join("run");
    fs::create_dir(&run).expect("it can be made");
    let pid_file = run.join("postmaster.pid");
    place.configure(&format!(
        "consumers:\n- {{name: postgres, loads: server, pickup: reload, signal: true, pidFile: {}}}\n",
        pid_file.display()
    ));
    assert_eq!(place.run(&["bootstrap"]).code, Some(0));
    (place, pid_file)
}

fn of_nobody(path: &Path) {
    chown(path, Some(NOBODY), Some(NOBODY)).expect("we are root");
}

#[test]
fn f11_the_owner_of_a_pid_file_cannot_make_root_signal_the_process_of_another_user() {
    if !is_root("a pid file of a lesser user") {
        return;
    }
    let (place, pid_file) = place();
    of_nobody(pid_file.parent().expect("it is in a folder"));
    for user in [None, Some(12345)] {
        let mut victim = Victim::of(user);
        fs::write(&pid_file, format!("{}\n", victim.pid())).expect("it can be written");
        of_nobody(&pid_file);
        let refused = place.run(&["rotate", "--now"]);
        assert_eq!(refused.code, Some(4), "{refused:?}");
        assert!(refused.stderr.contains("error[NL0311]") && refused.stderr.contains("nobody"), "{refused:?}");
        assert!(victim.lives(), "it was not signalled");
    }
    let mut own = Victim::of(Some(NOBODY));
    fs::write(&pid_file, format!("{}\n", own.pid())).expect("it can be written");
    of_nobody(&pid_file);
    place.run(&["rotate"]);
    assert_eq!(own.ended_by(), Some(1), "its own process gets the signal");
}

type Expose = fn(&Path);

#[test]
fn f11_a_pid_file_of_root_counts_only_where_no_other_user_can_change_it() {
    if !is_root("a pid file of root in a folder of others") {
        return;
    }
    let cases: [(&str, Expose); 5] = [
        ("a folder of another user", |file| of_nobody(file.parent().expect("it is in a folder"))),
        ("a folder that everybody may write", |file| {
            let folder = file.parent().expect("it is in a folder");
            fs::set_permissions(folder, fs::Permissions::from_mode(0o777)).expect("we are root");
        }),
        ("a file that everybody may write", |file| {
            fs::set_permissions(file, fs::Permissions::from_mode(0o666)).expect("we are root");
        }),
        ("a link of the folder's owner", |file| {
            let folder = file.parent().expect("it is in a folder");
            let target = folder.with_file_name("target");
            fs::rename(file, &target).expect("we are root");
            of_nobody(folder);
            symlink(&target, file).expect("we are root");
        }),
        ("a hard link of the folder's owner", |file| {
            let folder = file.parent().expect("it is in a folder");
            fs::hard_link(file, folder.with_file_name("target")).expect("we are root");
            of_nobody(file);
            of_nobody(folder);
        }),
    ];
    for (case, expose) in cases {
        let (place, pid_file) = place();
        let mut victim = Victim::of(None);
        fs::write(&pid_file, format!("{}\n", victim.pid())).expect("it can be written");
        expose(&pid_file);
        let refused = place.run(&["rotate", "--now"]);
        assert_ne!(refused.code, Some(0), "{case}: {refused:?}");
        assert!(victim.lives(), "{case}: it was not signalled");
    }
    let (place, pid_file) = place();
    let mut service = Victim::of(Some(NOBODY));
    fs::write(&pid_file, format!("{}\n", service.pid())).expect("it can be written");
    place.run(&["rotate"]);
    assert_eq!(service.ended_by(), Some(1), "root's own word names a process of any user");
}

#[test]
fn b19_the_pid_of_a_container_is_a_wrong_configuration_and_no_leaf_is_written() {
    let (place, pid_file) = place();
    let before = place.read("server/tls.crt");
    fs::write(&pid_file, "1\n/var/lib/postgresql/data\n").expect("it can be written");
    let refused = place.run(&["rotate", "--now"]);
    assert_eq!(refused.code, Some(78), "{refused:?}");
    assert!(refused.stderr.contains("error[NL0312]") && refused.stderr.contains("container"), "{refused:?}");
    assert!(refused.stderr.contains("[docker, kill, -s, HUP, NAME]"), "{refused:?}");
    assert_eq!(place.read("server/tls.crt"), before, "nothing was written");
}

#[test]
fn b19_files_may_belong_to_users_and_groups_without_a_name() {
    use std::os::unix::fs::MetadataExt;
    if !is_root("files given to a number") {
        return;
    }
    for (files, owner, group) in [
        ("{owner: \"70\", group: \"71\"}", 70, 71),
        ("{owner: 70, group: 71}", 70, 71),
        ("{owner: 12345}", 12345, 0),
        ("{owner: nobody, group: 71}", NOBODY, 71),
    ] {
        let place = Place::open_to_all();
        place.configure(&format!("server: {{files: {files}}}\n"));
        let bootstrap = place.run(&["bootstrap"]);
        assert_eq!(bootstrap.code, Some(0), "{files}: {bootstrap:?}");
        let key = fs::metadata(Path::new(&place.directory).join("server/tls.key")).expect("it is there");
        assert_eq!((key.uid(), key.gid(), key.mode() & 0o777), (owner, group, 0o600), "{files}");
        assert_eq!(place.run(&["rotate"]).code, Some(0), "{files}");
    }
    let place = Place::empty();
    place.configure("server: {files: {owner: 4294967295}}\n");
    let refused = place.run(&["bootstrap"]);
    assert_eq!(refused.code, Some(78), "that number means no user (chown(2)): {refused:?}");
}
