//! A layer of partial Kubernetes objects, merged into rendered ones.
//!
//! A partial object finds its counterpart by group, kind, name and, where both say it, namespace. Without a counterpart it
//! is added. Without a name it means the only object of its kind, as the files of a Backstage operator do.

use std::fmt::{self, Display, Formatter, Write};

use super::problem::MergeError;
use super::tree::{Content, Map, MergeTree};
use super::{json, keys, strategic};

/// Why a layer does not fit the objects.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ObjectError {
    /// It lacks what says which object it is about.
    #[error("object {position} of the layer lacks `{field}`: an object is found by apiVersion, kind and metadata.name")]
    Unnamed {
        /// Its position in the layer; the first is 0.
        position: usize,
        /// What it lacks.
        field: &'static str,
    },
    /// Several objects could be meant.
    #[error("{object}: could be {}; give metadata.name and metadata.namespace", .candidates.join(" or "))]
    Ambiguous {
        /// Its position in the layer.
        position: usize,
        /// As the layer names it.
        object: String,
        /// The objects that it could be.
        candidates: Vec<String>,
    },
    /// The same object in another version of its group, whose fields may mean something else.
    #[error("{object}: is rendered as {rendered}, and the layer has {layer}; write it in the version that is rendered")]
    OtherVersion {
        /// Its position in the layer.
        position: usize,
        /// As the layer names it.
        object: String,
        /// The apiVersion of the object.
        rendered: String,
        /// The apiVersion of the layer.
        layer: String,
    },
    /// `$patch: delete` for an object that there is not.
    #[error("{object}: there is no such object to delete")]
    NothingToDelete {
        /// Its position in the layer.
        position: usize,
        /// As the layer names it.
        object: String,
    },
    /// The object itself cannot be merged.
    #[error("{object}: {source}")]
    Merge {
        /// Its position in the layer.
        position: usize,
        /// As the layer names it.
        object: String,
        /// Why.
        source: MergeError,
    },
}

/// Merges a layer into objects. These keep their order; what is added comes after them, in the order of the layer.
///
/// `$patch: delete` at the root of a partial object removes the object, as in kustomize; kubectl would leave an empty one.
pub fn merge<O: Clone>(
    mut objects: Vec<MergeTree<O>>,
    layer: Vec<MergeTree<O>>,
) -> Result<Vec<MergeTree<O>>, ObjectError> {
    for (position, mut partial) in layer.into_iter().enumerate() {
        let wanted = Wanted::read(&partial, position)?;
        forget_empty_name(&mut partial);
        match (wanted.find(&objects, position)?, is_deletion(&partial)) {
            (Some(index), true) => drop(objects.remove(index)),
            (None, true) => return Err(ObjectError::NothingToDelete { position, object: wanted.to_string() }),
            (Some(index), false) => {
                let failed = |source| ObjectError::Merge { position, object: wanted.to_string(), source };
                let merged = merge_object(objects.remove(index), partial).map_err(failed)?;
                objects.insert(index, merged);
            }
            (None, false) if wanted.name.is_none() => {
                return Err(ObjectError::Unnamed { position, field: "metadata.name" });
            }
            (None, false) => {
                let failed = |source| ObjectError::Merge { position, object: wanted.to_string(), source };
                objects.push(add_object(partial, &wanted).map_err(failed)?);
            }
        }
    }
    Ok(objects)
}

/// Merges a partial object into a whole one: by Kubernetes' own rules if it knows the kind, else as JSON.
pub fn merge_object<O: Clone>(object: MergeTree<O>, partial: MergeTree<O>) -> Result<MergeTree<O>, MergeError> {
    let known = keys::fields_of(object.text(&["apiVersion"]).unwrap_or(""), object.text(&["kind"]).unwrap_or(""));
    match known {
        Some(fields) => strategic::merge(object, partial, fields),
        None => json::merge(object, partial),
    }
}

/// A new object: what the layer says, without directives and nulls.
fn add_object<O: Clone>(partial: MergeTree<O>, wanted: &Wanted) -> Result<MergeTree<O>, MergeError> {
    let nothing = MergeTree::map(partial.origin.clone(), Map::new());
    match keys::fields_of(&wanted.api_version, &wanted.kind) {
        Some(fields) => strategic::merge(nothing, partial, fields),
        None => json::merge(nothing, partial),
    }
}

/// A name that is left open, as the Backstage operator's files do, deletes no name.
fn forget_empty_name<O>(partial: &mut MergeTree<O>) {
    let Content::Map(fields) = &mut partial.content else { return };
    let Some(metadata) = fields.get_mut("metadata") else { return };
    let Content::Map(metadata) = &mut metadata.content else { return };
    metadata.retain(|key, value| key != "name" || !value.is_null());
}

fn is_deletion<O>(partial: &MergeTree<O>) -> bool {
    partial.text(&["$patch"]) == Some("delete")
}

/// Which object a partial object is about.
struct Wanted {
    api_version: String,
    kind: String,
    name: Option<String>,
    namespace: Option<String>,
}

impl Wanted {
    fn read<O>(partial: &MergeTree<O>, position: usize) -> Result<Self, ObjectError> {
        let text = |keys: &[&str]| partial.text(keys).map(str::to_owned);
        let needed = |field: &'static str| text(&[field]).ok_or(ObjectError::Unnamed { position, field });
        Ok(Self {
            api_version: needed("apiVersion")?,
            kind: needed("kind")?,
            name: text(&["metadata", "name"]),
            namespace: text(&["metadata", "namespace"]),
        })
    }

    /// Its place among the objects.
    fn find<O>(&self, objects: &[MergeTree<O>], position: usize) -> Result<Option<usize>, ObjectError> {
        let candidates: Vec<(usize, &MergeTree<O>)> =
            objects.iter().enumerate().filter(|(_, object)| self.means(object)).collect();
        let (index, object) = match candidates.as_slice() {
            [] => return Ok(None),
            [(index, object)] => (*index, object),
            several => {
                let candidates = several.iter().map(|(_, object)| described(object)).collect();
                return Err(ObjectError::Ambiguous { position, object: self.to_string(), candidates });
            }
        };
        let rendered = object.text(&["apiVersion"]).unwrap_or("");
        if rendered != self.api_version {
            let (rendered, layer) = (rendered.to_owned(), self.api_version.clone());
            return Err(ObjectError::OtherVersion { position, object: self.to_string(), rendered, layer });
        }
        Ok(Some(index))
    }

    fn means<O>(&self, object: &MergeTree<O>) -> bool {
        let name = object.text(&["metadata", "name"]);
        let namespace_differs = match (&self.namespace, object.text(&["metadata", "namespace"])) {
            (Some(wanted), Some(namespace)) => wanted != namespace,
            _ => false,
        };
        object.text(&["kind"]) == Some(&self.kind)
            && object.text(&["apiVersion"]).map(group) == Some(group(&self.api_version))
            && (self.name.is_none() || self.name.as_deref() == name)
            && !namespace_differs
    }
}

impl Display for Wanted {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        write_object(to, &self.kind, self.namespace.as_deref(), self.name.as_deref())
    }
}

/// The group in `group/version`; the core group has no name.
fn group(api_version: &str) -> &str {
    match api_version.split_once('/') {
        Some((group, _)) => group,
        None => "",
    }
}

fn described<O>(object: &MergeTree<O>) -> String {
    let (namespace, name) = (object.text(&["metadata", "namespace"]), object.text(&["metadata", "name"]));
    let mut text = String::new();
    // A string takes everything that is written to it.
    let _ = write_object(&mut text, object.text(&["kind"]).unwrap_or(""), namespace, name);
    text
}

fn write_object(to: &mut impl Write, kind: &str, namespace: Option<&str>, name: Option<&str>) -> fmt::Result {
    match (namespace, name) {
        (Some(namespace), Some(name)) => write!(to, "{kind} {namespace}/{name}"),
        (None, Some(name)) => write!(to, "{kind} {name}"),
        (_, None) => write!(to, "{kind} without a name"),
    }
}
