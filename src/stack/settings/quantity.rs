//! Amounts with units: memory and processor time as Kubernetes writes them, and spans of time.

use std::fmt;
use std::str::FromStr;

use crate::settings::values::Limits;

/// The suffixes of Kubernetes, each with what it stands for.
const SUFFIXES: [(&str, u64); 11] = [
    ("Ki", 1 << 10),
    ("Mi", 1 << 20),
    ("Gi", 1 << 30),
    ("Ti", 1 << 40),
    ("Pi", 1 << 50),
    ("k", 1_000),
    ("M", 1_000_000),
    ("G", 1_000_000_000),
    ("T", 1_000_000_000_000),
    ("P", 1_000_000_000_000_000),
    ("", 1),
];

/// An amount of bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByteQuantity {
    text: String,
    bytes: u64,
}

impl ByteQuantity {
    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How many bytes.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl FromStr for ByteQuantity {
    type Err = Limits;

    fn from_str(text: &str) -> Result<Self, Limits> {
        let limits = Limits {
            limits: "an amount is a number with Ki, Mi, Gi, Ti, k, M, G or T, such as 512Mi",
            way_out: "write such an amount",
        };
        let digits = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
        let (number, suffix) = text.split_at(digits);
        let factor = SUFFIXES.iter().find(|(known, _)| *known == suffix).map(|(_, factor)| *factor);
        match (scaled(number, 1_000), factor) {
            (Some(thousandths), Some(factor)) if thousandths > 0 => {
                let bytes = u128::from(thousandths) * u128::from(factor) / 1_000;
                let bytes = u64::try_from(bytes).map_err(|_| limits)?;
                Ok(Self { text: text.to_owned(), bytes })
            }
            (_, _) => Err(limits),
        }
    }
}

/// An amount of processor time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CpuQuantity {
    text: String,
    millis: u64,
}

impl CpuQuantity {
    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How many thousandths of a processor.
    pub const fn millis(&self) -> u64 {
        self.millis
    }
}

impl FromStr for CpuQuantity {
    type Err = Limits;

    fn from_str(text: &str) -> Result<Self, Limits> {
        let limits = Limits {
            limits: "processor time is a number, or thousandths with `m`: 2, 0.5, 250m",
            way_out: "write such a number",
        };
        let millis = match text.strip_suffix('m') {
            Some(number) => scaled(number, 1),
            None => scaled(text, 1_000),
        };
        match millis {
            Some(millis) if millis > 0 => Ok(Self { text: text.to_owned(), millis }),
            Some(_) | None => Err(limits),
        }
    }
}

/// A decimal number times a power of ten, if the product is whole and fits.
fn scaled(text: &str, factor: u64) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(fraction) || text.ends_with('.') {
        return None;
    }
    let mut sum = whole.parse::<u64>().ok()?.checked_mul(factor)?;
    let mut place = factor;
    for digit in fraction.chars() {
        place /= 10;
        let digit = u64::from(digit.to_digit(10)?);
        if place == 0 && digit > 0 {
            return None;
        }
        sum = sum.checked_add(digit.checked_mul(place)?)?;
    }
    Some(sum)
}

/// A span of whole seconds: `45d`, `1h30m`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeSpan {
    text: String,
    seconds: u64,
}

impl TimeSpan {
    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How many seconds.
    pub const fn seconds(&self) -> u64 {
        self.seconds
    }
}

impl FromStr for TimeSpan {
    type Err = Limits;

    fn from_str(text: &str) -> Result<Self, Limits> {
        let limits = Limits {
            limits: "a duration is whole numbers with units, longest first: 45d, 12h, 90s, 1h30m",
            way_out: "write such a duration",
        };
        let mut units = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)].into_iter();
        let mut seconds: u64 = 0;
        let mut rest = text;
        while !rest.is_empty() {
            let digits = rest.find(|letter: char| !letter.is_ascii_digit()).ok_or(limits.clone())?;
            let (number, tail) = rest.split_at(digits);
            let mut letters = tail.chars();
            let unit = letters.next().ok_or(limits.clone())?;
            let (_, length) = units.find(|(name, _)| *name == unit).ok_or(limits.clone())?;
            let number: u64 = number.parse().map_err(|_| limits.clone())?;
            let product = number.checked_mul(length).ok_or(limits.clone())?;
            seconds = seconds.checked_add(product).ok_or(limits.clone())?;
            rest = letters.as_str();
        }
        if seconds == 0 { Err(limits) } else { Ok(Self { text: text.to_owned(), seconds }) }
    }
}

impl fmt::Display for TimeSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_kubernetes_reads_them() {
        let cases = [("512Mi", 512 << 20), ("1Gi", 1 << 30), ("1.5Gi", 3 << 29), ("1G", 1_000_000_000), ("100", 100)];
        for (text, bytes) in cases {
            assert_eq!(text.parse::<ByteQuantity>().map(|it| it.bytes()), Ok(bytes), "{text}");
        }
        for text in ["", "0", "Mi", "1MB", "-1Gi", "1,5Gi", "1.Gi", "99999999999999999999Gi", "9999999999Pi"] {
            assert!(text.parse::<ByteQuantity>().is_err(), "{text}");
        }
        for (text, millis) in [("250m", 250), ("1", 1_000), ("0.5", 500), ("2.25", 2_250)] {
            assert_eq!(text.parse::<CpuQuantity>().map(|it| it.millis()), Ok(millis), "{text}");
        }
        for text in ["", "0", "m", "0.5m", "0.0001", "1e3", "one"] {
            assert!(text.parse::<CpuQuantity>().is_err(), "{text}");
        }
    }

    #[test]
    fn durations_have_units_longest_first() {
        for (text, seconds) in [("45d", 3_888_000), ("1h30m", 5_400), ("90s", 90)] {
            assert_eq!(text.parse::<TimeSpan>().map(|it| it.seconds()), Ok(seconds), "{text}");
        }
        for text in ["", "45", "d", "1m1h", "1h1h", "0s", "1w", "-1d", "99999999999999999999d"] {
            assert!(text.parse::<TimeSpan>().is_err(), "{text}");
        }
    }
}
