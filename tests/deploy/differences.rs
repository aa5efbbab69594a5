//! What `diff` and `status` say; they write nothing.

use deploy::difference::difference;
use deploy::state::state;
use serde_json::{Value, json};

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

/// A pod that a Job made whose image cannot be pulled.
async fn pod_without_image(stage: &Stage, name: &str, job: &str) {
    let labels =
        json!({"batch.kubernetes.io/job-name": "newleaf-bootstrap", "batch.kubernetes.io/controller-uid": job});
    let owner =
        json!({"apiVersion": "batch/v1", "kind": "Job", "name": "newleaf-bootstrap", "uid": job, "controller": true});
    let secure = json!({"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}, "runAsNonRoot": true,
        "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}});
    let container = json!({"name": "newleaf", "image": "localhost/nothing:1", "securityContext": secure});
    let pod = json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "labels": labels, "ownerReferences": [owner]}, "spec": {"containers": [container]}});
    stage.make(&stage.path("v1", "pods", ""), &pod).await;
    let waiting = json!({"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}});
    let container =
        json!({"name": "newleaf", "state": waiting, "image": "", "imageID": "", "ready": false, "restartCount": 0});
    let status = json!({"status": {"phase": "Pending", "containerStatuses": [container]}});
    stage.meddle(&stage.path("v1", "pods", &format!("{name}/status")), "kubelet", &status).await;
}

#[tokio::test]
async fn a_pod_that_an_earlier_job_of_the_name_left_says_nothing_about_this_one() {
    let Some(stage) = Stage::set().await else { return };
    stage.install("", &Meter::new()).await.expect("it is installed");
    let job = stage.read("batch/v1", "Job", "newleaf-bootstrap").await.expect("the stack has it");
    let why = async || {
        let answer = state(&stage.cluster(&Meter::new()), stage.settings("")).await.expect("an answer");
        let job = format!("Job {}/newleaf-bootstrap", stage.namespace);
        answer.objects.into_iter().find(|it| it.object == job).map(|it| it.why).expect("the stack has it")
    };
    pod_without_image(&stage, "left", "of-an-earlier-one").await;
    assert!(!why().await.contains("ImagePullBackOff"), "{}", why().await);
    let uid = job.pointer("/metadata/uid").and_then(Value::as_str).expect("an identity");
    pod_without_image(&stage, "own", uid).await;
    assert!(why().await.contains("pod own: container newleaf: ImagePullBackOff"), "{}", why().await);
}
