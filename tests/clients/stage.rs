//! A directory that the real `newleaf` program keeps, and the PostgreSQL server that loads its leaf from there.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use rotation::pki::algorithm::KeyAlgorithm;
use rotation::pki::error::Source;
use rotation::pki::key::PrivateKey;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tempfile::TempDir;

use crate::SERVER_NAME;
use crate::server::{Account, PostgresServer, readable_directory};

/// The directory and the server.
pub(crate) struct Stage {
    directory: TempDir,
    server: PostgresServer,
}

/// What is stored at a moment. Serial numbers are as the programs show them that the clients are compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    /// The client leaf's serial number, decimal: as in `pg_stat_ssl`.
    pub(crate) client: String,
    /// The server leaf's serial number in upper-case hexadecimal: as in Node.js.
    pub(crate) server: String,
    /// The trust bundle.
    pub(crate) bundle: String,
}

impl Stage {
    /// Makes authority and leaves, then starts the server that admits by certificate only.
    pub(crate) fn set(leaf: KeyAlgorithm, authority: KeyAlgorithm) -> Self {
        let directory = readable_directory().expect("a temporary directory can be made");
        let account = Account::find().expect("there is a user for PostgreSQL");
        let values = format!(
            "apiVersion: newleaf.dev/v1alpha1\nkind: Rotation\nauthority: {{algorithm: {authority}}}\n\
             leaf: {{algorithm: {leaf}}}\nserver: {{names: [{SERVER_NAME}], files: {{owner: {}}}}}\n",
            account.name
        );
        let file = directory.path().join("newleaf.yaml");
        fs::write(&file, &values).expect("the configuration can be written");
        newleaf(&directory, &["bootstrap"]);
        let server = PostgresServer::start_with_tls(&directory.path().join("server")).expect("PostgreSQL starts");
        let consumers = format!(
            "consumers:\n- {{name: postgres, loads: server, pickup: reload, signal: true, pidFile: {}}}\n\
             - {{name: clients, loads: client, pickup: login}}\n\
             database: {{endpoints: ['127.0.0.1:{}'], serverName: {SERVER_NAME}}}\n",
            server.pid_file().display(),
            server.endpoint().port
        );
        fs::write(&file, values + &consumers).expect("the configuration can be written");
        let stage = Self { directory, server };
        stage.expect_algorithm("server/tls.key", leaf);
        stage.expect_algorithm("client/tls.key", leaf);
        stage.expect_algorithm("authority/authority-1.key", authority);
        stage
    }

    /// Runs `newleaf rotate --now`, which must end well.
    pub(crate) fn rotate_now(&self, further: &[&str]) {
        newleaf(&self.directory, &[&["rotate", "--now"], further].concat());
    }

    /// What is stored now.
    pub(crate) fn stored(&self) -> Stored {
        let bundle = fs::read_to_string(self.client_files().join("ca.crt")).expect("there is a bundle");
        let server = self.serial("server/tls.crt");
        Stored { client: self.serial("client/tls.crt").to_string(), server: format!("{server:X}"), bundle }
    }

    /// The server's main process.
    pub(crate) fn pid(&self) -> i32 {
        self.server.pid().expect("the server runs")
    }

    /// Where the server listens.
    pub(crate) fn port(&self) -> u16 {
        self.server.endpoint().port
    }

    /// Where the client's files are.
    pub(crate) fn client_files(&self) -> PathBuf {
        self.directory.path().join("client")
    }

    fn serial(&self, file: &str) -> x509_parser::num_bigint::BigUint {
        let leaf = CertificateDer::from_pem_file(self.directory.path().join(file)).expect("there is a certificate");
        let (_, leaf) = x509_parser::parse_x509_certificate(&leaf).expect("it is a certificate");
        leaf.tbs_certificate.serial
    }

    fn expect_algorithm(&self, file: &str, algorithm: KeyAlgorithm) {
        let pem = fs::read(self.directory.path().join(file)).expect("there is a key");
        let key = PrivateKey::from_pem(&pem, &Source::new(file)).expect("it is a key");
        assert_eq!(key.kind().algorithm(), Some(algorithm), "{file} is of the configured algorithm");
    }
}

fn newleaf(directory: &TempDir, arguments: &[&str]) {
    let mut command = Command::new(project::program());
    let output = command.env_clear().args(arguments).arg("--directory").arg(directory.path()).output();
    let output = output.expect("newleaf can be run");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "newleaf {arguments:?} ends with {}: {said}", output.status);
}
