//! The identity of a certificate, and its validity.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

/// The SHA-256 of a certificate's DER. It identifies a certificate across objects and runs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub [u8; 32]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().take(4).try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The serial number of a certificate: its DER integer without leading zeros, in lower-case hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Serial(pub String);

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A span of time, both ends included, as a certificate states it (RFC 5280, 4.1.2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Validity {
    /// The first second of validity.
    pub not_before: DateTime<Utc>,
    /// The last second of validity.
    pub not_after: DateTime<Utc>,
}

impl Validity {
    /// Whether the moment lies in the span.
    pub fn contains(&self, at: DateTime<Utc>) -> bool {
        self.not_before <= at && at <= self.not_after
    }

    /// The intersection of two spans. It may be empty (`not_after` before `not_before`).
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self { not_before: self.not_before.max(other.not_before), not_after: self.not_after.min(other.not_after) }
    }
}

/// The serial number of a new certificate: 127 bits, positive, not zero (RFC 5280, 4.1.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewSerial([u8; 16]);

impl NewSerial {
    /// A serial number of random octets. It clears the top bit, so that the number is positive in 16 octets.
    pub fn from_entropy(mut octets: [u8; 16]) -> Self {
        let [first, .., last] = &mut octets;
        *first &= 0x7f;
        *last |= 1;
        Self(octets)
    }

    /// The number, the most significant octet first.
    pub const fn octets(&self) -> &[u8; 16] {
        &self.0
    }

    /// The number in the form for output.
    pub fn serial(&self) -> Serial {
        Serial(hexadecimal(self.0.iter().skip_while(|&&octet| octet == 0)))
    }
}

/// Two lower-case hexadecimal digits per octet.
pub fn hexadecimal<'a>(octets: impl IntoIterator<Item = &'a u8>) -> String {
    octets.into_iter().fold(String::new(), |mut digits, octet| {
        for nibble in [octet >> 4, octet & 0xf] {
            digits.extend(char::from_digit(u32::from(nibble), 16));
        }
        digits
    })
}
