//! The Backstage backend, which also serves the frontend.
//!
//! | File | Subject |
//! |---|---|
//! | `deployment` | the pods and how they are replaced |
//! | `container` | the program, its probes and its environment |
//! | `volumes` | its files |
//! | `wait` | a start that waits for PostgreSQL |
//! | this file | the account and the Service |

mod container;
mod deployment;
mod volumes;
mod wait;

use k8s_openapi::api::core::v1::{Service, ServiceAccount, ServicePort, ServiceSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::components::Component;
use crate::components::common::{BACKSTAGE, metadata, working_labels};
use crate::object::{Object, Phase};
use crate::settings::Settings;
use crate::settings::entry::BACKSTAGE_PORT;

/// The name of the Service.
pub const SERVICE: &str = BACKSTAGE;
/// The name of the port of Backstage.
pub const HTTP: &str = "http";
/// The name of the port of its metrics.
pub const METRICS: &str = "metrics";

/// The account, the Service, the Deployment.
pub fn objects(settings: &Settings) -> Vec<Object> {
    let account = ServiceAccount {
        metadata: metadata(settings, BACKSTAGE, BACKSTAGE, Component::Backstage),
        automount_service_account_token: Some(false),
        ..ServiceAccount::default()
    };
    vec![
        Object::of(&account, Component::Backstage, Phase::Configuration),
        Object::of(&service(settings), Component::Backstage, Phase::Backstage),
        Object::of(&deployment::deployment(settings), Component::Backstage, Phase::Backstage),
    ]
}

fn service(settings: &Settings) -> Service {
    let port = |name: &str, port: u16| ServicePort {
        name: Some(name.to_owned()),
        port: port.into(),
        target_port: Some(IntOrString::String(name.to_owned())),
        protocol: Some("TCP".to_owned()),
        app_protocol: Some("http".to_owned()),
        ..ServicePort::default()
    };
    let metrics = settings.monitoring.backstage.as_ref().map(|(number, _)| port(METRICS, *number));
    Service {
        metadata: metadata(settings, SERVICE, BACKSTAGE, Component::Backstage),
        spec: Some(ServiceSpec {
            selector: Some(working_labels(settings, BACKSTAGE, Component::Backstage)),
            ports: Some([port(HTTP, BACKSTAGE_PORT)].into_iter().chain(metrics).collect()),
            type_: Some("ClusterIP".to_owned()),
            ..ServiceSpec::default()
        }),
        ..Service::default()
    }
}
