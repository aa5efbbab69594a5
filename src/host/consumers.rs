//! The [`Consumers`] of this host: what they have loaded, how they are told, and the proof that they did.
//!
//! | Consumer | Current when | Mark written |
//! |---|---|---|
//! | server with a database to ask | every endpoint shows leaf and trust names in a handshake | by the proof |
//! | client that is restarted | it was told, and no session with another leaf is left | when the pick-up has ended |
//! | client that reloads | it was told; it keeps its sessions, so they prove nothing | when the pick-up has ended |
//! | client that reads the files at each login | always; while authorities change, a moment after the files did | never |
//! | server without a database to ask | it was told | when the pick-up has ended |
//!
//! A server whose bundle holds two authorities of the same name must also have been told: the names in its handshake
//! cannot show which of them it has loaded.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use tokio::time::Instant;

use crate::clock::Interruption;
use crate::configuration::{Consumer, Database, DirectoryPlace, Pickup, Trigger};
use crate::diagnosis::Failure;
use crate::host::blocking::within;
use crate::host::error::HostError;
use crate::host::marks::Marks;
use crate::host::process::{self, Running};
use crate::postgres::certificate::{bundle_subjects, content_hash};
use crate::postgres::handshake::{Served, address};
use crate::postgres::judge::{self, ExpectedServer};
use crate::postgres::world::{self, CALL, Depth, World};
use crate::rotation::facts::{ConsumerFacts, Loaded, Observed, Peer};
use crate::rotation::material::{LEAF_CERTIFICATE, Material, TRUST_BUNDLE};
use crate::rotation::ports::{Consumers, Expected, Observation};

/// The first pause between two looks; a reload takes about 5 ms.
const PAUSE_MIN: Duration = Duration::from_millis(5);
/// The longest.
const PAUSE_MAX: Duration = Duration::from_millis(500);
/// How long a reload may take before the server's files are compared with ours to find out whether it was refused.
const RELOAD: Duration = Duration::from_secs(1);

/// The consumers of a configuration.
#[derive(Debug)]
pub struct HostConsumers {
    consumers: Vec<Consumer>,
    database: Option<Database>,
    directory: PathBuf,
    marks: Marks,
    interruption: Interruption,
    /// Consumers and hashes of which this process has told them, but has not seen them load.
    told: RefCell<BTreeSet<(String, String)>>,
}

impl HostConsumers {
    /// The consumers of a configuration, servers first.
    pub fn new(place: &DirectoryPlace, database: Option<&Database>, interruption: Interruption) -> Self {
        let mut consumers = place.consumers.clone();
        consumers.sort_by_key(|consumer| consumer.peer);
        Self {
            consumers,
            database: database.cloned(),
            directory: place.directory.clone(),
            marks: Marks::new(&place.directory),
            interruption,
            told: RefCell::default(),
        }
    }

    fn find(&self, name: &str) -> Result<&Consumer, HostError> {
        let unknown = || HostError::ConsumerUnknown { name: name.to_owned() };
        self.consumers.iter().find(|consumer| consumer.name == name).ok_or_else(unknown)
    }

    async fn see(&self, expected: Expected<'_>, depth: Depth, limit: Duration) -> World {
        World::see(self.database.as_ref(), expected.snapshot, depth, limit.min(CALL)).await
    }

    fn is_marked(&self, consumer: &Consumer, expected: Expected<'_>) -> bool {
        let Some(hash) = stored(consumer.peer, expected).and_then(content_hash) else { return false };
        let told = || self.told.borrow().contains(&(consumer.name.clone(), hash.clone()));
        self.marks.read(&consumer.name).as_ref() == Some(&hash) || told()
    }

    fn judge(&self, consumer: &Consumer, expected: Expected<'_>, world: &World) -> Loaded {
        if consumer.pickup == Pickup::Login {
            let changing = authorities_change(consumer.peer, expected);
            return judge::each_login(changing, self.written_ago(consumer.peer), judge::LOGIN);
        }
        let told = self.told(consumer, expected);
        let leaf = match expected.inspection.leaf(consumer.peer) {
            Observed::Present(leaf) => leaf,
            Observed::Absent | Observed::Unreadable(_) => {
                let nothing = || Loaded::Unknown(format!("there is no usable {} leaf to compare with", consumer.peer));
                return if told == Loaded::NotRunning { told } else { nothing() };
            }
        };
        match consumer.peer {
            Peer::Client => judge::client(told, &leaf.serial, world, self.old_sessions_count(expected)),
            Peer::Server => {
                let bundle = stored(Peer::Server, expected).and_then(|material| material.entry(TRUST_BUNDLE));
                let Some((subjects, subjects_shared)) = bundle.and_then(bundle_subjects) else {
                    return Loaded::Unknown("the stored trust bundle cannot be read".to_owned());
                };
                let serial = leaf.serial.clone();
                let wanted = ExpectedServer { fingerprint: leaf.fingerprint, serial, subjects, subjects_shared };
                judge::server(told, &wanted, world)
            }
        }
    }

    /// What is known without the database: whether it runs, and whether it was told to load what is stored now.
    fn told(&self, consumer: &Consumer, expected: Expected<'_>) -> Loaded {
        if consumer.pid_file.as_deref().map(process::running) == Some(Running::No) {
            Loaded::NotRunning
        } else if self.is_marked(consumer, expected) {
            Loaded::Current
        } else {
            Loaded::Stale("it has not been told since the stored certificate was written".to_owned())
        }
    }

    /// Whether a session that was opened with an older leaf must be gone: a session does not say which consumer it belongs
    /// to, so only when each of them has been started anew, which keeps no session, and none is still to be told.
    fn old_sessions_count(&self, expected: Expected<'_>) -> bool {
        let mut clients = self.consumers.iter().filter(|consumer| consumer.peer == Peer::Client);
        clients.all(|client| {
            let keeps_none = matches!(client.pickup, Pickup::Restart { .. });
            let stopped = || client.pid_file.as_deref().map(process::running) == Some(Running::No);
            keeps_none && (self.is_marked(client, expected) || stopped())
        })
    }

    /// How long ago the stored leaf of a peer was swapped in; `None` when its link cannot be looked at.
    fn written_ago(&self, peer: Peer) -> Option<Duration> {
        let link = self.directory.join(peer.to_string());
        let named = link.clone();
        let modified = move || named.symlink_metadata().and_then(|link| link.modified()).ok();
        within(PAUSE_MAX, &link, modified).flatten()?.elapsed().ok()
    }

    /// Whether handshakes show what this consumer has loaded, so that being told is not enough.
    fn shows_itself(&self, consumer: &Consumer) -> bool {
        consumer.peer == Peer::Server && self.database.is_some()
    }

    /// Notes that the consumer has been told. What can be seen is marked by the proof only.
    fn note_told(&self, consumer: &Consumer, expected: Expected<'_>) -> Result<(), HostError> {
        let Some(hash) = stored(consumer.peer, expected).and_then(content_hash) else { return Ok(()) };
        if self.shows_itself(consumer) {
            self.told.borrow_mut().insert((consumer.name.clone(), hash));
            Ok(())
        } else {
            self.marks.write(&consumer.name, &hash)
        }
    }

    async fn tell(&self, consumer: &Consumer, expected: Expected<'_>, limit: Duration) -> Result<(), Failure> {
        let name = &consumer.name;
        let trigger = match &consumer.pickup {
            Pickup::Restart { command } => return Ok(process::run(name, command, limit).await?),
            Pickup::Reload { trigger, .. } => trigger,
            Pickup::Login => return Ok(()),
        };
        match trigger {
            Trigger::Signal => Ok(process::hang_up(name, consumer.pid_file.as_deref())?),
            Trigger::Command(command) => Ok(process::run(name, command, limit).await?),
            Trigger::Database => {
                let missing = |what: &str| HostError::SignalFailed { consumer: name.clone(), reason: what.to_owned() };
                let database = self.database.as_ref().ok_or_else(|| missing("no database is configured"))?;
                let client = world::client(expected.snapshot).ok_or_else(|| missing("no client leaf is stored"))?;
                let endpoints = u32::try_from(database.endpoints.len()).unwrap_or(u32::MAX).max(1);
                Ok(world::reload(database, client, limit.min(CALL) / (2 * endpoints)).await?)
            }
        }
    }

    /// Looks again and again until the consumer is settled; else says what it showed last. Gives up early when the
    /// server has refused the files: it will not load them however long one waits.
    async fn wait(
        &self,
        consumer: &Consumer,
        expected: Expected<'_>,
        restarted: bool,
        limit: Duration,
    ) -> Result<Loaded, HostError> {
        let mut last = Loaded::Unknown("nothing was seen in time".to_owned());
        let looks = async {
            let mut pause = PAUSE_MIN;
            let mut waited = Duration::ZERO;
            // What a server serves is seen without logging in.
            let depth = if consumer.peer == Peer::Server { Depth::Handshakes } else { Depth::Sessions };
            loop {
                let world = self.see(expected, depth, limit).await;
                last = self.judge(consumer, expected, &world);
                if is_proven(&last, restarted) {
                    return Ok(());
                }
                if waited >= RELOAD && !restarted {
                    self.look_for_refusal(consumer, expected, &world, true).await?;
                }
                self.interruption.check(&consumer.name)?;
                tokio::time::sleep(pause).await;
                waited += pause;
                pause = (pause * 2).min(PAUSE_MAX);
            }
        };
        match tokio::time::timeout(limit, looks).await {
            Ok(Err(refused)) => Err(refused),
            Ok(Ok(())) | Err(_) => Ok(last),
        }
    }

    /// Compares the files of every server that shows something old with ours: equal ones were refused. With `certain`,
    /// only where the server says that it has reloaded since they were written. A server that reads other files than we
    /// write is the answer; `None` when there is none, or none could be asked.
    async fn look_for_refusal(
        &self,
        consumer: &Consumer,
        expected: Expected<'_>,
        world: &World,
        certain: bool,
    ) -> Result<Option<HostError>, HostError> {
        if !self.shows_itself(consumer) {
            return Ok(None);
        }
        let (Some(database), Some(client)) = (&self.database, world::client(expected.snapshot)) else {
            return Ok(None);
        };
        let Some(material) = stored(consumer.peer, expected) else { return Ok(None) };
        let wanted = expected.inspection.server.present().map(|leaf| leaf.fingerprint);
        let mut elsewhere = None;
        for (endpoint, sight) in database.endpoints.iter().zip(&world.sights) {
            let Ok(served) = &sight.served else { continue };
            let leaf_is_old = Some(served.fingerprint) != wanted;
            let Ok(files) = world::files(endpoint, database, client, CALL).await else { continue };
            let (what, setting, entry, here) = if leaf_is_old {
                ("certificate", "ssl_cert_file", LEAF_CERTIFICATE, files.certificate_is(material))
            } else if names_are_loaded(served, material) {
                continue;
            } else {
                ("trust bundle", "ssl_ca_file", TRUST_BUNDLE, files.bundle_is(material))
            };
            if here && (files.reloaded_since || !certain) {
                let served = served.serial.clone();
                return Err(HostError::ReloadRefused { endpoint: address(endpoint), what, served });
            }
            if !here && !certain {
                let read = world::file_setting(endpoint, database, client, setting, CALL).await.unwrap_or_default();
                let written = self.directory.join(consumer.peer.to_string()).join(entry);
                let written = std::path::absolute(&written).unwrap_or(written);
                let (consumer, endpoint) = (consumer.name.clone(), address(endpoint));
                elsewhere.get_or_insert(HostError::ReadsElsewhere { consumer, endpoint, read, written });
            }
        }
        Ok(elsewhere)
    }
}

/// Whether more than one authority is at hand or trusted: only then can a file that was read too early do harm.
fn authorities_change(peer: Peer, expected: Expected<'_>) -> bool {
    let generations = expected.inspection.authorities.present().map_or(0, Vec::len);
    let trusted = expected.inspection.leaf(peer).present().map_or(0, |leaf| leaf.trust.len());
    generations > 1 || trusted > 1
}

/// What is stored for a peer.
fn stored(peer: Peer, expected: Expected<'_>) -> Option<&Material> {
    expected.snapshot.stored(peer.slot()).map(|stored| &stored.material)
}

/// After a restart only what is seen counts: a consumer that did not come up again has not loaded anything.
fn is_proven(loaded: &Loaded, restarted: bool) -> bool {
    if restarted { *loaded == Loaded::Current } else { loaded.is_settled() }
}

fn names_are_loaded(served: &Served, material: &Material) -> bool {
    let subjects = material.entry(TRUST_BUNDLE).and_then(bundle_subjects).map(|(subjects, _)| subjects);
    subjects.is_some() && served.client_authorities == subjects
}

/// The error for what a consumer showed last.
fn unproven(consumer: &Consumer, loaded: &Loaded, limit: Duration) -> HostError {
    let consumer = consumer.name.clone();
    match loaded {
        Loaded::Unknown(reason) => HostError::Unobserved { consumer, reason: reason.clone(), limit },
        Loaded::Stale(reason) => HostError::Stale { consumer, reason: reason.clone() },
        Loaded::NotRunning | Loaded::Current | Loaded::EachLogin => {
            HostError::Stale { consumer, reason: "it does not run after its restart".to_owned() }
        }
    }
}

impl Consumers for HostConsumers {
    async fn observe(&self, expected: Expected<'_>) -> Result<Observation, Failure> {
        // Which sessions last matters to the removal of an authority only, and looking for it takes its time.
        let single = expected.inspection.authorities.present().is_some_and(|authorities| authorities.len() == 1);
        let world = self.see(expected, if single { Depth::Sessions } else { Depth::LastingSessions }, CALL).await;
        let facts = |consumer: &Consumer| ConsumerFacts {
            name: consumer.name.clone(),
            peer: consumer.peer,
            loaded: self.judge(consumer, expected, &world),
        };
        let authorities = expected.inspection.authorities.present().map_or(&[][..], Vec::as_slice);
        Ok(Observation {
            consumers: self.consumers.iter().map(facts).collect(),
            issuers_in_use: judge::issuers(&world, authorities),
            reference: world.sights.iter().find_map(|sight| sight.look.as_ref()).map(|look| look.clock),
        })
    }

    async fn pick_up(&self, consumer: &str, expected: Expected<'_>, limit: Duration) -> Result<(), Failure> {
        let consumer = self.find(consumer)?;
        self.tell(consumer, expected, limit).await?;
        Ok(self.note_told(consumer, expected)?)
    }

    async fn prove(&self, consumer: &str, expected: Expected<'_>, limit: Duration) -> Result<(), Failure> {
        let end = Instant::now() + limit;
        let consumer = self.find(consumer)?;
        let fallback = match &consumer.pickup {
            Pickup::Reload { fallback, .. } => fallback.as_deref(),
            Pickup::Restart { .. } | Pickup::Login => None,
        };
        let restarted = matches!(consumer.pickup, Pickup::Restart { .. });
        // A fallback needs time of its own.
        let patience = if fallback.is_some() { limit / 2 } else { limit };
        let mut loaded = self.wait(consumer, expected, restarted, patience).await?;
        if !is_proven(&loaded, restarted) && !restarted {
            let world = self.see(expected, Depth::Handshakes, limit).await;
            match (fallback, self.look_for_refusal(consumer, expected, &world, false).await?) {
                (Some(command), Some(_)) => {
                    process::run(&consumer.name, command, end.saturating_duration_since(Instant::now())).await?;
                    let rest = end.saturating_duration_since(Instant::now());
                    loaded = self.wait(consumer, expected, true, rest).await?;
                }
                (None, Some(elsewhere)) => return Err(elsewhere.into()),
                (_, None) => {}
            }
        }
        if !loaded.is_settled() || (restarted && loaded != Loaded::Current) {
            return Err(unproven(consumer, &loaded, limit).into());
        }
        if let (Loaded::Current, Some(hash)) = (&loaded, stored(consumer.peer, expected).and_then(content_hash)) {
            self.marks.write(&consumer.name, &hash)?;
        }
        Ok(())
    }
}
