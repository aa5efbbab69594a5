//! The checks before an install: facts in, lines out. Pure.

use base::diagnosis::Code;
use chrono::{DateTime, TimeDelta, Utc};
use kubernetes::api::call::Call;
use kubernetes::api::questions::{Permission, ServerVersion};
use serde_json::Value;

use crate::check::ingress::IngressFacts;
use crate::check::line::{CheckFinding, CheckLine, Known};
use crate::check::{quota, rights};

/// The oldest Kubernetes whose API has every field that the stack renders.
pub const OLDEST: (u32, u32) = (1, 31);
/// The difference of two clocks that certificates bear: they are backdated by an hour.
const CLOCKS_MOST: i64 = 60;

/// A storage class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorageClassFacts {
    /// Its name.
    pub name: String,
    /// Whether claims without a class get it.
    pub is_default: bool,
}

/// A node, as far as images are concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeFacts {
    /// Its name.
    pub name: String,
    /// The images that its status lists, by every name that they have.
    pub images: Vec<String>,
}

/// A rendered object and what the cluster says of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ObjectFacts {
    /// `Deployment backstage/backstage`.
    pub title: String,
    /// Its apiVersion and its kind.
    pub kind: (String, String),
    /// Whether the cluster has the kind.
    pub is_served: Known<bool>,
    /// The object of this name that is there already.
    pub present: Known<Option<Value>>,
    /// What a server-side dry run answers. `None` where it could not be tried.
    pub rehearsal: Option<Known<()>>,
}

/// A claim for a volume that the stack renders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimFacts {
    /// The object that makes it.
    pub title: String,
    /// The class that it names.
    pub class: Option<String>,
}

/// A reference to an object that the stack does not make.
#[derive(Debug, Clone, PartialEq)]
pub struct ReferenceFacts {
    /// `Secret backstage/github`.
    pub title: String,
    /// Whether it is there.
    pub is_there: Known<bool>,
}

/// Everything that is known before an install.
#[derive(Debug, Clone)]
pub struct BeforeFacts {
    /// The clock of this machine.
    pub now: DateTime<Utc>,
    /// The namespace of the stack.
    pub namespace: String,
    /// The API server.
    pub server: Known<ServerVersion>,
    /// The namespace, if it is there.
    pub place: Known<Option<Value>>,
    /// What the account may do.
    pub rights: Vec<(Call, Known<Permission>)>,
    /// The rendered objects.
    pub objects: Vec<ObjectFacts>,
    /// The namespace in which objects were tried.
    pub rehearsed_in: String,
    /// The claims.
    pub claims: Vec<ClaimFacts>,
    /// The storage classes.
    pub storage_classes: Known<Vec<StorageClassFacts>>,
    /// What the document refers to.
    pub references: Vec<ReferenceFacts>,
    /// The way in from outside.
    pub ingress: Option<IngressFacts>,
    /// The images of the stack.
    pub images: Vec<String>,
    /// The nodes.
    pub nodes: Known<Vec<NodeFacts>>,
    /// How an image comes to the nodes of this platform.
    pub image_import: &'static str,
    /// The quotas of the namespace.
    pub quotas: Known<Vec<Value>>,
    /// What the pods need.
    pub needs: quota::QuotaNeeds,
    /// The program that writes the objects, as `managedFields` names it.
    pub manager: &'static str,
}

impl BeforeFacts {
    /// Every check, in the order in which they are read.
    pub fn judge(&self) -> Vec<CheckLine> {
        let mut lines = vec![self.reachable()];
        if self.server.is_err() {
            return lines;
        }
        lines.extend([self.clock(), self.permissions(), self.namespace(), self.names(), self.kinds()]);
        lines.extend([self.storage(), self.references()]);
        lines.extend(self.ingress.as_ref().map(IngressFacts::judge));
        lines.extend([self.admission(), self.quota(), self.images()]);
        lines
    }

    fn reachable(&self) -> CheckLine {
        let text = format!("the API server answers and is at least {}.{}", OLDEST.0, OLDEST.1);
        let findings = match &self.server {
            Err(finding) => vec![finding.clone()],
            Ok(server) if (server.major, server.minor) < OLDEST => {
                let why = format!("it is {}, and the stack needs {}.{}", server.text, OLDEST.0, OLDEST.1);
                let mend = "Upgrade the cluster: https://kubernetes.io/releases/version-skew-policy/";
                vec![CheckFinding::failure(Code::CheckApiVersion, "the API server", why, mend)]
            }
            Ok(_) => Vec::new(),
        };
        CheckLine::new("kubernetes", text, findings)
    }

    fn clock(&self) -> CheckLine {
        let text = "the clocks of this machine and of the API server agree";
        let Ok(ServerVersion { clock: Some(clock), .. }) = &self.server else {
            return CheckLine::skipped("kubernetes", text, "the API server did not say what time it is");
        };
        let difference = (*clock - self.now).abs();
        let mut findings = Vec::new();
        if difference > TimeDelta::seconds(CLOCKS_MOST) {
            let why = format!("they differ by {} seconds, and a minute is the most", difference.num_seconds());
            let mend = "Synchronize the clock that is wrong: `timedatectl set-ntp true`.";
            findings.push(CheckFinding::failure(Code::CheckClock, "the API server's clock", why, mend));
        }
        CheckLine::new("kubernetes", text, findings)
    }

    fn permissions(&self) -> CheckLine {
        let text = format!("the account may do what an install does ({} rights)", self.rights.len());
        let mut findings = Vec::new();
        for (call, permission) in &self.rights {
            match permission {
                Ok(Permission::Granted) => {}
                Err(finding) => findings.push(finding.clone()),
                Ok(Permission::Denied(reason)) => {
                    let because = if reason.as_str().is_empty() { String::new() } else { format!(": {reason}") };
                    let why = format!("the account may not {} {}{because}", call.verb, call.resource.as_str());
                    let mend = format!(
                        "Add this rule to a Role of the account in namespace {}: {} (`{}` shows it)",
                        call.namespace,
                        call.rule(),
                        rights::command(call)
                    );
                    findings.push(CheckFinding::failure(Code::CheckPermission, call.object(), why, mend));
                }
            }
        }
        CheckLine::new("permissions", text, findings)
    }

    fn namespace(&self) -> CheckLine {
        let text = format!("namespace {} can be used", self.namespace);
        let object = format!("Namespace {}", self.namespace);
        let findings = match &self.place {
            Err(finding) => vec![finding.clone()],
            Ok(Some(_)) if self.is_terminating() => {
                let why = "Kubernetes is deleting it, and takes no new objects in it";
                let mend = format!(
                    "Wait until it is gone: `kubectl wait --for=delete namespace/{0} --timeout=5m`; \
                     `kubectl describe namespace {0}` says what holds it.",
                    self.namespace
                );
                vec![CheckFinding::failure(Code::NamespaceTerminating, object, why, mend)]
            }
            Ok(_) => Vec::new(),
        };
        CheckLine::new("namespace", text, findings)
    }

    fn is_terminating(&self) -> bool {
        matches!(&self.place, Ok(Some(place)) if place.pointer("/metadata/deletionTimestamp").is_some())
    }

    /// Objects of our names that we did not write. A namespace that a person made is what people do.
    fn names(&self) -> CheckLine {
        let mut findings = Vec::new();
        for object in self.objects.iter().filter(|object| object.kind.1 != "Namespace") {
            match &object.present {
                Err(finding) => findings.push(finding.clone()),
                Ok(Some(live)) if !is_written_by(live, self.manager) => {
                    let owners = managers(live);
                    let why = format!("it is there already, and was written by {}", owners.join(", "));
                    let name = live.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
                    let mend = format!(
                        "Choose another namespace, or remove it: `kubectl delete {} {name} -n {}`.",
                        object.kind.1.to_lowercase(),
                        self.namespace
                    );
                    findings.push(CheckFinding::failure(Code::CheckForeign, &object.title, why, mend));
                }
                Ok(_) => {}
            }
        }
        CheckLine::new("namespace", "no object of our names has another owner", findings)
    }

    fn kinds(&self) -> CheckLine {
        let mut findings: Vec<CheckFinding> = Vec::new();
        for object in &self.objects {
            let (version, kind) = &object.kind;
            let finding = match &object.is_served {
                Ok(true) => continue,
                Ok(false) => {
                    let why =
                        format!("the API server does not serve {kind} of {version}, which {} needs", object.title);
                    CheckFinding::failure(Code::KindMissing, format!("{kind}.{version}"), why, missing_kind(version))
                }
                Err(finding) => finding.clone(),
            };
            if !findings.iter().any(|known| known.object == finding.object) {
                findings.push(finding);
            }
        }
        CheckLine::new("kubernetes", "the cluster has every kind that is rendered", findings)
    }

    fn storage(&self) -> CheckLine {
        let text = "there is a storage class for the volume of the database";
        if self.claims.is_empty() {
            return CheckLine::skipped("storage", text, "the stack renders no volume claim");
        }
        let classes = match &self.storage_classes {
            Ok(classes) => classes,
            Err(finding) => return CheckLine::new("storage", text, vec![finding.clone().only_warned()]),
        };
        let names: Vec<&str> = classes.iter().map(|class| class.name.as_str()).collect();
        let known = if names.is_empty() { "it has none".to_owned() } else { format!("it has {}", names.join(", ")) };
        let mut findings = Vec::new();
        for claim in &self.claims {
            let why = match &claim.class {
                Some(class) if names.contains(&class.as_str()) => continue,
                Some(class) => format!("the cluster has no storage class {class:?}; {known}"),
                None if classes.iter().any(|class| class.is_default) => continue,
                None => format!("the claim names no storage class, and the cluster has no default; {known}"),
            };
            let mend = match names.first() {
                Some(name) => format!("Set the class: `newleaf-deploy install --set database.storage.class={name}`."),
                None => "Install a volume provisioner, for example https://github.com/rancher/local-path-provisioner"
                    .to_owned(),
            };
            findings.push(CheckFinding::failure(Code::CheckStorageClass, &claim.title, why, mend));
        }
        CheckLine::new("storage", text, findings)
    }

    fn references(&self) -> CheckLine {
        let mut findings = Vec::new();
        for reference in &self.references {
            match &reference.is_there {
                Ok(true) => {}
                Err(finding) => findings.push(finding.clone().only_warned()),
                Ok(false) => {
                    let why = "the document refers to it, and it does not exist";
                    let kind = reference.title.split(' ').next().unwrap_or_default();
                    let name = reference.title.rsplit('/').next().unwrap_or_default();
                    let command = if kind == "Secret" { "secret generic" } else { "configmap" };
                    let mend = format!(
                        "Create it: `kubectl create {command} {name} -n {} --from-file=KEY=FILE`.",
                        self.namespace
                    );
                    findings.push(CheckFinding::failure(Code::CheckReference, &reference.title, why, mend));
                }
            }
        }
        CheckLine::new("references", "every ConfigMap and Secret that the document names is there", findings)
    }

    fn admission(&self) -> CheckLine {
        let text = format!("the API server would take every object (tried in namespace {})", self.rehearsed_in);
        if self.is_terminating() {
            return CheckLine::skipped("admission", text, "the namespace is being deleted");
        }
        let tried: Vec<_> =
            self.objects.iter().filter_map(|object| Some((object, object.rehearsal.as_ref()?))).collect();
        if tried.is_empty() {
            return CheckLine::skipped("admission", text, "nothing could be tried");
        }
        let refused = tried.into_iter().filter_map(|(object, rehearsal)| {
            let finding = rehearsal.as_ref().err()?.clone();
            Some(CheckFinding { object: object.title.clone(), ..finding })
        });
        CheckLine::new("admission", text, refused.collect())
    }

    fn quota(&self) -> CheckLine {
        let text = "the quotas of the namespace leave room for the pods";
        match &self.quotas {
            Err(finding) => CheckLine::new("admission", text, vec![finding.clone().only_warned()]),
            Ok(quotas) if quotas.is_empty() => CheckLine::skipped("admission", text, "the namespace has no quota"),
            Ok(_) if self.objects.iter().any(|object| is_ours(object, self.manager)) => {
                CheckLine::skipped("admission", text, "the stack is installed, and its pods count already")
            }
            Ok(quotas) => CheckLine::new("admission", text, quota::judge(quotas, &self.needs)),
        }
    }

    fn images(&self) -> CheckLine {
        let text = "the nodes have the images";
        let nodes = match &self.nodes {
            Err(finding) => return CheckLine::skipped("images", text, finding.why.clone()),
            Ok(nodes) if nodes.iter().all(|node| node.images.is_empty()) => {
                return CheckLine::skipped("images", text, "no node lists its images");
            }
            Ok(nodes) => nodes,
        };
        let mut findings = Vec::new();
        for image in &self.images {
            let has = |node: &NodeFacts| node.images.iter().any(|known| is_same_image(known, image));
            if !nodes.iter().any(has) {
                let why = "no node lists it; the kubelet must pull it when the pod starts";
                let import = self.image_import.replace("IMAGE", image);
                let mend = format!("Nothing to do where the registry can be reached. Else: {import}");
                findings.push(CheckFinding::warning(Code::CheckImage, image, why, mend));
            }
        }
        CheckLine::new("images", text, findings)
    }
}

fn is_ours(object: &ObjectFacts, manager: &str) -> bool {
    let Ok(Some(live)) = &object.present else { return false };
    object.kind.1 == "Deployment" && is_written_by(live, manager)
}

/// The managers of the fields of an object, each once.
fn managers(live: &Value) -> Vec<&str> {
    let entries = live.pointer("/metadata/managedFields").and_then(Value::as_array).into_iter().flatten();
    let mut managers: Vec<&str> = entries.filter_map(|entry| entry.get("manager")?.as_str()).collect();
    managers.dedup();
    if managers.is_empty() { vec!["an unknown program"] } else { managers }
}

/// Whether a program has applied an object.
pub fn is_written_by(live: &Value, manager: &str) -> bool {
    managers(live).contains(&manager)
}

/// Whether a node's name of an image is the one of a pod. Nodes write the registry out: `docker.io/library/postgres:17`.
fn is_same_image(known: &str, wanted: &str) -> bool {
    let plain = |name: &str| name.trim_start_matches("docker.io/").trim_start_matches("library/").to_owned();
    plain(known) == plain(wanted)
}

/// Who brings the kinds of a group.
fn missing_kind(version: &str) -> String {
    let group = version.split('/').next().unwrap_or_default();
    match group {
        "monitoring.coreos.com" => "Install the Prometheus Operator, or switch monitoring off: `--set monitoring.serviceMonitor=false --set monitoring.alerts=false`.",
        "gateway.networking.k8s.io" => "Install the Gateway API: https://gateway-api.sigs.k8s.io/guides/, or set ingress.kind.",
        "external-secrets.io" => "Install the External Secrets Operator: https://external-secrets.io, or leave externalSecrets out.",
        "route.openshift.io" => "This is no OpenShift: set platform, or `--set ingress.kind=ingress`.",
        _ => "Install the operator that brings the kind, or remove the object from the raw layer.",
    }
    .to_owned()
}
