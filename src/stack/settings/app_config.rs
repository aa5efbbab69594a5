//! The layers of app-config over the generated one.

use serde_json::{Map, Value};

use crate::document::backstage::AppConfigSection;
use crate::settings::checker::Checker;
use crate::settings::references::{EntryReference, ReferenceKind, entry};

/// A layer of app-config.
#[derive(Debug, Clone, PartialEq)]
pub enum AppConfigLayer {
    /// A key of a ConfigMap or of a Secret that is there already.
    Referenced(EntryReference),
    /// Becomes a ConfigMap.
    Inline(Map<String, Value>),
}

/// How the names of keys end that hold secrets in app-config.
pub const SECRET_ENDINGS: [&str; 10] = [
    "password",
    "secret",
    "token",
    "privatekey",
    "apikey",
    "accesskey",
    "secretkey",
    "passphrase",
    "credentials",
    "accesskeyid",
];

/// Whether a key of app-config, or a variable, is named like one that holds a secret.
pub fn is_secret_name(key: &str) -> bool {
    let key: String =
        key.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect();
    SECRET_ENDINGS.iter().any(|ending| key.ends_with(ending))
}

/// The paths of texts that are named like secrets and stand there in plain words.
pub fn literal_secrets(path: &str, value: &Value) -> Vec<String> {
    match value {
        Value::Object(map) => {
            map.iter().flat_map(|(key, value)| in_key(&format!("{path}.{key}"), key, value)).collect()
        }
        Value::Array(items) => {
            let of_item = |(index, item)| literal_secrets(&format!("{path}[{index}]"), item);
            items.iter().enumerate().flat_map(of_item).collect()
        }
        Value::String(text) if text.contains("-----BEGIN") && text.contains("PRIVATE KEY") => vec![path.to_owned()],
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

fn in_key(path: &str, key: &str, value: &Value) -> Vec<String> {
    match value {
        // `${NAME}` is replaced from the environment when Backstage starts.
        Value::String(text) if is_secret_name(key) && !text.is_empty() && !text.contains("${") => vec![path.to_owned()],
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            literal_secrets(path, value)
        }
    }
}

/// The layers, in their order.
pub(super) fn layers(checker: &mut Checker, given: &[AppConfigSection]) -> Option<Vec<AppConfigLayer>> {
    let layers: Vec<Option<AppConfigLayer>> =
        given.iter().enumerate().map(|(index, section)| layer(checker, index, section)).collect();
    layers.into_iter().collect()
}

fn layer(checker: &mut Checker, index: usize, section: &AppConfigSection) -> Option<AppConfigLayer> {
    let path = format!("backstage.appConfig[{index}]");
    let AppConfigSection { config_map, secret, inline } = section;
    let keys = [("configMap", config_map.is_some()), ("secret", secret.is_some()), ("inline", inline.is_some())];
    if !checker.exactly_one(&path, &keys) {
        return None;
    }
    if let Some(map) = inline {
        for found in literal_secrets(&format!("{path}.inline"), &Value::Object(map.clone())) {
            let limits = "this layer becomes a ConfigMap, which everybody may read";
            let way_out =
                "write `${NAME}` and take NAME from a Secret in `backstage.env`, or keep the layer in a Secret";
            checker.add(&found, "a secret in plain words", limits, way_out);
        }
        return Some(AppConfigLayer::Inline(map.clone()));
    }
    let entry = match (config_map, secret) {
        (Some(of), _) => entry(checker, &format!("{path}.configMap"), ReferenceKind::ConfigMap, of),
        (None, Some(of)) => entry(checker, &format!("{path}.secret"), ReferenceKind::Secret, of),
        (None, None) => None,
    };
    entry.map(AppConfigLayer::Referenced)
}
