//! A node that is drained waits for another pod to be ready. Only where there is another one: over a single pod, a budget protects
//! nothing or blocks every drain.

use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::components::Component;
use crate::components::common::{BACKSTAGE, metadata, working_labels};
use crate::object::{Object, Phase};
use crate::settings::Settings;

/// The budget of Backstage, where it has more than one pod.
pub fn objects(settings: &Settings) -> Vec<Object> {
    if !settings.disruption_budget || settings.backstage.replicas < 2 {
        return Vec::new();
    }
    let budget = PodDisruptionBudget {
        metadata: metadata(settings, BACKSTAGE, BACKSTAGE, Component::Disruption),
        spec: Some(PodDisruptionBudgetSpec {
            max_unavailable: Some(IntOrString::Int(1)),
            selector: Some(LabelSelector {
                match_labels: Some(working_labels(settings, BACKSTAGE, Component::Backstage)),
                ..LabelSelector::default()
            }),
            // A pod that does not work anyway keeps no node from being drained.
            unhealthy_pod_eviction_policy: Some("AlwaysAllow".to_owned()),
            ..PodDisruptionBudgetSpec::default()
        }),
        ..PodDisruptionBudget::default()
    };
    vec![Object::of(&budget, Component::Disruption, Phase::Rest)]
}
