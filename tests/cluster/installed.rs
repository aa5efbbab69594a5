//! newleaf in a namespace as a person installs it: the objects of `newleaf manifests`, a bootstrap Job that made the
//! Secrets, and beside it PostgreSQL and Backstage with mutual TLS.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::kubectl::Namespace;

/// Reload for PostgreSQL, restart for Backstage: how most people will have it.
pub(crate) const CONSUMERS: &str = "
- {name: postgres, loads: server, pickup: reload, nudge: true, workload: statefulset/postgres}
- {name: backstage, loads: client, pickup: restart, workload: deployment/backstage}
";

/// The namespace with newleaf in it.
#[derive(Debug)]
pub(crate) struct Installed {
    pub(crate) namespace: Namespace,
    directory: TempDir,
}

/// How newleaf ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Installed {
    /// An empty namespace, and what is needed to fill it; none where there is no cluster.
    pub(crate) fn nowhere(test: &str) -> Option<Self> {
        let namespace = Namespace::restricted(test)?;
        Some(Self { namespace, directory: TempDir::new().expect("a directory") })
    }

    /// Secrets and newleaf's own objects in a new namespace. The configuration has these consumers and these further lines.
    pub(crate) fn alone(test: &str, consumers: &str, settings: &str) -> Option<Self> {
        let installed = Self::nowhere(test)?;
        installed.configure(consumers, settings, &[]);
        installed.namespace.kubectl(&["wait", "--for=condition=complete", "job/newleaf-bootstrap", "--timeout=60s"]);
        Some(installed)
    }

    /// The same with PostgreSQL, ready.
    pub(crate) fn with_postgres(test: &str, consumers: &str, settings: &str) -> Option<Self> {
        let installed = Self::alone(test, consumers, settings)?;
        installed.namespace.apply(include_str!("fixtures/postgres.yaml"));
        installed.namespace.rolled_out("statefulset/postgres");
        Some(installed)
    }

    /// Backstage with two replicas; one first, for two on an empty database fight for the migration lock.
    pub(crate) fn add_backstage(&self) {
        self.namespace.apply(include_str!("fixtures/backstage.yaml"));
        self.namespace.rolled_out("deployment/backstage");
        self.namespace.kubectl(&["scale", "deployment/backstage", "--replicas=2"]);
        self.namespace.rolled_out("deployment/backstage");
    }

    /// Writes the configuration and applies everything that follows from it and from these options.
    pub(crate) fn configure(&self, consumers: &str, settings: &str, options: &[&str]) {
        self.namespace.apply(&self.manifests(consumers, settings, options));
    }

    /// The objects that follow from a configuration.
    pub(crate) fn manifests(&self, consumers: &str, settings: &str, options: &[&str]) -> String {
        let name = self.namespace.name();
        let file = self.directory.path().join("newleaf.yaml");
        let text = format!(
            "apiVersion: newleaf.dev/v1alpha1\nkind: Rotation\nnamespace: {name}\n\
             database: {{endpoints: [postgres.{name}.svc]}}\nconsumers:{consumers}{settings}"
        );
        std::fs::write(&file, text).expect("a file can be written");
        let file = file.display().to_string();
        let arguments = [&["manifests", "--config", &file, "--image", "localhost/newleaf:local"], options].concat();
        let manifests = self.newleaf(&arguments);
        assert_eq!(manifests.code, Some(0), "{manifests:?}");
        manifests.stdout
    }

    /// newleaf as a person runs it beside kubectl, to its end.
    pub(crate) fn newleaf(&self, arguments: &[&str]) -> Ended {
        Ended::from(self.command(arguments).output().expect("newleaf runs"))
    }

    /// The same, not started yet.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_newleaf"));
        command.args(arguments).args(["--namespace", self.namespace.name()]);
        command
    }

    /// A field of an object, by `JSONPath`.
    pub(crate) fn field(&self, object: &str, path: &str) -> String {
        self.namespace.kubectl(&["get", object, "--output", &format!("jsonpath={{{path}}}")])
    }
}

/// `PATH` with the directory of a program before all others.
pub(crate) fn first_in_path(program: &Path) -> OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let directories = program.parent().map(Path::to_path_buf).into_iter().chain(std::env::split_paths(&path));
    std::env::join_paths(directories).expect("directories")
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }
}
