//! One observation of the cluster: the workloads of the consumers, and their pods. A target that does not answer is kept as
//! a reason. A denied request is an error, because waiting does not help.

use std::collections::BTreeMap;

use base::diagnosis::{Class, Code, Diagnose};
use kube::Client;
use kubernetes::api::error::KubernetesError;
use kubernetes::pod_requests;
use kubernetes::pods::PodFacts;
use rotation::document::cluster::{Choice, ClusterConsumer, ClusterPickup, Target};
use rotation::engine::facts::{Peer, Unusable};
use rotation::engine::ports::Expected;

use crate::cluster::consumers::hashes::{annotated_hash, has_hash, stale, stored_hash};
use crate::cluster::consumers::restart::REQUEST;
use crate::cluster::consumers::targets;
use crate::cluster::consumers::unseen;
use crate::evidence::judge::PickUpState;

/// What each target shows, or why newleaf cannot observe it now.
#[derive(Debug, Default)]
pub(crate) struct PodsSeen {
    seen: BTreeMap<Target, Result<TargetSeen, String>>,
}

#[derive(Debug, Default)]
struct TargetSeen {
    pods: Vec<PodFacts>,
    /// The state to report if there is no pod.
    emptiness: Option<PickUpState>,
}

impl PodsSeen {
    /// Observes the targets once.
    pub(crate) async fn see(client: &Client, targets: impl Iterator<Item = &Target>) -> Result<Self, KubernetesError> {
        let mut pods_seen = Self::default();
        for target in targets {
            if !pods_seen.seen.contains_key(target) {
                let seen = match look(client, target).await {
                    Err(error) if error.code().class() == Class::Denied => return Err(error),
                    Err(error) => Err(error.to_string()),
                    Ok(seen) => Ok(seen),
                };
                pods_seen.seen.insert(target.clone(), seen);
            }
        }
        Ok(pods_seen)
    }

    /// The pods of the workloads of a target.
    pub(crate) fn pods_of(&self, target: &Target) -> Result<Vec<&PodFacts>, String> {
        match self.seen.get(target) {
            Some(Ok(seen)) => Ok(seen.pods.iter().collect()),
            Some(Err(reason)) => Err(reason.clone()),
            None => Err("newleaf did not observe its pods".to_owned()),
        }
    }

    /// The state of a target without pods. `None` if it has pods, or if newleaf could not observe it.
    fn emptiness(&self, target: &Target) -> Option<PickUpState> {
        self.seen.get(target)?.as_ref().ok()?.emptiness.clone()
    }

    /// The state without the database: the hashes of its pods, or whether newleaf made it load the stored certificate.
    pub(crate) fn pick_up_state(&self, consumer: &ClusterConsumer, expected: Expected<'_>) -> PickUpState {
        let not_picked_up = || {
            PickUpState::NotPickedUp("it has not reloaded or restarted since the certificate was written".to_owned())
        };
        let Some(hash) = stored_hash(consumer.peer, expected) else { return not_picked_up() };
        let picked_up = expected.memory.has_picked_up(consumer.peer, &consumer.name);
        let Some(target) = &consumer.target else {
            return if picked_up { PickUpState::PickedUp { restarted: false } } else { not_picked_up() };
        };
        let own = match self.pods_of(target) {
            Ok(own) => own,
            Err(reason) => return PickUpState::Unknown(unseen(reason)),
        };
        if let Some(meaning) = self.emptiness(target) {
            return meaning;
        }
        if own.iter().all(|pod| has_hash(pod, consumer.peer, &hash)) {
            return PickUpState::Started { by_us: true };
        }
        let stored = expected.snapshot.stored(consumer.peer.slot());
        let stale: Vec<String> = own.iter().filter_map(|pod| stale(pod, consumer.peer, &hash, stored)).collect();
        match consumer.pickup {
            _ if stale.is_empty() => PickUpState::Started { by_us: false },
            // A reload keeps the pods.
            ClusterPickup::Reload { .. } if picked_up => PickUpState::PickedUp { restarted: false },
            ClusterPickup::Reload { .. } | ClusterPickup::Restart | ClusterPickup::Login => {
                PickUpState::NotPickedUp(stale.join("; "))
            }
        }
    }

    /// A server pod that is older than the stored leaf and is not ready, so it is no endpoint: newleaf does not know what it has
    /// loaded, and clients may reach it now or soon.
    pub(crate) fn unseen_server_pod(&self, consumer: &ClusterConsumer, expected: Expected<'_>) -> Option<String> {
        let stored = expected.snapshot.stored(Peer::Server.slot()).filter(|_| consumer.peer == Peer::Server)?;
        let (hash, target) = (annotated_hash(&stored.material)?, consumer.target.as_ref()?);
        let pods = self.pods_of(target).ok()?;
        let mut unready = pods.iter().filter(|pod| !pod.ready && !pod.ending);
        let stale = unready.find_map(|pod| stale(pod, Peer::Server, &hash, Some(stored)))?;
        Some(format!("{stale}; it is not ready, so newleaf cannot ask it"))
    }
}

async fn look(client: &Client, target: &Target) -> Result<TargetSeen, KubernetesError> {
    let workloads = match targets::read_all(client, target, REQUEST).await {
        Err(KubernetesError::NotFound { .. }) => Vec::new(),
        workloads => workloads?,
    };
    let mut pods = Vec::new();
    for workload in &workloads {
        pods.extend(pod_requests::of_workload(client, &target.namespace, workload, REQUEST).await?);
    }
    let emptiness = match (workloads.is_empty(), pods.is_empty()) {
        (true, _) => Some(PickUpState::Unknown(absent(nothing_selected(target)))),
        (false, true) => Some(PickUpState::NotRunning),
        (false, false) => None,
    };
    Ok(TargetSeen { pods, emptiness })
}

const fn absent(why: String) -> Unusable {
    Unusable { code: Code::ObjectMissing, why }
}

fn nothing_selected(target: &Target) -> String {
    let (kind, namespace) = (target.kind.as_str(), &target.namespace);
    match &target.choice {
        Choice::Labelled(selector) => format!("no {kind} in namespace {namespace} has the labels {selector:?}"),
        Choice::Named(name) => format!("{kind}/{name} does not exist in namespace {namespace}"),
    }
}
