//! The figures in a directory: the mounted ConfigMap, or a folder of a test.

use std::fs::OpenOptions;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use base::diagnosis::{Code, Diagnose};
use rotation::figures::{BYTES_MAX, FILE, Figures, FiguresUnreadable};

/// Why there are no figures to show.
#[derive(Debug, thiserror::Error)]
pub(super) enum FigureError {
    /// The file is there, and cannot be read.
    #[error("cannot read {file}: {source}")]
    File {
        /// Its path.
        file: String,
        source: io::Error,
    },
    /// It has other content.
    #[error("{file}: {source}")]
    Content {
        /// Its path.
        file: String,
        source: FiguresUnreadable,
    },
}

impl Diagnose for FigureError {
    fn code(&self) -> Code {
        match self {
            Self::File { .. } => Code::FileRead,
            Self::Content { source, .. } => source.code(),
        }
    }
}

/// The place of the figures.
#[derive(Debug)]
pub(super) struct FigureSource {
    file: PathBuf,
}

impl FigureSource {
    pub(super) fn new(directory: &Path) -> Self {
        Self { file: directory.join(FILE) }
    }

    /// The figures as they are now; none before the first run.
    pub(super) fn read(&self) -> Result<Figures, FigureError> {
        let file = || self.file.display().to_string();
        match self.content() {
            Ok(text) => Figures::parse(&text).map_err(|source| FigureError::Content { file: file(), source }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Figures::default()),
            Err(source) => Err(FigureError::File { file: file(), source }),
        }
    }

    /// The text up to a limit, beyond which it is no JSON any more. Opening waits for no named pipe.
    fn content(&self) -> io::Result<String> {
        let nonblocking = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or_default();
        let file = OpenOptions::new().read(true).custom_flags(nonblocking).open(&self.file)?;
        let mut text = String::new();
        file.take(BYTES_MAX).read_to_string(&mut text)?;
        Ok(text)
    }
}
