//! The rules of OpenSSL for the encoding of a certificate (X.690, DER) that the parser does not check.

use crate::pki::der::{self, Element};

const BOOLEAN: u8 = 0x01;
const SET: u8 = 0x31;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
/// `issuerUniqueID` and `subjectUniqueID`.
const UNIQUE: [u8; 2] = [0x81, 0x82];

/// Checks the encoding of a certificate. The error is a clause.
pub(super) fn check(certificate: &[u8]) -> Result<(), String> {
    if !is_proper(certificate) {
        return Err("it is not encoded in DER".to_owned());
    }
    let fields = signed_fields(certificate).ok_or("it has other parts than it must have")?;
    let [version, serial, signature, issuer, validity, subject, key, optional @ ..] = fields.as_slice() else {
        return Err("a field of it is missing".to_owned());
    };
    let tags = [version, serial, signature, issuer, validity, subject, key].map(|field| field.tag);
    let sequences = [der::SEQUENCE; 5];
    let fits = tags.starts_with(&[VERSION, der::INTEGER])
        && tags.ends_with(&sequences)
        && optional.iter().all(|field| field.tag == EXTENSIONS || UNIQUE.contains(&field.tag));
    if !fits || !names_algorithm(signature) {
        return Err("a field of it has another type than it must have".to_owned());
    }
    if !is_name(issuer).unwrap_or_default() || !is_name(subject).unwrap_or_default() {
        return Err("a name in it is malformed".to_owned());
    }
    if let Some(extensions) = optional.iter().find(|field| field.tag == EXTENSIONS)
        && !are_extensions(extensions).unwrap_or_default()
    {
        return Err("an extension of it is malformed".to_owned());
    }
    let dates = der::elements(validity.content).unwrap_or_default();
    if dates.len() == 2 && dates.iter().all(is_proper_date) {
        Ok(())
    } else {
        Err("a date in it is not written as RFC 5280 wants it".to_owned())
    }
}

fn signed_fields(certificate: &[u8]) -> Option<Vec<Element<'_>>> {
    let parts = der::elements(der::only(certificate, der::SEQUENCE)?.content)?;
    let [signed, algorithm, signature] = parts.as_slice() else { return None };
    let tags = [signed.tag, algorithm.tag, signature.tag];
    let fits = tags == [der::SEQUENCE, der::SEQUENCE, der::BIT_STRING] && names_algorithm(algorithm);
    if fits { der::elements(signed.content) } else { None }
}

/// `SEQUENCE { algorithm OBJECT IDENTIFIER, parameters ANY }` (RFC 5280, 4.1.1.2).
fn names_algorithm(identifier: &Element<'_>) -> bool {
    match der::take(identifier.content) {
        Some((algorithm, _)) => algorithm.tag == der::OBJECT_IDENTIFIER,
        None => false,
    }
}

/// Whether all elements at every depth are complete, have the form of their type, and no surplus octet.
fn is_proper(encoded: &[u8]) -> bool {
    let mut open = vec![encoded];
    while let Some(content) = open.pop() {
        let Some(elements) = der::elements(content) else { return false };
        for Element { tag, content, .. } in elements {
            // Bits 8 and 7 are the class, here universal. Bit 6 says that the element consists of others.
            let (is_universal, is_constructed) = (tag & 0xc0 == 0, tag & 0x20 != 0);
            if is_universal && is_constructed != matches!(tag, der::SEQUENCE | SET) {
                return false;
            }
            let fits = match tag {
                BOOLEAN => matches!(content, [0 | 0xff]),
                der::INTEGER => is_minimal(content),
                der::OBJECT_IDENTIFIER => is_minimal_object(content),
                _ => true,
            };
            if !fits {
                return false;
            }
            if is_constructed {
                open.push(content);
            }
        }
    }
    true
}

/// `SEQUENCE OF SET OF SEQUENCE { type OBJECT IDENTIFIER, value ANY }` (RFC 5280, 4.1.2.4).
fn is_name(name: &Element<'_>) -> Option<bool> {
    for set in der::elements(name.content)? {
        if set.tag != SET {
            return None;
        }
        for attribute in der::elements(set.content)? {
            let parts = der::elements(attribute.content)?;
            let [kind, _] = parts.as_slice() else { return None };
            if attribute.tag != der::SEQUENCE || kind.tag != der::OBJECT_IDENTIFIER {
                return None;
            }
        }
    }
    Some(true)
}

/// `SEQUENCE OF SEQUENCE { id OBJECT IDENTIFIER, critical BOOLEAN DEFAULT FALSE, value OCTET STRING }` (RFC 5280, 4.1). What is in
/// the standard's own extensions (2.5.29) is DER, too.
fn are_extensions(extensions: &Element<'_>) -> Option<bool> {
    for extension in der::elements(der::only(extensions.content, der::SEQUENCE)?.content)? {
        let parts = der::elements(extension.content)?;
        let (id, value) = match parts.as_slice() {
            [id, value] => (id, value),
            [id, critical, value] if critical.tag == BOOLEAN => (id, value),
            _ => return None,
        };
        let is_standard = id.content.starts_with(b"\x55\x1d");
        let tags = [extension.tag, id.tag, value.tag];
        let fits = tags == [der::SEQUENCE, der::OBJECT_IDENTIFIER, der::OCTET_STRING];
        if !fits || (is_standard && !(is_proper(value.content) && has_its_form(id.content, value.content)?)) {
            return None;
        }
    }
    Some(true)
}

/// Whether the value of a standard extension has the required types (RFC 5280, 4.2.1). Other extensions pass.
fn has_its_form(id: &[u8], value: &[u8]) -> Option<bool> {
    let (outer, rest) = der::take(value)?;
    let tags =
        || -> Option<Vec<u8>> { Some(der::elements(outer.content)?.iter().map(|element| element.tag).collect()) };
    let (form, fits) = match id {
        // subjectKeyIdentifier, keyUsage
        b"\x55\x1d\x0e" => (der::OCTET_STRING, true),
        b"\x55\x1d\x0f" => (der::BIT_STRING, true),
        // basicConstraints
        b"\x55\x1d\x13" => {
            let fits = matches!(tags()?.as_slice(), [] | [BOOLEAN | der::INTEGER] | [BOOLEAN, der::INTEGER]);
            (der::SEQUENCE, fits)
        }
        // subjectAltName, issuerAltName
        b"\x55\x1d\x11" | b"\x55\x1d\x12" => (der::SEQUENCE, der::elements(outer.content)?.iter().all(is_general_name)),
        // extKeyUsage
        b"\x55\x1d\x25" => (der::SEQUENCE, tags()?.iter().all(|tag| *tag == der::OBJECT_IDENTIFIER)),
        // cRLDistributionPoints
        b"\x55\x1d\x1f" => (der::SEQUENCE, are_distribution_points(&outer)?),
        _ => return Some(true),
    };
    Some(outer.tag == form && fits && rest.is_empty())
}

/// otherName, rfc822Name, dNSName, x400Address, directoryName, ediPartyName, uniformResourceIdentifier, iPAddress,
/// registeredID (RFC 5280, 4.2.1.6).
pub(super) fn is_general_name(name: &Element<'_>) -> bool {
    match name.tag {
        0xa0 | 0x81 | 0x82 | 0xa3 | 0xa5 | 0x86 | 0x87 | 0x88 => true,
        0xa4 => match der::only(name.content, der::SEQUENCE) {
            Some(name) => is_name(&name).unwrap_or_default(),
            None => false,
        },
        _ => false,
    }
}

/// `SEQUENCE OF SEQUENCE { [0] { [0] or [1] }, [1] reasons, [2] cRLIssuer }`, each optional.
fn are_distribution_points(points: &Element<'_>) -> Option<bool> {
    for point in der::elements(points.content)? {
        for part in der::elements(point.content).filter(|_| point.tag == der::SEQUENCE)? {
            let fits = match part.tag {
                0xa0 => matches!(der::elements(part.content)?.as_slice(), [name] if matches!(name.tag, 0xa0 | 0xa1)),
                0x81 | 0xa2 => true,
                _ => false,
            };
            if !fits {
                return Some(false);
            }
        }
    }
    Some(true)
}

/// `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ` and nothing else (RFC 5280, 4.1.2.5): OpenSSL refuses the other forms of X.680.
fn is_proper_date(date: &Element<'_>) -> bool {
    let length = match date.tag {
        0x17 => 13,
        0x18 => 15,
        _ => return false,
    };
    let digits = date.content.strip_suffix(b"Z").unwrap_or_default();
    date.content.len() == length && digits.len() + 1 == length && digits.iter().all(u8::is_ascii_digit)
}

/// Whether an integer has no surplus octet (X.690, 8.3.2).
fn is_minimal(number: &[u8]) -> bool {
    match number {
        [] => false,
        [0, second, ..] => *second >= 0x80,
        [0xff, second, ..] => *second < 0x80,
        [_, ..] => true,
    }
}

/// Whether an object identifier is complete and has no surplus octet (X.690, 8.19.2).
fn is_minimal_object(content: &[u8]) -> bool {
    let mut starts = true;
    for octet in content {
        if starts && *octet == 0x80 {
            return false;
        }
        starts = *octet < 0x80;
    }
    starts && !content.is_empty()
}
