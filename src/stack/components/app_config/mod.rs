//! The configuration of Backstage: the generated layer, and over it those of the document, each in an object of its own and in
//! the order in which Backstage is told of them.
//!
//! | File | Subject |
//! |---|---|
//! | `generated` | addresses, database, lifecycle |
//! | `features` | the parts that are switched on |
//! | this file | the ConfigMaps, and where the pod finds each layer |

mod features;
mod generated;

use k8s_openapi::api::core::v1::ConfigMap;
use serde_json::Value;

use crate::checksum::Checksum;
use crate::components::Component;
use crate::components::common::{BACKSTAGE, labels, metadata};
use crate::object::{Object, Phase};
use crate::settings::Settings;
use crate::settings::app_config::AppConfigLayer;
use crate::settings::references::{EntryReference, ReferenceKind};

pub(super) use generated::DATABASE_TRUST_DIRECTORY;
pub use generated::generated;

/// The ConfigMap of the generated layer.
pub const GENERATED: &str = "backstage-app-config";
/// The key of each ConfigMap of the stack.
const KEY: &str = "app-config.yaml";

/// A layer as the pod sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LayerFile {
    /// The kind of the object.
    pub(super) kind: ReferenceKind,
    /// The object.
    pub(super) object: String,
    /// Its key.
    pub(super) key: String,
    /// The name of the file. Numbers keep the order visible.
    pub(super) file: String,
}

/// The `ConfigMaps` of the generated and of the inline layers.
pub fn objects(settings: &Settings) -> Vec<Object> {
    let own = contents(settings).into_iter().map(|(name, text)| {
        let metadata = metadata(settings, &name, BACKSTAGE, Component::AppConfig);
        let config_map = ConfigMap { metadata, data: Some(labels([(KEY, text.as_str())])), ..ConfigMap::default() };
        Object::of(&config_map, Component::AppConfig, Phase::Configuration)
    });
    own.collect()
}

/// The `ConfigMaps` of the stack, each with its text.
fn contents(settings: &Settings) -> Vec<(String, String)> {
    let mut contents = vec![(GENERATED.to_owned(), text(&generated(settings)))];
    for (index, layer) in settings.backstage.layers.iter().enumerate() {
        if let AppConfigLayer::Inline(map) = layer {
            contents.push((inline_name(index), text(&Value::Object(map.clone()))));
        }
    }
    contents
}

/// As YAML; JSON is YAML too, should the writer not be able to.
fn text(value: &Value) -> String {
    serde_saphyr::to_string(value).unwrap_or_else(|_| value.to_string())
}

fn inline_name(index: usize) -> String {
    format!("{GENERATED}-{}", index.saturating_add(1))
}

/// All layers, lowest first.
pub(super) fn files(settings: &Settings) -> Vec<LayerFile> {
    let file = |index: usize, kind, object: &str, key: &str| LayerFile {
        kind,
        object: object.to_owned(),
        key: key.to_owned(),
        file: format!("{index:02}-{object}.yaml"),
    };
    let mut files = vec![file(0, ReferenceKind::ConfigMap, GENERATED, KEY)];
    for (index, layer) in settings.backstage.layers.iter().enumerate() {
        let number = index.saturating_add(1);
        files.push(match layer {
            AppConfigLayer::Inline(_) => file(number, ReferenceKind::ConfigMap, &inline_name(index), KEY),
            AppConfigLayer::Referenced(EntryReference { object, key }) => {
                file(number, object.kind, object.name.as_str(), key.as_str())
            }
        });
    }
    files
}

/// The checksum of everything that the stack itself says to Backstage.
pub(super) fn checksum(settings: &Settings) -> Checksum {
    let contents = contents(settings);
    contents.iter().fold(Checksum::default(), |sum, (name, text)| sum.with(name, KEY, text))
}

/// The variables that the generated layer refers to, each with where its value is.
pub(super) fn variables(settings: &Settings) -> Vec<(String, EntryReference)> {
    let given: Vec<&str> = settings.backstage.env.iter().map(|variable| variable.name.as_str()).collect();
    let mut variables = features::variables(settings);
    // Who sets a variable of that name means it.
    variables.retain(|(name, _)| !given.contains(&name.as_str()));
    variables
}
