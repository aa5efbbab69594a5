//! What happens to a rotation, drawn at random: what dies, and when.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::installed::Installed;
use crate::skip::skip;
use crate::watched::Watched;

/// From the making of the Job to its end, roughly.
const A_JOB: u64 = 3000;
/// From the start of the process to its end, roughly.
const A_PROCESS: u64 = 700;
/// How often a process is looked for, a hundredth of a second apart.
const LOOKS: usize = 1000;

/// Numbers that look random and come again with the same seed (`SplitMix64`).
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// What happens, and how many milliseconds after the Job or the process has started.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Disturbance {
    PodDeleted(u64),
    ProcessKilled(u64),
    KubeletRestarted(u64),
    ApiServerRestarted(u64),
}

impl Disturbance {
    pub(crate) fn drawn(random: &mut Random) -> Self {
        match random.below(4) {
            0 => Self::PodDeleted(random.below(A_JOB)),
            1 => Self::ProcessKilled(random.below(A_PROCESS)),
            2 => Self::KubeletRestarted(random.below(A_JOB)),
            _ => Self::ApiServerRestarted(random.below(A_JOB)),
        }
    }

    /// Lets it happen to a rotation that was just asked for; whether there was anything left to disturb.
    pub(crate) fn cause(self, machine: &Machine, installed: &Installed, asked: &mut Watched) -> bool {
        let Some(job) = asked.hear("Job newleaf-now-") else { return false };
        let job = job.rsplit(' ').next().unwrap_or_default();
        let happened = match self {
            Self::PodDeleted(after) => {
                pause(after);
                delete_pods(installed, job)
            }
            Self::ProcessKilled(after) => process(job).is_some_and(|id| {
                pause(after);
                kill(id, Signal::SIGKILL).is_ok()
            }),
            Self::KubeletRestarted(after) => machine.restart("kubelet", after),
            Self::ApiServerRestarted(after) => machine.restart("apiserver", after),
        };
        if happened {
            machine.note(self);
        }
        happened
    }
}

/// Deletes them as one does with the pods of a dead node: at once, without waiting for the kubelet.
fn delete_pods(installed: &Installed, job: &str) -> bool {
    let selector = format!("batch.kubernetes.io/job-name={job}");
    let mut delete = Command::new("kubectl");
    delete.args(["delete", "pods", "--namespace", installed.namespace.name(), "--selector", &selector]);
    let deleted = delete.args(["--force", "--grace-period=0", "--wait=false"]).output().expect("kubectl runs");
    String::from_utf8_lossy(&deleted.stdout).contains("deleted")
}

/// The process of newleaf in a Job's pod, as soon as it is there.
fn process(job: &str) -> Option<Pid> {
    let mark = format!("NEWLEAF_POD={job}-");
    (0..LOOKS).find_map(|_| {
        pause(10);
        let processes = std::fs::read_dir("/proc").ok()?.flatten();
        let of_job = |directory: &Path| {
            let environment = std::fs::read(directory.join("environ")).unwrap_or_default();
            environment.split(|byte| *byte == 0).any(|variable| variable.starts_with(mark.as_bytes()))
        };
        let found = processes.map(|entry| entry.path()).find(|path| of_job(path))?;
        found.file_name()?.to_str()?.parse().ok().map(Pid::from_raw)
    })
}

#[expect(clippy::disallowed_methods, reason = "points in time are what is drawn")]
fn pause(milliseconds: u64) {
    std::thread::sleep(Duration::from_millis(milliseconds));
}

/// The machine that the cluster is, with its processes.
#[derive(Debug, Default)]
pub(crate) struct Machine {
    /// One component is restarted at a time.
    turn: Mutex<()>,
    happened: Mutex<BTreeMap<&'static str, usize>>,
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "disturbed by {:?}", lock(&self.happened))
    }
}

impl Machine {
    /// That of the test cluster, if we are inside of one.
    pub(crate) fn of_our_own() -> Option<Self> {
        if std::env::var_os("NEWLEAF_CLUSTER_INSIDE").is_none() {
            skip("retries", "a cluster that may be disturbed; `make test` as root makes one");
            return None;
        }
        Some(Self::default())
    }

    /// How often something has died.
    pub(crate) fn deaths(&self) -> usize {
        lock(&self.happened).values().sum()
    }

    fn note(&self, disturbance: Disturbance) {
        let what = match disturbance {
            Disturbance::PodDeleted(_) => "a deleted pod",
            Disturbance::ProcessKilled(_) => "a killed process",
            Disturbance::KubeletRestarted(_) => "a killed kubelet",
            Disturbance::ApiServerRestarted(_) => "a killed API server",
        };
        *lock(&self.happened).entry(what).or_default() += 1;
    }

    /// Kills a component and starts it again.
    fn restart(&self, component: &str, after: u64) -> bool {
        let _turn = lock(&self.turn);
        pause(after);
        let cluster = project::root().join("tests/cluster/cluster");
        for verb in ["stop", "start"] {
            let done = Command::new(&cluster).args([verb, component]).stdin(Stdio::null()).status();
            assert!(done.is_ok_and(|status| status.success()), "cluster {verb} {component}");
        }
        true
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
