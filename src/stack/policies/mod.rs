//! Named checks over rendered objects, also over those that a raw layer has changed. They read JSON and not our types: what
//! a raw layer merged into an object must be seen, too.
//!
//! | File | Subject |
//! |---|---|
//! | [`secrets`] | no secret outside of a Secret |
//! | [`pods`] | images, the Pod Security Standard `restricted`, resources, tokens, mounts |
//! | [`references`] | what is named is there: pods of a Service, ConfigMaps, Secrets, accounts |
//! | [`network`] | edges have peers, and no pod is without a policy |
//! | [`names`] | names and labels that the API server takes |
//! | [`availability`] | drains end, and rollouts take nothing away |
//! | `walk` | finds pods and containers |

pub mod availability;
pub mod names;
pub mod network;
pub mod pods;
pub mod references;
pub mod secrets;
pub(crate) mod walk;

use std::collections::BTreeSet;
use std::fmt;

use crate::object::Object;
use crate::settings::Settings;
use crate::settings::entry::EntryKind;
use crate::settings::references::{ObjectReference, ReferenceKind};
use crate::settings::rotation::{AUTHORITY_SECRET, CLIENT_SECRET, SERVER_SECRET};
use crate::settings::values::DnsSubdomain;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It may be meant.
    Warning,
    /// It does not work, or is not safe.
    Error,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// The name of the check.
    pub check: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// `Deployment backstage/backstage`.
    pub object: String,
    /// What is wrong with it.
    pub problem: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.check, self.object, self.problem)
    }
}

/// What is checked.
#[derive(Debug, Clone, Copy)]
pub struct Rendered<'a> {
    /// The objects.
    pub objects: &'a [Object],
    /// Objects that the stack refers to and does not render.
    pub external: &'a BTreeSet<ObjectReference>,
}

/// An object, and what is wrong with it.
pub type Complaint = (String, String);

/// A check.
#[derive(Debug, Clone, Copy)]
pub struct PolicyCheck {
    /// Its name.
    pub name: &'static str,
    /// How bad it is where it does not hold.
    pub severity: Severity,
    /// What holds.
    pub what: &'static str,
    run: fn(Rendered<'_>) -> Vec<Complaint>,
}

const fn error(name: &'static str, what: &'static str, run: fn(Rendered<'_>) -> Vec<Complaint>) -> PolicyCheck {
    PolicyCheck { name, severity: Severity::Error, what, run }
}

const fn warning(name: &'static str, what: &'static str, run: fn(Rendered<'_>) -> Vec<Complaint>) -> PolicyCheck {
    PolicyCheck { name, severity: Severity::Warning, what, run }
}

/// Every check.
pub const CHECKS: [PolicyCheck; 19] = [
    error("no-secret-in-config-map", "a ConfigMap holds no secret", secrets::in_config_maps),
    error("no-secret-in-pod", "no argument and no literal variable holds a secret", secrets::in_pods),
    error("image-pinned", "an image has a tag or a digest, and not `latest`", pods::image_pinned),
    error("pod-restricted", "a pod keeps the Pod Security Standard `restricted`", pods::restricted),
    error("root-read-only", "the root file system of a container is read-only", pods::root_read_only),
    error(
        "resources-set",
        "a container reserves processor time and memory, and its memory has a limit",
        pods::resources,
    ),
    error("token-where-used", "only a pod whose account has rights mounts its token", pods::token_where_used),
    error("mounts-resolve", "a mount has a volume, and a volume is there once", pods::mounts_resolve),
    error("no-sub-path", "no file is mounted alone, because the kubelet never updates it", pods::no_sub_path),
    error("service-selects-pods", "a Service selects pods that have its ports", references::services),
    error("references-exist", "a referenced ConfigMap, Secret or account is rendered or known", references::exist),
    error("backends-exist", "what people reach leads to a Service that is there", references::backends),
    error("edges-have-peers", "a rule of a NetworkPolicy names peers and ports", network::edges_have_peers),
    error(
        "pods-have-policies",
        "where there are network policies, each pod has one in both directions",
        network::pods_have_policies,
    ),
    error("names-valid", "names and namespaces are what the API server takes", names::valid_names),
    error("labels-valid", "labels are what the API server takes", names::valid_labels),
    error("names-unique", "no two objects have one name", names::unique),
    error("drain-ends", "no PodDisruptionBudget keeps a node from being drained", availability::drain_ends),
    warning("rollout-takes-nothing", "a rollout of a Deployment has no pod less than before", availability::rollouts),
];

/// Everything that does not hold, in a stable order.
pub fn inspect(rendered: Rendered<'_>) -> Vec<Violation> {
    let of_check = |check: &PolicyCheck| {
        let PolicyCheck { name, severity, run, .. } = *check;
        run(rendered).into_iter().map(move |(object, problem)| Violation { check: name, severity, object, problem })
    };
    let mut violations: Vec<Violation> = CHECKS.iter().flat_map(of_check).collect();
    violations.sort();
    violations.dedup();
    violations
}

/// The objects that a stack needs and does not render: of the user, of the rotation, of cert-manager.
pub fn external(settings: &Settings) -> BTreeSet<ObjectReference> {
    let secret = |name: &DnsSubdomain| ObjectReference { kind: ReferenceKind::Secret, name: name.clone() };
    let mut external = settings.references();
    let written: Vec<DnsSubdomain> =
        [SERVER_SECRET, CLIENT_SECRET, AUTHORITY_SECRET].iter().filter_map(|name| name.parse().ok()).collect();
    external.extend(written.iter().map(secret));
    external.extend(settings.rotation.authority.iter().map(|authority| secret(&authority.secret)));
    external.extend(settings.backstage.image_pull_secrets.iter().map(secret));
    if let EntryKind::Ingress(ingress) = &settings.entry.kind {
        external.extend(ingress.tls.iter().map(|tls| secret(&tls.secret)));
    }
    external
}
