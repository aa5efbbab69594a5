//! The configuration of Backstage, in layers.

use serde_json::json;

use super::*;
use crate::components::app_config::generated;
use crate::settings::database::NAMESPACE_VARIABLE;

fn of(text: &str) -> Value {
    generated(&settings(text))
}

#[test]
fn every_address_follows_from_the_host() {
    for (text, expected) in [
        ("", "http://localhost:7007"),
        ("host: a.example.org\nplatform: openshift", "https://a.example.org"),
        ("host: a.example.org\nplatform: k3d", "https://a.example.org"),
        ("host: a.example.org\ningress: {className: nginx, tls: {enabled: false}}", "http://a.example.org"),
        ("host: a.example.org\ningress: {kind: httpRoute, gateway: {name: edge}}", "https://a.example.org"),
        ("host: a.example.org\ningress: {kind: none}", "https://a.example.org"),
    ] {
        let layer = of(text);
        for pointer in ["/app/baseUrl", "/backend/baseUrl", "/backend/cors/origin"] {
            assert_eq!(layer.pointer(pointer), Some(&json!(expected)), "{text}: {pointer}");
        }
        let keeps_scheme = layer.pointer("/backend/csp/upgrade-insecure-requests") == Some(&json!(false));
        assert_eq!(keeps_scheme, expected.starts_with("http:"), "{text}: browsers ask by the scheme of the address");
    }
}

#[test]
fn the_database_block_logs_in_by_certificate() {
    let layer = of("");
    let expected = json!({
        "client": "pg",
        "pluginDivisionMode": "database",
        "knexConfig": { "pool": { "min": 0, "max": 5 } },
        "connection": {
            "host": "postgres.${STACK_NAMESPACE}.svc",
            "port": 5432,
            "user": "postgres",
            "database": "postgres",
            "ssl": {
                "rejectUnauthorized": true,
                "ca": { "$file": "/etc/newleaf/ca.crt" },
                "cert": { "$file": "/etc/newleaf/tls.crt" },
                "key": { "$file": "/etc/newleaf/tls.key" },
            },
        },
    });
    assert_eq!(layer["backend"]["database"], expected);
}

#[test]
fn the_least_privileged_profile_divides_by_schema_in_its_own_database() {
    let layer = of("backstage: {profile: leastPrivilege}");
    let database = &layer["backend"]["database"];
    assert_eq!(database["pluginDivisionMode"], "schema");
    assert_eq!((&database["ensureExists"], &database["ensureSchemaExists"]), (&json!(false), &json!(true)));
    assert_eq!(database["connection"]["user"], "backstage");
    assert_eq!(database["connection"]["database"], "backstage");
}

#[test]
fn what_is_off_is_left_out() {
    let layer = of("");
    let keys: Vec<&String> = layer.as_object().expect("a map").keys().collect();
    assert_eq!(keys, ["app", "backend", "organization"]);
    let layer = of("features: {search: true, permissions: true, scaffolder: true, techdocs: {}, kubernetes: true}");
    assert_eq!(layer["permission"], json!({ "enabled": true }));
    assert_eq!(layer["techdocs"]["builder"], "local");
    for key in ["search", "scaffolder", "kubernetes"] {
        assert!(layer.get(key).is_some(), "{key}");
    }
}

#[test]
fn guests_may_sign_in_only_on_the_machine_of_one_person_or_where_it_is_said() {
    let is_open = |text: &str| of(text).pointer("/auth/providers/guest").is_some();
    assert!(is_open("platform: kind") && is_open("features: {auth: {guest: true}}"));
    assert!(
        !is_open("") && !is_open("platform: openshift") && !is_open("platform: kind\nfeatures: {auth: {guest: false}}")
    );
}

const OIDC: &str = "features: {auth: {oidc: {metadataUrl: 'https://id.example.org', clientId: {name: a, key: id},
  clientSecret: {name: a, key: secret}, sessionSecret: {name: a, key: session}}},
  catalog: {github: [{organization: one, token: {name: b, key: t}}, {organization: two, host: ghe.example.org, token: {name: c, key: t}}]}}";

#[test]
fn secrets_of_features_come_from_the_environment() {
    let layer = of(OIDC);
    assert_eq!(
        layer.pointer("/auth/providers/oidc/production/clientSecret"),
        Some(&json!("${AUTH_OIDC_CLIENT_SECRET}"))
    );
    assert_eq!(layer.pointer("/integrations/github/1/apiBaseUrl"), Some(&json!("https://ghe.example.org/api/v3")));
    let objects = objects(OIDC);
    let variables =
        pod(find(&objects, "Deployment", "backstage"), "/containers/0/env").as_array().expect("variables").clone();
    let text = layer.to_string();
    let referenced = text.split("${").skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name);
    let referenced = referenced.filter(|name| *name != NAMESPACE_VARIABLE);
    let mut count = 0;
    for name in referenced {
        let variable = variables.iter().find(|variable| variable["name"] == name).unwrap_or_else(|| panic!("{name}"));
        assert!(variable["valueFrom"]["secretKeyRef"]["name"].is_string(), "{variable}");
        count += 1;
    }
    assert_eq!(count, 5);
}

#[test]
fn who_sets_a_variable_of_the_same_name_is_heard() {
    let text = format!(
        "{OIDC}\nbackstage: {{env: [{{name: GITHUB_TOKEN_1, secret: {{name: mine, key: t}}}}, {{name: NODE_ENV, value: development}}]}}"
    );
    let objects = objects(&text);
    let variables = pod(find(&objects, "Deployment", "backstage"), "/containers/0/env").as_array().expect("variables");
    let named = |name: &str| variables.iter().filter(|variable| variable["name"] == name).collect::<Vec<_>>();
    assert_eq!(named("GITHUB_TOKEN_1").len(), 1);
    assert_eq!(named("GITHUB_TOKEN_1")[0]["valueFrom"]["secretKeyRef"]["name"], "mine");
    assert_eq!(named("NODE_ENV"), [&json!({ "name": "NODE_ENV", "value": "development" })]);
}

const LAYERS: &str = "backstage:
  imageConfig: [app-config.yaml]
  appConfig:
  - inline: {a: 1}
  - secret: {name: theirs, key: config.yaml}
  - inline: {b: 'yes'}
  - configMap: {name: mine, key: x}
";

#[test]
fn layers_are_given_in_their_order_the_last_one_wins() {
    let objects = objects(LAYERS);
    let backstage = find(&objects, "Deployment", "backstage");
    let words = texts(pod(backstage, "/containers/0/args"));
    let directory = "/etc/backstage/app-config";
    let expected: Vec<String> = ["app-config.yaml".to_owned()]
        .into_iter()
        .chain(
            [
                "00-backstage-app-config",
                "01-backstage-app-config-1",
                "02-theirs",
                "03-backstage-app-config-3",
                "04-mine",
            ]
            .map(|name| format!("{directory}/{name}.yaml")),
        )
        .flat_map(|file| ["--config".to_owned(), file])
        .collect();
    assert_eq!(words, expected);
    let volumes = pod(backstage, "/volumes").as_array().expect("volumes");
    let sources =
        volumes.iter().find(|volume| volume["name"] == "app-config").expect("it")["projected"]["sources"].clone();
    let files = sources.as_array().expect("sources").iter().map(|source| {
        let of = source.get("configMap").or(source.get("secret")).expect("a source");
        format!("{directory}/{}", of["items"][0]["path"].as_str().expect("a path"))
    });
    let given: Vec<String> = words.iter().filter(|word| word.starts_with('/')).map(|word| (*word).to_owned()).collect();
    assert_eq!(files.collect::<Vec<_>>(), given, "every file that is named is mounted");
}

#[test]
fn what_is_written_is_what_is_read_again() {
    let text = "backstage: {appConfig: [{inline: {a: 'yes', b: '0640', c: 'on', d: \"x\\ny\\n\", e: '${A}', f: [1, null, true], g: '2026-01-01', h: '# no', i: \"a: b\"}}]}";
    let settings = settings(text);
    let objects = render(&settings);
    let written =
        at(find(&objects, "ConfigMap", "backstage-app-config-1"), "/data/app-config.yaml").as_str().expect("a text");
    let read: Value = serde_saphyr::from_str(written).expect("YAML");
    let crate::settings::app_config::AppConfigLayer::Inline(given) = &settings.backstage.layers[0] else {
        panic!("inline")
    };
    assert_eq!(read, Value::Object(given.clone()), "{written}");
    let generated_text =
        at(find(&objects, "ConfigMap", "backstage-app-config"), "/data/app-config.yaml").as_str().expect("a text");
    assert_eq!(serde_saphyr::from_str::<Value>(generated_text).expect("YAML"), generated(&settings));
}
