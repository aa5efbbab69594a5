//! Two installs of one stack at once, and one that died while it had its turn.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use deploy::event::{DeployEvent, EventSink};
use deploy::remove::Named;
use kubernetes::lease::Timing;

use crate::meter::Meter;
use crate::stage::{Silence, Stage};

/// What is waited for.
#[derive(Debug, Default)]
struct Waits(Mutex<Vec<String>>);

impl EventSink for Waits {
    fn tell(&self, event: &DeployEvent) {
        if let DeployEvent::Waiting { object, why, .. } = event {
            self.0.lock().expect("one thread").push(format!("{object}: {why}"));
        }
    }
}

/// A Lease that ends soon after a death.
const SHORT: Timing = Timing { duration: Duration::from_secs(1), renew: Duration::from_millis(300) };
const ONE: &str = "rotation: {schedule: 1 1 * * *}\nhost: portal.example.org\ningress: {className: nginx}";
const OTHER: &str = "rotation: {schedule: 2 2 * * *}\nbackstage: {appConfig: [{inline: {a: b}}]}";

async fn holder(stage: &Stage) -> Option<serde_json::Value> {
    let lease = stage.read("coordination.k8s.io/v1", "Lease", "backstage-inventory").await?;
    lease.pointer("/spec/holderIdentity").cloned()
}

#[tokio::test]
async fn of_two_installs_at_once_one_waits_and_the_later_one_holds() {
    let Some(stage) = Stage::set().await else { return };
    let (first, second) = (Meter::new(), Meter::new());
    let (waits, other_waits) = (Waits::default(), Waits::default());
    let (one, other) = tokio::join!(
        stage.install_as(("one", Timing::default()), ONE, &first, &waits),
        stage.install_as(("other", Timing::default()), OTHER, &second, &other_waits),
    );
    one.expect("it is installed");
    other.expect("it is installed");
    // What each wrote under its turn, from the inventory on.
    let span = |meter: &Meter| {
        let inside = format!("/namespaces/{}/", stage.namespace);
        let is_write = |request: &str| {
            !request.starts_with("GET ")
                && request.contains(&inside)
                && !request.contains("dryRun=All")
                && !request.contains("/leases")
        };
        let numbers = meter.numbers(is_write);
        (numbers.iter().min().copied().expect("it wrote"), numbers.iter().max().copied().expect("it wrote"))
    };
    let (one, other) = (span(&first), span(&second));
    assert!(one.1 < other.0 || other.1 < one.0, "they took turns: {one:?} {other:?}");
    assert_eq!(holder(&stage).await, None, "it is given back");
    // The later one is what is there, whole.
    let (last, waited) = if one.1 < other.0 { (OTHER, &other_waits) } else { (ONE, &waits) };
    let meter = Meter::new();
    stage.install(last, &meter).await.expect("it is installed");
    assert_eq!(meter.writes(), Vec::<String>::new());
    let told = waited.0.lock().expect("one thread").clone();
    assert!(told.iter().all(|told| told.starts_with("Lease ") && told.contains("is held by")), "{told:?}");
}

#[tokio::test]
async fn a_turn_ends_soon_after_the_death_of_its_holder() {
    let Some(stage) = Stage::set().await else { return };
    let meter = Meter::new();
    stage.install(ONE, &meter).await.expect("it is installed");
    let Some(stage) = Stage::set().await else { return };
    let dying = Meter::dying(meter.requests().len() - 10);
    assert!(dying.spend(stage.install_as(("dead", SHORT), ONE, &dying, &Silence)).await.is_none(), "it died");
    assert_eq!(holder(&stage).await, Some("dead".into()));
    let (waits, start) = (Waits::default(), Instant::now());
    stage.install_as(("next", SHORT), ONE, &Meter::new(), &waits).await.expect("it goes on");
    assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
    let told = waits.0.lock().expect("one thread").clone();
    assert!(told.iter().any(|told| told.contains("Lease ") && told.contains("dead")), "{told:?}");
    let quiet = Meter::new();
    stage.install(ONE, &quiet).await.expect("it is installed");
    assert_eq!(quiet.writes(), Vec::<String>::new());

    stage.uninstall(ONE, Named::default(), &Meter::new()).await.expect("it is removed");
    let lease = stage.read("coordination.k8s.io/v1", "Lease", "backstage-inventory").await;
    assert_eq!(lease, None, "nothing is left of it");
}
