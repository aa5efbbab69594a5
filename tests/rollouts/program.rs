//! The whole program, as a person runs it who has a kubeconfig: its exit code and what it says are what is tested.

use std::process::Command;

use serde_json::Value;

use crate::ended::Ended;
use crate::kubectl::Namespace;

/// A namespace with authority and leaves, and what the program is told about it.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) namespace: Namespace,
}

impl Program {
    /// A new namespace with authority and leaves; none where there is no cluster.
    pub(crate) fn bootstrapped(test: &str, configuration: &str) -> Option<Self> {
        let program = Self { namespace: Namespace::restricted(test)? };
        program.configure(configuration);
        program.run(&["bootstrap"]).succeeded();
        Some(program)
    }

    /// Writes the configuration where the program looks for it: into the ConfigMap. `{namespace}` is filled in.
    pub(crate) fn configure(&self, configuration: &str) {
        let head = "apiVersion: newleaf.dev/v1alpha1\nkind: Rotation\n";
        let text = format!("{head}{}", configuration.replace("{namespace}", self.namespace.name()));
        let map = serde_json::json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "newleaf"}, "data": {"newleaf.yaml": text}});
        self.namespace.apply(&map.to_string());
    }

    /// Runs it to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        Ended::from(self.command(arguments).output().expect("newleaf runs"))
    }

    /// Runs it while something else happens.
    pub(crate) async fn run_beside(&self, arguments: &[&str]) -> Ended {
        let mut command = self.command(arguments);
        let output = tokio::task::spawn_blocking(move || command.output()).await;
        Ended::from(output.expect("it does not panic").expect("newleaf runs"))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(project::program());
        command.args(arguments).args(["--namespace", self.namespace.name()]);
        command
    }

    /// The serial number of the stored leaf of a peer.
    pub(crate) fn serial(&self, peer: &str) -> String {
        let serial = &self.status()["facts"][peer]["present"]["serial"];
        serial.as_str().expect("a leaf is stored").to_owned()
    }

    /// What `status` shows.
    pub(crate) fn status(&self) -> Value {
        let status = self.run(&["status", "--output", "json"]).succeeded();
        serde_json::from_str(&status.stdout).expect("status is JSON")
    }

    /// The notes of the Events of this reason about an object.
    pub(crate) fn events(&self, object: &str, reason: &str) -> String {
        let (kind, name) = object.split_once('/').expect("KIND/NAME");
        let selector = format!("reason={reason},involvedObject.kind={kind},involvedObject.name={name}");
        let notes = "jsonpath={.items[*].message}";
        self.namespace.kubectl(&["get", "events", "--field-selector", &selector, "--output", notes])
    }
}

impl Ended {
    /// Exit code 0.
    #[track_caller]
    pub(crate) fn succeeded(self) -> Self {
        self.ended(0, &[])
    }

    /// This exit code, and these words among the errors.
    #[track_caller]
    pub(crate) fn ended(self, code: i32, words: &[&str]) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.stderr);
        for word in words {
            assert!(self.stderr.contains(word), "{word:?} is not in: {}", self.stderr);
        }
        self
    }
}
