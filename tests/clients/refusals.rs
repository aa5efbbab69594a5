//! What must not get in, or must not be talked to, does not: with every client, and for the reason that was meant.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use nix::unistd::geteuid;
use rotation::pki::algorithm::KeyAlgorithm;
use rotation::pki::authority::{Authority, AuthorityRequest};
use rotation::pki::identity::{NewSerial, Validity};
use rotation::pki::key::PrivateKey;
use rotation::pki::leaf::{LeafProfile, LeafRequest, issue};
use rotation::pki::name::{CommonName, SubjectName};
use tempfile::TempDir;

use crate::SERVER_NAME;
use crate::programs::{Client, Programs, Way};
use crate::server::{Account, PostgresServer, readable_directory};
use crate::table;
use crate::wait::within;

/// Long enough for a busy machine: nothing waits for it to pass.
const LIMIT: Duration = Duration::from_secs(10);

/// Days from now: when something begins and ends to be valid.
type Days = (i64, i64);
const VALID: Days = (-1, 20);
const EXPIRED: Days = (-9, -2);

/// A login that must be refused.
struct Case {
    what: &'static str,
    /// The server's leaf: its name, its days, and whether an unknown authority signed it.
    server: (&'static str, Days, bool),
    /// The client's leaf, likewise; its name is the role.
    client: (&'static str, Days, bool),
    way: Way,
    /// What the server's log says; nothing where the client is the one that refuses.
    log: Option<&'static str>,
    /// What the client says: one of these, as each library has its own words.
    words: &'static [&'static str],
}

const GOOD_SERVER: (&str, Days, bool) = (SERVER_NAME, VALID, false);
const GOOD_CLIENT: (&str, Days, bool) = ("postgres", VALID, false);

const CASES: [Case; 8] = [
    Case {
        what: "client of another role",
        server: GOOD_SERVER,
        client: ("mallory", VALID, false),
        way: Way::Certificate,
        log: Some("provided user name (postgres) and authenticated user name (mallory) do not match"),
        words: &["certificate authentication failed for user \"postgres\""],
    },
    Case {
        what: "expired client",
        server: GOOD_SERVER,
        client: ("postgres", EXPIRED, false),
        way: Way::Certificate,
        log: Some("could not accept SSL connection: certificate verify failed"),
        words: &["certificate expired", "CertificateExpired"],
    },
    Case {
        what: "client of another authority",
        server: GOOD_SERVER,
        client: ("postgres", VALID, true),
        way: Way::Certificate,
        log: Some("could not accept SSL connection: certificate verify failed"),
        words: &["unknown ca", "UnknownCA"],
    },
    Case {
        what: "no certificate",
        server: GOOD_SERVER,
        client: GOOD_CLIENT,
        way: Way::NoCertificate,
        log: Some("connection requires a valid client certificate"),
        words: &["connection requires a valid client certificate"],
    },
    Case {
        what: "plaintext",
        server: GOOD_SERVER,
        client: GOOD_CLIENT,
        way: Way::Plaintext,
        log: Some("no pg_hba.conf entry for host"),
        words: &["no pg_hba.conf entry for host"],
    },
    Case {
        what: "server of another name",
        server: ("other.example.org", VALID, false),
        client: GOOD_CLIENT,
        way: Way::Certificate,
        log: None,
        words: &["does not match host name", "ERR_TLS_CERT_ALTNAME_INVALID", "certificate not valid for name"],
    },
    Case {
        what: "expired server",
        server: (SERVER_NAME, EXPIRED, false),
        client: GOOD_CLIENT,
        way: Way::Certificate,
        log: None,
        words: &["certificate verify failed", "CERT_HAS_EXPIRED", "certificate expired"],
    },
    Case {
        what: "server of another authority",
        server: (SERVER_NAME, VALID, true),
        client: GOOD_CLIENT,
        way: Way::Certificate,
        log: None,
        words: &["certificate verify failed", "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "UnknownIssuer"],
    },
];

#[test]
fn whatever_is_wrong_with_a_login_every_client_is_refused_for_that_reason() {
    if !PostgresServer::is_available() {
        return;
    }
    let programs = Programs::find();
    let forge = Forge::new();
    forge.serve(GOOD_SERVER);
    let server = PostgresServer::start_with_tls(&forge.served()).expect("PostgreSQL starts");
    let mut current = GOOD_SERVER;
    let mut refusals = Vec::new();
    for case in &CASES {
        if current != case.server {
            forge.serve(case.server);
            server.restart().expect("PostgreSQL starts again");
            current = case.server;
        }
        refusals.extend(programs.clients().map(|client| refusal(&programs, &server, &forge, case, client)));
    }
    let (rows, wrong): (Vec<_>, Vec<_>) = refusals.into_iter().partition(Result::is_ok);
    let rows: Vec<_> = rows.into_iter().flatten().collect();
    table::print("Logins that were refused", &["what is wrong", "client", "refused by", "reason"], &rows);
    assert_eq!(wrong, Vec::new(), "every login is refused for the reason that was meant");
    assert_eq!(rows.len(), CASES.len() * programs.clients().count(), "every client was tried with everything");
}

/// One login that must fail: its row of the table, or what went otherwise.
fn refusal(
    programs: &Programs,
    server: &PostgresServer,
    forge: &Forge,
    case: &Case,
    client: Client,
) -> Result<Vec<String>, String> {
    let what = format!("{client}, {}", case.what);
    let port = server.endpoint().port;
    if case.server == GOOD_SERVER {
        let admitted = programs.login(client, port, &forge.client(GOOD_CLIENT), Way::Certificate);
        admitted.map_err(|error| format!("{what}: not even a good login is admitted: {error}"))?;
    }
    let log = server.log().len();
    let Err(words) = programs.login(client, port, &forge.client(case.client), case.way) else {
        return Err(format!("{what}: admitted"));
    };
    let known = case.words.iter().find(|known| words.contains(**known));
    let known = known.ok_or_else(|| format!("{what}: another reason: {words}"))?;
    if let Some(reason) = case.log {
        wait_for_log(server, log, reason, &what)?;
    }
    let by = if case.log.is_some() { "server" } else { "client" };
    Ok([case.what, &client.to_string(), by, known].map(str::to_owned).to_vec())
}

/// Waits until the server's log, from a place in it on, says this. The server writes it after it has told the client.
fn wait_for_log(server: &PostgresServer, from: usize, reason: &str, what: &str) -> Result<(), String> {
    let says_it = || server.log().get(from..).is_some_and(|new| new.contains(reason));
    if within(LIMIT, says_it) {
        return Ok(());
    }
    Err(format!("{what}: the server does not log {reason:?} but {:?}", server.log().get(from..)))
}

/// Two authorities, one of which no client trusts, and the leaves that they sign.
struct Forge {
    directory: TempDir,
    trusted: Authority,
    unknown: Authority,
    now: DateTime<Utc>,
}

impl Forge {
    #[expect(clippy::disallowed_methods, reason = "PostgreSQL and its clients judge by the clock of the machine")]
    fn new() -> Self {
        let now = DateTime::from_timestamp(Utc::now().timestamp(), 0).expect("the time is in range");
        let authority = |name| {
            let request =
                AuthorityRequest { common_name: common_name(name), serial: serial(), validity: span(now, (-10, 30)) };
            Authority::create(&request, key()).expect("an authority can be made")
        };
        let directory = readable_directory().expect("a temporary directory can be made");
        Self { directory, trusted: authority("trusted"), unknown: authority("unknown"), now }
    }

    /// Where the server's files are.
    fn served(&self) -> PathBuf {
        self.directory.path().join("server")
    }

    /// Gives the server a leaf.
    fn serve(&self, (name, days, by_unknown): (&str, Days, bool)) {
        let names = [SubjectName::parse(name).expect("the name is allowed")];
        self.write(&self.served(), LeafProfile::server(&names), days, by_unknown);
        let account = Account::find().expect("there is a user for PostgreSQL");
        if geteuid().is_root() {
            chown(self.served().join("tls.key"), Some(account.uid), None).expect("root may give a file away");
        }
    }

    /// The directory of a client's leaf.
    fn client(&self, (role, days, by_unknown): (&str, Days, bool)) -> PathBuf {
        let directory = self.directory.path().join(format!("client-{role}-{}-{by_unknown}", days.1));
        if !directory.exists() {
            self.write(&directory, LeafProfile::client(&common_name(role)), days, by_unknown);
        }
        directory
    }

    fn write(&self, directory: &Path, profile: LeafProfile, days: Days, by_unknown: bool) {
        let authority = if by_unknown { &self.unknown } else { &self.trusted };
        let key = key();
        let request = LeafRequest { profile, serial: serial(), validity: span(self.now, days) };
        let leaf = issue(authority, &request, &key).expect("the leaf can be issued");
        fs::create_dir_all(directory).expect("a directory can be made");
        let files =
            [("tls.crt", leaf.to_pem()), ("ca.crt", self.trusted.to_pem()), ("tls.key", key.to_pem().to_string())];
        for (name, text) in files {
            let file = directory.join(name);
            fs::write(&file, text).expect("a file can be written");
            fs::set_permissions(&file, Permissions::from_mode(if name == "tls.key" { 0o600 } else { 0o644 }))
                .expect("a mode can be set");
        }
    }
}

fn common_name(text: &str) -> CommonName {
    CommonName::parse(text).expect("the name is allowed")
}

fn key() -> PrivateKey {
    PrivateKey::generate(KeyAlgorithm::EcdsaP256).expect("a key can be made")
}

fn serial() -> NewSerial {
    let mut octets = [0; 16];
    aws_lc_rs::rand::fill(&mut octets).expect("there is randomness");
    NewSerial::from_entropy(octets)
}

fn span(now: DateTime<Utc>, (from, to): Days) -> Validity {
    Validity { not_before: now + TimeDelta::days(from), not_after: now + TimeDelta::days(to) }
}
