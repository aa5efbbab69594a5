//! The rotation of the certificates.

use crate::defaults;
use crate::document::rotation::{RotationSection, ServerPickup};
use crate::settings::checker::{Checker, quoted};
use crate::settings::quantity::TimeSpan;
use crate::settings::values::{CronSchedule, DnsSubdomain, ImageReference, ObjectKey};

/// The Secret with the server's leaf, as the rotation names it.
pub const SERVER_SECRET: &str = "postgres-tls";
/// The Secret with the client's leaf, as the rotation names it.
pub const CLIENT_SECRET: &str = "backstage-tls";
/// The Secret with the authority, as the rotation names it.
pub const AUTHORITY_SECRET: &str = "newleaf-authority";
/// The name of the rotation's CronJob, account and ConfigMap, and the value of their label `app.kubernetes.io/name`.
pub const ROTATION_NAME: &str = "newleaf";

/// A leaf that is shorter than that may end while a cluster is down over a weekend.
const LIFETIME_LEAST: u64 = 3_600;

/// The rotation of the certificates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotationSettings {
    /// The image of newleaf.
    pub image: ImageReference,
    /// When the CronJob starts.
    pub schedule: CronSchedule,
    /// How long a leaf is valid.
    pub lifetime: TimeSpan,
    /// The age at which it is replaced.
    pub rotate_after: TimeSpan,
    /// An authority of the operator's own.
    pub authority: Option<KeptAuthority>,
    /// How PostgreSQL loads its new leaf.
    pub pickup: ServerPickup,
    /// Whether PostgreSQL's pods may be annotated.
    pub nudge: bool,
    /// Whether the policies are made, which belong to the whole cluster.
    pub admission_policies: bool,
    /// How long a step may take.
    pub step: TimeSpan,
    /// How long a run may take.
    pub run: TimeSpan,
}

/// An authority of the operator's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAuthority {
    /// The Secret.
    pub secret: DnsSubdomain,
    /// Its key with the certificate.
    pub certificate: ObjectKey,
    /// Its key with the private key.
    pub key: ObjectKey,
}

pub(super) fn validate(checker: &mut Checker, section: &RotationSection) -> Option<RotationSettings> {
    let leaf = section.leaf.clone().unwrap_or_default();
    let deadlines = section.deadlines.clone().unwrap_or_default();
    let image = checker.given("rotation.image", section.image.as_deref(), defaults::ROTATION_IMAGE);
    let schedule = checker.given("rotation.schedule", section.schedule.as_deref(), defaults::SCHEDULE);
    let lifetime: Option<TimeSpan> = checker.given("rotation.leaf.lifetime", leaf.lifetime.as_deref(), "45d");
    let rotate_after: Option<TimeSpan> =
        checker.given("rotation.leaf.rotateAfter", leaf.rotate_after.as_deref(), "30d");
    let step = checker.given("rotation.deadlines.step", deadlines.step.as_deref(), "3m");
    let run = checker.given("rotation.deadlines.run", deadlines.run.as_deref(), "10m");
    let authority = authority(checker, section);
    if section.nudge == Some(true) && section.pickup == Some(ServerPickup::Restart) {
        let limits = "a new pod has the new files already, so only a server that reloads is nudged";
        checker.add("rotation.nudge", "true", limits, "leave it out, or set `rotation.pickup` to `reload`");
    }
    let (lifetime, rotate_after): (TimeSpan, TimeSpan) = (lifetime?, rotate_after?);
    let (step, run): (TimeSpan, TimeSpan) = (step?, run?);
    check_order(checker, [&lifetime, &rotate_after, &step, &run]);
    Some(RotationSettings {
        image: image?,
        schedule: schedule?,
        lifetime,
        rotate_after,
        authority: authority?,
        pickup: section.pickup.unwrap_or(ServerPickup::Reload),
        nudge: section.nudge.unwrap_or(false),
        admission_policies: section.admission_policies.unwrap_or(true),
        step,
        run,
    })
}

/// A leaf is replaced within its life, and a step ends within its run.
fn check_order(checker: &mut Checker, [lifetime, rotate_after, step, run]: [&TimeSpan; 4]) {
    if lifetime.seconds() < LIFETIME_LEAST {
        checker.add("rotation.leaf.lifetime", &quoted(lifetime), "1h is the least", "write more");
    }
    if rotate_after.seconds() >= lifetime.seconds() {
        let limits = format!("a leaf is replaced before it ends, and it ends after {lifetime}");
        checker.add(
            "rotation.leaf.rotateAfter",
            &quoted(rotate_after),
            &limits,
            "write less, or raise `rotation.leaf.lifetime`",
        );
    }
    if step.seconds() > run.seconds() {
        let limits = format!("a step ends within its run, and a run may take {run}");
        checker.add("rotation.deadlines.step", &quoted(step), &limits, "write less, or raise `rotation.deadlines.run`");
    }
}

#[expect(clippy::option_option, reason = "a value that is wrong is not one that is left out")]
fn authority(checker: &mut Checker, section: &RotationSection) -> Option<Option<KeptAuthority>> {
    let Some(given) = &section.authority else { return Some(None) };
    let secret = checker.required("rotation.authority.secret", &given.secret);
    let certificate = checker.given("rotation.authority.certificate", given.certificate.as_deref(), "tls.crt");
    let key = checker.given("rotation.authority.key", given.key.as_deref(), "tls.key");
    Some(Some(KeptAuthority { secret: secret?, certificate: certificate?, key: key? }))
}
