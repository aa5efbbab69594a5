//! The Job of a rotation, made from the template of the CronJob: the same image, account and limits. Pure.

use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use rotation::engine::request::{Force, Scope};
use rotation::manifests::{CONTAINER, NAME};
use rotation::pki::digest::sha256_hex;

/// The annotation that `kubectl create job --from` sets on a Job that a person started.
const INSTANTIATE: &str = "cronjob.kubernetes.io/instantiate";
/// Shows people which rotation the Job serves.
const ROTATION_ID: &str = "newleaf.dev/rotation-id";
/// The number of hexadecimal digits in a Job's name, enough for 2^40 rotations.
const DIGITS: usize = 10;

/// The task of the Job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobRequest<'a> {
    /// The forced rotation. `None`: the Job rotates what is due.
    pub force: Option<&'a Force>,
    /// Whether to take ownership of Secrets created by another tool.
    pub adopt: bool,
}

/// The name of the Job. The same rotation has the same name, so asking twice creates one Job. A further attempt after a
/// failed Job appends its number. A run that is not forced has no identity and gets a new Job each time.
pub(super) fn name(wanted: &JobRequest<'_>, attempt: u32) -> Option<String> {
    let force = wanted.force?;
    let asked = format!("{:?} {}", force.scope, force.id.as_str());
    let digits: String = sha256_hex(asked.as_bytes()).chars().take(DIGITS).collect();
    let number = if attempt > 1 { format!("-{attempt}") } else { String::new() };
    Some(format!("{NAME}-now-{digits}{number}"))
}

/// The arguments of the container.
fn arguments(wanted: &JobRequest<'_>) -> Vec<String> {
    let mut arguments = vec!["rotate"];
    if let Some(force) = wanted.force {
        arguments.extend(["--now", "--id", force.id.as_str()]);
        if force.scope == Scope::Authority {
            arguments.push("--authority");
        }
    }
    if wanted.adopt {
        arguments.push("--adopt");
    }
    arguments.into_iter().map(str::to_owned).collect()
}

/// The Job of a forced rotation or of a run that rotates what is due. `None` if the CronJob has no container of newleaf.
pub(super) fn job(cron_job: &CronJob, wanted: &JobRequest<'_>) -> Option<Job> {
    let template = cron_job.spec.as_ref()?.job_template.clone();
    let mut spec = template.spec?;
    let container = spec.template.spec.as_mut()?.containers.iter_mut().find(|it| it.name == CONTAINER)?;
    container.args = Some(arguments(wanted));
    let metadata = template.metadata.unwrap_or_default();
    let mut annotations = metadata.annotations.unwrap_or_default();
    annotations.insert(INSTANTIATE.to_owned(), "manual".to_owned());
    annotations.extend(wanted.force.map(|force| (ROTATION_ID.to_owned(), force.id.as_str().to_owned())));
    Some(Job {
        metadata: ObjectMeta {
            name: name(wanted, 1),
            generate_name: if wanted.force.is_none() { Some(format!("{NAME}-run-")) } else { None },
            namespace: cron_job.metadata.namespace.clone(),
            labels: metadata.labels,
            annotations: Some(annotations),
            owner_references: Some(vec![OwnerReference {
                api_version: "batch/v1".to_owned(),
                kind: "CronJob".to_owned(),
                name: cron_job.metadata.name.clone()?,
                uid: cron_job.metadata.uid.clone()?,
                controller: Some(true),
                block_owner_deletion: None,
            }]),
            ..ObjectMeta::default()
        },
        spec: Some(spec),
        ..Job::default()
    })
}

#[cfg(test)]
mod tests {
    use rotation::engine::request::RotationId;

    use super::*;
    use crate::cluster::job::samples::cron_job;

    fn force(id: &str, scope: Scope) -> Force {
        Force { id: RotationId::parse(id).expect("an identity"), scope }
    }

    fn made(cron_job: &CronJob, force: &Force) -> Option<Job> {
        job(cron_job, &JobRequest { force: Some(force), adopt: false })
    }

    fn arguments_of(wanted: &JobRequest<'_>) -> Vec<String> {
        let spec = job(&cron_job(), wanted).expect("a Job").spec.expect("a spec").template.spec.expect("a pod");
        spec.containers[0].args.clone().expect("arguments")
    }

    #[test]
    fn the_job_is_the_template_with_other_arguments_and_an_owner() {
        let cron_job = cron_job();
        let made = made(&cron_job, &force("TICKET_17.b", Scope::Leaves)).expect("a Job");
        let (spec, metadata) = (made.spec.expect("a spec"), made.metadata);
        let mut expected = cron_job.spec.expect("a spec").job_template.spec.expect("a spec");
        let pod = expected.template.spec.as_mut().expect("a pod");
        pod.containers[0].args = Some(["rotate", "--now", "--id", "TICKET_17.b"].map(str::to_owned).to_vec());
        assert_eq!(spec, expected);
        let owner = &metadata.owner_references.expect("an owner")[0];
        assert_eq!((owner.kind.as_str(), owner.name.as_str(), owner.uid.as_str()), ("CronJob", "newleaf", "a-uid"));
        assert_eq!(metadata.annotations.expect("annotations")[INSTANTIATE], "manual");
        let name = metadata.name.expect("a name");
        assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'), "{name}");
    }

    #[test]
    fn the_same_rotation_has_the_same_name_and_another_scope_is_another_rotation() {
        let named = |id, scope| made(&cron_job(), &force(id, scope)).expect("a Job").metadata.name;
        assert_eq!(named("a", Scope::Leaves), named("a", Scope::Leaves));
        assert_ne!(named("a", Scope::Leaves), named("A", Scope::Leaves));
        assert_ne!(named("a", Scope::Leaves), named("a", Scope::Authority));
        let first = force("a", Scope::Leaves);
        let again = name(&JobRequest { force: Some(&first), adopt: false }, 2).expect("a name");
        assert_eq!(Some(again), named("a", Scope::Leaves).map(|name| name + "-2"));
    }

    #[test]
    fn what_was_asked_for_reaches_the_container() {
        let authority = force("a", Scope::Authority);
        let forced = JobRequest { force: Some(&authority), adopt: true };
        assert_eq!(arguments_of(&forced), ["rotate", "--now", "--id", "a", "--authority", "--adopt"]);
        assert_eq!(arguments_of(&JobRequest { force: None, adopt: false }), ["rotate"]);
    }

    #[test]
    fn a_cron_job_of_another_program_is_no_template() {
        let mut cron_job = cron_job();
        let spec = cron_job.spec.as_mut().and_then(|spec| spec.job_template.spec.as_mut()).expect("a spec");
        spec.template.spec.as_mut().expect("a pod").containers[0].name = "backup".to_owned();
        assert_eq!(made(&cron_job, &force("a", Scope::Leaves)), None);
    }
}
