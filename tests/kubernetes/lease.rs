//! One writer at a time, also when one of them froze.

use std::rc::Rc;
use std::time::Duration;

use base::diagnosis::Code;
use base::lease::Lease;
use k8s_openapi::api::coordination::v1::Lease as LeaseObject;
use kube::Api;
use kube::api::{Patch, PatchParams};
use kubernetes::lease::{ClusterLease, Timing};
use serde_json::json;
use terminal::stop_token::StopToken;

use crate::proxy::{Fault, Proxy};
use crate::stage::{LIMIT, Stage, client};
use crate::wait::until_async;

/// Short enough to wait for its end, long enough for a busy machine to renew it in time.
const SHORT: Timing = Timing { duration: Duration::from_secs(4), renew: Duration::from_secs(1) };

async fn holder(stage: &Stage) -> Option<String> {
    stage.lease_object().await.spec.expect("it says something").holder_identity
}

#[tokio::test]
async fn the_second_waits_until_the_first_gives_it_back() {
    let Some(stage) = Stage::set().await else { return };
    let (first, second) = (stage.lease("first", Timing::default()), stage.lease("second", Timing::default()));
    first.acquire(LIMIT).await.expect("the Lease is free");
    assert_eq!(holder(&stage).await.as_deref(), Some("first"));
    let failure = second.acquire(Duration::from_millis(200)).await.expect_err("the first holds it");
    assert_eq!(failure.code(), Code::LeaseHeld);
    assert!(failure.to_string().contains("first"), "{failure}");
    assert_eq!(second.still_held().expect_err("it has none").code(), Code::LeaseHeld);

    // Far less than the 15 s after which it would be free by itself.
    let (waited, released) = tokio::join!(second.acquire(Duration::from_secs(10)), first.release());
    released.expect("it can be given back");
    waited.expect("it is free now");
    assert_eq!(holder(&stage).await.as_deref(), Some("second"));
    second.still_held().expect("it has it");
    assert_eq!(first.still_held().expect_err("it gave it back").code(), Code::LeaseHeld);
    second.release().await.expect("it can be given back");
    assert_eq!(holder(&stage).await, None);
}

#[tokio::test]
async fn of_many_that_want_it_at_once_one_has_it() {
    let Some(stage) = Stage::set().await else { return };
    let leases: Vec<_> = (0..8).map(|number| stage.lease(&format!("run-{number}"), Timing::default())).collect();
    let tries = leases.iter().map(|lease| lease.acquire(Duration::from_secs(8)));
    let mut winners = 0;
    for attempt in join_all(tries).await {
        winners += u32::from(attempt.is_ok());
    }
    assert_eq!(winners, 1);
    assert_eq!(leases.iter().filter(|lease| lease.still_held().is_ok()).count(), 1);
}

/// All of them at once, on this thread.
async fn join_all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut pending: Vec<_> = futures.map(Box::pin).map(Some).collect();
    let mut outputs = Vec::new();
    std::future::poll_fn(|context| {
        for slot in &mut pending {
            if let Some(future) = slot
                && let std::task::Poll::Ready(output) = future.as_mut().poll(context)
            {
                outputs.push(output);
                *slot = None;
            }
        }
        if pending.iter().all(Option::is_none) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    outputs
}

#[tokio::test]
async fn a_lease_that_is_dropped_is_taken_over_once_its_time_is_over() {
    let Some(stage) = Stage::set().await else { return };
    let first = stage.lease("first", SHORT);
    first.acquire(LIMIT).await.expect("the Lease is free");
    drop(first);
    assert_eq!(holder(&stage).await.as_deref(), Some("first"), "a dropped lease is not given back");
    let second = stage.lease("second", SHORT);
    second.acquire(LIMIT).await.expect("it ends by itself");
    assert_eq!(stage.lease_object().await.spec.expect("it says something").lease_transitions, Some(1));
}

#[tokio::test]
async fn a_bad_moment_of_the_api_server_does_not_end_the_wait() {
    let Some(stage) = Stage::set().await else { return };
    for fault in [Fault::Broken, Fault::Withheld, Fault::Cut] {
        let first = stage.lease("first", SHORT);
        first.acquire(LIMIT).await.expect("the Lease is free");
        drop(first);
        // At its first look it sees who has it, at the second it meets the fault.
        let proxy = Proxy::start(stage.client.clone(), fault, 1).await;
        let second =
            ClusterLease::new(proxy.client(), &stage.namespace, "second", SHORT, Rc::new(StopToken::default()));
        second.acquire(LIMIT).await.unwrap_or_else(|failure| panic!("{}: {failure}", fault.name()));
        assert_eq!(holder(&stage).await.as_deref(), Some("second"));
        second.release().await.expect("it can be given back");
    }
}

#[tokio::test]
async fn a_holder_that_renews_keeps_it_longer_than_it_lasts() {
    let Some(stage) = Stage::set().await else { return };
    let (first, second) = (stage.lease("first", SHORT), stage.lease("second", SHORT));
    first.acquire(LIMIT).await.expect("the Lease is free");
    let waited = second.acquire(SHORT.duration * 3).await;
    assert_eq!(waited.expect_err("it is renewed").code(), Code::LeaseHeld);
    first.still_held().expect("it renewed it");
}

#[tokio::test]
async fn a_holder_that_froze_learns_that_it_was_replaced_before_it_does_anything() {
    let Some(stage) = Stage::set().await else { return };
    let frozen = stage.lease("frozen", SHORT);
    frozen.acquire(LIMIT).await.expect("the Lease is free");
    frozen.still_held().expect("it has it");
    let namespace = stage.namespace.clone();
    // While this thread waits for the other, nothing on it runs: neither the renewal nor we.
    let other = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let lease =
                ClusterLease::new(client(None).await, &namespace, "other", SHORT, Rc::new(StopToken::default()));
            lease.acquire(LIMIT).await.expect("the frozen one does not renew");
        });
    });
    other.join().expect("the other got it");
    assert_eq!(frozen.still_held().expect_err("it is too late").code(), Code::LeaseHeld);
    frozen.release().await.expect("what is not ours any more is left alone");
    assert_eq!(holder(&stage).await.as_deref(), Some("other"));
}

#[tokio::test]
async fn an_edited_label_does_not_cost_the_holder_its_lease() {
    let Some(stage) = Stage::set().await else { return };
    let lease = stage.lease("us", SHORT);
    lease.acquire(LIMIT).await.expect("the Lease is free");
    let api: Api<LeaseObject> = Api::namespaced(stage.client.clone(), &stage.namespace);
    let patch = Patch::Merge(json!({"metadata": {"labels": {"team": "blue"}}}));
    let edited = api.patch("newleaf", &PatchParams::default(), &patch).await.expect("anybody may label it");
    let renewed = |object: &LeaseObject| object.spec.clone().and_then(|spec| spec.renew_time);
    until_async("it is renewed again", async || renewed(&stage.lease_object().await) != renewed(&edited)).await;
    lease.still_held().expect("it is still its own");
}

#[tokio::test]
async fn a_signal_ends_the_wait() {
    let Some(stage) = Stage::set().await else { return };
    let first = stage.lease("first", Timing::default());
    first.acquire(LIMIT).await.expect("the Lease is free");
    let stop = StopToken::default();
    let second =
        ClusterLease::new(stage.client.clone(), &stage.namespace, "second", Timing::default(), Rc::new(stop.clone()));
    let (waited, ()) = tokio::join!(second.acquire(LIMIT), async { stop.cancel() });
    assert_eq!(waited.expect_err("it was asked to stop").code(), Code::Interrupted);
}
