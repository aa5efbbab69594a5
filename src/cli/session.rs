//! From arguments to a configuration, and from there to the ports of a run.

use std::io;
use std::path::{Path, PathBuf};

use crate::cli::arguments::Global;
use crate::configuration::error::Error;
use crate::configuration::file;
use crate::configuration::keys::Key;
use crate::configuration::layers::Layers;
use crate::configuration::resolve::{Surroundings, resolve};
use crate::configuration::{Configuration, Place};
use crate::diagnosis::{Code, Diagnose, Failure};
use crate::host::Host;
use crate::host::entropy::sixteen_bytes;
use crate::rotation::issuer::CertificateIssuer;
use crate::rotation::ports::{Composed, Reporter};
use crate::rotation::request::RotationId;

/// The file that is used when it is in the directory and no other is named.
const FILE_NAME: &str = "newleaf.yaml";

/// No random bytes.
#[derive(Debug, thiserror::Error)]
#[error("failed to draw random bytes")]
struct NoEntropy;

impl Diagnose for NoEntropy {
    fn code(&self) -> Code {
        Code::KeyGeneration
    }
}

/// Everything that a command works with.
#[derive(Debug)]
pub struct Session {
    /// The configuration.
    pub configuration: Configuration,
    /// Its directory as an absolute path, for messages and for other people's files.
    pub directory: PathBuf,
    host: Host,
    issuer: CertificateIssuer,
}

impl Session {
    /// Reads the configuration and prepares the host, within a tokio runtime. Nothing is written.
    pub fn open(global: &Global) -> Result<Self, Failure> {
        let configuration = configuration(global)?;
        let Place::Directory(place) = &configuration.place else { return Err(Error::DirectoryMissing.into()) };
        let directory = std::path::absolute(&place.directory).unwrap_or_else(|_| place.directory.clone());
        tracing::info!(directory = %directory.display(), "configuration is valid");
        let host = Host::new(place, configuration.database.as_ref())?;
        random()?;
        // AWS-LC ends the process rather than return without random bytes, so the default is never drawn.
        let issuer = CertificateIssuer::new(configuration.profile.clone(), || random().unwrap_or_default());
        Ok(Self { configuration, directory, host, issuer })
    }

    /// The ports of a run that is told to a reporter.
    pub const fn ports<'a, R: Reporter>(&'a self, reporter: &'a R) -> Composed<'a, Host, CertificateIssuer, R> {
        Composed { world: &self.host, issuer: &self.issuer, reporter }
    }
}

/// A fresh identity for a forced rotation.
pub fn random_id() -> Result<RotationId, Failure> {
    let number = u128::from_be_bytes(random()?) >> 64;
    RotationId::parse(&format!("{number:016x}")).ok_or_else(|| NoEntropy.into())
}

fn random() -> Result<[u8; 16], NoEntropy> {
    sixteen_bytes().map_err(|_| NoEntropy)
}

/// Reads the file, if there is one, and puts variables and flags above it.
fn configuration(global: &Global) -> Result<Configuration, Error> {
    let overrides = global.overrides.layers()?;
    let file = match (&global.config, global.overrides.text(Key::Directory)) {
        (Some(path), _) => read(path)?,
        (None, Some(directory)) => {
            let path = Path::new(directory).join(FILE_NAME);
            match read(&path) {
                Err(Error::Read { source, .. }) if is_absent(&source) => Layers::default(),
                layers => layers?,
            }
        }
        (None, None) => Layers::default(),
    };
    let host = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok());
    resolve(&file.below(overrides), Surroundings { host: host.as_deref(), namespace: None })
}

fn read(path: &Path) -> Result<Layers, Error> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::Read { path: path.to_path_buf(), source })?;
    file::parse(path, &text)
}

/// Whether there is no such file; a directory that is none is found, and told better, by the store.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
