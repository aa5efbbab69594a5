//! The same as `wait`, for tests whose other tasks go on meanwhile.

use std::time::Duration;

/// Longer than anything that is waited for takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(5);

/// Waits until the condition holds; the test fails where it never does.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let wait = async {
        while !holds().await {
            tokio::time::sleep(PAUSE).await;
        }
    };
    let ended = tokio::time::timeout(LIMIT, wait).await;
    assert!(ended.is_ok(), "waited {LIMIT:?} in vain until {what}");
}
