//! A container of another installer: its image, arguments, variables, mounts and resources.

use serde_json::{Value, json};

use crate::import::draft::{Draft, is_empty, take};
use crate::settings::app_config::is_secret_name;
use crate::settings::values::ImageReference;

/// An image that is pinned; the others are left out.
pub(super) fn image(draft: &mut Draft, place: &str, image: &str) {
    if image.parse::<ImageReference>().is_ok() {
        draft.set("backstage.image", json!(image));
    } else {
        draft.leave(
            place,
            format!("{image:?} is not pinned: name an image with a tag other than `latest`, or a digest"),
        );
    }
}

/// The program and its arguments. `--config FILE` names files of the image.
pub(super) fn command(draft: &mut Draft, command: Option<Value>, arguments: Option<Value>) {
    let texts = |value: Option<Value>| -> Vec<String> {
        let items = value.and_then(|value| value.as_array().cloned()).unwrap_or_default();
        items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let given = texts(command);
    let has_program = !given.is_empty();
    let mut program = Vec::new();
    let mut words = given.into_iter().chain(texts(arguments)).peekable();
    while let Some(word) = words.next() {
        if word == "--config" {
            if let Some(file) = words.next() {
                draft.push("backstage.imageConfig", json!(file));
            }
        } else {
            program.push(word);
        }
    }
    if has_program {
        draft.set("backstage.command", json!(program));
    } else if !program.is_empty() {
        draft.leave("args", "arguments without a command: give backstage.command with the program and these arguments");
    }
}

/// Environment variables.
pub(super) fn env(draft: &mut Draft, place: &str, variables: &Value) {
    for (index, variable) in variables.as_array().into_iter().flatten().enumerate() {
        let place = format!("{place}[{index}]");
        let Some(name) = variable.get("name").and_then(Value::as_str) else {
            draft.leave(&place, "a variable without a name");
            continue;
        };
        let reference = |kind: &str| {
            let reference = variable.pointer(&format!("/valueFrom/{kind}"))?;
            Some(json!({ "name": reference.get("name")?, "key": reference.get("key")? }))
        };
        if let Some(secret) = reference("secretKeyRef") {
            draft.push("backstage.env", json!({ "name": name, "secret": secret }));
        } else if let Some(config_map) = reference("configMapKeyRef") {
            draft.push("backstage.env", json!({ "name": name, "configMap": config_map }));
        } else if is_database_variable(name) {
            draft.leave(&place, "the stack writes the connection to the database; no password is needed");
        } else if is_secret_name(name) {
            draft.leave(&place, "a secret in plain words: keep it in a Secret and name that in backstage.env");
        } else if let Some(value) = variable.get("value") {
            draft.push("backstage.env", json!({ "name": name, "value": value }));
        } else {
            draft.leave(&place, "only a value, a key of a ConfigMap or a key of a Secret has an equivalent");
        }
    }
}

fn is_database_variable(name: &str) -> bool {
    name.starts_with("POSTGRES_") || name.starts_with("POSTGRESQL_")
}

/// All keys of an object as variables.
pub(super) fn env_from(draft: &mut Draft, place: &str, sources: &Value) {
    for (index, source) in sources.as_array().into_iter().flatten().enumerate() {
        let name = |key: &str| source.pointer(&format!("/{key}/name")).cloned();
        match (name("configMapRef"), name("secretRef")) {
            (Some(name), _) => draft.push("backstage.envFrom", json!({ "configMap": name })),
            (None, Some(name)) => draft.push("backstage.envFrom", json!({ "secret": name })),
            (None, None) => draft.leave(&format!("{place}[{index}]"), "neither a ConfigMap nor a Secret"),
        }
    }
}

/// Processor time and memory; what else a container may reserve has no equivalent.
pub(super) fn resources(draft: &mut Draft, place: &str, mut resources: Value) {
    for part in ["requests", "limits"] {
        for key in ["cpu", "memory"] {
            if let Some(quantity) = take(&mut resources, &format!("{part}.{key}")) {
                draft.set(&format!("backstage.resources.{part}.{key}"), quantity);
            }
        }
    }
    if !is_empty(&resources) {
        draft.leave(place, "only cpu and memory have an equivalent; write others as a raw layer");
    }
}

/// Mounts of a whole ConfigMap or Secret become `backstage.files`.
pub(super) fn mounts(draft: &mut Draft, place: &str, volumes: &Value, mounts: &Value) {
    for (index, mount) in mounts.as_array().into_iter().flatten().enumerate() {
        let place = format!("{place}[{index}]");
        if mount.get("subPath").is_some() {
            draft.leave(&place, "a file that is mounted alone (subPath) never gets updates: mount the whole directory");
            continue;
        }
        let volume = volumes.as_array().into_iter().flatten().find(|volume| volume.get("name") == mount.get("name"));
        let source = |pointer: &str| volume.and_then(|volume| volume.pointer(pointer)).cloned();
        match (source("/configMap/name"), source("/secret/secretName"), mount.get("mountPath")) {
            (Some(name), _, Some(path)) => {
                draft.push("backstage.files", json!({ "path": path, "configMap": name }));
            }
            (None, Some(name), Some(path)) => draft.push("backstage.files", json!({ "path": path, "secret": name })),
            (_, _, _) => {
                draft
                    .leave(&place, "only whole ConfigMaps and Secrets have an equivalent; write others as a raw layer");
            }
        }
    }
}
