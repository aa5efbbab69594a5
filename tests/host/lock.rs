//! One run at a time.

use std::time::Duration;

use base::diagnosis::Code;
use base::lease::Lease;
use newleaf::host::lock::DirectoryLease;
use tempfile::tempdir;
use terminal::stop_token::StopToken;

use crate::setting::LIMIT;

#[tokio::test]
async fn the_second_waits_until_the_first_is_done() {
    let directory = tempdir().expect("a temporary directory can be made");
    let first = DirectoryLease::new(directory.path(), StopToken::default());
    let second = DirectoryLease::new(directory.path(), StopToken::default());
    first.acquire(LIMIT).await.expect("the lock is free");
    let failure = second.acquire(Duration::from_millis(30)).await.expect_err("the first holds it");
    assert_eq!(failure.code(), Code::LeaseHeld);
    assert!(failure.to_string().contains(&format!("process {}", std::process::id())), "{failure}");

    let (waited, released) = tokio::join!(second.acquire(LIMIT), first.release());
    released.expect("it can be given back");
    waited.expect("it is free now");
    let failure = first.acquire(Duration::from_millis(30)).await.expect_err("the second holds it");
    assert_eq!(failure.code(), Code::LeaseHeld);
    drop(second);
    first.acquire(LIMIT).await.expect("a lease that is dropped is free");
}

#[tokio::test]
async fn a_signal_ends_the_wait() {
    let directory = tempdir().expect("a temporary directory can be made");
    let first = DirectoryLease::new(directory.path(), StopToken::default());
    first.acquire(LIMIT).await.expect("the lock is free");
    let stop = StopToken::default();
    let second = DirectoryLease::new(directory.path(), stop.clone());
    stop.cancel();
    let failure = second.acquire(LIMIT).await.expect_err("it was asked to stop");
    assert_eq!(failure.code(), Code::Interrupted);
}
