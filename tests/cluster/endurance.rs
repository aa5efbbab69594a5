//! Rotations and rollovers, one Job after the other, while clients in a pod log in anew for each query and others ask
//! Backstage for its catalog. Each test prints its numbers.

use std::time::{Duration, Instant};

use crate::installed::{CONSUMERS, Installed, LOAD, projection};
use crate::load::Load;
use crate::tally::Tally;

/// `NEWLEAF_ROTATIONS` gives another number. One rollover comes with each ten of them, and one more.
const ROTATIONS: usize = 8;
/// Each rotation starts two Backstages, which takes seconds.
const BACKSTAGE_ROTATIONS: usize = 3;
/// Restarts take longer, so fewer of them tell what each costs.
const RESTARTS: usize = 3;

/// What is forced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Both leaves.
    Rotation,
    /// The authority, and with it both leaves.
    Rollover,
}

/// What was done under load.
struct Done<'a> {
    installed: &'a Installed,
    load: &'a Load,
    /// How long each took.
    rotations: Vec<Duration>,
    rollovers: Vec<Duration>,
}

impl<'a> Done<'a> {
    const fn nothing_yet(installed: &'a Installed, load: &'a Load) -> Self {
        Self { installed, load, rotations: Vec::new(), rollovers: Vec::new() }
    }

    /// Runs one kind again and again; each time the clients must see new certificates.
    fn repeat(&mut self, kind: Kind, times: usize) {
        for number in 1..=times {
            let before = self.load.sight().serials;
            let (arguments, took) = match kind {
                Kind::Rotation => (&["rotate", "--now"][..], &mut self.rotations),
                Kind::Rollover => (&["rotate", "--now", "--authority"][..], &mut self.rollovers),
            };
            let begin = Instant::now();
            let ended = self.installed.newleaf(arguments);
            took.push(begin.elapsed());
            assert_eq!(ended.code, Some(0), "{kind:?} {number}: {ended:?}");
            assert!(ended.stderr.contains("started Job newleaf-now-"), "{ended:?}");
            self.load.until(&format!("{kind:?} {number} is seen"), |sight| {
                let now = &sight.serials;
                let authority_is_new = now.authorities.len() == 1 && now.authorities != before.authorities;
                now.server != before.server && (kind == Kind::Rotation || authority_is_new)
            });
        }
    }

    /// So many rotations, unless the environment gives another number, and the rollovers that come with them.
    fn under_load(&mut self, rotations: usize) {
        let rotations = std::env::var("NEWLEAF_ROTATIONS")
            .map_or(rotations, |text| text.parse().expect("NEWLEAF_ROTATIONS is a number"));
        self.repeat(Kind::Rotation, rotations);
        self.repeat(Kind::Rollover, 1 + rotations / 10);
    }

    /// Prints what was seen; what the clients of either kind saw.
    fn conclude(&self, pickup: &str) -> (Tally, Tally) {
        let sight = self.load.answered(20);
        println!("\n{pickup}");
        for (kind, times) in [("rotations", &self.rotations), ("rollovers", &self.rollovers)] {
            if !times.is_empty() {
                println!("  {:>3} {kind}, {:.1?} each", times.len(), mean(times));
            }
        }
        println!("  {:<20} {:>9} {:>7} {:>12}", "", "ANSWERED", "FAILED", "LONGEST GAP");
        for (name, tally) in [("logins", &sight.logins), ("catalog queries", &sight.catalog)] {
            if tally.succeeded + tally.failed > 0 {
                let gap = format!("{:.0?}", tally.longest_gap);
                println!("  {name:<20} {:>9} {:>7} {gap:>12}", tally.succeeded, tally.failed);
            }
        }
        let status = self.installed.newleaf(&["status", "--exit-code"]);
        assert_eq!(status.code, Some(0), "{status:?}");
        (sight.logins, sight.catalog)
    }
}

fn mean(times: &[Duration]) -> Duration {
    let number = u32::try_from(times.len()).expect("there are few").max(1);
    times.iter().sum::<Duration>() / number
}

/// No query failed.
fn assert_unharmed(tally: &Tally, of: &str) {
    assert_eq!((tally.failed, &tally.errors), (0, &Vec::new()), "{of}");
}

/// PostgreSQL and the clients in the pod, nobody else.
fn consumers(pickup: &str) -> String {
    format!("\n- {{name: postgres, loads: server, pickup: {pickup}, workload: statefulset/postgres}}\n{LOAD}")
}

#[test]
fn no_login_fails_in_rotations_and_a_rollover() {
    let consumers = consumers("reload, nudge: true");
    let Some(installed) = Installed::with_postgres("logins", &consumers, &projection()) else { return };
    let load = Load::start(&installed.namespace, 0);
    let mut done = Done::nothing_yet(&installed, &load);
    done.under_load(ROTATIONS);
    let (logins, _) = done.conclude("reload");
    assert_unharmed(&logins, "logins");
}

#[test]
fn no_catalog_query_fails_while_two_backstages_are_rolled() {
    let consumers = format!("{CONSUMERS}{LOAD}");
    let Some(installed) = Installed::with_postgres("backstages", &consumers, &projection()) else { return };
    installed.add_backstage();
    // Nobody else is there yet: it is Backstage that logs in with its certificate.
    let sessions = "SELECT count(*) FROM pg_stat_ssl WHERE client_dn = '/CN=postgres'";
    let sessions = installed.namespace.kubectl(&["exec", "postgres-0", "--", "psql", "-Atc", sessions]);
    assert_ne!(sessions.trim(), "0");
    let load = Load::start(&installed.namespace, 2);
    let mut done = Done::nothing_yet(&installed, &load);
    done.under_load(BACKSTAGE_ROTATIONS);
    let (logins, catalog) = done.conclude("reload, two Backstages restarted");
    assert_unharmed(&logins, "logins");
    assert_unharmed(&catalog, "catalog queries");
}

#[test]
fn a_restart_of_postgres_costs_logins_and_heals() {
    let Some(installed) = Installed::with_postgres("restarts", &consumers("restart"), &projection()) else { return };
    let load = Load::start(&installed.namespace, 0);
    let mut done = Done::nothing_yet(&installed, &load);
    done.repeat(Kind::Rotation, RESTARTS);
    let (logins, _) = done.conclude("restart");
    // The clients see what a restart does: so their silence in the tests above means something.
    assert!(logins.failed > 0, "a restart that no client notices was none");
}
