//! The lifetime of a certificate as a bar: issued, now, due, end.

use chrono::{DateTime, TimeDelta, Utc};
use rotation::engine::facts::Validity;
use terminal::paint::{DIM, GREEN, RED, YELLOW, paint};
use terminal::style::Style;

/// The widest bar. A wider bar is not more precise to the eye.
const WIDTH_MAX: usize = 72;

/// The data of a bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LifetimeBar {
    /// The validity, from issue to expiry.
    pub validity: Validity,
    /// When newleaf replaces the certificate.
    pub due: Option<DateTime<Utc>>,
    /// The present moment.
    pub now: DateTime<Utc>,
}

/// The characters of a bar.
struct Signs {
    begin: char,
    past: char,
    now: char,
    future: char,
    due: char,
    end: char,
}

const UNICODE: Signs = Signs { begin: '├', past: '━', now: '●', future: '─', due: '┆', end: '┤' };
const ASCII: Signs = Signs { begin: '[', past: '=', now: 'o', future: '-', due: ':', end: ']' };

impl LifetimeBar {
    /// The bar, without a line end. `now` is left of the bar before the beginning, and right of it after the end.
    pub fn bar(&self, style: Style) -> String {
        let signs = if style.unicode { UNICODE } else { ASCII };
        let cells = style.width.saturating_sub(8).min(WIDTH_MAX);
        let now = self.column(self.now, cells);
        let due = self.due.and_then(|due| self.column(due, cells));
        let mut bar = String::new();
        for cell in 0..cells {
            bar.push(match cell {
                cell if now == Some(cell) => signs.now,
                0 => signs.begin,
                _ if cell + 1 == cells => signs.end,
                _ if due == Some(cell) => signs.due,
                _ if now.is_some_and(|now| cell < now) || self.now > self.validity.not_after => signs.past,
                _ => signs.future,
            });
        }
        let bar = paint(style, self.colour(), &bar);
        if self.now < self.validity.not_before {
            format!("{} {bar}", signs.now)
        } else if self.now > self.validity.not_after {
            format!("  {bar} {}", signs.now)
        } else {
            format!("  {bar}")
        }
    }

    /// Green while the certificate is young, yellow when it is due, red when it is not valid.
    fn colour(&self) -> anstyle::Style {
        if !self.validity.contains(self.now) {
            RED
        } else if self.due.is_some_and(|due| due <= self.now) {
            YELLOW
        } else {
            GREEN
        }
    }

    /// The position of a moment on the bar. `None` outside the bar.
    fn column(&self, at: DateTime<Utc>, cells: usize) -> Option<usize> {
        let Validity { not_before, not_after } = self.validity;
        if !self.validity.contains(at) {
            return None;
        }
        let whole = (not_after - not_before).max(TimeDelta::seconds(1)).num_seconds();
        let last = i64::try_from(cells).ok()?.saturating_sub(1);
        usize::try_from((at - not_before).num_seconds().checked_mul(last)? / whole).ok()
    }
}

/// One line that explains the signs.
pub fn legend(style: Style) -> String {
    let Signs { begin, now, due, end, .. } = if style.unicode { UNICODE } else { ASCII };
    paint(style, DIM, &format!("  {begin} issued   {now} now   {due} due   {end} end"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(days: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).expect("a date") + TimeDelta::days(days)
    }

    fn life(now: i64) -> LifetimeBar {
        LifetimeBar { validity: Validity { not_before: at(0), not_after: at(45) }, due: Some(at(30)), now: at(now) }
    }

    fn bar(now: i64, unicode: bool, width: usize) -> String {
        life(now).bar(Style { unicode, width, ..Style::PLAIN })
    }

    #[test]
    fn a_young_leaf_in_ascii() {
        assert_eq!(bar(15, false, 54), "  [==============o--------------:--------------]");
    }

    #[test]
    fn the_same_leaf_in_unicode_has_its_signs_in_the_same_columns() {
        let ascii: Vec<char> = bar(15, false, 54).chars().collect();
        let unicode: Vec<char> = bar(15, true, 54).chars().collect();
        assert_eq!(ascii.len(), unicode.len());
        for (ours, theirs) in [('[', '├'), ('o', '●'), (':', '┆'), (']', '┤')] {
            let place = |bar: &[char], sign| bar.iter().position(|letter| *letter == sign);
            assert_eq!(place(&ascii, ours), place(&unicode, theirs), "{ours}");
            assert!(place(&ascii, ours).is_some(), "{ours}");
        }
    }

    #[test]
    fn now_stands_outside_of_a_life_that_is_over_or_has_not_begun() {
        let over = bar(46, false, 54);
        assert!(over.ends_with("] o") && !over.contains('-'), "{over}");
        let early = bar(-1, false, 54);
        assert!(early.starts_with("o [") && !early.contains('='), "{early}");
    }

    #[test]
    fn no_bar_is_wider_than_the_terminal() {
        for width in 40..=120 {
            for now in [-1, 0, 1, 15, 30, 44, 45, 46] {
                for unicode in [false, true] {
                    assert!(bar(now, unicode, width).chars().count() <= width, "{width} {now}");
                }
            }
        }
    }

    #[test]
    fn a_certificate_without_a_span_is_drawn_too() {
        let life = LifetimeBar { validity: Validity { not_before: at(0), not_after: at(0) }, due: None, now: at(0) };
        assert!(life.bar(Style::PLAIN).contains('o'));
    }

    #[test]
    fn colours_tell_due_and_over() {
        let style = Style { colour: true, ..Style::PLAIN };
        let bars = [15, 31, 46].map(|now| life(now).bar(style));
        assert!(bars[0].contains("\u{1b}[32m") && bars[1].contains("\u{1b}[33m") && bars[2].contains("\u{1b}[31m"));
    }
}
