//! Clients in a pod (fixtures/load.yaml, fixtures/visitor.yaml): what they have seen so far, read from the pod's log as it is written.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::kubectl::Namespace;
use crate::tally::Tally;

/// Long enough for a busy machine: nothing waits for it to pass.
const LIMIT: Duration = Duration::from_secs(240);

/// Serial numbers in hexadecimal, as the last login showed them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Serials {
    pub(crate) server: String,
    pub(crate) client: String,
    /// What the client trusts.
    pub(crate) authorities: Vec<String>,
}

/// Everything that the pod has told.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sight {
    pub(crate) logins: Tally,
    pub(crate) catalog: Tally,
    pub(crate) serials: Serials,
}

#[derive(Default)]
struct Latest {
    sight: Mutex<Sight>,
    changed: Condvar,
}

/// The pod at work.
pub(crate) struct Load {
    latest: Arc<Latest>,
    log: Child,
}

impl Load {
    /// Starts the pod, which logs in and, with clients of the catalog, asks for that too; all are at work when this returns.
    pub(crate) fn start(namespace: &Namespace, catalog_clients: usize) -> Self {
        let clients = |number: usize| format!("{{name: CATALOG, value: \"{number}\"}}");
        let manifest = include_str!("fixtures/load.yaml").replace(&clients(0), &clients(catalog_clients));
        namespace.apply(&manifest);
        namespace.kubectl(&["wait", "--for=condition=ready", "pod/load", "--timeout=240s"]);
        let load = Self::follow(namespace, "load");
        load.until("all clients have answers", |sight| {
            sight.logins.succeeded > 20 && (catalog_clients == 0 || sight.catalog.succeeded > 5)
        });
        load
    }

    /// Reads what a pod tells from now on.
    pub(crate) fn follow(namespace: &Namespace, pod: &str) -> Self {
        let mut log = Command::new("kubectl")
            .args(["--namespace", namespace.name(), "logs", "--follow", &format!("pod/{pod}")])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("kubectl runs");
        let lines = BufReader::new(log.stdout.take().expect("its output is a pipe")).lines();
        let latest = Arc::new(Latest::default());
        let told = Arc::clone(&latest);
        // Ends with the log.
        std::thread::spawn(move || {
            for document in lines.map_while(Result::ok).filter_map(|line| serde_json::from_str(&line).ok()) {
                *told.lock() = Sight::of(&document);
                told.changed.notify_all();
            }
        });
        Self { latest, log }
    }

    /// What has been seen so far.
    pub(crate) fn sight(&self) -> Sight {
        self.latest.lock().clone()
    }

    /// Waits until this many more logins have been answered, so that what comes next happens under load.
    pub(crate) fn answered(&self, more: u64) -> Sight {
        let wanted = self.sight().logins.succeeded + more;
        self.until(&format!("{more} more logins"), |sight| sight.logins.succeeded >= wanted)
    }

    /// Waits until the clients have seen something.
    pub(crate) fn until(&self, what: &str, wanted: impl Fn(&Sight) -> bool) -> Sight {
        let deadline = Instant::now() + LIMIT;
        let mut sight = self.latest.lock();
        while !wanted(&sight) {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "waited in vain until {what}: {:?}", *sight);
            sight = self.latest.changed.wait_timeout(sight, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        sight.clone()
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.log.kill().and_then(|()| self.log.wait()).map(drop).unwrap_or_default();
    }
}

impl Latest {
    fn lock(&self) -> MutexGuard<'_, Sight> {
        self.sight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sight {
    fn of(document: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let texts = |value: &Value| value.as_array().into_iter().flatten().map(text).collect();
        let tally = |value: &Value| Tally {
            succeeded: value["succeeded"].as_u64().unwrap_or_default(),
            failed: value["failed"].as_u64().unwrap_or_default(),
            errors: texts(&value["errors"]),
            longest_gap: Duration::from_secs_f64(value["gap"].as_f64().unwrap_or_default() / 1000.0),
        };
        let serials = &document["serials"];
        Self {
            logins: tally(&document["logins"]),
            catalog: tally(&document["catalog"]),
            serials: Serials {
                server: text(&serials["server"]),
                client: text(&serials["client"]),
                authorities: texts(&serials["authorities"]),
            },
        }
    }
}
