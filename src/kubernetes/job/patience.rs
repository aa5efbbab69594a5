//! When it is told that a Job does not get on, and when nobody waits any longer. Pure.

use std::time::Duration;

use tokio::time::Instant;

use crate::kubernetes::job::outcome::Trouble;

/// What passes sooner is not worth a line.
const WORTH_A_LINE: Duration = Duration::from_secs(1);

/// The trouble of the moment.
#[derive(Debug, Default)]
pub(super) struct Patience {
    trouble: Option<Lasting>,
}

#[derive(Debug)]
struct Lasting {
    trouble: Trouble,
    since: Instant,
    told: bool,
}

/// What follows from it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Nothing.
    Wait,
    /// People are told, once.
    Tell(Trouble),
    /// It has lasted too long.
    GiveUp(Trouble),
}

impl Patience {
    /// Takes what is seen at a time. The same reason, in other words or of another pod, is the same trouble.
    pub(super) fn see(&mut self, trouble: Option<Trouble>, now: Instant) -> Answer {
        let Some(trouble) = trouble else {
            self.trouble = None;
            return Answer::Wait;
        };
        let before = self.trouble.take().filter(|before| before.trouble.reason == trouble.reason);
        let (since, told) = before.map_or((now, false), |before| (before.since, before.told));
        let lasted = now.duration_since(since);
        let answer = if lasted >= trouble.patience {
            Answer::GiveUp(trouble.clone())
        } else if !told && lasted >= WORTH_A_LINE {
            Answer::Tell(trouble.clone())
        } else {
            Answer::Wait
        };
        self.trouble = Some(Lasting { trouble, since, told: told || answer != Answer::Wait });
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::RemoteText;

    fn trouble(reason: &str) -> Trouble {
        let message = RemoteText::default();
        Trouble { pod: None, reason: RemoteText::new(reason), message, patience: Duration::from_secs(5) }
    }

    #[test]
    fn trouble_that_lasts_is_told_once_and_then_given_up() {
        let (mut patience, begin) = (Patience::default(), Instant::now());
        let mut at = |seconds| patience.see(Some(trouble("Unschedulable")), begin + Duration::from_secs(seconds));
        assert_eq!(at(0), Answer::Wait);
        assert!(matches!(at(1), Answer::Tell(_)));
        assert_eq!(at(4), Answer::Wait);
        assert!(matches!(at(5), Answer::GiveUp(_)));
    }

    #[test]
    fn other_trouble_and_trouble_that_comes_back_begin_anew() {
        let (mut patience, begin) = (Patience::default(), Instant::now());
        let mut at = |seconds, trouble| patience.see(trouble, begin + Duration::from_secs(seconds));
        assert_eq!(at(0, Some(trouble("ErrImagePull"))), Answer::Wait);
        assert_eq!(at(9, Some(trouble("FailedMount"))), Answer::Wait);
        assert_eq!(at(10, None), Answer::Wait);
        assert_eq!(at(20, Some(trouble("FailedMount"))), Answer::Wait);
    }
}
