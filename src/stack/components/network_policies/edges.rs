//! Every connection of the stack, each with its reason. The policies are made from this list.

use rotation::manifests::exporter::{self, EXPORTER};

use crate::components::common::{BACKSTAGE, POSTGRES};
use crate::settings::Settings;
use crate::settings::database::{DatabaseServer, ExistingServer, POSTGRES_PORT};
use crate::settings::entry::BACKSTAGE_PORT;
use crate::settings::network::{NetworkSettings, SelectedPods};
use crate::settings::rotation::ROTATION_NAME;
use crate::settings::values::AddressRange;

/// Which end opens the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The peer connects to our pods.
    From,
    /// Our pods connect to the peer.
    To,
}

/// The protocol below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// TCP.
    Tcp,
    /// UDP and TCP, as DNS has it.
    Both,
}

/// The other end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EdgePeer {
    /// Pods of the stack, by their name.
    Own(&'static str),
    /// Other pods.
    Selected(SelectedPods),
    /// Addresses.
    Addresses(Vec<AddressRange>),
}

/// One connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// Our pods, by their name.
    pub pods: &'static str,
    /// Who opens it.
    pub direction: Direction,
    /// The other end.
    pub peer: EdgePeer,
    /// The ports of who is connected to.
    pub ports: Vec<u16>,
    /// The protocol.
    pub transport: Transport,
    /// What it is needed for.
    pub why: &'static str,
}

/// The address that a cache for DNS on each node listens on (`NodeLocal` `DNSCache`).
const NODE_DNS: &str = "169.254.20.10/32";

/// Every connection.
pub fn edges(settings: &Settings, network: &NetworkSettings) -> Vec<Edge> {
    let mut edges = Vec::new();
    for pods in [BACKSTAGE, ROTATION_NAME] {
        edges.extend(names(pods, network));
        edges.push(to_database(settings, pods));
    }
    edges.extend(to_backstage(settings, network));
    edges.extend(from_backstage(settings, network));
    edges.extend(to_exporter(settings, network));
    if matches!(settings.database.server, DatabaseServer::Installed(_)) {
        let ports = vec![POSTGRES_PORT];
        let by_backstage = "Backstage's sessions";
        edges.push(tcp(POSTGRES, Direction::From, EdgePeer::Own(BACKSTAGE), ports.clone(), by_backstage));
        let by_rotation = "the rotation proves what is served, and reloads";
        edges.push(tcp(POSTGRES, Direction::From, EdgePeer::Own(ROTATION_NAME), ports, by_rotation));
    }
    let api = &network.api_server;
    let why = "the rotation reads and writes the leaves, and replaces pods";
    let peer = EdgePeer::Addresses(api.cidrs.clone());
    edges.push(tcp(ROTATION_NAME, Direction::To, peer, api.ports.clone(), why));
    edges
}

const fn tcp(pods: &'static str, direction: Direction, peer: EdgePeer, ports: Vec<u16>, why: &'static str) -> Edge {
    Edge { pods, direction, peer, ports, transport: Transport::Tcp, why }
}

fn names(pods: &'static str, network: &NetworkSettings) -> Vec<Edge> {
    let (dns, ports) = &network.dns;
    let edge = |peer| Edge {
        pods,
        direction: Direction::To,
        peer,
        ports: ports.clone(),
        transport: Transport::Both,
        why: "addresses of names",
    };
    let on_node: Vec<AddressRange> = NODE_DNS.parse().into_iter().collect();
    vec![edge(EdgePeer::Selected(dns.clone())), edge(EdgePeer::Addresses(on_node))]
}

fn to_database(settings: &Settings, pods: &'static str) -> Edge {
    let peer = match &settings.database.server {
        DatabaseServer::Installed(_) => EdgePeer::Own(POSTGRES),
        DatabaseServer::Existing(ExistingServer { cidrs, namespace, .. }) => match (cidrs.is_empty(), namespace) {
            (true, Some(namespace)) => EdgePeer::Selected(SelectedPods::of_namespace(namespace)),
            (true, None) => EdgePeer::Addresses(everywhere()),
            (false, _) => EdgePeer::Addresses(cidrs.clone()),
        },
    };
    let why =
        if pods == BACKSTAGE { "Backstage's sessions" } else { "the rotation proves what is served, and reloads" };
    tcp(pods, Direction::To, peer, vec![settings.database.port], why)
}

fn everywhere() -> Vec<AddressRange> {
    ["0.0.0.0/0", "::/0"].into_iter().filter_map(|range| range.parse().ok()).collect()
}

fn to_backstage(settings: &Settings, network: &NetworkSettings) -> Vec<Edge> {
    let http = vec![BACKSTAGE_PORT];
    let from = |peer, ports, why| tcp(BACKSTAGE, Direction::From, peer, ports, why);
    let mut edges = Vec::new();
    if let Some(pods) = &network.ingress_from {
        edges.push(from(EdgePeer::Selected(pods.clone()), http.clone(), "requests from outside"));
    }
    if !network.nodes.is_empty() {
        // PostgreSQL's probes are programs in its container, and need no network.
        edges.push(from(EdgePeer::Addresses(network.nodes.clone()), http, "the kubelet's probes"));
    }
    if let (Some(pods), Some((port, _))) = (&network.prometheus, &settings.monitoring.backstage) {
        edges.push(from(EdgePeer::Selected(pods.clone()), vec![*port], "Prometheus scrapes"));
    }
    edges
}

/// It opens no connection itself.
fn to_exporter(settings: &Settings, network: &NetworkSettings) -> Vec<Edge> {
    let from = |peer, why| tcp(EXPORTER, Direction::From, peer, vec![exporter::PORT], why);
    let mut edges = Vec::new();
    if settings.monitoring.service_monitor {
        if let Some(pods) = &network.prometheus {
            edges.push(from(EdgePeer::Selected(pods.clone()), "Prometheus scrapes"));
        }
        if !network.nodes.is_empty() {
            edges.push(from(EdgePeer::Addresses(network.nodes.clone()), "the kubelet's probes"));
        }
    }
    edges
}

fn from_backstage(settings: &Settings, network: &NetworkSettings) -> Vec<Edge> {
    let to = |addresses: &[AddressRange], ports: &[u16], why| {
        tcp(BACKSTAGE, Direction::To, EdgePeer::Addresses(addresses.to_vec()), ports.to_vec(), why)
    };
    let mut edges: Vec<Edge> = network
        .egress
        .iter()
        .map(|destination| to(&destination.cidrs, &destination.ports, "source code, sign-in, documentation"))
        .collect();
    if settings.features.kubernetes {
        let api = &network.api_server;
        edges.push(to(&api.cidrs, &api.ports, "the Kubernetes plugin reads workloads"));
    }
    edges
}
