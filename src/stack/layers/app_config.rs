//! The layers of app-config, merged as Backstage merges them when it starts. Each stays an object of its own: this is only to
//! explain them, and to refuse what Backstage would refuse.

use base::layers::origin::Origin;
use base::layers::path::FieldPath;

use crate::components::app_config::generated;
use crate::layers::convert::merge_tree;
use crate::layers::document::LayeredDocument;
use crate::layers::placed::PlacedProblem;
use crate::layers::provenance::{Provenance, through};
use crate::merge::app_config;
use crate::merge::tree::MergeTree;
use crate::settings::Settings;
use crate::settings::app_config::AppConfigLayer;

/// What is known of the app-config.
#[derive(Debug, Clone)]
pub struct LayeredAppConfig {
    /// The layers that can be read, the lowest first.
    pub layers: Vec<MergeTree<Origin>>,
    /// What the layers make, after each of them.
    pub stages: Vec<Option<MergeTree<Origin>>>,
    /// Layers that only the cluster knows, in words.
    pub unread: Vec<String>,
}

impl LayeredAppConfig {
    /// Merges the generated layer and those of the document.
    pub fn of(document: &LayeredDocument, settings: &Settings) -> Result<Self, PlacedProblem> {
        let mut layers = vec![MergeTree::from_value(generated(settings), &Origin::Default)];
        let mut unread = Vec::new();
        for (index, layer) in settings.backstage.layers.iter().enumerate() {
            match layer {
                AppConfigLayer::Inline(_) => {
                    let given = document.tree.find(&format!("backstage.appConfig[{index}].inline"));
                    layers.extend(given.map(merge_tree));
                }
                AppConfigLayer::Referenced(entry) => unread.push(format!(
                    "{} {} ({})",
                    entry.object.kind.name(),
                    entry.object.name.as_str(),
                    entry.key.as_str()
                )),
            }
        }
        let merge = |count: usize| {
            app_config::merge(layers.iter().take(count).cloned().collect()).map_err(|error| {
                let layer = layers.get(error.layer);
                let found = layer.and_then(|layer| layer.at(&error.path).or(Some(layer)));
                let origin = found.map(|found| found.origin.clone()).unwrap_or_default();
                PlacedProblem { origin, problem: format!("app-config: {error}") }
            })
        };
        let stages = (1..=layers.len()).map(merge).collect::<Result<_, _>>()?;
        Ok(Self { layers, stages, unread })
    }

    /// Where a value comes from; `None` where no layer that can be read gives it.
    pub fn explain(&self, path: &FieldPath) -> Option<Provenance> {
        through(self.stages.iter().map(Option::as_ref).zip(self.layers.iter().map(Some)), path)
    }
}
