//! A restart: annotate the pod templates, then wait until Kubernetes has replaced the pods, or report why it has not.
//! newleaf undoes nothing: the annotation is right, and Kubernetes continues as soon as the cause is gone.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use base::diagnosis::{Failure, RemoteText};
use kube::Client;
use kubernetes::api::error::KubernetesError;
use kubernetes::api::object::Uid;
use kubernetes::pod_requests;
use kubernetes::pods::{PodFacts, PodProblem};
use kubernetes::rollout::Rollout;
use kubernetes::warning::{self, WarningEvent};
use kubernetes::workload::{self, Workload, WorkloadName};
use rotation::engine::facts::Peer;
use rotation::engine::ports::Expected;
use terminal::stop_token::StopToken;
use tokio::time::Instant;

use crate::cluster::consumers::hashes::{hash_annotation, stored_hash};
use crate::cluster::consumers::pause;
use crate::cluster::consumers::pickup_error::{FailedRollout, PickUpError, RolloutCause};

/// How long a rollout must look stuck before newleaf reports it: the controller retries, and the cause may just have gone.
const GRACE: Duration = Duration::from_secs(30);
/// How long a rollout must look halted: right after a person deletes a pod, the status still counts it.
const SETTLED: Duration = Duration::from_secs(3);
/// The time after which newleaf looks for a broken pod of the former template of a `StatefulSet`.
const SLOW: Duration = Duration::from_secs(5);
/// How often newleaf retries an apply after the workload has changed since the read: while pods come and go, the controller
/// keeps writing the status.
const APPLIES: u32 = 10;
/// How long newleaf searches for the cause of a failed rollout, on top of the step's own time.
const EVIDENCE: Duration = Duration::from_secs(20);
/// How long one request may take.
pub(crate) const REQUEST: Duration = Duration::from_secs(10);

/// The hash annotations that a pod template should have, with their values.
pub(crate) type HashAnnotations = BTreeMap<&'static str, String>;

/// The hashes of the leaves that a workload loads.
pub(crate) fn hash_annotations(
    name: &WorkloadName,
    loads: &BTreeMap<Peer, BTreeSet<WorkloadName>>,
    expected: Expected<'_>,
) -> HashAnnotations {
    let mut hashes = HashAnnotations::new();
    for (peer, workloads) in loads {
        if let Some(hash) = stored_hash(*peer, expected)
            && workloads.contains(name)
        {
            hashes.insert(hash_annotation(*peer), hash);
        }
    }
    hashes
}

/// A workload whose pod template has the hashes.
struct AnnotatedWorkload<'a> {
    name: &'a WorkloadName,
    hashes: &'a HashAnnotations,
    /// The generation of the workload that has them.
    generation: Option<i64>,
}

/// The client, the stop token, and the check that this run may still write.
pub(crate) struct Restart<'a> {
    pub(crate) client: &'a Client,
    pub(crate) stop: &'a StopToken,
    pub(crate) may_write: &'a dyn Fn() -> Result<(), Failure>,
}

impl Restart<'_> {
    /// Annotates all of them, then waits for all of them until `limit`.
    pub(crate) async fn all(&self, wanted: &[(WorkloadName, HashAnnotations)], limit: Duration) -> Result<(), Failure> {
        let begin = Instant::now();
        let mut annotated = Vec::new();
        for (name, hashes) in wanted {
            let rest = limit.saturating_sub(begin.elapsed());
            annotated.push(AnnotatedWorkload { name, hashes, generation: self.annotate(name, hashes, rest).await? });
        }
        let mut first_failure = None;
        for workload in &annotated {
            // Wait for the other workloads too: a halted one must not hide that another one fails.
            let rest = limit.saturating_sub(begin.elapsed());
            if let Err(failure) = self.wait(workload, rest, limit).await {
                first_failure.get_or_insert(failure);
            }
        }
        match first_failure {
            Some(failure) => Err(failure),
            None => Ok(()),
        }
    }

    /// Applies the annotations if the template lacks them. Returns the generation that has them. Tries at most [`APPLIES`] times,
    /// and not after `limit`.
    async fn annotate(
        &self,
        name: &WorkloadName,
        hashes: &HashAnnotations,
        limit: Duration,
    ) -> Result<Option<i64>, Failure> {
        let begin = Instant::now();
        let mut tries = 0;
        loop {
            tries += 1;
            let read = workload::get(self.client, name, REQUEST).await?;
            if missing(&read.object, hashes).is_none() {
                return Ok(read.object.generation());
            }
            (self.may_write)()?;
            match workload::apply(self.client, name, &read.guard, hashes, REQUEST).await {
                Ok(applied) => return Ok(applied.generation()),
                Err(KubernetesError::FieldOwned { message, .. }) => {
                    return Err(PickUpError::FieldConflict { workload: name.clone(), message }.into());
                }
                Err(KubernetesError::Conflict { .. }) if tries < APPLIES && begin.elapsed() < limit => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Waits until the rollout is complete, has looked hopeless for long enough, or `limit` is over.
    async fn wait(&self, workload: &AnnotatedWorkload<'_>, limit: Duration, whole: Duration) -> Result<(), Failure> {
        let AnnotatedWorkload { name, hashes, .. } = *workload;
        let begin = Instant::now();
        let mut hopeless = Hopeless::default();
        loop {
            let rollout = self.look(workload, begin.elapsed() >= SLOW).await?;
            let (why, grace) = match &rollout {
                Rollout::Complete | Rollout::NotRunning => return Ok(()),
                Rollout::Progressing(why) => (RemoteText::new(why), None),
                Rollout::Stuck(why) => (why.clone(), Some(GRACE)),
                Rollout::Halted(halt) => (RemoteText::new(&halt.why), Some(SETTLED)),
            };
            let is_hopeless = hopeless.see(grace, Instant::now());
            self.stop.check(&name.to_string())?;
            let left = limit.saturating_sub(begin.elapsed());
            if left.is_zero() || is_hopeless {
                let waited = whole.saturating_sub(limit) + begin.elapsed();
                return Err(match rollout {
                    Rollout::Halted(halt) => PickUpError::RolloutHalted { workload: name.clone(), halt }.into(),
                    Rollout::Complete | Rollout::NotRunning | Rollout::Progressing(_) | Rollout::Stuck(_) => {
                        Box::pin(self.failure(name, hashes, why, waited)).await.into()
                    }
                });
            }
            tokio::time::sleep(pause::after(begin.elapsed()).min(left)).await;
        }
    }

    /// The progress of the rollout, if our hash annotations are still there.
    async fn look(&self, workload: &AnnotatedWorkload<'_>, slow: bool) -> Result<Rollout, Failure> {
        let AnnotatedWorkload { name, hashes, generation } = *workload;
        let read = match workload::get(self.client, name, REQUEST).await {
            Ok(read) => read.object,
            // The API server may be away for a moment; the controllers continue the rollout later.
            Err(error @ (KubernetesError::Unreachable { .. } | KubernetesError::Timeout { .. })) => {
                return Ok(Rollout::Progressing(error.to_string()));
            }
            Err(error) => return Err(error.into()),
        };
        if let Some(annotation) = missing(&read, hashes) {
            if read.generation() < generation {
                return Ok(Rollout::Progressing(
                    "the API server still returns the state before the restart".to_owned(),
                ));
            }
            let (owners, writers) = (read.owners(annotation), read.writers());
            return Err(PickUpError::Reverted { workload: name.clone(), annotation, owners, writers }.into());
        }
        let rollout = read.rollout();
        if let Rollout::Progressing(why) = &rollout
            && slow
            && self.is_held(name, &read).await
        {
            return Ok(Rollout::Stuck(RemoteText::new(why)));
        }
        Ok(rollout)
    }

    /// Whether a pod of the former template is broken: Kubernetes never replaces it in an ordered `StatefulSet`. A slow pod is
    /// not broken.
    async fn is_held(&self, name: &WorkloadName, read: &Workload) -> bool {
        let Some(revision) = read.revision_of_ordered() else { return false };
        let pods = self.pods(name, read).await;
        let is_held_back = |pod: &PodFacts| matches!(pod.problem, Some(PodProblem { held: true, .. }));
        pods.iter().any(|pod| is_broken(pod, revision) && is_held_back(pod))
    }

    /// The pods of a workload. None if the API server does not return them.
    async fn pods(&self, name: &WorkloadName, read: &Workload) -> Vec<PodFacts> {
        pod_requests::of_workload(self.client, &name.namespace, read, REQUEST).await.unwrap_or_default()
    }

    /// The error with all evidence, collected only now. It omits what the API server does not return soon.
    async fn failure(
        &self,
        name: &WorkloadName,
        hashes: &HashAnnotations,
        why: RemoteText,
        waited: Duration,
    ) -> PickUpError {
        let evidence = tokio::time::timeout(EVIDENCE, Box::pin(self.evidence(name, hashes))).await;
        let (because, serving, way_out) = match evidence {
            Ok(evidence) => evidence,
            Err(_) => (RolloutCause::Unknown, "the number of ready pods is unknown".to_owned(), None),
        };
        let workload = name.clone();
        PickUpError::RolloutFailed(Box::new(FailedRollout { workload, waited, why, because, serving, way_out }))
    }

    /// The cause that blocks a rollout, the pods that still serve, and the way out if it is known.
    async fn evidence(&self, name: &WorkloadName, hashes: &HashAnnotations) -> (RolloutCause, String, Option<String>) {
        let Ok(read) = workload::get(self.client, name, REQUEST).await else {
            return (RolloutCause::Unknown, serving(&[], hashes), None);
        };
        let own = self.pods(name, &read.object).await;
        let broken = match read.object.revision_of_ordered() {
            Some(revision) => own.iter().find(|pod| is_broken(pod, revision)),
            None => None,
        };
        let way_out = broken.map(|pod| {
            format!(
                "Repair the pod, or run `kubectl delete pod {} --namespace {}`: Kubernetes replaces no pod of an ordered StatefulSet while one is not ready.",
                pod.name, name.namespace
            )
        });
        let because = match broken.or(culprit(&own, hashes)) {
            Some(pod) => self.last_words(name, pod).await,
            None => match self.last_warning(name, read.object.uid()).await {
                Some(warning) => RolloutCause::Warning(warning),
                None => RolloutCause::Unknown,
            },
        };
        (because, serving(&own, hashes), way_out)
    }

    async fn last_words(&self, name: &WorkloadName, pod: &PodFacts) -> RolloutCause {
        let Some(problem) = &pod.problem else { return RolloutCause::Unknown };
        // A container's status says why it does not run; only an Event says why a volume cannot be mounted.
        let warning = match &problem.container {
            Some(_) => None,
            None => self.last_warning(name, &pod.uid).await,
        };
        let log = pod_requests::last_log_lines(self.client, &name.namespace, pod, REQUEST).await;
        RolloutCause::Pod { name: pod.name.clone(), why: problem.why.clone(), warning, log }
    }

    /// The last warning about an object. None if the API server does not return it.
    async fn last_warning(&self, name: &WorkloadName, object: &Uid) -> Option<WarningEvent> {
        warning::last(self.client, &name.namespace, object, REQUEST).await.unwrap_or_default()
    }
}

/// Since when a rollout has looked hopeless in one way.
#[derive(Debug, Default)]
struct Hopeless {
    seen: Option<(Instant, Duration)>,
}

impl Hopeless {
    /// Takes one observation: how long the rollout must look hopeless, or `None` if it makes progress. Returns whether it has
    /// looked so for long enough.
    ///
    /// When a rollout changes from stuck to halted or back, its time starts again: the time that it was stuck does not show that
    /// the status no longer counts a pod that a person deleted. A rollout that keeps changing between the two ends at the limit
    /// of the wait.
    fn see(&mut self, grace: Option<Duration>, now: Instant) -> bool {
        let Some(grace) = grace else {
            self.seen = None;
            return false;
        };
        let since = match self.seen {
            Some((since, same)) if same == grace => since,
            Some(_) | None => now,
        };
        self.seen = Some((since, grace));
        now.duration_since(since) >= grace
    }
}

/// The first annotation that is missing or has another value.
fn missing(read: &Workload, hashes: &HashAnnotations) -> Option<&'static str> {
    let differs = |(key, value): &(&&'static str, &String)| read.template_annotation(key) != Some(value.as_str());
    hashes.iter().find(differs).map(|(key, _)| *key)
}

/// Whether a pod of a `StatefulSet` has a former template and does not become ready.
fn is_broken(pod: &PodFacts, revision: &str) -> bool {
    pod.problem.is_some() && !pod.ending && pod.revision.as_deref() != Some(revision)
}

/// The pod that blocks a rollout: one that is not ready, preferably a new one, preferably one with a reason.
fn culprit<'a>(own: &'a [PodFacts], hashes: &HashAnnotations) -> Option<&'a PodFacts> {
    let troubled = own.iter().filter(|pod| pod.problem.is_some() && !pod.ending);
    troubled.max_by_key(|pod| {
        let explains = matches!(pod.problem, Some(PodProblem { container: Some(_), .. }));
        (is_new(pod, hashes), explains)
    })
}

fn is_new(pod: &PodFacts, hashes: &HashAnnotations) -> bool {
    hashes.iter().all(|(key, value)| pod.annotations.get(*key) == Some(value))
}

/// The number of ready pods, in words.
fn serving(own: &[PodFacts], hashes: &HashAnnotations) -> String {
    let ready = |new: bool| own.iter().filter(|pod| pod.ready && !pod.ending && is_new(pod, hashes) == new).count();
    let (new, old) = (ready(true), ready(false));
    match (new, old) {
        (0, 0) => "no pod is ready".to_owned(),
        (0, old) => format!("still ready: {old} of the former template"),
        (new, 0) => format!("ready: {new} of the new template"),
        (new, old) => format!("ready: {new} of the new template and {old} of the former"),
    }
}

#[cfg(test)]
mod tests {
    use kubernetes::api::object::ObjectName;

    use super::*;

    fn hashes() -> HashAnnotations {
        HashAnnotations::from([("newleaf.dev/client-hash", "abc".to_owned())])
    }

    fn named(name: &str) -> ObjectName {
        ObjectName::parse(name).unwrap()
    }

    fn pod(name: &str, new: bool, problem: Option<(&str, bool)>) -> PodFacts {
        PodFacts {
            name: named(name),
            uid: serde_json::from_value(name.into()).unwrap(),
            owner: None,
            revision: Some(if new { "it-b" } else { "it-a" }.to_owned()),
            annotations: hashes().into_iter().filter(|_| new).map(|(key, value)| (key.to_owned(), value)).collect(),
            created: None,
            address: None,
            ready: problem.is_none(),
            ending: false,
            problem: problem.map(|(why, explains)| PodProblem {
                why: RemoteText::new(why),
                container: explains.then(|| named("web")),
                previous: false,
                held: explains,
            }),
        }
    }

    #[test]
    fn each_way_to_look_hopeless_has_its_own_time() {
        let (mut hopeless, begin) = (Hopeless::default(), Instant::now());
        let mut at = |seconds, grace| hopeless.see(grace, begin + Duration::from_secs(seconds));
        assert!(!at(0, Some(GRACE)));
        assert!(!at(29, Some(GRACE)));
        assert!(!at(30, Some(SETTLED)), "it has only just halted");
        assert!(!at(32, Some(SETTLED)));
        assert!(at(33, Some(SETTLED)));
        assert!(!at(34, Some(GRACE)));
        assert!(at(64, Some(GRACE)));
    }

    #[test]
    fn a_rollout_that_gets_on_has_all_its_time_again() {
        let (mut hopeless, begin) = (Hopeless::default(), Instant::now());
        let mut at = |seconds, grace| hopeless.see(grace, begin + Duration::from_secs(seconds));
        assert!(!at(0, Some(GRACE)));
        assert!(!at(29, None));
        assert!(!at(30, Some(GRACE)));
        assert!(at(60, Some(GRACE)));
    }

    #[test]
    fn the_pod_that_is_named_is_a_new_one_that_says_why() {
        let old = pod("old", false, Some(("crashes", true)));
        let silent = pod("silent", true, Some(("starts", false)));
        let telling = pod("telling", true, Some(("has no image", true)));
        let ready = pod("ready", true, None);
        let ending = PodFacts { ending: true, ..telling.clone() };
        let culprit_of = |pods: &[PodFacts]| culprit(pods, &hashes()).map(|pod| pod.name.to_string());
        let all = [old.clone(), telling, silent.clone(), ready.clone()];
        assert_eq!(culprit_of(&all).as_deref(), Some("telling"));
        assert_eq!(culprit_of(&[old.clone(), silent]).as_deref(), Some("silent"));
        assert_eq!(culprit_of(&[old, ready.clone()]).as_deref(), Some("old"));
        assert_eq!(culprit_of(&[ready, ending]), None);
    }

    #[test]
    fn what_still_serves_is_counted_by_template() {
        let (old, new) = (pod("a", false, None), pod("b", true, None));
        let broken = pod("c", true, Some(("crashes", true)));
        let ending = PodFacts { ending: true, ..old.clone() };
        let said = |pods: &[PodFacts]| serving(pods, &hashes());
        assert_eq!(said(&[broken.clone(), ending]), "no pod is ready");
        assert_eq!(said(&[old.clone(), old.clone(), broken]), "still ready: 2 of the former template");
        assert_eq!(said(std::slice::from_ref(&new)), "ready: 1 of the new template");
        assert_eq!(said(&[old, new]), "ready: 1 of the new template and 1 of the former");
    }

    #[test]
    fn only_a_broken_pod_of_a_former_template_holds_an_ordered_set() {
        let old = pod("it-0", false, Some(("crashes", true)));
        assert!(is_broken(&old, "it-b"));
        assert!(!is_broken(&old, "it-a"), "it is of the wanted template");
        assert!(!is_broken(&PodFacts { ending: true, ..old }, "it-b"), "it is being replaced");
        assert!(!is_broken(&pod("it-0", false, None), "it-b"), "it is ready");
    }
}
