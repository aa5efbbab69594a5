//! Decides when newleaf reports that a Job makes no progress, and when it stops waiting. Pure.

use std::time::Duration;

use tokio::time::Instant;

use crate::cluster::job::outcome::JobProblem;

/// newleaf reports no problem that passes sooner.
const WORTH_A_LINE: Duration = Duration::from_secs(1);

/// The current problem.
#[derive(Debug, Default)]
pub(super) struct ProblemTimer {
    problem: Option<Lasting>,
}

#[derive(Debug)]
struct Lasting {
    problem: JobProblem,
    since: Instant,
    reported: bool,
}

/// What the caller should do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Action {
    Wait,
    /// Report the problem, once.
    Tell(JobProblem),
    /// Stop waiting: the problem has lasted too long.
    GiveUp(JobProblem),
}

impl ProblemTimer {
    /// Takes the observation of one moment. The same reason in another message or of another pod is the same problem.
    pub(super) fn see(&mut self, problem: Option<JobProblem>, now: Instant) -> Action {
        let Some(problem) = problem else {
            self.problem = None;
            return Action::Wait;
        };
        let (since, reported) = match self.problem.take() {
            Some(before) if before.problem.reason == problem.reason => (before.since, before.reported),
            Some(_) | None => (now, false),
        };
        let lasted = now.duration_since(since);
        let answer = if lasted >= problem.problem_timer {
            Action::GiveUp(problem.clone())
        } else if !reported && lasted >= WORTH_A_LINE {
            Action::Tell(problem.clone())
        } else {
            Action::Wait
        };
        self.problem = Some(Lasting { problem, since, reported: reported || answer != Action::Wait });
        answer
    }
}

#[cfg(test)]
mod tests {
    use base::diagnosis::RemoteText;

    use super::*;

    fn problem(reason: &str) -> JobProblem {
        let message = RemoteText::default();
        JobProblem { pod: None, reason: RemoteText::new(reason), message, problem_timer: Duration::from_secs(5) }
    }

    #[test]
    fn trouble_that_lasts_is_told_once_and_then_given_up() {
        let (mut problem_timer, begin) = (ProblemTimer::default(), Instant::now());
        let mut at = |seconds| problem_timer.see(Some(problem("Unschedulable")), begin + Duration::from_secs(seconds));
        assert_eq!(at(0), Action::Wait);
        assert!(matches!(at(1), Action::Tell(_)));
        assert_eq!(at(4), Action::Wait);
        assert!(matches!(at(5), Action::GiveUp(_)));
    }

    #[test]
    fn other_trouble_and_trouble_that_comes_back_begin_anew() {
        let (mut problem_timer, begin) = (ProblemTimer::default(), Instant::now());
        let mut at = |seconds, problem| problem_timer.see(problem, begin + Duration::from_secs(seconds));
        assert_eq!(at(0, Some(problem("ErrImagePull"))), Action::Wait);
        assert_eq!(at(9, Some(problem("FailedMount"))), Action::Wait);
        assert_eq!(at(10, None), Action::Wait);
        assert_eq!(at(20, Some(problem("FailedMount"))), Action::Wait);
    }
}
