//! Private keys, and every form in which one could have slipped into a text.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::AhoCorasick;
use base64ct::{Base64, Encoding};
use serde_json::Value;
use x509_parser::asn1_rs::{Any, FromDer, Tag};

use crate::kubectl::Namespace;

/// How many bytes of a number are written together in the forms that are not base64.
const BYTES: usize = 16;
/// How many characters of base64 are looked for together: long enough that nobody writes them by chance, short enough for a
/// line that was cut.
const PIECE: usize = 16;

/// All private keys that were ever seen, each by its private numbers, and where it was.
#[derive(Debug, Default)]
pub(crate) struct Keys(BTreeMap<Vec<Vec<u8>>, String>);

/// Looks for all of them at once.
#[derive(Debug)]
pub(crate) struct Search {
    pieces: AhoCorasick,
    /// Where the key of each piece was, and the form of the piece.
    origins: Vec<(String, &'static str)>,
}

impl Keys {
    /// Remembers every private key in the Secrets of a namespace.
    pub(crate) fn learn(&mut self, namespace: &Namespace) {
        let secrets: Value =
            serde_json::from_str(&namespace.kubectl(&["get", "secrets", "--output", "json"])).expect("JSON");
        for secret in secrets["items"].as_array().expect("a list") {
            for (key, value) in secret["data"].as_object().into_iter().flatten() {
                let text = Base64::decode_vec(value.as_str().expect("text")).expect("base64");
                if let Some(numbers) = numbers(&String::from_utf8_lossy(&text)) {
                    self.0.insert(numbers, format!("{} of {}", key, secret["metadata"]["name"]));
                }
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn search(&self) -> Search {
        let mut texts = Vec::new();
        let mut origins = Vec::new();
        for (numbers, place) in &self.0 {
            for (form, piece) in numbers.iter().flat_map(|number| forms(number)) {
                texts.push(piece);
                origins.push((place.clone(), form));
            }
        }
        Search { pieces: AhoCorasick::new(texts).expect("they are few enough"), origins }
    }
}

impl Search {
    /// The keys of which a part is in the text, and in which form.
    pub(crate) fn found_in(&self, text: &str) -> BTreeSet<(&str, &'static str)> {
        let found = self.pieces.find_overlapping_iter(text).map(|found| &self.origins[found.pattern().as_usize()]);
        found.map(|(place, form)| (place.as_str(), *form)).collect()
    }
}

/// The private numbers of a PKCS #8 key in PEM (RFC 5958, section 2).
fn numbers(pem: &str) -> Option<Vec<Vec<u8>>> {
    let body = pem.split_once("PRIVATE KEY-----")?.1.split("-----END").next()?;
    let der = Base64::decode_vec(&body.split_whitespace().collect::<String>()).ok()?;
    let private = elements(elements(&der)?.first()?.data)?.get(2)?.data;
    let key = elements(private)?.first()?.clone();
    if key.tag() == Tag::OctetString {
        // Ed25519: RFC 8410, section 7.
        return Some(vec![key.data.to_vec()]);
    }
    let fields = elements(key.data)?;
    let secret = match fields.iter().find(|field| field.tag() == Tag::OctetString) {
        // An elliptic curve: RFC 5915, section 3.
        Some(number) => std::slice::from_ref(number),
        // RSA: RFC 8017, appendix A.1.2; before these come version, modulus and public exponent.
        None => fields.get(3..)?,
    };
    let without_sign = |field: &Any<'_>| field.data.strip_prefix(&[0]).unwrap_or(field.data).to_vec();
    Some(secret.iter().map(without_sign).collect())
}

/// The elements of DER that follow one another.
fn elements(mut der: &[u8]) -> Option<Vec<Any<'_>>> {
    let mut elements = Vec::new();
    while !der.is_empty() {
        let (rest, element) = Any::from_der(der).ok()?;
        elements.push(element);
        der = rest;
    }
    Some(elements)
}

/// Pieces of text, each of which betrays 12 bytes or more of the number.
fn forms(number: &[u8]) -> Vec<(&'static str, String)> {
    let mut forms = Vec::new();
    for part in number.chunks_exact(BYTES) {
        let hexadecimal = part.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
        forms.push(("upper case hexadecimal", hexadecimal.to_uppercase()));
        forms.push(("hexadecimal", hexadecimal));
        let decimal: Vec<String> = part.iter().map(u8::to_string).collect();
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
