//! The way in, the namespace, monitoring, secrets from outside.

use serde_json::json;

use super::*;
use rotation::figures::NAMES;

const HOST: &str = "host: a.example.org\n";

#[test]
fn an_ingress_leads_to_backstage_and_ends_tls() {
    let objects = objects(&format!("{HOST}ingress: {{className: nginx, tls: {{clusterIssuer: company}}}}"));
    let ingress = find(&objects, "Ingress", "backstage");
    assert_eq!(at(ingress, "/spec/ingressClassName"), "nginx");
    assert_eq!(
        at(ingress, "/spec/tls/0"),
        &json!({ "hosts": ["a.example.org"], "secretName": "backstage-ingress-tls" })
    );
    assert_eq!(at(ingress, "/spec/rules/0/http/paths/0/backend/service/name"), "backstage");
    assert_eq!(at(ingress, "/metadata/annotations"), &json!({ "cert-manager.io/cluster-issuer": "company" }));
    let plain = super::objects(&format!("{HOST}ingress: {{className: nginx, tls: {{enabled: false}}}}"));
    assert!(at(find(&plain, "Ingress", "backstage"), "/spec/tls").is_null());
}

#[test]
fn behind_bunkerweb_backstage_has_its_methods_and_what_is_said_wins() {
    let annotations = "{bunkerweb.io/MAX_CLIENT_SIZE: 5m}";
    let objects = objects(&format!("{HOST}ingress: {{className: bunkerweb, annotations: {annotations}}}"));
    let annotations = at(find(&objects, "Ingress", "backstage"), "/metadata/annotations");
    assert_eq!(annotations["bunkerweb.io/MAX_CLIENT_SIZE"], "5m");
    let methods = annotations["bunkerweb.io/ALLOWED_METHODS"].as_str().expect("methods");
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        assert!(methods.split('|').any(|it| it == method), "{method}");
    }
}

#[test]
fn a_route_and_an_http_route_lead_to_backstage() {
    let openshift = objects(&format!("{HOST}platform: openshift"));
    let route = find(&openshift, "Route", "backstage");
    assert_eq!(route.api_version(), "route.openshift.io/v1");
    assert_eq!(at(route, "/spec/tls/termination"), "edge");
    let text =
        format!("{HOST}ingress: {{kind: httpRoute, gateway: {{name: edge, namespace: gateways, sectionName: https}}}}");
    let gateway = objects(&text);
    let route = find(&gateway, "HTTPRoute", "backstage");
    assert_eq!(at(route, "/spec/hostnames"), &json!(["a.example.org"]));
    assert_eq!(at(route, "/spec/parentRefs/0/sectionName"), "https");
    assert_eq!(at(route, "/spec/rules/0/backendRefs/0/port"), 7007);
    for objects in [openshift, gateway] {
        assert!(!has(&objects, "Ingress", "backstage"));
    }
}

#[test]
fn the_namespace_enforces_its_level() {
    let level = |text: &str| {
        let objects = objects(text);
        at(find(&objects, "Namespace", "backstage"), "/metadata/labels/pod-security.kubernetes.io~1enforce").clone()
    };
    assert_eq!(level(""), "restricted");
    assert_eq!(level("podSecurity: {level: baseline}"), "baseline");
}

#[test]
fn monitoring_is_made_of_what_is_switched_on() {
    let kinds = ["ServiceMonitor", "PrometheusRule"];
    let off = objects("");
    assert!(!off.iter().any(|object| kinds.contains(&object.kind()) || object.name() == "newleaf-metrics"));
    let text =
        "monitoring: {serviceMonitor: true, alerts: true, dashboard: true, labels: {release: p}, backstageMetrics: {}}";
    let objects = objects(text);
    for (kind, name) in [("ServiceMonitor", "newleaf"), ("ServiceMonitor", "backstage"), ("PrometheusRule", "newleaf")]
    {
        assert_eq!(at(find(&objects, kind, name), "/metadata/labels/release"), "p", "{kind} {name}");
    }
    let scraped = at(find(&objects, "ServiceMonitor", "newleaf"), "/spec/selector/matchLabels");
    let service = find(&objects, "Service", "newleaf-metrics");
    for (name, value) in scraped.as_object().expect("labels") {
        assert_eq!(at(service, "/metadata/labels")[name], *value, "the monitor finds the Service");
    }
    assert_eq!(
        at(service, "/spec/ports/0/name"),
        at(find(&objects, "ServiceMonitor", "newleaf"), "/spec/endpoints/0/port")
    );
    let rules = at(find(&objects, "PrometheusRule", "newleaf"), "/spec/groups/0/rules").to_string();
    let dashboard = at(find(&objects, "ConfigMap", "newleaf-dashboard"), "/data/newleaf.json").as_str().expect("JSON");
    serde_json::from_str::<Value>(dashboard).expect("JSON");
    for figure in NAMES {
        assert!(rules.contains(figure) && dashboard.contains(figure), "{figure}");
    }
}

#[test]
fn alerts_come_in_time_and_not_in_ordinary_life() {
    let ends_soon = |text: &str| {
        let objects = objects(text);
        let rules = at(find(&objects, "PrometheusRule", "newleaf"), "/spec/groups/0/rules").as_array().expect("rules");
        let rule = rules.iter().find(|rule| rule["alert"] == "CertificateEndsSoon").expect("the rule");
        let (_, seconds) = rule["expr"].as_str().and_then(|it| it.rsplit_once("< ")).expect("a limit");
        seconds.parse::<u64>().expect("seconds")
    };
    assert_eq!(ends_soon("monitoring: {alerts: true}"), 10 * 86_400);
    let short = ends_soon("monitoring: {alerts: true}\nrotation: {leaf: {lifetime: 3d, rotateAfter: 2d}}");
    assert!(short < 86_400, "a leaf in its last day is ordinary until its rotation failed: {short}");
}

#[test]
fn secrets_from_outside_are_there_before_backstage() {
    let text = "externalSecrets: {store: {name: vault, kind: ClusterSecretStore}, secrets: [{name: theirs, data: [{key: token, remoteKey: portal, property: t}]}]}
backstage: {env: [{name: API_TOKEN, secret: {name: theirs, key: token}}]}";
    let objects = objects(text);
    let secret = find(&objects, "ExternalSecret", "theirs");
    assert_eq!(secret.api_version(), "external-secrets.io/v1");
    assert_eq!(at(secret, "/spec/secretStoreRef"), &json!({ "kind": "ClusterSecretStore", "name": "vault" }));
    assert_eq!(
        at(secret, "/spec/data/0"),
        &json!({ "secretKey": "token", "remoteRef": { "key": "portal", "property": "t" } })
    );
    assert!(secret.phase() < find(&objects, "Deployment", "backstage").phase());
}
