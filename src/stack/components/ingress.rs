//! An Ingress, also behind `BunkerWeb`.

use std::collections::BTreeMap;

use k8s_openapi::api::networking::v1::{
    HTTPIngressPath, HTTPIngressRuleValue, Ingress, IngressBackend, IngressRule, IngressServiceBackend, IngressSpec,
    IngressTLS, ServiceBackendPort,
};

use crate::components::Component;
use crate::components::backstage::{HTTP, SERVICE};
use crate::components::common::{BACKSTAGE, labels, metadata};
use crate::object::{Object, Phase};
use crate::settings::Settings;
use crate::settings::entry::{EntryKind, IngressSettings};

/// The class of the web application firewall.
const BUNKERWEB: &str = "bunkerweb";

/// The Ingress, if people reach Backstage by one.
pub fn objects(settings: &Settings) -> Vec<Object> {
    let EntryKind::Ingress(ingress) = &settings.entry.kind else { return Vec::new() };
    let host = ingress.host.as_str().to_owned();
    let mut metadata = metadata(settings, BACKSTAGE, BACKSTAGE, Component::Ingress);
    let annotations = annotations(ingress);
    metadata.annotations = (!annotations.is_empty()).then_some(annotations);
    let object = Ingress {
        metadata,
        spec: Some(IngressSpec {
            ingress_class_name: ingress.class.as_ref().map(|class| class.as_str().to_owned()),
            rules: Some(vec![IngressRule {
                host: Some(host.clone()),
                http: Some(HTTPIngressRuleValue { paths: vec![whole_path()] }),
            }]),
            tls: ingress.tls.as_ref().map(|tls| {
                vec![IngressTLS { hosts: Some(vec![host]), secret_name: Some(tls.secret.as_str().to_owned()) }]
            }),
            ..IngressSpec::default()
        }),
        ..Ingress::default()
    };
    vec![Object::of(&object, Component::Ingress, Phase::Rest)]
}

fn whole_path() -> HTTPIngressPath {
    HTTPIngressPath {
        path: Some("/".to_owned()),
        path_type: "Prefix".to_owned(),
        backend: IngressBackend {
            service: Some(IngressServiceBackend {
                name: SERVICE.to_owned(),
                port: Some(ServiceBackendPort { name: Some(HTTP.to_owned()), ..ServiceBackendPort::default() }),
            }),
            ..IngressBackend::default()
        },
    }
}

/// What follows from the settings, and over it what the document says.
fn annotations(ingress: &IngressSettings) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    if ingress.class.as_ref().is_some_and(|class| class.as_str() == BUNKERWEB) {
        all.extend(bunkerweb());
    }
    if let Some(issuer) = ingress.tls.as_ref().and_then(|tls| tls.cluster_issuer.as_ref()) {
        all.extend(labels([("cert-manager.io/cluster-issuer", issuer.as_str())]));
    }
    all.extend(ingress.annotations.clone());
    all
}

/// The firewall admits GET, POST and HEAD by itself, buffers answers, and puts its own pages over errors: Backstage's API
/// needs the other methods, its logs arrive piece by piece, and its errors are JSON.
fn bunkerweb() -> BTreeMap<String, String> {
    labels([
        ("bunkerweb.io/ALLOWED_METHODS", "GET|POST|HEAD|OPTIONS|PUT|PATCH|DELETE"),
        ("bunkerweb.io/MAX_CLIENT_SIZE", "20m"),
        ("bunkerweb.io/REVERSE_PROXY_BUFFERING", "no"),
        ("bunkerweb.io/REVERSE_PROXY_WS", "yes"),
        ("bunkerweb.io/REVERSE_PROXY_INTERCEPT_ERRORS", "no"),
        ("bunkerweb.io/INTERCEPTED_ERROR_CODES", ""),
    ])
}
