//! The cluster under the demo: one of its own, made and removed by `tests/cluster/cluster`.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use tokio::signal::unix::{SignalKind, signal};

use crate::Problem;
use crate::paper::Paper;

/// Does the work on a ground, unless the keyboard, another process or the end of the terminal interrupts it.
pub(crate) async fn unless_interrupted<T>(work: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
    let signals = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()].map(signal);
    let [Ok(mut keyboard), Ok(mut end), Ok(mut terminal)] = signals else { return work.await };
    let interrupted = async {
        tokio::select! { _ = keyboard.recv() => (), _ = end.recv() => (), _ = terminal.recv() => () }
    };
    tokio::select! {
        done = work => done,
        () = interrupted => Err("interrupted; the cluster is removed".into()),
    }
}

/// A directory with a cluster in it. Dropping removes both.
pub(crate) struct Ground {
    script: PathBuf,
    directory: TempDir,
}

impl Ground {
    /// A place for a cluster, where one can be.
    pub(crate) fn find() -> Result<Self, Problem> {
        let script = project::root().join("tests/cluster/cluster");
        if let Some(lack) = lack(&script, nix::unistd::geteuid().is_root()) {
            return Err(lack.into());
        }
        Ok(Self { script, directory: tempfile::Builder::new().prefix("newleaf-").tempdir()? })
    }

    /// Brings the cluster up and says what it is.
    pub(crate) async fn raise(&self, paper: &mut Paper) -> Result<(), Problem> {
        let begin = Instant::now();
        paper.command("tests/cluster/cluster up");
        paper.waiting("etcd, API server, controllers, scheduler, containerd, kubelet, kube-proxy, DNS");
        let mut up = self.cluster(&["up"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let mut lines = BufReader::new(up.stderr.take().ok_or("no pipe")?).lines();
        let mut said = String::new();
        while let Some(line) = lines.next_line().await? {
            paper.note(&line);
            paper.waiting("this takes minutes, and only the first time");
            said.push_str(&line);
            said.push('\n');
        }
        if !up.wait().await?.success() {
            return Err(format!("the cluster did not come up:\n{said}").into());
        }
        let nodes = self.ask(&["kubectl", "get", "nodes", "--output", NODE]).await?;
        let took = format!("{:.1} s", begin.elapsed().as_secs_f64());
        let mut rows: Vec<[&str; 2]> =
            nodes.lines().filter_map(|line| line.split_once('=')).map(<[&str; 2]>::from).collect();
        rows.push(["ready after", &took]);
        paper.rows(&rows);
        Ok(())
    }

    /// Calls this program in the cluster, with these variables; what it ended with.
    pub(crate) async fn call_inside(&self, variables: &[(&str, &str)]) -> Result<Option<i32>, Problem> {
        let own = std::env::current_exe()?.display().to_string();
        Ok(self.cluster(&["enter", &own, "inside"]).envs(variables.iter().copied()).status().await?.code())
    }

    async fn ask(&self, command: &[&str]) -> io::Result<String> {
        let output = self.cluster(&[&["enter"], command].concat()).output().await?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn cluster(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.script);
        command.args(arguments).env("NEWLEAF_CLUSTER_DIR", self.directory.path()).stdin(Stdio::null());
        command
    }
}

/// What is missing here for a cluster.
fn lack(script: &Path, is_root: bool) -> Option<String> {
    if !script.exists() {
        return Some(format!("{} is missing: run this in a checkout of newleaf", script.display()));
    }
    let why = "root is missing: a Kubernetes node needs namespaces, mounts and control groups. Run this as root; `make demo` \
               shows the same without a cluster and needs no root";
    (!is_root).then(|| why.to_owned())
}

/// What `kubectl get nodes` is to say, a line each.
const NODE: &str = "jsonpath={range .items[*].status}Kubernetes={.nodeInfo.kubeletVersion}{\"\\n\"}\
                    containers={.nodeInfo.containerRuntimeVersion}{\"\\n\"}{end}";

impl Drop for Ground {
    fn drop(&mut self) {
        let mut down = self.cluster(&["down"]).into_std();
        if down.stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
            // Nothing runs there then.
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said_plainly() {
        let script = project::root().join("tests/cluster/cluster");
        assert_eq!(lack(&script, true), None);
        assert!(lack(&script, false).is_some_and(|why| why.starts_with("root is missing: ")));
        assert!(lack(Path::new("/nonexistent"), true).is_some_and(|why| why.contains("/nonexistent is missing")));
    }
}
