//! Consumers in a cluster: turns the entries of the file into workloads and valid pick-ups.

use std::collections::BTreeSet;

use base::layers::origin::Origin;
use base::workload_kind::WorkloadKind;

use crate::document::cluster::{Choice, ClusterConsumer, ClusterPickup, Target};
use crate::document::error::ConfigurationError;
use crate::document::shape::{ConsumerFile, FallbackRestartFile, LoadsFile, PickupFile};
use crate::document::{Database, values};
use crate::engine::facts::Peer;
use crate::engine::request::RotationId;
use crate::pki::name::SubjectName;

/// The domain of a cluster, unless its owner chose another (`kubelet --cluster-domain`).
const DOMAIN: &str = "cluster.local";

/// The default names of the server: each form of the Services that the endpoints name, or a Service `postgres` without an
/// endpoint. Only forms with the namespace, because bare names are ambiguous and fail strict linters.
pub(super) fn service_names(database: Option<&Database>, namespace: &str) -> Vec<SubjectName> {
    let hosts: Vec<String> = match database {
        Some(database) => database
            .endpoints
            .iter()
            .map(|endpoint| endpoint.server_name.clone().unwrap_or_else(|| endpoint.host.clone()))
            .collect(),
        None => vec![format!("postgres.{namespace}.svc")],
    };
    let mut names = Vec::new();
    for host in hosts {
        let service = host.strip_suffix(&format!(".{DOMAIN}")).unwrap_or(&host);
        let mut forms = vec![service.to_owned()];
        if service.strip_suffix(".svc").is_some() {
            forms.push(format!("{service}.{DOMAIN}"));
        }
        for form in forms {
            if let Ok(name) = SubjectName::parse(&form)
                && !name.is_unqualified()
                && !names.contains(&name)
            {
                names.push(name);
            }
        }
    }
    names
}

/// A name without a dot is a Service of this namespace: so a file that says `postgres` is good in each namespace, and the default
/// names of the server are qualified all the same.
pub(super) fn qualify(database: &mut Database, namespace: &str) {
    for endpoint in &mut database.endpoints {
        let is_service = SubjectName::parse(&endpoint.host).is_ok_and(|name| name.is_unqualified());
        if is_service && endpoint.server_name.is_none() {
            endpoint.host = format!("{}.{namespace}.svc", endpoint.host);
        }
    }
}

/// Checks every consumer, and that all names differ.
pub(super) fn consumers(
    files: &[ConsumerFile],
    origin: &Origin,
    namespace: &str,
    has_database: bool,
) -> Result<Vec<ClusterConsumer>, ConfigurationError> {
    let mut names = BTreeSet::new();
    let mut consumers = Vec::with_capacity(files.len());
    for file in files {
        let refuse =
            |problem: String| ConfigurationError::Consumer { name: file.name.clone(), origin: origin.clone(), problem };
        if !names.insert(file.name.as_str()) {
            return Err(refuse("the name is used twice".to_owned()));
        }
        consumers.push(consumer(file, namespace, has_database).map_err(refuse)?);
    }
    Ok(consumers)
}

fn consumer(file: &ConsumerFile, namespace: &str, has_database: bool) -> Result<ClusterConsumer, String> {
    if RotationId::parse(&file.name).is_none() || file.name.starts_with(['.', '-']) {
        return Err(
            "a name is 1 to 63 letters, digits, `.`, `_` and `-`, and starts with a letter, digit or `_`".into()
        );
    }
    if file.signal || file.command.is_some() || file.pid_file.is_some() {
        return Err("`signal`, `command` and `pidFile` belong to processes; on Kubernetes name a `workload`".to_owned());
    }
    let peer = match file.loads {
        LoadsFile::Server => Peer::Server,
        LoadsFile::Client => Peer::Client,
    };
    let target = target(file, namespace)?;
    let pickup = match file.pickup {
        PickupFile::Reload => reload(file, peer, has_database, target.is_some())?,
        PickupFile::Restart | PickupFile::Login if file.nudge || file.fallback.is_some() || file.database => {
            return Err("`database`, `nudge` and `fallback` belong to `reload`".to_owned());
        }
        PickupFile::Restart if target.is_none() => return Err("`restart` needs a `workload`".to_owned()),
        PickupFile::Restart => ClusterPickup::Restart,
        PickupFile::Login => ClusterPickup::Login,
    };
    Ok(ClusterConsumer { name: file.name.clone(), peer, pickup, target })
}

fn reload(file: &ConsumerFile, peer: Peer, has_database: bool, has_target: bool) -> Result<ClusterPickup, String> {
    if peer == Peer::Client {
        return Err("on Kubernetes `reload` is for the server; this consumer loads the client's leaf".to_owned());
    }
    if !has_database {
        return Err("`reload` goes through the database: it needs database.endpoints".to_owned());
    }
    let fallback = match file.fallback.as_ref().map(|fallback| &fallback.restart) {
        None => false,
        Some(FallbackRestartFile::Rollout(wanted)) => *wanted,
        Some(FallbackRestartFile::Command(_)) => return Err("`fallback.restart` is `true` on Kubernetes".to_owned()),
    };
    if (file.nudge || fallback) && !has_target {
        return Err("`nudge` and `fallback` need a `workload`".to_owned());
    }
    Ok(ClusterPickup::Reload { nudge: file.nudge, fallback })
}

fn target(file: &ConsumerFile, namespace: &str) -> Result<Option<Target>, String> {
    let Some(workload) = &file.workload else {
        return match (&file.selector, &file.namespace) {
            (None, None) => Ok(None),
            _ => Err("`selector` and `namespace` need a `workload`".to_owned()),
        };
    };
    let (kind, name) = match workload.split_once('/') {
        Some((kind, name)) => (kind, Some(name)),
        None => (workload.as_str(), None),
    };
    let kind = WorkloadKind::ALL.into_iter().find(|known| known.as_str() == kind).ok_or_else(|| {
        format!("`workload` is {workload:?}; it is deployment/NAME, statefulset/NAME or daemonset/NAME")
    })?;
    let choice = match (name, &file.selector) {
        (Some(name), None) => Choice::Named(values::subdomain(name)?),
        (None, Some(selector)) => Choice::Labelled(values::selector(selector)?),
        _ => return Err("`workload` is KIND/NAME, or KIND with a `selector`".to_owned()),
    };
    let namespace = file.namespace.as_deref().unwrap_or(namespace);
    Ok(Some(Target { namespace: values::label(namespace)?, kind, choice }))
}
