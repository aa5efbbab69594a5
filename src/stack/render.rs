//! All objects of a stack.

use crate::components::{self, COMPONENTS};
use crate::object::Object;
use crate::settings::Settings;

/// The objects in the order in which they are applied. `rotation` is what the rotation's own renderer makes from
/// [`components::rotation::document`].
pub fn render(settings: &Settings, rotation: Vec<Object>) -> Vec<Object> {
    let mut objects: Vec<Object> = COMPONENTS.iter().flat_map(|(_, component)| component(settings)).collect();
    objects.extend(components::rotation::objects(settings, rotation));
    // The order of components within a phase stays.
    objects.sort_by_key(Object::phase);
    objects
}
