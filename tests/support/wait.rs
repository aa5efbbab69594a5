//! Waiting for a condition: it is asked again and again, and not for ever. Between two questions the processor is others'.

use std::time::{Duration, Instant};

/// Longer than anything that is waited for takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(5);

/// Waits until the condition holds; the test fails where it never does.
pub(crate) fn until(what: &str, holds: impl FnMut() -> bool) {
    assert!(within(LIMIT, holds), "waited {LIMIT:?} in vain until {what}");
}

/// Whether the condition holds, at the latest after `limit`.
#[expect(clippy::disallowed_methods, reason = "the one place where tests wait for a condition outside of themselves")]
pub(crate) fn within(limit: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let begin = Instant::now();
    while !holds() {
        if begin.elapsed() >= limit {
            return false;
        }
        std::thread::sleep(PAUSE);
    }
    true
}

/// The same for tests whose other tasks go on meanwhile.
pub(crate) async fn until_async(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let wait = async {
        while !holds().await {
            tokio::time::sleep(PAUSE).await;
        }
    };
    let ended = tokio::time::timeout(LIMIT, wait).await;
    assert!(ended.is_ok(), "waited {LIMIT:?} in vain until {what}");
}
