//! One request to the API server, as data.

use std::fmt;

use crate::api::resource::Resource;

/// A request: enough for its path, and for the rule of a Role that allows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The verb: `get`, `list`, `create` or `patch`.
    pub verb: &'static str,
    /// The resource of the request.
    pub resource: Resource,
    /// The namespace of the request.
    pub namespace: String,
    /// The name of the object. `None` where a rule cannot name one (`list`, `create`).
    pub name: Option<String>,
}

impl Call {
    /// A request that reads one object.
    pub fn get(resource: Resource, namespace: &str, name: &str) -> Self {
        Self { verb: "get", resource, namespace: namespace.to_owned(), name: Some(name.to_owned()) }
    }

    /// A request that lists objects.
    pub fn list(resource: Resource, namespace: &str) -> Self {
        Self { verb: "list", resource, namespace: namespace.to_owned(), name: None }
    }

    /// A request that creates an object.
    pub fn create(resource: Resource, namespace: &str) -> Self {
        Self { verb: "create", resource, namespace: namespace.to_owned(), name: None }
    }

    /// A request that changes one object.
    pub fn patch(resource: Resource, namespace: &str, name: &str) -> Self {
        Self { verb: "patch", resource, namespace: namespace.to_owned(), name: Some(name.to_owned()) }
    }

    /// The rule that a Role needs for the request, as one line of YAML. It names no short-lived object.
    pub fn rule(&self) -> String {
        let comes_and_goes = matches!(self.resource, Resource::Job | Resource::Pod | Resource::PodLog);
        let names = match &self.name {
            Some(name) if !comes_and_goes => format!(", resourceNames: [{name}]"),
            Some(_) | None => String::new(),
        };
        let (group, resource) = (self.resource.group(), self.resource.as_str());
        format!("{{apiGroups: [\"{group}\"], resources: [{resource}]{names}, verbs: [{}]}}", self.verb)
    }

    /// The object, or the resource if the request names none.
    pub fn object(&self) -> String {
        match &self.name {
            Some(name) => format!("{}/{name}", self.resource.as_str()),
            None => self.resource.as_str().to_owned(),
        }
    }

    /// The path of the resource, in its namespace where it is in one.
    pub fn path(&self) -> String {
        let root = if self.resource.group().is_empty() { "api" } else { "apis" };
        let (version, plural) = (self.resource.version(), self.resource.plural());
        if self.resource.is_namespaced() {
            format!("/{root}/{version}/namespaces/{}/{plural}", self.namespace)
        } else {
            format!("/{root}/{version}/{plural}")
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb, self.object())?;
        if self.resource.is_namespaced() { write!(f, " in namespace {}", self.namespace) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_and_a_rule_name_the_same() {
        let secret = Call::get(Resource::Secret, "backstage", "postgres-tls");
        assert_eq!(secret.path(), "/api/v1/namespaces/backstage/secrets");
        assert_eq!(
            secret.rule(),
            "{apiGroups: [\"\"], resources: [secrets], resourceNames: [postgres-tls], verbs: [get]}"
        );
        let log = Call::get(Resource::PodLog, "backstage", "web-1");
        assert_eq!(log.path(), "/api/v1/namespaces/backstage/pods");
        assert_eq!(log.to_string(), "get pods/log/web-1 in namespace backstage");
        assert_eq!(log.rule(), "{apiGroups: [\"\"], resources: [pods/log], verbs: [get]}");
        let sets = Call::list(Resource::ReplicaSet, "backstage");
        assert_eq!(sets.path(), "/apis/apps/v1/namespaces/backstage/replicasets");
        assert_eq!(sets.rule(), "{apiGroups: [\"apps\"], resources: [replicasets], verbs: [list]}");
    }
}
