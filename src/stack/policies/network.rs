//! Network policies that mean what they say.

use serde_json::Value;

use crate::object::Object;
use crate::object::text;
use crate::policies::walk::{items, pods, selects};
use crate::policies::{Complaint, Rendered};

fn policies(rendered: Rendered<'_>) -> impl Iterator<Item = &Object> {
    rendered.objects.iter().filter(|object| object.kind() == "NetworkPolicy")
}

/// A rule without peers admits everybody, and one without ports every port.
pub fn edges_have_peers(rendered: Rendered<'_>) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for policy in policies(rendered) {
        let spec = policy.value().get("spec").unwrap_or(&Value::Null);
        for (direction, peers) in [("ingress", "from"), ("egress", "to")] {
            for (index, rule) in items(spec, direction).enumerate() {
                let mut problem =
                    |what: &str| complaints.push((policy.title(), format!("{direction}[{index}] {what}")));
                if items(rule, peers).next().is_none() {
                    problem("has no peer");
                }
                if items(rule, "ports").next().is_none() {
                    problem("has no port");
                }
                if items(rule, peers).any(|peer| !is_peer(peer)) {
                    problem("has an empty peer");
                }
            }
        }
    }
    complaints
}

/// Addresses, pods of this namespace, or a namespace by labels. An empty selector means all of them.
fn is_peer(peer: &Value) -> bool {
    let is_narrow = |selector: &Value| {
        let by_labels = selector.get("matchLabels").and_then(Value::as_object).is_some_and(|labels| !labels.is_empty());
        by_labels || items(selector, "matchExpressions").next().is_some()
    };
    let narrow = |key: &str| peer.get(key).is_some_and(is_narrow);
    !text(peer, "/ipBlock/cidr").is_empty() || narrow("podSelector") || narrow("namespaceSelector")
}

/// Each pod is selected by a policy that closes both directions.
pub fn pods_have_policies(rendered: Rendered<'_>) -> Vec<Complaint> {
    if policies(rendered).next().is_none() {
        return Vec::new();
    }
    let closes = |policy: &Object, labels: Option<&Value>, direction: &str| {
        let spec = policy.value().get("spec").unwrap_or(&Value::Null);
        let selector = spec.get("podSelector").unwrap_or(&Value::Null);
        matches(selector, labels) && items(spec, "policyTypes").any(|named| named == direction)
    };
    let mut complaints = Vec::new();
    for pod in pods(rendered.objects) {
        let is_closed = |direction: &&str| {
            let mut own = policies(rendered).filter(|policy| policy.namespace() == pod.object.namespace());
            own.any(|policy| closes(policy, pod.labels, direction))
        };
        for direction in ["Ingress", "Egress"].iter().filter(|direction| !is_closed(direction)) {
            complaints.push((pod.object.title(), format!("no policy closes {direction}")));
        }
    }
    complaints
}

/// Whether a label selector selects these labels. An empty one selects all.
fn matches(selector: &Value, labels: Option<&Value>) -> bool {
    let by_labels = match selector.get("matchLabels") {
        Some(wanted) if wanted.as_object().is_some_and(|wanted| !wanted.is_empty()) => selects(wanted, labels),
        Some(_) | None => true,
    };
    let fits = |expression: &Value| {
        let value = labels.and_then(|labels| labels.get(text(expression, "/key")));
        let is_listed = value.is_some_and(|value| items(expression, "values").any(|listed| listed == value));
        match text(expression, "/operator") {
            "In" => is_listed,
            "NotIn" => !is_listed,
            "Exists" => value.is_some(),
            "DoesNotExist" => value.is_none(),
            _ => false,
        }
    };
    by_labels && items(selector, "matchExpressions").all(fits)
}
