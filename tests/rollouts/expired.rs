//! Everything has ended: no client can log in, and there is an ordinary way out.

use std::time::{Duration, Instant};

use crate::program::Program;

const POSTGRES: &str = include_str!("../cluster/fixtures/postgres.yaml");
/// Long enough to start a database, short enough to wait for.
const SHORT_LIVED: &str = "leaf: {lifetime: 20s, rotateAfter: 19s}\n";
const SHORT_LIVED_AUTHORITY: &str = "authority: {lifetime: 21s, renewBefore: 20s}\n";

/// PostgreSQL that reloads, with Secrets of these lifetimes, after all of it has ended.
fn expired(test: &str, lifetimes: &str) -> Option<Program> {
    let program = Program::bootstrapped(test, &configuration(lifetimes, ""))?;
    program.namespace.apply(POSTGRES);
    program.namespace.rolled_out("statefulset/postgres");
    let last = if lifetimes.contains("authority") { "AuthorityExpired" } else { "LeafExpired" };
    wait_until(|| program.run(&["status"]).succeeded().stdout.contains(last));
    Some(program)
}

fn configuration(lifetimes: &str, fallback: &str) -> String {
    format!(
        "{lifetimes}consumers:\n\
         - {{name: postgres, loads: server, pickup: reload, nudge: true, workload: statefulset/postgres{fallback}}}\n\
         database: {{endpoints: [\"postgres.{{namespace}}.svc:5432\"]}}\n"
    )
}

#[expect(clippy::disallowed_methods, reason = "a bounded wait for the end of certificates")]
fn wait_until(condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !condition() {
        assert!(Instant::now() < deadline, "the certificates have not ended");
        std::thread::sleep(Duration::from_millis(500));
    }
}

fn pod(program: &Program) -> String {
    program.namespace.kubectl(&["get", "pod", "postgres-0", "--output", "jsonpath={.metadata.uid}"])
}

#[test]
fn expired_leaves_are_replaced_by_a_reload_under_an_authority_that_lives() {
    let Some(program) = expired("expired-leaves", SHORT_LIVED) else { return };
    let before = pod(&program);
    program.configure(&configuration("", ""));
    program.run(&["rotate", "--local"]).succeeded();
    program.run(&["verify"]).succeeded();
    assert_eq!(pod(&program), before, "no pod was replaced");
}

#[test]
fn an_expired_authority_lets_no_client_in_which_is_said_and_mended_by_a_restart() {
    let lifetimes = format!("{SHORT_LIVED}{SHORT_LIVED_AUTHORITY}");
    let Some(program) = expired("expired-all", &lifetimes) else { return };
    let before = pod(&program);
    program.configure(&configuration("", ""));
    let restart = format!("`kubectl --namespace {} rollout restart statefulset/postgres`", program.namespace.name());
    let words = ["error[NL0413]: cannot reload consumer \"postgres\": login failed", &restart, "fallback"];
    program.run(&["rotate", "--local"]).ended(77, &words);
    assert_eq!(pod(&program), before, "nothing is restarted that the operator did not allow");
    program.configure(&configuration("", ", fallback: {restart: true}"));
    program.run(&["rotate", "--local"]).succeeded();
    program.run(&["verify"]).succeeded();
    assert_ne!(pod(&program), before, "it was restarted");
}
