//! PostgreSQL and Backstage in a namespace, with certificates that newleaf made.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::kubectl::Namespace;

/// The directory with the certificates, and the namespace in which they are used.
#[derive(Debug)]
pub(crate) struct Stack {
    pub(crate) namespace: Namespace,
    directory: TempDir,
}

impl Stack {
    /// PostgreSQL, ready, in a new namespace; none where there is no cluster.
    pub(crate) fn with_postgres(test: &str) -> Option<Self> {
        let namespace = Namespace::restricted(test)?;
        let stack = Self { namespace, directory: TempDir::new().expect("a directory") };
        stack.newleaf(&["bootstrap"]);
        stack.publish();
        stack.namespace.apply(include_str!("fixtures/postgres.yaml"));
        stack.namespace.rolled_out("statefulset/postgres");
        Some(stack)
    }

    /// Backstage with two replicas; one first, for two on an empty database fight for the migration lock.
    pub(crate) fn add_backstage(&self) {
        self.namespace.apply(include_str!("fixtures/backstage.yaml"));
        self.namespace.rolled_out("deployment/backstage");
        self.namespace.kubectl(&["scale", "deployment/backstage", "--replicas=2"]);
        self.namespace.rolled_out("deployment/backstage");
    }

    /// Runs newleaf on the directory.
    pub(crate) fn newleaf(&self, arguments: &[&str]) {
        let name = format!("postgres.{}.svc", self.namespace.name());
        let output = Command::new(env!("CARGO_BIN_EXE_newleaf"))
            .args(arguments)
            .args(["--server-names", &name, "--directory"])
            .arg(self.directory.path())
            .output()
            .expect("newleaf runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Puts the leaves into the Secrets that the manifests mount.
    pub(crate) fn publish(&self) {
        self.namespace.put_tls("postgres-tls", &self.server());
        self.namespace.put_tls("backstage-tls", &self.directory.path().join("client"));
    }

    /// The server's certificate as it is now.
    pub(crate) fn certificate(&self) -> String {
        std::fs::read_to_string(self.server().join("tls.crt")).expect("the server's certificate")
    }

    fn server(&self) -> Box<Path> {
        self.directory.path().join("server").into_boxed_path()
    }
}
