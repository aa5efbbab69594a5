//! `manifests/stack`: the stack without a file, as `newleaf-deploy render` prints it, one file for each part.

use std::fmt::Write;
use std::path::PathBuf;

use stack::document::parse;
use stack::object::{Object, yaml};
use stack::render::render;
use stack::settings::Settings;

use super::{Error, GeneratedFiles};

const NOTICE: &str = "made by `make docs`; change src/stack instead";

/// The files of `manifests/stack`, below `manifests`.
pub(super) fn stack() -> Result<GeneratedFiles, Error> {
    let document = parse("").map_err(|problems| format!("{problems:?}"))?;
    let settings = Settings::of(&document).map_err(|problems| format!("{problems:?}"))?;
    let mut parts: Vec<(&str, Vec<Object>)> = Vec::new();
    for object in render(&settings) {
        let part = object.component().name();
        match parts.iter_mut().find(|(name, _)| *name == part) {
            Some((_, objects)) => objects.push(object),
            None => parts.push((part, vec![object])),
        }
    }
    let mut files = GeneratedFiles::new();
    let mut kustomization = format!(
        "# {NOTICE}\n# kubectl apply -k manifests/stack; for another stack: newleaf-deploy --help\n\
         apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n"
    );
    for (part, objects) in parts {
        let name = format!("{part}.yaml");
        writeln!(kustomization, "- {name}").unwrap_or_default();
        files.insert(PathBuf::from("stack").join(name), format!("# {NOTICE}\n{}", yaml(&objects)?).into_bytes());
    }
    files.insert(PathBuf::from("stack/kustomization.yaml"), kustomization.into_bytes());
    Ok(files)
}
