//! The peak of a process's resident memory.

use std::io;
use std::process::{Child, Command, Output};
use std::time::{Duration, Instant};

/// How often it is read: the kernel itself keeps the peak, so only the last moment of a process could be missed.
const PAUSE: Duration = Duration::from_millis(1);

/// How a process ended, its peak in KiB and its time.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) output: Output,
    pub(crate) kibibytes: u64,
    pub(crate) took: Duration,
}

/// Runs a command to its end; its output must fit into a pipe.
pub(crate) fn measured(mut command: Command) -> io::Result<Measured> {
    let begin = Instant::now();
    let mut child = command.spawn()?;
    let mut kibibytes = 0;
    while child.try_wait()?.is_none() {
        kibibytes = peak(&child).unwrap_or(kibibytes);
        std::thread::sleep(PAUSE);
    }
    let took = begin.elapsed();
    Ok(Measured { output: child.wait_with_output()?, kibibytes, took })
}

/// `VmHWM` (`proc_pid_status(5)`); none for a process that has just ended.
fn peak(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
