//! One run at a time: an advisory lock on `DIR/.lock`, which the kernel gives back when the process ends, however it ends.

use std::cell::RefCell;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::clock::Interruption;
use crate::diagnosis::Failure;
use crate::host::error::HostError;
use crate::rotation::ports::Lease;

/// The longest pause between two tries.
const PAUSE_MAX: Duration = Duration::from_millis(250);

/// The lease of a directory. Given back when dropped.
#[derive(Debug)]
pub struct DirectoryLease {
    path: PathBuf,
    interruption: Interruption,
    held: RefCell<Option<File>>,
}

impl DirectoryLease {
    /// The lease of a directory; nothing is opened yet.
    pub fn new(directory: &Path, interruption: Interruption) -> Self {
        Self { path: directory.join(".lock"), interruption, held: RefCell::new(None) }
    }

    /// Tries once; the file when it is now locked by us.
    fn try_once(&self) -> Result<Option<File>, HostError> {
        let failed = |source| HostError::Lock { path: self.path.clone(), source };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(nix::libc::O_NOFOLLOW)
            .open(&self.path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {
                note_holder(&mut file).map_err(failed)?;
                Ok(Some(file))
            }
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }

    /// Who holds the lock, as it says itself: for messages, never for a decision.
    fn holder(&self) -> String {
        let mut text = String::new();
        let read = File::open(&self.path).and_then(|file| file.take(64).read_to_string(&mut text));
        let pid = text.trim();
        if read.is_ok() && !pid.is_empty() { format!("process {pid}") } else { "another process".to_owned() }
    }
}

fn note_holder(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    writeln!(file, "{}", std::process::id())
}

impl Lease for DirectoryLease {
    async fn acquire(&self, limit: Duration) -> Result<(), Failure> {
        if self.held.borrow().is_some() {
            return Ok(());
        }
        let directory = self.path.parent().unwrap_or(&self.path);
        crate::host::store::prepare(directory)?;
        let wait = async {
            let mut pause = Duration::from_millis(5);
            loop {
                if let Some(file) = self.try_once()? {
                    self.held.replace(Some(file));
                    return Ok::<(), HostError>(());
                }
                self.interruption.check("the lease")?;
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(PAUSE_MAX);
            }
        };
        match tokio::time::timeout(limit, wait).await {
            Ok(taken) => Ok(taken?),
            Err(_) => Err(HostError::LeaseHeld { path: self.path.clone(), holder: self.holder(), limit }.into()),
        }
    }

    async fn release(&self) -> Result<(), Failure> {
        if let Some(file) = self.held.take() {
            file.unlock().map_err(|source| HostError::Lock { path: self.path.clone(), source })?;
        }
        Ok(())
    }
}
