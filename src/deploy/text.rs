//! The texts that a person names: of bounded size, so that a wrong path ends with a message and not without memory.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use base::diagnosis::Failure;

use crate::error::DeployError;

/// The largest text, in bytes. An object of Kubernetes has at most half as much.
const TEXT_MAX: u64 = 4 << 20;

/// Reads a file, or standard input for `-`.
pub fn read(path: &Path) -> Result<String, Failure> {
    let read = if path.as_os_str() == "-" { bounded(io::stdin().lock()) } else { File::open(path).and_then(bounded) };
    Ok(read.map_err(|source| DeployError::Unreadable { path: path.to_path_buf(), source })?)
}

/// Reads a file that need not be text.
pub fn read_bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let read = File::open(path).and_then(bounded_bytes);
    Ok(read.map_err(|source| DeployError::Unreadable { path: path.to_path_buf(), source })?)
}

fn bounded(source: impl Read) -> io::Result<String> {
    String::from_utf8(bounded_bytes(source)?).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

fn bounded_bytes(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(TEXT_MAX + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > TEXT_MAX {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("larger than {} MiB", TEXT_MAX >> 20)));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_a_limit() {
        let endless = bounded(io::repeat(b'a')).expect_err("it never ends");
        assert_eq!(endless.to_string(), "larger than 4 MiB");
        assert_eq!(bounded(&b"kind: Stack"[..]).expect("a short one"), "kind: Stack");
        assert!(bounded(&b"\xff"[..]).is_err(), "not text");
        let error = read(Path::new("/dev/zero")).expect_err("it never ends");
        assert!(error.chain().join(": ").ends_with("/dev/zero: larger than 4 MiB"), "{:?}", error.chain());
    }
}
