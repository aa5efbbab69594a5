//! A run of the real engine on the ports of a cluster, with a clock that may be wrong.

use std::time::Duration;

use base::diagnosis::{Class, Failure};
use chrono::{DateTime, TimeDelta, Utc};
use kube::Client;
use kubernetes::api::connection::Connection;
use kubernetes::lease::Timing;
use newleaf::clock::SystemClock;
use newleaf::cluster::{Cluster, Identity};
use newleaf::host::entropy::sixteen_bytes;
use rotation::document::Database;
use rotation::document::cluster::ClusterPlace;
use rotation::engine::policy::{Policy, PolicyValues};
use rotation::engine::ports::{Clock, Ports, Reporter};
use rotation::engine::report::{Outcome, RunEvent};
use rotation::engine::request::{Deadlines, Request};
use rotation::engine::run::run;
use rotation::issuer::{CertificateIssuer, Profile};
use rotation::pki::algorithm::KeyAlgorithm;
use rotation::pki::name::{CommonName, SubjectName};
use terminal::stop_token::StopToken;

/// Long enough for a busy machine: nothing waits for it to pass.
const LIMIT: Duration = Duration::from_secs(60);

/// How often a Job tries, by its `backoffLimit`.
pub(crate) const TRIES: usize = 5;

/// The server's name where no client connects to it.
pub(crate) const SERVER: &str = "postgres.backstage.svc";

/// Who runs, how, and when it believes to run.
#[derive(Clone)]
pub(crate) struct Runner {
    /// The way to the API server.
    pub(crate) client: Client,
    pub(crate) place: ClusterPlace,
    pub(crate) database: Option<Database>,
    /// The name that the server's leaf carries.
    pub(crate) server: String,
    /// The name that the Lease shows.
    pub(crate) name: String,
    pub(crate) timing: Timing,
    /// How far its clock is ahead of the machine's.
    pub(crate) ahead: TimeDelta,
    pub(crate) deadlines: Deadlines,
}

impl Runner {
    pub(crate) fn new(client: Client, place: ClusterPlace, name: &str) -> Self {
        let deadlines = Deadlines { step: LIMIT, run: LIMIT * 2 };
        let (timing, ahead) = (Timing::default(), TimeDelta::zero());
        let (name, server) = (name.to_owned(), SERVER.to_owned());
        Self { client, place, database: None, server, name, timing, ahead, deadlines }
    }

    /// Runs again while what is in the way may pass, as a Job does: on a busy machine an answer may come too late.
    pub(crate) async fn try_again(&self, request: &Request) -> Result<Outcome, Failure> {
        let mut tries = 1;
        loop {
            match self.run(request).await {
                Err(failure) if tries < TRIES && may_pass(&failure) => tries += 1,
                ended => return ended,
            }
        }
    }

    /// Runs to the end.
    pub(crate) async fn run(&self, request: &Request) -> Result<Outcome, Failure> {
        let connection = Connection::with_client(self.client.clone(), "default");
        let identity = Identity { name: self.name.clone(), adopt: false };
        let cluster = Cluster::timed(&connection, &self.place, self.database.as_ref(), &identity, self.timing);
        let Cluster { secrets, lease, consumers, clock, .. } = &cluster;
        let clock = Ahead { clock, ahead: self.ahead };
        let issuer = issuer(&self.server);
        let policy = Policy::new(&PolicyValues::default()).expect("the defaults are valid");
        let (stop, lease) = (StopToken::default(), lease.as_ref());
        let ports =
            Ports { clock: &clock, stop: &stop, store: secrets, consumers, lease, issuer: &issuer, reporter: &Silent };
        Box::pin(run(ports, &policy, request, &self.deadlines)).await
    }
}

/// Whether a Job would try again.
pub(crate) fn may_pass(failure: &Failure) -> bool {
    [Class::Temporary, Class::Conflict, Class::ProofFailed].contains(&failure.class())
}

/// The clock of this machine, at another time of day.
struct Ahead<'a> {
    clock: &'a SystemClock,
    ahead: TimeDelta,
}

impl Clock for Ahead<'_> {
    fn now(&self) -> DateTime<Utc> {
        self.clock.now() + self.ahead
    }

    fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }
}

struct Silent;

impl Reporter for Silent {
    fn report(&self, _: &RunEvent) {}
}

/// What makes the certificates, for a server of this name, and reads them.
pub(crate) fn issuer(server: &str) -> CertificateIssuer {
    let profile = Profile {
        authority_name: CommonName::parse("test authority").expect("a name"),
        authority_algorithm: KeyAlgorithm::EcdsaP256,
        leaf_algorithm: KeyAlgorithm::EcdsaP256,
        server_names: vec![SubjectName::parse(server).expect("a name")],
        client_name: CommonName::parse("postgres").expect("a name"),
    };
    CertificateIssuer::new(profile, || sixteen_bytes().expect("random bytes"))
}
