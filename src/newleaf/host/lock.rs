//! One run at a time: an advisory lock on `DIR/.lock`. The kernel releases it when the process ends, however it ends.

use std::cell::RefCell;
use std::fs::{File, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use base::diagnosis::Failure;
use base::lease::Lease;
use terminal::stop_token::StopToken;
use tokio::time::Instant;

use crate::host::blocking::{Bounds, within};
use crate::host::directory::Directory;
use crate::host::error::HostError;

/// The name of the lock file.
pub(crate) const LOCK: &str = ".lock";
/// The limit for one try to lock, or for the release. A working disk needs microseconds.
const LIMIT: Duration = Duration::from_secs(1);
/// The longest pause between two tries.
const PAUSE_MAX: Duration = Duration::from_millis(250);

/// The lease of a directory, released when dropped.
#[derive(Debug)]
pub struct DirectoryLease {
    directory: PathBuf,
    stop: StopToken,
    held: RefCell<Option<File>>,
}

/// The result of one try.
enum Attempt {
    Locked(File),
    /// Another process holds it, with the name that this process wrote into the file.
    Held(String),
}

impl DirectoryLease {
    /// The lease of a directory. It opens no file yet.
    pub fn new(directory: &Path, stop: StopToken) -> Self {
        Self { directory: directory.to_path_buf(), stop, held: RefCell::new(None) }
    }
}

fn try_once(directory: &Path) -> Result<Attempt, HostError> {
    let mut file = Directory::create(directory)?.lock_file(LOCK)?;
    let failed = |source| HostError::Lock { path: directory.join(LOCK), source };
    match file.try_lock() {
        Ok(()) => {
            note_holder(&mut file).map_err(failed)?;
            Ok(Attempt::Locked(file))
        }
        Err(TryLockError::WouldBlock) => Ok(Attempt::Held(holder(&file))),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// The holder of the lock according to the file: for messages, never for a decision.
fn holder(file: &File) -> String {
    let mut text = String::new();
    let read = file.take(64).read_to_string(&mut text);
    let pid = text.trim();
    if read.is_ok() && !pid.is_empty() { format!("process {pid}") } else { "another process".to_owned() }
}

fn note_holder(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    writeln!(file, "{}", std::process::id())
}

#[async_trait(?Send)]
impl Lease for DirectoryLease {
    async fn acquire(&self, limit: Duration) -> Result<(), Failure> {
        if self.held.borrow().is_some() {
            return Ok(());
        }
        let (begin, mut pause) = (Instant::now(), Duration::from_millis(5));
        // The loop ends at the latest when less than a pause is left of `limit`.
        loop {
            let left = limit.saturating_sub(begin.elapsed());
            let directory = self.directory.clone();
            // Give the try its full limit, however little is left: only a disk that had time can be called slow.
            let bounds = Bounds::new(left.max(LIMIT), self.stop.clone());
            match bounds.run(&self.directory, move || try_once(&directory)).await? {
                Attempt::Locked(file) => {
                    self.held.replace(Some(file));
                    return Ok(());
                }
                Attempt::Held(holder) if left <= pause => {
                    return Err(HostError::LeaseHeld { path: self.directory.join(LOCK), holder, limit }.into());
                }
                Attempt::Held(_) => {}
            }
            self.stop.pause(pause, "the lease").await?;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    async fn release(&self) -> Result<(), Failure> {
        let Some(file) = self.held.take() else { return Ok(()) };
        let path = self.directory.join(LOCK);
        let Some(released) = within(LIMIT, &path, move || file.unlock()) else {
            return Err(HostError::slow(&path, LIMIT).into());
        };
        Ok(released.map_err(|source| HostError::Lock { path, source })?)
    }
}
