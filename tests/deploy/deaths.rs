//! The process dies after each of its requests, while it installs, upgrades or uninstalls; the next run converges.

use deploy::remove::Named;

use crate::meter::Meter;
use crate::stage::Stage;

/// More objects, fewer of others, and a changed Job.
const LATER: &str = "host: portal.example.org\ningress: {className: nginx}\nmonitoring: {alerts: false}\nrotation: {leaf: {lifetime: 20d, rotateAfter: 10d}}";

#[tokio::test]
async fn an_install_that_dies_anywhere_is_finished_by_the_next_one() {
    let Some(reference) = Stage::set().await else { return };
    let meter = Meter::new();
    reference.install("", &meter).await.expect("it is installed");
    let (wanted, requests) = (reference.content("").await, meter.requests().len());
    for after in 0..requests {
        let Some(stage) = Stage::set().await else { return };
        let dying = Meter::dying(after);
        assert!(dying.spend(stage.install("", &dying)).await.is_none(), "it died after request {after}");
        stage.install("", &Meter::new()).await.unwrap_or_else(|failure| panic!("after {after}: {failure}"));
        assert_eq!(stage.content("").await, wanted, "after request {after}");
        let last = Meter::new();
        stage.install("", &last).await.expect("it is installed");
        assert_eq!(last.writes(), Vec::<String>::new(), "after request {after}");
    }
    println!("died after each of {requests} requests of an install");
}

#[tokio::test]
async fn an_upgrade_that_dies_anywhere_is_finished_by_the_next_one() {
    let Some(reference) = Stage::set().await else { return };
    reference.install("", &Meter::new()).await.expect("it is installed");
    let meter = Meter::new();
    reference.install(LATER, &meter).await.expect("it is upgraded");
    let (wanted, requests) = (reference.content(LATER).await, meter.requests().len());
    for after in 0..requests {
        let Some(stage) = Stage::set().await else { return };
        stage.install("", &Meter::new()).await.expect("it is installed");
        let dying = Meter::dying(after);
        assert!(dying.spend(stage.install(LATER, &dying)).await.is_none(), "it died after request {after}");
        stage.install(LATER, &Meter::new()).await.unwrap_or_else(|failure| panic!("after {after}: {failure}"));
        assert_eq!(stage.content(LATER).await, wanted, "after request {after}");
        let last = Meter::new();
        stage.install(LATER, &last).await.expect("it is installed");
        assert_eq!(last.writes(), Vec::<String>::new(), "after request {after}");
    }
    println!("died after each of {requests} requests of an upgrade");
}

#[tokio::test]
async fn a_removal_that_dies_anywhere_is_finished_by_the_next_one() {
    let Some(reference) = Stage::set().await else { return };
    reference.install("", &Meter::new()).await.expect("it is installed");
    let meter = Meter::new();
    reference.uninstall("", Named::default(), &meter).await.expect("it is removed");
    let requests = meter.requests().len();
    for after in 0..requests {
        let Some(stage) = Stage::set().await else { return };
        stage.install("", &Meter::new()).await.expect("it is installed");
        let dying = Meter::dying(after);
        assert!(
            Box::pin(dying.spend(stage.uninstall("", Named::default(), &dying))).await.is_none(),
            "request {after}"
        );
        stage
            .uninstall("", Named::default(), &Meter::new())
            .await
            .unwrap_or_else(|failure| panic!("{after}: {failure}"));
        let removal = stage.removal("", Named::default()).await;
        assert_eq!(removal.delete, Vec::<serde_json::Value>::new(), "after request {after}");
    }
    println!("died after each of {requests} requests of a removal");
}
