//! The platform of a command: this host or a cluster.

use base::stop::Stop;
use rotation::engine::ports::{Issuer, Ports, Reporter};

use crate::cluster::Cluster;
use crate::host::Host;

/// This host or a cluster.
#[derive(Debug)]
pub enum Platform {
    /// This host: a directory and processes.
    Host(Box<Host>),
    /// A cluster: Secrets and workloads.
    Cluster(Box<Cluster>),
}

impl Platform {
    /// The ports of a run on this platform.
    pub fn ports<'a>(&'a self, stop: &'a dyn Stop, issuer: &'a dyn Issuer, reporter: &'a dyn Reporter) -> Ports<'a> {
        match self {
            Self::Host(host) => {
                let Host { store, lease, consumers, clock } = host.as_ref();
                Ports { clock, stop, store, consumers, lease, issuer, reporter }
            }
            Self::Cluster(cluster) => {
                let Cluster { secrets, lease, consumers, clock, .. } = cluster.as_ref();
                Ports { clock, stop, store: secrets, consumers, lease: lease.as_ref(), issuer, reporter }
            }
        }
    }
}
