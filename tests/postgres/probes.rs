//! What `newleaf probe` reports of a real server that keeps clients out, and of servers that let one in.

use std::process::{Command, Output};

use rotation::probe::{ConnectionAnswer, LoginAnswer, LoginKind, LoginTrial, PostgresReport, ProbeReport, Sight};

use crate::stage::Stage;
use crate::support::load::login;

/// The login rules of the stack.
const STRICT: &str = "hostssl all all all cert clientcert=verify-full\nhost all all all reject";

fn run(stage: &Stage, arguments: &[&str]) -> Output {
    let mut command = Command::new(project::program());
    command.args(["probe", "--patience", "0s", "--leaf"]).arg(stage.place.directory.join("client")).args(arguments);
    command.env_clear().output().expect("the program starts")
}

fn probe(stage: &Stage) -> PostgresReport {
    let endpoint = format!("127.0.0.1:{}", stage.server.endpoint().port);
    let ended = run(stage, &["--postgres", &endpoint, "--output", "json", "--quiet"]);
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let report: ProbeReport = serde_json::from_slice(&ended.stdout).expect("the report that the deployer reads");
    report.postgres.expect("PostgreSQL was asked")
}

/// The logins that PostgreSQL accepts.
fn accepted(report: &PostgresReport) -> Vec<(LoginKind, &str)> {
    let is_accepted = |trial: &&LoginTrial| trial.answer == LoginAnswer::Accepted;
    report.logins.iter().filter(is_accepted).map(|trial| (trial.kind, trial.user.as_str())).collect()
}

/// The logins that PostgreSQL answers neither by yes nor by no.
fn undecided(report: &PostgresReport) -> Vec<&LoginTrial> {
    let is_undecided = |trial: &&LoginTrial| !matches!(trial.answer, LoginAnswer::Accepted | LoginAnswer::Refused(_));
    report.logins.iter().filter(is_undecided).collect()
}

#[tokio::test]
async fn a_server_that_keeps_clients_out_and_every_way_to_let_one_in_are_reported() {
    use LoginKind::{
        AnotherKey, AnotherRole, ForeignAuthority, OlderTls, OwnLeaf, Replication, WithoutCertificate, WithoutTls,
    };
    let Some(stage) = Stage::set().await else { return };
    let server = &stage.server;
    let given = |access: &str, settings: &str| {
        server.add_settings(settings).expect("the settings can be written");
        server.set_access(access).expect("the rules can be written");
        server.restart().expect("PostgreSQL starts");
        probe(&stage)
    };

    let strict = given(STRICT, "ssl_min_protocol_version = 'TLSv1.3'");
    assert_eq!(accepted(&strict), [(OwnLeaf, "postgres")], "{:?}", strict.logins);
    assert_eq!((undecided(&strict), strict.logins.len()), (Vec::new(), 8));
    let Sight::Seen(shown) = &strict.served else { panic!("{:?}", strict.served) };
    assert_eq!((shown.serial.as_str(), shown.subject.as_str()), ("0101", "/CN=server"));
    assert!(shown.key_proved && shown.asks_for_certificate && shown.not_after.is_some());
    assert_eq!(shown.sha256.len(), 64);

    let older = given(STRICT, "ssl_min_protocol_version = 'TLSv1.2'");
    assert_eq!(accepted(&older), [(OwnLeaf, "postgres"), (OlderTls, "postgres")]);

    let trusting = given("host all all all trust\nhost replication all all trust", "");
    let without = [(WithoutTls, "postgres"), (WithoutCertificate, "postgres"), (Replication, "postgres")];
    let by_leaf = [(OwnLeaf, "postgres"), (AnotherRole, "newleaf_probe"), (OlderTls, "postgres")];
    assert_eq!(accepted(&trusting), [&by_leaf[..], &without].concat(), "a certificate that is shown is still verified");

    let any_leaf = given("hostssl all all all trust clientcert=verify-ca", "");
    assert_eq!(accepted(&any_leaf), by_leaf, "a certificate, and any role");

    let uncertain = given("hostssl all all all trust", "ssl_ca_file = ''");
    let all = [by_leaf[0], by_leaf[1], (AnotherKey, "postgres"), by_leaf[2]];
    assert_eq!(accepted(&uncertain), [&all[..], &[without[1], (ForeignAuthority, "postgres")]].concat());
    let Sight::Seen(shown) = &uncertain.served else { panic!("{:?}", uncertain.served) };
    assert!(!shown.asks_for_certificate);

    for (method, words) in [("password", "plain words"), ("scram-sha-256", "SCRAM"), ("md5", "SCRAM")] {
        let asking = given(&format!("host all all all {method}"), "");
        assert_eq!(accepted(&asking), [], "{method}");
        let asked = |trial: &&LoginTrial| matches!(&trial.answer, LoginAnswer::Asked(what) if what.contains(words));
        let kinds: Vec<_> = asking.logins.iter().filter(asked).map(|trial| trial.kind).collect();
        assert!(kinds.contains(&WithoutTls) && kinds.contains(&WithoutCertificate), "{method}: {:?}", asking.logins);
    }

    let plain = given("host all all all trust", "ssl = off");
    assert_eq!(accepted(&plain), [without[0]], "{:?}", plain.logins);
    assert!(matches!(&plain.served, Sight::Unseen(why) if why.contains("no TLS")), "{:?}", plain.served);
}

#[tokio::test]
async fn sessions_are_grouped_by_user_program_and_certificate() {
    let Some(stage) = Stage::set().await else { return };
    let files = stage.place.directory.join("client");
    let (database, mut open) = (stage.server.database(), Vec::new());
    for program in ["backstage", "backstage", "other"] {
        open.push(login(&database, &files, program).await.expect("the client can log in"));
    }
    stage.server.set_access(&format!("host all all all trust\n{STRICT}")).expect("the rules can be written");
    let (client, connection) = tokio_postgres::connect(
        &format!(
            "host=127.0.0.1 port={} user=postgres sslmode=disable application_name=plain",
            database.endpoints[0].port
        ),
        tokio_postgres::NoTls,
    )
    .await
    .expect("the server lets every client in");
    let running = tokio::spawn(connection);
    client.simple_query("SELECT 1").await.expect("a query");
    let report = probe(&stage);
    let Sight::Seen(list) = report.sessions else { panic!("{:?}", report.sessions) };
    let of = |program: &str| {
        let found = list.groups.iter().find(|group| group.application == program).expect("it is connected");
        (found.user.as_str(), found.serial.as_deref(), found.encrypted, found.sessions)
    };
    assert_eq!(of("backstage"), ("postgres", Some("0201"), true, 2));
    assert_eq!(of("other"), ("postgres", Some("0201"), true, 1));
    assert_eq!(of("plain"), ("postgres", None, false, 1));
    assert_eq!(list.hidden, 0);
    running.abort();
}

#[tokio::test]
async fn a_missing_leaf_and_a_server_that_is_not_there_are_parts_of_the_report() {
    let Some(stage) = Stage::set().await else { return };
    std::fs::remove_file(stage.path("client", "tls.key")).expect("the file can be removed");
    let report = probe(&stage);
    assert!(matches!(&report.sessions, Sight::Unseen(why) if why.contains("tls.key")), "{:?}", report.sessions);
    assert!(matches!(report.served, Sight::Seen(_)), "a handshake needs no leaf: {:?}", report.served);
    assert_eq!(accepted(&report), []);
    assert!(report.logins.iter().any(|trial| trial.kind == LoginKind::WithoutTls));

    stage.server.stop().expect("it can be stopped");
    let report = probe(&stage);
    assert!(matches!(report.served, Sight::Unseen(_)) && report.logins.is_empty(), "{report:?}");
    let target = format!("127.0.0.1:{}", stage.server.endpoint().port);
    let ended = run(&stage, &["--closed", &target]);
    assert!(String::from_utf8_lossy(&ended.stdout).contains("refused"), "{ended:?}");
    let ended = run(&stage, &["--open", &target, "--output", "json"]);
    let report: ProbeReport = serde_json::from_slice(&ended.stdout).expect("a report");
    assert_eq!((report.connections[0].should_open, &report.connections[0].answer), (true, &ConnectionAnswer::Refused));
}
