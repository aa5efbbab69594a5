//! What `diff` and `status` say; they write nothing.

use deploy::difference::difference;
use deploy::state::state;

use crate::meter::Meter;
use crate::stage::Stage;

#[tokio::test]
async fn a_difference_is_told_and_nothing_is_written() {
    let Some(stage) = Stage::set().await else { return };
    let meter = Meter::new();
    let ask = async |text: &str| difference(&stage.cluster(&meter), stage.settings(text)).await.expect("an answer");
    let all = ask("").await;
    assert!(all.len() > 20 && all.iter().all(|it| it.action == "create"), "{all:?}");
    stage.install("", &Meter::new()).await.expect("it is installed");
    assert_eq!(ask("").await, []);
    let some = ask("rotation: {schedule: 30 4 * * *}\nhost: portal.example.org\ningress: {className: nginx}").await;
    let cron: Vec<_> = some.iter().filter(|it| it.object.starts_with("CronJob")).collect();
    assert_eq!(cron.len(), 1, "{some:?}");
    assert_eq!(cron[0].fields.len(), 1, "{cron:?}");
    assert_eq!(cron[0].fields[0].path, "spec.schedule");
    assert_eq!(cron[0].fields[0].after.as_deref(), Some("30 4 * * *"));
    assert!(some.iter().any(|it| it.object.starts_with("Ingress") && it.action == "create"), "{some:?}");
    assert_eq!(meter.writes(), Vec::<String>::new());
}

#[tokio::test]
async fn the_status_names_every_object_and_what_is_missing() {
    let Some(stage) = Stage::set().await else { return };
    let meter = Meter::new();
    let ask = async || state(&stage.cluster(&meter), stage.settings("")).await.expect("an answer");
    let before = ask().await;
    assert!(!before.installed && before.objects.iter().all(|object| object.state == "missing"));
    stage.install("", &Meter::new()).await.expect("it is installed");
    stage.delete(&stage.path("v1", "services", "backstage")).await;
    let after = ask().await;
    let state_of = |name: &str| {
        let object = format!("{name} {}/backstage", stage.namespace);
        after.objects.iter().find(|it| it.object == object).map(|it| it.state)
    };
    assert!(after.installed && !after.ready);
    assert_eq!(state_of("Service"), Some("missing"), "{after:?}");
    assert_eq!(state_of("Deployment"), Some("waiting"), "no controller acts here");
    assert_eq!(meter.writes(), Vec::<String>::new());
}
