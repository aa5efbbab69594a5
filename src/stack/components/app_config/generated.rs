//! The generated layer of app-config. Everything in it follows from the settings, and nothing in it is secret.

use serde_json::{Map, Value, json};

use crate::components::app_config::features;
use crate::components::pod::TLS_DIRECTORY;
use crate::document::backstage::{DatabaseProfile, PluginFailure};
use crate::settings::Settings;
use crate::settings::database::{DatabaseServer, NAMESPACE_VARIABLE};
use crate::settings::entry::BACKSTAGE_PORT;

/// Where the trust bundle of an existing PostgreSQL is mounted.
pub(in crate::components) const DATABASE_TRUST_DIRECTORY: &str = "/etc/database";

/// The generated layer.
pub fn generated(settings: &Settings) -> Value {
    let backstage = &settings.backstage;
    let base_url = settings.entry.base_url.as_str();
    let mut layer = Map::new();
    layer.insert("app".to_owned(), json!({ "title": backstage.title.as_str(), "baseUrl": base_url }));
    layer.insert("organization".to_owned(), json!({ "name": backstage.organization.as_str() }));
    let mut backend = Map::new();
    backend.insert("baseUrl".to_owned(), json!(base_url));
    backend.insert("listen".to_owned(), json!({ "port": BACKSTAGE_PORT }));
    backend.insert("cors".to_owned(), cors(base_url));
    if base_url.starts_with("http:") {
        // By itself, Backstage tells browsers to load everything by `https`, and its page would stay empty.
        backend.insert("csp".to_owned(), json!({ "upgrade-insecure-requests": false }));
    }
    backend.insert("database".to_owned(), database(settings));
    // An ending pod answers until every Service has forgotten it; the grace period of the pod is longer.
    backend.insert("lifecycle".to_owned(), json!({ "serverShutdownDelay": { "seconds": backstage.drain_seconds } }));
    if backstage.on_plugin_failure == PluginFailure::Continue {
        backend.insert("startup".to_owned(), json!({ "default": { "onPluginBootFailure": "continue" } }));
    }
    layer.insert("backend".to_owned(), Value::Object(backend));
    layer.extend(features::configuration(settings));
    Value::Object(layer)
}

fn cors(origin: &str) -> Value {
    json!({
        "origin": origin,
        "methods": ["GET", "HEAD", "PATCH", "POST", "PUT", "DELETE"],
        "credentials": true,
    })
}

/// The database block: the certificate is the login, so there is no password.
fn database(settings: &Settings) -> Value {
    let database = &settings.database;
    let ca = match &database.server {
        DatabaseServer::Existing(server) if server.trust_bundle.is_some() => DATABASE_TRUST_DIRECTORY,
        DatabaseServer::Existing(_) | DatabaseServer::Installed(_) => TLS_DIRECTORY,
    };
    let connection = json!({
        "host": database.host_with(&format!("${{{NAMESPACE_VARIABLE}}}")),
        "port": database.port,
        "user": database.role.as_str(),
        "database": database.name.as_str(),
        "ssl": {
            "rejectUnauthorized": true,
            "ca": { "$file": format!("{ca}/ca.crt") },
            "cert": { "$file": format!("{TLS_DIRECTORY}/tls.crt") },
            "key": { "$file": format!("{TLS_DIRECTORY}/tls.key") },
        },
    });
    let mut block = Map::new();
    block.insert("client".to_owned(), json!("pg"));
    block.insert("connection".to_owned(), connection);
    // No idle connections: they would count for pods that do nothing.
    block.insert("knexConfig".to_owned(), json!({ "pool": { "min": 0, "max": database.budget.pool } }));
    let division = match database.profile {
        DatabaseProfile::Superuser => "database",
        DatabaseProfile::LeastPrivilege => {
            block.insert("ensureExists".to_owned(), json!(false));
            block.insert("ensureSchemaExists".to_owned(), json!(true));
            "schema"
        }
    };
    block.insert("pluginDivisionMode".to_owned(), json!(division));
    Value::Object(block)
}
