//! The document that the check of `helm test` compares the cluster with: what is fixed in the chart, and the values over it. As the
//! values are a part of the document, nothing has to be learnt.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::components::check::{CHECK, DOCUMENT};
use crate::export::helm::choices::set;
use crate::export::helm::{ChartFile, DerivedModel, hooks, words};
use crate::export::{ExportPart, ExportProblem, ExportSource};
use crate::layers::convert::merge_tree;
use crate::object::yaml;

/// The raw layers, one after the other, in the chart and beside the document.
const RAW: &str = "raw.yaml";

/// What is fixed, the raw layers, and the ConfigMap that both become with the values.
pub(super) fn files(source: &ExportSource<'_>, model: &DerivedModel) -> Result<Vec<ChartFile>, ExportProblem> {
    if source.part == ExportPart::Rotation {
        return Ok(Vec::new());
    }
    let mut fixed = model.offered.fixed.clone();
    // The release has one of its own.
    set(&mut fixed, "namespace", None);
    let layers = source.settings.partial_objects.iter().flatten();
    let layers: Vec<Value> = layers.map(|object| merge_tree(object).to_value()).collect();
    let has_layers = !layers.is_empty();
    set(&mut fixed, "raw", has_layers.then(|| json!([{ "path": RAW }])));
    let header = words::header(source);
    let mut files = vec![
        (DOCUMENT.to_owned(), format!("{header}{}", yaml(&[fixed])?)),
        ("templates/tests/document.yaml".to_owned(), format!("{header}{}", config_map(has_layers)?)),
    ];
    if has_layers {
        files.push((RAW.to_owned(), format!("{header}{}", yaml(&layers)?)));
    }
    Ok(files)
}

fn config_map(has_layers: bool) -> Result<String, ExportProblem> {
    let annotations: Value =
        hooks::of_test("-5").map(|(name, text)| (name.to_owned(), Value::from(text))).into_iter().collect();
    let annotations = yaml(&[json!({ "annotations": annotations })])?.replace('\n', "\n  ");
    let mut text = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {CHECK}\n  namespace: {{{{ $.Release.Namespace | quote }}}}\n  {}\ndata:\n  \
         {DOCUMENT}: |\n    {{{{- mergeOverwrite ($.Files.Get \"{DOCUMENT}\" | fromYaml) (omit $.Values \"global\") | toYaml | nindent 4 }}}}\n",
        annotations.trim_end(),
    );
    if has_layers {
        let _ = write!(text, "  {RAW}: |\n    {{{{- $.Files.Get \"{RAW}\" | nindent 4 }}}}\n");
    }
    Ok(text)
}
