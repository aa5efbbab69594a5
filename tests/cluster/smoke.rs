//! The cluster can do what the other tests rely on.

use crate::fixtures::Stack;

#[test]
fn two_backstages_serve_the_catalog_from_a_restricted_postgres_with_client_certificates() {
    let Some(stack) = Stack::with_postgres("catalog") else { return };
    stack.add_backstage();
    let ask = "fetch('http://backstage:7007/api/catalog/entities?filter=kind=component').then(answer => answer.text()).then(console.log)";
    let found = stack.namespace.until(&["exec", "deployment/backstage", "--", "node", "-e", ask], "newleaf");
    assert!(found.contains("\"lifecycle\":\"production\""), "{found}");
    let sessions = "SELECT count(*) FROM pg_stat_ssl WHERE client_dn = '/CN=postgres'";
    let sessions = stack.namespace.kubectl(&["exec", "postgres-0", "--", "psql", "-Atc", sessions]);
    assert_ne!(sessions.trim(), "0", "Backstage logs in with its certificate");
}

#[test]
fn a_changed_secret_arrives_in_the_pod() {
    let Some(stack) = Stack::with_postgres("projected") else { return };
    let show = ["exec", "postgres-0", "--", "cat", "/etc/newleaf/tls.crt"];
    let before = stack.certificate();
    assert_eq!(stack.namespace.kubectl(&show), before);
    stack.newleaf(&["rotate", "--now"]);
    stack.publish();
    let after = stack.certificate();
    assert_ne!(after, before);
    stack.namespace.until(&show, &after);
}
