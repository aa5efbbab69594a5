//! From arguments to a configuration, and from there to the ports of a run.

use std::cell::RefCell;

use base::diagnosis::{Code, Diagnose, Failure};
use kubernetes::api::connection::Connection;
use rotation::document::error::ConfigurationError;
use rotation::document::{Configuration, Place};
use rotation::engine::facts::Facts;
use rotation::engine::ports::{Ports, Reporter};
use rotation::engine::report::{Outcome, RunEvent};
use rotation::engine::request::{Request, RotationId};
use rotation::engine::run::run;
use rotation::figures::Figures;
use rotation::issuer::CertificateIssuer;
use terminal::stop_token::StopToken;
use tokio::time::Instant;

use crate::cli::arguments::Global;
use crate::cli::effective::{Effective, host_name};
use crate::cli::output::status::Location;
use crate::cli::platform::Platform;
use crate::cluster::{Cluster, Identity};
use crate::host::Host;
use crate::host::entropy::sixteen_bytes;

/// The system has no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("failed to draw random bytes")]
pub(super) struct NoEntropy;

impl Diagnose for NoEntropy {
    fn code(&self) -> Code {
        Code::KeyGeneration
    }
}

/// Everything that a command needs.
#[derive(Debug)]
pub struct CommandContext {
    /// The configuration in effect.
    pub configuration: Configuration,
    /// The cluster, if newleaf works on one from outside.
    pub outside: Option<Connection>,
    /// Whether the configuration comes from that cluster, so the person who runs the command did not write it.
    pub is_kept_in_cluster: bool,
    platform: Platform,
    stop: StopToken,
    issuer: CertificateIssuer,
}

/// What a command may create or take over.
#[derive(Debug, Clone, Copy, Default)]
pub struct Opening {
    /// Whether to take ownership of Secrets created by another tool.
    pub adopt: bool,
    /// Whether to create the directory of the leaves.
    pub makes_directory: bool,
}

impl CommandContext {
    /// Reads the configuration and prepares the ports, within a tokio runtime. It writes nothing.
    pub async fn open(global: &Global, opening: Opening) -> Result<Self, Failure> {
        let Opening { adopt, makes_directory } = opening;
        let pod = global.cluster.pod();
        let Effective { configuration, connection, is_kept_there, .. } = Effective::read(global).await?;
        random()?;
        // AWS-LC ends the process if it has no random bytes, so the default is never used.
        let issuer = CertificateIssuer::new(configuration.profile.clone(), || random().unwrap_or_default());
        let database = configuration.database.as_ref();
        let platform = match (&configuration.place, &connection) {
            (Place::Directory(place), _) => {
                let host = Host::open(place, database, &configuration.deadlines, makes_directory);
                Platform::Host(Box::new(host.await?))
            }
            (Place::Cluster(place), Some(connection)) => {
                let identity = Identity { name: identity(pod)?, adopt };
                let cluster = Cluster::new(connection, place, database, &identity);
                Platform::Cluster(Box::new(if pod.is_some() { cluster } else { cluster.from_outside() }))
            }
            (Place::Cluster(_), None) => return Err(ConfigurationError::DirectoryMissing.into()),
        };
        let outside = connection.filter(|_| pod.is_none());
        let stop = StopToken::of_process().until(Instant::now() + configuration.deadlines.run);
        Ok(Self { outside, is_kept_in_cluster: is_kept_there, configuration, platform, stop, issuer })
    }

    /// The ports of a run, with a reporter.
    pub fn ports<'a>(&'a self, reporter: &'a dyn Reporter) -> Ports<'a> {
        self.platform.ports(&self.stop, &self.issuer, reporter)
    }

    /// Runs a request. On a cluster it also posts an Event about a refusal, and writes the figures for Prometheus.
    pub async fn run(&self, reporter: &dyn Reporter, request: &Request) -> Result<Outcome, Failure> {
        let Configuration { policy, deadlines, .. } = &self.configuration;
        let watched = Watched { reporter, seen: RefCell::default() };
        let ports = self.ports(&watched);
        let outcome = run(ports, policy, request, deadlines).await;
        if let Platform::Cluster(cluster) = &self.platform {
            if let Err(failure) = &outcome {
                cluster.tell_refusal(failure).await;
            }
            if let Some(figures) = watched.seen.take() {
                let is_success = outcome.is_ok() && matches!(request, Request::Rotate(_));
                let last_success = is_success.then(|| ports.clock.now().timestamp());
                cluster.tell_figures(Figures { last_success, ..figures }).await;
            }
        }
        outcome
    }

    /// The place of the authority and the leaves, for messages.
    pub fn location(&self) -> Location {
        match &self.configuration.place {
            Place::Directory(place) => {
                let directory = std::path::absolute(&place.directory).unwrap_or_else(|_| place.directory.clone());
                Location::Directory(directory.display().to_string())
            }
            Place::Cluster(place) => Location::Namespace(place.namespace.clone()),
        }
    }
}

/// Hands everything on, and keeps the figures of the last observation.
struct Watched<'a> {
    reporter: &'a dyn Reporter,
    seen: RefCell<Option<Figures>>,
}

impl Reporter for Watched<'_> {
    fn report(&self, event: &RunEvent) {
        self.reporter.report(event);
    }

    fn observed(&self, facts: &Facts) {
        self.seen.replace(Some(Figures::of(facts)));
        self.reporter.observed(facts);
    }
}

/// A name that no other possible holder of the Lease has.
fn identity(pod: Option<&str>) -> Result<String, Failure> {
    let place = match pod {
        Some(pod) => pod.to_owned(),
        None => host_name().unwrap_or_default(),
    };
    Ok(format!("{place}-{}", random_id()?.as_str()))
}

/// A fresh identity for a forced rotation.
pub fn random_id() -> Result<RotationId, Failure> {
    let number = u128::from_be_bytes(random()?) >> 64;
    RotationId::parse(&format!("{number:016x}")).ok_or_else(|| NoEntropy.into())
}

/// Sixteen random bytes.
pub(super) fn random() -> Result<[u8; 16], NoEntropy> {
    sixteen_bytes().map_err(|_| NoEntropy)
}
