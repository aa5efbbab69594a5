//! Collects every problem of a document, where a plain `?` would end at the first one.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use crate::problem::Problem;
use crate::settings::values::Limits;

/// A value is `None` where a problem was found: the caller goes on, and ends with what it has.
#[derive(Debug, Default)]
pub(super) struct Checker {
    problems: Vec<Problem>,
}

impl Checker {
    /// What was found, in a stable order.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    /// A problem that concerns more than the form of one value.
    pub(super) fn add(&mut self, path: &str, value: &str, limits: &str, way_out: &str) {
        self.problems.push(Problem::new(path, value, limits, way_out));
    }

    /// A value that must be there.
    pub(super) fn required<T: FromStr<Err = Limits>>(&mut self, path: &str, text: &str) -> Option<T> {
        match text.parse() {
            Ok(value) => Some(value),
            Err(Limits { limits, way_out }) => {
                self.add(path, &quoted(text), limits, way_out);
                None
            }
        }
    }

    /// A value with a default.
    pub(super) fn given<T: FromStr<Err = Limits>>(&mut self, path: &str, given: Option<&str>, or: &str) -> Option<T> {
        self.required(path, given.unwrap_or(or))
    }

    /// A value that may be left out.
    #[expect(clippy::option_option, reason = "a value that is wrong is not one that is left out")]
    pub(super) fn optional<T: FromStr<Err = Limits>>(&mut self, path: &str, given: Option<&str>) -> Option<Option<T>> {
        match given {
            Some(text) => self.required(path, text).map(Some),
            None => Some(None),
        }
    }

    /// Several values.
    pub(super) fn list<T, S>(&mut self, path: &str, given: Option<&[S]>) -> Option<Vec<T>>
    where
        T: FromStr<Err = Limits>,
        S: AsRef<str>,
    {
        let mut values = Vec::new();
        let mut is_whole = true;
        for (index, text) in given.unwrap_or_default().iter().enumerate() {
            match self.required(&format!("{path}[{index}]"), text.as_ref()) {
                Some(value) => values.push(value),
                None => is_whole = false,
            }
        }
        is_whole.then_some(values)
    }

    /// A number with a default and bounds.
    pub(super) fn number(
        &mut self,
        path: &str,
        given: Option<u32>,
        or: u32,
        bounds: RangeInclusive<u32>,
    ) -> Option<u32> {
        let number = given.unwrap_or(or);
        if bounds.contains(&number) {
            return Some(number);
        }
        let limits = format!("a number from {} to {} is allowed", bounds.start(), bounds.end());
        self.add(path, &number.to_string(), &limits, "write such a number");
        None
    }

    /// A port.
    pub(super) fn port(&mut self, path: &str, given: Option<u32>, or: u16) -> Option<u16> {
        let number = self.number(path, given, or.into(), 1..=65_535)?;
        u16::try_from(number).ok()
    }

    /// Exactly one of several keys of a map must be given.
    pub(super) fn exactly_one(&mut self, path: &str, keys: &[(&str, bool)]) -> bool {
        let given: Vec<&str> = keys.iter().filter(|(_, is_given)| *is_given).map(|(key, _)| *key).collect();
        if given.len() == 1 {
            return true;
        }
        let known: Vec<&str> = keys.iter().map(|(key, _)| *key).collect();
        let value = if given.is_empty() { "empty".to_owned() } else { format!("a map with {}", given.join(" and ")) };
        let limits = format!("exactly one of {} belongs here", known.join(", "));
        self.add(path, &value, &limits, "write one of them");
        false
    }
}

/// A text as it stands in a message.
pub(super) fn quoted(text: impl Display) -> String {
    format!("{:?}", text.to_string().chars().take(80).collect::<String>())
}
