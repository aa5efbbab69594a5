//! A rollover begins only where its end can be seen, and is over only when the old authority is accepted no more.

use std::fs;
use std::path::Path;
use std::process::Command;

use tokio_postgres::{Config, NoTls};

use crate::place::{CERTIFICATES_ONLY, Place, assert_ended};
use crate::support::wait::{until, until_async};

fn openssl(directory: &Path, arguments: &[&str]) {
    let output = Command::new("openssl").args(arguments).current_dir(directory).output().expect("openssl is installed");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn a_rollover_is_refused_where_postgresql_checks_revocation_lists() {
    let Some(place) = Place::set_up("").await else { return };
    let directory = place.newleaf.directory().to_path_buf();
    fs::write(
        directory.join("ca.cnf"),
        "[ca]\ndefault_ca=d\n[d]\ndatabase=index\ncrlnumber=number\ndefault_md=sha256\ndefault_crl_days=30\n",
    )
    .expect("it can be written");
    fs::write(directory.join("index"), "").expect("it can be written");
    fs::write(directory.join("number"), "01\n").expect("it can be written");
    let list = [
        "ca",
        "-config",
        "ca.cnf",
        "-gencrl",
        "-cert",
        "authority/authority-1.crt",
        "-keyfile",
        "authority/authority-1.key",
        "-out",
        "list.pem",
    ];
    openssl(&directory, &list);
    let setting = format!("ssl_crl_file = '{}'", directory.join("list.pem").display());
    place.server.add_settings(&setting).expect("it can be written");
    place.server.reload().expect("the server reloads");
    until("the server has the list", || {
        place.server.admin("SHOW ssl_crl_file").expect("it is a setting").ends_with("list.pem")
    });
    assert!(place.lets_in(&place.client()).await);
    let rollover = place.run(&["rotate", "--now", "--authority", "--id", "roll"]).await;
    assert_ended(&rollover, 4, &["NL0216", "ssl_crl_file"]);
    assert_eq!(place.generations().await, 1);
    assert_ended(&place.run(&["rotate", "--now", "--id", "leaves"]).await, 0, &[]);
    assert!(place.lets_in(&place.client()).await, "the leaves of the authority that has a list are renewed");
}

#[tokio::test]
async fn a_leaf_that_postgresql_refuses_is_never_written() {
    let Some(place) = Place::set_up("").await else { return };
    assert_ended(&place.run(&["rotate", "--now", "--authority", "--id", "roll"]).await, 0, &[]);
    // A list of an authority that has signed nothing: it refuses everything below the present one.
    let list = empty_list(place.newleaf.directory());
    place.server.add_settings(&format!("ssl_crl_file = '{list}'")).expect("it can be written");
    place.server.reload().expect("the server reloads");
    until_async("the server has the list", async || !place.lets_in(&place.client()).await).await;
    let before = (place.serial("client").await, place.restarts());
    let rotate = place.run(&["rotate", "--now", "--id", "one"]).await;
    assert_ended(&rotate, 77, &["NL0413"]);
    assert_eq!((place.serial("client").await, place.restarts()), before);
}

/// A list of an authority made for it alone.
fn empty_list(directory: &Path) -> String {
    fs::write(
        directory.join("o.cnf"),
        "[ca]\ndefault_ca=d\n[d]\ndatabase=oi\ncrlnumber=on\ndefault_md=sha256\ndefault_crl_days=30\n[req]\n\
         distinguished_name=n\n[n]\n",
    )
    .expect("it can be written");
    fs::write(directory.join("oi"), "").expect("it can be written");
    fs::write(directory.join("on"), "01\n").expect("it can be written");
    let new = "req -x509 -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout o.key -out o.crt -days 30 \
               -subj /CN=other -config o.cnf";
    openssl(directory, &new.split_whitespace().collect::<Vec<_>>());
    openssl(
        directory,
        &"ca -config o.cnf -gencrl -cert o.crt -keyfile o.key -out other.pem".split(' ').collect::<Vec<_>>(),
    );
    directory.join("other.pem").display().to_string()
}

/// An authority as a company has it: a root with its key, of a given name.
fn company_root(directory: &Path, file: &str) {
    let new = format!(
        "req -x509 -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {file}.key -out {file}.crt -days 900 \
         -addext keyUsage=critical,keyCertSign,cRLSign"
    );
    let mut arguments: Vec<_> = new.split_whitespace().collect();
    arguments.extend(["-subj", "/CN=Corp Database CA"]);
    openssl(directory, &arguments);
}

#[tokio::test]
async fn an_authority_replaced_by_one_of_the_same_name_is_over_when_newleaf_says_so() {
    let outside = tempfile::tempdir().expect("a temporary directory can be made");
    let at = |name: &str| outside.path().join(name).display().to_string();
    let lines = format!("authority: {{certificate: {}, key: {}}}", at("now.crt"), at("now.key"));
    let copy = |from: &str| {
        for end in ["crt", "key"] {
            fs::copy(outside.path().join(format!("{from}.{end}")), outside.path().join(format!("now.{end}")))
                .expect("it can be copied");
        }
    };
    company_root(outside.path(), "old");
    company_root(outside.path(), "new");
    copy("old");
    let Some(place) = Place::set_up_with(&lines, |_| {}).await else { return };
    place.configure(&lines, &place.pid_file());
    let thief = place.copy_of_client("thief");
    assert!(place.lets_in(&thief).await);
    copy("new");
    assert_ended(&place.run(&["rotate"]).await, 0, &[]);
    assert_ended(&place.run(&["rotate"]).await, 0, &["nothing"]);
    assert_ended(&place.run(&["status", "--exit-code"]).await, 0, &[]);
    // The thief judges the server by the new root, so that only his own leaf is in question.
    fs::copy(place.client().join("ca.crt"), thief.join("ca.crt")).expect("it can be copied");
    assert!(!place.lets_in(&thief).await, "what the old authority has signed is accepted no more");
    assert!(place.lets_in(&place.client()).await);
}

#[tokio::test]
async fn an_authority_whose_sessions_the_role_may_not_see_stays_and_the_run_says_so() {
    let Some(place) = Place::set_up("client: {name: backstage}").await else { return };
    for statement in ["CREATE ROLE backstage LOGIN", "CREATE ROLE other LOGIN"] {
        place.server.admin(statement).expect("the operator makes a role");
    }
    let trusting = format!("host all other 127.0.0.1/32 trust\n{CERTIFICATES_ONLY}");
    place.server.set_access(&trusting).expect("the server reloads");
    let endpoint = place.server.endpoint();
    let mut other = Config::new();
    other.host(&endpoint.host).port(endpoint.port).user("other").dbname("postgres");
    let (session, connection) = other.connect(NoTls).await.expect("the other role is let in");
    let connection = tokio::spawn(connection);

    let rollover = place.run(&["rotate", "--now", "--authority", "--id", "roll"]).await;
    assert_ended(&rollover, 77, &["NL0409", "generation 1 of the authority stays"]);
    assert_eq!(place.generations().await, 2);
    assert_ended(&place.run(&["rotate"]).await, 77, &["NL0409"]);

    place.server.admin("GRANT pg_monitor TO backstage").expect("the operator grants the right");
    assert_ended(&place.run(&["rotate"]).await, 0, &["remove generation 1"]);
    assert_eq!(place.generations().await, 1, "a session without a certificate needs no authority");
    drop(session);
    connection.await.expect("it runs").expect("it ends well");
}
