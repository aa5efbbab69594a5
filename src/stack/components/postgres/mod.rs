//! A PostgreSQL with TLS and no password: a login over the network needs a certificate whose name is the role.
//!
//! | File | Subject |
//! |---|---|
//! | `stateful_set` | the pod and its volume |
//! | this file | who may log in, the Services, the account |

mod stateful_set;

use k8s_openapi::api::core::v1::{ConfigMap, Service, ServiceAccount, ServicePort, ServiceSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::checksum::Checksum;
use crate::components::Component;
use crate::components::access;
use crate::components::common::{POSTGRES, labels, metadata, working_labels};
use crate::object::{Object, Phase};
use crate::settings::Settings;
use crate::settings::database::{DatabaseServer, POSTGRES_PORT, POSTGRES_SERVICE};

/// The Service without an address of its own, by which each pod has a name.
pub const HEADLESS_SERVICE: &str = "postgres-headless";
/// The map of `pg_ident.conf`.
const IDENT_MAP: &str = "container";

/// PostgreSQL, if the stack installs it.
pub fn objects(settings: &Settings) -> Vec<Object> {
    let DatabaseServer::Installed(postgres) = &settings.database.server else { return Vec::new() };
    let account = ServiceAccount {
        metadata: metadata(settings, POSTGRES, POSTGRES, Component::Postgres),
        automount_service_account_token: Some(false),
        ..ServiceAccount::default()
    };
    let [hba, ident] = login_rules(settings);
    let config_map = ConfigMap {
        metadata: metadata(settings, POSTGRES, POSTGRES, Component::Postgres),
        data: Some(labels([("pg_hba.conf", hba.as_str()), ("pg_ident.conf", ident.as_str())])),
        ..ConfigMap::default()
    };
    let configuration = |object| Object::of(object, Component::Postgres, Phase::Configuration);
    vec![
        Object::of(&account, Component::Postgres, Phase::Configuration),
        configuration(&config_map),
        Object::of(&service(settings, HEADLESS_SERVICE), Component::Postgres, Phase::Database),
        Object::of(&service(settings, POSTGRES_SERVICE), Component::Postgres, Phase::Database),
        Object::of(&stateful_set::stateful_set(settings, postgres), Component::Postgres, Phase::Database),
    ]
}

/// `pg_hba.conf` and `pg_ident.conf`. The first line that matches decides, and the last one refuses everything else.
fn login_rules(settings: &Settings) -> [String; 2] {
    // Where the platform chooses the user id, its name is no role's. Only processes of the container reach the socket.
    let (peer, ident) = if settings.assigns_user_ids {
        (format!("peer map={IDENT_MAP}"), format!("{IDENT_MAP} /^.*$ postgres\n"))
    } else {
        ("peer".to_owned(), "# users of the system are roles of the same name\n".to_owned())
    };
    let hba = format!(
        "local   all all     {peer}\n\
         hostssl all all all cert clientcert=verify-full\n\
         host    all all all reject\n"
    );
    [hba, ident]
}

/// What the pods read when they start: a change replaces them.
fn checksum(settings: &Settings) -> Checksum {
    let [hba, ident] = login_rules(settings);
    let sum = Checksum::default().with(POSTGRES, "pg_hba.conf", &hba).with(POSTGRES, "pg_ident.conf", &ident);
    match access::script(settings) {
        Some(script) => sum.with(access::SCRIPT_CONFIG_MAP, "script", &script),
        None => sum,
    }
}

fn service(settings: &Settings, name: &str) -> Service {
    let is_headless = name == HEADLESS_SERVICE;
    Service {
        metadata: metadata(settings, name, POSTGRES, Component::Postgres),
        spec: Some(ServiceSpec {
            cluster_ip: is_headless.then(|| "None".to_owned()),
            // A pod has its name before it is ready, so that the rotation can prove what it serves.
            publish_not_ready_addresses: is_headless.then_some(true),
            selector: Some(working_labels(settings, POSTGRES, Component::Postgres)),
            ports: Some(vec![ServicePort {
                name: Some("postgres".to_owned()),
                port: POSTGRES_PORT.into(),
                target_port: Some(IntOrString::String("postgres".to_owned())),
                protocol: Some("TCP".to_owned()),
                ..ServicePort::default()
            }]),
            type_: Some("ClusterIP".to_owned()),
            ..ServiceSpec::default()
        }),
        ..Service::default()
    }
}
