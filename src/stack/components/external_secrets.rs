//! Secrets that the External Secrets Operator brings. Certificates are never among them: the rotation writes those.

use serde_json::{Map, Value, json};

use crate::components::Component;
use crate::components::common::{BACKSTAGE, metadata};
use crate::document::operations::SecretStoreKind;
use crate::object::{Object, Phase};
use crate::settings::Settings;
use crate::settings::operations::BroughtSecret;
use crate::settings::values::{ObjectKey, PlainText};

/// One `ExternalSecret` a Secret.
pub fn objects(settings: &Settings) -> Vec<Object> {
    let Some(external) = &settings.external_secrets else { return Vec::new() };
    let kind = match external.store_kind {
        SecretStoreKind::SecretStore => "SecretStore",
        SecretStoreKind::ClusterSecretStore => "ClusterSecretStore",
    };
    let object = |secret: &BroughtSecret| {
        let name = secret.name.as_str();
        let value = json!({
            "apiVersion": "external-secrets.io/v1",
            "kind": "ExternalSecret",
            "metadata": metadata(settings, name, BACKSTAGE, Component::ExternalSecrets),
            "spec": {
                "refreshInterval": external.refresh_interval.as_str(),
                "secretStoreRef": { "kind": kind, "name": external.store.as_str() },
                "target": { "name": name, "creationPolicy": "Owner", "deletionPolicy": "Retain" },
                "data": data(secret),
            },
        });
        Object::from_value(value, Component::ExternalSecrets, Phase::Configuration)
    };
    external.secrets.iter().map(object).collect()
}

fn data(secret: &BroughtSecret) -> Vec<Value> {
    let entry = |(key, remote, property): &(ObjectKey, PlainText, Option<PlainText>)| {
        let mut reference = Map::new();
        reference.insert("key".to_owned(), json!(remote.as_str()));
        if let Some(property) = property {
            reference.insert("property".to_owned(), json!(property.as_str()));
        }
        json!({ "secretKey": key.as_str(), "remoteRef": reference })
    };
    secret.entries.iter().map(entry).collect()
}
