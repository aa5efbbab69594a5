//! One look at the cluster: the workloads that the consumers mean, and the pods that these have made. What cannot be seen
//! now is kept as a reason; what may not be seen is an error, for no wait mends that.

use std::collections::BTreeMap;

use kube::Client;

use crate::configuration::cluster::{Choice, Target};
use crate::diagnosis::{Class, Code, Diagnose};
use crate::kubernetes::api::error::KubernetesError;
use crate::kubernetes::consumers::pod_requests;
use crate::kubernetes::consumers::pods::PodFacts;
use crate::kubernetes::consumers::restart::REQUEST;
use crate::kubernetes::consumers::workload;
use crate::postgres::judge::Known;
use crate::rotation::facts::Unusable;

/// What was seen of each target, or why it cannot be seen now.
#[derive(Debug, Default)]
pub(crate) struct Scene {
    seen: BTreeMap<Target, Result<Seen, String>>,
}

/// What was seen of a target.
#[derive(Debug, Default)]
struct Seen {
    pods: Vec<PodFacts>,
    /// What it means that there is no pod.
    emptiness: Option<Known>,
}

impl Scene {
    /// Looks once.
    pub(crate) async fn see(client: &Client, targets: impl Iterator<Item = &Target>) -> Result<Self, KubernetesError> {
        let mut scene = Self::default();
        for target in targets {
            if !scene.seen.contains_key(target) {
                let seen = match look(client, target).await {
                    Err(error) if error.code().class() == Class::Denied => return Err(error),
                    Err(error) => Err(error.to_string()),
                    Ok(seen) => Ok(seen),
                };
                scene.seen.insert(target.clone(), seen);
            }
        }
        Ok(scene)
    }

    /// The pods of the workloads that a target means.
    pub(crate) fn pods_of(&self, target: &Target) -> Result<Vec<&PodFacts>, String> {
        match self.seen.get(target) {
            Some(Ok(seen)) => Ok(seen.pods.iter().collect()),
            Some(Err(reason)) => Err(reason.clone()),
            None => Err("it was not looked at".to_owned()),
        }
    }

    /// What it means that a target has no pod; `None` when it has one, or it could not be seen.
    pub(crate) fn emptiness(&self, target: &Target) -> Option<Known> {
        self.seen.get(target)?.as_ref().ok()?.emptiness.clone()
    }
}

async fn look(client: &Client, target: &Target) -> Result<Seen, KubernetesError> {
    let workloads = match workload::read_all(client, target, REQUEST).await {
        Err(KubernetesError::NotFound { .. }) => Vec::new(),
        workloads => workloads?,
    };
    let mut pods = Vec::new();
    for workload in &workloads {
        pods.extend(pod_requests::of_workload(client, &target.namespace, workload, REQUEST).await?);
    }
    let emptiness = match (workloads.is_empty(), pods.is_empty()) {
        (true, _) => Some(Known::Unknown(absent(nothing_selected(target)))),
        (false, true) => Some(Known::NotRunning),
        (false, false) => None,
    };
    Ok(Seen { pods, emptiness })
}

const fn absent(why: String) -> Unusable {
    Unusable { code: Code::ObjectMissing, why }
}

fn nothing_selected(target: &Target) -> String {
    let (kind, namespace) = (target.kind.as_str(), &target.namespace);
    match &target.choice {
        Choice::Labelled(selector) => format!("no {kind} in namespace {namespace} has the labels {selector:?}"),
        Choice::Named(name) => format!("there is no {kind}/{name} in namespace {namespace}"),
    }
}
