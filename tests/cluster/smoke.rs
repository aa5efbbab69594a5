//! The cluster can do what the other tests rely on, and newleaf does in it what it is for.

use crate::installed::{CONSUMERS, Installed};

#[test]
fn a_job_rotates_postgres_and_two_backstages_that_serve_their_catalog() {
    let Some(installed) = Installed::with_postgres("catalog", CONSUMERS, "") else { return };
    installed.add_backstage();
    let before = installed.field("secret/postgres-tls", ".data.tls\\.crt");
    let rotated = installed.newleaf(&["rotate", "--now"]);
    assert_eq!(rotated.code, Some(0), "{rotated:?}");
    assert!(rotated.stderr.contains("started Job newleaf-now-"), "{rotated:?}");
    assert_ne!(installed.field("secret/postgres-tls", ".data.tls\\.crt"), before);
    let ask = "fetch('http://backstage:7007/api/catalog/entities?filter=kind=component').then(answer => answer.text()).then(console.log)";
    let found = installed.namespace.until(&["exec", "deployment/backstage", "--", "node", "-e", ask], "newleaf");
    assert!(found.contains("\"lifecycle\":\"production\""), "{found}");
    let sessions = "SELECT count(*) FROM pg_stat_ssl WHERE client_dn = '/CN=postgres'";
    let sessions = installed.namespace.kubectl(&["exec", "postgres-0", "--", "psql", "-Atc", sessions]);
    assert_ne!(sessions.trim(), "0", "Backstage logs in with its certificate");
    let status = installed.newleaf(&["status", "--exit-code"]);
    assert_eq!(status.code, Some(0), "{status:?}");
}
