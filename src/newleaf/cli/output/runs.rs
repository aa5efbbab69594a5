//! The runs of the CronJob, in a few lines.

use base::diagnosis::RemoteText;
use chrono::{DateTime, Utc};
use rotation::engine::facts::Observed;
use terminal::moment::moment;
use terminal::paint::{RED, paint};
use terminal::style::{Style, sanitise};

use crate::cluster::job::runs::{RunState, Runs};

/// The runs as text.
pub fn draw(runs: &Observed<Runs>, now: DateTime<Utc>, style: Style) -> String {
    let runs = match runs {
        Observed::Present(runs) => runs,
        Observed::Absent => return "\nno CronJob newleaf: the cluster rotates nothing by itself\n".to_owned(),
        Observed::Unreadable(unseen) => return format!("\nruns: not visible: {}\n", sanitise(&unseen.why)),
    };
    let last = match &runs.last {
        Some(last) => {
            let state = sanitise(&last.state.to_string());
            let state = if matches!(last.state, RunState::Failed(_)) { paint(style, RED, &state) } else { state };
            format!("{} {state}, started {}", sanitise(&last.job), moment(last.created, now))
        }
        None => match runs.last_scheduled {
            Some(at) => format!("no Job exists any more; the last start was {}", moment(at, now)),
            None => "none so far".to_owned(),
        },
    };
    let is_well = runs.last.as_ref().is_some_and(|last| last.state == RunState::Succeeded);
    let successful = runs.last_successful.filter(|_| !is_well);
    let successful = successful.map(|at| format!("last scheduled run that succeeded: {}\n", moment(at, now)));
    format!("\nnext run: {}\nlast run: {last}\n{}", next(runs, now), successful.unwrap_or_default())
}

fn next(runs: &Runs, now: DateTime<Utc>) -> String {
    let zone = runs.time_zone.as_ref().map_or("the controller's time zone", RemoteText::as_str);
    let schedule = sanitise(&format!("schedule {:?}, {zone}", runs.schedule));
    match runs.next {
        _ if runs.suspended => format!("none: the CronJob is suspended ({schedule})"),
        Some(next) => format!("{} ({schedule})", moment(next, now)),
        None => schedule,
    }
}

#[cfg(test)]
mod tests {
    use base::diagnosis::Code;
    use base::diagnosis::RemoteText;
    use rotation::engine::facts::Unusable;

    use super::*;
    use crate::cluster::job::runs::LastRun;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a moment")
    }

    fn runs(state: RunState) -> Runs {
        Runs {
            schedule: RemoteText::new("17 3 * * *"),
            time_zone: Some(RemoteText::new("Etc/UTC")),
            suspended: false,
            next: Some(at("2026-11-22T03:17:00Z")),
            last: Some(LastRun { job: "newleaf-now-a".to_owned(), created: at("2026-11-21T08:00:00Z"), state }),
            last_scheduled: Some(at("2026-11-21T03:17:00Z")),
            last_successful: Some(at("2026-11-18T03:17:00Z")),
        }
    }

    fn drawn(runs: Runs) -> String {
        draw(&Observed::Present(runs), at("2026-11-21T09:00:00Z"), Style::PLAIN)
    }

    #[test]
    fn the_last_run_and_the_next_one_are_said() {
        assert_eq!(
            drawn(runs(RunState::Succeeded)),
            "\nnext run: 2026-11-22 03:17:00 UTC (in 18 h) (schedule \"17 3 * * *\", Etc/UTC)\n\
             last run: newleaf-now-a succeeded, started 2026-11-21 08:00:00 UTC (60 min ago)\n"
        );
    }

    #[test]
    fn a_failed_run_is_followed_by_the_last_that_was_well() {
        let text = drawn(runs(RunState::Failed(RemoteText::new("PodFailurePolicy: exit code 5\u{1b}[2J"))));
        assert!(text.contains("newleaf-now-a failed: PodFailurePolicy: exit code 5[2J, started"), "{text}");
        assert!(text.ends_with("last scheduled run that succeeded: 2026-11-18 (3 d ago)\n"), "{text}");
    }

    #[test]
    fn what_cannot_be_known_is_said() {
        let suspended = drawn(Runs { suspended: true, next: None, ..runs(RunState::Running) });
        assert!(suspended.contains("next run: none: the CronJob is suspended"), "{suspended}");
        assert!(suspended.contains("newleaf-now-a is running"), "{suspended}");
        let other = drawn(Runs { next: None, time_zone: None, last: None, ..runs(RunState::Running) });
        assert!(other.contains("next run: schedule \"17 3 * * *\", the controller's time zone\n"), "{other}");
        assert!(
            other.contains("no Job exists any more; the last start was 2026-11-21 03:17:00 UTC (6 h ago)"),
            "{other}"
        );
        let never = drawn(Runs { last: None, last_scheduled: None, last_successful: None, ..runs(RunState::Running) });
        assert!(never.ends_with("last run: none so far\n"), "{never}");
        let unusable = Unusable { code: Code::ApiForbidden, why: "this account may not list jobs".to_owned() };
        let unseen = draw(&Observed::Unreadable(unusable), at("2026-11-21T09:00:00Z"), Style::PLAIN);
        assert_eq!(unseen, "\nruns: not visible: this account may not list jobs\n");
        let absent = draw(&Observed::Absent, at("2026-11-21T09:00:00Z"), Style::PLAIN);
        assert!(absent.contains("no CronJob newleaf"), "{absent}");
    }
}
