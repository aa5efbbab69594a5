//! How people reach Backstage, and the one address from which every URL follows.

use std::collections::BTreeMap;

use crate::defaults::PlatformDefaults;
use crate::document::StackDocument;
use crate::document::network::{IngressKind, IngressSection, TlsSection};
use crate::settings::checker::{Checker, quoted};
use crate::settings::values::{DnsLabel, DnsSubdomain, HostName, LabelName};

/// The port of Backstage.
pub const BACKSTAGE_PORT: u16 = 7007;

/// How people reach Backstage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntrySettings {
    /// The address that people type: scheme, host, no path.
    pub base_url: String,
    /// By what they reach it.
    pub kind: EntryKind,
}

/// By what people reach Backstage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryKind {
    /// `kubectl port-forward`.
    PortForward,
    /// An Ingress.
    Ingress(IngressSettings),
    /// A Route of `OpenShift`, whose router ends TLS.
    Route {
        /// The host.
        host: HostName,
        /// Further annotations.
        annotations: BTreeMap<String, String>,
    },
    /// An `HTTPRoute`. Its Gateway ends TLS.
    HttpRoute(HttpRouteSettings),
}

/// An Ingress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngressSettings {
    /// The host.
    pub host: HostName,
    /// The class; the cluster's default where there is none.
    pub class: Option<DnsSubdomain>,
    /// Further annotations.
    pub annotations: BTreeMap<String, String>,
    /// TLS, unless it is switched off.
    pub tls: Option<IngressTls>,
}

/// The certificate of an Ingress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngressTls {
    /// The Secret.
    pub secret: DnsSubdomain,
    /// The `ClusterIssuer` of cert-manager that fills it.
    pub cluster_issuer: Option<DnsSubdomain>,
}

/// An `HTTPRoute`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRouteSettings {
    /// The host.
    pub host: HostName,
    /// The Gateway.
    pub gateway: DnsSubdomain,
    /// Its namespace.
    pub gateway_namespace: DnsLabel,
    /// The listener.
    pub section_name: Option<DnsSubdomain>,
    /// Further annotations.
    pub annotations: BTreeMap<String, String>,
}

pub(super) fn validate(
    checker: &mut Checker,
    document: &StackDocument,
    namespace: Option<&DnsLabel>,
    defaults: &PlatformDefaults,
) -> Option<EntrySettings> {
    let section = document.ingress.clone().unwrap_or_default();
    let host: Option<HostName> = checker.optional("host", document.host.as_deref())?;
    let kind = section.kind.unwrap_or(if host.is_some() { defaults.ingress } else { IngressKind::None });
    let annotations = annotations(checker, &section);
    refuse_what_has_no_meaning(checker, &section, kind);
    let tls = section.tls.clone().unwrap_or_default();
    let is_secure = tls.enabled.unwrap_or(true);
    if kind == IngressKind::None {
        let base_url = match host {
            Some(host) => format!("{}://{host}", scheme(is_secure)),
            None => format!("http://localhost:{BACKSTAGE_PORT}"),
        };
        return Some(EntrySettings { base_url, kind: EntryKind::PortForward });
    }
    let Some(host) = host else {
        checker.add("host", "missing", "browsers need a name for what `ingress.kind` makes", "add `host`");
        return None;
    };
    let base_url = format!("{}://{host}", scheme(is_secure));
    let kind = match kind {
        IngressKind::None => return None,
        IngressKind::Ingress => EntryKind::Ingress(ingress(checker, &section, host, annotations?, defaults)?),
        IngressKind::Route => EntryKind::Route { host, annotations: annotations? },
        IngressKind::HttpRoute => EntryKind::HttpRoute(http_route(checker, &section, host, annotations?, namespace)?),
    };
    Some(EntrySettings { base_url, kind })
}

const fn scheme(is_secure: bool) -> &'static str {
    if is_secure { "https" } else { "http" }
}

fn refuse_what_has_no_meaning(checker: &mut Checker, section: &IngressSection, kind: IngressKind) {
    let TlsSection { enabled, secret, cluster_issuer } = section.tls.clone().unwrap_or_default();
    let (is_ingress, is_route) = (kind == IngressKind::Ingress, kind == IngressKind::Route);
    let misplaced = [
        ("ingress.className", section.class_name.is_some() && !is_ingress, "only an Ingress has a class"),
        (
            "ingress.gateway",
            section.gateway.is_some() && kind != IngressKind::HttpRoute,
            "only an HTTPRoute has a Gateway",
        ),
        ("ingress.tls.secret", secret.is_some() && !is_ingress, "the router or the Gateway has the certificate"),
        ("ingress.tls.clusterIssuer", cluster_issuer.is_some() && !is_ingress, "only an Ingress asks cert-manager"),
        ("ingress.tls.enabled", enabled == Some(false) && is_route, "a Route always ends TLS here"),
        ("ingress.tls.secret", secret.is_some() && enabled == Some(false), "TLS is switched off"),
    ];
    for (path, _, limits) in misplaced.into_iter().filter(|(_, is_misplaced, _)| *is_misplaced) {
        checker.add(path, "given", limits, "remove it, or choose another `ingress.kind`");
    }
}

fn annotations(checker: &mut Checker, section: &IngressSection) -> Option<BTreeMap<String, String>> {
    let mut is_whole = true;
    for name in section.annotations.iter().flat_map(BTreeMap::keys) {
        let parsed: Option<LabelName> = checker.required(&format!("ingress.annotations.{name}"), name);
        is_whole &= parsed.is_some();
    }
    is_whole.then(|| section.annotations.clone().unwrap_or_default())
}

fn ingress(
    checker: &mut Checker,
    section: &IngressSection,
    host: HostName,
    annotations: BTreeMap<String, String>,
    defaults: &PlatformDefaults,
) -> Option<IngressSettings> {
    let class = checker.optional("ingress.className", section.class_name.as_deref().or(defaults.ingress_class));
    let TlsSection { enabled, secret, cluster_issuer } = section.tls.clone().unwrap_or_default();
    let secret = checker.given("ingress.tls.secret", secret.as_deref(), "backstage-ingress-tls");
    let cluster_issuer = checker.optional("ingress.tls.clusterIssuer", cluster_issuer.as_deref());
    let (secret, cluster_issuer) = (secret?, cluster_issuer?);
    let tls = enabled.unwrap_or(true).then_some(IngressTls { secret, cluster_issuer });
    Some(IngressSettings { host, class: class?, annotations, tls })
}

fn http_route(
    checker: &mut Checker,
    section: &IngressSection,
    host: HostName,
    annotations: BTreeMap<String, String>,
    namespace: Option<&DnsLabel>,
) -> Option<HttpRouteSettings> {
    let Some(gateway) = &section.gateway else {
        let way_out = "add `ingress.gateway.name` and, where it is another, `ingress.gateway.namespace`";
        checker.add("ingress.gateway", "missing", "an HTTPRoute belongs to a Gateway", way_out);
        return None;
    };
    let name = checker.required("ingress.gateway.name", &gateway.name);
    let own = namespace.map_or("", DnsLabel::as_str);
    let gateway_namespace = match gateway.namespace.as_deref() {
        Some(given) => checker.required("ingress.gateway.namespace", given),
        None => own.parse().ok(),
    };
    let section_name = checker.optional("ingress.gateway.sectionName", gateway.section_name.as_deref());
    Some(HttpRouteSettings {
        host,
        gateway: name?,
        gateway_namespace: gateway_namespace?,
        section_name: section_name?,
        annotations,
    })
}

/// The host of an entry, for messages and for the certificate.
impl EntryKind {
    /// The host, unless there is none.
    pub const fn host(&self) -> Option<&HostName> {
        match self {
            Self::PortForward => None,
            Self::Ingress(ingress) => Some(&ingress.host),
            Self::Route { host, .. } => Some(host),
            Self::HttpRoute(route) => Some(&route.host),
        }
    }
}

/// Refuses an unknown class where a network policy must know its pods.
pub(super) fn unknown_controller(checker: &mut Checker, class: Option<&DnsSubdomain>) {
    let value = class.map_or_else(|| "missing".to_owned(), quoted);
    let limits = "the network policy must name the pods that bring requests, and knows those of nginx, traefik, haproxy, \
                  bunkerweb and public";
    checker.add(
        "ingress.className",
        &value,
        limits,
        "name one of these classes, or the pods in `networkPolicies.ingressFrom`",
    );
}
