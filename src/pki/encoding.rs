//! What OpenSSL asks of the encoding of a certificate, and the parser does not.

use crate::pki::der;

/// Whether a certificate is encoded so; the error is a clause.
pub(super) fn check(der: &[u8]) -> Result<(), String> {
    let fields = signed_fields(der).ok_or("it is not encoded in DER")?;
    let tags: Vec<u8> = fields.iter().map(|field| field.tag).collect();
    // Version, serial number, signature, issuer, validity, subject, subjectPublicKeyInfo (RFC 5280, 4.1).
    let (fixed, optional) = tags.split_at_checked(7).ok_or("a field of it is missing")?;
    if fixed != [0xa0, 0x02, 0x30, 0x30, 0x30, 0x30, 0x30]
        || optional.iter().any(|tag| !matches!(tag, 0x81 | 0x82 | 0xa3))
    {
        return Err("a field of it has another type than it must have".to_owned());
    }
    if !fields.get(1).is_some_and(|serial| is_minimal(serial.content)) {
        return Err("its serial number is not encoded in DER".to_owned());
    }
    if !objects_are_minimal(der) {
        return Err("an object identifier in it is not encoded in DER".to_owned());
    }
    let dates = fields.get(4).and_then(|validity| der::elements(validity.content)).unwrap_or_default();
    if dates.len() == 2 && dates.iter().all(is_proper_date) {
        Ok(())
    } else {
        Err("a date in it is not written as RFC 5280 wants it".to_owned())
    }
}

fn signed_fields(der: &[u8]) -> Option<Vec<der::Element<'_>>> {
    let parts = der::elements(der::only(der, der::SEQUENCE)?.content)?;
    let [signed, algorithm, signature] = parts.as_slice() else { return None };
    let tags = [signed.tag, algorithm.tag, signature.tag];
    if tags == [der::SEQUENCE, der::SEQUENCE, der::BIT_STRING] { der::elements(signed.content) } else { None }
}

/// Whether every object identifier, however deep, is whole and has no octet too many (X.690, 8.19.2).
fn objects_are_minimal(der: &[u8]) -> bool {
    let mut open = vec![der];
    while let Some(content) = open.pop() {
        for element in der::elements(content).unwrap_or_default() {
            // Bit 6 of the tag says that it is made of elements.
            if element.tag & 0x20 != 0 {
                open.push(element.content);
            } else if element.tag == der::OBJECT_IDENTIFIER && !is_minimal_object(element.content) {
                return false;
            }
        }
    }
    true
}

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

/// `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ` and nothing else (RFC 5280, 4.1.2.5): OpenSSL refuses the other forms of X.680.
fn is_proper_date(date: &der::Element<'_>) -> bool {
    let length = match date.tag {
        0x17 => 13,
        0x18 => 15,
        _ => return false,
    };
    let digits = date.content.strip_suffix(b"Z").unwrap_or_default();
    date.content.len() == length && digits.len() + 1 == length && digits.iter().all(u8::is_ascii_digit)
}

/// Whether an integer has no octet too many (X.690, 8.3.2).
fn is_minimal(number: &[u8]) -> bool {
    match number {
        [] => false,
        [0, second, ..] => *second >= 0x80,
        [0xff, second, ..] => *second < 0x80,
        [_, ..] => true,
    }
}
