//! One look at the cluster: the pods of every namespace that has consumers, one request each, and which workloads the
//! consumers mean. What cannot be seen now is kept as a reason; what may not be seen is an error, for no wait mends that.

use std::collections::BTreeMap;

use kube::Client;

use crate::configuration::cluster::{Choice, Target};
use crate::diagnosis::{Class, Code, Diagnose};
use crate::kubernetes::api::error::KubernetesError;
use crate::kubernetes::consumers::pod_requests;
use crate::kubernetes::consumers::pods::PodFacts;
use crate::kubernetes::consumers::restart::{REQUEST, is_of};
use crate::kubernetes::consumers::unseen;
use crate::kubernetes::consumers::workload::{self, WorkloadName};
use crate::postgres::judge::Known;
use crate::rotation::facts::Unusable;

/// What was seen.
#[derive(Debug, Default)]
pub(crate) struct Scene {
    pods: BTreeMap<String, Result<Vec<PodFacts>, String>>,
    workloads: BTreeMap<Target, Result<Vec<WorkloadName>, String>>,
    /// Targets without any pod, and what that means.
    empty: BTreeMap<Target, Known>,
}

impl Scene {
    /// Looks once. A workload is only read when it has no pod.
    pub(crate) async fn see(client: &Client, targets: impl Iterator<Item = &Target>) -> Result<Self, KubernetesError> {
        let mut scene = Self::default();
        for target in targets {
            let namespace = &target.namespace;
            if !scene.pods.contains_key(namespace) {
                let pods = unless_denied(pod_requests::list(client, namespace, REQUEST).await)?;
                scene.pods.insert(namespace.clone(), pods);
            }
            if !scene.workloads.contains_key(target) {
                let names = unless_denied(workload::find(client, target, REQUEST).await)?;
                scene.workloads.insert(target.clone(), names);
                if scene.pods_of(target).is_ok_and(|pods| pods.is_empty()) {
                    let meaning = scene.without_pods(client, target).await?;
                    scene.empty.insert(target.clone(), meaning);
                }
            }
        }
        Ok(scene)
    }

    /// The pods of the workloads that a target means.
    pub(crate) fn pods_of(&self, target: &Target) -> Result<Vec<&PodFacts>, String> {
        let unseen = || Err("it was not looked at".to_owned());
        let names =
            self.workloads.get(target).map_or_else(unseen, |names| names.as_ref().map_err(Clone::clone).cloned())?;
        let pods = self.pods.get(&target.namespace).map_or_else(
            || Err("its namespace was not looked at".to_owned()),
            |pods| pods.as_ref().map_err(Clone::clone),
        )?;
        Ok(pods.iter().filter(|pod| names.iter().any(|name| is_of(pod, name))).collect())
    }

    /// What it means that a target has no pod; `None` when it has one, or nobody knows.
    pub(crate) fn emptiness(&self, target: &Target) -> Option<Known> {
        self.empty.get(target).cloned()
    }

    async fn without_pods(&self, client: &Client, target: &Target) -> Result<Known, KubernetesError> {
        let names = self.workloads.get(target).and_then(|names| names.as_ref().ok());
        let Some(name) = names.and_then(|names| names.first()) else {
            return Ok(Known::Unknown(absent(nothing_selected(target))));
        };
        if matches!(target.choice, Choice::Labelled(_)) {
            return Ok(Known::NotRunning);
        }
        match workload::get(client, name, REQUEST).await {
            Err(KubernetesError::NotFound { .. }) => Ok(Known::Unknown(absent(format!("there is no {name}")))),
            answer => Ok(match unless_denied(answer)? {
                Ok(_) => Known::NotRunning,
                Err(why) => Known::Unknown(unseen(why)),
            }),
        }
    }
}

/// What was seen, or why it cannot be seen now; an error where it may not be seen.
fn unless_denied<T>(answer: Result<T, KubernetesError>) -> Result<Result<T, String>, KubernetesError> {
    match answer {
        Err(error) if error.code().class() == Class::Denied => Err(error),
        answer => Ok(answer.map_err(|error| error.to_string())),
    }
}

const fn absent(why: String) -> Unusable {
    Unusable { code: Code::ObjectMissing, why }
}

fn nothing_selected(target: &Target) -> String {
    match &target.choice {
        Choice::Labelled(selector) => {
            format!("no {} in namespace {} has the labels {selector:?}", target.kind.as_str(), target.namespace)
        }
        Choice::Named(name) => format!("there is no {}/{name}", target.kind.as_str()),
    }
}
