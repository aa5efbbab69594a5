//! The configuration file: any text is either refused with a place or gives values that hold together.

#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use rotation::document::file::parse;
use rotation::document::resolve::{Environment, resolve};

fuzz_target!(|text: &str| {
    if let Ok(layers) = parse(Path::new("newleaf.yaml"), text) {
        if let Ok(configuration) = resolve(&layers, Environment { host: Some("db.example.org"), namespace: None }) {
            assert!(configuration.policy.slack() > chrono::TimeDelta::zero());
        }
    }
});
