//! A stack as files for another tool: the same objects, in the form that this tool installs. Pure, and the same bytes each time.
//!
//! | File | Subject |
//! |---|---|
//! | [`argocd`] | an Application with its objects in waves, or an `ApplicationSet` for the clusters of a hub |
//! | [`flux`] | Kustomizations of Flux, a folder for each phase |
//! | [`helm`] | a chart, whose values are a part of the stack |
//! | [`kustomize`] | a base, and an overlay to begin with |
//! | [`oci`] | a chart as a registry has it |
//! | `objects` | the rendered objects of each phase, as files |
//! | this file | what is exported, the formats, the files |

pub mod argocd;
pub mod flux;
pub mod helm;
pub mod kustomize;
mod objects;
pub mod oci;

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::components::Component;
use crate::document;
use crate::export::flux::FluxSource;
use crate::object::Object;
use crate::problem::Problem;
use crate::render::render;
use crate::settings::Settings;

/// A tool that installs a stack: exported files are for one, and an installed stack may be kept by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// Argo CD.
    Argocd,
    /// A chart for Helm.
    Helm,
    /// `kubectl apply -k`, or kustomize itself.
    Kustomize,
    /// The kustomize-controller of Flux.
    Flux,
}

impl Tool {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Helm, Self::Kustomize, Self::Flux, Self::Argocd];

    /// As it is written on a command line and in the record.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Argocd => "argocd",
            Self::Helm => "helm",
            Self::Kustomize => "kustomize",
            Self::Flux => "flux",
        }
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Helm => "Helm",
            Self::Kustomize => "kubectl apply",
            Self::Flux => "Flux",
            Self::Argocd => "Argo CD",
        })
    }
}

/// How much of the stack is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportPart {
    /// All of it.
    Stack,
    /// The rotation, for people who have the rest.
    Rotation,
}

/// What is exported.
#[derive(Debug, Clone, Copy)]
pub struct ExportSource<'a> {
    /// The stack.
    pub settings: &'a Settings,
    /// The same as it was written, merged from its layers: a format that offers values renders it with others.
    pub document: &'a Value,
    /// How much of it.
    pub part: ExportPart,
    /// Where the files will be in Git.
    pub repository: &'a RepositoryPlace,
    /// The version of this program.
    pub version: &'static str,
}

/// Where the folder of an export is in Git, for the tools that read it there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RepositoryPlace {
    /// The address of the repository.
    pub url: Option<String>,
    /// The branch, tag or commit.
    pub revision: Option<String>,
    /// The folder inside of it; empty for its root.
    pub path: String,
    /// The object of Flux that fetches it.
    pub flux: FluxSource,
    /// For Flux: the chart to install instead of the objects; a folder inside of the repository, or `oci://` with a version.
    pub chart: Option<String>,
    /// The clusters of a hub that get it; none for the cluster of the tool itself.
    pub spokes: Option<SpokeLabel>,
    /// For Argo CD: the project that exists already; none for one of the stack's own.
    pub project: Option<String>,
}

/// The label of the clusters of a hub that get a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpokeLabel {
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
}

impl SpokeLabel {
    /// From `KEY=VALUE`.
    pub fn parse(text: &str) -> Option<Self> {
        let (key, value) = text.split_once('=')?;
        let is_label = |part: &str| {
            let is_allowed = |character: char| character.is_ascii_alphanumeric() || "-_./".contains(character);
            !part.is_empty() && part.chars().all(is_allowed)
        };
        (is_label(key) && is_label(value)).then(|| Self { key: key.to_owned(), value: value.to_owned() })
    }
}

/// A file of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedFile {
    /// What is in it.
    pub text: String,
    /// Whose it is from then on.
    pub keeper: FileKeeper,
}

/// Whose an exported file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKeeper {
    /// The export's: the next one overwrites it, or removes it.
    Export,
    /// The operator's: written where it is absent, and never again.
    Operator,
}

/// The files by their paths below the folder, with `/` between the parts.
pub type ExportedFiles = BTreeMap<String, ExportedFile>;

/// Why a stack cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportProblem {
    /// The stack with another value is not valid.
    #[error("the stack with {value} is not valid: {}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Invalid {
        /// The value.
        value: String,
        /// Why.
        problems: Vec<Problem>,
    },
    /// The tool reads the files from a repository, and none is named.
    #[error("the address of the Git repository is missing: {0} reads the files there")]
    RepositoryMissing(&'static str),
    /// The chart cannot follow the model.
    #[error("a chart cannot follow {what}")]
    Unfollowed {
        /// What it would not follow.
        what: String,
    },
    /// An object cannot be written.
    #[error("failed to write the objects: {0}")]
    Unwritable(#[from] serde_saphyr::ser::Error),
}

/// The files of a format.
pub fn files(format: Tool, source: &ExportSource<'_>) -> Result<ExportedFiles, ExportProblem> {
    match format {
        Tool::Argocd => argocd::files(source),
        Tool::Helm => helm::files(source),
        Tool::Kustomize => kustomize::files(source),
        Tool::Flux => flux::files(source),
    }
}

impl RepositoryPlace {
    /// A folder of the export, from the root of the repository.
    pub fn below(&self, folder: &str) -> String {
        let parts = self.path.split('/').chain(folder.split('/')).filter(|part| !part.is_empty() && *part != ".");
        format!("./{}", parts.collect::<Vec<_>>().join("/"))
    }
}

impl ExportSource<'_> {
    /// The objects that are exported, in the order in which they are applied.
    pub fn objects(&self) -> Vec<Object> {
        self.part_of(render(self.settings))
    }

    /// What the same stack renders with another document, for example with another value at a path.
    pub fn objects_of(&self, document: &Value, value: &str) -> Result<Vec<Object>, ExportProblem> {
        let invalid = |problems| ExportProblem::Invalid { value: value.to_owned(), problems };
        let settings = self.settings_of(document).map_err(invalid)?;
        Ok(self.part_of(render(&settings)))
    }

    /// The settings of another document, with the same raw layers.
    fn settings_of(&self, document: &Value) -> Result<Settings, Vec<Problem>> {
        Ok(Settings {
            references_checksum: self.settings.references_checksum,
            partial_objects: self.settings.partial_objects.clone(),
            ..Settings::of(&document::read(document)?)?
        })
    }

    fn part_of(&self, mut objects: Vec<Object>) -> Vec<Object> {
        if self.part == ExportPart::Rotation {
            objects.retain(|object| object.component() == Component::Rotation);
        }
        objects
    }

    /// The line at the top of each file.
    pub fn notice(&self) -> String {
        let Settings { name, namespace, .. } = self.settings;
        let what = match self.part {
            ExportPart::Stack => "stack",
            ExportPart::Rotation => "rotation of stack",
        };
        format!(
            "made by newleaf-deploy {}: {what} {name} in namespace {namespace}; change the stack and export again\n",
            self.version
        )
    }
}

impl ExportedFile {
    /// A file that the export keeps.
    pub const fn of_export(text: String) -> Self {
        Self { text, keeper: FileKeeper::Export }
    }

    /// A file for the operator to go on with.
    pub const fn of_operator(text: String) -> Self {
        Self { text, keeper: FileKeeper::Operator }
    }
}
