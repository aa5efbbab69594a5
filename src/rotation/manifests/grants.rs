//! Every right that newleaf needs, with the reason. The Roles and the reference both come from this list.

use std::collections::{BTreeMap, BTreeSet};

use base::workload_kind::WorkloadKind;

use crate::document::cluster::{Choice, ClusterConsumer, ClusterPickup, ClusterPlace, Target};
use crate::figures;
use crate::manifests::{BOOTSTRAP, NAME};

/// The holder of a right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Actor {
    /// The account of the CronJob.
    Rotation,
    /// The account of the bootstrap Job.
    Bootstrap,
    /// A person who runs `rotate --now` from outside the cluster. newleaf creates no account for it: bind it to people.
    Person,
}

impl Actor {
    /// The name of the service account. `None` for people.
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::Rotation => Some(NAME),
            Self::Bootstrap => Some(BOOTSTRAP),
            Self::Person => None,
        }
    }
}

/// One verb on one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The holder of the right.
    pub account: Actor,
    /// The namespace of the right.
    pub namespace: String,
    /// The API group. Empty for the core group.
    pub group: &'static str,
    /// The plural of the resource, with a subresource after a slash.
    pub resource: &'static str,
    /// The names of the objects. Empty: all objects.
    pub names: Vec<String>,
    pub verb: &'static str,
    /// The purpose of the right.
    pub why: &'static str,
    /// The commands that use it.
    pub modes: &'static str,
}

const EVERY: &str = "rotate, plan, status, verify";
const BOTH: [Actor; 2] = [Actor::Rotation, Actor::Bootstrap];

/// A right without its holder and namespace.
type Right = (&'static str, &'static str, Vec<String>, &'static str, &'static str);

/// Every right, in a stable order.
pub fn grants(place: &ClusterPlace) -> Vec<Grant> {
    let mut grants = Vec::new();
    for account in BOTH {
        let mut rights = secrets(place, account);
        rights.extend(lease(account));
        rights.extend(figures());
        add(&mut grants, account, &place.namespace, rights);
        for namespace in namespaces(place) {
            let there: Vec<&ClusterConsumer> = looked_at(place).filter(|it| is_in(it, namespace)).collect();
            let mut rights = if there.is_empty() { Vec::new() } else { pods(&there, account) };
            rights.extend(workloads(&there, account));
            // Bootstrap posts Events on Secrets only, because it makes no workload load them.
            if namespace == place.namespace || account == Actor::Rotation {
                let why = "posts Events on the Secrets and workloads about writes, pick-ups and refusals";
                rights.push(("events.k8s.io", "events", Vec::new(), "create", why));
            }
            add(&mut grants, account, namespace, rights);
        }
    }
    add(&mut grants, Actor::Person, &place.namespace, person());
    grants
}

/// The consumers whose pods matter. newleaf does not observe a consumer that reads its files at each login.
fn looked_at(place: &ClusterPlace) -> impl Iterator<Item = &ClusterConsumer> {
    place.consumers.iter().filter(|consumer| consumer.pickup != ClusterPickup::Login)
}

fn is_in(consumer: &ClusterConsumer, namespace: &str) -> bool {
    consumer.target.as_ref().is_some_and(|target| target.namespace == namespace)
}

fn add(grants: &mut Vec<Grant>, account: Actor, namespace: &str, rights: Vec<Right>) {
    for (group, resource, names, verb, why) in rights {
        let modes = match (account, verb) {
            (Actor::Rotation, "get" | "list")
                if !["leases", "pods/log", "events", "configmaps"].contains(&resource) =>
            {
                EVERY
            }
            (Actor::Person, _) if resource == "configmaps" => "every command, from outside",
            (Actor::Rotation, _) => "rotate",
            (Actor::Bootstrap, _) => "bootstrap",
            (Actor::Person, _) => "rotate --now, from outside",
        };
        let namespace = namespace.to_owned();
        grants.push(Grant { account, namespace, group, resource, names, verb, why, modes });
    }
}

/// The namespaces that need rights: that of the Secrets first, then those of consumers.
fn namespaces(place: &ClusterPlace) -> Vec<&str> {
    let own = place.namespace.as_str();
    let others: BTreeSet<&str> =
        looked_at(place).filter_map(|consumer| consumer.target.as_ref()).map(|it| it.namespace.as_str()).collect();
    [own].into_iter().chain(others.into_iter().filter(|namespace| *namespace != own)).collect()
}

fn secrets(place: &ClusterPlace, account: Actor) -> Vec<Right> {
    let leaves = vec![place.server.name.clone(), place.client.name.clone()];
    let authority = vec![place.authority.name.clone()];
    let mut rights = vec![
        ("", "secrets", leaves.clone(), "get", "reads the leaves, the basis of every decision"),
        ("", "secrets", leaves, "patch", "replaces key, certificate and bundle of a leaf in one guarded update"),
        ("", "secrets", authority.clone(), "get", "reads the authority and its key, which signs the leaves"),
    ];
    if place.authority.external.is_none() {
        let why = "adds a generation to the authority before it ends, and removes the old one";
        rights.push(("", "secrets", authority, "patch", why));
    }
    if account == Actor::Bootstrap {
        let why = "creates the Secrets; no rule can name an object that does not exist yet, so only this short-lived Job has \
         the right, and an admission policy confines it to the three names";
        rights.push(("", "secrets", Vec::new(), "create", why));
    }
    rights
}

fn lease(account: Actor) -> Vec<Right> {
    let group = "coordination.k8s.io";
    let name = || vec![NAME.to_owned()];
    let mut rights = vec![
        (group, "leases", name(), "get", "reads the present holder of the right to write"),
        (group, "leases", name(), "patch", "takes, renews and gives back the right to write"),
    ];
    if account == Actor::Bootstrap {
        rights.push((
            group,
            "leases",
            Vec::new(),
            "create",
            "creates the Lease; no rule can name an object that does not exist yet, so an admission policy confines it to the one name",
        ));
    }
    rights
}

fn figures() -> [Right; 2] {
    let name = || vec![figures::CONFIG_MAP.to_owned()];
    [
        ("", "configmaps", name(), "get", "reads when a run last left nothing to do, to keep it"),
        (
            "",
            "configmaps",
            name(),
            "patch",
            "writes the figures for Prometheus: when leaves end, which consumer is stale",
        ),
    ]
}

fn pods(consumers: &[&ClusterConsumer], account: Actor) -> Vec<Right> {
    let mut rights =
        vec![("", "pods", Vec::new(), "list", "finds pods that still use an old leaf, and endpoints of the server")];
    if consumers.iter().any(|consumer| is_deployment(consumer)) {
        let why = "identifies the pods of a Deployment by the uid of its ReplicaSets; their templates contain no more than \
         the pods do";
        rights.push(("apps", "replicasets", Vec::new(), "list", why));
    }
    if account == Actor::Rotation && consumers.iter().any(|consumer| nudges(consumer)) {
        let why = "annotates the server's pods so that the kubelet projects the Secrets at once (`nudge`); an admission \
         policy confines it to that annotation";
        rights.push(("", "pods", Vec::new(), "patch", why));
    }
    if account == Actor::Rotation && consumers.iter().any(|consumer| restarts(consumer)) {
        rights.push(("", "pods/log", Vec::new(), "get", "shows the last lines of a pod that does not become ready"));
        let why = "shows why Kubernetes does not create or start a pod: a quota, a volume";
        rights.push(("", "events", Vec::new(), "list", why));
    }
    rights
}

/// Workloads of one kind in one namespace.
#[derive(Debug, Default)]
struct Chosen {
    named: BTreeSet<String>,
    named_restarted: BTreeSet<String>,
    labelled: bool,
    labelled_restarted: bool,
}

fn workloads(consumers: &[&ClusterConsumer], account: Actor) -> Vec<Right> {
    let mut chosen: BTreeMap<WorkloadKind, Chosen> = BTreeMap::new();
    for consumer in consumers {
        let Some(Target { kind, choice, .. }) = &consumer.target else { continue };
        let restarts = account == Actor::Rotation && restarts(consumer);
        let of_kind = chosen.entry(*kind).or_default();
        match choice {
            Choice::Named(name) => {
                of_kind.named.insert(name.clone());
                of_kind.named_restarted.extend(restarts.then(|| name.clone()));
            }
            Choice::Labelled(_) => {
                of_kind.labelled = true;
                of_kind.labelled_restarted |= restarts;
            }
        }
    }
    let (read, restart) = (
        "reads the progress of a rollout, and the selector of its pods",
        "restarts by a content hash in the pod template",
    );
    let labelled = "finds the workloads that a label selects, because no rule can name them";
    let mut rights = Vec::new();
    for (kind, chosen) in chosen {
        let mut right = |names: Vec<String>, verb, why| rights.push(("apps", kind.resource(), names, verb, why));
        if chosen.labelled {
            right(Vec::new(), "list", labelled);
        }
        if chosen.labelled_restarted {
            right(Vec::new(), "get", read);
        } else if !chosen.named.is_empty() {
            right(chosen.named.into_iter().collect(), "get", read);
        }
        if chosen.labelled_restarted {
            right(Vec::new(), "patch", restart);
        } else if !chosen.named_restarted.is_empty() {
            right(chosen.named_restarted.into_iter().collect(), "patch", restart);
        }
    }
    rights
}

fn person() -> Vec<Right> {
    vec![
        ("", "configmaps", vec![NAME.to_owned()], "get", "reads the configuration, unless `--config` names a file"),
        ("batch", "cronjobs", vec![NAME.to_owned()], "get", "reads the template of the Job"),
        (
            "batch",
            "jobs",
            Vec::new(),
            "create",
            "starts the rotation inside the cluster; a Job can mount any Secret of its namespace, also the authority's",
        ),
        ("batch", "jobs", Vec::new(), "get", "waits for the end of the Job"),
        ("", "pods", Vec::new(), "list", "finds the pod of the Job, and shows why it does not start"),
        ("", "events", Vec::new(), "list", "shows why Kubernetes creates no pod or mounts no volume"),
        ("", "pods/log", Vec::new(), "get", "shows the progress of the rotation"),
    ]
}

fn is_deployment(consumer: &ClusterConsumer) -> bool {
    consumer.target.as_ref().is_some_and(|target| target.kind == WorkloadKind::Deployment)
}

/// Whether newleaf annotates the pods of a consumer.
pub(super) const fn nudges(consumer: &ClusterConsumer) -> bool {
    matches!(consumer.pickup, ClusterPickup::Reload { nudge: true, .. })
}

/// Whether newleaf restarts the workloads of a consumer.
const fn restarts(consumer: &ClusterConsumer) -> bool {
    matches!(consumer.pickup, ClusterPickup::Restart | ClusterPickup::Reload { fallback: true, .. })
}
