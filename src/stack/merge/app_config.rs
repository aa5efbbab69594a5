//! Layers of app-config, merged as Backstage does: objects by key, everything else replaced, and a `null` hides what lower
//! layers say. Source: `ConfigReader` of `@backstage/config` (since 1.2.0) over the files that `@backstage/config-loader` read.
//!
//! What Backstage only knows when it starts is left as it stands: `${NAME}`, and `$env`, `$file` and `$include`, which each
//! replace what is below them. Backstage itself merges the map that a `$include` turns out to be, and takes a value for
//! absent whose variable is not set.

use super::path::Path;
use super::tree::{Content, Map, MergeTree};

/// The keys of `createIncludeTransform` in `@backstage/config-loader`.
const INCLUDES: [&str; 3] = ["$file", "$env", "$include"];

/// Why Backstage would not take a layer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct AppConfigError {
    /// The layer; the lowest is 0.
    pub layer: usize,
    /// The place in it.
    pub path: Path,
    /// What is wrong there.
    pub problem: AppConfigProblem,
}

/// What is wrong with a layer of app-config.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppConfigProblem {
    /// The root of the file is a scalar or a list.
    #[error("an app-config is a map")]
    NotAMap,
    /// Another key beside `$file`.
    #[error("`{0}` stands alone: Backstage takes no other keys beside it")]
    AdjacentKeys(&'static str),
    /// `$file` of something that is no text.
    #[error("`{0}` takes a text")]
    NotAText(&'static str),
}

/// Merges layers, the lowest first, which is the order of `--config`. `None` if no layer says anything.
pub fn merge<O>(layers: Vec<MergeTree<O>>) -> Result<Option<MergeTree<O>>, AppConfigError> {
    let mut merged: Option<MergeTree<O>> = None;
    for (layer, tree) in layers.into_iter().enumerate() {
        let at = |(path, problem)| AppConfigError { layer, path, problem };
        let root = Path::root();
        check(&tree, &root).map_err(at)?;
        // An empty file.
        if tree.is_null() {
            continue;
        }
        let Ok(upper) = into_map(tree) else { return Err(at((root, AppConfigProblem::NotAMap))) };
        merged = Some(merge_onto(merged, upper));
    }
    Ok(merged)
}

fn merge_maps<O>(mut lower: Map<O>, upper: Map<O>) -> Map<O> {
    for (key, value) in upper {
        let below = lower.remove(&key);
        if let Some(merged) = merge_values(below, value) {
            lower.insert(key, merged);
        }
    }
    lower
}

fn merge_values<O>(below: Option<MergeTree<O>>, value: MergeTree<O>) -> Option<MergeTree<O>> {
    if value.is_null() {
        return None;
    }
    match into_map(value) {
        Ok(upper) => Some(merge_onto(below, upper)),
        Err(other) => Some(other),
    }
}

/// Merges a map onto what is below it. A value below that is no map is hidden.
fn merge_onto<O>(below: Option<MergeTree<O>>, (origin, upper): (O, Map<O>)) -> MergeTree<O> {
    match below.map(into_map) {
        Some(Ok((origin, lower))) => MergeTree::map(origin, merge_maps(lower, upper)),
        Some(Err(_)) | None => MergeTree::map(origin, merge_maps(Map::new(), upper)),
    }
}

/// The fields of a map that is merged, with its origin; any other value as it is.
fn into_map<O>(tree: MergeTree<O>) -> Result<(O, Map<O>), MergeTree<O>> {
    match tree {
        MergeTree { origin, content: Content::Map(fields) } if include_of(&fields).is_none() => Ok((origin, fields)),
        other => Err(other),
    }
}

fn include_of<O>(fields: &Map<O>) -> Option<&'static str> {
    INCLUDES.into_iter().find(|include| fields.contains_key(*include))
}

fn check<O>(tree: &MergeTree<O>, path: &Path) -> Result<(), (Path, AppConfigProblem)> {
    match &tree.content {
        Content::Map(fields) => {
            if let Some(include) = include_of(fields) {
                return check_include(fields, include).map_err(|problem| (path.clone(), problem));
            }
            fields.iter().try_for_each(|(key, value)| check(value, &path.key(key)))
        }
        Content::List(elements) => {
            elements.iter().enumerate().try_for_each(|(index, element)| check(element, &path.index(index)))
        }
        Content::Null | Content::Bool(_) | Content::Number(_) | Content::Text(_) => Ok(()),
    }
}

fn check_include<O>(fields: &Map<O>, include: &'static str) -> Result<(), AppConfigProblem> {
    let is_text = fields.get(include).is_some_and(|value| matches!(value.content, Content::Text(_)));
    match (fields.len(), is_text) {
        (1, true) => Ok(()),
        (1, false) => Err(AppConfigProblem::NotAText(include)),
        _ => Err(AppConfigProblem::AdjacentKeys(include)),
    }
}
