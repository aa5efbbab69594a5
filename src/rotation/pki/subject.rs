//! Distinguished names in one line, as PostgreSQL shows them.

use x509_parser::asn1_rs::{Class, Tag};
use x509_parser::prelude::FromDer;
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

use crate::pki::identity::hexadecimal;

/// The value of `pg_stat_ssl.issuer_dn` before PostgreSQL cuts it to 63 bytes: `/CN=...`, attributes in the order of the
/// certificate, values escaped by RFC 2253 except for bytes beyond ASCII (`X509_NAME_to_cstring` in PostgreSQL's
/// `be-secure-openssl.c`).
pub(super) fn one_line(name: &X509Name<'_>) -> String {
    let mut line = String::new();
    for attribute in name.iter_attributes() {
        line.extend(["/", &short_name(attribute), "=", &value(attribute)]);
    }
    line
}

/// The same for a name in DER. If it is unreadable, its hexadecimal digits.
pub fn line_of(name: &[u8]) -> String {
    match X509Name::from_der(name) {
        Ok((_, name)) => one_line(&name),
        Err(_) => format!("#{}", hexadecimal(name)),
    }
}

/// A normal form: two names that OpenSSL takes for the same (`X509_NAME_cmp` ignores string type, case and the amount of
/// space) give the same text. Some other names may do so too.
pub(super) fn folded(name: &X509Name<'_>) -> String {
    let mut line = String::new();
    for attribute in name.iter_attributes() {
        let text = match text(attribute) {
            Some(text) => text,
            None => value(attribute),
        };
        line.extend(["/", &short_name(attribute), "=", &text]);
    }
    line.retain(|character| !character.is_whitespace());
    line.to_ascii_lowercase()
}

/// Whether every attribute is readable text. OpenSSL refuses to read a certificate with any other attribute.
pub(super) fn is_text(name: &X509Name<'_>) -> bool {
    // A BIT STRING is not text, but x500UniqueIdentifier uses it.
    name.iter_attributes().all(|attribute| attribute.attr_value().tag().0 == 3 || text(attribute).is_some())
}

/// The email addresses among the attributes, for name constraints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Emails {
    /// The name has none.
    None,
    /// The name has some.
    Proper,
    /// One is not an `IA5String`. OpenSSL refuses it below any name constraint.
    Improper,
}

pub(super) fn emails(name: &X509Name<'_>) -> Emails {
    let mut emails = Emails::None;
    for email in name.iter_email() {
        if email.attr_value().tag() != Tag::Ia5String {
            return Emails::Improper;
        }
        emails = Emails::Proper;
    }
    emails
}

/// The common names. It replaces a name that is not text.
pub(super) fn common_names(name: &X509Name<'_>) -> Vec<String> {
    name.iter_common_name().map(|name| text(name).unwrap_or_else(|| "(not text)".to_owned())).collect()
}

/// OpenSSL's short name of the attribute's type, or its number if it has none.
fn short_name(attribute: &AttributeTypeAndValue<'_>) -> String {
    let oid = attribute.attr_type().to_id_string();
    let known = match oid.as_str() {
        "2.5.4.3" => "CN",
        "2.5.4.4" => "SN",
        "2.5.4.5" => "serialNumber",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.9" => "street",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        "2.5.4.12" => "title",
        "2.5.4.13" => "description",
        "2.5.4.15" => "businessCategory",
        "2.5.4.17" => "postalCode",
        "2.5.4.41" => "name",
        "2.5.4.42" => "GN",
        "2.5.4.43" => "initials",
        "2.5.4.44" => "generationQualifier",
        "2.5.4.46" => "dnQualifier",
        "2.5.4.65" => "pseudonym",
        "2.5.4.97" => "organizationIdentifier",
        "1.2.840.113549.1.9.1" => "emailAddress",
        "1.2.840.113549.1.9.2" => "unstructuredName",
        "0.9.2342.19200300.100.1.1" => "UID",
        "0.9.2342.19200300.100.1.25" => "DC",
        _ => return oid,
    };
    known.to_owned()
}

/// The text of the value in UTF-8, escaped. A hash sign and the bytes if it is not text.
fn value(attribute: &AttributeTypeAndValue<'_>) -> String {
    match text(attribute) {
        Some(text) => escape(&text),
        None => format!("#{}", hexadecimal(attribute.attr_value().data).to_ascii_uppercase()),
    }
}

/// The text of the value. `None` if it is not text.
fn text(attribute: &AttributeTypeAndValue<'_>) -> Option<String> {
    let any = attribute.attr_value();
    let bytes: &[u8] = any.data;
    if any.class() != Class::Universal || any.header.is_constructed() {
        return None;
    }
    match any.tag().0 {
        // UTF8String, NumericString, PrintableString, IA5String
        12 | 18 | 19 | 22 => String::from_utf8(bytes.to_vec()).ok(),
        // TeletexString: in practice Latin-1
        20 => Some(bytes.iter().copied().map(char::from).collect()),
        // BMPString
        30 => decode_units(bytes, 2),
        // UniversalString
        28 => decode_units(bytes, 4),
        _ => None,
    }
}

fn decode_units(bytes: &[u8], width: usize) -> Option<String> {
    let unit = |chunk: &[u8]| chunk.iter().fold(0_u32, |sum, &byte| (sum << 8) | u32::from(byte));
    if !bytes.len().is_multiple_of(width) {
        return None;
    }
    bytes.chunks(width).map(|chunk| char::from_u32(unit(chunk))).collect()
}

/// RFC 2253, 2.4: special characters anywhere, `#` and space at the start, space at the end; control characters as
/// two hexadecimal digits.
fn escape(text: &str) -> String {
    let last = text.chars().count().saturating_sub(1);
    let mut escaped = String::with_capacity(text.len());
    for (index, character) in text.chars().enumerate() {
        let at_edge = (index == 0 && matches!(character, '#' | ' ')) || (index == last && character == ' ');
        match character {
            ',' | '+' | '"' | '\\' | '<' | '>' | ';' => escaped.extend(['\\', character]),
            _ if at_edge => escaped.extend(['\\', character]),
            _ if character.is_ascii_control() => {
                let mut octet = [0; 4];
                let digits = hexadecimal(character.encode_utf8(&mut octet).as_bytes());
                escaped.extend(["\\", &digits.to_ascii_uppercase()]);
            }
            _ => escaped.push(character),
        }
    }
    escaped
}
