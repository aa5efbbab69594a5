//! Waiting until a consumer shows the stored certificate, on hosts and in clusters.

use std::time::Duration;

use base::diagnosis::{Code, Failure};
use rotation::engine::facts::{Loaded, Peer, Unusable};
use terminal::stop_token::StopToken;
use tokio::time::Instant;

use crate::postgres::endpoints::Depth;
use crate::postgres::files::Reading;

/// How long a reload may take before newleaf compares the server's files with ours, to find out whether the server refused it.
pub(crate) const RELOAD: Duration = Duration::from_secs(1);

/// The depth of the observations of a wait: the files for a server, the sessions for a client.
pub(crate) const fn depth(peer: Peer) -> Depth {
    match peer {
        Peer::Server => Depth::Files,
        Peer::Client => Depth::Sessions,
    }
}

/// The earliest time at which a server has refused its files if it has read them and serves others. If this run has reloaded
/// the server, it is the second of the write.
pub(crate) const fn earliest_refusal(picked_up: bool) -> Reading {
    if picked_up { Reading::SameSecond } else { Reading::After }
}

/// Whether a consumer shows all available evidence that it has loaded the stored certificate.
pub(crate) const fn is_done(loaded: &Loaded) -> bool {
    match loaded {
        Loaded::Current | Loaded::EachLogin | Loaded::Unproved(_) | Loaded::NotRunning => true,
        Loaded::Stale(_) | Loaded::Lingering(_) | Loaded::Unknown(_) => false,
    }
}

/// Whether a wait continues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// End: the consumer shows the stored certificate, or waiting changes nothing.
    End,
    /// Observe again: the consumer may show it later.
    LookAgain,
}

/// Observes repeatedly until an observation ends the wait or `limit` is over, and returns the last state. The pause depends
/// on the time waited. Each observation records its result as soon as it has one.
pub(crate) async fn wait(
    stop: &StopToken,
    consumer: &str,
    limit: Duration,
    pause: fn(Duration) -> Duration,
    mut look: impl AsyncFnMut(Duration, &mut Loaded) -> Result<Next, Failure>,
) -> Result<Loaded, Failure> {
    let begin = Instant::now();
    let why = "no observation finished in time".to_owned();
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
