//! A chart of the stack by itself. Whether Helm makes of it what the model renders is tested with Helm (tests/helm).

use serde_json::{Value, json};

use super::*;
use crate::document;
use crate::export::{ExportPart, RepositoryPlace};
use crate::settings::Settings;

fn chart(document: &Value, part: ExportPart) -> ExportedFiles {
    let settings = Settings::of(&document::read(document).expect("a document")).expect("valid");
    files(&ExportSource { settings: &settings, document, part, repository: &RepositoryPlace::default(), version: "0.1.0" }).expect("a chart")
}

#[test]
fn the_chart_of_a_stack_is_always_the_same() {
    let start = std::time::Instant::now();
    let files = chart(&json!({}), ExportPart::Stack);
    eprintln!("{:?}", start.elapsed());
    if let Ok(to) = std::env::var("CHART") {
        for (path, file) in &files {
            let path = std::path::Path::new(&to).join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, &file.text).unwrap();
        }
    }
}
