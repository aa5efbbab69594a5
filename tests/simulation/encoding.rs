//! The bytes of the simulation: `leaf 17`, `key 17`, `root 3`, `authority 3`, a line each. Bytes without their last
//! newline are torn.

use std::collections::{BTreeMap, BTreeSet};

use rotation::engine::material::{
    LEAF_CERTIFICATE, LEAF_KEY, Material, RETIRING, SecretBytes, TRUST_BUNDLE, authority_certificate, authority_key,
};

use crate::world::{Number, Pair};

/// One generation of the authority as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Generation {
    pub(crate) certificate: Number,
    pub(crate) retiring: bool,
}

/// Bytes of one line a number.
fn lines(word: &str, numbers: impl IntoIterator<Item = Number>) -> SecretBytes {
    let lines = numbers.into_iter().map(|number| format!("{word} {number}\n").into_bytes());
    SecretBytes::new(lines.collect::<Vec<_>>().concat())
}

/// The numbers of one entry, in their order.
fn numbers<C: FromIterator<Number>>(material: &Material, entry: &str, word: &str) -> Result<C, String> {
    let bytes = material.entry(entry).ok_or_else(|| format!("{entry} is missing"))?;
    let text = std::str::from_utf8(bytes).map_err(|_| format!("{entry} is not text"))?;
    let text = text.strip_suffix('\n').ok_or_else(|| format!("{entry} is cut off"))?;
    let number = |line: &str| line.strip_prefix(word)?.strip_prefix(' ')?.parse().ok();
    text.split('\n').map(|line| number(line).ok_or_else(|| format!("{entry} is not a {word}"))).collect()
}

/// The number of an entry that holds one.
fn number(material: &Material, entry: &str, word: &str) -> Result<Number, String> {
    let Only(number) = numbers(material, entry, word)?;
    number.ok_or_else(|| format!("{entry} does not hold one {word}"))
}

/// Collects exactly one number, without a list: this is the simulation's most frequent question.
struct Only(Option<Number>);

impl FromIterator<Number> for Only {
    fn from_iter<I: IntoIterator<Item = Number>>(numbers: I) -> Self {
        let mut numbers = numbers.into_iter();
        let first = numbers.next();
        Self(first.filter(|_| numbers.next().is_none()))
    }
}

/// Reads a leaf, its key and its bundle.
pub(crate) fn pair(material: &Material) -> Result<Pair, String> {
    let leaf = number(material, LEAF_CERTIFICATE, "leaf")?;
    if number(material, LEAF_KEY, "key")? != leaf {
        return Err(format!("{LEAF_KEY} does not match {LEAF_CERTIFICATE}"));
    }
    Ok(Pair { leaf, trust: numbers(material, TRUST_BUNDLE, "root")? })
}

/// Writes a leaf, its key and its bundle into material that may hold more.
pub(crate) fn set_pair(material: &mut Material, pair: &Pair) {
    material.entries.insert(LEAF_CERTIFICATE.to_owned(), lines("leaf", [pair.leaf]));
    material.entries.insert(LEAF_KEY.to_owned(), lines("key", [pair.leaf]));
    set_trust(material, &pair.trust);
}

/// Writes the bundle alone.
pub(crate) fn set_trust(material: &mut Material, trust: &BTreeSet<Number>) {
    material.entries.insert(TRUST_BUNDLE.to_owned(), lines("root", trust.iter().copied()));
}

/// Reads every generation of the authority, by its number.
pub(crate) fn generations(material: &Material) -> Result<BTreeMap<u32, Generation>, String> {
    let retiring = material.list(RETIRING);
    let mut found = BTreeMap::new();
    for entry in material.entries.keys() {
        let generation = match entry.strip_suffix(".crt") {
            Some("tls") => 0,
            Some(name) => {
                name.strip_prefix("authority-").and_then(|text| text.parse().ok()).ok_or("a foreign entry")?
            }
            None => continue,
        };
        let (certificate_entry, key_entry) = names(generation);
        let certificate = number(material, &certificate_entry, "authority")?;
        if number(material, &key_entry, "key")? != certificate {
            return Err(format!("{key_entry} does not match {certificate_entry}"));
        }
        let retiring = retiring.contains(&generation.to_string());
        found.insert(generation, Generation { certificate, retiring });
    }
    if found.is_empty() { Err("no generation of the authority".to_owned()) } else { Ok(found) }
}

/// Adds a generation.
pub(crate) fn set_generation(material: &mut Material, generation: u32, certificate: Number) {
    let (certificate_entry, key_entry) = names(generation);
    material.entries.insert(certificate_entry, lines("authority", [certificate]));
    material.entries.insert(key_entry, lines("key", [certificate]));
}

/// Removes a generation.
pub(crate) fn remove_generation(material: &mut Material, generation: u32) {
    let (certificate_entry, key_entry) = names(generation);
    material.entries.remove(&certificate_entry);
    material.entries.remove(&key_entry);
    let retiring: Vec<_> = material.list(RETIRING).into_iter().filter(|text| *text != generation.to_string()).collect();
    material.set_list(RETIRING, &retiring);
}

/// The same material with every entry cut in half.
pub(crate) fn torn(material: &Material) -> Material {
    let half = |bytes: &SecretBytes| {
        let half = &bytes.expose()[..bytes.expose().len() / 2];
        SecretBytes::new(half.strip_suffix(b"\n").unwrap_or(half).to_vec())
    };
    let entries = material.entries.iter().map(|(name, bytes)| (name.clone(), half(bytes))).collect();
    Material { entries, annotations: material.annotations.clone() }
}

fn names(generation: u32) -> (String, String) {
    match generation {
        0 => (LEAF_CERTIFICATE.to_owned(), LEAF_KEY.to_owned()),
        _ => (authority_certificate(generation), authority_key(generation)),
    }
}
