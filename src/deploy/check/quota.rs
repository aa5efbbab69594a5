//! Whether the pods of the stack fit into the quotas of a namespace. A dry run of a workload makes no pods, so it cannot tell.

use std::collections::BTreeMap;

use base::diagnosis::Code;
use serde_json::Value;
use stack::object::Object;
use stack::settings::quantity::{ByteQuantity, CpuQuantity};

use crate::check::line::CheckFinding;

/// What the stack needs, by the names that a quota has for it: thousandths of a processor, bytes, or objects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QuotaNeeds {
    amounts: BTreeMap<&'static str, u64>,
    /// Containers without a limit of processor time, which a quota for it refuses.
    pub without_cpu_limit: Vec<String>,
}

impl QuotaNeeds {
    /// Of the rendered objects, with the pod that a rollout has more.
    pub fn of(objects: &[Object]) -> Self {
        let mut needs = Self::default();
        for object in objects {
            let (pod, count) = match object.kind() {
                "Deployment" => ("/spec/template/spec", replicas(object).saturating_add(1)),
                "StatefulSet" => ("/spec/template/spec", replicas(object)),
                "Job" => ("/spec/template/spec", 1),
                "CronJob" => ("/spec/jobTemplate/spec/template/spec", 1),
                _ => continue,
            };
            let Some(pod) = object.value().pointer(pod) else { continue };
            needs.add_pod(&object.title(), pod, count);
            for claim in items(object.value(), "/spec/volumeClaimTemplates") {
                needs.add("persistentvolumeclaims", count);
                let size = bytes(claim.pointer("/spec/resources/requests/storage"));
                needs.add("requests.storage", size.saturating_mul(count));
            }
        }
        needs
    }

    fn add(&mut self, name: &'static str, amount: u64) {
        let sum = self.amounts.entry(name).or_default();
        *sum = sum.saturating_add(amount);
    }

    fn add_pod(&mut self, title: &str, pod: &Value, count: u64) {
        self.add("pods", count);
        for container in items(pod, "/containers") {
            let at = |pointer: &str| container.pointer(&format!("/resources/{pointer}"));
            for (name, amount) in [
                ("requests.cpu", millis(at("requests/cpu"))),
                ("limits.cpu", millis(at("limits/cpu"))),
                ("requests.memory", bytes(at("requests/memory"))),
                ("limits.memory", bytes(at("limits/memory"))),
            ] {
                self.add(name, amount.saturating_mul(count));
            }
            if at("limits/cpu").is_none() && !self.without_cpu_limit.iter().any(|known| known == title) {
                self.without_cpu_limit.push(title.to_owned());
            }
        }
    }
}

/// Where a quota leaves too little.
pub fn judge(quotas: &[Value], needs: &QuotaNeeds) -> Vec<CheckFinding> {
    let mut findings = Vec::new();
    for quota in quotas {
        let name = quota.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        let title = format!("ResourceQuota {name}");
        let hard = quota.pointer("/status/hard").or_else(|| quota.pointer("/spec/hard")).and_then(Value::as_object);
        for (key, hard) in hard.into_iter().flatten() {
            // `cpu` and `memory` are old names of the requests.
            let resource = match key.as_str() {
                "cpu" => "requests.cpu",
                "memory" => "requests.memory",
                other => other,
            };
            let used = quota.pointer("/status/used").and_then(|used| used.get(key));
            let amount = |value: Option<&Value>| if resource.ends_with("cpu") { millis(value) } else { bytes(value) };
            let left = amount(Some(hard)).saturating_sub(amount(used));
            if let Some(needed) = needs.amounts.get(resource).filter(|needed| **needed > left) {
                let why = format!(
                    "the pods need {} of {key}, and {} are left",
                    shown(resource, *needed),
                    shown(resource, left)
                );
                let mend = format!(
                    "Raise {key} in the quota: `kubectl edit resourcequota {name}`, or lower the requests in the document."
                );
                findings.push(CheckFinding::failure(Code::CheckQuota, &title, why, mend));
            }
            if resource == "limits.cpu" && !needs.without_cpu_limit.is_empty() {
                let why = format!(
                    "it demands a limit of cpu of each container, and {} has none",
                    needs.without_cpu_limit.join(", ")
                );
                let mend =
                    "Give the namespace a LimitRange with a default limit of cpu, or take limits.cpu out of the quota.";
                findings.push(CheckFinding::failure(Code::CheckQuota, &title, why, mend));
            }
        }
    }
    findings
}

fn replicas(object: &Object) -> u64 {
    object.value().pointer("/spec/replicas").and_then(Value::as_u64).unwrap_or(1)
}

fn items<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

/// Kubernetes writes a quantity as a text or as a number.
fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(_) | None => String::new(),
    }
}

fn millis(value: Option<&Value>) -> u64 {
    text(value).parse::<CpuQuantity>().map(|quantity| quantity.millis()).unwrap_or_default()
}

fn bytes(value: Option<&Value>) -> u64 {
    text(value).parse::<ByteQuantity>().map(|quantity| quantity.bytes()).unwrap_or_default()
}

fn shown(resource: &str, amount: u64) -> String {
    if resource.ends_with("cpu") {
        format!("{amount}m")
    } else if resource.ends_with("memory") || resource.ends_with("storage") {
        format!("{} MiB", amount >> 20)
    } else {
        amount.to_string()
    }
}
