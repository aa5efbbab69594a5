//! What holds for every document: identity, the later layer wins, every value keeps its origin; and what is too much is refused.

use std::collections::BTreeMap;
use std::ops::Range;

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::layers::error::LayerError;
use crate::layers::merge::{merge, replace};
use crate::layers::origin::Origin;
use crate::layers::path::{FieldPath, Segment};
use crate::layers::setting::{self, Form};
use crate::layers::tree::{Tree, TreeValue};
use crate::layers::{schema, yaml};

#[derive(Debug, Default, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Sample {
    name: Option<String>,
    replicas: Option<u8>,
    names: Option<Vec<String>>,
    labels: BTreeMap<String, String>,
    limits: Limits,
    containers: Vec<Container>,
}

#[derive(Debug, Default, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Limits {
    memory: Option<String>,
    is_strict: bool,
}

#[derive(Debug, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Container {
    name: String,
    kind: Kind,
}

#[derive(Debug, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Server,
    Sidecar { of: String },
}

fn origin(layer: usize) -> Origin {
    Origin::Flag(format!("--layer {layer}"))
}

fn layer(value: &Value, layer: usize) -> Tree {
    Tree::of(value, &origin(layer)).expect("JSON is a tree")
}

fn parse(text: &str) -> Result<Tree, LayerError> {
    yaml::parse(text, &Origin::file("f.yaml"))
}

fn sample(text: &str) -> Result<Sample, LayerError> {
    parse(text)?.document()
}

fn path(text: &str) -> FieldPath {
    text.parse().expect("a path")
}

#[test]
fn paths_are_read_and_written() {
    for text in ["", "leaf.rotateAfter", "server.names[0]", "a[0][12].b", "labels[\"app.kubernetes.io/name\"].x", "[3]"]
    {
        assert_eq!(path(text).to_string(), text);
    }
    assert_eq!(path("[\"a\"].b"), path("a.b"));
    assert_eq!(path("consumers[3].names[0]").pattern(), "consumers[].names[]");
    for text in [
        ".",
        "a.",
        ".a",
        "a..b",
        "a b",
        "a[",
        "a[]",
        "a[-1]",
        "a[+1]",
        "a[x]",
        "a[\"b]",
        "a[99999999999999999999]",
        "a]",
    ] {
        assert!(text.parse::<FieldPath>().is_err(), "{text:?}");
    }
}

#[test]
fn every_value_of_yaml_has_its_place() {
    let tree = parse("leaf:\n  lifetime: 40d\nnames: [a, \"b\"]\nn: &x 1\nm: *x\n").expect("YAML");
    let place = |at: &str| tree.find(at).expect(at).origin.place();
    assert_eq!(place("leaf.lifetime"), "f.yaml:2:13");
    assert_eq!(place("names"), "f.yaml:3:8");
    assert_eq!(place("names[1]"), "f.yaml:3:12");
    assert_eq!((place("n"), place("m")), ("f.yaml:4:7".to_owned(), "f.yaml:5:4".to_owned()));
    let keys: Vec<_> =
        tree.places().into_iter().map(|(path, origin, _)| format!("{path} {}", origin.place())).collect();
    assert!(keys.contains(&"leaf.lifetime f.yaml:2:3".to_owned()), "{keys:?}");
}

#[test]
fn a_value_without_quotes_stays_text_for_a_field_that_takes_text() {
    for (written, text) in [
        ("0600", "0600"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("1.50", "1.50"),
        ("yes", "yes"),
        (".inf", ".inf"),
        ("1e999", "1e999"),
        ("-7", "-7"),
        ("99999999999999999999", "99999999999999999999"),
        ("\"0600\"", "0600"),
        ("!!str 12", "12"),
        ("45 # days", "45"),
    ] {
        for before in ["", "\u{feff}", "# größe €\n"] {
            let read = sample(&format!("{before}name: {written}\n")).expect(written);
            assert_eq!(read.name.as_deref(), Some(text), "{before:?}");
        }
    }
    let read = sample("{replicas: 3, limits: {isStrict: yes, memory: 12}, labels: {8080: 1}}").expect("it is typed");
    assert_eq!((read.replicas, read.limits.is_strict, read.limits.memory.as_deref()), (Some(3), true, Some("12")));
    assert_eq!(read.labels.get("8080").map(String::as_str), Some("1"));
}

#[test]
fn enums_with_and_without_content_are_read() {
    let read = sample("containers: [{name: a, kind: server}, {name: b, kind: {sidecar: {of: a}}}]").expect("typed");
    let kinds: Vec<_> = read.containers.into_iter().map(|container| container.kind).collect();
    assert_eq!(kinds, [Kind::Server, Kind::Sidecar { of: "a".to_owned() }]);
}

#[test]
fn an_error_names_place_path_and_the_nearest_key() {
    for (text, message) in [
        ("limit: {}", "f.yaml:1:1: there is no key limit; the nearest is limits, of name, replicas"),
        (
            "limits: {\n memry: 1}",
            "f.yaml:2:2: limits: there is no key memry; the nearest is memory, of memory, isStrict",
        ),
        ("names: a", "f.yaml:1:8: names: expected a list, found a text"),
        ("names: [a, [b]]", "f.yaml:1:12: names[1]: expected a text, found a list"),
        ("names: [a, ~]", "f.yaml:1:12: names[1]: expected a text, found nothing"),
        ("limits: 3", "f.yaml:1:9: limits: expected a map, found a number"),
        ("limits: {isStrict: \"true\"}", "f.yaml:1:20: limits.isStrict: expected true or false, found a text"),
        ("replicas: 300", "f.yaml:1:11: replicas: invalid value: integer `300`, expected u8"),
        ("containers: [{name: a}]", "f.yaml:1:14: containers[0]: the key kind is missing"),
        ("containers: [{name: a, kind: x}]", "containers[0].kind: unknown value \"x\", expected server or sidecar"),
        ("labels: {a.b: []}", "f.yaml:1:15: labels[\"a.b\"]: expected a text, found a list"),
        ("{a: 1, a: 2}", "f.yaml:1:8: duplicate key a"),
        ("a: 1\n---\nb: 2", "it holds more than one document"),
        ("", "f.yaml:1:1: expected a map, found nothing"),
        ("- a", "f.yaml:1:1: expected a map, found a list"),
    ] {
        let error = sample(text).expect_err(text).to_string();
        assert!(error.contains(message), "{text:?}: {error:?}");
    }
}

#[test]
fn a_list_of_a_setting_is_separated_by_commas_or_is_yaml() {
    let read = |text: &str| {
        let tree = setting::read(&path("names"), text, Form::List, &origin(0)).expect("a list");
        tree.document::<Sample>().expect("a list of texts").names.unwrap_or_default()
    };
    assert_eq!(read("a, b"), ["a", "b"]);
    assert_eq!(read("[a, 'b,c', 0600]"), ["a", "b,c", "0600"]);
    assert_eq!(read("- a\n- b"), ["a", "b"]);
    assert_eq!(read("[::1]:5432,[::2]:5432"), ["[::1]:5432", "[::2]:5432"]);
    assert_eq!(read(""), [""]);
    let error = setting::read(&path("containers"), "[{name: a", Form::Yaml, &origin(0)).expect_err("no YAML");
    assert!(error.to_string().starts_with("flag --layer 0: containers: line 1, column "), "{error}");
    let error = setting::read(&path("names[0]"), "a", Form::Text, &origin(0)).expect_err("a place in a list");
    assert_eq!(error.problem, "a list is set as a whole");
}

#[test]
fn a_schema_says_how_a_setting_is_read() {
    let schema = schemars::schema_for!(Sample).to_value();
    let forms = [
        ("name", Some(Form::Text)),
        ("replicas", Some(Form::Yaml)),
        ("names", Some(Form::List)),
        ("names[0]", Some(Form::Text)),
        ("labels.any", Some(Form::Text)),
        ("limits", Some(Form::Yaml)),
        ("limits.memory", Some(Form::Text)),
        ("limits.isStrict", Some(Form::Yaml)),
        ("containers", Some(Form::Yaml)),
        ("limits.nothing", None),
        ("name.nothing", None),
    ];
    for (at, form) in forms {
        assert_eq!(schema::form(&schema, &path(at)), form, "{at}");
    }
    assert_eq!(schema::keys(&schema, &path("limits")), ["isStrict", "memory"]);
    let endless = json!({"$ref": "#/$defs/a", "$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}]}}});
    assert_eq!(schema::form(&endless, &FieldPath::default()), Some(Form::Yaml), "it ends");
}

#[test]
fn a_null_deletes_and_is_explained() {
    let file = parse("limits: {memory: 1Gi}\nname: a\n").expect("YAML");
    let raw = yaml::parse("limits: ~\n", &Origin::file("raw.yaml")).expect("YAML");
    let flag = setting::read(&path("name"), "b", Form::Text, &Origin::Flag("--set name".to_owned())).expect("a text");
    let merged = [layer(&json!({"name": "default"}), 0), file, raw, flag]
        .into_iter()
        .fold(Tree::default(), |lower, upper| merge(lower, upper, &replace));
    assert_eq!(merged.document::<Sample>().expect("typed"), Sample { name: Some("b".to_owned()), ..Sample::default() });
    assert!(merged.find("limits").is_none() && merged.find("limits.memory").is_none());
    let explain = |at: &str| merged.explain(&path(at)).map(|explanation| explanation.to_string());
    let name = "name is \"b\" (flag --set name); before: flag --layer 0, file f.yaml:2:7";
    assert_eq!(explain("name").as_deref(), Some(name));
    let limits = "limits is deleted (file raw.yaml:1:9); before: file f.yaml:1:9";
    assert_eq!(explain("limits").as_deref(), Some(limits));
    assert_eq!(explain("limits.memory").as_deref(), Some(limits), "a value below goes with it");
    assert_eq!(explain("replicas"), None);
}

#[test]
fn lists_are_merged_by_the_rule_that_is_given() {
    let append = |at: &FieldPath, mut lower: Vec<Tree>, upper: Vec<Tree>| {
        assert_eq!(at, &path("a.b"));
        lower.extend(upper);
        lower
    };
    let [lower, upper] = [json!({"a": {"b": [1]}}), json!({"a": {"b": [2]}})];
    let appended = merge(layer(&lower, 0), layer(&upper, 1), &append);
    assert_eq!(appended.document::<Value>().expect("JSON"), json!({"a": {"b": [1, 2]}}));
    assert_eq!(appended.find("a.b[0]").expect("the lower").origin, origin(0));
    let replaced = merge(layer(&lower, 0), layer(&upper, 1), &replace);
    assert_eq!(replaced.document::<Value>().expect("JSON"), upper);
}

fn lines(numbers: Range<usize>, line: impl Fn(usize) -> String) -> String {
    numbers.map(line).collect::<Vec<_>>().concat()
}

#[test]
fn what_is_too_much_is_refused_at_once() {
    let bomb: String = lines(1..9, |n| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(",")));
    let merges: String = lines(1..40, |n| format!("m{n}: &m{n} {{<<: [*m{}, *m{}], k{n}: 1}}\n", n - 1, n - 1));
    // Each line is within the limit, and is written out below the next.
    let ladder: String = lines(1..60, |n| format!("a{n}: &a{n} {}*a{}{}\n", "[".repeat(25), n - 1, "]".repeat(25)));
    let rungs: String = lines(1..60, |n| format!("a{n}: &a{n} {{k: *a{}}}\n", n - 1));
    let texts = [
        format!("a: {}{}", "[".repeat(80), "]".repeat(80)),
        format!("a: {}", "[".repeat(100_000)),
        format!("a: {}x{}", "{b: ".repeat(80), "}".repeat(80)),
        lines(0..200, |depth| format!("{}a:\n", " ".repeat(depth))),
        format!("{}x", "- ".repeat(20_000)),
        format!("a: [{}]", "x,".repeat(200_000)),
        format!("a: {}", "x".repeat(1 << 20)),
        format!("a0: &a0 [x,x,x,x,x,x,x,x,x]\n{bomb}"),
        format!("m0: &m0 {{k0: 1}}\n{merges}"),
        "a: &a [*a]".to_owned(),
        format!("a0: &a0 x\n{ladder}"),
        format!("a0: &a0 {{k: x}}\n{rungs}"),
    ];
    for text in texts {
        let head: String = text.chars().take(60).collect();
        let error = parse(&text).expect_err(&head).to_string();
        assert!(error.starts_with("f.yaml:") && !error.contains('\n') && error.len() < 200, "{head}: {error}");
    }
}

#[test]
fn what_is_large_and_plain_is_read() {
    let items: String = lines(0..15_000, |n| format!("- {{name: n{n}, kind: server}}\n"));
    let read = sample(&format!("containers:\n{items}")).expect("it is within the limits");
    assert_eq!(read.containers.len(), 15_000);
    let deep = format!("a: {}x{}", "[".repeat(30), "]".repeat(30));
    assert!(parse(&deep).is_ok(), "thirty levels");
}

/// Any JSON of some depth, nulls included.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z0-9:~. -]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-d]", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

fn any_map() -> impl Strategy<Value = Value> {
    prop::collection::btree_map("[a-d]", any_value(), 0..4).prop_map(|map| json!(map))
}

/// RFC 7386, with the nulls kept that delete.
fn patched(lower: &Value, upper: &Value) -> Value {
    match (lower, upper) {
        (Value::Object(lower), Value::Object(upper)) => {
            let mut merged = lower.clone();
            for (key, value) in upper {
                let below = lower.get(key).unwrap_or(&Value::Null);
                merged.insert(key.clone(), if lower.contains_key(key) { patched(below, value) } else { value.clone() });
            }
            merged.into()
        }
        (_, upper) => upper.clone(),
    }
}

/// Without the nulls of maps: what a document sees.
fn seen(value: &Value) -> Value {
    match value {
        Value::Object(values) => values
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key.clone(), seen(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::Array(values) => values.iter().map(seen).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn stacked(layers: &[Value]) -> Tree {
    let trees = layers.iter().enumerate().map(|(number, value)| layer(value, number));
    trees.fold(Tree::default(), |lower, upper| merge(lower, upper, &replace))
}

/// The value at a path, nulls included.
fn pointed<'a>(value: &'a Value, path: &FieldPath) -> Option<&'a Value> {
    path.segments().iter().try_fold(value, |value, segment| match segment {
        Segment::Name(name) => value.get(name),
        Segment::Index(index) => value.get(index),
    })
}

proptest! {
    #[test]
    fn a_layer_alone_and_between_nothing_is_itself(value in any_map()) {
        prop_assume!(value != json!({}));
        let tree = layer(&value, 1);
        prop_assert_eq!(&merge(Tree::default(), tree.clone(), &replace), &tree);
        prop_assert_eq!(&merge(tree.clone(), Tree::default(), &replace), &tree);
        prop_assert_eq!(tree.document::<Value>().expect("JSON"), seen(&value));
    }

    #[test]
    fn the_later_layer_wins(layers in prop::collection::vec(any_map(), 1..5)) {
        let expected = layers.iter().fold(json!({}), |lower, upper| patched(&lower, upper));
        prop_assert_eq!(stacked(&layers).document::<Value>().expect("JSON"), seen(&expected));
    }

    #[test]
    fn every_leaf_comes_from_the_layer_that_its_origin_names(layers in prop::collection::vec(any_map(), 1..5)) {
        let merged = stacked(&layers);
        for (path, _, tree) in merged.places() {
            let number = (0..layers.len()).find(|number| tree.origin == origin(*number)).expect("one of the layers");
            let given = pointed(&layers[number], &path).expect("that layer gives the path");
            let is_leaf = !matches!(tree.value, TreeValue::Map(_));
            if is_leaf {
                prop_assert_eq!(tree.document::<Value>().expect("JSON"), seen(given), "{}", path);
                let above = layers[number + 1..].iter().filter(|layer| pointed(layer, &path).is_some());
                prop_assert_eq!(above.count(), 0, "{} is in a later layer", path);
            }
            let mut numbers: Vec<_> = tree.overridden.iter().map(|origin| format!("{origin}")).collect();
            let before = numbers.clone();
            numbers.sort();
            prop_assert_eq!(before, numbers, "the lowest first");
            let explanation = merged.explain(&path).expect("it is there");
            prop_assert_eq!(explanation.origin, &tree.origin);
        }
    }

    #[test]
    fn what_is_written_as_yaml_is_read_again(value in any_map()) {
        let text = serde_saphyr::to_string(&value).expect("YAML");
        let tree = parse(&text).expect("what was written");
        prop_assert_eq!(tree.document::<Value>().expect("JSON"), seen(&value), "{}", text);
        for (path, origin, value) in tree.places() {
            prop_assert!(matches!((origin, &value.origin), (Origin::File { .. }, Origin::File { .. })), "{}", path);
        }
    }

    #[test]
    fn paths_read_back(names in prop::collection::vec(prop_oneof!["\\PC{0,5}", "[a-z]{1,4}"], 0..4), index in any::<usize>()) {
        let mut segments: Vec<_> = names.into_iter().map(Segment::Name).collect();
        segments.push(Segment::Index(index));
        let path = FieldPath::from(segments);
        prop_assert_eq!(path.to_string().parse(), Ok(path));
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,60}") {
        let path = text.parse::<FieldPath>();
        prop_assert!(path.is_err() || path.is_ok_and(|path| path.is_empty() == text.is_empty()));
        let read = parse(&text).map(|tree| tree.document::<Sample>());
        prop_assert!(read.is_ok() || read.is_err());
    }
}
