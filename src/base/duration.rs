//! Durations as people write them: `45d`, `12h`, `90s`, `1h30m`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use chrono::TimeDelta;

/// The units, longest first, with their seconds.
const UNITS: [(char, i64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// The longest span: with a thousand years every sum of dates stays inside the range of `chrono`.
const SECONDS_MAX: i64 = 365_000 * 86_400;

/// A span of whole seconds, not negative, of at most 365000 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct HumanDuration {
    days: u32,
    seconds: u32,
}

/// Why a text is not a duration: a clause that says what is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotADuration(&'static str);

impl fmt::Display for NotADuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for NotADuration {}

impl HumanDuration {
    /// The form of a duration as a regular expression (JSON Schema).
    pub const PATTERN: &'static str = "^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$";

    /// The duration for sums with dates.
    pub fn to_delta(self) -> TimeDelta {
        TimeDelta::days(i64::from(self.days)) + TimeDelta::seconds(i64::from(self.seconds))
    }

    /// The duration for deadlines.
    pub fn to_std(self) -> Duration {
        Duration::from_secs(u64::from(self.days) * 86_400 + u64::from(self.seconds))
    }

    /// The whole seconds of a span. `None` if it is negative or too long.
    pub fn from_delta(delta: TimeDelta) -> Option<Self> {
        let total = delta.num_seconds();
        if !(0..=SECONDS_MAX).contains(&total) {
            return None;
        }
        let days = u32::try_from(total / 86_400).ok()?;
        let seconds = u32::try_from(total % 86_400).ok()?;
        Some(Self { days, seconds })
    }
}

impl FromStr for HumanDuration {
    type Err = NotADuration;

    /// Whole numbers, each with its unit, longest unit first, each unit once.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const SHAPE: NotADuration =
            NotADuration("a duration is whole numbers with units, longest first: 45d, 12h, 90s, 1h30m");
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NotADuration("a duration needs a unit: d, h, m or s"));
        }
        let mut units = UNITS.iter();
        let mut total: i64 = 0;
        let mut rest = text;
        while !rest.is_empty() {
            let digits = rest.find(|letter: char| !letter.is_ascii_digit()).ok_or(SHAPE)?;
            let (number, tail) = rest.split_at(digits);
            let unit = tail.chars().next().ok_or(SHAPE)?;
            let (_, seconds) = units.find(|(name, _)| *name == unit).ok_or(SHAPE)?;
            if number.is_empty() {
                return Err(SHAPE);
            }
            // A number with too many digits, a product and a sum that are too large all mean the largest duration.
            let number: i64 = number.parse().unwrap_or(i64::MAX);
            total = total.saturating_add(number.saturating_mul(*seconds));
            rest = tail.get(unit.len_utf8()..).unwrap_or_default();
        }
        if text.is_empty() {
            return Err(SHAPE);
        }
        Self::from_delta(TimeDelta::try_seconds(total).unwrap_or(TimeDelta::MAX))
            .ok_or(NotADuration("a duration is at most 365000d"))
    }
}

impl fmt::Display for HumanDuration {
    /// The shortest form that reads back as the same: `1h30m`, `45d`, `0s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.days == 0 && self.seconds == 0 {
            return f.write_str("0s");
        }
        let parts =
            [(self.days, 'd'), (self.seconds / 3_600, 'h'), (self.seconds / 60 % 60, 'm'), (self.seconds % 60, 's')];
        parts.into_iter().filter(|(number, _)| *number > 0).try_for_each(|(number, unit)| write!(f, "{number}{unit}"))
    }
}

/// A time limit as people write it: `10m`, `1m30s`, `0.5s`.
pub fn spelled(limit: Duration) -> String {
    let whole = TimeDelta::from_std(limit).ok().and_then(HumanDuration::from_delta);
    match whole {
        Some(whole) if limit >= Duration::from_secs(60) => whole.to_string(),
        Some(_) | None => format!("{}s", limit.as_secs_f64()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_people_write_is_understood() {
        let cases = [("45d", 3_888_000), ("12h", 43_200), ("90s", 90), ("1h30m", 5_400), ("2d1s", 172_801), ("0s", 0)];
        for (text, seconds) in cases {
            let duration: HumanDuration = text.parse().expect(text);
            assert_eq!(duration.to_delta().num_seconds(), seconds, "{text}");
            assert_eq!(duration.to_std().as_secs(), seconds.unsigned_abs(), "{text}");
        }
    }

    #[test]
    fn what_is_ambiguous_is_refused() {
        for text in
            ["", "45", "d", "4 5d", "45D", "1.5h", "-1d", "1m1h", "1h1h", "45d ", "٣d", "1w", "99999999999999999999d"]
        {
            assert!(text.parse::<HumanDuration>().is_err(), "{text:?}");
        }
        assert!("365000d".parse::<HumanDuration>().is_ok());
        assert!("365000d1s".parse::<HumanDuration>().is_err());
    }

    proptest! {
        #[test]
        fn the_longer_is_the_greater(a in 0..=SECONDS_MAX, b in 0..=SECONDS_MAX) {
            let span = |seconds| HumanDuration::from_delta(TimeDelta::seconds(seconds)).expect("in range");
            prop_assert_eq!(span(a).cmp(&span(b)), a.cmp(&b));
        }

        #[test]
        fn display_reads_back(seconds in 0..=SECONDS_MAX) {
            let duration = HumanDuration::from_delta(TimeDelta::seconds(seconds)).expect("in range");
            prop_assert_eq!(duration.to_string().parse(), Ok(duration));
        }

        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _: Result<HumanDuration, _> = text.parse();
        }
    }
}
