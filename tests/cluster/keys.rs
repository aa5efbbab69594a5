//! Private keys, and every form in which one could have slipped into a text.

use std::collections::BTreeMap;

use base64ct::{Base64, Encoding};
use serde_json::Value;

use crate::kubectl::Namespace;

/// What comes before the private number in a P-256 key (RFC 5915, section 3): its version, and an octet string of 32 bytes.
const BEFORE_THE_NUMBER: [u8; 5] = [0x02, 0x01, 0x01, 0x04, 0x20];
const NUMBER: usize = 32;
/// Long enough that nobody writes it by chance, short enough for a line that was cut.
const PIECE: usize = 16;

/// The private numbers of all keys that were ever seen, by where they were.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    numbers: BTreeMap<Vec<u8>, String>,
}

impl Keys {
    /// Remembers every private key in the Secrets of a namespace.
    pub(crate) fn learn(&mut self, namespace: &Namespace) {
        let secrets: Value =
            serde_json::from_str(&namespace.kubectl(&["get", "secrets", "--output", "json"])).expect("JSON");
        for secret in secrets["items"].as_array().expect("a list") {
            for (key, value) in secret["data"].as_object().into_iter().flatten() {
                let text = Base64::decode_vec(value.as_str().expect("text")).expect("base64");
                if let Some(number) = number(&String::from_utf8_lossy(&text)) {
                    self.numbers.insert(number, format!("{} of {}", key, secret["metadata"]["name"]));
                }
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// The keys of which a part is in the text, and in which form.
    pub(crate) fn found_in(&self, text: &str) -> Vec<(&str, &'static str)> {
        let forms = self.numbers.iter().flat_map(|(number, place)| {
            forms(number).into_iter().map(move |(form, piece)| (place.as_str(), form, piece))
        });
        let mut found: Vec<_> =
            forms.filter(|(_, _, piece)| text.contains(piece)).map(|(place, form, _)| (place, form)).collect();
        found.dedup();
        found
    }
}

/// The private number of a P-256 key in PEM.
fn number(pem: &str) -> Option<Vec<u8>> {
    let body = pem.split_once("PRIVATE KEY-----")?.1.split("-----END").next()?;
    let der = Base64::decode_vec(&body.split_whitespace().collect::<String>()).ok()?;
    let at = der.windows(BEFORE_THE_NUMBER.len()).position(|window| window == BEFORE_THE_NUMBER)?;
    der.get(at + BEFORE_THE_NUMBER.len()..)?.get(..NUMBER).map(<[u8]>::to_vec)
}

/// Pieces of text, each of which betrays 12 bytes or more of the number.
fn forms(number: &[u8]) -> Vec<(&'static str, String)> {
    let mut forms = Vec::new();
    for half in number.chunks(NUMBER / 2) {
        let hexadecimal = half.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
        forms.push(("upper case hexadecimal", hexadecimal.to_uppercase()));
        forms.push(("hexadecimal", hexadecimal));
        let decimal: Vec<String> = half.iter().map(u8::to_string).collect();
        forms.push(("numbers", decimal.join(", ")));
        forms.push(("dense numbers", decimal.join(",")));
    }
    for once in encoded(number) {
        forms.push(("base64 for addresses", once.replace('+', "-").replace('/', "_")));
        forms.extend(encoded(once.as_bytes()).into_iter().map(|twice| ("base64 of base64", twice)));
        forms.push(("base64", once));
    }
    forms
}

/// What base64 makes of these bytes in the midst of others, in pieces, however the whole is aligned.
fn encoded(bytes: &[u8]) -> Vec<String> {
    let at = |shift: usize| {
        let text = Base64::encode_string(&[&vec![0; shift][..], bytes].concat());
        // What the neighbours have a part in.
        let (first, last) = (if shift == 0 { 0 } else { 4 }, text.len() - 4);
        text.get(first..last).unwrap_or_default().as_bytes().to_vec()
    };
    let pieces = (0..3).flat_map(|shift| at(shift).chunks_exact(PIECE).map(<[u8]>::to_vec).collect::<Vec<_>>());
    pieces.map(|piece| String::from_utf8(piece).expect("base64 is ASCII")).collect()
}
