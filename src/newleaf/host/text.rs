//! A text file of an operator, read with care.

use std::path::Path;
use std::time::Duration;

use terminal::stop_token::StopToken;

use crate::host::blocking::Bounds;
use crate::host::error::HostError;
use crate::host::file;

/// The largest configuration file, in bytes. One with a hundred consumers has 20 KiB.
const TEXT_MAX: u64 = 1 << 20;
/// How long the file may take to be read. The configured deadlines are not known before.
const LIMIT: Duration = Duration::from_secs(10);

/// A text, and whether another user could have written it: commands that it names are not run then.
#[derive(Debug)]
pub struct FileText {
    /// The bytes as they are.
    pub bytes: Vec<u8>,
    /// An error where another user can change the file or a directory on the way to it.
    pub trusted: Result<(), HostError>,
}

/// Reads a regular file of bounded size, in bounded time; `None` where it is not there.
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
