//! The settings of PostgreSQL and its clients, which `bootstrap` prints for the operator.

use std::path::Path;

use rotation::document::cluster::{ClusterPlace, LeafSecret};
use rotation::document::{Configuration, Place};
use rotation::pki::name::SubjectName;
use terminal::style::sanitise;

/// The settings for a directory or a cluster.
pub fn draw(configuration: &Configuration) -> String {
    match &configuration.place {
        Place::Directory(place) => {
            let directory = std::path::absolute(&place.directory).unwrap_or_else(|_| place.directory.clone());
            directory_lines(configuration, &directory)
        }
        Place::Cluster(place) => cluster_lines(configuration, place),
    }
}

/// The parts of a pod and of Backstage's configuration. A key in a Secret volume belongs to `root`: PostgreSQL accepts it with
/// mode 0440 and its own group (PostgreSQL manual, 19.9.3).
fn cluster_lines(configuration: &Configuration, place: &ClusterPlace) -> String {
    let role = sanitise(configuration.profile.client_name.as_str());
    let host = configuration.profile.server_names.first().map_or_else(String::new, SubjectName::to_string);
    let LeafSecret { name, certificate, key, bundle } = &place.server;
    let server = format!(
        "\nPostgreSQL, in its pod (fsGroup: the group of its user, 999 in the official image):\n  \
         volumes:      [{{name: tls, secret: {{secretName: {name}, defaultMode: 0440}}}}]\n  \
         volumeMounts: [{{name: tls, mountPath: /tls, readOnly: true}}]\n  \
         args: [-c, ssl=on, -c, ssl_cert_file=/tls/{certificate}, -c, ssl_key_file=/tls/{key}, -c, ssl_ca_file=/tls/{bundle}]\n\
         \npg_hba.conf (certificates only; the common name is the role):\n  \
         hostssl all all all cert clientcert=verify-full\n"
    );
    let LeafSecret { name, certificate, key, bundle } = &place.client;
    let client = format!(
        "\nBackstage, with Secret {name} mounted at /tls, in its app-config:\n  \
         backend.database.connection: {{host: {host}, port: 5432, user: {role}, ssl: {{rejectUnauthorized: true,\n    \
         ca: {{$file: /tls/{bundle}}}, cert: {{$file: /tls/{certificate}}}, key: {{$file: /tls/{key}}}}}}}\n"
    );
    format!("{server}{client}\nnext: mount the Secrets as shown and list both workloads under `consumers`\n")
}

/// The lines for `postgresql.conf`, `pg_hba.conf` and libpq (PostgreSQL manual, 19.9, 21.1, 34.19).
fn directory_lines(configuration: &Configuration, directory: &Path) -> String {
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
         \nnext: configure PostgreSQL and its clients as shown, and list them under `consumers` in {}\n",
        server("tls.crt"),
        server("tls.key"),
        server("ca.crt"),
        connection.join(" \\\n        "),
        sanitise(&directory.join("newleaf.yaml").display().to_string()),
    )
}
