//! Writes all given values as one file, which a pod in a cluster reads.

use std::collections::BTreeMap;

use serde::ser::Error;
use serde_json::Value;

use crate::document::shape::File;

/// The file without its namespace, which is that of the ConfigMap that holds it: a tool that moves all objects to another namespace
/// need not know of it. It contains only given values, so that defaults stay defaults.
pub fn write(file: &File) -> Result<String, serde_saphyr::ser::Error> {
    let mut values = serde_json::to_value(file).map_err(serde_saphyr::ser::Error::custom)?;
    strip(&mut values);
    if let Value::Object(values) = &mut values {
        for key in ["apiVersion", "kind", "namespace", "consumers"] {
            values.remove(key);
        }
    }
    let is_empty = values.as_object().is_none_or(serde_json::Map::is_empty);
    let values = if is_empty { String::new() } else { serde_saphyr::to_string(&values)? };
    let consumers = match &file.consumers {
        Some(consumers) => serde_saphyr::to_string(&BTreeMap::from([("consumers", consumers)]))?,
        None => String::new(),
    };
    Ok(format!("apiVersion: newleaf.dev/v1alpha1\nkind: Rotation\n{values}{consumers}"))
}

/// Takes out what was not given, and the maps that are empty without it.
fn strip(value: &mut Value) {
    if let Value::Object(values) = value {
        values.retain(|_, value| {
            strip(value);
            !value.is_null() && value.as_object().is_none_or(|values| !values.is_empty())
        });
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::document::file::parse;
    use crate::document::resolve::{Environment, resolve};
    use crate::document::shape;

    const GIVEN: &str = "\
apiVersion: newleaf.dev/v1alpha1
kind: Rotation
namespace: backstage
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
            let file = shape::read(&layers).expect("it has the shape");
            (configuration.expect("valid"), write(&file).expect("it can be written"))
        };
        let (given, written) = resolved(GIVEN);
        let (read, again) = resolved(&written);
        assert_eq!(read, given, "{written}");
        assert_eq!(again, written);
        assert!(!written.contains("namespace: backstage\n"), "{written}");
    }
}
