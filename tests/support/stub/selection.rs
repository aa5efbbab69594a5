//! What a list selects: labels, fields, a page.

use serde_json::Value;

/// A query, decoded.
pub(crate) fn query(text: &str) -> Vec<(String, String)> {
    let pair = |pair: &str| pair.split_once('=').map(|(name, value)| (decoded(name), decoded(value)));
    text.split('&').filter_map(pair).collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let hex: Vec<u8> = if byte == b'%' { rest.by_ref().take(2).collect() } else { Vec::new() };
        match u8::from_str_radix(&String::from_utf8_lossy(&hex), 16) {
            Ok(decoded) => bytes.push(decoded),
            Err(_) => bytes.push(if byte == b'+' { b' ' } else { byte }),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether labels satisfy a selector of the forms `a=b,c!=d`.
pub(crate) fn labels_match(selector: Option<&str>, labels: &Value) -> bool {
    requirements(selector).all(|(name, equal, value)| (labels[name.as_str()].as_str() == Some(&value)) == equal)
}

/// Whether an object satisfies a field selector, whose fields are paths in the object.
pub(crate) fn fields_match(selector: Option<&str>, field: impl Fn(&str) -> Option<String>) -> bool {
    requirements(selector).all(|(name, equal, value)| (field(&name).as_deref() == Some(&value)) == equal)
}

fn requirements(selector: Option<&str>) -> impl Iterator<Item = (String, bool, String)> {
    let parts = selector.unwrap_or_default().split(',').filter(|part| !part.is_empty()).map(|part| {
        let (name, equal, value) = match part.split_once("!=") {
            Some((name, value)) => (name, false, value),
            None => part.split_once('=').map_or((part, true, ""), |(name, value)| (name, true, value)),
        };
        (name.trim().to_owned(), equal, value.trim_start_matches('=').trim().to_owned())
    });
    parts.collect::<Vec<_>>().into_iter()
}
