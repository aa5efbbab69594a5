//! What one request to the API server asks for.

use std::fmt;

/// What a request asks for: enough to name the rule of a Role that allows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// `get`, `list`, `create`, `patch`, `update`.
    pub verb: &'static str,
    /// The API group; empty for the core group.
    pub group: &'static str,
    /// The resource in plural, with a subresource after a slash.
    pub resource: &'static str,
    /// The namespace.
    pub namespace: String,
    /// The object; `None` where a rule cannot name one (`list`, `create`).
    pub name: Option<String>,
}

impl Call {
    /// The rule that a Role needs for it, as one line of YAML.
    pub fn rule(&self) -> String {
        let names = match (&self.name, self.verb) {
            (Some(name), verb) if verb != "create" && verb != "list" => format!(", resourceNames: [{name}]"),
            _ => String::new(),
        };
        format!("{{apiGroups: [\"{}\"], resources: [{}]{names}, verbs: [{}]}}", self.group, self.resource, self.verb)
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { verb, resource, namespace, name, .. } = self;
        match name {
            Some(name) => write!(f, "{verb} {resource}/{name} in namespace {namespace}"),
            None => write!(f, "{verb} {resource} in namespace {namespace}"),
        }
    }
}
