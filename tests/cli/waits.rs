//! Nothing holds the process beyond its deadline, or beyond SIGTERM.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::skip::skip;
use crate::support::{Place, Ran, binary, is_root, newleaf};
use crate::wait::{until, within};

/// Much longer than any deadline here; a process that takes it hangs.
const HANGS: Duration = Duration::from_secs(20);

const DEADLINES: [&str; 4] = ["--set", "deadlines.step=2s", "--set", "deadlines.run=4s"];

/// Waits for the end of a process; kills one that hangs.
#[expect(clippy::disallowed_methods, reason = "a deadline for the process under test")]
fn end(mut child: Child) -> (Ran, Duration) {
    let begin = Instant::now();
    let pid = Pid::from_raw(i32::try_from(child.id()).expect("a pid"));
    let ends = within(HANGS, || child.try_wait().expect("it can be asked").is_some());
    let took = begin.elapsed();
    if !ends {
        kill(pid, Signal::SIGKILL).expect("it is ours");
    }
    let Output { status, stdout, stderr } = child.wait_with_output().expect("it ends");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (Ran { code: status.code(), stdout: text(stdout), stderr: text(stderr) }, took)
}

fn start(mut command: Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
}

fn fifo(path: &Path) {
    drop(fs::remove_file(path));
    nix::unistd::mkfifo(path, nix::sys::stat::Mode::S_IRWXU).expect("it can be made");
}

#[test]
fn f12_a_named_pipe_in_place_of_a_file_is_not_waited_for() {
    let place = Place::empty();
    let pid_file = place.outer.path().join("pid");
    place.configure(&format!(
        "consumers:\n- {{name: postgres, loads: server, pickup: reload, signal: true, pidFile: {}}}\n",
        pid_file.display()
    ));
    assert_eq!(place.run(&["bootstrap"]).code, Some(0));
    fs::copy(Path::new(&place.directory).join("newleaf.yaml"), place.outer.path().join("copy")).expect("it is there");
    let directory = fs::canonicalize(&place.directory).expect("it is there");
    let named_pipes = [
        ("the pid file", pid_file, 75),
        ("a key", directory.join("client/tls.key"), 75),
        ("the lock", directory.join(".lock"), 4),
        ("the store's lock", directory.join(".generations/.lock"), 4),
        ("the configuration", directory.join("newleaf.yaml"), 78),
    ];
    for (case, path, code) in named_pipes {
        let kept = fs::read(&path).ok();
        fifo(&path);
        let (ended, took) = end(start(place.command(&[&["rotate", "--now"][..], &DEADLINES].concat())));
        assert!(took < HANGS, "{case}: it hangs: {ended:?}");
        assert_eq!(ended.code, Some(code), "{case}: {ended:?}");
        if case != "the pid file" {
            drop(fs::remove_file(&path));
        }
        if let Some(bytes) = kept.filter(|_| case != "a key") {
            fs::write(&path, bytes).expect("it can be written");
        }
    }
    let key = place.outer.path().join("ca.key");
    let certificate = place.outer.path().join("ca.crt");
    fs::write(&certificate, place.read("authority/authority-1.crt")).expect("it can be written");
    fifo(&key);
    let [certificate, key] = [certificate.display().to_string(), key.display().to_string()];
    let arguments = [
        "rotate",
        "--now",
        "--set",
        &format!("authority.certificate={certificate}"),
        "--set",
        &format!("authority.key={key}"),
    ];
    let (ended, took) = end(start(place.command(&[&arguments[..], &DEADLINES].concat())));
    assert!(took < HANGS, "an external key: it hangs: {ended:?}");
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let (ended, took) =
        end(start(newleaf(&["manifests", "--config", &place.outer.path().join("ca.key").display().to_string()])));
    assert!(took < HANGS, "a configuration for manifests: it hangs: {ended:?}");
    assert_eq!(ended.code, Some(78), "{ended:?}");
}

#[test]
fn f24_a_lock_that_another_process_holds_is_waited_for_until_the_deadline_or_a_signal() {
    let place = Place::bootstrapped();
    let lock = Path::new(&place.directory).join(".generations/.lock");
    let held = fs::File::options().write(true).open(lock).expect("bootstrap has made it");
    held.lock().expect("it is free");
    let arguments = [&["rotate", "--now"][..], &DEADLINES].concat();
    let (ended, took) = end(start(place.command(&arguments)));
    assert_eq!(ended.code, Some(75), "{ended:?}");
    assert!(ended.stderr.contains("error[NL0210]") && ended.stderr.contains(".generations/.lock"), "{ended:?}");
    assert!(took < Duration::from_secs(10), "it took {took:?}");

    let child = start(place.command(&["rotate", "--now"]));
    std::thread::scope(|scope| {
        let (pid, place) = (Pid::from_raw(i32::try_from(child.id()).expect("a pid")), &place);
        scope.spawn(move || {
            wait_until_it_works_at(place);
            kill(pid, Signal::SIGTERM).expect("it is ours");
        });
        let (ended, took) = end(child);
        assert_eq!(ended.code, Some(143), "{ended:?}");
        assert!(took < HANGS, "{ended:?}");
    });
}

/// Waits until a run has taken the lease.
fn wait_until_it_works_at(place: &Place) {
    let lease = fs::File::options().write(true).open(Path::new(&place.directory).join(".lock")).expect("it is there");
    until("a run takes the lease", || {
        let is_free = lease.try_lock().is_ok();
        if is_free {
            lease.unlock().expect("it was ours");
        }
        !is_free
    });
}

/// A file system whose server never answers, as an NFS server that is gone; newleaf is its server, so that it ends with
/// it.
fn on_a_hung_disk(place: &Place, arguments: &str) -> Option<Command> {
    if !is_root("a disk that hangs") {
        return None;
    }
    if !Path::new("/dev/fuse").exists() {
        skip("a disk that hangs", "there is no /dev/fuse");
        return None;
    }
    let hung = place.outer.path().join("hung");
    fs::create_dir_all(&hung).expect("it can be made");
    let hung = hung.display();
    let binary = binary();
    let script = format!(
        "exec 5<>/dev/fuse; mount -i -t fuse -o fd=5,rootmode=40000,user_id=0,group_id=0 hung {hung} && \
         exec {binary} {arguments}"
    );
    let mut command = Command::new("unshare");
    command.args(["-m", "sh", "-c", &script.replace("HUNG", &hung.to_string())]);
    Some(command)
}

#[test]
fn f12_a_disk_that_hangs_holds_the_process_neither_beyond_the_deadline_nor_beyond_sigterm() {
    let place = Place::bootstrapped();
    let deadlines = DEADLINES.join(" ");
    let config = place.outer.path().join("good.yaml");
    let text = "apiVersion: newleaf.dev/v1alpha1\nkind: Rotation\nconsumers:\n\
                - {name: postgres, loads: server, pickup: reload, signal: true, pidFile: HUNG/pid}\n";
    fs::write(&config, text.replace("HUNG", &place.outer.path().join("hung").display().to_string()))
        .expect("it can be");
    let (directory, config) = (&place.directory, config.display());
    let cases = [
        ("the directory", format!("rotate --now -d HUNG/newleaf --config {config} {deadlines}")),
        ("the configuration", format!("status -d HUNG/newleaf {deadlines}")),
        ("a pid file", format!("rotate --now -d {directory} --config {config} {deadlines}")),
        (
            "an external key",
            format!(
                "rotate --now -d {directory} --set authority.certificate=HUNG/c --set authority.key=HUNG/k {deadlines}"
            ),
        ),
    ];
    for (case, arguments) in &cases {
        let Some(command) = on_a_hung_disk(&place, arguments) else { return };
        let (ended, took) = end(start(command));
        assert!(took < HANGS, "{case}: it hangs: {ended:?}");
        assert_eq!(ended.code, Some(75), "{case}: {ended:?}");
        assert!(ended.stderr.contains("hung"), "{case}: it names the place: {ended:?}");
    }
    let Some(command) = on_a_hung_disk(&place, &format!("rotate --now -d HUNG/newleaf --config {config}")) else {
        return;
    };
    let child = start(command);
    let pid = Pid::from_raw(i32::try_from(child.id()).expect("a pid"));
    std::thread::scope(|scope| {
        scope.spawn(move || {
            wait_until_it_listens(pid);
            kill(pid, Signal::SIGTERM).expect("it is ours");
        });
        let (ended, took) = end(child);
        assert_eq!(ended.code, Some(143), "{ended:?}");
        assert!(took < HANGS, "{ended:?}");
    });
}

/// Waits until the process has a handler for SIGTERM (proc(5), `SigCgt`).
fn wait_until_it_listens(pid: Pid) {
    let terminate = 1_u64 << 14;
    until("it listens to SIGTERM", || {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        let caught = caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
        caught & terminate != 0 && status.contains("newleaf")
    });
}
