//! All objects of a stack.

use crate::components::COMPONENTS;
use crate::object::Object;
use crate::settings::Settings;

/// The objects in the order in which they are applied.
pub fn render(settings: &Settings) -> Vec<Object> {
    let mut objects: Vec<Object> = COMPONENTS.iter().flat_map(|(_, component)| component(settings)).collect();
    // The order of components within a phase stays.
    objects.sort_by_key(Object::phase);
    objects
}
