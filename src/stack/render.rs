//! All objects of a stack.

use crate::components::COMPONENTS;
use crate::layers::placed::PlacedProblem;
use crate::layers::raw::{self, LayeredObjects};
use crate::object::Object;
use crate::settings::Settings;

/// The objects in the order in which they are applied, with the raw layers over them.
pub fn render(settings: &Settings) -> Vec<Object> {
    let rendered = without_layers(settings);
    if settings.partial_objects.is_empty() {
        return rendered;
    }
    match layered(settings) {
        Ok(layered) => layered.objects,
        // Settings get only layers that were merged with them once.
        Err(_) => rendered,
    }
}

/// The objects with the raw layers over them, and where each value comes from.
pub fn layered(settings: &Settings) -> Result<LayeredObjects, PlacedProblem> {
    raw::apply(&without_layers(settings), &settings.partial_objects, settings.namespace.as_str())
}

fn without_layers(settings: &Settings) -> Vec<Object> {
    let mut objects: Vec<Object> = COMPONENTS.iter().flat_map(|(_, component)| component(settings)).collect();
    // The order of components within a phase stays.
    objects.sort_by_key(Object::phase);
    objects
}
