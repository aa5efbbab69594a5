//! The generated reference is what the program would generate now.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use rotation::document::Place;
use rotation::document::file;
use rotation::document::resolve::{Environment, resolve};

use crate::pages::configuration::EXAMPLE;
use crate::pages::everything;

fn docs() -> PathBuf {
    project::root().join("docs")
}

fn files(directory: &Path, found: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(directory).expect("a readable directory") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.insert(path);
        }
    }
}

#[test]
fn the_reference_is_up_to_date() {
    let expected = everything().expect("the reference can be made");
    for (name, content) in &expected {
        let found = fs::read(docs().join(name)).unwrap_or_default();
        assert!(found == *content, "docs/{} differs from the code: run `make docs`", name.display());
    }
    let mut found = BTreeSet::new();
    files(&docs().join("reference"), &mut found);
    files(&docs().join("errors"), &mut found);
    for path in found {
        let name = path.strip_prefix(docs()).expect("it is below docs");
        assert!(expected.contains_key(name), "docs/{} describes nothing any more: remove it", name.display());
    }
}

#[test]
fn hidden_commands_are_in_no_page() {
    let expected = everything().expect("the reference can be made");
    let page = |name: &str| String::from_utf8_lossy(expected.get(Path::new(name)).expect(name)).into_owned();
    assert!(page("reference/cli.md").contains("### rotate"));
    assert!(page("reference/man/newleaf-rotate.1").contains("\\-\\-now"));
}

#[test]
fn the_example_of_the_configuration_is_valid() {
    let layers = file::parse(Path::new("newleaf.yaml"), EXAMPLE).expect("the example is well formed");
    let configuration = resolve(&layers, Environment::default()).expect("the example is valid");
    assert!(matches!(configuration.place, Place::Directory(place) if place.consumers.len() == 3));
}
