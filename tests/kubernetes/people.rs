//! The API server as people use it: kubectl and newleaf as programs, in a namespace of the test's own.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

use crate::api_server;
use crate::ended::Ended;
use crate::skip::skip;

/// A person at a shell. The API server ends with the tests, so nothing is removed.
#[derive(Debug)]
pub(crate) struct Person {
    program: PathBuf,
    pub(crate) kubeconfig: PathBuf,
    pub(crate) namespace: String,
    pub(crate) folder: TempDir,
}

impl Person {
    /// An administrator with a new namespace, in which Pod Security "restricted" is enforced and warned of; none, and said
    /// so, where Kubernetes was not built.
    pub(crate) fn new() -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let own = match api_server::own() {
            Ok(own) => own,
            Err(why) => {
                skip("kubernetes", why);
                return None;
            }
        };
        let person = Self {
            program: own.program,
            kubeconfig: own.kubeconfig,
            namespace: format!("people-{}", NUMBER.fetch_add(1, Ordering::SeqCst)),
            folder: tempfile::tempdir().expect("a temporary directory"),
        };
        person.make_namespace(&person.namespace);
        Some(person)
    }

    /// Makes a namespace like that, if it is not there.
    pub(crate) fn make_namespace(&self, name: &str) {
        let manifest = format!(
            "{{apiVersion: v1, kind: Namespace, metadata: {{name: {name}, labels: \
             {{pod-security.kubernetes.io/enforce: restricted, pod-security.kubernetes.io/warn: restricted}}}}}}"
        );
        self.must(&["apply", "--filename", "-"], &manifest);
    }

    pub(crate) fn kubectl(&self, arguments: &[&str], input: &str) -> Ended {
        let mut command = Command::new(&self.program);
        // First, so that an argument can name another namespace.
        command.args(["kubectl", "--namespace", &self.namespace]).args(arguments);
        self.run(command, input)
    }

    /// What kubectl prints, which must succeed.
    pub(crate) fn must(&self, arguments: &[&str], input: &str) -> String {
        let said = self.kubectl(arguments, input);
        assert_eq!(said.code, Some(0), "kubectl {arguments:?}: {said:?}");
        said.stdout
    }

    pub(crate) fn newleaf(&self, arguments: &[&str]) -> Ended {
        let mut command = Command::new(project::program());
        command.args(arguments);
        self.run(command, "")
    }

    /// A file with this content.
    pub(crate) fn file(&self, name: &str, content: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).expect("it can be written");
        path.display().to_string()
    }

    fn run(&self, mut command: Command, input: &str) -> Ended {
        command.arg("--kubeconfig").arg(&self.kubeconfig);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        // A program that reads nothing has closed the pipe; that is no failure.
        drop(child.stdin.take().expect("a pipe").write_all(input.as_bytes()));
        Ended::from(child.wait_with_output().expect("it ends"))
    }
}
