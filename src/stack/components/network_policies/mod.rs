//! Which connections the network lets through: everything is denied, and the edges of [`edges::edges`] are opened. Applied
//! before any pod starts, so that an edge that is missing shows at the installation and not at the first rotation.

pub mod edges;
pub mod trials;

use k8s_openapi::api::networking::v1::{
    IPBlock, NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPeer, NetworkPolicyPort,
    NetworkPolicySpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use rotation::manifests::exporter::EXPORTER;

use crate::components::Component;
use crate::components::common::{BACKSTAGE, NAME_LABEL, POSTGRES, labels, metadata, selector};
use crate::components::network_policies::edges::{Direction, Edge, EdgePeer, Transport, edges};
use crate::object::{Object, Phase};
use crate::settings::Settings;
use crate::settings::network::SelectedPods;
use crate::settings::rotation::ROTATION_NAME;

/// The policy that denies everything.
pub const DEFAULT_DENY: &str = "backstage-default-deny";

/// The pods of the stack, by the value of their label [`NAME_LABEL`].
const PODS: [&str; 4] = [BACKSTAGE, POSTGRES, ROTATION_NAME, EXPORTER];

/// The policies, unless they are switched off.
pub fn objects(settings: &Settings) -> Vec<Object> {
    let Some(network) = &settings.network else { return Vec::new() };
    let edges = edges(settings, network);
    let mut policies = vec![default_deny(settings)];
    for name in PODS {
        let of_pods: Vec<&Edge> = edges.iter().filter(|edge| edge.pods == name).collect();
        if !of_pods.is_empty() {
            policies.push(policy(settings, name, &of_pods));
        }
    }
    policies.iter().map(|policy| Object::of(policy, Component::NetworkPolicies, Phase::Configuration)).collect()
}

/// Denies everything to the pods of the stack. Other pods of the namespace are none of its business.
fn default_deny(settings: &Settings) -> NetworkPolicy {
    let pods = LabelSelector {
        match_expressions: Some(vec![LabelSelectorRequirement {
            key: NAME_LABEL.to_owned(),
            operator: "In".to_owned(),
            values: Some(PODS.map(str::to_owned).to_vec()),
        }]),
        ..LabelSelector::default()
    };
    NetworkPolicy {
        metadata: metadata(settings, DEFAULT_DENY, BACKSTAGE, Component::NetworkPolicies),
        spec: Some(NetworkPolicySpec {
            pod_selector: Some(pods),
            policy_types: Some(both()),
            ..NetworkPolicySpec::default()
        }),
    }
}

fn policy(settings: &Settings, name: &str, edges: &[&Edge]) -> NetworkPolicy {
    let of = |direction| edges.iter().filter(move |edge| edge.direction == direction);
    let ingress = of(Direction::From)
        .map(|edge| NetworkPolicyIngressRule { from: Some(peers(settings, &edge.peer)), ports: Some(ports(edge)) });
    let egress = of(Direction::To)
        .map(|edge| NetworkPolicyEgressRule { to: Some(peers(settings, &edge.peer)), ports: Some(ports(edge)) });
    let (ingress, egress): (Vec<_>, Vec<_>) = (ingress.collect(), egress.collect());
    NetworkPolicy {
        metadata: metadata(settings, name, name, Component::NetworkPolicies),
        spec: Some(NetworkPolicySpec {
            pod_selector: Some(pods(settings, name)),
            policy_types: Some(both()),
            ingress: (!ingress.is_empty()).then_some(ingress),
            egress: (!egress.is_empty()).then_some(egress),
        }),
    }
}

fn both() -> Vec<String> {
    vec!["Ingress".to_owned(), "Egress".to_owned()]
}

/// The rotation has a renderer of its own, and its pods know no instance.
fn pods(settings: &Settings, name: &str) -> LabelSelector {
    if [ROTATION_NAME, EXPORTER].contains(&name) {
        return LabelSelector { match_labels: Some(labels([(NAME_LABEL, name)])), ..LabelSelector::default() };
    }
    selector(settings, name)
}

/// Namespace and pods stand in one peer: both must fit.
fn peers(settings: &Settings, peer: &EdgePeer) -> Vec<NetworkPolicyPeer> {
    match peer {
        EdgePeer::Own(name) => {
            vec![NetworkPolicyPeer { pod_selector: Some(pods(settings, name)), ..NetworkPolicyPeer::default() }]
        }
        EdgePeer::Selected(SelectedPods { namespace, pods }) => {
            let labelled = |labels: &std::collections::BTreeMap<String, String>| LabelSelector {
                match_labels: Some(labels.clone()),
                ..LabelSelector::default()
            };
            vec![NetworkPolicyPeer {
                namespace_selector: Some(labelled(namespace)),
                pod_selector: (!pods.is_empty()).then(|| labelled(pods)),
                ..NetworkPolicyPeer::default()
            }]
        }
        EdgePeer::Addresses(ranges) => {
            let block = |range: &crate::settings::values::AddressRange| NetworkPolicyPeer {
                ip_block: Some(IPBlock { cidr: range.as_str().to_owned(), except: None }),
                ..NetworkPolicyPeer::default()
            };
            ranges.iter().map(block).collect()
        }
    }
}

fn ports(edge: &Edge) -> Vec<NetworkPolicyPort> {
    let protocols: &[&str] = match edge.transport {
        Transport::Tcp => &["TCP"],
        Transport::Both => &["UDP", "TCP"],
    };
    let of_port = |port: &u16| {
        let port = i32::from(*port);
        protocols.iter().map(move |protocol| NetworkPolicyPort {
            port: Some(IntOrString::Int(port)),
            protocol: Some((*protocol).to_owned()),
            end_port: None,
        })
    };
    edge.ports.iter().flat_map(of_port).collect()
}
