//! What other installers write, and what becomes of it.

use serde_json::{Value, json};

use super::{Imported, chart, operator};
use crate::document;
use crate::settings::Settings;

fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).expect("YAML")
}

fn places(imported: &Imported) -> Vec<&str> {
    imported.left.iter().map(|left| left.place.as_str()).collect()
}

fn assert_valid(imported: &Imported) {
    let document = document::read(&imported.document).unwrap_or_else(|problems| panic!("{problems:?}"));
    Settings::of(&document).unwrap_or_else(|problems| panic!("{problems:?}\n{}", imported.document));
}

const VALUES: &str = "
ingress: {enabled: true, className: nginx, host: portal.example.org, tls: {enabled: true, secretName: portal-tls}}
backstage:
  replicas: 2
  image: {registry: registry.example.org, repository: portal, tag: '1.2.3', pullPolicy: Always, pullSecrets: [pull]}
  command: [node, packages/backend]
  args: [--config, app-config.yaml, --config, app-config.production.yaml]
  extraAppConfig: [{filename: more.yaml, configMapRef: portal-config}]
  extraEnvVars:
  - {name: LOG_LEVEL, value: debug}
  - {name: GITHUB_TOKEN, valueFrom: {secretKeyRef: {name: github, key: token}}}
  - {name: POSTGRES_PASSWORD, value: planted}
  - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
  extraEnvVarsSecrets: [all-secrets]
  resources: {requests: {cpu: 100m, memory: 512Mi}, limits: {memory: 1Gi, ephemeral-storage: 1Gi}}
  nodeSelector: {disk: fast}
  podAnnotations: {team: portal}
  extraVolumes: [{name: keys, secret: {secretName: keys}}]
  extraVolumeMounts: [{name: keys, mountPath: /keys}, {name: keys, mountPath: /a, subPath: b}]
  appConfig:
    app: {title: Portal}
    backend: {database: {client: pg, connection: {password: planted}}}
    integrations: {github: [{host: github.com, token: planted}]}
  readinessProbe: {initialDelaySeconds: 5}
postgresql: {enabled: true, auth: {password: planted}, primary: {persistence: {size: 20Gi}}}
metrics: {serviceMonitor: {enabled: true}}
serviceAccount: {create: false}
extraDeploy: [{apiVersion: v1, kind: ConfigMap, metadata: {name: extra}}]
unheard: {of: 1}
";

#[test]
fn values_of_the_chart_become_a_valid_document_and_a_raw_layer() {
    let imported = chart::import(&yaml(VALUES));
    assert_valid(&imported);
    let document = &imported.document;
    assert_eq!(document["host"], "portal.example.org");
    assert_eq!(
        document["ingress"],
        json!({"kind": "ingress", "className": "nginx", "tls": {"enabled": true, "secret": "portal-tls"}})
    );
    assert_eq!(document["backstage"]["image"], "registry.example.org/portal:1.2.3");
    assert_eq!(document["backstage"]["imageConfig"], json!(["app-config.yaml", "app-config.production.yaml"]));
    assert_eq!(document["backstage"]["imagePullSecrets"], json!(["pull"]));
    assert_eq!(document["backstage"]["files"], json!([{"path": "/keys", "secret": "keys"}]));
    assert_eq!(document["database"], json!({"storage": {"size": "20Gi"}}));
    assert_eq!(
        document["backstage"]["env"][1],
        json!({"name": "GITHUB_TOKEN", "secret": {"name": "github", "key": "token"}})
    );
    assert_eq!(imported.raw[0]["spec"]["template"]["spec"]["nodeSelector"], json!({"disk": "fast"}));
    assert_eq!(imported.raw[0]["spec"]["template"]["metadata"]["annotations"], json!({"team": "portal"}));
    assert_eq!(imported.raw[1]["kind"], "ConfigMap");
}

#[test]
fn what_has_no_equivalent_is_listed_with_its_reason_and_no_secret_comes_along() {
    let imported = chart::import(&yaml(VALUES));
    let places = places(&imported);
    for place in [
        "backstage.appConfig.backend.database",
        "backstage.appConfig.integrations.github[0].token",
        "backstage.extraEnvVars[2]",
        "backstage.extraEnvVars[3]",
        "backstage.extraVolumeMounts[1]",
        "backstage.image.pullPolicy",
        "backstage.readinessProbe.initialDelaySeconds",
        "backstage.resources",
        "postgresql.auth.password",
        "unheard.of",
    ] {
        assert!(places.contains(&place), "{place} is not among {places:?}");
    }
    assert!(imported.left.iter().all(|left| !left.reason.is_empty()));
    assert!(!format!("{imported:?}").contains("planted"), "{imported:?}");
}

#[test]
fn the_defaults_of_the_chart_leave_nothing_but_what_differs() {
    let imported =
        chart::import(&yaml("backstage: {image: {tag: latest}}\nservice: {type: ClusterIP}\nextraDeploy: []\n"));
    assert_eq!(places(&imported), ["backstage.image", "service.type"]);
    assert_valid(&chart::import(&json!({})));
}

#[test]
fn the_files_of_the_operator_become_a_valid_document() {
    let file = |name: &str, text: &str| (name.to_owned(), vec![yaml(text)]);
    let files = [
        file(
            "deployment.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: backstage}\nspec:\n  replicas: 2\n  selector: {matchLabels: {app: backstage}}\n  \
             template:\n    metadata: {labels: {app: backstage}}\n    spec:\n      nodeSelector: {a: b}\n      containers:\n      - name: backstage-backend\n        \
             image: ghcr.io/backstage/backstage:1.38.1\n        command: [node, packages/backend, --no-node-snapshot]\n        \
             args: [--config, app-config.yaml]\n        env: [{name: A, value: b}]\n        ports: [{containerPort: 7007}]\n        stdin: true\n",
        ),
        file(
            "db-statefulset.yaml",
            "apiVersion: apps/v1\nkind: StatefulSet\nspec:\n  template:\n    spec:\n      containers:\n      - {name: postgresql, image: 'quay.io/fedora/postgresql-16:latest', \
             resources: {requests: {cpu: 250m}, limits: {memory: 1024Mi}}}\n  volumeClaimTemplates:\n  - spec: {resources: {requests: {storage: 2Gi}}}\n",
        ),
        file(
            "app-config.yaml",
            "apiVersion: v1\nkind: ConfigMap\ndata:\n  default.app-config.yaml: |\n    app: {title: T}\n    backend: {auth: {externalAccess: [{options: {secret: planted}}]}}\n",
        ),
        file("db-secret.yaml", "apiVersion: v1\nkind: Secret\nstringData: {a: planted}\n"),
        file("route.yaml", "apiVersion: route.openshift.io/v1\nkind: Route\nspec: {host: portal.example.org}\n"),
        file("mine.yaml", "apiVersion: v1\nkind: Service\n"),
    ];
    let imported = operator::import(&files);
    assert_valid(&imported);
    let document = &imported.document;
    assert_eq!(document["backstage"]["command"], json!(["node", "packages/backend", "--no-node-snapshot"]));
    assert_eq!(document["backstage"]["imageConfig"], json!(["app-config.yaml"]));
    assert_eq!(document["database"], json!({"storage": {"size": "2Gi"}, "memory": "1024Mi", "cpu": "250m"}));
    assert_eq!(
        (document["platform"].as_str(), document["host"].as_str()),
        (Some("openshift"), Some("portal.example.org"))
    );
    assert_eq!(document["backstage"]["appConfig"][0]["inline"]["app"], json!({"title": "T"}));
    assert_eq!(imported.raw[0]["spec"]["template"]["spec"]["nodeSelector"], json!({"a": "b"}));
    let places = places(&imported);
    for place in
        ["db-secret.yaml", "mine.yaml", "deployment.yaml: spec.selector", "deployment.yaml: backstage-backend: stdin"]
    {
        assert!(places.contains(&place), "{place} is not among {places:?}");
    }
    assert!(!format!("{imported:?}").contains("planted"), "{imported:?}");
}
