//! The [`Consumers`] of this host: what they have loaded, how they are made to load it, and the proof that they did.
//!
//! | Consumer | Current when |
//! |---|---|
//! | server with a database to ask | every address of every endpoint shows the stored leaf and the stored trust bundle |
//! | client that is restarted | its restart has ended well, and no session with another leaf is left |
//! | client that reloads | its reload has ended well, and a session with the stored leaf is open |
//! | client that reads the files at each login | always; while authorities change, a moment after the files did |
//! | any, without a database to ask | its process was started after what is stored was written; else it is unproved |
//!
//! What is known of a consumer without the database is `pick_up_state`; the rest is `postgres`' evidence, the same as in a cluster.

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

/// The first pause between two looks; a reload takes about 5 ms.
const PAUSE_MIN: Duration = Duration::from_millis(5);
/// The longest.
const PAUSE_MAX: Duration = Duration::from_millis(500);
/// How much later than a file a process must have started to have read it: the kernel tells its start by a coarse clock.
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

    /// What is known without the database: whether it runs, and whether it was made to load what is stored now.
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
                "it was neither reloaded nor restarted since the stored certificate was written".to_owned(),
            )
        }
    }

    /// All clients together.
    fn clients(&self, expected: Expected<'_>) -> Clients {
        let clients = || self.consumers.iter().filter(|consumer| consumer.peer == Peer::Client);
        let is_anew = |client: &Consumer| {
            matches!(client.pickup, Pickup::Restart { .. }) && self.pick_up_state(client, expected).is_anew()
        };
        Clients { count: clients().count(), all_anew: clients().all(is_anew) }
    }

    /// Notes that a pick-up has ended well, and where the process was seen.
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

    /// Makes it load what is stored, by its configured pick-up.
    async fn load(&self, consumer: &Consumer, expected: Expected<'_>, limit: Duration) -> Result<(), Failure> {
        let name = &consumer.name;
        let trigger = match &consumer.pickup {
            Pickup::Restart { command } => return Ok(process::run(name, command, limit).await?),
            Pickup::Reload { trigger, .. } => trigger,
            Pickup::Login => return Ok(()),
        };
        match trigger {
            Trigger::Signal => match self.pick_up_state(consumer, expected) {
                // No process to signal is found where its pid file never was: it may run all the same.
                PickUpState::Unknown(reason) => {
                    Err(HostError::Unobserved { consumer: name.clone(), reason, limit: Duration::ZERO }.into())
                }
                // It reads the files when it starts.
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

    /// Looks again and again until the consumer shows what is stored; else says what it showed last. Gives up early when
    /// the server has refused the files, and when waiting changes nothing.
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
            // Something older is in use that no pick-up of this run has told to end.
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

    /// Restarts a server whose files never arrive, once for one content; what it shows then.
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

/// How a consumer was restarted that is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Restarted {
    /// It was not.
    No,
    /// By its configured pick-up, in this run or before.
    ByPickUp,
    /// Just now, because its files never arrived.
    ByFallback,
}

/// Whether a process that was started then was started after the stored leaf of a peer was written, by the clock of this
/// machine.
fn is_since(started: SystemTime, peer: Peer, expected: Expected<'_>) -> bool {
    let Some(written) = evidence::written(peer, expected) else { return false };
    started > SystemTime::from(written) + START_TOLERANCE
}

/// The hash of what a consumer is to load; `None` where no usable leaf is stored.
fn stored_hash(consumer: &Consumer, expected: Expected<'_>) -> Option<String> {
    content_hash(expected.material(consumer.peer)?)
}

fn never_seen(file: &Path) -> Unusable {
    let why = format!("its pid file {} is not there, and was never seen there", file.display());
    Unusable { code: Code::PidFileMissing, why }
}

/// A signal or a command says nothing of what was loaded then.
fn without_database(consumer: &str) -> Unusable {
    let why = format!("no database is configured that could show what {consumer} has loaded");
    Unusable { code: Code::ConsumersUnknown, why }
}

/// The pause between two looks: the end is noticed soon, and long waits ask for little.
fn pause(waited: Duration) -> Duration {
    waited.clamp(PAUSE_MIN, PAUSE_MAX)
}

/// Whether a consumer is done. After a restart only what is seen counts: one that did not come up again has not loaded
/// anything.
const fn is_proven(loaded: &Loaded, restarted: bool) -> bool {
    let came_up = !(restarted && matches!(loaded, Loaded::NotRunning));
    came_up && wait::is_done(loaded)
}

/// The error for what a consumer showed last.
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
        // A fallback needs time of its own.
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
    /// Whether it was restarted already for what is stored.
    fn is_restarted(&self, consumer: &Consumer, expected: Expected<'_>) -> bool {
        let hash = stored_hash(consumer, expected);
        hash.is_some() && self.record(consumer).restarted == hash
    }

    /// The error where a server reads another file than the one that newleaf writes.
    fn reads_elsewhere(&self, consumer: &Consumer, Elsewhere { endpoint, entry, path }: Elsewhere) -> HostError {
        let written = self.directory.join(consumer.peer.to_string()).join(entry);
        let written = std::path::absolute(&written).unwrap_or(written);
        HostError::ReadsElsewhere { consumer: consumer.name.clone(), endpoint, read: path, written }
    }
}
