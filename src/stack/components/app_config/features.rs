//! The parts of Backstage that are switched on, as parts of app-config. What is off is left out, so that an image without the
//! plugin works.

use serde_json::{Map, Value, json};

use crate::document::features::{TechdocsBuilder, TechdocsPublisher};
use crate::settings::Settings;
use crate::settings::features::{FeatureSettings, GithubOrganization, TechdocsSettings};
use crate::settings::references::EntryReference;

const CLIENT_ID: &str = "AUTH_OIDC_CLIENT_ID";
const CLIENT_SECRET: &str = "AUTH_OIDC_CLIENT_SECRET";
const SESSION_SECRET: &str = "AUTH_SESSION_SECRET";
/// A file system that may be written to.
const TECHDOCS_DIRECTORY: &str = "/tmp/techdocs";

/// What the Kubernetes plugin looks at: without `ConfigMaps`, so that its account need not read them.
const OBJECT_TYPES: [&str; 11] = [
    "pods",
    "services",
    "deployments",
    "replicasets",
    "statefulsets",
    "daemonsets",
    "jobs",
    "cronjobs",
    "ingresses",
    "horizontalpodautoscalers",
    "resourcequotas",
];

/// The top-level keys.
pub(super) fn configuration(settings: &Settings) -> Map<String, Value> {
    let features = &settings.features;
    let mut all = Map::new();
    let mut add = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            all.insert(key.to_owned(), value);
        }
    };
    add("catalog", catalog(features));
    add("integrations", integrations(features));
    let author = json!({ "name": settings.backstage.title.as_str() });
    add("scaffolder", features.scaffolder.then(|| json!({ "defaultAuthor": author })));
    add("search", features.search.then(|| json!({ "pg": { "highlightOptions": { "useHighlight": true } } })));
    add("permission", features.permissions.then(|| json!({ "enabled": true })));
    add("techdocs", features.techdocs.as_ref().map(techdocs));
    add("auth", auth(features));
    add("kubernetes", features.kubernetes.then(kubernetes));
    all
}

/// The variables that these keys refer to.
pub(super) fn variables(settings: &Settings) -> Vec<(String, EntryReference)> {
    let mut variables = Vec::new();
    for (index, organization) in settings.features.github.iter().enumerate() {
        variables.extend(organization.token.clone().map(|token| (token_variable(index), token)));
    }
    if let Some(oidc) = &settings.features.oidc {
        variables.push((CLIENT_ID.to_owned(), oidc.client_id.clone()));
        variables.push((CLIENT_SECRET.to_owned(), oidc.client_secret.clone()));
        variables.push((SESSION_SECRET.to_owned(), oidc.session_secret.clone()));
    }
    variables
}

fn token_variable(index: usize) -> String {
    format!("GITHUB_TOKEN_{}", index.saturating_add(1))
}

fn catalog(features: &FeatureSettings) -> Option<Value> {
    let mut catalog = Map::new();
    let mut allow = features.allow.clone();
    if features.scaffolder && !allow.is_empty() && !allow.iter().any(|kind| kind == "Template") {
        allow.push("Template".to_owned());
    }
    if !allow.is_empty() {
        catalog.insert("rules".to_owned(), json!([{ "allow": allow }]));
    }
    if !features.locations.is_empty() {
        let location = |url: &crate::settings::values::WebAddress| json!({ "type": "url", "target": url.as_str() });
        catalog.insert("locations".to_owned(), features.locations.iter().map(location).collect());
    }
    if !features.github.is_empty() {
        let providers: Map<String, Value> = features.github.iter().enumerate().map(provider).collect();
        catalog.insert("providers".to_owned(), json!({ "github": providers }));
    }
    (!catalog.is_empty()).then_some(Value::Object(catalog))
}

fn provider((index, github): (usize, &GithubOrganization)) -> (String, Value) {
    let provider = json!({
        "organization": github.organization.as_str(),
        "host": github.host.as_str(),
        "catalogPath": github.catalog_path.as_str(),
        "schedule": { "frequency": { "minutes": 30 }, "timeout": { "minutes": 3 } },
    });
    (format!("organization{}", index.saturating_add(1)), provider)
}

/// One integration a host: the first token of a host counts.
fn integrations(features: &FeatureSettings) -> Option<Value> {
    let mut hosts: Vec<&str> = Vec::new();
    let mut integrations = Vec::new();
    for (index, github) in features.github.iter().enumerate() {
        if github.token.is_none() || hosts.contains(&github.host.as_str()) {
            continue;
        }
        hosts.push(github.host.as_str());
        let mut integration =
            json!({ "host": github.host.as_str(), "token": format!("${{{}}}", token_variable(index)) });
        if let (true, Some(map)) = (github.host.as_str() != "github.com", integration.as_object_mut()) {
            map.insert("apiBaseUrl".to_owned(), json!(format!("https://{}/api/v3", github.host)));
        }
        integrations.push(integration);
    }
    (!integrations.is_empty()).then(|| json!({ "github": integrations }))
}

fn techdocs(settings: &TechdocsSettings) -> Value {
    let builder = match settings.builder {
        TechdocsBuilder::Local => "local",
        TechdocsBuilder::External => "external",
    };
    let bucket = settings.bucket.as_ref().map_or("", |bucket| bucket.as_str());
    let publisher = match settings.publisher {
        TechdocsPublisher::Local => json!({ "type": "local", "local": { "publishDirectory": TECHDOCS_DIRECTORY } }),
        TechdocsPublisher::AwsS3 => match &settings.region {
            Some(region) => json!({ "type": "awsS3", "awsS3": { "bucketName": bucket, "region": region.as_str() } }),
            None => json!({ "type": "awsS3", "awsS3": { "bucketName": bucket } }),
        },
        TechdocsPublisher::GoogleGcs => json!({ "type": "googleGcs", "googleGcs": { "bucketName": bucket } }),
        TechdocsPublisher::AzureBlobStorage => {
            json!({ "type": "azureBlobStorage", "azureBlobStorage": { "containerName": bucket } })
        }
    };
    json!({ "builder": builder, "generator": { "runIn": "local" }, "publisher": publisher })
}

fn auth(features: &FeatureSettings) -> Option<Value> {
    let mut providers = Map::new();
    if features.guest {
        providers.insert("guest".to_owned(), json!({ "dangerouslyAllowOutsideDevelopment": true }));
    }
    let Some(oidc) = &features.oidc else {
        return (!providers.is_empty()).then(|| json!({ "providers": providers }));
    };
    let provider = json!({
        "metadataUrl": oidc.metadata_url.as_str(),
        "clientId": format!("${{{CLIENT_ID}}}"),
        "clientSecret": format!("${{{CLIENT_SECRET}}}"),
        "prompt": "auto",
        "signIn": { "resolvers": [{ "resolver": "emailMatchingUserEntityProfileEmail" }] },
    });
    providers.insert("oidc".to_owned(), json!({ "production": provider }));
    let session = json!({ "secret": format!("${{{SESSION_SECRET}}}") });
    Some(json!({ "environment": "production", "session": session, "providers": providers }))
}

fn kubernetes() -> Value {
    json!({
        "serviceLocatorMethod": { "type": "multiTenant" },
        "clusterLocatorMethods": [{
            "type": "config",
            "clusters": [{
                "name": "this-cluster",
                "url": "https://kubernetes.default.svc",
                "authProvider": "serviceAccount",
                "caFile": "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt",
            }],
        }],
        "objectTypes": OBJECT_TYPES,
    })
}
