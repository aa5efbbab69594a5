//! The values that the chart offers: paths of the document, and which values are tried to find out what follows from them.
//! Everything else of the document is fixed when it is exported.

/// A text that stands in the objects as it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FreeText {
    /// What is rendered in its place; `@` is a text that occurs nowhere else.
    pub(super) stand_in: &'static str,
    /// What the schema of the chart admits, as a regular expression.
    pub(super) pattern: &'static str,
    /// The longest one.
    pub(super) longest: u32,
    /// Whether people may write a number, too.
    pub(super) is_number: bool,
}

/// An item of a list: the key by which its form is known, and the item with `@FIELD` for each text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ItemForm {
    /// Empty for an item that is a text itself.
    pub(super) key: &'static str,
    /// As JSON.
    pub(super) item: &'static str,
}

/// What is tried for a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueForm {
    /// A text with a default.
    Text(FreeText),
    /// A text that something depends on: whether it is given, or whether it is one of these words.
    Given {
        /// Words with a meaning of their own.
        words: &'static [&'static str],
        /// Any other text.
        text: FreeText,
    },
    /// One of these words, as JSON. Left out, the first holds; an empty first one means that something else decides.
    Words(&'static [&'static str]),
    /// A list of such items.
    Items(&'static [ItemForm]),
}

/// A value that the chart offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OfferedValue {
    /// Where it stands in the document.
    pub(super) path: &'static str,
    /// What is tried.
    pub(super) form: ValueForm,
}

const fn text(stand_in: &'static str, pattern: &'static str, longest: u32) -> FreeText {
    FreeText { stand_in, pattern, longest, is_number: false }
}
const fn given(text: FreeText) -> ValueForm {
    ValueForm::Given { words: &[], text }
}

/// A name of an object (RFC 1123, subdomain).
pub(super) const NAME: &str = "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$";
const LABEL: &str = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";
const IMAGE: FreeText = text("@:1", "^[a-z0-9][-a-zA-Z0-9._/:]*(:[A-Za-z0-9._-]+|@sha256:[a-f0-9]{64})$", 255);
/// What YAML takes for a text without quotes: Backstage's configuration is YAML inside of YAML.
const TITLE: FreeText = text("@", "^[A-Za-z][A-Za-z0-9 _./()+-]{2,}[A-Za-z0-9)]$", 60);
const CPU: &str = "^([1-9][0-9]*m?|[0-9]+\\.[0-9]{1,3})$";
const BYTES: &str = "^[1-9][0-9]*([KMGT]i|[kMGT])$";

const fn cpu(stand_in: &'static str) -> ValueForm {
    ValueForm::Text(FreeText { stand_in, pattern: CPU, longest: 10, is_number: true })
}
const fn bytes(stand_in: &'static str) -> ValueForm {
    ValueForm::Text(text(stand_in, BYTES, 10))
}
const fn offer(path: &'static str, form: ValueForm) -> OfferedValue {
    OfferedValue { path, form }
}

const ON: ValueForm = ValueForm::Words(&["true", "false"]);
const OFF: ValueForm = ValueForm::Words(&["false", "true"]);

const REFERENCE_FORMS: &[ItemForm] = &[
    ItemForm { key: "configMap", item: r#"{"configMap":"@configMap"}"# },
    ItemForm { key: "secret", item: r#"{"secret":"@secret"}"# },
];
const FILE_FORMS: &[ItemForm] = &[
    ItemForm { key: "configMap", item: r#"{"path":"/@path","configMap":"@configMap"}"# },
    ItemForm { key: "secret", item: r#"{"path":"/@path","secret":"@secret"}"# },
];
const ENV_FORMS: &[ItemForm] = &[
    ItemForm { key: "value", item: r#"{"name":"@name","value":"@value"}"# },
    ItemForm {
        key: "configMap",
        item: r#"{"name":"@name","configMap":{"name":"@configMap.name","key":"@configMap.key"}}"#,
    },
    ItemForm { key: "secret", item: r#"{"name":"@name","secret":{"name":"@secret.name","key":"@secret.key"}}"# },
];
const LAYER_FORMS: &[ItemForm] = &[
    ItemForm { key: "configMap", item: r#"{"configMap":{"name":"@configMap.name","key":"@configMap.key"}}"# },
    ItemForm { key: "secret", item: r#"{"secret":{"name":"@secret.name","key":"@secret.key"}}"# },
    ItemForm { key: "inline", item: r#"{"inline":{"@inline":"@inline"}}"# },
];

/// Every value that a chart may offer, in the order of the document.
pub(super) const OFFERS: &[OfferedValue] = &[
    offer("platform", ValueForm::Words(&["kubernetes", "openshift", "kind", "k3d", "minikube", "microk8s"])),
    offer("host", given(text("@", NAME, 253))),
    offer("backstage.image", ValueForm::Text(IMAGE)),
    offer("backstage.imagePullSecrets", ValueForm::Items(&[ItemForm { key: "", item: "\"@\"" }])),
    offer("backstage.replicas", ValueForm::Words(&["1", "2", "3", "4", "5", "6", "8", "10"])),
    offer("backstage.title", ValueForm::Text(TITLE)),
    offer("backstage.organization", ValueForm::Text(TITLE)),
    offer("backstage.appConfig", ValueForm::Items(LAYER_FORMS)),
    offer("backstage.env", ValueForm::Items(ENV_FORMS)),
    offer("backstage.envFrom", ValueForm::Items(REFERENCE_FORMS)),
    offer("backstage.files", ValueForm::Items(FILE_FORMS)),
    offer("backstage.resources.requests.cpu", cpu("171m")),
    offer("backstage.resources.requests.memory", bytes("172Mi")),
    offer("backstage.resources.limits.cpu", cpu("7773m")),
    offer("backstage.resources.limits.memory", bytes("7774Mi")),
    offer("backstage.waitForDatabase", ON),
    offer("backstage.profile", ValueForm::Words(&["superuser", "leastPrivilege"])),
    offer("database.version", ValueForm::Words(&["17", "14", "15", "16", "18"])),
    offer("database.image", given(IMAGE)),
    offer("database.memory", ValueForm::Words(&["512Mi", "1Gi", "2Gi", "4Gi", "8Gi", "16Gi"])),
    offer("database.cpu", cpu("1775m")),
    offer("database.storage.size", bytes("7776Gi")),
    offer("database.storage.class", given(text("@", NAME, 253))),
    offer("rotation.image", ValueForm::Text(IMAGE)),
    offer("rotation.schedule", ValueForm::Text(text("7 7 7 7 7", "^[0-9*/,-]+( [0-9*/,-]+){4}$", 100))),
    offer("rotation.leaf.lifetime", ValueForm::Words(&["45d", "14d", "30d", "90d"])),
    offer("rotation.leaf.rotateAfter", ValueForm::Words(&["30d", "10d", "20d", "60d"])),
    offer("rotation.pickup", ValueForm::Words(&["reload", "restart"])),
    offer("rotation.nudge", OFF),
    offer("rotation.admissionPolicies", ON),
    offer("ingress.kind", ValueForm::Words(&["", "none", "ingress", "route", "httpRoute"])),
    offer(
        "ingress.className",
        ValueForm::Given { words: &["nginx", "traefik", "haproxy", "bunkerweb", "public"], text: text("@", NAME, 253) },
    ),
    offer("ingress.tls.enabled", ON),
    offer("ingress.tls.secret", given(text("@", NAME, 253))),
    offer("ingress.tls.clusterIssuer", given(text("@", NAME, 253))),
    offer("ingress.gateway.name", given(text("@", NAME, 253))),
    offer("ingress.gateway.namespace", given(text("@", LABEL, 63))),
    offer("networkPolicies.enabled", ON),
    offer("monitoring.serviceMonitor", OFF),
    offer("monitoring.alerts", OFF),
    offer("monitoring.dashboard", OFF),
    offer("features.search", OFF),
    offer("features.scaffolder", OFF),
    offer("features.permissions", OFF),
    offer("features.kubernetes", OFF),
    offer("check.image", ValueForm::Text(IMAGE)),
    offer("disruption.budget", ON),
    offer("disruption.spread", ValueForm::Words(&["zone", "node", "none"])),
];
