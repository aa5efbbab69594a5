//! What PostgreSQL and its clients must be told once, after `bootstrap`.

use std::path::Path;

use crate::cli::terminal::sanitise;
use crate::configuration::Configuration;
use crate::pki::name::SubjectName;

/// The lines for `postgresql.conf`, `pg_hba.conf` and libpq (PostgreSQL manual, 19.9, 21.1, 34.19).
pub fn draw(configuration: &Configuration, directory: &Path) -> String {
    let file = |object: &str, name: &str| sanitise(&directory.join(object).join(name).display().to_string());
    let quoted = |text: String| format!("'{}'", text.replace('\'', "''"));
    let server = |name: &str| quoted(file("server", name));
    let role = sanitise(configuration.profile.client_name.as_str());
    let host =
        configuration.profile.server_names.first().map_or_else(|| "localhost".to_owned(), SubjectName::to_string);
    let database = configuration.database.as_ref().map_or("postgres", |database| database.name.as_str());
    let connection = [
        format!("host={host} user={role} dbname={} sslmode=verify-full", sanitise(database)),
        format!("sslcert={}", file("client", "tls.crt")),
        format!("sslkey={}", file("client", "tls.key")),
        format!("sslrootcert={}", file("client", "ca.crt")),
    ];
    format!(
        "\npostgresql.conf:\n  ssl = on\n  ssl_cert_file = {}\n  ssl_key_file = {}\n  ssl_ca_file = {}\n\
         \npg_hba.conf (certificates only; the common name is the role):\n  hostssl all all 0.0.0.0/0 cert \
         clientcert=verify-full\n  hostssl all all ::/0      cert clientcert=verify-full\n\
         \nclient (libpq):\n  psql \"{}\"\n\
         \nnext: tell PostgreSQL and its clients so, and name them as consumers in {}\n",
        server("tls.crt"),
        server("tls.key"),
        server("ca.crt"),
        connection.join(" \\\n        "),
        sanitise(&directory.join("newleaf.yaml").display().to_string()),
    )
}
