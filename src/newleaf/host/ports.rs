//! The ports of a run on this host.

use base::diagnosis::Failure;
use rotation::document::{Database, DirectoryPlace};
use rotation::engine::request::Deadlines;
use terminal::stop_token::StopToken;
use tokio::time::Instant;

use crate::clock::SystemClock;
use crate::host::blocking::Bounds;
use crate::host::consumers::HostConsumers;
use crate::host::error::HostError;
use crate::host::lock::DirectoryLease;
use crate::host::store::DirectoryStore;
use crate::host::{pick_up_records, process, store};

/// The directory, its lease, its consumers and the clock that a configuration names: everything that a run needs from this
/// host.
#[derive(Debug)]
pub struct Host {
    /// The store of the authority and the leaves.
    pub store: DirectoryStore,
    /// The lease of the directory, which lets one run work at a time.
    pub lease: DirectoryLease,
    /// The processes that load the leaves.
    pub consumers: HostConsumers,
    /// The clock of this machine.
    pub clock: SystemClock,
}

impl Host {
    /// The host of a place, within a tokio runtime with time and I/O. It writes nothing. It refuses a place that another user can
    /// change, and a missing place unless the caller asks to create it.
    pub async fn open(
        place: &DirectoryPlace,
        database: Option<&Database>,
        deadlines: &Deadlines,
        makes_directory: bool,
    ) -> Result<Self, Failure> {
        let (clock, stop) = (SystemClock::start(), StopToken::of_process());
        let end = Instant::now() + deadlines.run;
        let bounds = Bounds::new(deadlines.step, stop.clone()).until(end);
        let (directory, consumers) = (place.directory.clone(), place.consumers.clone());
        let check = move || {
            process::refuse_containers(&consumers)?;
            pick_up_records::check(&directory)?;
            store::check(&directory)
        };
        if !bounds.run(&place.directory, check).await? && !makes_directory {
            return Err(HostError::DirectoryAbsent { path: place.directory.clone() }.into());
        }
        Ok(Self {
            store: DirectoryStore::new(place, bounds)?,
            lease: DirectoryLease::new(&place.directory, stop.clone()),
            consumers: HostConsumers::new(place, database, stop),
            clock,
        })
    }
}
