//! The API server's audit log: who has asked for what.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::skip::skip;

/// An entry is written a moment after the answer; longer than a busy machine takes for that.
const LATE: Duration = Duration::from_secs(60);

/// The log and what was rotated out of it.
#[derive(Debug)]
pub(crate) struct Audit {
    path: PathBuf,
}

/// One request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Asked {
    pub(crate) namespace: String,
    pub(crate) verb: String,
    pub(crate) group: String,
    /// With a subresource after a slash.
    pub(crate) resource: String,
    pub(crate) name: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    stage: String,
    verb: String,
    #[serde(default)]
    user_agent: String,
    user: User,
    impersonated_user: Option<User>,
    object_ref: Option<ObjectRef>,
}

#[derive(Debug, Deserialize)]
struct User {
    username: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ObjectRef {
    resource: String,
    subresource: Option<String>,
    namespace: String,
    name: String,
    api_group: String,
}

impl Audit {
    /// That of this cluster; none, and said so, where the cluster shows none.
    pub(crate) fn find() -> Option<Self> {
        let path = std::env::var_os("NEWLEAF_AUDIT_LOG").map(PathBuf::from);
        if path.is_none() {
            skip("audit log", "NEWLEAF_AUDIT_LOG is not set; in a cluster of tests/cluster it is");
        }
        path.map(|path| Self { path })
    }

    /// Asks for something of its own, and waits until that is in the log: then so is what was asked before.
    pub(crate) fn catch_up(&self) {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let marker = format!("/version?mark={}-{}.", std::process::id(), NUMBER.fetch_add(1, Ordering::SeqCst));
        let asked = Command::new("kubectl").args(["get", "--raw", &marker]).output().expect("kubectl runs");
        assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
        let begin = Instant::now();
        while self.lines(&marker).is_empty() {
            assert!(begin.elapsed() < LATE, "the audit log lags behind");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// The lines that speak of something.
    pub(crate) fn lines(&self, about: &str) -> Vec<String> {
        let folder = self.path.parent().expect("a log is in a folder");
        let files = fs::read_dir(folder).expect("it can be read").map(|entry| entry.expect("an entry").path());
        let parts = files.filter(|path| path.file_name().is_some_and(|it| it.to_string_lossy().starts_with("audit")));
        let texts = parts.map(|path| fs::read_to_string(path).expect("the log is text"));
        texts
            .flat_map(|text| text.lines().filter(|line| line.contains(about)).map(str::to_owned).collect::<Vec<_>>())
            .collect()
    }

    /// What newleaf has asked for so far as an account, be it by itself or played by somebody else.
    pub(crate) fn asked_by(&self, account: &str) -> Vec<Asked> {
        self.catch_up();
        let entries = self.lines(account).into_iter().filter_map(|line| serde_json::from_str::<Entry>(&line).ok());
        let ours = entries.filter(|entry| entry.user_agent.starts_with("newleaf/"));
        // What takes long has an entry for its start too; and everybody may ask whether the server is ready.
        let ours = ours.filter(|entry| entry.stage == "ResponseComplete" && entry.object_ref.is_some());
        let own = ours.filter(|entry| entry.impersonated_user.as_ref().unwrap_or(&entry.user).username == account);
        own.map(Asked::from).collect()
    }
}

impl From<Entry> for Asked {
    fn from(entry: Entry) -> Self {
        let object = entry.object_ref.unwrap_or_default();
        let sub = object.subresource.map(|sub| format!("/{sub}")).unwrap_or_default();
        Self {
            namespace: object.namespace,
            verb: entry.verb,
            group: object.api_group,
            resource: object.resource + &sub,
            name: object.name,
        }
    }
}
