//! PostgreSQL and two Backstages with newleaf around them, as its guide has it.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::kubectl::Namespace;

const IMAGE: &str = "localhost/newleaf:local";

/// A namespace in which everything runs, and the configurations.
#[derive(Debug)]
pub(crate) struct Site {
    namespace: Namespace,
    restart: PathBuf,
    reload: PathBuf,
    _directory: TempDir,
}

impl Site {
    /// Everything ready; none where there is no cluster.
    pub(crate) fn set_up() -> Option<Self> {
        let namespace = Namespace::restricted("bench")?;
        let directory = tempfile::tempdir().expect("a directory");
        let file = |name: &str, server: &str| {
            let path = directory.path().join(name);
            std::fs::write(&path, configuration(namespace.name(), server)).expect("written");
            path
        };
        let (restart, reload) =
            (file("restart.yaml", "pickup: restart"), file("reload.yaml", "pickup: reload, nudge: true"));
        let site = Self { restart, reload, namespace, _directory: directory };
        newleaf(&site.reload, &["bootstrap"]);
        let manifests = newleaf(&site.reload, &["manifests", "--image", IMAGE]);
        site.namespace.apply(&manifests);
        site.namespace.apply(include_str!("../../cluster/fixtures/postgres.yaml"));
        site.namespace.rolled_out("statefulset/postgres");
        site.namespace.apply(include_str!("../../cluster/fixtures/backstage.yaml"));
        site.namespace.rolled_out("deployment/backstage");
        site.kubectl(&["scale", "deployment/backstage", "--replicas=2"]);
        site.namespace.rolled_out("deployment/backstage");
        Some(site)
    }

    pub(crate) fn namespace(&self) -> &str {
        self.namespace.name()
    }

    /// Rotates from here, without a Job, and restarts both peers.
    pub(crate) fn restarts(&self, more: &[&str]) {
        newleaf(&self.restart, &[&["rotate", "--local"], more].concat());
    }

    /// Rotates from here, without a Job; the server reloads.
    pub(crate) fn reloads(&self, more: &[&str]) {
        newleaf(&self.reload, &[&["rotate", "--local"], more].concat());
    }

    /// Rotates in a Job, and waits for its end.
    pub(crate) fn job(&self, arguments: &[&str]) {
        newleaf(&self.reload, arguments);
    }

    pub(crate) fn kubectl(&self, arguments: &[&str]) -> String {
        self.namespace.kubectl(arguments)
    }

    /// Waits until nothing of what came before goes on.
    pub(crate) fn settled(&self) {
        let state = "{.status.conditions[?(@.type==\"Ready\")].status}{.metadata.deletionTimestamp}";
        let states = format!("jsonpath=[{{range .items[*]}}{state} {{end}}]");
        let long_lived = ["get", "pods", "--selector", "app in (postgres, backstage)", "--output", &states];
        self.namespace.until(&long_lived, "[True True True ]");
    }

    /// Whether the pod with this identity was made by a Job of newleaf.
    pub(crate) fn is_of_a_job(&self, pod: &str) -> bool {
        let identities = "jsonpath={.items[*].metadata.uid}";
        let ours = ["get", "pods", "--selector", "app.kubernetes.io/name=newleaf", "--output", identities];
        self.kubectl(&ours).split_whitespace().any(|identity| identity == pod)
    }

    /// Whether the node has the image.
    pub(crate) fn has_image(&self) -> bool {
        self.images().contains(IMAGE)
    }

    /// The size of the image in bytes, as the node counts it.
    pub(crate) fn image(&self) -> u64 {
        let images = self.images();
        let line = images.lines().find(|line| line.contains(IMAGE)).expect("the image is there");
        line.split_whitespace().next().and_then(|size| size.parse().ok()).expect("a size")
    }

    fn images(&self) -> String {
        let path = "jsonpath={range .items[0].status.images[*]}{.sizeBytes} {.names}{\"\\n\"}{end}";
        self.kubectl(&["get", "nodes", "--output", path])
    }
}

fn newleaf(configuration: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(project::program());
    command.args(arguments).arg("--config").arg(configuration);
    let output = command.output().expect("newleaf runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn configuration(namespace: &str, server: &str) -> String {
    let mut text = format!("apiVersion: newleaf.dev/v1alpha1\nkind: Rotation\nnamespace: {namespace}\n");
    write!(
        text,
        "database: {{endpoints: [postgres.{namespace}.svc]}}\nconsumers:\n\
         - {{name: postgres, loads: server, {server}, workload: statefulset/postgres}}\n\
         - {{name: backstage, loads: client, pickup: restart, workload: deployment/backstage}}\n"
    )
    .expect("written");
    text
}
