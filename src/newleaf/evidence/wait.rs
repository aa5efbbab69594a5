//! Waiting until a consumer shows what is stored, on hosts and in clusters.

use std::time::Duration;

use base::diagnosis::{Code, Failure};
use rotation::engine::facts::{Loaded, Peer, Unusable};
use terminal::stop_token::StopToken;
use tokio::time::Instant;

use crate::postgres::endpoints::Depth;
use crate::postgres::files::Reading;

/// How long a reload may take before the server's files are compared with ours to find out whether it was refused.
pub(crate) const RELOAD: Duration = Duration::from_secs(1);

/// How closely a wait looks: a server's files, or a client's sessions.
pub(crate) const fn depth(peer: Peer) -> Depth {
    match peer {
        Peer::Server => Depth::Files,
        Peer::Client => Depth::Sessions,
    }
}

/// From when on a server that has read its files, and serves others, has refused them: one that this run has reloaded, in the
/// second of the write already.
pub(crate) const fn earliest_refusal(picked_up: bool) -> Reading {
    if picked_up { Reading::SameSecond } else { Reading::After }
}

/// Whether a consumer shows all that can be shown of what is stored.
pub(crate) const fn is_done(loaded: &Loaded) -> bool {
    match loaded {
        Loaded::Current | Loaded::EachLogin | Loaded::Unproved(_) | Loaded::NotRunning => true,
        Loaded::Stale(_) | Loaded::Lingering(_) | Loaded::Unknown(_) => false,
    }
}

/// Whether a wait goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// The consumer shows what is stored, or waiting changes nothing.
    End,
    /// It may show it later.
    LookAgain,
}

/// Looks again and again, with a pause that depends on how long was waited, until a look ends the wait or `limit` is over; what
/// was seen last. A look notes what it sees as soon as it has seen it.
pub(crate) async fn wait(
    stop: &StopToken,
    consumer: &str,
    limit: Duration,
    pause: fn(Duration) -> Duration,
    mut look: impl AsyncFnMut(Duration, &mut Loaded) -> Result<Next, Failure>,
) -> Result<Loaded, Failure> {
    let begin = Instant::now();
    let why = "nothing was seen in time".to_owned();
    let mut last = Loaded::Unknown(Unusable { code: Code::ConsumerTimeout, why });
    let looks = async {
        while look(begin.elapsed(), &mut last).await? == Next::LookAgain {
            stop.check(consumer)?;
            tokio::time::sleep(pause(begin.elapsed())).await;
        }
        Ok(())
    };
    match tokio::time::timeout(limit, looks).await {
        Ok(Err(failure)) => Err(failure),
        Ok(Ok(())) | Err(_) => Ok(last),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at_once(_: Duration) -> Duration {
        Duration::ZERO
    }

    #[tokio::test]
    async fn what_was_seen_last_is_the_result_also_at_the_limit() {
        let (stop, mut looks) = (StopToken::default(), 0);
        let seen = wait(&stop, "db", Duration::from_secs(600), at_once, async |_, last| {
            looks += 1;
            *last = if looks == 3 { Loaded::Current } else { Loaded::NotRunning };
            Ok(if looks == 3 { Next::End } else { Next::LookAgain })
        });
        assert_eq!(seen.await.expect("nothing fails"), Loaded::Current);
        let hangs = wait(&stop, "db", Duration::from_millis(20), at_once, async |_, last| {
            *last = Loaded::NotRunning;
            std::future::pending().await
        });
        assert_eq!(hangs.await.expect("nothing fails"), Loaded::NotRunning);
    }

    #[tokio::test]
    async fn a_signal_ends_the_wait_after_the_look() {
        let stop = StopToken::default();
        stop.cancel();
        let stopped = wait(&stop, "db", Duration::from_secs(600), at_once, async |_, _| Ok(Next::LookAgain)).await;
        assert_eq!(stopped.expect_err("a signal has come").code(), Code::Interrupted);
    }
}
