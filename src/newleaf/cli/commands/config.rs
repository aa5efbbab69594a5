//! `config`: shows the configuration in effect, and where each value comes from.

use base::diagnosis::Failure;
use base::layers::origin::Origin;
use base::layers::tree::Tree;
use rotation::document::Place;
use rotation::document::keys::{KEYS, Key, OF_CLUSTERS, OF_DIRECTORIES};
use serde::Serialize;
use serde_json::Value;
use terminal::console::Console;
use terminal::exit::Verdict;
use terminal::table::table;

use crate::cli::arguments::Global;
use crate::cli::effective::Effective;

/// One key with its value and origin.
#[derive(Debug, Serialize)]
struct EffectiveValue {
    key: &'static str,
    /// The value in effect. For some defaults, a description.
    value: Value,
    origin: String,
}

/// All keys that apply here.
#[derive(Debug, Serialize)]
struct EffectiveValues {
    values: Vec<EffectiveValue>,
}

/// Checks the configuration and shows it.
pub async fn config(global: &Global, console: &Console) -> Result<Verdict, Failure> {
    let effective = Effective::read(global).await?;
    let foreign: &[&str] = match &effective.configuration.place {
        Place::Directory(_) => &OF_CLUSTERS,
        Place::Cluster(_) => &OF_DIRECTORIES,
    };
    let keys = KEYS.iter().filter(|key| !key.is_in(foreign));
    let values = EffectiveValues { values: keys.map(|key| effective_value(key, &effective)).collect() };
    console.show("EffectiveConfiguration", &values, |_| draw(&values))?;
    Ok(Verdict::Done)
}

/// The given value, or the default, computed for this place if it depends on it.
fn effective_value(key: &Key, Effective { layers, configuration, .. }: &Effective) -> EffectiveValue {
    let (value, origin) = match (key.path, layers.find(key.path), &configuration.place) {
        (_, Some(given), _) => (given_value(given), &given.origin),
        ("namespace", None, Place::Cluster(place)) => (place.namespace.clone().into(), &Origin::Default),
        ("server.names", None, _) => {
            (configuration.profile.server_names.iter().map(ToString::to_string).collect(), &Origin::Default)
        }
        (_, None, _) => (key.default.into(), &Origin::Default),
    };
    EffectiveValue { key: key.path, value, origin: origin.to_string() }
}

/// A text, or the texts of a list; consumers by their names.
fn given_value(given: &Tree) -> Value {
    match given.text() {
        Some(text) => text.into(),
        None => given.items().iter().filter_map(|item| item.text().or_else(|| item.find("name")?.text())).collect(),
    }
}

fn draw(values: &EffectiveValues) -> String {
    let rows: Vec<[String; 3]> = values.values.iter().map(row).collect();
    table(["KEY", "VALUE", "FROM"], &rows)
}

fn row(value: &EffectiveValue) -> [String; 3] {
    let text = match &value.value {
        Value::Array(parts) => parts.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        Value::String(text) if text.is_empty() => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.value.to_string(),
    };
    [value.key.to_owned(), text, value.origin.clone()]
}
