//! The layers of `kind: Stack`: files, then `--set`, merged and read once.

use std::path::Path;

use base::layers::merge::{merge, replace};
use base::layers::origin::Origin;
use base::layers::path::FieldPath;
use base::layers::setting::Form;
use base::layers::tree::{Tree, TreeValue};
use base::layers::{schema, setting, yaml};

use crate::document::{self, StackDocument};
use crate::layers::convert::document_value;
use crate::layers::placed::PlacedProblem;
use crate::problem::Problem;
use crate::settings::Settings;

/// The document that all layers make.
#[derive(Debug, Clone)]
pub struct LayeredDocument {
    /// Every value with its origin.
    pub tree: Tree,
    /// What it says.
    pub document: StackDocument,
}

/// A file as a layer. An empty file says nothing.
pub fn file(path: &Path, text: &str) -> Result<Tree, PlacedProblem> {
    let origin = Origin::file(path);
    let tree = yaml::parse(text, &origin)?;
    if tree.value == TreeValue::Null { Ok(Tree::new(TreeValue::default(), origin)) } else { Ok(tree) }
}

/// `path=value` as a layer, read in the form that the schema wants there.
pub fn set(text: &str) -> Result<Tree, PlacedProblem> {
    let refuse = |problem: String| PlacedProblem { origin: Origin::Flag(format!("--set {text}")), problem };
    let Some((path, value)) = text.split_once('=') else {
        return Err(refuse("write PATH=VALUE, for example backstage.replicas=2".to_owned()));
    };
    let field: FieldPath = path.parse().map_err(|error| refuse(format!("{path:?}: {error}")))?;
    if field.is_empty() {
        return Err(refuse("the path is empty; write PATH=VALUE, for example backstage.replicas=2".to_owned()));
    }
    let form = schema::form(document::schema().as_value(), &field).unwrap_or(Form::Text);
    Ok(setting::read(&field, value, form, &Origin::Flag(format!("--set {path}")))?)
}

impl LayeredDocument {
    /// Merges the layers, the lowest first, and reads what they make. All problems of its shape are found at once.
    pub fn read(layers: Vec<Tree>) -> Result<Self, Vec<PlacedProblem>> {
        let mut tree = Tree::default();
        for layer in layers {
            tree = merge(tree, layer, &replace);
        }
        match document::read(&document_value(&tree)) {
            Ok(document) => Ok(Self { tree, document }),
            Err(problems) => Err(PlacedProblem::of(&problems, &tree)),
        }
    }

    /// The settings, or everything that is wrong with the values.
    pub fn settings(&self) -> Result<Settings, Vec<PlacedProblem>> {
        Settings::of(&self.document).map_err(|problems| self.placed(&problems))
    }

    /// Problems of this document, each with its place.
    pub fn placed(&self, problems: &[Problem]) -> Vec<PlacedProblem> {
        PlacedProblem::of(problems, &self.tree)
    }
}
