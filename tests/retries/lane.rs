//! One namespace in which rotation follows rotation, each of them disturbed once.

use crate::disturbance::{Disturbance, Machine, Random};
use crate::history::History;
use crate::installed::Installed;
use crate::logins::Logins;
use crate::watched::Watched;

const CONSUMERS: &str = "
- {name: postgres, loads: server, pickup: reload, nudge: true, workload: statefulset/postgres}
- {name: logins, loads: client, pickup: login}
";
/// How often a person would say the same again.
const TRIES: usize = 6;

/// A namespace, and what was written in it.
#[derive(Debug)]
pub(crate) struct Lane {
    installed: Installed,
    histories: [History; 2],
    random: Random,
    number: u64,
    rotations: usize,
}

impl Lane {
    /// PostgreSQL with clients that log in all the time.
    pub(crate) fn open(number: u64, seed: u64) -> Option<Self> {
        let installed = Installed::with_postgres(&format!("retries-{number}"), CONSUMERS, "")?;
        Logins::start(&installed.namespace);
        let histories = ["postgres-tls", "backstage-tls"].map(|secret| History::of(&installed, secret));
        Some(Self { installed, histories, random: Random::new(seed.wrapping_add(number)), number, rotations: 0 })
    }

    /// A forced rotation that something happens to, and that is asked for until it is done.
    pub(crate) fn rotate(&mut self, machine: &Machine) {
        self.rotations += 1;
        let id = format!("{}-{}", self.number, self.rotations);
        let disturbance = Disturbance::drawn(&mut self.random);
        let mut job = self.ask(&id);
        let happened = disturbance.cause(machine, &self.installed, &mut job);
        let mut codes = Vec::new();
        loop {
            let told = job.end();
            codes.push(told.code);
            if told.code == Some(0) {
                break;
            }
            println!("{id}: {disturbance:?}: {told:?}");
            assert!(codes.len() < TRIES, "{id} is not finished after {disturbance:?}: {codes:?}");
            self.installed.namespace.until(&["get", "--raw", "/readyz"], "ok");
            job = self.ask(&id);
        }
        println!("{id}: {disturbance:?} {}, ended {codes:?}", if happened { "happened" } else { "came too late" });
        self.check_issues(&id);
    }

    fn ask(&self, id: &str) -> Watched {
        Watched::start(&mut self.installed.command(&["rotate", "--now", "--id", id]))
    }

    fn check_issues(&self, id: &str) {
        for history in &self.histories {
            assert_eq!(history.issued(self.rotations), self.rotations, "leaves of {history:?} after {id}");
        }
    }

    /// Everything is in use, no client was turned away; how often was rotated.
    pub(crate) fn close(self) -> usize {
        let verified = self.installed.newleaf(&["verify"]);
        assert_eq!(verified.code, Some(0), "{verified:?}");
        let status = self.installed.newleaf(&["status", "--exit-code"]);
        assert_eq!(status.code, Some(0), "{status:?}");
        self.check_issues("everything");
        let logins = Logins::all_succeeded(&self.installed.namespace);
        println!("lane {}: {} rotations, {logins:?}", self.number, self.rotations);
        assert!(logins.leaves > 1, "{logins:?}");
        self.rotations
    }
}
