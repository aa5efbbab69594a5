//! The part of DER (X.690) that newleaf needs to replace one field of a certificate and to find out the kind of a key.

/// A tag-length-value triple.
#[derive(Clone, Copy)]
pub(super) struct Element<'a> {
    /// The identifier octet. The structures that newleaf reads have no multi-octet tags.
    pub(super) tag: u8,
    /// The contents octets.
    pub(super) content: &'a [u8],
    /// The whole encoding.
    pub(super) raw: &'a [u8],
}

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;

/// The first element of the input and the rest. `None` if the input is not DER.
pub(super) fn take(input: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (element, rest) = take_lenient(input)?;
    let header = element.raw.len() - element.content.len();
    let minimal = match element.content.len() {
        0..=0x7f => 2,
        0x80..=0xff => 3,
        0x100..=0xffff => 4,
        0x1_0000..=0xff_ffff => 5,
        _ => 6,
    };
    if header == minimal { Some((element, rest)) } else { None }
}

/// The same, but the encoding of the length may be longer than necessary.
pub(super) fn take_lenient(input: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (&tag, rest) = input.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match usize::from(first) {
        short @ 0..=0x7f => (short, rest),
        long @ 0x81..=0x84 => {
            let (octets, rest) = rest.split_at_checked(long - 0x80)?;
            (octets.iter().fold(0, |sum, &octet| (sum << 8) | usize::from(octet)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    let (raw, _) = input.split_at_checked(input.len() - rest.len())?;
    Some((Element { tag, content, raw }, rest))
}

/// The only element of the input, if it has the tag and nothing follows it.
pub(super) fn only(input: &[u8], tag: u8) -> Option<Element<'_>> {
    let (element, rest) = take(input)?;
    if element.tag == tag && rest.is_empty() { Some(element) } else { None }
}

pub(super) fn elements(mut input: &[u8]) -> Option<Vec<Element<'_>>> {
    let mut elements = Vec::new();
    while !input.is_empty() {
        let (element, rest) = take(input)?;
        elements.push(element);
        input = rest;
    }
    Some(elements)
}

/// The octets of a bit string without unused bits.
pub(super) fn whole_octets<'a>(bits: &Element<'a>) -> Option<&'a [u8]> {
    match bits.content.split_first() {
        Some((0, octets)) if bits.tag == BIT_STRING => Some(octets),
        _ => None,
    }
}

/// The size in bits of a non-zero number, from the contents of its integer.
pub(super) fn bits(number: &[u8]) -> Option<usize> {
    let digits = significant(number);
    let zeros = usize::try_from(digits.first()?.leading_zeros()).ok()?;
    Some(digits.len() * 8 - zeros)
}

/// A number without its leading zeros.
pub(super) fn significant(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|&&octet| octet == 0).count();
    number.get(zeros..).unwrap_or_default()
}

/// An element with the concatenation of the parts as its contents.
pub(super) fn encode(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut encoded = vec![tag];
    let octets = content.len().to_be_bytes();
    let significant = octets.into_iter().skip_while(|&octet| octet == 0);
    if content.len() > 0x7f {
        encoded.extend((0x80..).nth(significant.clone().count()));
        encoded.extend(significant);
    } else {
        encoded.extend(octets.last());
    }
    encoded.extend(content);
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_every_form_come_back() {
        for length in [0, 1, 127, 128, 255, 256, 65_535, 65_536] {
            let content = vec![7; length];
            let encoded = encode(SEQUENCE, &[&content]);
            let element = only(&encoded, SEQUENCE).expect("it is DER");
            assert_eq!((element.content, element.raw), (content.as_slice(), encoded.as_slice()));
        }
    }

    #[test]
    fn what_is_no_der_is_refused() {
        let cases: [&[u8]; 7] = [
            b"",
            b"\x30",
            b"\x30\x80\x00\x00",
            b"\x30\x81\x05hello",
            b"\x30\x82\x00\x80",
            b"\x30\x02a",
            b"\x30\x85aaaaa",
        ];
        for case in cases {
            assert!(take(case).is_none(), "{case:?}");
        }
    }
}
