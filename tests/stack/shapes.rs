//! What the objects of a stack look like, with few values for each field, so that random ones meet.

/// What a field holds.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    Text(&'static [&'static str]),
    Number(&'static [i64]),
    Flag,
    /// A map of texts.
    Labels,
    Map(Vec<(&'static str, Self)>),
    /// A list of maps that this key tells apart.
    Keyed(&'static str, Vec<(&'static str, Self)>),
    /// A list of texts that are merged.
    Set(&'static [&'static str]),
    /// A list that is replaced.
    Whole(Box<Self>),
}

use Shape::{Flag, Keyed, Labels, Map, Number, Set, Text, Whole};

const NAMES: &[&str] = &["a", "b", "c", "d", "e"];
const WORDS: &[&str] = &["one", "two", "three"];
const PORTS: &[i64] = &[80, 443, 5432, 7007];
const COUNTS: &[i64] = &[0, 1, 2, 3];
const PATHS: &[&str] = &["/a", "/b", "/c", "/d"];

/// A kind, and the fields of its objects beside apiVersion and kind.
pub(crate) struct Sample {
    pub(crate) api_version: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) fields: Vec<(&'static str, Shape)>,
}

/// The kinds that a stack renders, and one that Kubernetes' own types do not have.
pub(crate) fn samples() -> Vec<Sample> {
    let mut samples = workloads();
    samples.extend(others());
    samples
}

fn workloads() -> Vec<Sample> {
    let labels = || ("selector", Map(vec![("matchLabels", Labels)]));
    let deployment = vec![
        ("replicas", Number(COUNTS)),
        labels(),
        ("strategy", Map(vec![("type", Text(WORDS)), ("rollingUpdate", Map(vec![("maxSurge", Number(COUNTS))]))])),
        template(),
    ];
    let stateful_set = vec![
        labels(),
        ("serviceName", Text(NAMES)),
        ("volumeClaimTemplates", Whole(Box::new(Map(vec![metadata(), ("spec", claim())])))),
        template(),
    ];
    let job = || vec![("backoffLimit", Number(COUNTS)), ("podFailurePolicy", failure_policy()), template()];
    let cron_job = vec![("schedule", Text(WORDS)), ("jobTemplate", Map(vec![metadata(), ("spec", Map(job()))]))];
    vec![
        with_spec("apps/v1", "Deployment", deployment),
        with_spec("apps/v1", "StatefulSet", stateful_set),
        with_spec("apps/v1", "DaemonSet", vec![labels(), ("minReadySeconds", Number(COUNTS)), template()]),
        with_spec("batch/v1", "Job", job()),
        with_spec("batch/v1", "CronJob", cron_job),
        Sample { api_version: "v1", kind: "Pod", fields: vec![metadata(), ("spec", pod())] },
    ]
}

fn others() -> Vec<Sample> {
    let data = |kind| Sample { api_version: "v1", kind, fields: vec![metadata(), ("data", Labels)] };
    let reference = || Map(vec![("kind", Text(WORDS)), ("name", Text(NAMES))]);
    let rbac = "rbac.authorization.k8s.io/v1";
    let role = |kind| Sample { api_version: rbac, kind, fields: vec![metadata(), ("rules", Whole(Box::new(rule())))] };
    let binding = |kind| Sample {
        api_version: rbac,
        kind,
        fields: vec![metadata(), ("roleRef", reference()), ("subjects", Whole(Box::new(reference())))],
    };
    let account = vec![
        metadata(),
        ("secrets", Keyed("name", vec![("name", Text(NAMES))])),
        ("imagePullSecrets", Keyed("name", vec![("name", Text(NAMES))])),
        ("automountServiceAccountToken", Flag),
    ];
    vec![
        data("ConfigMap"),
        data("Secret"),
        role("Role"),
        role("ClusterRole"),
        binding("RoleBinding"),
        binding("ClusterRoleBinding"),
        Sample { api_version: "v1", kind: "ServiceAccount", fields: account },
        with_spec("v1", "Service", service()),
        Sample { api_version: "v1", kind: "PersistentVolumeClaim", fields: vec![metadata(), ("spec", claim())] },
        with_spec("networking.k8s.io/v1", "Ingress", ingress()),
        with_spec("networking.k8s.io/v1", "NetworkPolicy", network_policy()),
        with_spec("policy/v1", "PodDisruptionBudget", budget()),
        with_spec("autoscaling/v2", "HorizontalPodAutoscaler", autoscaler()),
        with_spec("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", admission()),
        with_spec("monitoring.coreos.com/v1", "ServiceMonitor", service()),
    ]
}

fn with_spec(api_version: &'static str, kind: &'static str, spec: Vec<(&'static str, Shape)>) -> Sample {
    Sample { api_version, kind, fields: vec![metadata(), ("spec", Map(spec))] }
}

fn metadata() -> (&'static str, Shape) {
    let owner = vec![("uid", Text(NAMES)), ("name", Text(NAMES)), ("controller", Flag)];
    let fields = vec![
        ("labels", Labels),
        ("annotations", Labels),
        ("finalizers", Set(NAMES)),
        ("ownerReferences", Keyed("uid", owner)),
    ];
    ("metadata", Map(fields))
}

fn template() -> (&'static str, Shape) {
    ("template", Map(vec![metadata(), ("spec", pod())]))
}

fn pod() -> Shape {
    let key_ref = Map(vec![("name", Text(NAMES)), ("optional", Flag)]);
    let volume = vec![
        ("name", Text(NAMES)),
        ("emptyDir", Map(vec![("medium", Text(WORDS))])),
        ("configMap", key_ref),
        ("secret", Map(vec![("secretName", Text(NAMES)), ("defaultMode", Number(COUNTS))])),
    ];
    let toleration = Map(vec![("key", Text(NAMES)), ("effect", Text(WORDS)), ("operator", Text(WORDS))]);
    let spread = vec![("topologyKey", Text(NAMES)), ("maxSkew", Number(COUNTS))];
    Map(vec![
        ("containers", Keyed("name", container())),
        ("initContainers", Keyed("name", container())),
        ("volumes", Keyed("name", volume)),
        ("imagePullSecrets", Keyed("name", vec![("name", Text(NAMES))])),
        ("hostAliases", Keyed("ip", vec![("ip", Text(NAMES)), ("hostnames", Whole(Box::new(Text(NAMES))))])),
        ("topologySpreadConstraints", Keyed("topologyKey", spread)),
        ("tolerations", Whole(Box::new(toleration))),
        ("nodeSelector", Labels),
        ("serviceAccountName", Text(NAMES)),
        ("securityContext", security_context()),
    ])
}

fn container() -> Vec<(&'static str, Shape)> {
    let value_from = Map(vec![("secretKeyRef", Map(vec![("name", Text(NAMES)), ("key", Text(WORDS))]))]);
    vec![
        ("name", Text(NAMES)),
        ("image", Text(WORDS)),
        ("args", Whole(Box::new(Text(WORDS)))),
        ("env", Keyed("name", vec![("name", Text(NAMES)), ("value", Text(WORDS)), ("valueFrom", value_from)])),
        ("ports", Keyed("containerPort", vec![("containerPort", Number(PORTS)), ("name", Text(NAMES))])),
        (
            "volumeMounts",
            Keyed("mountPath", vec![("mountPath", Text(PATHS)), ("name", Text(NAMES)), ("readOnly", Flag)]),
        ),
        ("resources", Map(vec![("limits", Labels), ("requests", Labels)])),
        ("readinessProbe", Map(vec![("periodSeconds", Number(COUNTS)), ("httpGet", Map(vec![("path", Text(PATHS))]))])),
        ("securityContext", security_context()),
    ]
}

fn security_context() -> Shape {
    Map(vec![
        ("runAsNonRoot", Flag),
        ("runAsUser", Number(PORTS)),
        ("seccompProfile", Map(vec![("type", Text(WORDS))])),
    ])
}

fn failure_policy() -> Shape {
    let codes = Map(vec![("operator", Text(WORDS)), ("values", Whole(Box::new(Number(COUNTS))))]);
    let rule = Map(vec![("action", Text(WORDS)), ("onExitCodes", codes)]);
    Map(vec![("rules", Whole(Box::new(rule)))])
}

fn service() -> Vec<(&'static str, Shape)> {
    let port =
        vec![("port", Number(PORTS)), ("name", Text(NAMES)), ("targetPort", Number(PORTS)), ("protocol", Text(WORDS))];
    vec![
        ("type", Text(WORDS)),
        ("selector", Labels),
        ("ports", Keyed("port", port)),
        ("clusterIPs", Whole(Box::new(Text(NAMES)))),
    ]
}

fn claim() -> Shape {
    let resources = Map(vec![("requests", Labels)]);
    Map(vec![
        ("accessModes", Whole(Box::new(Text(WORDS)))),
        ("storageClassName", Text(NAMES)),
        ("resources", resources),
    ])
}

fn rule() -> Shape {
    Map(vec![("verbs", Whole(Box::new(Text(WORDS)))), ("resources", Whole(Box::new(Text(NAMES))))])
}

fn ingress() -> Vec<(&'static str, Shape)> {
    let path = Map(vec![("path", Text(PATHS)), ("pathType", Text(WORDS))]);
    let rule = Map(vec![("host", Text(NAMES)), ("http", Map(vec![("paths", Whole(Box::new(path)))]))]);
    let tls = Map(vec![("secretName", Text(NAMES)), ("hosts", Whole(Box::new(Text(NAMES))))]);
    vec![("ingressClassName", Text(NAMES)), ("rules", Whole(Box::new(rule))), ("tls", Whole(Box::new(tls)))]
}

fn network_policy() -> Vec<(&'static str, Shape)> {
    let peer = Map(vec![("podSelector", Map(vec![("matchLabels", Labels)]))]);
    let port = Map(vec![("port", Number(PORTS)), ("protocol", Text(WORDS))]);
    let edge = Map(vec![("from", Whole(Box::new(peer))), ("ports", Whole(Box::new(port)))]);
    vec![
        ("podSelector", Map(vec![("matchLabels", Labels)])),
        ("policyTypes", Whole(Box::new(Text(WORDS)))),
        ("ingress", Whole(Box::new(edge))),
    ]
}

fn budget() -> Vec<(&'static str, Shape)> {
    vec![("minAvailable", Number(COUNTS)), ("selector", Map(vec![("matchLabels", Labels)]))]
}

fn autoscaler() -> Vec<(&'static str, Shape)> {
    let metric = Map(vec![("type", Text(WORDS)), ("resource", Map(vec![("name", Text(NAMES))]))]);
    let target = Map(vec![("kind", Text(WORDS)), ("name", Text(NAMES))]);
    vec![("minReplicas", Number(COUNTS)), ("scaleTargetRef", target), ("metrics", Whole(Box::new(metric)))]
}

fn admission() -> Vec<(&'static str, Shape)> {
    let condition = vec![("name", Text(NAMES)), ("expression", Text(WORDS))];
    vec![
        ("failurePolicy", Text(WORDS)),
        ("matchConditions", Keyed("name", condition.clone())),
        ("variables", Keyed("name", condition)),
        ("validations", Whole(Box::new(Map(vec![("expression", Text(WORDS)), ("message", Text(WORDS))])))),
    ]
}
