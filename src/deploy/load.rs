//! The stack, from its layers to its objects: files, `--set` and raw layers are read here, merged and judged in `stack`.

use std::path::{Path, PathBuf};

use base::diagnosis::{Code, Failure};
use base::layers::origin::Origin;
use base::layers::tree::{Tree, TreeValue};
use serde_json::Value;
use stack::layers::app_config::LayeredAppConfig;
use stack::layers::document::{LayeredDocument, file, set};
use stack::layers::placed::{PlacedProblem, StackError};
use stack::layers::raw::{self, LayeredObjects, PartialObjects};
use stack::policies::{Rendered, Severity, external, inspect};
use stack::render::layered;
use stack::settings::Settings;
use stack::settings::operations::RawLayer;

use crate::cluster::StackCluster;
use crate::error::DeployError;
use crate::plan::MemberKey;
use crate::text;

/// The layers of a stack, as flags name them.
#[derive(Debug, Clone, Default)]
pub struct StackSource {
    /// `-f`, the lowest first. `-` is standard input, as for kubectl.
    pub files: Vec<PathBuf>,
    /// `--set`, over the files.
    pub sets: Vec<String>,
    /// `--namespace`, over everything.
    pub namespace: Option<String>,
}

/// A stack that was read from its layers.
#[derive(Debug, Clone)]
pub struct LoadedStack {
    /// The document, every value with its origin.
    pub document: LayeredDocument,
    /// What it says, with the raw layers that were read.
    pub settings: Settings,
    /// The layers of app-config that can be read.
    pub app_config: LayeredAppConfig,
    raw: Vec<RawSlot>,
}

/// A raw layer in its place.
#[derive(Debug, Clone)]
enum RawSlot {
    /// Read from files.
    Read(PartialObjects),
    /// In a ConfigMap, which only the cluster knows.
    InCluster(String),
}

impl LoadedStack {
    /// Reads all layers but those that are in the cluster. A layer that does not fit, and a broken policy, refuse the stack.
    pub async fn load(source: &StackSource) -> Result<Box<Self>, Failure> {
        let source = source.clone();
        let reading = tokio::task::spawn_blocking(move || read(&source));
        reading.await.map_err(|error| DeployError::Unwritable(error.to_string()))?
    }

    /// The same, with the raw layers that the cluster keeps.
    pub async fn with_config_maps(mut self: Box<Self>, cluster: &StackCluster) -> Result<Box<Self>, Failure> {
        for slot in &mut self.raw {
            if let RawSlot::InCluster(name) = slot {
                *slot = RawSlot::Read(config_map(cluster, self.settings.namespace.as_str(), name).await?);
            }
        }
        self.layered()
    }

    /// The raw layers that the cluster keeps and that were not read: names of a ConfigMap each.
    pub fn unread(&self) -> Vec<&str> {
        let of_slot = |slot: &RawSlot| matches!(slot, RawSlot::InCluster(_));
        let names = self.raw.iter().filter(|slot| of_slot(slot));
        names.filter_map(|slot| if let RawSlot::InCluster(name) = slot { Some(name.as_str()) } else { None }).collect()
    }

    /// Every object, and where each of its values comes from.
    pub fn objects(&self) -> Result<LayeredObjects, Failure> {
        Ok(layered(&self.settings).map_err(unusable)?)
    }

    /// Merges the raw layers that were read, and judges what comes out.
    fn layered(mut self: Box<Self>) -> Result<Box<Self>, Failure> {
        let read =
            self.raw.iter().filter_map(|slot| if let RawSlot::Read(objects) = slot { Some(objects) } else { None });
        self.settings.partial_objects = read.cloned().collect();
        let layered = self.objects()?;
        let rendered = Rendered { objects: &layered.objects, external: &external(&self.settings) };
        let violations = inspect(rendered).into_iter().filter(|violation| violation.severity == Severity::Error);
        let broken: Vec<PlacedProblem> = violations
            .map(|violation| PlacedProblem {
                origin: self.origin_of(&violation.object, &layered),
                problem: violation.to_string(),
            })
            .collect();
        if broken.is_empty() {
            Ok(self)
        } else {
            Err(StackError::new(Code::PolicyBroken, "the objects break a policy of the stack", broken).into())
        }
    }

    /// The raw layer that touches an object, for a message; the document where none does.
    fn origin_of(&self, title: &str, layered: &LayeredObjects) -> Origin {
        let (kind, name) = title.split_once(' ').unwrap_or_default();
        let name = name.rsplit('/').next().unwrap_or_default();
        let touching = layered.layers.iter().rev().flatten().find(|tree| raw::is_named(tree, kind, name));
        touching.map_or_else(|| self.document.tree.origin.clone(), |tree| tree.origin.clone())
    }
}

fn unusable(problem: PlacedProblem) -> StackError {
    StackError::new(Code::RawLayerUnusable, "a raw layer cannot be merged", [problem])
}

fn read(source: &StackSource) -> Result<Box<LoadedStack>, Failure> {
    let mut layers: Vec<Tree> = Vec::new();
    let mut problems = Vec::new();
    let mut add = |layer: Result<Tree, PlacedProblem>| match layer {
        Ok(layer) => layers.push(layer),
        Err(problem) => problems.push(problem),
    };
    for path in &source.files {
        add(file(path, &text::read(path)?));
    }
    for given in &source.sets {
        add(set(given));
    }
    if let Some(namespace) = &source.namespace {
        let origin = Origin::Flag("--namespace".to_owned());
        add(Ok(Tree::new(TreeValue::Text(namespace.clone()), origin).below("namespace")));
    }
    if !problems.is_empty() {
        return Err(StackError::invalid(problems).into());
    }
    let document = LayeredDocument::read(layers).map_err(StackError::invalid)?;
    let settings = document.settings().map_err(StackError::invalid)?;
    let app_config = LayeredAppConfig::of(&document, &settings).map_err(|problem| StackError::invalid([problem]))?;
    let mut slots = Vec::new();
    for (index, layer) in settings.raw.iter().enumerate() {
        slots.push(match layer {
            RawLayer::ConfigMap(name) => RawSlot::InCluster(name.as_str().to_owned()),
            RawLayer::Path(path) => RawSlot::Read(raw_files(&beside(&document.tree, index, path))?),
        });
    }
    Box::new(LoadedStack { document, settings, app_config, raw: slots }).layered()
}

/// A path of a raw layer is relative to the file that names it.
fn beside(tree: &Tree, index: usize, path: &str) -> PathBuf {
    match tree.find(&format!("raw[{index}].path")).map(|given| &given.origin) {
        Some(Origin::File { path: document, .. }) => document.parent().unwrap_or(Path::new("")).join(path),
        Some(Origin::Default | Origin::Variable(_) | Origin::Flag(_)) | None => PathBuf::from(path),
    }
}

/// The files of a raw layer: one, or those of a folder in the order of their names.
fn raw_files(path: &Path) -> Result<PartialObjects, Failure> {
    let unreadable = |source| DeployError::Unreadable { path: path.to_path_buf(), source };
    let mut files = Vec::new();
    if path.is_dir() {
        for entry in std::fs::read_dir(path).map_err(unreadable)? {
            files.push(entry.map_err(unreadable)?.path());
        }
        files.retain(|file| is_yaml(file));
        files.sort();
    } else {
        files.push(path.to_path_buf());
    }
    let mut objects = Vec::new();
    for file in files {
        objects.extend(parse(&file, &text::read(&file)?)?);
    }
    Ok(objects)
}

/// A kustomization is no object of a cluster.
fn is_yaml(file: &Path) -> bool {
    let is_named = file.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
    is_named && file.file_stem().is_some_and(|stem| stem != "kustomization")
}

fn parse(path: &Path, text: &str) -> Result<PartialObjects, Failure> {
    Ok(raw::parse(path, text).map_err(unusable)?)
}

/// A raw layer in a ConfigMap: each of its values is a file.
async fn config_map(cluster: &StackCluster, namespace: &str, name: &str) -> Result<PartialObjects, Failure> {
    let key = MemberKey {
        kind: "ConfigMap".to_owned(),
        group: String::new(),
        namespace: Some(namespace.to_owned()),
        name: name.to_owned(),
    };
    let absent = || DeployError::LayerAbsent { namespace: namespace.to_owned(), name: name.to_owned() };
    let found = cluster.read("v1", &key).await?.ok_or_else(absent)?;
    let mut objects = Vec::new();
    for (file, text) in found.get("data").and_then(Value::as_object).into_iter().flatten() {
        let path = PathBuf::from(format!("configmap/{name}/{file}"));
        objects.extend(parse(&path, text.as_str().unwrap_or_default())?);
    }
    Ok(objects)
}
