//! Until objects are ready: all of a phase side by side, each by the rules of its kind, none without end.

use std::collections::BTreeMap;
use std::time::Duration;

use base::diagnosis::{Class, Failure, RemoteText};
use kubernetes::readiness::{Readiness, readiness};
use serde_json::Value;
use terminal::stop_token::StopToken;
use tokio::time::Instant;

use crate::cluster::StackCluster;
use crate::error::DeployError;
use crate::event::{DeployEvent, EventSink};
use crate::plan::MemberKey;
use crate::trouble::{has_pods, lines_of_job, trouble};

/// How long the deployer pauses between two looks.
pub const PAUSE: Duration = Duration::from_millis(500);

/// An object that is waited for, as it was last seen.
#[derive(Debug, Clone)]
pub struct Awaited {
    /// Which object.
    pub key: MemberKey,
    /// `apps/v1`
    pub api_version: String,
    /// The part of the stack.
    pub component: &'static str,
    /// As it was last seen.
    pub object: Value,
}

/// The circumstances of a wait.
pub struct Waiter<'a> {
    /// The cluster.
    pub cluster: &'a StackCluster,
    /// Takes events.
    pub events: &'a dyn EventSink,
    /// The one wish to stop.
    pub stop: &'a StopToken,
    /// How long the deployer waits for a phase.
    pub limit: Duration,
}

impl std::fmt::Debug for Waiter<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Waiter").field("limit", &self.limit).finish_non_exhaustive()
    }
}

impl Waiter<'_> {
    /// Waits until all are ready. `done` hears of each as soon as it is.
    pub async fn all(&self, mut pending: Vec<Awaited>, mut done: impl FnMut(&Awaited)) -> Result<(), Failure> {
        let start = Instant::now();
        let mut troubled: BTreeMap<String, Instant> = BTreeMap::new();
        loop {
            let mut last = None;
            let mut left = Vec::new();
            for awaited in pending {
                match self.look(&awaited, &mut troubled).await? {
                    None => done(&awaited),
                    Some(why) => {
                        self.tell(&awaited, &why, start);
                        last = Some((awaited.key.clone(), why));
                        left.push(awaited);
                    }
                }
            }
            let Some((key, why)) = last else { return Ok(()) };
            if start.elapsed() >= self.limit {
                return Err(self.late(&key, &why, &left).await);
            }
            self.stop.pause(PAUSE, &key.to_string()).await?;
            pending = self.again(left, start).await?;
        }
    }

    /// What is missing; none if it is ready. An error if waiting cannot help.
    async fn look(
        &self,
        awaited: &Awaited,
        troubled: &mut BTreeMap<String, Instant>,
    ) -> Result<Option<String>, Failure> {
        let key = &awaited.key;
        let hopeless =
            |why: RemoteText, lines, hint| DeployError::Hopeless { object: key.to_string(), why, lines, hint };
        match readiness(&awaited.object) {
            Readiness::Ready => Ok(None),
            Readiness::Halted(halt) => Err(hopeless(RemoteText::new(&halt.why), Vec::new(), Some(halt.way_out)).into()),
            Readiness::Stuck(why) => {
                let (why, lines, hint) = self.reasons(awaited, why).await;
                Err(hopeless(why, lines, hint).into())
            }
            Readiness::Waiting(why) => {
                if !has_pods(&awaited.object) {
                    return Ok(Some(why));
                }
                let Some(trouble) = trouble(self.cluster, key, &awaited.object).await else { return Ok(Some(why)) };
                let Some(patience) = trouble.patience else {
                    return Ok(Some(format!("{why}; {}", trouble.why)));
                };
                let since = *troubled.entry(format!("{key} {}", trouble.name)).or_insert_with(Instant::now);
                if since.elapsed() >= patience {
                    return Err(hopeless(trouble.why, trouble.lines, trouble.hint).into());
                }
                Ok(Some(format!("{why}; {}", trouble.why)))
            }
        }
    }

    async fn reasons(&self, awaited: &Awaited, why: RemoteText) -> (RemoteText, Vec<RemoteText>, Option<String>) {
        if awaited.key.kind == "Job" {
            return (why, lines_of_job(self.cluster, &awaited.object).await, None);
        }
        match trouble(self.cluster, &awaited.key, &awaited.object).await {
            Some(trouble) => {
                let both = RemoteText::new(&format!("{why}; {}", trouble.why));
                (both, trouble.lines, trouble.hint)
            }
            None => (why, Vec::new(), None),
        }
    }

    async fn late(&self, key: &MemberKey, why: &str, left: &[Awaited]) -> Failure {
        let lines = match left.iter().find(|awaited| awaited.key == *key) {
            Some(awaited) if has_pods(&awaited.object) => {
                trouble(self.cluster, key, &awaited.object).await.map(|trouble| trouble.lines).unwrap_or_default()
            }
            Some(_) | None => Vec::new(),
        };
        let object = key.to_string();
        DeployError::Late { object, why: RemoteText::new(why), limit: self.limit, lines }.into()
    }

    /// Reads them once more. A read that fails only for now is tried again later.
    async fn again(&self, left: Vec<Awaited>, start: Instant) -> Result<Vec<Awaited>, Failure> {
        let mut seen = Vec::new();
        for awaited in left {
            let object = match self.cluster.read(&awaited.api_version, &awaited.key).await {
                Ok(Some(object)) => object,
                Ok(None) => return Err(gone(&awaited.key).into()),
                Err(failure) if failure.class() == Class::Temporary && start.elapsed() < self.limit => {
                    awaited.object.clone()
                }
                Err(failure) => return Err(failure),
            };
            seen.push(Awaited { object, ..awaited });
        }
        Ok(seen)
    }

    fn tell(&self, awaited: &Awaited, why: &str, start: Instant) {
        self.events.tell(&DeployEvent::Waiting {
            component: awaited.component,
            object: awaited.key.to_string(),
            why: why.to_owned(),
            seconds: start.elapsed().as_secs(),
        });
    }

    /// Waits until an object is gone, or another one has its name.
    pub async fn gone(&self, object: &Value) -> Result<(), Failure> {
        let key = MemberKey::of(object);
        let api_version = stack::object::text(object, "/apiVersion");
        let uid = object.pointer("/metadata/uid");
        let start = Instant::now();
        loop {
            match self.cluster.read(api_version, &key).await? {
                Some(present) if present.pointer("/metadata/uid") == uid => {}
                Some(_) | None => return Ok(()),
            }
            if start.elapsed() >= self.limit {
                return Err(DeployError::Undeleted { object: key.to_string(), limit: self.limit }.into());
            }
            self.stop.pause(PAUSE, &key.to_string()).await?;
        }
    }
}

fn gone(key: &MemberKey) -> DeployError {
    DeployError::Hopeless {
        object: key.to_string(),
        why: RemoteText::new("it was deleted during the wait"),
        lines: Vec::new(),
        hint: Some("Run again, and find out who deletes it.".to_owned()),
    }
}
