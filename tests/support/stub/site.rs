//! The program at the stub: bootstrapped, with a configuration, run as the pod of a Job.

use std::process::{Command, Stdio};

use serde_json::Value;

use super::{Stub, World};
use crate::ended::Ended;
use crate::peak::{Measured, measured};

const CONFIGURATION: &str = "\
apiVersion: newleaf.dev/v1alpha1
kind: Rotation
namespace: backstage
consumers:
- {name: postgres, loads: server, pickup: restart, workload: statefulset/postgres}
- {name: backstage, loads: client, pickup: restart, workload: deployment/backstage}
deadlines: {step: 30s, run: 60s}
";

/// The stub, and what the program is told about it.
pub(crate) struct Site {
    pub(crate) stub: Stub,
}

impl Site {
    /// With authority and leaves, made by the program itself.
    pub(crate) fn bootstrapped() -> Self {
        let site = Self { stub: Stub::start(World::new()) };
        site.configure(CONFIGURATION);
        let made = site.run(&["bootstrap"]);
        assert_eq!(made.code, Some(0), "{made:?}");
        site
    }

    /// The same with the CronJob and the ConfigMap that the program's own manifests hold.
    pub(crate) fn installed() -> Self {
        let site = Self::bootstrapped();
        let mut command = Command::new(project::program());
        let configuration = site.stub.directory().join("newleaf.yaml");
        command.env_clear().args(["manifests", "--output", "json", "--config"]).arg(configuration);
        let made = command.output().expect("newleaf runs");
        let list: Value = serde_json::from_slice(&made.stdout).expect("a List");
        for object in list["items"].as_array().expect("items") {
            let (path, version) = match object["kind"].as_str() {
                Some("CronJob") => ("cronjobs/newleaf", "batch/v1"),
                Some("ConfigMap") => ("configmaps/newleaf", "v1"),
                _ => continue,
            };
            let kind = object["kind"].as_str().unwrap_or_default();
            site.stub.world().put(path, version, kind, object.clone());
        }
        site
    }

    /// Another configuration.
    pub(crate) fn configure(&self, text: &str) {
        std::fs::write(self.stub.directory().join("newleaf.yaml"), text).expect("it can be written");
    }

    /// A command in the pod of a Job, with the configuration mounted.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.outside(arguments);
        command.arg("--config").arg(self.stub.directory().join("newleaf.yaml")).env("NEWLEAF_POD", "newleaf-1");
        command
    }

    /// A command on a laptop, which reads its configuration from the cluster.
    pub(crate) fn outside(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(project::program());
        command.env_clear().args(arguments).arg("--kubeconfig").arg(self.stub.kubeconfig());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        Ended::from(self.command(arguments).output().expect("newleaf runs"))
    }

    /// Runs it to its end, and measures its memory and time.
    pub(crate) fn measured(&self, arguments: &[&str]) -> Measured {
        measured(self.command(arguments)).expect("newleaf runs")
    }
}
