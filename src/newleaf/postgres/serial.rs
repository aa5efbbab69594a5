//! Serial numbers as PostgreSQL shows them.

use rotation::engine::facts::Serial;
use rotation::pki::identity::hexadecimal;

/// The largest number of digits of a serial number: 20 octets (RFC 5280, 4.1.2.2) are below 2^160.
const SERIAL_DIGITS_MAX: usize = 49;

/// Parses the serial that `pg_stat_ssl.client_serial` shows as a decimal number. `None` if it is not one.
pub(crate) fn serial_from_decimal(text: &str) -> Option<Serial> {
    if text.is_empty() || text.len() > SERIAL_DIGITS_MAX {
        return None;
    }
    let mut bytes: Vec<u8> = Vec::new();
    for character in text.chars() {
        let mut carry = character.to_digit(10)?;
        for byte in bytes.iter_mut().rev() {
            let value = u32::from(*byte) * 10 + carry;
            *byte = u8::try_from(value & 0xff).ok()?;
            carry = value >> 8;
        }
        if carry > 0 {
            bytes.insert(0, u8::try_from(carry).ok()?);
        }
    }
    Some(Serial(hexadecimal(&bytes)))
}

/// Whether two serials are the same number, apart from leading zeros.
pub(crate) fn same_serial(one: &Serial, other: &Serial) -> bool {
    let bare = |serial: &Serial| serial.0.trim_start_matches('0').to_ascii_lowercase();
    bare(one) == bare(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_serials_become_hexadecimal() {
        for (decimal, hexadecimal) in [
            ("0", ""),
            ("10", "0a"),
            ("255", "ff"),
            ("256", "0100"),
            ("340282366920938463463374607431768211455", "ffffffffffffffffffffffffffffffff"),
            ("1461501637330902918203684832716283019655932542975", "ffffffffffffffffffffffffffffffffffffffff"),
        ] {
            assert_eq!(serial_from_decimal(decimal), Some(Serial(hexadecimal.to_owned())), "{decimal}");
        }
        assert_eq!(serial_from_decimal("12a"), None);
        assert_eq!(serial_from_decimal(""), None);
        assert_eq!(serial_from_decimal(&"9".repeat(50)), None, "no serial number has so many digits");
    }

    #[test]
    fn leading_zeros_make_no_difference() {
        assert!(same_serial(&Serial("0a1".to_owned()), &Serial("a1".to_owned())));
        assert!(!same_serial(&Serial("a1".to_owned()), &Serial("a10".to_owned())));
    }
}
