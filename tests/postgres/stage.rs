//! A directory with leaves and the server that loads them.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};
use std::{fs, io};

use base::diagnosis::{Code, Diagnose};
use chrono::DateTime;
use newleaf::host::blocking::Bounds;
use newleaf::host::consumers::HostConsumers;
use newleaf::host::store::DirectoryStore;
use newleaf::postgres::session::Session;
use nix::unistd::geteuid;
use rotation::document::{Account, Consumer, Database, DirectoryPlace, FileAttributes, Pickup, Trigger};
use rotation::engine::facts::{LeafFacts, Loaded, Observed, Peer, RunningFacts, StoredFacts, Validity};
use rotation::engine::material::{Material, Slot, Snapshot};
use rotation::engine::memory::RunMemory;
use rotation::engine::ports::{Consumers, Expected, Store};
use rotation::pki::certificate::Certificate;
use rotation::pki::error::Source;
use tempfile::TempDir;
use terminal::stop_token::StopToken;

use crate::support::certificates::Authority;
use crate::support::load::login;
use crate::support::server::{self, PostgresServer, readable_directory};

/// Long enough for a busy machine: nothing waits for it to pass.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// An authority, its leaves in a directory, and a server that loads them from there.
pub(crate) struct Stage {
    pub(crate) authority: Authority,
    pub(crate) store: DirectoryStore,
    pub(crate) place: DirectoryPlace,
    pub(crate) database: Option<Database>,
    pub(crate) server: PostgresServer,
    serial: u64,
    _directory: TempDir,
}

impl Stage {
    /// A server with leaf 101 and a client leaf 201 beside it; `None` where there is no PostgreSQL.
    pub(crate) async fn set() -> Option<Self> {
        Self::with_files(|directory| Ok(directory.join("server"))).await
    }

    /// The same with a server that loads its files from elsewhere.
    pub(crate) async fn with_files(files: impl FnOnce(PathBuf) -> io::Result<PathBuf>) -> Option<Self> {
        if !PostgresServer::is_available() {
            return None;
        }
        let directory = readable_directory().expect("a temporary directory can be made");
        let place = place(directory.path().to_path_buf());
        let store =
            DirectoryStore::new(&place, Bounds::new(LIMIT, StopToken::default())).expect("the server's user exists");
        let authority = Authority::new("stage authority");
        write(&store, Slot::Server, &authority.server(0x101, &[&authority])).await;
        write(&store, Slot::Client, &authority.client("postgres", 0x201, &[&authority])).await;
        let files = files(directory.path().to_path_buf()).expect("the server's files can be placed");
        // PostgreSQL tells the times of files in whole seconds: written in the second of its start, they would not surely be
        // loaded.
        for file in fs::read_dir(&files).expect("the files are there").flatten() {
            let file = fs::File::open(file.path()).expect("a file can be opened");
            file.set_modified(SystemTime::now() - Duration::from_secs(2)).expect("we own it");
        }
        let server = PostgresServer::start_with_tls(&files).expect("PostgreSQL starts");
        let database = Some(server.database());
        Some(Self { authority, store, place, database, server, serial: 0x102, _directory: directory })
    }

    /// Adds a consumer and returns all of them.
    pub(crate) fn consumers(&mut self, name: &str, peer: Peer, pickup: Pickup) -> HostConsumers {
        let pid_file = (peer == Peer::Server).then(|| self.server.pid_file());
        self.place.consumers.push(Consumer { name: name.to_owned(), peer, pickup, pid_file });
        HostConsumers::new(&self.place, self.database.as_ref(), StopToken::default())
    }

    /// The next server leaf, stored; its serial.
    pub(crate) async fn renew_server(&mut self) -> u64 {
        self.serial += 1;
        let trust = [&self.authority];
        write(&self.store, Slot::Server, &self.authority.server(self.serial, &trust)).await;
        self.serial
    }

    /// The server's leaf as it is stored.
    pub(crate) async fn server_leaf(&self) -> Material {
        self.store.read(Slot::Server).await.expect("the store can be read").expect("it is stored").material
    }

    /// Whether the server opens a session for this client material.
    pub(crate) async fn lets_in(&self, client: &Material) -> bool {
        let opened = Session::open(&self.server.endpoint(), &self.server.database(), client, LIMIT).await;
        match opened {
            Ok(session) => {
                session.close().await;
                true
            }
            Err(error) => {
                assert_eq!(error.code(), Code::ClientLeafRefused, "{error:?}");
                false
            }
        }
    }

    /// From now on the consumers log in as a role without rights.
    pub(crate) async fn plain_role(&mut self, role: &str) {
        let superuser = login(&self.server.database(), &self.place.directory.join("client"), "setup").await;
        let superuser = superuser.expect("the client can log in");
        superuser.client.batch_execute(&format!("CREATE ROLE {role} LOGIN")).await.expect("a superuser makes roles");
        write(&self.store, Slot::Client, &self.authority.client(role, 0x501, &[&self.authority])).await;
        self.database = Some(Database { user: role.to_owned(), ..self.server.database() });
    }

    /// What is stored, and what it says.
    pub(crate) async fn stored(&self) -> (Snapshot, StoredFacts) {
        let read = async |slot| self.store.read(slot).await.expect("the store can be read");
        let snapshot = Snapshot { authority: None, server: read(Slot::Server).await, client: read(Slot::Client).await };
        let leaf = |slot| snapshot.stored(slot).map_or(Observed::Absent, |stored| facts(&stored.material));
        let stored = StoredFacts {
            authorities: Observed::Absent,
            rollover_ids: Vec::new(),
            server: leaf(Slot::Server),
            client: leaf(Slot::Client),
        };
        (snapshot, stored)
    }

    /// What the consumers show of what is stored.
    pub(crate) async fn observe(&self, consumers: &HostConsumers) -> RunningFacts {
        let (snapshot, stored) = self.stored().await;
        consumers
            .observe(Expected {
                snapshot: &snapshot,
                stored: &stored,
                now: DateTime::UNIX_EPOCH,
                memory: &RunMemory::default(),
            })
            .await
            .expect("looking never fails")
    }

    /// What the one consumer of this name shows.
    pub(crate) async fn loaded(&self, consumers: &HostConsumers, name: &str) -> Loaded {
        let observation = self.observe(consumers).await;
        let found = observation.consumers.into_iter().find(|consumer| consumer.name == name);
        found.expect("the consumer is configured").loaded
    }

    /// Where the file of a slot is.
    pub(crate) fn path(&self, slot: &str, name: &str) -> PathBuf {
        self.place.directory.join(slot).join(name)
    }
}

/// A reload by SIGHUP, without a fallback.
pub(crate) const fn by_signal() -> Pickup {
    Pickup::Reload { trigger: Trigger::Signal, fallback: None }
}

/// Replaces what is stored.
pub(crate) async fn write(store: &DirectoryStore, slot: Slot, material: &Material) {
    let revision = store.read(slot).await.expect("the store can be read").map(|stored| stored.revision);
    store.write(slot, revision.as_ref(), material).await.expect("the store can be written");
}

fn facts(material: &Material) -> Observed<LeafFacts> {
    let pem = material.entry("tls.crt").expect("every leaf of the stage has a certificate");
    let leaf = Certificate::all_from_pem(pem, &Source::new("the stage")).expect("it is a certificate").swap_remove(0);
    let validity = Validity { not_before: DateTime::UNIX_EPOCH, not_after: DateTime::UNIX_EPOCH };
    Observed::Present(LeafFacts {
        fingerprint: leaf.fingerprint(),
        serial: leaf.serial().clone(),
        validity,
        chain_validity: validity,
        signer: None,
        drift: Vec::new(),
        trust: BTreeSet::new(),
        rotation_ids: Vec::new(),
        warnings: Vec::new(),
    })
}

fn place(directory: PathBuf) -> DirectoryPlace {
    let own = FileAttributes { owner: None, group: None, key_mode: 0o600, certificate_mode: 0o644 };
    let owner = geteuid().is_root().then(server::Account::find).flatten().map(|account| Account::Name(account.name));
    DirectoryPlace {
        directory,
        external_authority: None,
        server_files: FileAttributes { owner, ..own.clone() },
        client_files: own,
        consumers: Vec::new(),
    }
}

/// What a run remembers after a pick-up.
pub(crate) fn picked_up(peer: Peer, consumer: &str) -> RunMemory {
    let mut memory = RunMemory::default();
    memory.note_pick_up(peer, consumer);
    memory
}
