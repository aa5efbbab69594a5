//! Every value of the whole document replaced by unexpected values: none makes it panic, and what is taken still keeps
//! every policy and survives its YAML.

use serde_json::{Value, json};

use super::documents::WHOLE;
use super::*;
use crate::object::yaml;

fn hostile() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(-1),
        json!(0),
        json!(4_294_967_295_u32),
        json!(1.5),
        json!([]),
        json!({}),
        json!(""),
        json!("a: b\n- c"),
        json!("'\"#%@`|> ${X} $(Y) {{z}}"),
        json!("\u{0}\u{7f}\u{2028}ÿ"),
        json!("a".repeat(300)),
    ]
}

/// The pointers of all values.
fn pointers(value: &Value, pointer: &str, all: &mut Vec<String>) {
    all.push(pointer.to_owned());
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                pointers(value, &format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")), all);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                pointers(value, &format!("{pointer}/{index}"), all);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn no_value_breaks_more_than_its_own_document() {
    let whole: Value = serde_saphyr::from_str(WHOLE).expect("YAML");
    let mut all_pointers = Vec::new();
    pointers(&whole, "", &mut all_pointers);
    let (mut taken, mut refused) = (0, 0);
    for pointer in &all_pointers {
        for value in hostile() {
            let mut document = whole.clone();
            *document.pointer_mut(pointer).expect("it is there") = value.clone();
            let Ok(settings) = document::read(&document).and_then(|document| Settings::of(&document)) else {
                refused += 1;
                continue;
            };
            taken += 1;
            let objects = render(&settings);
            assert_eq!(violations(&settings, &objects), [], "{pointer} = {value}");
            if value.is_string() {
                let text = yaml(&objects).expect("YAML");
                let read: Vec<Value> = serde_saphyr::from_multiple(&text).expect("YAML that can be read");
                assert!(read.iter().eq(objects.iter().map(Object::value)), "{pointer} = {value}");
            }
        }
    }
    assert!(taken > 200 && refused > 1_000, "{taken} taken, {refused} refused of {}", all_pointers.len());
}
