//! Which connections are tried on an installed stack: those that the list of edges opens between parts of the stack and to the
//! API server, and those that it does not open. An edge whose other end belongs to others is not tried: no pod of ours is there.

use crate::components::common::{BACKSTAGE, POSTGRES};
use crate::components::network_policies::edges::{Direction, Edge, EdgePeer, edges};
use crate::defaults::NAMESPACE_LABEL;
use crate::settings::Settings;
use crate::settings::database::{DatabaseServer, POSTGRES_PORT};
use crate::settings::entry::BACKSTAGE_PORT;
use crate::settings::network::{NetworkSettings, SelectedPods};
use crate::settings::rotation::ROTATION_NAME;

/// The pods that a connection is tried from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TrialSource {
    /// A pod with the labels of Backstage.
    Backstage,
    /// A pod with the labels of the rotation.
    Rotation,
    /// A pod with the labels of PostgreSQL.
    Postgres,
    /// A pod of the namespace without a label of the stack.
    Stranger,
}

impl TrialSource {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Backstage, Self::Rotation, Self::Postgres, Self::Stranger];

    /// The value of the label `app.kubernetes.io/name`; none for a stranger.
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::Backstage => Some(BACKSTAGE),
            Self::Rotation => Some(ROTATION_NAME),
            Self::Postgres => Some(POSTGRES),
            Self::Stranger => None,
        }
    }

    /// In words, as a subject.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Backstage => "Backstage",
            Self::Rotation => "the rotation",
            Self::Postgres => "PostgreSQL",
            Self::Stranger => "a pod without labels of the stack",
        }
    }
}

/// What a connection is tried to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TrialTarget {
    /// PostgreSQL, wherever it is.
    Postgres,
    /// Backstage.
    Backstage,
    /// The API server.
    ApiServer,
}

impl TrialTarget {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Postgres, Self::Backstage, Self::ApiServer];

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::Backstage => "Backstage",
            Self::ApiServer => "the API server",
        }
    }
}

/// A connection that is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EdgeTrial {
    /// Where it is opened.
    pub source: TrialSource,
    /// Where it goes.
    pub target: TrialTarget,
    /// What the edge is for; none where no edge opens it, so that it must not open.
    pub why: Option<&'static str>,
}

/// Every connection that is tried; none where the document switches the policies off.
pub fn trials(settings: &Settings) -> Vec<EdgeTrial> {
    let Some(network) = &settings.network else { return Vec::new() };
    let edges = edges(settings, network);
    let mut trials = Vec::new();
    for source in TrialSource::ALL {
        for target in TrialTarget::ALL {
            let opening = opening(settings, network, &edges, (source, target));
            if opening.is_some() || is_closed(settings, network, &edges, (source, target)) {
                trials.push(EdgeTrial { source, target, why: opening.map(|edge| edge.why) });
            }
        }
    }
    trials
}

/// The edge that opens a connection.
fn opening<'a>(
    settings: &Settings,
    network: &NetworkSettings,
    edges: &'a [Edge],
    (source, target): (TrialSource, TrialTarget),
) -> Option<&'a Edge> {
    let name = source.name()?;
    edges.iter().filter(|edge| edge.pods == name && edge.direction == Direction::To).find(|edge| {
        match (target, &settings.database.server) {
            (TrialTarget::Postgres, DatabaseServer::Installed(_)) => edge.peer == EdgePeer::Own(POSTGRES),
            (TrialTarget::Postgres, DatabaseServer::Existing(_)) => edge.ports == [settings.database.port],
            (TrialTarget::Backstage, _) => edge.peer == EdgePeer::Own(BACKSTAGE),
            (TrialTarget::ApiServer, _) => {
                edge.peer == EdgePeer::Addresses(network.api_server.cidrs.clone())
                    && edge.ports == network.api_server.ports
            }
        }
    })
}

/// Whether no edge can open a connection, whatever addresses the pods have.
fn is_closed(
    settings: &Settings,
    network: &NetworkSettings,
    edges: &[Edge],
    (source, target): (TrialSource, TrialTarget),
) -> bool {
    let is_installed = matches!(settings.database.server, DatabaseServer::Installed(_));
    if source == TrialSource::Postgres && !is_installed {
        return false;
    }
    let (pods, port) = match target {
        TrialTarget::Postgres if is_installed => (POSTGRES, POSTGRES_PORT),
        // Another network decides.
        TrialTarget::Postgres => return false,
        TrialTarget::Backstage => (BACKSTAGE, BACKSTAGE_PORT),
        TrialTarget::ApiServer => {
            let may_reach = |edge: &Edge| {
                let to_addresses = edge.direction == Direction::To && matches!(edge.peer, EdgePeer::Addresses(_));
                let is_port = edge.ports.iter().any(|port| network.api_server.ports.contains(port));
                Some(edge.pods) == source.name() && to_addresses && is_port
            };
            // A pod without labels of the stack is none of the stack's business.
            return source.name().is_some() && !edges.iter().any(may_reach);
        }
    };
    let lets_in = |edge: &Edge| {
        let is_way_in = edge.pods == pods && edge.direction == Direction::From && edge.ports.contains(&port);
        is_way_in && may_mean(settings, &edge.peer, source)
    };
    !edges.iter().any(lets_in)
}

/// Whether a peer may mean the pods that a connection is tried from.
fn may_mean(settings: &Settings, peer: &EdgePeer, source: TrialSource) -> bool {
    match peer {
        EdgePeer::Own(name) => source.name() == Some(*name),
        EdgePeer::Selected(SelectedPods { namespace, .. }) => {
            namespace.get(NAMESPACE_LABEL).is_none_or(|name| name == settings.namespace.as_str())
        }
        EdgePeer::Addresses(_) => true,
    }
}
