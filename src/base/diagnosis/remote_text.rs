//! Text from other programs: the API server, a container, PostgreSQL, a command. It may have any length, may try to control
//! the terminal, and may quote a Secret. Errors, Events and log lines take it only as a [`RemoteText`], which has cut and
//! cleaned it.

use std::error::Error;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

/// How much more of the text it examines than it may show, because removed parts make room for later ones.
const EXAMINED: usize = 8;
/// The replacement for text that may be a key. It is one word, so that a text can be cleaned twice.
const REMOVED: &str = "[removed]";
/// The end of a text that was cut.
const CUT: &str = "...";

/// The number of hexadecimal digits in a row that may be a key: 192 bits. The longest serial number of a certificate (RFC
/// 5280, 4.1.2.2) is shorter, the smallest private key is longer.
const HEX_MIN: usize = 48;
/// The number of pairs of hexadecimal digits with colons that may be a key, as `openssl pkey -text` prints it.
const PAIRS_MIN: usize = 12;
/// The number of base64 characters in a row, with small letters, capitals and digits, that may be a key: 128 bits.
const MIXED_MIN: usize = 22;
/// The number of letters and digits in a row that may be a token. No name of Kubernetes is so long without a dash.
const PLAIN_MIN: usize = 32;
/// The shortest token after `Bearer`.
const BEARER_MIN: usize = 16;
/// The words before the equals sign of a secret.
const SECRET_NAMES: [&str; 3] = ["password", "passwd", "token"];

/// Text from other programs, without anything that may be a key, without control characters for a terminal, and with a
/// limited number of characters.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct RemoteText(String);

impl RemoteText {
    /// The number of characters of a text, if the caller names no other number.
    pub const LENGTH_MAX: usize = 500;

    /// At most [`Self::LENGTH_MAX`] characters of a text.
    pub fn new(text: &str) -> Self {
        Self::within(text, Self::LENGTH_MAX)
    }

    /// At most this number of characters of a text.
    pub fn within(text: &str, length: usize) -> Self {
        Self(shortened(&without_keys(&printable(text, length.saturating_mul(EXAMINED))), length))
    }

    /// At most [`Self::LENGTH_MAX`] characters of what should be UTF-8.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        // A character has at most four bytes; one more than the examined part shows that the text continues.
        let examined = bytes.get(..Self::LENGTH_MAX * EXAMINED * 4 + 4).unwrap_or(bytes);
        Self::new(&String::from_utf8_lossy(examined))
    }

    /// The messages of an error and of its causes, in one line.
    pub fn from_error(error: &dyn Error) -> Self {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            let message = cause.to_string();
            // Some libraries repeat the cause in their own message.
            if !text.contains(&message) {
                text = format!("{text}: {message}");
            }
            source = cause.source();
        }
        Self::new(&text)
    }

    /// The cleaned text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing to show.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for RemoteText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RemoteText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl<'de> Deserialize<'de> for RemoteText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::new(&text))
    }
}

/// The first `examined` characters on one line, without invisible ones. Blanks stay, because the line may belong to a table.
/// If the text is longer, it omits the cut word, because half a key does not look like a key.
fn printable(text: &str, examined: usize) -> String {
    let (whole, is_cut) = match text.char_indices().nth(examined) {
        Some((end, _)) => (text.get(..end).unwrap_or(text), true),
        None => (text, false),
    };
    let mut line = String::with_capacity(whole.len());
    for character in whole.chars() {
        if character.is_whitespace() {
            line.push(' ');
        } else if !character.is_control() && !is_invisible(character) {
            line.push(character);
        }
    }
    if is_cut {
        let kept = line.trim_end_matches(is_of_run).len();
        line.truncate(kept);
        line.push_str(CUT);
    }
    line.truncate(line.trim_end().len());
    line
}

/// Characters that change the direction of writing, join or hide others (Unicode, general category Cf).
const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    )
}

/// The text with [`REMOVED`] in place of everything that may be a key, in one pass.
fn without_keys(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (taken, is_key) = first_piece(rest, first);
        let (piece, after) = rest.split_at_checked(taken).unwrap_or((rest, ""));
        rest = after;
        if is_key {
            kept.push_str(REMOVED);
            continue;
        }
        kept.push_str(piece);
        if let Some((between, secret)) = named_secret(piece, after) {
            kept.push_str(between);
            kept.push_str(REMOVED);
            rest = after.get(between.len() + secret.len()..).unwrap_or_default();
        }
    }
    kept
}

/// The length of the first unit of the text, which is kept or removed as a whole, and whether it may be a key.
fn first_piece(text: &str, first: char) -> (usize, bool) {
    if let Some(length) = pem_block(text) {
        return (length, true);
    }
    if let Some(length) = hex_pairs(text) {
        return (length, true);
    }
    match run(text) {
        0 => (first.len_utf8(), false),
        length => match padded_key(text, length) {
            Some(padded) => (padded, true),
            None => (length, false),
        },
    }
}

/// The length of a PEM block at the start of the text. A block without an end line extends to the end of the text.
fn pem_block(text: &str) -> Option<usize> {
    const END: &str = "-----END ";
    const DASHES: &str = "-----";
    let inner = text.strip_prefix("-----BEGIN ")?;
    let begin = text.len() - inner.len();
    let Some(end) = inner.find(END) else { return Some(text.len()) };
    let label = begin + end + END.len();
    match text.get(label..).unwrap_or_default().find(DASHES) {
        Some(at) => Some(label + at + DASHES.len()),
        None => Some(text.len()),
    }
}

/// The length of the pairs of hexadecimal digits with colons at the start of the text, if there are many.
fn hex_pairs(text: &str) -> Option<usize> {
    let (mut pairs, mut length) = (0, 0);
    for triple in text.as_bytes().chunks(3) {
        let [first, second, rest @ ..] = triple else { break };
        if !first.is_ascii_hexdigit() || !second.is_ascii_hexdigit() {
            break;
        }
        pairs += 1;
        if rest != b":" {
            length += 2;
            break;
        }
        length += 3;
    }
    if pairs >= PAIRS_MIN { Some(length) } else { None }
}

const fn is_of_run(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '+' | '/' | '-' | '_')
}

/// The number of base64 characters at the start of the text, in either alphabet (RFC 4648, 4 and 5), without padding.
fn run(text: &str) -> usize {
    text.find(|character| !is_of_run(character)).unwrap_or(text.len())
}

/// The length of a run with its padding, if it may be a key.
fn padded_key(text: &str, length: usize) -> Option<usize> {
    let (run, after) = text.split_at_checked(length)?;
    let padding = after.bytes().take(2).take_while(|byte| *byte == b'=').count();
    if is_key_like(run) { Some(length + padding) } else { None }
}

fn is_key_like(run: &str) -> bool {
    let has = |is: fn(&u8) -> bool| run.as_bytes().iter().any(is);
    let is_made_of = |is: fn(&u8) -> bool| run.as_bytes().iter().all(is);
    if is_made_of(u8::is_ascii_hexdigit) {
        return run.len() >= HEX_MIN;
    }
    let (small, capital, digit) = (has(u8::is_ascii_lowercase), has(u8::is_ascii_uppercase), has(u8::is_ascii_digit));
    if small && capital && digit {
        return run.len() >= MIXED_MIN;
    }
    run.len() >= PLAIN_MIN && is_made_of(u8::is_ascii_alphanumeric) && (digit || (small && capital))
}

/// The separator after a word that announces a secret, and the secret: `Bearer SECRET`, `password=SECRET`.
fn named_secret<'a>(word: &str, after: &'a str) -> Option<(&'a str, &'a str)> {
    let (between, rest) = after.split_at_checked(1)?;
    let secret = rest.split([' ', '"', '\'', '&', ';', ',']).next().unwrap_or_default();
    let is_secret = match between {
        "=" => SECRET_NAMES.iter().any(|name| ends_with(word, name)) && !secret.is_empty(),
        " " => ends_with(word, "Bearer") && secret.len() >= BEARER_MIN,
        _ => false,
    };
    if is_secret { Some((between, secret)) } else { None }
}

/// Whether the word ends with the name, regardless of case.
fn ends_with(word: &str, name: &str) -> bool {
    let Some(start) = word.len().checked_sub(name.len()) else { return false };
    match word.get(start..) {
        Some(end) => end.eq_ignore_ascii_case(name),
        None => false,
    }
}

/// At most this number of characters. Dots show a cut.
fn shortened(text: &str, length: usize) -> String {
    if text.chars().nth(length).is_none() {
        return text.to_owned();
    }
    let kept: String = text.chars().take(length.saturating_sub(CUT.len())).collect();
    format!("{}{CUT}", kept.trim_end())
}

#[cfg(test)]
#[path = "remote_text_tests.rs"]
mod tests;
