//! Which other tool keeps an object of the stack: by the marks that the tool leaves on it, or by the fields that it applied. Pure.

use std::fmt;

use serde_json::Value;
use stack::export::Tool;

use crate::cluster::FIELD_MANAGER;

/// A tool, and what it calls the thing that an object belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackKeeper {
    /// The tool.
    pub tool: Tool,
    /// The release, Kustomization or Application.
    pub name: Option<String>,
}

/// A label or an annotation by which a tool knows its objects again, and what it calls its value.
#[derive(Debug)]
struct Mark {
    tool: Tool,
    map: &'static str,
    key: &'static str,
    what: &'static str,
}

const fn mark(tool: Tool, map: &'static str, key: &'static str, what: &'static str) -> Mark {
    Mark { tool, map, key, what }
}

/// The marks with a name. Those of a `HelmRelease` come before those of Helm, for Flux leaves both.
const MARKS: [Mark; 5] = [
    mark(Tool::Flux, "labels", "kustomize.toolkit.fluxcd.io/name", "Kustomization"),
    mark(Tool::Flux, "labels", "helm.toolkit.fluxcd.io/name", "HelmRelease"),
    mark(Tool::Argocd, "annotations", "argocd.argoproj.io/tracking-id", "Application"),
    mark(Tool::Argocd, "labels", "argocd.argoproj.io/instance", "Application"),
    mark(Tool::Helm, "annotations", "meta.helm.sh/release-name", "release"),
];
/// Marks that come with one of the others and say nothing more.
const FURTHER: [(Tool, &str, &str); 4] = [
    (Tool::Flux, "labels", "kustomize.toolkit.fluxcd.io/namespace"),
    (Tool::Flux, "labels", "helm.toolkit.fluxcd.io/namespace"),
    (Tool::Helm, "annotations", "meta.helm.sh/release-namespace"),
    (Tool::Kustomize, "annotations", "kubectl.kubernetes.io/last-applied-configuration"),
];

/// The field managers under which a tool writes. It applies as the first one.
pub const fn managers(tool: Tool) -> &'static [&'static str] {
    match tool {
        Tool::Helm => &["helm"],
        Tool::Kustomize => &["kubectl", "kubectl-client-side-apply"],
        Tool::Flux => &["kustomize-controller", "helm-controller"],
        Tool::Argocd => &["argocd-controller"],
    }
}

/// The labels and annotations of a tool, each with the map that it is in.
pub fn marks(tool: Tool) -> impl Iterator<Item = (&'static str, &'static str)> {
    let named = MARKS.iter().map(|mark| (mark.tool, mark.map, mark.key));
    named.chain(FURTHER).filter(move |(of, ..)| *of == tool).map(|(_, map, key)| (map, key))
}

impl fmt::Display for StackKeeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{} ({name})", self.tool),
            None => write!(f, "{}", self.tool),
        }
    }
}

/// The tool that marked an object as its own.
pub fn marked(live: &Value) -> Option<StackKeeper> {
    MARKS.iter().find_map(|mark| {
        let value = live.get("metadata")?.get(mark.map)?.get(mark.key)?.as_str()?;
        // Argo CD: APPLICATION:GROUP/KIND:NAMESPACE/NAME
        let value = value.split(':').next().unwrap_or_default();
        Some(StackKeeper { tool: mark.tool, name: Some(format!("{} {value}", mark.what)) })
    })
}

/// The tool that keeps an object which is no member of the stack: it marked the object, or it applied fields of it.
pub fn keeper(live: &Value) -> Option<StackKeeper> {
    if let Some(keeper) = marked(live) {
        return Some(keeper);
    }
    let applied = applied_by(live);
    if applied.contains(&FIELD_MANAGER) {
        return None;
    }
    let tool = Tool::ALL.into_iter().find(|tool| managers(*tool).iter().any(|manager| applied.contains(manager)))?;
    Some(StackKeeper { tool, name: None })
}

/// The managers that applied fields, by the API server or by kubectl itself.
fn applied_by(live: &Value) -> Vec<&str> {
    let entries = live.pointer("/metadata/managedFields").and_then(Value::as_array).into_iter().flatten();
    let applied = entries.filter_map(|entry| {
        let manager = entry.get("manager")?.as_str()?;
        let is_applied = entry.get("operation")?.as_str()? == "Apply" || manager == "kubectl-client-side-apply";
        is_applied.then_some(manager)
    });
    applied.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_tool_is_known_by_its_marks() {
        for (metadata, expected) in [
            (json!({"labels": {"kustomize.toolkit.fluxcd.io/name": "database"}}), "Flux (Kustomization database)"),
            (
                json!({"labels": {"helm.toolkit.fluxcd.io/name": "a"}, "annotations": {"meta.helm.sh/release-name": "b"}}),
                "Flux (HelmRelease a)",
            ),
            (
                json!({"annotations": {"argocd.argoproj.io/tracking-id": "portal:apps/Deployment:n/backstage"}}),
                "Argo CD (Application portal)",
            ),
            (json!({"annotations": {"meta.helm.sh/release-name": "portal"}}), "Helm (release portal)"),
            (json!({"managedFields": [{"manager": "kustomize-controller", "operation": "Apply"}]}), "Flux"),
            (
                json!({"managedFields": [{"manager": "kubectl-client-side-apply", "operation": "Update"}]}),
                "kubectl apply",
            ),
        ] {
            let found = keeper(&json!({"metadata": metadata})).map(|keeper| keeper.to_string());
            assert_eq!(found.as_deref(), Some(expected), "{metadata}");
        }
    }

    #[test]
    fn what_people_and_controllers_write_makes_them_no_keepers() {
        for entry in [
            json!({"manager": "kubectl-edit", "operation": "Update"}),
            json!({"manager": "kube-controller-manager", "operation": "Update"}),
            json!({"manager": "argocd-controller", "operation": "Update"}),
            json!({"manager": "a-policy", "operation": "Apply"}),
        ] {
            assert_eq!(keeper(&json!({"metadata": {"managedFields": [entry]}})), None, "{entry}");
        }
        let ours = json!([{"manager": FIELD_MANAGER, "operation": "Apply"}, {"manager": "helm", "operation": "Apply"}]);
        assert_eq!(keeper(&json!({"metadata": {"managedFields": ours}})), None, "its fields conflict one by one");
    }
}
