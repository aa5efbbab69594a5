//! Files, variables and flags as layers: what was given, each value with its origin.

use std::path::Path;

use base::layers::merge::{merge, replace};
use base::layers::origin::Origin;
use base::layers::path::FieldPath;
use base::layers::setting::Form;
use base::layers::tree::Tree;
use base::layers::{schema, setting, yaml};

use crate::document::cluster_document;
use crate::document::error::ConfigurationError;
use crate::document::shape::{self, File};

/// Reads the text of a file of this machine into a layer. Unknown and repeated keys are errors.
pub fn parse(path: &Path, text: &str) -> Result<Tree, ConfigurationError> {
    let tree = yaml::parse(text, &Origin::file(path))?;
    tree.document::<File>()?;
    Ok(tree)
}

/// Reads the text of a document that is kept in a cluster into a layer: it can say less than a file of this machine.
pub fn parse_of_cluster(path: &Path, text: &str) -> Result<Tree, ConfigurationError> {
    let tree = parse(path, text)?;
    cluster_document::check(&tree)?;
    Ok(tree)
}

/// The same for the ConfigMap of a namespace, which may name only its own namespace.
pub fn parse_config_map(path: &Path, text: &str, namespace: &str) -> Result<Tree, ConfigurationError> {
    let tree = parse_of_cluster(path, text)?;
    match tree.find("namespace").and_then(Tree::text) {
        Some(named) if named != namespace => Err(ConfigurationError::OtherNamespace {
            place: path.display().to_string(),
            named: named.to_owned(),
            namespace: namespace.to_owned(),
        }),
        Some(_) | None => Ok(tree),
    }
}

/// Reads what flags and variables give, key by key and the lowest first, into one layer.
pub fn settings(given: &[(&str, String, Origin)]) -> Result<Tree, ConfigurationError> {
    let mut layer = Tree::default();
    if given.is_empty() {
        return Ok(layer);
    }
    let schema = shape::schema().to_value();
    for (key, text, origin) in given {
        let path: FieldPath = key.parse().unwrap_or_default();
        let form = schema::form(&schema, &path).unwrap_or(Form::Text);
        layer = merge(layer, setting::read(&path, text, form, origin)?, &replace);
    }
    Ok(layer)
}
