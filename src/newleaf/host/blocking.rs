//! Work on files with a time limit: a disk that hangs blocks a separate thread, not the run.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Duration;

use terminal::stop_token::StopToken;
use tokio::time::Instant;

use crate::host::error::HostError;

/// How long current work may continue after a signal. A working disk needs milliseconds.
const AFTER_SIGNAL: Duration = Duration::from_secs(2);

/// The least time for work, even after the deadline of the run, so that the run can observe once more.
const LEAST: Duration = Duration::from_secs(1);

/// The time limits for work on files, and the token that ends it early.
#[derive(Debug, Clone)]
pub struct Bounds {
    limit: Duration,
    end: Option<Instant>,
    pub(crate) stop: StopToken,
}

impl Bounds {
    /// Limits each piece of work.
    pub const fn new(limit: Duration, stop: StopToken) -> Self {
        Self { limit, end: None, stop }
    }

    /// Adds a deadline for all work together.
    #[must_use]
    pub fn until(self, end: Instant) -> Self {
        Self { end: Some(end), ..self }
    }

    /// The time that work may take from now.
    pub(crate) fn limit(&self) -> Duration {
        match self.end {
            Some(end) => end.saturating_duration_since(Instant::now()).max(LEAST).min(self.limit),
            None => self.limit,
        }
    }

    /// The same token with another limit.
    pub(crate) fn within(&self, limit: Duration) -> Self {
        Self::new(limit, self.stop.clone())
    }

    /// Does the work on a separate thread, and stops waiting at the limit or soon after a signal. A hanging system call then
    /// continues until the process ends; its result is dropped.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        path: &Path,
        work: impl FnOnce() -> Result<T, HostError> + Send + 'static,
    ) -> Result<T, HostError> {
        let limit = self.limit();
        let mut task = tokio::task::spawn_blocking(work);
        let waiting_for = path.display().to_string();
        let ended = tokio::select! {
            biased;
            ended = &mut task => ended,
            interrupted = self.stop.pause(limit, &waiting_for) => {
                let Err(interrupted) = interrupted else { return Err(HostError::slow(path, limit)) };
                match tokio::time::timeout(AFTER_SIGNAL, &mut task).await {
                    Ok(ended) => ended,
                    Err(_) => return Err(interrupted.into()),
                }
            }
        };
        match ended {
            Ok(result) => result,
            Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
        }
    }
}

/// The paths with work that has not returned.
static HUNG: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Does short work on a path for callers that are not asynchronous. It takes microseconds unless the disk hangs. `None` at the
/// limit, and immediately while earlier work on the path still hangs.
pub(crate) fn within<T: Send + 'static>(
    limit: Duration,
    path: &Path,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let hung = || HUNG.lock().unwrap_or_else(PoisonError::into_inner);
    if !hung().insert(path.to_path_buf()) {
        return None;
    }
    let (sender, receiver) = mpsc::channel();
    let name = path.to_path_buf();
    let work = move || {
        let result = work();
        hung().remove(&name);
        // A result that is too late is dropped.
        drop(sender.send(result));
    };
    if std::thread::Builder::new().spawn(work).is_err() {
        hung().remove(path);
        return None;
    }
    receiver.recv_timeout(limit).ok()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    /// Work that waits until the sender is dropped.
    fn hung() -> (Sender<()>, impl FnOnce() -> Result<(), HostError> + Send + 'static) {
        let (sender, receiver): (_, Receiver<()>) = channel();
        let work = move || {
            let _ended = receiver.recv();
            Ok(())
        };
        (sender, work)
    }

    #[test]
    fn work_that_hangs_ends_at_the_limit() {
        let (_held, work) = hung();
        let (hung, works, long) = (Path::new("/hung"), Path::new("/works"), Duration::from_secs(600));
        assert!(within(Duration::from_millis(20), hung, work).is_none());
        assert_eq!(within(long, hung, || 7), None, "a second thread would hang beside the first");
        assert_eq!(within(long, works, || 7), Some(7));
        assert_eq!(within(long, works, || 8), Some(8));
    }

    #[tokio::test]
    async fn work_that_hangs_ends_at_the_limit_or_soon_after_a_signal() {
        let bounds = Bounds::new(Duration::from_millis(20), StopToken::default());
        let (_held, work) = hung();
        let error = bounds.run(Path::new("/somewhere"), work).await.expect_err("it hangs");
        assert!(matches!(error, HostError::Slow { .. }), "{error}");
        let bounds = bounds.within(Duration::from_secs(600));
        bounds.stop.cancel();
        let (_held, work) = hung();
        let error = bounds.run(Path::new("/somewhere"), work).await.expect_err("it hangs");
        assert!(matches!(error, HostError::Interrupted(_)), "{error}");
        bounds.run(Path::new("/somewhere"), || Ok(())).await.expect("what works is finished even then");
    }
}
