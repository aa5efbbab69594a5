//! The suites for helm-unittest in `suites/`: what the parity leaves out, the hooks above all, in the words of another tool.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::chart::Chart;
use crate::parity::CHART;
use crate::skip::skip;
use crate::tools::tool;

/// Runs the suites, changed by a person or not, against the chart: whether all of it holds, and what it said.
fn run(program: &Path, chart: &Chart, changed: impl Fn(String) -> String) -> (bool, String) {
    let folder = TempDir::new().expect("a folder");
    let put = |path: &Path, text: &str| {
        let place = folder.path().join(path);
        fs::create_dir_all(place.parent().expect("a folder")).expect("a folder");
        fs::write(place, text).expect("a file");
    };
    for (path, text) in &chart.files {
        put(Path::new(path), text);
    }
    for entry in fs::read_dir(project::root().join("tests/helm/suites")).expect("the suites") {
        let path = entry.expect("an entry").path();
        let text = changed(fs::read_to_string(&path).expect("a suite"));
        put(&Path::new("tests").join(path.file_name().expect("a name")), &text);
    }
    let mut command = Command::new(program);
    command.args(["--strict", "--color=false"]).arg(folder.path());
    let output = command.env("HELM_CACHE_HOME", folder.path().join("cache")).output().expect("it starts");
    let said = [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
    (output.status.success(), said)
}

#[test]
fn helm_unittest_finds_the_hooks_in_their_order_and_the_values_as_they_are() {
    let program = match tool("helm-unittest") {
        Ok(folder) => folder.join("helm-unittest"),
        Err(why) => return skip("helm-unittest", why),
    };
    let Some(chart) = CHART.as_ref() else { return };
    let (holds, said) = run(&program, chart, |suite| suite);
    assert!(holds && said.contains("2 passed, 2 total"), "{said}");
    let (holds, said) = run(&program, chart, |suite| suite.replace("value: \"-5\"", "value: \"5\""));
    assert!(!holds && said.contains("makes the account of the bootstrap before it"), "{said}");
}
