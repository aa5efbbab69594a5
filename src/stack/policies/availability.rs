//! Drains end, and rollouts take nothing away.

use serde_json::Value;

use crate::object::Object;
use crate::policies::walk::{pods, selects};
use crate::policies::{Complaint, Rendered};

/// No budget keeps a node from being drained for ever.
pub fn drain_ends(rendered: Rendered<'_>) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for budget in rendered.objects.iter().filter(|object| object.kind() == "PodDisruptionBudget") {
        if let Some(problem) = blocks(rendered, budget) {
            complaints.push((budget.title(), problem));
        }
    }
    complaints
}

fn blocks(rendered: Rendered<'_>, budget: &Object) -> Option<String> {
    let spec = budget.value().get("spec")?;
    let Some(selector) = spec.pointer("/selector/matchLabels") else {
        return Some("selects every pod, or none".to_owned());
    };
    let counts: Vec<i64> = pods(rendered.objects)
        .iter()
        .filter(|pod| selects(selector, pod.labels))
        // Without the field it is one, until an autoscaler says more.
        .map(|pod| pod.object.value().pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(1))
        .collect();
    if counts.is_empty() {
        return Some("selects no pod of the stack".to_owned());
    }
    let replicas: i64 = counts.iter().sum();
    match (spec.get("maxUnavailable"), spec.get("minAvailable")) {
        (Some(most), _) => is_none(most).then(|| "lets no pod be evicted".to_owned()),
        (None, Some(least)) => {
            keeps(least, replicas).then(|| format!("keeps all {replicas} pods: none may ever be evicted"))
        }
        (None, None) => Some("says nothing".to_owned()),
    }
}

fn is_none(amount: &Value) -> bool {
    *amount == 0 || *amount == "0%" || *amount == "0"
}

fn keeps(least: &Value, replicas: i64) -> bool {
    match (least.as_i64(), least.as_str()) {
        (Some(number), _) => number >= replicas,
        (None, Some(percent)) => percent == "100%",
        (None, None) => true,
    }
}

/// Old pods stay until new ones are ready.
pub fn rollouts(rendered: Rendered<'_>) -> Vec<Complaint> {
    let deployments = rendered.objects.iter().filter(|object| object.kind() == "Deployment");
    let takes = |deployment: &&Object| {
        let amount = deployment.value().pointer("/spec/strategy/rollingUpdate/maxUnavailable");
        !amount.is_some_and(is_none)
    };
    let complaint = |deployment: &Object| (deployment.title(), "maxUnavailable is not 0".to_owned());
    deployments.filter(takes).map(complaint).collect()
}
