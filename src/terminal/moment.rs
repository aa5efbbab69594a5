//! Moments and spans as people read them: a date, and how far away it is.

use chrono::{DateTime, TimeDelta, Utc};

/// `2026-12-21 (in 30 d)`, with the time of day if it is less than two days away.
pub fn moment(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let near = (at - now).abs() < TimeDelta::days(2);
    let date = at.format(if near { "%Y-%m-%d %H:%M:%S UTC" } else { "%Y-%m-%d" });
    format!("{date} ({})", distance(at, now))
}

/// `in 30 d`, `3 h ago`, `now`.
pub fn distance(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let delta = at - now;
    if delta.num_seconds() == 0 {
        "now".to_owned()
    } else if delta > TimeDelta::zero() {
        format!("in {}", span(delta))
    } else {
        format!("{} ago", span(-delta))
    }
}

/// The span in its largest unit that gives at least two, rounded: `45 d`, `36 h`, `90 s`.
pub fn span(delta: TimeDelta) -> String {
    let seconds = delta.num_seconds();
    let rounded = |unit: i64| (seconds + unit / 2) / unit;
    match seconds {
        172_800.. => format!("{} d", rounded(86_400)),
        7_200.. => format!("{} h", rounded(3_600)),
        120.. => format!("{} min", rounded(60)),
        _ => format!("{seconds} s"),
    }
}

/// The beginning of a serial or a fingerprint, enough to distinguish two of them.
pub fn short(hexadecimal: &str) -> String {
    match hexadecimal.char_indices().nth(12) {
        Some((end, _)) => hexadecimal.get(..end).unwrap_or(hexadecimal).to_owned(),
        None => hexadecimal.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_say_how_far_they_are() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a date");
        assert_eq!(moment(now + TimeDelta::days(30), now), "2027-02-14 (in 30 d)");
        assert_eq!(moment(now - TimeDelta::hours(3), now), "2027-01-15 05:00:00 UTC (3 h ago)");
        assert_eq!(distance(now, now), "now");
        assert_eq!(span(TimeDelta::seconds(119)), "119 s");
        assert_eq!(span(TimeDelta::days(45) - TimeDelta::seconds(1)), "45 d");
    }
}
