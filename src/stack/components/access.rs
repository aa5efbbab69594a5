//! As whom Backstage logs in: the superuser `postgres`, or a role of its own that owns one database.
//!
//! The script runs as `postgres` over the socket when the database is made. It may run again by hand, for example after the
//! profile was changed: `psql -f /docker-entrypoint-initdb.d/10-backstage.sql`.

use k8s_openapi::api::core::v1::ConfigMap;

use crate::components::Component;
use crate::components::common::{POSTGRES, labels, metadata};
use crate::document::backstage::DatabaseProfile;
use crate::document::rotation::ServerPickup;
use crate::object::{Object, Phase};
use crate::settings::Settings;
use crate::settings::database::DatabaseServer;

/// The ConfigMap with the script.
pub const SCRIPT_CONFIG_MAP: &str = "postgres-access";
/// Its key. The official image runs what ends in `.sql`, by name.
const SCRIPT: &str = "10-backstage.sql";

/// The script, where Backstage has a role of its own in a database that the stack makes.
pub fn objects(settings: &Settings) -> Vec<Object> {
    let Some(script) = script(settings) else { return Vec::new() };
    let config_map = ConfigMap {
        metadata: metadata(settings, SCRIPT_CONFIG_MAP, POSTGRES, Component::Access),
        data: Some(labels([(SCRIPT, script.as_str())])),
        ..ConfigMap::default()
    };
    vec![Object::of(&config_map, Component::Access, Phase::Configuration)]
}

/// The SQL; `None` where Backstage is a superuser, or where another team runs the database.
pub(super) fn script(settings: &Settings) -> Option<String> {
    let is_installed = matches!(settings.database.server, DatabaseServer::Installed(_));
    if !is_installed || settings.database.profile != DatabaseProfile::LeastPrivilege {
        return None;
    }
    let role = &settings.database.role;
    let name = &settings.database.name;
    let mut script = format!(
        "-- Backstage's role and its database. Run again, it changes nothing.\n\
         SELECT 'CREATE ROLE {role}' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') \\gexec\n\
         ALTER ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD NULL;\n\
         SELECT 'CREATE DATABASE {name} OWNER {role}'\n  \
         WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{name}') \\gexec\n\
         REVOKE ALL ON DATABASE {name} FROM PUBLIC;\n\
         REVOKE CONNECT, TEMPORARY ON DATABASE postgres FROM PUBLIC;\n\
         REVOKE CONNECT, TEMPORARY ON DATABASE template1 FROM PUBLIC;\n\
         -- The rotation logs in with Backstage's certificate and sees who uses which.\n\
         GRANT pg_monitor TO {role};\n\
         \\connect {name}\n\
         REVOKE CREATE ON SCHEMA public FROM PUBLIC;\n"
    );
    if settings.rotation.pickup == ServerPickup::Reload {
        let rights = format!(
            "-- A reload is proved by the files that the server reads. `rotation.pickup: restart` needs none of these.\n\
             GRANT pg_read_server_files TO {role};\n\
             GRANT EXECUTE ON FUNCTION pg_reload_conf(), pg_stat_file(text, boolean),\n    \
             pg_read_binary_file(text, bigint, bigint, boolean) TO {role};\n"
        );
        script.push_str(&rights);
    }
    Some(script)
}
