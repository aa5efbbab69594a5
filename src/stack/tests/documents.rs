//! The document and its schema.

use serde_json::{Value, json};

use super::*;
use crate::settings::database::DatabaseServer;

/// Every key that there is.
pub(super) const WHOLE: &str = "
apiVersion: newleaf.dev/v1alpha1
kind: Stack
name: portal
namespace: portal
platform: kubernetes
host: portal.example.org
backstage:
  image: registry.example.org:5000/portal/backstage:1.2.3
  imagePullSecrets: [registry]
  command: [node, packages/backend]
  replicas: 2
  title: Portal
  organization: Example
  imageConfig: [app-config.yaml]
  appConfig:
  - configMap: {name: mine, key: app-config.yaml}
  - secret: {name: theirs, key: app-config.yaml}
  - inline: {catalog: {rules: []}}
  env:
  - {name: LOG_LEVEL, value: info}
  - {name: REGION, configMap: {name: mine, key: region}}
  - {name: API_TOKEN, secret: {name: theirs, key: token}}
  envFrom: [{configMap: mine}, {secret: theirs}]
  files: [{path: /opt/entities, configMap: entities}, {path: /opt/keys, secret: theirs}]
  resources:
    requests: {cpu: 500m, memory: 1Gi}
    limits: {cpu: 2, memory: 2Gi}
  plugins: {count: 12, pool: 4}
  profile: leastPrivilege
  waitForDatabase: true
  startupSeconds: 600
  drainSeconds: 20
  onPluginFailure: continue
database:
  version: 16
  image: registry.example.org/postgres:16.14
  parameters: {max_connections: 300, log_connections: on, log_line_prefix: '%m $(HOST) '}
  memory: 1Gi
  cpu: 500m
  storage: {size: 20Gi, class: fast}
rotation:
  image: registry.example.org/newleaf:0.1.0
  schedule: 0 4 * * *
  leaf: {lifetime: 20d, rotateAfter: 10d}
  authority: {secret: company-ca, certificate: tls.crt, key: tls.key}
  pickup: restart
  nudge: false
  admissionPolicies: false
  deadlines: {step: 2m, run: 12m}
check: {image: registry.example.org/newleaf-deploy:0.1.0}
ingress:
  kind: ingress
  className: nginx
  annotations: {example.org/a: b}
  tls: {enabled: true, secret: portal-tls, clusterIssuer: company}
networkPolicies:
  enabled: true
  ingressFrom: {namespace: edge, podLabels: {app: edge}}
  apiServer: {cidrs: [10.0.0.1/32], ports: [6443]}
  nodes: [10.0.0.0/24]
  egress: [{cidrs: [192.0.2.0/24], ports: [443]}]
monitoring:
  serviceMonitor: true
  alerts: true
  dashboard: true
  labels: {release: prometheus}
  backstageMetrics: {port: 9464, path: /metrics}
  prometheus: {namespace: monitoring, podLabels: {app: prometheus}}
features:
  catalog:
    allow: [Component, API]
    locations: ['https://example.org/catalog.yaml']
    github: [{organization: example, host: github.example.org, catalogPath: /catalog-info.yaml, token: {name: theirs, key: github}}]
  scaffolder: true
  search: true
  permissions: true
  techdocs: {enabled: true, builder: external, publisher: awsS3, bucket: docs, region: eu-central-1}
  auth:
    guest: false
    oidc:
      metadataUrl: https://id.example.org/.well-known/openid-configuration
      clientId: {name: theirs, key: id}
      clientSecret: {name: theirs, key: secret}
      sessionSecret: {name: theirs, key: session}
  kubernetes: true
externalSecrets:
  store: {name: vault, kind: ClusterSecretStore}
  refreshInterval: 30m
  secrets: [{name: theirs, data: [{key: token, remoteKey: portal, property: token}]}]
disruption: {budget: true, spread: node}
podSecurity: {level: restricted}
raw: [{path: raw}, {configMap: raw}]
";

#[test]
fn a_document_that_says_everything_is_valid_and_keeps_every_policy() {
    let settings = settings(WHOLE);
    assert_eq!(violations(&settings, &render(&settings)), []);
}

#[test]
fn the_whole_document_names_every_key_of_the_schema() {
    let schema = document::schema();
    let schema = schema.as_value();
    let value: Value = serde_saphyr::from_str(WHOLE).expect("YAML");
    let mut missing = Vec::new();
    missing_keys("", &value, schema, schema, &mut missing);
    // An Ingress has no Gateway, and a database of the stack is no existing one.
    assert_eq!(missing, ["database.existing", "ingress.gateway"]);
}

fn missing_keys(path: &str, value: &Value, schema: &Value, root: &Value, missing: &mut Vec<String>) {
    let resolved = |schema: &Value| -> Value {
        let reference =
            |schema: &Value| schema["$ref"].as_str().map(|path| root["$defs"][&path["#/$defs/".len()..]].clone());
        let direct = reference(schema);
        let either = schema["anyOf"].as_array().into_iter().flatten().find_map(reference);
        direct.or(either).unwrap_or_else(|| schema.clone())
    };
    let schema = resolved(schema);
    for (key, of_key) in schema["properties"].as_object().into_iter().flatten() {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        // A list shows the key in one of its items.
        let items: Vec<&Value> = match value.as_array() {
            Some(items) => items.iter().filter_map(|item| item.get(key)).collect(),
            None => value.get(key).into_iter().collect(),
        };
        if items.is_empty() {
            missing.push(path);
            continue;
        }
        let of_items = resolved(of_key)["items"].clone();
        let below = if of_items.is_null() { of_key } else { &of_items };
        let value =
            if items.len() == 1 { items[0].clone() } else { Value::Array(items.into_iter().cloned().collect()) };
        missing_keys(&path, &value, below, root, missing);
    }
}

#[test]
fn nothing_at_all_is_a_working_stack() {
    for text in
        ["", "{}", "# nothing\n", "apiVersion: newleaf.dev/v1alpha1\nkind: Stack\n", "backstage:\ndatabase: {}\n"]
    {
        let settings = settings(text);
        let objects = render(&settings);
        assert_eq!(violations(&settings, &objects), [], "{text:?}");
        assert_eq!(settings.entry.base_url, "http://localhost:7007");
        for (kind, name) in [("StatefulSet", "postgres"), ("Deployment", "backstage"), ("CronJob", "newleaf")] {
            assert!(has(&objects, kind, name), "{kind} {name}");
        }
    }
}

#[test]
fn the_schema_is_closed_and_describes_every_key() {
    let schema = document::schema();
    let definitions = schema.as_value()["$defs"].as_object().expect("definitions");
    assert!(definitions.len() > 30, "{}", definitions.len());
    for (name, definition) in definitions.iter().chain([(&"Stack".to_owned(), schema.as_value())]) {
        let Some(properties) = definition.get("properties").and_then(Value::as_object) else { continue };
        assert_eq!(definition["additionalProperties"], json!(false), "{name} takes unknown keys");
        for (key, property) in properties {
            assert!(property["description"].as_str().is_some_and(|text| !text.is_empty()), "{name}.{key}");
        }
    }
}

#[test]
fn every_problem_of_the_shape_is_found_at_once_with_the_nearest_key() {
    let text = "backstage: {replica: 2, image: [a]}\ndatabase: {storage: {sise: 1Gi}}\nplatform: openshif\n";
    let found = problems(text);
    let paths: Vec<&str> = found.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(paths, ["backstage.image", "backstage.replica", "database.storage.sise", "platform"]);
    assert!(found[1].way_out.contains("`replicas`"), "{}", found[1]);
    assert!(found[2].way_out.contains("`size`"), "{}", found[2]);
    assert!(found[3].way_out.contains("`openshift`"), "{}", found[3]);
}

#[test]
fn what_is_no_yaml_is_told_by_line_and_column() {
    for (text, place) in [("a: b: c\n", "line 1"), ("name: a\nname: b\n", "line 2"), ("name: [\n", "line")] {
        let found = problems(text);
        assert!(found[0].path.contains(place), "{text:?}: {}", found[0]);
    }
}

#[test]
fn a_secret_in_the_wrong_place_is_not_repeated_in_the_message() {
    let text = "features: {catalog: {github: [{organization: a, token: ghp_planted}]}}\n";
    let found = problems(text);
    assert_eq!(found[0].path, "features.catalog.github[0].token");
    assert!(!found[0].to_string().contains("ghp_planted"), "{}", found[0]);
}

#[test]
fn numbers_and_switches_mean_text_where_yaml_reads_them_otherwise() {
    let settings = settings(
        "database: {version: 15, parameters: {log_connections: true, work_mem: 8, jit: 'off'}, cpu: 1}\nbackstage: {env: [{name: A, value: 1}]}",
    );
    let DatabaseServer::Installed(postgres) = &settings.database.server else { panic!("installed") };
    assert_eq!(postgres.version, "15");
    let expected = [("log_connections", "on"), ("work_mem", "8"), ("jit", "off")];
    for (name, value) in expected {
        assert_eq!(postgres.parameters.get(name).map(String::as_str), Some(value), "{name}");
    }
}
