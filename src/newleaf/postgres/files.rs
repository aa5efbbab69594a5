//! The server's own view of the files that it loads at a reload. The contents stay on the server.

use std::time::{Duration, SystemTime};

use rotation::engine::material::{LEAF_CERTIFICATE, Material, TRUST_BUNDLE};

use rotation::pki::digest::sha256_hex;

/// A file from which the server reads its certificate or its trust bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSeen {
    /// The path in the server's settings.
    pub path: String,
    /// The SHA-256 in hexadecimal. `None` if the file does not exist or the server cannot open it.
    pub hash: Option<String>,
    /// The time of the last write by the server's clock.
    pub written: Option<SystemTime>,
}

/// The files that the server loads, and when it last loaded them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilesSeen {
    /// `ssl_cert_file`.
    pub certificate: FileSeen,
    /// `ssl_ca_file`.
    pub bundle: FileSeen,
    /// When the server last read its configuration, by its clock.
    pub loaded: SystemTime,
}

impl FilesSeen {
    /// Whether the server's certificate file is the stored one.
    pub fn certificate_is(&self, stored: &Material) -> bool {
        self.certificate.holds(stored, LEAF_CERTIFICATE)
    }

    /// Whether the server's trust bundle file is the stored one.
    pub fn bundle_is(&self, stored: &Material) -> bool {
        self.bundle.holds(stored, TRUST_BUNDLE)
    }

    /// Whether the server has read its configuration since both files were written.
    pub fn reading(&self) -> Reading {
        [&self.certificate, &self.bundle]
            .iter()
            .map(|file| reading(self.loaded, file.written))
            .min()
            .unwrap_or(Reading::Before)
    }
}

/// When a server read its configuration, relative to the write of a file. Both times come from the server's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reading {
    /// Before the write, or the file does not exist.
    Before,
    /// In the same second: `pg_stat_file` reports no fraction of it.
    SameSecond,
    /// After the write.
    After,
}

fn reading(loaded: SystemTime, written: Option<SystemTime>) -> Reading {
    match written {
        Some(written) if loaded >= written + Duration::from_secs(1) => Reading::After,
        Some(written) if loaded >= written => Reading::SameSecond,
        Some(_) | None => Reading::Before,
    }
}

impl FileSeen {
    fn holds(&self, stored: &Material, entry: &str) -> bool {
        match (&self.hash, stored.entry(entry)) {
            (Some(hash), Some(bytes)) => *hash == sha256_hex(bytes),
            (None, _) | (_, None) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn a_file_is_surely_loaded_from_the_next_second_on() {
        let at = |milliseconds| UNIX_EPOCH + Duration::from_millis(milliseconds);
        for (loaded, written, expected) in [
            (at(5_999), Some(at(6_000)), Reading::Before),
            (at(6_001), Some(at(6_000)), Reading::SameSecond),
            (at(6_999), Some(at(6_000)), Reading::SameSecond),
            (at(7_000), Some(at(6_000)), Reading::After),
            (at(7_000), None, Reading::Before),
        ] {
            assert_eq!(reading(loaded, written), expected, "{loaded:?} {written:?}");
        }
    }
}
