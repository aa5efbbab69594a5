//! `config`: shows the configuration in effect, and where each value comes from.

use base::diagnosis::Failure;
use rotation::document::Place;
use rotation::document::error::Origin;
use rotation::document::keys::Key;
use rotation::document::shape::ConsumerFile;
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
    let foreign: &[Key] = match &effective.configuration.place {
        Place::Directory(_) => &Key::OF_CLUSTERS,
        Place::Cluster(_) => &Key::OF_DIRECTORIES,
    };
    let keys = Key::ALL.iter().filter(|key| !foreign.contains(key));
    let values = EffectiveValues { values: keys.map(|key| effective_value(*key, &effective)).collect() };
    console.show("EffectiveConfiguration", &values, |_| draw(&values))?;
    Ok(Verdict::Done)
}

/// The given value, or the default, computed for this place if it depends on it.
fn effective_value(key: Key, Effective { layers, configuration, .. }: &Effective) -> EffectiveValue {
    let (value, origin) = match (key, layers.get(key), layers.consumers(), &configuration.place) {
        (Key::Consumers, _, Some((consumers, origin)), _) => (names(consumers), origin),
        (_, Some(given), _, _) if key.is_list() => (given.texts.clone().into(), &given.origin),
        (_, Some(given), _, _) => (given.text().into(), &given.origin),
        (Key::Namespace, None, _, Place::Cluster(place)) => (place.namespace.clone().into(), &Origin::Default),
        (Key::ServerNames, None, _, _) => {
            (configuration.profile.server_names.iter().map(ToString::to_string).collect(), &Origin::Default)
        }
        (_, None, _, _) => (key.default().into(), &Origin::Default),
    };
    EffectiveValue { key: key.path(), value, origin: origin.to_string() }
}

fn names(consumers: &[ConsumerFile]) -> Value {
    consumers.iter().map(|consumer| consumer.name.clone()).collect()
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
