//! Two hundred processes that want the same at once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use kube::Api;
use kube::api::PostParams;
use rotation::engine::material::{ROTATION_IDS, Slot};
use serde_json::json;
use tokio::process::Command;
use tokio::task::JoinSet;

use crate::api_server::{self, Own};
use crate::audit::{Record, Tenure};
use crate::ground::{Mode, TURN};
use crate::stage::Stage;

/// Runs of the CronJob, runs that share one identity, and runs of twenty Jobs that each were tried three times.
const SCHEDULED: usize = 60;
const SHARING: usize = 80;
const RETRIED: usize = 60;
const JOBS: usize = 20;

/// How long a process is started again while something keeps it that may pass: the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(480);

const CONFIGURATION: &str = "\
apiVersion: newleaf.dev/v1alpha1
kind: Rotation
authority: {secret: authority}
server: {secret: server, names: [postgres.backstage.svc]}
client: {secret: client}
consumers:
- {name: postgres, loads: server, pickup: restart, workload: deployment/postgres}
- {name: backstage, loads: client, pickup: restart, workload: deployment/backstage}
deadlines: {step: 1m, run: 8m}
";

/// What a process is asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Wish {
    user: String,
    /// The identity of what it forces; none for a scheduled run.
    id: Option<String>,
}

fn wishes() -> Vec<Wish> {
    let scheduled = (0..SCHEDULED).map(|_| None);
    let sharing = (0..SHARING).map(|_| Some("shared".to_owned()));
    let retried = (0..RETRIED).map(|number| Some(format!("job-{}", number % JOBS)));
    let mut ids: Vec<_> = scheduled.chain(sharing).chain(retried).collect();
    // In an order that mixes them: every 83rd, and 83 and 200 have no divisor in common.
    let count = ids.len();
    (0..count).map(|number| Wish { user: format!("process-{number}"), id: ids[number * 83 % count].take() }).collect()
}

struct Crowd {
    own: Own,
    namespace: String,
    configuration: PathBuf,
}

impl Crowd {
    fn process(&self, wish: &Wish) -> Command {
        let mut command = Command::new(project::program());
        command.args(["rotate", "--local", "--quiet", "--namespace", &self.namespace, "--as", &wish.user]);
        command.args(["--as-group", "system:masters", "--kubeconfig"]).arg(&self.own.kubeconfig);
        command.arg("--config").arg(&self.configuration);
        if let Some(id) = &wish.id {
            command.args(["--now", "--id", id]);
        }
        command.env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    /// Starts all of them, and each again while it ends with 75, as a Job does; how many ended with which code.
    async fn run(self: &Arc<Self>, wishes: &[Wish]) -> BTreeMap<i32, usize> {
        let mut processes = JoinSet::new();
        for wish in wishes {
            let wish = wish.clone();
            let crowd = Arc::clone(self);
            processes.spawn(async move {
                let begin = Instant::now();
                let mut codes = Vec::new();
                while begin.elapsed() < PATIENCE && codes.last() != Some(&0) {
                    let ended = crowd.process(&wish).output().await.expect("the program starts");
                    let code = ended.status.code().unwrap_or(-1);
                    assert!([0, 75].contains(&code), "{code}: {}", String::from_utf8_lossy(&ended.stderr));
                    codes.push(code);
                }
                codes
            });
        }
        let mut codes: BTreeMap<i32, usize> = BTreeMap::new();
        while let Some(ended) = processes.join_next().await {
            let tries = ended.expect("no process ends with another code");
            assert_eq!(tries.last(), Some(&0), "it never came to its end");
            for code in tries {
                *codes.entry(code).or_default() += 1;
            }
        }
        codes
    }

    /// The audit log once the Lease was given back for the last time.
    async fn record(&self) -> Record {
        let look = async {
            loop {
                let record = Record::read(&self.own.audit, &self.namespace);
                let tenures = record.tenures(TimeDelta::seconds(15));
                if tenures.last().is_some_and(|last| last.until.is_some()) {
                    return record;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), look).await.expect("everybody gives back what they took")
    }
}

/// Both workloads, scaled to zero: no pod is restarted.
async fn scale_to_zero(stage: &Stage) {
    let api: Api<k8s_openapi::api::apps::v1::Deployment> = Api::namespaced(stage.client.clone(), &stage.namespace);
    for name in ["postgres", "backstage"] {
        let containers = json!([{"name": name, "image": "localhost/pause:1"}]);
        let template = json!({"metadata": {"labels": {"app": name}}, "spec": {"containers": containers}});
        let spec = json!({"replicas": 0, "selector": {"matchLabels": {"app": name}}, "template": template});
        let deployment = serde_json::from_value(json!({"metadata": {"name": name}, "spec": spec}));
        api.create(&PostParams::default(), &deployment.expect("it is one")).await.expect("it can be made");
    }
}

#[tokio::test]
async fn two_hundred_runs_at_once_make_one_leaf_a_need_and_hold_the_lease_one_after_the_other() {
    let _turn = TURN.write().await;
    let (Some(before), Some(stage)) = (Mode::Due.before().await, Stage::own().await) else { return };
    stage.put_all(&before).await;
    scale_to_zero(&stage).await;
    let directory = tempfile::tempdir().expect("a temporary directory");
    let configuration = directory.path().join("newleaf.yaml");
    std::fs::write(&configuration, CONFIGURATION).expect("it can be written");
    let own = api_server::own().expect("it is running");
    let crowd = Arc::new(Crowd { own, namespace: stage.namespace.clone(), configuration });
    let wishes = wishes();
    let begin = Instant::now();
    let codes = crowd.run(&wishes).await;
    let seconds = begin.elapsed().as_secs_f64();
    let record = crowd.record().await;
    let tenures = record.tenures(TimeDelta::seconds(15));
    println!(
        "CROWD {} processes in {seconds:.1} s, exit codes {codes:?}; the Lease was held {} times, {} came too late; {} writes",
        wishes.len(),
        tenures.len(),
        record.conflicts,
        record.secrets.len()
    );
    assert_written_by_holders(&record, &tenures);
    assert_one_leaf_a_need(&record, &wishes);
    for slot in [Slot::Server, Slot::Client] {
        let snapshot = stage.snapshot().await;
        let noted = snapshot.stored(slot).expect("it is there").material.list(ROTATION_IDS);
        let ids: BTreeSet<_> = wishes.iter().filter_map(|wish| wish.id.clone()).collect();
        assert_eq!(noted.iter().cloned().collect::<BTreeSet<_>>(), ids);
        assert_eq!(noted.len(), ids.len(), "{noted:?}");
    }
}

/// Every write came from the holder of the Lease at that moment.
fn assert_written_by_holders(record: &Record, tenures: &[Tenure]) {
    for write in record.secrets.iter().filter(|write| !write.user.is_empty()) {
        let holds = |tenure: &&Tenure| tenure.from <= write.at && tenure.until.is_none_or(|until| write.at <= until);
        let holders: Vec<_> = tenures.iter().filter(holds).map(|tenure| &tenure.user).collect();
        assert_eq!(holders, [&write.user], "{write:?}");
    }
}

/// Each identity has replaced each leaf once, and what was due is replaced by a scheduled run only if no other was first.
fn assert_one_leaf_a_need(record: &Record, wishes: &[Wish]) {
    let id_of = |user: &str| wishes.iter().find(|wish| wish.user == user).and_then(|wish| wish.id.clone());
    let writes: Vec<_> = record.secrets.iter().filter(|write| !write.user.is_empty()).collect();
    let mut by_need: BTreeMap<(Option<String>, &str), usize> = BTreeMap::new();
    for write in &writes {
        *by_need.entry((id_of(&write.user), &write.name)).or_default() += 1;
    }
    assert!(by_need.values().all(|count| *count == 1), "{by_need:?}");
    for name in ["server", "client"] {
        let first = writes.iter().filter(|write| write.name == name).min_by_key(|write| write.at);
        let was_due = first.is_some_and(|write| id_of(&write.user).is_none());
        let leaves = by_need.keys().filter(|(_, written)| *written == name).count();
        assert_eq!(leaves, JOBS + 1 + usize::from(was_due), "{by_need:?}");
    }
}
