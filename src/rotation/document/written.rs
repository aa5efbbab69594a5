//! Writes all given values as one file, which a pod in a cluster reads.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::document::keys::Key;
use crate::document::layers::Layers;

/// The file with an explicit namespace. It contains only given values, so that defaults stay defaults.
pub fn write(layers: &Layers, namespace: &str) -> Result<String, serde_saphyr::ser::Error> {
    let mut file = Map::new();
    for (key, given) in Key::ALL.iter().filter_map(|key| layers.get(*key).map(|given| (*key, given))) {
        let value = if key.is_list() { given.texts.clone().into() } else { given.text().into() };
        put(&mut file, key.path(), value);
    }
    put(&mut file, Key::Namespace.path(), namespace.into());
    let values = serde_saphyr::to_string(&file)?;
    let consumers = match layers.consumers() {
        Some((consumers, _)) => serde_saphyr::to_string(&BTreeMap::from([(Key::Consumers.path(), consumers)]))?,
        None => String::new(),
    };
    Ok(format!("apiVersion: newleaf.dev/v1alpha1\nkind: Rotation\n{values}{consumers}"))
}

/// Puts a value at a path such as `leaf.rotateAfter`.
fn put(file: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            file.insert(path.to_owned(), value);
        }
        Some((first, rest)) => {
            let inner = file.entry(first).or_insert_with(|| Map::new().into());
            if let Some(inner) = inner.as_object_mut() {
                put(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::document::file::parse;
    use crate::document::resolve::{Environment, resolve};

    const GIVEN: &str = "\
apiVersion: newleaf.dev/v1alpha1
kind: Rotation
authority: {name: \"yes\"}
leaf: {lifetime: 20d, rotateAfter: 10d}
client: {name: \"0640\", keys: {key: client.key}}
server: {names: [db.example.org, \"10.0.0.5\"]}
consumers:
- {name: postgres, loads: server, pickup: reload, workload: statefulset/postgres, nudge: true, fallback: {restart: true}}
- {name: backstage, loads: client, pickup: restart, workload: deployment, selector: \"app in (a, b)\", namespace: portal}
- {name: reports, loads: client, pickup: login}
database: {endpoints: [\"postgres.backstage.svc:5433\"]}
";

    #[test]
    fn what_is_written_means_what_was_given() {
        let resolved = |text: &str| {
            let layers = parse(Path::new("newleaf.yaml"), text).expect("well formed");
            let configuration = resolve(&layers, Environment { host: None, namespace: Some("backstage") });
            (configuration.expect("valid"), write(&layers, "backstage").expect("it can be written"))
        };
        let (given, written) = resolved(GIVEN);
        let (read, again) = resolved(&written);
        assert_eq!(read, given, "{written}");
        assert_eq!(again, written);
        assert!(written.contains("namespace: backstage\n"), "{written}");
    }
}
