//! newleaf in a namespace with consumers of every sort, and who may do what there: the rights that the code lists, one object
//! each, and accounts that lack some of them.

use std::path::Path;

use rotation::document::resolve::{Environment, resolve};
use rotation::document::{Place, file};
use rotation::manifests::grants::{Actor, grants};
use serde_json::{Value, json};

use crate::audit::Asked;
use crate::ended::Ended;
use crate::installed::Installed;
use crate::kubectl::Namespace;

/// One verb on one object, or on all of a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Right {
    pub(crate) namespace: String,
    pub(crate) verb: &'static str,
    pub(crate) group: &'static str,
    pub(crate) resource: &'static str,
    pub(crate) name: Option<String>,
}

impl Right {
    pub(crate) fn covers(&self, asked: &Asked) -> bool {
        let what = (asked.namespace.as_str(), asked.verb.as_str(), asked.group.as_str(), asked.resource.as_str());
        (self.namespace.as_str(), self.verb, self.group, self.resource) == what
            && self.name.as_ref().is_none_or(|name| *name == asked.name)
    }

    /// Whether a message names the rule that is missing.
    pub(crate) fn is_named_in(&self, message: &str) -> bool {
        let Self { namespace, verb, group, resource, name } = self;
        let line = message.lines().find(|line| line.contains("this rule")).unwrap_or_default();
        let name = name.as_ref().map(|name| format!(", resourceNames: [{name}]")).unwrap_or_default();
        line.contains(&format!("in namespace {namespace}:"))
            && line.contains(&format!("{{apiGroups: [\"{group}\"], resources: [{resource}]{name}"))
            && line.contains(&format!(", verbs: [{verb}]}}"))
    }
}

/// A namespace with newleaf, and another one with a consumer.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) installed: Installed,
    pub(crate) other: Namespace,
}

impl Scene {
    /// A server that is reloaded, or restarted where that fails; a client by name; and clients by label elsewhere. None of
    /// them runs yet.
    pub(crate) fn set(test: &str) -> Option<Self> {
        let other = Namespace::restricted(&format!("{test}-other"))?;
        let consumers = format!(
            "
- {{name: postgres, loads: server, pickup: reload, nudge: true, fallback: {{restart: true}}, workload: statefulset/postgres}}
- {{name: backstage, loads: client, pickup: restart, workload: deployment/backstage}}
- {{name: reports, loads: client, pickup: restart, workload: deployment, selector: app=reports, namespace: {}}}
",
            other.name()
        );
        let installed = Installed::alone(test, &consumers, "")?;
        Some(Self { installed, other })
    }

    /// A service account as RBAC calls it.
    pub(crate) fn service_account(&self, name: &str) -> String {
        format!("system:serviceaccount:{}:{name}", self.installed.namespace.name())
    }

    /// newleaf as that account.
    pub(crate) fn newleaf_as(&self, account: &str, arguments: &[&str]) -> Ended {
        let file = self.installed.configuration();
        self.installed.newleaf(&[&["--config", &file, "--as", account], arguments].concat())
    }
}

/// What the code grants an account under the configuration that is in force.
pub(crate) fn granted(installed: &Installed, account: Actor) -> Vec<Right> {
    let text = installed.field("configmap/newleaf", ".data.newleaf\\.yaml");
    let layers = file::parse(Path::new("newleaf.yaml"), &text).expect("it is well formed");
    let environment = Environment { namespace: Some(installed.namespace.name()), ..Environment::default() };
    let configuration = resolve(&layers, environment).expect("it is valid");
    let Place::Cluster(place) = configuration.place else { unreachable!("it is for a cluster: {text}") };
    let own = grants(&place).into_iter().filter(|grant| grant.account == account);
    let rights = own.flat_map(|grant| {
        let names = if grant.names.is_empty() { vec![None] } else { grant.names.iter().cloned().map(Some).collect() };
        names.into_iter().map(move |name| Right {
            namespace: grant.namespace.clone(),
            verb: grant.verb,
            group: grant.group,
            resource: grant.resource,
            name,
        })
    });
    rights.collect()
}

/// Makes accounts with nothing but these rights each, and waits until the API server knows them.
pub(crate) fn make(namespace: &Namespace, accounts: &[(String, Vec<Right>)]) {
    let mut items = Vec::new();
    for (account, rights) in accounts {
        let mut namespaces: Vec<_> = rights.iter().map(|right| right.namespace.as_str()).collect();
        namespaces.sort_unstable();
        namespaces.dedup();
        for namespace in namespaces {
            let there = rights.iter().filter(|right| right.namespace == namespace);
            items.extend(role(account, namespace, &there.map(rule).collect::<Vec<_>>()));
        }
    }
    namespace.apply_where_they_say(&json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string());
    let known = accounts.last().and_then(|(account, rights)| Some((account, rights.last()?)));
    let (account, right) = known.expect("at least one account with a right");
    let (resource, sub) = right.resource.split_once('/').unwrap_or((right.resource, ""));
    let resource = format!("{resource}.{}", right.group);
    let object = [resource.trim_end_matches('.'), right.name.as_deref().unwrap_or_default()].join("/");
    let (object, sub) = (object.trim_end_matches('/'), format!("--subresource={sub}"));
    namespace
        .until(&["auth", "can-i", right.verb, object, &sub, "--as", account, "--namespace", &right.namespace], "yes");
}

fn rule(right: &Right) -> Value {
    let names = right.name.as_ref().map(|name| json!([name])).unwrap_or_default();
    json!({"apiGroups": [right.group], "resources": [right.resource], "resourceNames": names, "verbs": [right.verb]})
}

fn role(account: &str, namespace: &str, rules: &[Value]) -> [Value; 2] {
    let (group, metadata) = ("rbac.authorization.k8s.io", json!({"name": account, "namespace": namespace}));
    [
        json!({"apiVersion": format!("{group}/v1"), "kind": "Role", "metadata": metadata, "rules": rules}),
        json!({
            "apiVersion": format!("{group}/v1"),
            "kind": "RoleBinding",
            "metadata": metadata,
            "roleRef": {"apiGroup": group, "kind": "Role", "name": account},
            "subjects": [{"apiGroup": group, "kind": "User", "name": account}],
        }),
    ]
}
