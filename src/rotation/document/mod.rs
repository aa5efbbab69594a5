//! The configuration: one YAML file, parsed once into types that cannot be wrong.
//!
//! [`cluster`] is what a place in a cluster is like. [`shape`] is the YAML as types, `cluster_document` the part of it that
//! a ConfigMap may say, and [`keys`] lists every value with its variable and default. [`mod@file`] reads files, variables and flags
//! as [`base::layers`]. [`resolve`] turns them into a [`Configuration`], or into an [`error`] that names value, limits and origin;
//! [`written`] writes them as one file again.

pub mod cluster;
pub mod error;
pub mod file;
pub mod keys;
pub mod resolve;
pub mod shape;
pub mod written;

mod cluster_document;
mod consumers;
mod layered;
mod values;
mod workloads;

use std::fmt;
use std::path::PathBuf;

use crate::document::cluster::ClusterPlace;
use crate::engine::facts::Peer;
use crate::engine::policy::Policy;
use crate::engine::request::Deadlines;
use crate::issuer::Profile;

/// Everything that a command needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    /// When certificates are replaced.
    pub policy: Policy,
    /// What they are like.
    pub profile: Profile,
    /// The database that proves what is served, if there is one to ask.
    pub database: Option<Database>,
    /// How long things may take.
    pub deadlines: Deadlines,
    /// Where authority and leaves are kept, and who loads them.
    pub place: Place,
}

/// Where authority and leaves are kept, and who loads them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A directory of this host, and processes that read it.
    Directory(DirectoryPlace),
    /// Secrets of a Kubernetes cluster, and workloads that mount them.
    Cluster(ClusterPlace),
}

impl Place {
    /// Whether the configuration names consumers.
    pub const fn has_consumers(&self) -> bool {
        match self {
            Self::Directory(place) => !place.consumers.is_empty(),
            Self::Cluster(place) => !place.consumers.is_empty(),
        }
    }
}

/// A directory of this host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryPlace {
    /// The directory of the authority and the leaves.
    pub directory: PathBuf,
    /// An external authority, instead of one that newleaf creates.
    pub external_authority: Option<ExternalAuthority>,
    /// Owner and modes of the server's files.
    pub server_files: FileAttributes,
    /// Owner and modes of the client's files.
    pub client_files: FileAttributes,
    /// The workloads that load the leaves, in pick-up order.
    pub consumers: Vec<Consumer>,
}

/// An authority in files that newleaf reads and never writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalAuthority {
    /// The signing certificate. Intermediates up to the root may follow in the same file.
    pub certificate: PathBuf,
    /// The private key of the authority.
    pub key: PathBuf,
    /// Further certificates up to the root.
    pub chain: Option<PathBuf>,
}

/// Who may read the files of a leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileAttributes {
    /// The owner; the process's own user when not given.
    pub owner: Option<Account>,
    /// The group; the owner's own group when not given.
    pub group: Option<Account>,
    /// The mode of the key, for example `0o600`.
    pub key_mode: u32,
    /// The mode of certificate and bundle, for example `0o644`.
    pub certificate_mode: u32,
}

/// A user or a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Account {
    Name(String),
    /// By number. It need not exist on this machine, because users of a container do not.
    Number(u32),
}

impl Account {
    /// Whether it is `root`, by name or number.
    pub fn is_root(&self) -> bool {
        match self {
            Self::Name(name) => name == "root",
            Self::Number(number) => *number == 0,
        }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Number(number) => write!(f, "{number}"),
        }
    }
}

/// A workload that loads a leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consumer {
    /// A name for messages.
    pub name: String,
    /// The peer whose leaf it loads.
    pub peer: Peer,
    /// How newleaf makes it load the leaf.
    pub pickup: Pickup,
    /// The pid file of its main process, which shows whether it runs.
    pub pid_file: Option<PathBuf>,
}

/// How newleaf makes a consumer load the stored leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pickup {
    /// It reads the files again and keeps its sessions.
    Reload {
        /// What makes it read them.
        trigger: Trigger,
        /// A restart if the files do not arrive. newleaf never restarts after a refused reload.
        fallback: Option<Vec<String>>,
    },
    /// It restarts: a command and its arguments, which returns when the consumer runs again.
    Restart { command: Vec<String> },
    /// It reads the files at each login, so it needs no pick-up: [`crate::engine::facts::Loaded::EachLogin`].
    Login,
}

/// What makes a consumer read its files again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// `SIGHUP` to the process in the consumer's pid file.
    Signal,
    /// A command and its arguments.
    Command(Vec<String>),
    /// `SELECT pg_reload_conf()` in newleaf's own session.
    Database,
}

/// The database, as its clients reach it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    /// Every endpoint behind the service name: each must show the new certificate.
    pub endpoints: Vec<Endpoint>,
    /// The role to log in as; the client's common name when not configured.
    pub user: String,
    /// The database to log in to.
    pub name: String,
}

/// A host and a port.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Endpoint {
    /// A DNS name or an IP address.
    pub host: String,
    /// The TCP port.
    pub port: u16,
    /// The name by which to verify the certificate, if it is not the host.
    pub server_name: Option<String>,
}
