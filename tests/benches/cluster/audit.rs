//! The API server's audit log: who asked for what.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

/// How newleaf calls itself.
const AGENT: &str = "newleaf/";
/// The log is written a moment after the answer.
const LATE: Duration = Duration::from_secs(10);

/// The log of the cluster under test.
#[derive(Debug)]
pub(crate) struct Audit {
    path: PathBuf,
}

/// A request that was answered.
#[derive(Debug)]
pub(crate) struct Request {
    verb: String,
    resource: String,
}

impl Request {
    /// Whether it changes anything.
    pub(crate) fn is_write(&self) -> bool {
        !["get", "list", "watch"].contains(&self.verb.as_str())
    }
}

impl Audit {
    /// The log that `tests/cluster/cluster` keeps beside the kubeconfig.
    pub(crate) fn open() -> Option<Self> {
        let path = Path::new(&std::env::var_os("KUBECONFIG")?).parent()?.join("log/audit.log");
        path.exists().then_some(Self { path })
    }

    /// The present end of the log.
    pub(crate) fn mark(&self) -> u64 {
        std::fs::metadata(&self.path).expect("the audit log is there").len()
    }

    /// Every request of a newleaf with this user name in a namespace since the mark.
    pub(crate) fn since(&self, mark: u64, namespace: &str, user: &str) -> Vec<Request> {
        self.flush(mark);
        let belongs = |event: &Value| {
            let agent = event["userAgent"].as_str().unwrap_or_default();
            event["stage"] == "ResponseComplete"
                && agent.starts_with(AGENT)
                && event["user"]["username"] == user
                && event["objectRef"]["namespace"] == namespace
        };
        self.events(mark).iter().filter(|event| belongs(event)).map(request).collect()
    }

    /// Asks for something of its own, and waits until that is in the log: then so is what was asked before.
    fn flush(&self, mark: u64) {
        let marker = format!("/version?mark={mark}");
        let asked = Command::new("kubectl").args(["get", "--raw", &marker]).output().expect("kubectl runs");
        assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
        let begin = Instant::now();
        while !self.events(mark).iter().any(|event| event["requestURI"] == marker.as_str()) {
            assert!(begin.elapsed() < LATE, "the audit log lags behind");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Whole lines only: the last one may be on its way.
    fn events(&self, mark: u64) -> Vec<Value> {
        let mut file = File::open(&self.path).expect("the audit log can be read");
        file.seek(SeekFrom::Start(mark)).expect("it does not shrink");
        let mut text = String::new();
        file.read_to_string(&mut text).expect("it is text");
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }
}

fn request(event: &Value) -> Request {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let resource = match text("/objectRef/subresource") {
        "" => text("/objectRef/resource").to_owned(),
        sub => format!("{}/{sub}", text("/objectRef/resource")),
    };
    Request { verb: text("/verb").to_owned(), resource }
}

/// `3 get secrets, 1 list pods`
pub(crate) fn summary(requests: &[Request]) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for Request { verb, resource } in requests {
        *counts.entry(format!("{verb} {resource}")).or_default() += 1;
    }
    counts.iter().map(|(what, count)| format!("{count} {what}")).collect::<Vec<_>>().join(", ")
}
