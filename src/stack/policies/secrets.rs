//! No secret outside of a Secret: everybody who may read a ConfigMap or a workload would have it.

use serde_json::Value;

use crate::object::text;
use crate::policies::walk::{containers, items, pods};
use crate::policies::{Complaint, Rendered};
use crate::settings::app_config::{is_secret_name, literal_secrets};

/// A private key in PEM, or a login in an address.
fn shows_secret(text: &str) -> bool {
    let is_key = text.contains("-----BEGIN") && text.contains("PRIVATE KEY-----");
    is_key || text.split("://").skip(1).any(has_password)
}

/// `user:password@host`, unless the password comes from the environment.
fn has_password(address: &str) -> bool {
    let end = address.find(['/', ' ', '"', '\'', '\n', '?']).unwrap_or(address.len());
    let (authority, _) = address.split_at(end);
    match authority.rsplit_once('@').and_then(|(login, _)| login.split_once(':')) {
        Some((_, password)) => !password.is_empty() && !password.starts_with("${") && !password.starts_with("$("),
        None => false,
    }
}

/// In `ConfigMaps`: as the whole value of a key, or inside of YAML.
pub fn in_config_maps(rendered: Rendered<'_>) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for object in rendered.objects.iter().filter(|object| object.kind() == "ConfigMap") {
        let data = ["data", "binaryData"].into_iter().filter_map(|key| object.value().get(key)?.as_object());
        for (key, value) in data.flatten() {
            let text = value.as_str().unwrap_or_default();
            if shows_secret(text) || (is_secret_name(key) && !text.is_empty()) {
                complaints.push((object.title(), format!("`{key}` holds a secret")));
            }
            let yaml: Option<Value> = serde_saphyr::from_str(text).ok();
            // It names Secrets under keys that are called `secret`, and its own schema has no place for one.
            let yaml = yaml.filter(|yaml| yaml["kind"] != "Rotation");
            for path in yaml.iter().flat_map(|yaml| literal_secrets(key, yaml)) {
                complaints.push((object.title(), format!("`{path}` holds a secret")));
            }
        }
    }
    complaints
}

/// In the arguments and in the literal variables of containers.
pub fn in_pods(rendered: Rendered<'_>) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for pod in pods(rendered.objects) {
        for container in containers(pod.spec) {
            let name = text(container, "/name");
            for word in items(container, "command").chain(items(container, "args")).filter_map(Value::as_str) {
                let option =
                    word.split_once('=').filter(|(name, value)| is_secret_name(name) && !value.starts_with('$'));
                if shows_secret(word) || option.is_some() {
                    complaints.push((pod.object.title(), format!("an argument of `{name}` holds a secret")));
                }
            }
            for variable in items(container, "env") {
                let (variable, value) = (text(variable, "/name"), text(variable, "/value"));
                if !value.is_empty() && (is_secret_name(variable) || shows_secret(value)) {
                    complaints.push((pod.object.title(), format!("`{variable}` of `{name}` holds a secret")));
                }
            }
        }
    }
    complaints
}
