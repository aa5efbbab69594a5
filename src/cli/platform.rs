//! Where a command works: this host or a cluster. One type for both, so that no command asks which.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::diagnosis::Failure;
use crate::host::Host;
use crate::kubernetes::Cluster;
use crate::rotation::facts::Login;
use crate::rotation::material::{Material, Revision, Slot, Stored};
use crate::rotation::ports::{Clock, Consumers, Expected, Lease, Observation, Store};

/// This host or a cluster.
#[derive(Debug)]
pub enum Platform {
    /// A directory and processes.
    Host(Box<Host>),
    /// Secrets and workloads.
    Cluster(Box<Cluster>),
}

impl Clock for Platform {
    fn now(&self) -> DateTime<Utc> {
        match self {
            Self::Host(host) => host.now(),
            Self::Cluster(cluster) => cluster.now(),
        }
    }

    fn elapsed(&self) -> Duration {
        match self {
            Self::Host(host) => host.elapsed(),
            Self::Cluster(cluster) => cluster.elapsed(),
        }
    }

    fn interrupted(&self) -> bool {
        match self {
            Self::Host(host) => host.interrupted(),
            Self::Cluster(cluster) => cluster.interrupted(),
        }
    }

    async fn stop(&self, limit: Duration) {
        match self {
            Self::Host(host) => host.stop(limit).await,
            Self::Cluster(cluster) => cluster.stop(limit).await,
        }
    }
}

impl Store for Platform {
    async fn read(&self, slot: Slot) -> Result<Option<Stored>, Failure> {
        match self {
            Self::Host(host) => host.read(slot).await,
            Self::Cluster(cluster) => cluster.read(slot).await,
        }
    }

    async fn write(&self, slot: Slot, expected: Option<&Revision>, material: &Material) -> Result<(), Failure> {
        match self {
            Self::Host(host) => host.write(slot, expected, material).await,
            Self::Cluster(cluster) => cluster.write(slot, expected, material).await,
        }
    }

    async fn remove_former(&self, slot: Slot) -> Result<(), Failure> {
        match self {
            Self::Host(host) => host.remove_former(slot).await,
            Self::Cluster(cluster) => cluster.remove_former(slot).await,
        }
    }
}

impl Consumers for Platform {
    async fn observe(&self, expected: Expected<'_>) -> Result<Observation, Failure> {
        match self {
            Self::Host(host) => host.observe(expected).await,
            Self::Cluster(cluster) => cluster.observe(expected).await,
        }
    }

    async fn log_in(&self, client: &Material, limit: Duration) -> Login {
        match self {
            Self::Host(host) => host.log_in(client, limit).await,
            Self::Cluster(cluster) => cluster.log_in(client, limit).await,
        }
    }

    async fn pick_up(&self, consumer: &str, expected: Expected<'_>, limit: Duration) -> Result<(), Failure> {
        match self {
            Self::Host(host) => host.pick_up(consumer, expected, limit).await,
            Self::Cluster(cluster) => cluster.pick_up(consumer, expected, limit).await,
        }
    }

    async fn prove(&self, consumer: &str, expected: Expected<'_>, limit: Duration) -> Result<(), Failure> {
        match self {
            Self::Host(host) => host.prove(consumer, expected, limit).await,
            Self::Cluster(cluster) => cluster.prove(consumer, expected, limit).await,
        }
    }
}

impl Lease for Platform {
    async fn acquire(&self, limit: Duration) -> Result<(), Failure> {
        match self {
            Self::Host(host) => host.acquire(limit).await,
            Self::Cluster(cluster) => cluster.acquire(limit).await,
        }
    }

    async fn release(&self) -> Result<(), Failure> {
        match self {
            Self::Host(host) => host.release().await,
            Self::Cluster(cluster) => cluster.release().await,
        }
    }
}
