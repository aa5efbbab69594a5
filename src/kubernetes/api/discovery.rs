//! Which resource a kind is. Kubernetes' own kinds are known; the API server is asked for all others, once a group and version.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use kube::Client;
use serde::Deserialize;

use crate::api::call::Call;
use crate::api::error::KubernetesError;
use crate::api::resource::{DescribedResource, Resource};

/// Kubernetes' own kinds that a cluster always has: version, kind, plural, whether they are in namespaces.
const KNOWN: [(&str, &str, &str, bool); 27] = [
    ("v1", "ConfigMap", "configmaps", true),
    ("v1", "Namespace", "namespaces", false),
    ("v1", "PersistentVolume", "persistentvolumes", false),
    ("v1", "PersistentVolumeClaim", "persistentvolumeclaims", true),
    ("v1", "Pod", "pods", true),
    ("v1", "Secret", "secrets", true),
    ("v1", "Service", "services", true),
    ("v1", "ServiceAccount", "serviceaccounts", true),
    ("apps/v1", "DaemonSet", "daemonsets", true),
    ("apps/v1", "Deployment", "deployments", true),
    ("apps/v1", "ReplicaSet", "replicasets", true),
    ("apps/v1", "StatefulSet", "statefulsets", true),
    ("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true),
    ("batch/v1", "CronJob", "cronjobs", true),
    ("batch/v1", "Job", "jobs", true),
    ("coordination.k8s.io/v1", "Lease", "leases", true),
    ("networking.k8s.io/v1", "Ingress", "ingresses", true),
    ("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", true),
    ("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", true),
    ("rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", false),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings", false),
    ("rbac.authorization.k8s.io/v1", "Role", "roles", true),
    ("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings", true),
    ("scheduling.k8s.io/v1", "PriorityClass", "priorityclasses", false),
    ("storage.k8s.io/v1", "StorageClass", "storageclasses", false),
    ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", "validatingadmissionpolicies", false),
    ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", false),
];

/// What has been found out so far.
#[derive(Debug, Default)]
pub struct Discovery {
    asked: BTreeMap<String, Vec<DescribedResource>>,
}

/// The resources of a group and version, as the API server lists them (`meta/v1 APIResourceList`).
#[derive(Debug, Deserialize)]
struct ResourceList {
    resources: Vec<ListedResource>,
}

#[derive(Debug, Deserialize)]
struct ListedResource {
    name: String,
    kind: String,
    namespaced: bool,
}

impl Discovery {
    /// The resource of a kind; `None` where the cluster does not have it, as where a CRD is not installed.
    pub async fn resource(
        &mut self,
        client: &Client,
        api_version: &str,
        kind: &str,
        limit: Duration,
    ) -> Result<Option<Resource>, KubernetesError> {
        if let Some((_, _, plural, namespaced)) = KNOWN.iter().find(|(v, k, ..)| (*v, *k) == (api_version, kind)) {
            return Ok(Some(described(api_version, kind, plural, *namespaced)));
        }
        if !self.asked.contains_key(api_version) {
            let resources = ask(client, api_version, limit).await?;
            self.asked.insert(api_version.to_owned(), resources);
        }
        let found = self.asked.get(api_version).into_iter().flatten().find(|resource| resource.kind == kind);
        Ok(found.map(|resource| Resource::Described(Arc::new(resource.clone()))))
    }
}

/// `apps/v1` as group and version.
fn split(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

fn described(api_version: &str, kind: &str, plural: &str, namespaced: bool) -> Resource {
    let (group, version) = split(api_version);
    Resource::Described(Arc::new(DescribedResource {
        group: group.to_owned(),
        version: version.to_owned(),
        kind: kind.to_owned(),
        plural: plural.to_owned(),
        namespaced,
    }))
}

async fn ask(client: &Client, api_version: &str, limit: Duration) -> Result<Vec<DescribedResource>, KubernetesError> {
    let root = if api_version.contains('/') { "apis" } else { "api" };
    let call = Call::get(described(api_version, "APIResourceList", "", false), "", api_version);
    let request = http::Request::get(format!("/{root}/{api_version}")).body(Vec::new());
    let request = request.map_err(kube::core::request::Error::BuildRequest);
    let listed: ResourceList = match call.answer(client, limit, request).await {
        Ok(answer) => answer.parse()?,
        Err(KubernetesError::NotFound { .. } | KubernetesError::Answered { code: 404, .. }) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let (group, version) = split(api_version);
    // Subresources (`deployments/status`) are no kinds of their own.
    let own = listed.resources.into_iter().filter(|resource| !resource.name.contains('/'));
    let described = |resource: ListedResource| DescribedResource {
        group: group.to_owned(),
        version: version.to_owned(),
        kind: resource.kind,
        plural: resource.name,
        namespaced: resource.namespaced,
    };
    Ok(own.map(described).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_has_the_path_that_kubernetes_serves() {
        let path = |version, kind| {
            let (_, _, plural, namespaced) =
                KNOWN.iter().find(|(v, k, ..)| (*v, *k) == (version, kind)).expect("known");
            Call::get(described(version, kind, plural, *namespaced), "a", "b").path()
        };
        assert_eq!(path("v1", "Service"), "/api/v1/namespaces/a/services");
        assert_eq!(path("v1", "Namespace"), "/api/v1/namespaces");
        assert_eq!(path("networking.k8s.io/v1", "Ingress"), "/apis/networking.k8s.io/v1/namespaces/a/ingresses");
    }
}
