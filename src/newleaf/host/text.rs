//! A text file of the operator, read with all checks.

use std::path::Path;
use std::time::Duration;

use terminal::stop_token::StopToken;

use crate::host::blocking::Bounds;
use crate::host::error::HostError;
use crate::host::file;

/// The largest configuration file, in bytes. One with a hundred consumers has 20 KiB.
const TEXT_MAX: u64 = 1 << 20;
/// How long reading the file may take. The configured deadlines are unknown before.
const LIMIT: Duration = Duration::from_secs(10);

/// A text, and whether another user could have written it. If so, newleaf runs no command that the text names.
#[derive(Debug)]
pub struct FileText {
    /// The content of the file.
    pub bytes: Vec<u8>,
    /// The error if another user can change the file or a directory of its path.
    pub trusted: Result<(), HostError>,
}

/// Reads a regular file of bounded size in bounded time. `None` if it does not exist.
pub async fn read(path: &Path) -> Result<Option<FileText>, HostError> {
    let named = path.to_path_buf();
    let work = move || {
        let Some((file, exposure)) = file::open(&named)? else { return Ok(None) };
        let trusted = file.refuse_other_than(None).and_then(|()| exposure.refuse());
        let bytes = file.read(TEXT_MAX)?.expose().to_vec();
        Ok(Some(FileText { bytes, trusted }))
    };
    Bounds::new(LIMIT, StopToken::of_process()).run(path, work).await
}
