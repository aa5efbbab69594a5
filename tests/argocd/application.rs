//! What Argo CD says of an Application: now, and at each change.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::argo::{Argo, NAMESPACE, fail};

/// Longer than the install of a stack takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(420);
const STATE: &str = "jsonpath={.status.sync.status} {.status.health.status}{\"\\n\"}";

/// An Application, by its name.
pub(crate) struct Application<'a> {
    pub(crate) argo: &'a Argo,
    pub(crate) name: &'a str,
}

impl Application<'_> {
    /// The status; null while there is no Application or none of it.
    pub(crate) fn status(&self) -> Value {
        let found = self.argo.namespace.attempt(&["get", "application", self.name, "--output", "json"], "");
        let application: Value = found.ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        application["status"].clone()
    }

    /// Waits until the status is as wanted.
    pub(crate) fn until(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let begin = Instant::now();
        loop {
            let status = self.status();
            if wanted(&status) {
                return status;
            }
            if begin.elapsed() > LIMIT {
                let shown = ["sync", "health", "conditions", "operationState"].map(|part| status[part].to_string());
                fail(&format!("{}: waited in vain until {what}: {}", self.name, shown.join("\n")));
            }
            std::thread::sleep(Duration::from_millis(500));
        }
    }

    /// Waits until this revision is synced, and everything healthy.
    pub(crate) fn until_good(&self, revision: &str) -> Value {
        self.until(&format!("{revision} is synced and healthy"), |status| {
            status["sync"]["revision"] == revision
                && status["sync"]["status"] == "Synced"
                && status["health"]["status"] == "Healthy"
                && status["operationState"]["phase"] == "Succeeded"
        })
    }

    /// Has Argo CD read the repository now, and not at its next round.
    pub(crate) fn refresh(&self) {
        let annotation = "argocd.argoproj.io/refresh=normal";
        self.argo.namespace.kubectl(&["annotate", "application", self.name, annotation, "--overwrite"]);
    }
}

/// Every state that an Application has had since.
pub(crate) struct History {
    watch: Child,
    states: Arc<Mutex<Vec<String>>>,
}

impl History {
    pub(crate) fn begin(name: &str) -> Self {
        let mut command = Command::new("kubectl");
        command.args(["--namespace", NAMESPACE, "get", "application", name, "--watch", "--output", STATE]);
        let mut watch = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("kubectl starts");
        let lines = BufReader::new(watch.stdout.take().expect("a pipe")).lines();
        let states = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&states);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                told.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        });
        Self { watch, states }
    }

    /// The states, each time that it changed.
    pub(crate) fn states(&self) -> Vec<String> {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner).clone();
        states.dedup();
        states
    }
}

impl Drop for History {
    fn drop(&mut self) {
        let _ended = self.watch.kill();
        let _collected = self.watch.wait();
    }
}
