//! An exported chart, and what the real Helm says about it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use stack::document;
use stack::export::{ExportPart, ExportSource, RepositoryPlace, Tool, files};
use stack::settings::Settings;
use tempfile::TempDir;

use crate::skip::skip;
use crate::tools::tool;

/// The program; none, and said so, where it is not installed.
pub(crate) fn helm(what: &str) -> Option<PathBuf> {
    match tool("helm") {
        Ok(folder) => Some(folder.join("helm")),
        Err(why) => {
            skip(what, &why);
            None
        }
    }
}

/// A chart in a folder of its own.
pub(crate) struct Chart {
    pub(crate) folder: TempDir,
    pub(crate) files: BTreeMap<String, String>,
    helm: PathBuf,
}

pub(crate) fn settings(document: &Value) -> Settings {
    Settings::of(&document::read(document).expect("a document")).expect("a valid stack")
}

impl Chart {
    /// The chart of a stack.
    pub(crate) fn of(helm: PathBuf, document: &Value, part: ExportPart) -> Self {
        let repository = RepositoryPlace::default();
        let settings = settings(document);
        let source = ExportSource { settings: &settings, document, part, repository: &repository, version: "0.1.0" };
        let files = files(Tool::Helm, &source).expect("it can be exported");
        let files: BTreeMap<String, String> = files.into_iter().map(|(path, file)| (path, file.text)).collect();
        let folder = TempDir::new().expect("a folder");
        for (path, text) in &files {
            let place = folder.path().join(path);
            fs::create_dir_all(place.parent().expect("a folder")).expect("a folder");
            fs::write(place, text).expect("a file");
        }
        Self { folder, files, helm }
    }

    /// Helm with the chart, and with values; each run has its values in a file of its own.
    pub(crate) fn run(&self, verb: &[&str], values: &Value) -> Output {
        let file = TempDir::new().expect("a folder");
        let values_file = file.path().join("values.yaml");
        fs::write(&values_file, values.to_string()).expect("a file");
        let mut command = Command::new(&self.helm);
        command.args(verb).arg(self.folder.path()).arg("--values").arg(&values_file);
        command.env("HELM_CACHE_HOME", home(file.path())).output().expect("helm starts")
    }

    /// Helm itself.
    pub(crate) fn helm(&self) -> Command {
        Command::new(&self.helm)
    }

    /// What `helm template` makes of values.
    pub(crate) fn template(&self, values: &Value) -> Result<Vec<Value>, String> {
        let output = self.run(&["template", "release", "--namespace", "team-a"], values);
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        Ok(documents(&String::from_utf8_lossy(&output.stdout)))
    }
}

fn home(folder: &Path) -> PathBuf {
    folder.join("helm")
}

/// The documents of a stream that are not empty.
pub(crate) fn documents(text: &str) -> Vec<Value> {
    let documents: Vec<Value> = serde_saphyr::from_multiple(text).expect("YAML");
    documents.into_iter().filter(|document| !document.is_null()).collect()
}

/// The same objects by kind and name, without the hooks' annotations.
pub(crate) fn named(objects: impl IntoIterator<Item = Value>) -> BTreeMap<String, Value> {
    let mut named = BTreeMap::new();
    for mut object in objects {
        let name = format!("{} {}", object["kind"], object["metadata"]["name"]);
        if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
            if let Some(Value::Object(annotations)) = metadata.get_mut("annotations") {
                annotations.retain(|name, _| !name.starts_with("helm.sh/") && !name.starts_with("argocd.argoproj.io/"));
            }
            metadata.retain(|_, value| *value != json!({}));
        }
        assert!(named.insert(name.clone(), object).is_none(), "{name} is there twice");
    }
    named
}
