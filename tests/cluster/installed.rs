//! newleaf in a namespace as a person installs it: the objects of `newleaf manifests`, a bootstrap Job that made the
//! Secrets, and beside it PostgreSQL and Backstage with mutual TLS.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::ended::Ended;
use crate::kubectl::Namespace;

/// Reload for PostgreSQL, restart for Backstage: how most people will have it.
pub(crate) const CONSUMERS: &str = "
- {name: postgres, loads: server, pickup: reload, nudge: true, workload: statefulset/postgres}
- {name: backstage, loads: client, pickup: restart, workload: deployment/backstage}
";

/// A client that newleaf does not see, and whose files are those of its Secret at each login.
pub(crate) const LOAD: &str = "- {name: load, loads: client, pickup: login}\n";

/// The namespace with newleaf in it.
#[derive(Debug)]
pub(crate) struct Installed {
    pub(crate) namespace: Namespace,
    directory: TempDir,
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
        installed.namespace.kubectl(&["wait", "--for=condition=complete", "job/newleaf-bootstrap", "--timeout=240s"]);
        Some(installed)
    }

    /// The same with PostgreSQL, ready.
    pub(crate) fn with_postgres(test: &str, consumers: &str, settings: &str) -> Option<Self> {
        let installed = Self::alone(test, consumers, settings)?;
        installed.add_postgres();
        Some(installed)
    }

    /// PostgreSQL, ready.
    pub(crate) fn add_postgres(&self) {
        self.namespace.apply(include_str!("fixtures/postgres.yaml"));
        self.namespace.rolled_out("statefulset/postgres");
    }

    /// Backstage with two replicas; one first, for two on an empty database fight for the migration lock.
    pub(crate) fn add_backstage(&self) {
        self.namespace.apply(include_str!("fixtures/backstage.yaml"));
        self.namespace.rolled_out("deployment/backstage");
        self.namespace.kubectl(&["scale", "deployment/backstage", "--replicas=2"]);
        self.namespace.rolled_out("deployment/backstage");
        let service = format!("/api/v1/namespaces/{}/services/backstage:7007/proxy", self.namespace.name());
        let catalog = format!("{service}/api/catalog/entities?filter=kind=component");
        let found = self.namespace.until(&["get", "--raw", &catalog], "newleaf");
        assert!(found.contains("\"lifecycle\":\"production\""), "{found}");
    }

    /// The configuration with these consumers and these further lines.
    pub(crate) fn document(&self, consumers: &str, settings: &str) -> String {
        let name = self.namespace.name();
        // Where nothing loads the leaves, there is no PostgreSQL to ask either.
        let database = match consumers.trim() {
            "[]" => String::new(),
            _ => format!("database: {{endpoints: [postgres.{name}.svc]}}\n"),
        };
        format!(
            "apiVersion: newleaf.dev/v1alpha1\nkind: Rotation\nnamespace: {name}\n{database}\
             consumers:{consumers}{settings}"
        )
    }

    /// Writes the configuration and applies everything that follows from it and from these options.
    pub(crate) fn configure(&self, consumers: &str, settings: &str, options: &[&str]) {
        self.namespace.apply_where_they_say(&self.manifests(consumers, settings, options));
    }

    /// The objects that follow from a configuration.
    pub(crate) fn manifests(&self, consumers: &str, settings: &str, options: &[&str]) -> String {
        let file = self.configuration();
        std::fs::write(&file, self.document(consumers, settings)).expect("a file can be written");
        let arguments = [&["manifests", "--config", &file, "--image", "localhost/newleaf:local"], options].concat();
        let manifests = self.newleaf(&arguments);
        assert_eq!(manifests.code, Some(0), "{manifests:?}");
        manifests.stdout
    }

    /// The configuration as a file, for an account that may not read the ConfigMap.
    pub(crate) fn configuration(&self) -> String {
        self.directory.path().join("newleaf.yaml").display().to_string()
    }

    /// newleaf as a person runs it beside kubectl, to its end.
    pub(crate) fn newleaf(&self, arguments: &[&str]) -> Ended {
        Ended::from(self.command(arguments).output().expect("newleaf runs"))
    }

    /// The same, not started yet.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(project::program());
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

/// How long newleaf is to wait for this cluster's kubelets: the setting, where they are quicker than its default allows for.
/// A kubelet stretches its period by up to a half at random (pkg/kubelet, workerResyncIntervalJitterFactor).
pub(crate) fn projection() -> String {
    let raw = |path: &str| {
        let output = Command::new("kubectl").args(["get", "--raw", path]).output().ok()?;
        serde_json::from_slice::<serde_json::Value>(&output.stdout).ok()
    };
    let period = || -> Option<u64> {
        let nodes = raw("/api/v1/nodes")?;
        let node = nodes.pointer("/items/0/metadata/name")?.as_str()?;
        let kubelet = raw(&format!("/api/v1/nodes/{node}/proxy/configz"))?;
        kubelet.pointer("/kubeletconfig/syncFrequency")?.as_str()?.strip_suffix('s')?.parse().ok()
    };
    period().map_or_else(String::new, |seconds| format!("deadlines: {{projection: {}s}}\n", seconds * 3 / 2 + 5))
}
