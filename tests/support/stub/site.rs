//! The program at the stub: bootstrapped, with a configuration, run as the pod of a Job.

use std::process::{Command, Stdio};

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
        let mut command = Command::new(env!("CARGO_BIN_EXE_newleaf"));
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
