//! The machine: copies that followed links, read-only mounts, missing directories, cores, and what a removal leaves.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::{NOBODY, Place, as_nobody, binary, is_root, ran};
use crate::wait::until;

#[test]
fn b17_a_copy_that_followed_links_is_told_how_to_restore_it_and_to_move_no_key_away() {
    let place = Place::bootstrapped();
    let original = place.outer.path().join("original");
    fs::rename(&place.directory, &original).expect("it can be moved");
    let copied = Command::new("cp").args(["-rLp"]).arg(&original).arg(&place.directory).status().expect("cp exists");
    assert!(copied.success());
    let refused = place.run(&["rotate"]);
    assert_eq!(refused.code, Some(4), "{refused:?}");
    assert!(refused.stderr.contains("error[NL0301]"), "{refused:?}");
    for part in ["cp -a", "rsync -a", "ln -s .generations/authority-0000000001-"] {
        assert!(refused.stderr.contains(part), "{part}: {refused:?}");
    }
    assert!(!refused.stderr.contains("foreign") && !refused.stderr.contains("away"), "{refused:?}");
    // The hint is a command that works.
    let hint = refused.stderr.split('`').find(|part| part.contains("ln -s")).expect("it is quoted").to_owned();
    for slot in ["authority", "server", "client"] {
        let refused = place.run(&["status"]);
        let command = refused.stderr.split('`').find(|part| part.contains("ln -s")).unwrap_or(&hint).to_owned();
        assert!(command.contains(slot), "{command}");
        assert!(Command::new("sh").args(["-c", &command]).status().expect("there is a shell").success(), "{command}");
    }
    assert_eq!(place.run(&["verify"]).code, Some(0));
}

#[test]
fn b22_a_directory_that_does_not_exist_is_an_error_for_everything_but_bootstrap() {
    let place = Place::empty();
    for arguments in [&["status"][..], &["plan"], &["verify"], &["rotate"], &["rotate", "--now", "--authority"]] {
        let refused = place.run(arguments);
        assert_eq!(refused.code, Some(78), "{arguments:?}: {refused:?}");
        assert!(refused.stderr.contains("error[NL0517]"), "{arguments:?}: {refused:?}");
        assert!(refused.stderr.contains(&place.directory), "{arguments:?}: {refused:?}");
        assert!(refused.stdout.is_empty(), "{arguments:?}: {refused:?}");
    }
    assert!(!Path::new(&place.directory).exists(), "a mistyped directory is not made");
    assert_eq!(place.run(&["bootstrap"]).code, Some(0));
    assert_eq!(place.run(&["status"]).code, Some(0));
}

#[test]
fn b26_a_read_only_mount_is_called_one() {
    if !is_root("a read-only mount") {
        return;
    }
    let place = Place::bootstrapped();
    let directory = &place.directory;
    for lock in [true, false] {
        if !lock {
            fs::remove_file(Path::new(directory).join(".lock")).expect("bootstrap has made it");
        }
        let binary = binary();
        let script = format!(
            "mount --bind {directory} {directory} && mount -o remount,ro,bind {directory} && \
             exec {binary} rotate --now -d {directory}"
        );
        let mut command = Command::new("unshare");
        command.args(["-m", "sh", "-c", &script]);
        let refused = ran(command);
        assert_eq!(refused.code, Some(75), "{refused:?}");
        assert!(refused.stderr.contains("error[NL0309]"), "{refused:?}");
        let hint = refused.stderr.lines().find(|line| line.contains("hint: ")).expect("there is a hint");
        assert!(hint.contains("read-only") && hint.contains("writable"), "{refused:?}");
        assert!(!hint.contains("local file system"), "{refused:?}");
    }
}

/// A run that waits in the command of its consumer; what it has started ends when this is dropped.
struct Waiting {
    child: Child,
    go: PathBuf,
}

impl Waiting {
    fn start(place: &Place, program: &mut Command) -> Self {
        let (called, go) = (place.outer.path().join("called"), place.outer.path().join("go"));
        for left in [&called, &go] {
            drop(fs::remove_file(left));
        }
        place.configure(&format!(
            "consumers:\n- {{name: app, loads: client, pickup: restart, command: [sh, -c, 'echo > {}; i=0; \
             while [ ! -e {} ] && [ $i -lt 600 ]; do i=$((i+1)); sleep 0.05; done']}}\n",
            called.display(),
            go.display()
        ));
        program.args(["rotate", "--now", "-d", &place.directory]).stderr(Stdio::null()).stdout(Stdio::null());
        let mut child = program.current_dir(place.outer.path()).spawn().expect("it starts");
        until("the command is called", || {
            assert_eq!(child.try_wait().expect("it can be asked"), None, "it waits for the command");
            called.exists()
        });
        Self { child, go }
    }

    fn end_by(&mut self, signal: Signal) -> ExitStatus {
        kill(Pid::from_raw(i32::try_from(self.child.id()).expect("a pid")), signal).expect("it is ours");
        self.child.wait().expect("it ends")
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let _told = fs::write(&self.go, "");
        let _ended = self.child.kill();
        let _collected = self.child.wait();
    }
}

#[test]
fn f23_a_process_that_holds_keys_leaves_no_core() {
    let place = Place::bootstrapped();
    // Not SIGQUIT: what a script starts in the background ignores it.
    for (signal, number) in [(Signal::SIGTRAP, 5), (Signal::SIGABRT, 6), (Signal::SIGFPE, 8)] {
        let mut shell = Command::new("sh");
        shell.args(["-c", "ulimit -c unlimited; exec \"$0\" \"$@\"", &binary()]);
        let ended = Waiting::start(&place, &mut shell).end_by(signal);
        assert_eq!(ended.signal(), Some(number), "{signal}");
        assert!(!ended.core_dumped(), "{signal}");
    }
    let names: Vec<_> =
        fs::read_dir(place.outer.path()).expect("it is there").flatten().map(|it| it.file_name()).collect();
    assert!(!names.iter().any(|name| name.to_string_lossy().starts_with("core")), "{names:?}");
}

#[test]
fn f23_the_memory_of_a_run_cannot_be_read_by_its_own_user_without_privileges() {
    if !is_root("a run of a lesser user") {
        return;
    }
    let place = Place::open_to_all();
    let binary = place.outer.path().join("binary");
    fs::copy(project::program(), &binary).expect("it can be copied");
    fs::set_permissions(&binary, fs::Permissions::from_mode(0o755)).expect("it is ours");
    fs::set_permissions(place.outer.path(), fs::Permissions::from_mode(0o755)).expect("it is ours");
    chown(place.outer.path(), Some(NOBODY), Some(NOBODY)).expect("we are root");
    let mut bootstrap = Command::new(&binary);
    bootstrap.env_clear().args(["bootstrap", "-d", &place.directory]).uid(NOBODY).gid(NOBODY);
    assert_eq!(ran(bootstrap).code, Some(0));
    let mut command = Command::new(&binary);
    command.uid(NOBODY).gid(NOBODY);
    let run = Waiting::start(&place, &mut command);
    let pid = run.child.id();
    let seen = as_nobody(&format!(
        "grep -q . /proc/{pid}/environ && echo environ; grep -q . /proc/{pid}/maps && echo maps; \
         dd if=/proc/{pid}/mem bs=1 count=0 2>/dev/null && echo mem; echo end"
    ));
    assert_eq!(seen, "end\n");
}

#[test]
fn f23_a_command_keeps_the_limit_of_cores_that_newleaf_was_started_with() {
    let place = Place::bootstrapped();
    let seen = place.outer.path().join("seen");
    place.configure(&format!(
        "consumers:\n- {{name: app, loads: client, pickup: restart, command: [sh, -c, 'ulimit -c > {}']}}\n",
        seen.display()
    ));
    for limit in ["0", "7"] {
        let binary = binary();
        let script = format!("ulimit -c {limit}; exec {binary} rotate --now -d {}", place.directory);
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]);
        assert_eq!(ran(shell).code, Some(0));
        assert_eq!(fs::read_to_string(&seen).expect("the command ran").trim(), limit);
    }
}

#[test]
fn f25_after_a_rollover_the_removed_authoritys_key_is_in_no_file() {
    let place = Place::empty();
    place.configure(
        "consumers:\n- {name: server, loads: server, pickup: login}\n- {name: client, loads: client, pickup: login}\n",
    );
    assert_eq!(place.run(&["bootstrap"]).code, Some(0));
    let key = place.read("authority/authority-1.key");
    let secret = key.lines().nth(1).expect("a key has lines").to_owned();
    let holders = |place: &Place| {
        let content = place.content();
        content.iter().filter(|(_, bytes)| String::from_utf8_lossy(bytes).contains(&secret)).count()
    };
    assert_eq!(holders(&place), 1);
    let rollover = place.run(&["rotate", "--now", "--authority"]);
    assert_eq!(rollover.code, Some(0), "{rollover:?}");
    assert_eq!(holders(&place), 0, "{:?}", place.content().keys());
}

/// The generations of an object; each looks as if it had been written two minutes ago.
fn old_generations(place: &Place, object: &str) -> usize {
    let all = fs::read_dir(Path::new(&place.directory).join(".generations")).expect("it is there").flatten();
    let generations = all.filter(|entry| entry.file_name().to_string_lossy().starts_with(object));
    let aged = generations.map(|entry| {
        let generation = fs::File::open(entry.path()).expect("it is ours");
        let written = generation.metadata().and_then(|it| it.modified()).expect("it has a time");
        generation.set_modified(written - Duration::from_secs(120)).expect("it can be set");
    });
    aged.count()
}

#[test]
fn b16_former_leaves_go_when_every_consumer_has_loaded_the_new_one_and_not_before() {
    let place = Place::bootstrapped();
    let consumers = |client: &str| {
        format!(
            "consumers:\n- {{name: server, loads: server, pickup: login}}\n\
             - {{name: client, loads: client, pickup: restart, command: [{client}]}}\n"
        )
    };
    let rotate = || place.run(&["rotate", "--now"]).code;
    let kept = || ["server", "client"].map(|object| old_generations(&place, object));
    assert_eq!(rotate(), Some(0));
    assert_eq!(kept(), [2, 2], "no consumer is configured, so none has shown anything");
    place.configure(&consumers("/bin/false"));
    assert_eq!(rotate(), Some(5));
    assert_eq!(kept(), [3, 3], "the client was not restarted");
    place.configure(&consumers("/bin/true"));
    assert_eq!(place.run(&["rotate"]).code, Some(0));
    assert_eq!(kept(), [1, 3], "no database shows what the client has loaded");
    place.configure(
        "consumers:\n- {name: server, loads: server, pickup: login}\n- {name: client, loads: client, pickup: login}\n",
    );
    assert_eq!(rotate(), Some(0));
    assert_eq!(kept(), [2, 2], "a login may have resolved the link a moment before the swap");
    assert_eq!(place.run(&["rotate"]).code, Some(0));
    assert_eq!(kept(), [1, 1], "a run that has nothing else to do removes them");
}

#[test]
fn f4_the_program_of_a_command_is_not_looked_for_where_the_caller_says() {
    let place = Place::bootstrapped();
    let planted = place.outer.path().join("planted");
    fs::create_dir(&planted).expect("it can be made");
    let trace = place.outer.path().join("trace");
    fs::write(planted.join("true"), format!("#!/bin/sh\n: > {}\n", trace.display())).expect("it can be written");
    fs::set_permissions(planted.join("true"), fs::Permissions::from_mode(0o755)).expect("it is ours");
    place.configure("consumers:\n- {name: app, loads: client, pickup: restart, command: [\"true\"]}\n");
    let mut command = place.command(&["rotate", "--now"]);
    command.env("PATH", format!("{}:/usr/bin:/bin", planted.display()));
    let ended = ran(command);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(!trace.exists(), "the program of the system was started");
    place.configure("consumers:\n- {name: app, loads: client, pickup: restart, command: [planted/true]}\n");
    let refused = place.run(&["rotate", "--now"]);
    assert_eq!(refused.code, Some(78), "{refused:?}");
    assert!(refused.stderr.contains("error[NL0510]") && refused.stderr.contains("absolute"), "{refused:?}");
}
