//! A layer of one value, given as text: by a flag or an environment variable.

use crate::layers::error::LayerError;
use crate::layers::origin::Origin;
use crate::layers::path::{FieldPath, Segment};
use crate::layers::tree::{Tree, TreeValue};
use crate::layers::yaml;

/// How the text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Text,
    /// Several texts: `a,b`, or a list in YAML.
    List,
    /// As YAML: anything else.
    Yaml,
}

/// Reads the text of one value into a layer. A list is set as a whole, so that the path holds names only.
pub fn read(path: &FieldPath, text: &str, form: Form, origin: &Origin) -> Result<Tree, LayerError> {
    let refuse = |error: LayerError| LayerError { path: path.clone(), ..error };
    let mut tree = match form {
        Form::Text => Tree::new(TreeValue::Text(text.to_owned()), origin.clone()),
        Form::Yaml => yaml::parse(text, origin).map_err(refuse)?,
        // `[::1]:5432` is an endpoint, and no list.
        Form::List if text.starts_with("- ") || (text.starts_with('[') && text.ends_with(']')) => {
            yaml::parse(text, origin).map_err(refuse)?
        }
        Form::List => {
            let item = |part: &str| Tree::new(TreeValue::Text(part.trim().to_owned()), origin.clone());
            Tree::new(TreeValue::List(text.split(',').map(item).collect()), origin.clone())
        }
    };
    for segment in path.segments().iter().rev() {
        match segment {
            Segment::Name(name) => tree = tree.below(name),
            Segment::Index(_) => {
                let problem = "a list is set as a whole".to_owned();
                return Err(LayerError { origin: origin.clone(), path: path.clone(), problem });
            }
        }
    }
    Ok(tree)
}
