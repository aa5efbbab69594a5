//! Nature's way: nobody calls newleaf. The CronJob's own controller does, once a minute, and lifetimes are so short that
//! most of its runs have something to do.

use std::time::{Duration, Instant};

use crate::installed::Installed;
use crate::logins::Logins;

const CONSUMERS: &str = "
- {name: postgres, loads: server, pickup: reload, nudge: true, workload: statefulset/postgres}
- {name: logins, loads: client, pickup: restart, workload: deployment/logins}
";
/// A leaf is replaced at each firing and outlives two that are missed; the authority gets a successor by the first or the
/// second run after those.
const LIFETIMES: &str = "
leaf: {lifetime: 5m, rotateAfter: 50s, backdate: 10s}
authority: {lifetime: 8m20s, renewBefore: 5m}
";
/// Longer than from one firing to the proof of what it did, also on a busy machine.
const FIRING: Duration = Duration::from_secs(480);

#[test]
fn the_cronjob_rotates_makes_up_for_missed_runs_and_replaces_the_authority() {
    let Some(installed) = Installed::with_postgres("nature", CONSUMERS, LIFETIMES) else { return };
    Logins::start(&installed.namespace);
    installed.configure(CONSUMERS, LIFETIMES, &["--schedule", "* * * * *"]);

    await_another(&installed, &leaf(&installed));
    suspend(&installed, true);
    settled(&installed);
    let first = leaf(&installed);
    let fired = installed.field("cronjob/newleaf", ".status.lastScheduleTime");
    let due = "SELECT date_trunc('minute', now()) >= '{}'::timestamptz + interval '2 minutes'".replace("{}", &fired);
    until(FIRING, "two missed firings", || {
        installed.namespace.kubectl(&["exec", "postgres-0", "--", "psql", "-Atc", &due]).trim() == "t"
    });
    assert_eq!(leaf(&installed), first, "nothing runs while it is suspended");
    suspend(&installed, false);
    await_another(&installed, &first);
    until(FIRING, "the second authority alone", || {
        let authority = installed.field("secret/newleaf-authority", ".data");
        authority.contains("authority-2.crt") && !authority.contains("authority-1.crt")
    });
    settled(&installed);
    await_another(&installed, &leaf(&installed));
    suspend(&installed, true);
    settled(&installed);

    let verified = installed.newleaf(&["verify"]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
    let logins = Logins::all_succeeded(&installed.namespace);
    let runs = installed.namespace.kubectl(&["get", "jobs", "--output", "name"]).lines().count() - 1;
    println!("{runs} runs that the CronJob's controller started are still kept; {logins:?}");
    assert!(logins.succeeded > 100 && logins.leaves >= 4, "{logins:?}");
}

fn leaf(installed: &Installed) -> String {
    installed.field("secret/postgres-tls", ".data.tls\\.crt")
}

fn await_another(installed: &Installed, former: &str) {
    until(FIRING, "another leaf", || leaf(installed) != former);
}

/// No run is under way.
fn settled(installed: &Installed) {
    until(FIRING, "the end of the run", || installed.field("cronjob/newleaf", ".status.active").is_empty());
}

fn suspend(installed: &Installed, suspend: bool) {
    let patch = format!("{{\"spec\": {{\"suspend\": {suspend}}}}}");
    installed.namespace.kubectl(&["patch", "cronjob/newleaf", "--patch", &patch]);
}

#[expect(clippy::disallowed_methods, reason = "a bounded wait for a condition of the real cluster")]
fn until(limit: Duration, what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + limit;
    while !condition() {
        assert!(Instant::now() < deadline, "gave up waiting for {what}");
        std::thread::sleep(Duration::from_secs(1));
    }
}
