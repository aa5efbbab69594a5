//! Properties of every merge, and examples of what users write.

mod app_config;
mod examples;
mod object_list;
mod properties;

use serde_json::Value;

use super::tree::{Content, MergeTree};

/// The layers of a test, as origins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layer {
    Lower,
    Upper,
}

fn lower(value: Value) -> MergeTree<Layer> {
    MergeTree::from_value(value, &Layer::Lower)
}

fn upper(value: Value) -> MergeTree<Layer> {
    MergeTree::from_value(value, &Layer::Upper)
}

/// The origin of the value at keys and positions, as `spec.containers.0.image`.
fn origin(tree: &MergeTree<Layer>, path: &str) -> Layer {
    let mut here = tree;
    for step in path.split('.') {
        here = match &here.content {
            Content::Map(fields) => &fields[step],
            Content::List(elements) => &elements[step.parse::<usize>().unwrap()],
            Content::Null | Content::Bool(_) | Content::Number(_) | Content::Text(_) => panic!("nothing below {step}"),
        };
    }
    here.origin
}
