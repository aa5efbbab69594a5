//! The [`Consumers`] of this host: what they have loaded, how newleaf makes them load the stored leaf, and the proof.
//!
//! | Consumer | Current when |
//! |---|---|
//! | server with a configured database | every address of every endpoint shows the stored leaf and the stored trust bundle |
//! | client that is restarted | its restart succeeded, and no session with another leaf is open |
//! | client that reloads | its reload succeeded, and a session with the stored leaf is open |
//! | client that reads the files at each login | always; while authorities change, a moment after the files changed |
//! | any, without a configured database | its process started after the write of the stored leaf; otherwise it is unproved |
//!
//! `pick_up_state` is what newleaf knows of a consumer without the database. The evidence of `postgres` adds the rest, as in a
//! cluster.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use base::diagnosis::{Code, Failure};
use rotation::document::{Consumer, Database, DirectoryPlace, Pickup, Trigger};
use rotation::engine::facts::{ConsumerFacts, Loaded, Login, Observed, Peer, RunningFacts, Unusable};
use rotation::engine::material::Material;
use rotation::engine::ports::{Consumers, Expected};
use rotation::issuer::content::content_hash;
use terminal::stop_token::StopToken;
use tokio::time::Instant;

use crate::evidence::judge::{Clients, LOGIN, PickUpState};
use crate::evidence::wait::{self, Next, RELOAD};
use crate::evidence::{self, Arrival, Elsewhere, Refused};
use crate::host::error::HostError;
use crate::host::pick_up_records::{PickUpRecord, PickUpRecords};
use crate::host::process::{self, Running};
use crate::postgres::endpoints::{self, CALL, DatabaseSeen, Depth};
use crate::postgres::files::Reading;

/// The first pause between two observations. A reload takes about 5 ms.
const PAUSE_MIN: Duration = Duration::from_millis(5);
/// The longest pause between two observations.
const PAUSE_MAX: Duration = Duration::from_millis(500);
/// How much later than the write of a file a process must have started, because the kernel reports the start by a coarse
/// clock.
const START_TOLERANCE: Duration = Duration::from_secs(2);

/// The consumers of a configuration.
#[derive(Debug)]
pub struct HostConsumers {
    consumers: Vec<Consumer>,
    database: Option<Database>,
    directory: PathBuf,
    records: PickUpRecords,
    stop: StopToken,
}

impl HostConsumers {
    /// The consumers of a configuration, servers first.
    pub fn new(place: &DirectoryPlace, database: Option<&Database>, stop: StopToken) -> Self {
        let mut consumers = place.consumers.clone();
        consumers.sort_by_key(|consumer| consumer.peer);
        Self {
            consumers,
            database: database.cloned(),
            directory: place.directory.clone(),
            records: PickUpRecords::new(&place.directory),
            stop,
        }
    }

    fn find(&self, name: &str) -> Result<&Consumer, HostError> {
        let unknown = || HostError::ConsumerUnknown { name: name.to_owned() };
        self.consumers.iter().find(|consumer| consumer.name == name).ok_or_else(unknown)
    }

    async fn see(&self, expected: Expected<'_>, depth: Depth, limit: Duration) -> DatabaseSeen {
        DatabaseSeen::see(self.database.as_ref(), expected.snapshot, depth, limit.min(CALL)).await
    }

    fn record(&self, consumer: &Consumer) -> PickUpRecord {
        self.records.read(&consumer.name)
    }

    fn judge(
        &self,
        consumer: &Consumer,
        expected: Expected<'_>,
        seen: &DatabaseSeen,
        waited: Duration,
    ) -> ConsumerFacts {
        let Consumer { name, peer, .. } = consumer;
        if consumer.pickup == Pickup::Login {
            return evidence::each_login(name, *peer, expected, waited, LOGIN);
        }
        let pick_up = self.pick_up_state(consumer, expected);
        evidence::consumer(name, *peer, &pick_up, self.clients(expected), expected, seen)
    }

    /// The state without the database: whether the consumer runs, and whether it has picked up the stored material.
    fn pick_up_state(&self, consumer: &Consumer, expected: Expected<'_>) -> PickUpState {
        let record = self.record(consumer);
        let hash = stored_hash(consumer, expected);
        let restarted = hash.is_some() && record.restarted == hash;
        match consumer.pid_file.as_deref().map(|file| (file, process::running(file))) {
            Some((_, Running::No)) => return PickUpState::NotRunning,
            Some((file, Running::NoFile)) if record.pid_file.as_deref() == Some(file) => {
                return PickUpState::NotRunning;
            }
            Some((file, Running::NoFile)) => return PickUpState::Unknown(never_seen(file)),
            Some((_, Running::Yes { started })) if is_since(started, consumer.peer, expected) => {
                return PickUpState::Started { by_us: restarted };
            }
            Some((_, Running::Yes { .. } | Running::Unknown(_))) | None => {}
        }
        if hash.is_some() && record.picked_up == hash {
            PickUpState::PickedUp { restarted }
        } else {
            PickUpState::NotPickedUp(
                "it has neither reloaded nor restarted since the certificate was written".to_owned(),
            )
        }
    }

    /// The number of clients, and whether all of them have restarted.
    fn clients(&self, expected: Expected<'_>) -> Clients {
        let clients = || self.consumers.iter().filter(|consumer| consumer.peer == Peer::Client);
        let is_anew = |client: &Consumer| {
            matches!(client.pickup, Pickup::Restart { .. }) && self.pick_up_state(client, expected).is_anew()
        };
        Clients { count: clients().count(), all_anew: clients().all(is_anew) }
    }

    /// Records a successful pick-up, and the pid file at which newleaf saw the process.
    fn note(&self, consumer: &Consumer, expected: Expected<'_>, restarted: bool) -> Result<(), HostError> {
        let Some(hash) = stored_hash(consumer, expected) else { return Ok(()) };
        let mut record = self.record(consumer);
        record.picked_up = Some(hash.clone());
        if restarted {
            record.restarted = Some(hash);
        }
        match consumer.pid_file.as_deref() {
            Some(file) if matches!(process::running(file), Running::Yes { .. }) => {
                record.pid_file = Some(file.to_path_buf());
            }
            Some(_) | None => {}
        }
        self.records.write(&consumer.name, &record)
    }

    /// Makes the consumer load the stored material by its configured pick-up.
    async fn load(&self, consumer: &Consumer, expected: Expected<'_>, limit: Duration) -> Result<(), Failure> {
        let name = &consumer.name;
        let trigger = match &consumer.pickup {
            Pickup::Restart { command } => return Ok(process::run(name, command, limit).await?),
            Pickup::Reload { trigger, .. } => trigger,
            Pickup::Login => return Ok(()),
        };
        match trigger {
            Trigger::Signal => match self.pick_up_state(consumer, expected) {
                // A pid file that never existed does not lead to a process; the consumer may still run.
                PickUpState::Unknown(reason) => {
                    Err(HostError::Unobserved { consumer: name.clone(), reason, limit: Duration::ZERO }.into())
                }
                // A stopped consumer reads the files when it starts.
                PickUpState::NotRunning => Ok(()),
                PickUpState::NotPickedUp(_) | PickUpState::PickedUp { .. } | PickUpState::Started { .. } => {
                    Ok(process::hang_up(name, consumer.pid_file.as_deref())?)
                }
            },
            Trigger::Command(command) => Ok(process::run(name, command, limit).await?),
            Trigger::Database => {
                let missing = |what: &str| HostError::SignalFailed { consumer: name.clone(), reason: what.to_owned() };
                let database = self.database.as_ref().ok_or_else(|| missing("no database is configured"))?;
                let client = endpoints::client(expected.snapshot).ok_or_else(|| missing("no client leaf is stored"))?;
                let endpoints = u32::try_from(database.endpoints.len()).unwrap_or(u32::MAX).max(1);
                Ok(endpoints::reload(database, client, limit.min(CALL) / (2 * endpoints)).await?)
            }
        }
    }

    /// Observes the consumer until it shows the stored material, or returns its last state. Gives up early if the server has
    /// refused the files, or if waiting changes nothing.
    async fn wait(
        &self,
        consumer: &Consumer,
        expected: Expected<'_>,
        restart: Restarted,
        limit: Duration,
    ) -> Result<Loaded, Failure> {
        let restarted = restart != Restarted::No;
        let picked_up =
            restart == Restarted::ByFallback || expected.memory.has_picked_up(consumer.peer, &consumer.name);
        let depth = wait::depth(consumer.peer);
        wait::wait(&self.stop, &consumer.name, limit, pause, async |waited, last| {
            let seen = self.see(expected, depth, limit).await;
            *last = self.judge(consumer, expected, &seen, waited).loaded;
            // Older material is in use, and no pick-up of this run has asked the consumer to drop it.
            let waits_in_vain = matches!(last, Loaded::Lingering(_)) && !picked_up;
            if is_proven(last, restarted) || waits_in_vain {
                return Ok(Next::End);
            }
            if waited >= RELOAD && !restarted {
                let earliest = wait::earliest_refusal(picked_up);
                self.look_for_refusal(consumer, expected, &seen, earliest).await?;
            }
            Ok(Next::LookAgain)
        })
        .await
    }

    async fn look_for_refusal(
        &self,
        consumer: &Consumer,
        expected: Expected<'_>,
        seen: &DatabaseSeen,
        earliest: Reading,
    ) -> Result<Arrival, HostError> {
        if consumer.peer == Peer::Client {
            return Ok(Arrival::Unknown);
        }
        let looked = evidence::look_for_refusal(self.database.as_ref(), expected, seen, earliest).await;
        looked.map_err(|Refused { endpoint, what, served }| HostError::ReloadRefused { endpoint, what, served })
    }

    /// Restarts a server that does not load its files, once per content. Returns its state after that.
    async fn fall_back(
        &self,
        consumer: &Consumer,
        command: &[String],
        expected: Expected<'_>,
        end: Instant,
    ) -> Result<Loaded, Failure> {
        let rest = || end.saturating_duration_since(Instant::now());
        process::run(&consumer.name, command, rest()).await?;
        self.note(consumer, expected, true)?;
        self.wait(consumer, expected, Restarted::ByFallback, rest()).await
    }
}

/// The restart of the consumer for which newleaf waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Restarted {
    /// There was no restart.
    No,
    /// By its configured pick-up, in this run or before.
    ByPickUp,
    /// By the fallback, just now.
    ByFallback,
}

/// Whether a process with this start time started after the write of a peer's stored leaf, by the clock of this machine.
fn is_since(started: SystemTime, peer: Peer, expected: Expected<'_>) -> bool {
    let Some(written) = evidence::written(peer, expected) else { return false };
    started > SystemTime::from(written) + START_TOLERANCE
}

/// The hash of the material that a consumer should load. `None` if no usable leaf is stored.
fn stored_hash(consumer: &Consumer, expected: Expected<'_>) -> Option<String> {
    content_hash(expected.material(consumer.peer)?)
}

fn never_seen(file: &Path) -> Unusable {
    let why = format!("its pid file {} does not exist, and newleaf has never seen it", file.display());
    Unusable { code: Code::PidFileMissing, why }
}

/// The reason without a database: a signal or a command does not show what the consumer loaded.
fn without_database(consumer: &str) -> Unusable {
    let why = format!("no database is configured, so nothing shows what {consumer} has loaded");
    Unusable { code: Code::ConsumersUnknown, why }
}

/// The pause between two observations: newleaf notices the end soon, and long waits ask rarely.
fn pause(waited: Duration) -> Duration {
    waited.clamp(PAUSE_MIN, PAUSE_MAX)
}

/// Whether the state is a proof. After a restart a consumer that does not run is no proof, because it has loaded nothing.
const fn is_proven(loaded: &Loaded, restarted: bool) -> bool {
    let came_up = !(restarted && matches!(loaded, Loaded::NotRunning));
    came_up && wait::is_done(loaded)
}

/// The error for the last state of a consumer.
fn unproven(consumer: &Consumer, loaded: Loaded, limit: Duration) -> HostError {
    let consumer = consumer.name.clone();
    match loaded {
        Loaded::Unknown(reason) => HostError::Unobserved { consumer, reason, limit },
        Loaded::Stale(reason) | Loaded::Lingering(reason) => HostError::Stale { consumer, reason },
        Loaded::NotRunning | Loaded::Current | Loaded::EachLogin | Loaded::Unproved(_) => {
            HostError::Stale { consumer, reason: "it does not run after its restart".to_owned() }
        }
    }
}

#[async_trait(?Send)]
impl Consumers for HostConsumers {
    async fn observe(&self, expected: Expected<'_>) -> Result<RunningFacts, Failure> {
        let seen = self.see(expected, evidence::depth(expected), CALL).await;
        let consumers =
            self.consumers.iter().map(|consumer| self.judge(consumer, expected, &seen, Duration::ZERO)).collect();
        let mut running = evidence::running(consumers, expected, &seen);
        if let (None, Some(consumer)) = (&self.database, self.consumers.iter().find(|it| it.pickup != Pickup::Login)) {
            running.revocation_list = Observed::Unreadable(without_database(&consumer.name));
        }
        Ok(running)
    }

    async fn log_in(&self, client: &Material, limit: Duration) -> Login {
        evidence::log_in(self.database.as_ref(), client, limit).await
    }

    async fn pick_up(&self, consumer: &str, expected: Expected<'_>, limit: Duration) -> Result<(), Failure> {
        let consumer = self.find(consumer)?;
        self.load(consumer, expected, limit).await?;
        Ok(self.note(consumer, expected, matches!(consumer.pickup, Pickup::Restart { .. }))?)
    }

    async fn prove(&self, consumer: &str, expected: Expected<'_>, limit: Duration) -> Result<(), Failure> {
        let end = Instant::now() + limit;
        let consumer = self.find(consumer)?;
        let (restart, fallback) = match &consumer.pickup {
            Pickup::Restart { .. } => (Restarted::ByPickUp, None),
            Pickup::Reload { fallback: Some(command), .. } if !self.is_restarted(consumer, expected) => {
                (Restarted::No, Some(command))
            }
            Pickup::Reload { .. } | Pickup::Login => (Restarted::No, None),
        };
        let mut restarted = restart != Restarted::No;
        // The fallback needs time of its own.
        let first_limit = if fallback.is_some() { limit / 2 } else { limit };
        let mut loaded = self.wait(consumer, expected, restart, first_limit).await?;
        let mut elsewhere = None;
        if !is_proven(&loaded, restarted) && !restarted {
            let seen = self.see(expected, Depth::Handshakes, limit).await;
            match (self.look_for_refusal(consumer, expected, &seen, Reading::Before).await?, fallback) {
                (Arrival::Elsewhere(found), Some(command)) => {
                    restarted = true;
                    loaded = self.fall_back(consumer, command, expected, end).await?;
                    elsewhere = Some(found);
                }
                (Arrival::Elsewhere(found), None) => elsewhere = Some(found),
                (Arrival::Unknown | Arrival::Here, _) => {}
            }
        }
        match elsewhere {
            _ if is_proven(&loaded, restarted) => Ok(()),
            Some(elsewhere) if matches!(loaded, Loaded::Stale(_) | Loaded::Lingering(_)) => {
                Err(self.reads_elsewhere(consumer, elsewhere).into())
            }
            Some(_) | None => Err(unproven(consumer, loaded, limit).into()),
        }
    }
}

impl HostConsumers {
    /// Whether newleaf has already restarted it for the stored material.
    fn is_restarted(&self, consumer: &Consumer, expected: Expected<'_>) -> bool {
        let hash = stored_hash(consumer, expected);
        hash.is_some() && self.record(consumer).restarted == hash
    }

    /// The error for a server that reads other files than those that newleaf writes.
    fn reads_elsewhere(&self, consumer: &Consumer, Elsewhere { endpoint, entry, path }: Elsewhere) -> HostError {
        let written = self.directory.join(consumer.peer.to_string()).join(entry);
        let written = std::path::absolute(&written).unwrap_or(written);
        HostError::ReadsElsewhere { consumer: consumer.name.clone(), endpoint, read: path, written }
    }
}
