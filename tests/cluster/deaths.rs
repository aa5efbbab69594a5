//! Death at every third request of a forced rotation of what really runs: PostgreSQL that is nudged and reloads, and a Deployment
//! that is restarted; `tests/kubernetes/deaths.rs` has every request of every mode, without pods. And a run whose clock is
//! wrong, which the database notices.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use base::diagnosis::Code;
use base::workload_kind::WorkloadKind;
use chrono::TimeDelta;
use kube::Client;
use kubernetes::api::connection::Access;
use kubernetes::lease::Timing;
use rotation::document::cluster::{
    AuthoritySecret, Choice, ClusterConsumer, ClusterPickup, ClusterPlace, LeafSecret, Target,
};
use rotation::document::{Database, Endpoint};
use rotation::engine::facts::Peer;
use rotation::engine::request::{Force, Request, RotationId, Scope};

use crate::kubectl::Namespace;
use crate::life::Life;
use crate::runs::{Runner, may_pass};

/// As many namespaces share the requests at which to die: most of the time each of them waits.
const SITES: usize = 4;
/// The sites together die at every third request.
const STRIDE: usize = 3;
/// Short enough to wait for what somebody left behind.
const SHORT: Timing = Timing { duration: Duration::from_secs(2), renew: Duration::from_millis(500) };

const POSTGRES: &str = include_str!("fixtures/postgres.yaml");
/// A client that loads its leaf when it starts, as far as Kubernetes can see.
const CLIENT: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: backstage}
spec:
  selector: {matchLabels: {app: backstage}}
  template:
    metadata: {labels: {app: backstage}}
    spec:
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: 1
      securityContext: {runAsNonRoot: true, runAsUser: 999, seccompProfile: {type: RuntimeDefault}}
      containers:
      - name: idle
        image: localhost/pause:1
        imagePullPolicy: IfNotPresent
        securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
";

/// PostgreSQL and its client, with certificates, in a namespace.
struct Site {
    namespace: Namespace,
    client: Client,
}

impl Site {
    async fn set(test: &str) -> Option<Self> {
        let namespace = Namespace::restricted(test)?;
        let client = Access::default().connect().await.expect("KUBECONFIG is good").client;
        let site = Self { namespace, client };
        site.runner(&Life::new(None), "first").run(&Request::Bootstrap).await.expect("nothing is in its way");
        site.namespace.apply(POSTGRES);
        site.namespace.apply(CLIENT);
        Some(site)
    }

    fn wait_for_pods(&self) {
        for workload in ["statefulset/postgres", "deployment/backstage"] {
            self.namespace.rolled_out(workload);
        }
    }

    fn place(&self) -> ClusterPlace {
        let leaf = |name: &str| LeafSecret {
            name: name.to_owned(),
            certificate: "tls.crt".to_owned(),
            key: "tls.key".to_owned(),
            bundle: "ca.crt".to_owned(),
        };
        let consumer = |name: &str, peer, pickup, kind| ClusterConsumer {
            name: name.to_owned(),
            peer,
            pickup,
            target: Some(Target {
                namespace: self.namespace.name().to_owned(),
                kind,
                choice: Choice::Named(name.to_owned()),
            }),
        };
        let reload = ClusterPickup::Reload { nudge: true, fallback: false };
        ClusterPlace {
            namespace: self.namespace.name().to_owned(),
            authority: AuthoritySecret { name: "newleaf-authority".to_owned(), external: None },
            server: leaf("postgres-tls"),
            client: leaf("backstage-tls"),
            projection: Duration::from_secs(150),
            consumers: vec![
                consumer("postgres", Peer::Server, reload, WorkloadKind::StatefulSet),
                consumer("backstage", Peer::Client, ClusterPickup::Restart, WorkloadKind::Deployment),
            ],
        }
    }

    fn runner(&self, life: &Life, name: &str) -> Runner {
        let host = format!("postgres.{}.svc", self.namespace.name());
        let mut runner = Runner::new(life.client(&self.client), self.place(), name);
        let endpoint = Endpoint { host: host.clone(), port: 5432, server_name: None };
        let user = "postgres".to_owned();
        runner.database = Some(Database { endpoints: vec![endpoint], user: user.clone(), name: user });
        runner.server = host;
        runner
    }

    /// Dies after so many requests; the next run finishes. `false` once nothing is left to die at.
    #[expect(clippy::panic, reason = "a test fails, and says after which request")]
    async fn die_and_converge(&self, after: usize) -> bool {
        let request = forced(&format!("death-{after}"));
        let short = Life::new(Some(after));
        let dead = Runner { timing: SHORT, ..self.runner(&short, &format!("dead-{after}")) };
        let died = match short.spend(dead.run(&request)).await {
            None => true,
            // On a busy machine a pod is not ready for a moment now and then, and its Service refuses.
            Some(Err(failure)) if may_pass(&failure) => true,
            Some(ended) => {
                ended.unwrap_or_else(|failure| panic!("{after}: undisturbed: {}: {failure}", failure.code()));
                false
            }
        };
        let next = Life::new(None);
        let runner = Runner { timing: SHORT, ..self.runner(&next, &format!("next-{after}")) };
        let last = short.requests().pop();
        if let Err(failure) = runner.try_again(&request).await {
            let log = self.namespace.kubectl(&["logs", "postgres-0", "--tail=30"]);
            panic!("{after}, {last:?}: {}: {failure}\n{log}", failure.code());
        }
        let mut writes = short.writes();
        for (what, count) in next.writes() {
            *writes.entry(what).or_default() += count;
        }
        let once = |name: &str| (format!("PATCH secrets/{name}"), 1);
        assert_eq!(writes, BTreeMap::from(["backstage-tls", "postgres-tls"].map(once)), "{after}, {last:?}");
        died
    }
}

fn forced(id: &str) -> Request {
    Request::Rotate(Some(Force { id: RotationId::parse(id).expect("an identity"), scope: Scope::Leaves }))
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the seconds are for whoever reads them")]
async fn a_forced_rotation_that_dies_at_a_request_is_finished_by_the_next() {
    let mut sites = Vec::new();
    for number in 0..SITES {
        let Some(site) = Site::set(&format!("deaths-{number}")).await else { return };
        sites.push(site);
    }
    sites.iter().for_each(Site::wait_for_pods);
    let begin = Instant::now();
    let series = sites.iter().enumerate().map(async |(first, site)| {
        let mut deaths = 0;
        let mut after = first * STRIDE;
        while site.die_and_converge(after).await {
            deaths += 1;
            after += SITES * STRIDE;
        }
        deaths
    });
    let deaths: usize = futures_util::future::join_all(series).await.into_iter().sum();
    println!("DEATHS forced rotation with reload and restart: {deaths} deaths {:.1} s", begin.elapsed().as_secs_f64());
    assert!(deaths > 30 / STRIDE, "{deaths}");
}

#[tokio::test]
async fn a_run_whose_clock_differs_from_the_databases_writes_nothing() {
    let Some(site) = Site::set("clock").await else { return };
    site.wait_for_pods();
    for hours in [-2, 2] {
        let life = Life::new(None);
        let mut wrong = site.runner(&life, "wrong");
        wrong.ahead = TimeDelta::hours(hours);
        let failure = wrong.run(&forced("clock")).await.expect_err("the database knows better");
        assert_eq!(failure.code(), Code::ClockDiffers, "{failure}");
        assert!(life.writes().is_empty(), "{:?}", life.writes());
    }
}
