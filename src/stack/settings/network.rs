//! Which connections the network lets through.

use std::collections::BTreeMap;

use crate::defaults::{self, KnownPods, NAMESPACE_LABEL, PlatformDefaults};
use crate::document::network::{DestinationSection, NetworkPoliciesSection, PeerSection};
use crate::document::stack::KubernetesPlatform;
use crate::settings::checker::Checker;
use crate::settings::entry::{self, EntryKind};
use crate::settings::values::{AddressRange, DnsLabel, DnsSubdomain, LabelName, LabelValue};

/// Which connections the network lets through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkSettings {
    /// The pods of the DNS service, and their ports.
    pub dns: (SelectedPods, Vec<u16>),
    /// The pods that bring requests from outside.
    pub ingress_from: Option<SelectedPods>,
    /// Where the API server is.
    pub api_server: Destination,
    /// The addresses of the nodes.
    pub nodes: Vec<AddressRange>,
    /// Where Backstage may connect to.
    pub egress: Vec<Destination>,
    /// The pods of Prometheus.
    pub prometheus: Option<SelectedPods>,
}

/// Pods, by labels of their namespace and by their own; both must fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectedPods {
    /// Labels of the namespace.
    pub namespace: BTreeMap<String, String>,
    /// Labels of the pods.
    pub pods: BTreeMap<String, String>,
}

/// Addresses and ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// Ranges of addresses.
    pub cidrs: Vec<AddressRange>,
    /// TCP ports.
    pub ports: Vec<u16>,
}

impl From<KnownPods> for SelectedPods {
    fn from(known: KnownPods) -> Self {
        let one = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self { namespace: BTreeMap::from([one(known.namespace)]), pods: known.pods.into_iter().map(one).collect() }
    }
}

impl SelectedPods {
    /// The pods that the Prometheus Operator makes of a `Prometheus`, in whichever namespace.
    fn of_the_operator() -> Self {
        let label = ("app.kubernetes.io/name".to_owned(), "prometheus".to_owned());
        Self { namespace: BTreeMap::new(), pods: BTreeMap::from([label]) }
    }

    /// All pods of a namespace.
    pub fn of_namespace(name: &DnsLabel) -> Self {
        let namespace = BTreeMap::from([(NAMESPACE_LABEL.to_owned(), name.as_str().to_owned())]);
        Self { namespace, pods: BTreeMap::new() }
    }
}

/// What the network policies follow from, beside their own section.
pub(super) struct NetworkContext<'a> {
    pub(super) platform: KubernetesPlatform,
    pub(super) defaults: &'a PlatformDefaults,
    pub(super) entry: Option<&'a EntryKind>,
    pub(super) prometheus: Option<&'a PeerSection>,
    /// Whether Prometheus scrapes.
    pub(super) is_scraped: bool,
    /// Whether a part of Backstage needs servers of the internet.
    pub(super) needs_internet: bool,
}

pub(super) fn validate(
    checker: &mut Checker,
    section: &NetworkPoliciesSection,
    context: &NetworkContext<'_>,
) -> Option<NetworkSettings> {
    let api = section.api_server.clone().unwrap_or_default();
    let api_server = destination(checker, "networkPolicies.apiServer", &api, context.defaults.api_server_ports);
    let nodes = checker.list("networkPolicies.nodes", section.nodes.as_deref());
    let egress: Vec<Option<Destination>> = match &section.egress {
        Some(given) => {
            let given = given.iter().enumerate();
            given
                .map(|(index, to)| destination(checker, &format!("networkPolicies.egress[{index}]"), to, &[443]))
                .collect()
        }
        None if context.needs_internet => vec![everywhere(&[443])],
        None => Vec::new(),
    };
    let prometheus = match context.prometheus {
        Some(given) => Some(selected(checker, "monitoring.prometheus", given)?),
        None if context.is_scraped => Some(SelectedPods::of_the_operator()),
        None => None,
    };
    let ingress_from = ingress_from(checker, section, context);
    let dns = (SelectedPods::from(context.defaults.dns), context.defaults.dns_ports.to_vec());
    Some(NetworkSettings {
        dns,
        ingress_from: ingress_from?,
        api_server: api_server?,
        nodes: nodes?,
        egress: egress.into_iter().collect::<Option<_>>()?,
        prometheus,
    })
}

#[expect(clippy::option_option, reason = "pods that are wrong are not pods that are left out")]
fn ingress_from(
    checker: &mut Checker,
    section: &NetworkPoliciesSection,
    context: &NetworkContext<'_>,
) -> Option<Option<SelectedPods>> {
    if let Some(given) = &section.ingress_from {
        return selected(checker, "networkPolicies.ingressFrom", given).map(Some);
    }
    match context.entry? {
        EntryKind::PortForward => Some(None),
        EntryKind::Route { .. } => Some(Some(defaults::OPENSHIFT_ROUTERS.into())),
        EntryKind::HttpRoute(route) => Some(Some(SelectedPods::of_namespace(&route.gateway_namespace))),
        EntryKind::Ingress(ingress) => {
            let class = ingress.class.as_ref().map_or("", DnsSubdomain::as_str);
            let known = defaults::ingress_pods(context.platform, class);
            if known.is_none() {
                entry::unknown_controller(checker, ingress.class.as_ref());
            }
            known.map(|known| Some(known.into()))
        }
    }
}

fn everywhere(ports: &[u16]) -> Option<Destination> {
    let cidrs = ["0.0.0.0/0", "::/0"].into_iter().map(|range| range.parse().ok()).collect::<Option<_>>()?;
    Some(Destination { cidrs, ports: ports.to_vec() })
}

fn destination(checker: &mut Checker, path: &str, section: &DestinationSection, or: &[u16]) -> Option<Destination> {
    let cidrs = checker.list(&format!("{path}.cidrs"), section.cidrs.as_deref());
    let given = section.ports.as_deref().unwrap_or_default().iter().enumerate();
    let ports: Vec<Option<u16>> =
        given.map(|(index, port)| checker.port(&format!("{path}.ports[{index}]"), Some(*port), 443)).collect();
    let ports: Option<Vec<u16>> = ports.into_iter().collect();
    let (cidrs, ports): (Vec<AddressRange>, Vec<u16>) = (cidrs?, ports?);
    let ports = if ports.is_empty() { or.to_vec() } else { ports };
    if cidrs.is_empty() { everywhere(&ports) } else { Some(Destination { cidrs, ports }) }
}

fn selected(checker: &mut Checker, path: &str, section: &PeerSection) -> Option<SelectedPods> {
    let Some(namespace) = section.namespace.as_deref() else {
        let limits = "pods are named by their namespace, and labels narrow it down";
        checker.add(&format!("{path}.namespace"), "missing", limits, "add the namespace");
        return None;
    };
    let namespace: DnsLabel = checker.required(&format!("{path}.namespace"), namespace)?;
    let mut selected = SelectedPods::of_namespace(&namespace);
    let labels = section.pod_labels.clone().unwrap_or_default();
    for (name, value) in &labels {
        let path = format!("{path}.podLabels.{name}");
        let name: Option<LabelName> = checker.required(&path, name);
        let value: Option<LabelValue> = checker.required(&path, value);
        name.zip(value)?;
    }
    selected.pods = labels;
    Some(selected)
}
