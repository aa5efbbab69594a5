//! What keeps the stack running.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::operations::{
    ExternalSecretSection, ExternalSecretsSection, MonitoringSection, RawLayerSection, SecretStoreKind,
};
use crate::settings::checker::{Checker, quoted};
use crate::settings::quantity::TimeSpan;
use crate::settings::rotation::{AUTHORITY_SECRET, CLIENT_SECRET, SERVER_SECRET};
use crate::settings::values::{AbsolutePath, DnsSubdomain, LabelName, LabelValue, ObjectKey, PlainText};

/// Metrics, alerts and the dashboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonitoringSettings {
    /// Whether the Prometheus Operator scrapes.
    pub service_monitor: bool,
    /// Whether there are alert rules.
    pub alerts: bool,
    /// Whether there is a dashboard.
    pub dashboard: bool,
    /// Labels by which these objects are found.
    pub labels: BTreeMap<String, String>,
    /// Port and path of Backstage's metrics.
    pub backstage: Option<(u16, AbsolutePath)>,
}

/// Secrets that the External Secrets Operator brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalSecretsSettings {
    /// The store.
    pub store: DnsSubdomain,
    /// Its kind.
    pub store_kind: SecretStoreKind,
    /// How often they are read.
    pub refresh_interval: TimeSpan,
    /// The Secrets.
    pub secrets: Vec<BroughtSecret>,
}

/// A Secret that is brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BroughtSecret {
    /// Its name.
    pub name: DnsSubdomain,
    /// Its keys: the key here, the key in the store, and the property there.
    pub entries: Vec<(ObjectKey, PlainText, Option<PlainText>)>,
}

/// Partial objects that are merged over the rendered ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RawLayer {
    /// A file or a folder.
    Path(String),
    /// A ConfigMap.
    ConfigMap(DnsSubdomain),
}

pub(super) fn monitoring(checker: &mut Checker, section: &MonitoringSection) -> Option<MonitoringSettings> {
    let labels = section.labels.clone().unwrap_or_default();
    let mut is_whole = true;
    for (name, value) in &labels {
        let path = format!("monitoring.labels.{name}");
        let name: Option<LabelName> = checker.required(&path, name);
        let value: Option<LabelValue> = checker.required(&path, value);
        is_whole &= name.is_some() && value.is_some();
    }
    let backstage = match &section.backstage_metrics {
        Some(given) => {
            let port = checker.port("monitoring.backstageMetrics.port", given.port, 9464);
            let path = checker.given("monitoring.backstageMetrics.path", given.path.as_deref(), "/metrics");
            Some((port?, path?))
        }
        None => None,
    };
    is_whole.then(|| MonitoringSettings {
        service_monitor: section.service_monitor.unwrap_or(false),
        alerts: section.alerts.unwrap_or(false),
        dashboard: section.dashboard.unwrap_or(false),
        labels,
        backstage,
    })
}

pub(super) fn external_secrets(
    checker: &mut Checker,
    section: &ExternalSecretsSection,
) -> Option<ExternalSecretsSettings> {
    let store = checker.required("externalSecrets.store.name", &section.store.name);
    let refresh = checker.given("externalSecrets.refreshInterval", section.refresh_interval.as_deref(), "1h");
    let mut names = BTreeSet::new();
    let mut secrets = Vec::new();
    for (index, given) in section.secrets.iter().enumerate() {
        let path = format!("externalSecrets.secrets[{index}]");
        if !names.insert(given.name.as_str()) {
            checker.add(&format!("{path}.name"), &quoted(&given.name), "each Secret is brought once", "join the two");
        }
        secrets.push(brought(checker, &path, given));
    }
    Some(ExternalSecretsSettings {
        store: store?,
        store_kind: section.store.kind.unwrap_or(SecretStoreKind::SecretStore),
        refresh_interval: refresh?,
        secrets: secrets.into_iter().collect::<Option<_>>()?,
    })
}

fn brought(checker: &mut Checker, path: &str, section: &ExternalSecretSection) -> Option<BroughtSecret> {
    let name: Option<DnsSubdomain> = checker.required(&format!("{path}.name"), &section.name);
    if [SERVER_SECRET, CLIENT_SECRET, AUTHORITY_SECRET].contains(&section.name.as_str()) {
        let limits = "the rotation writes this Secret, and two writers would fight";
        checker.add(&format!("{path}.name"), &quoted(&section.name), limits, "bring an authority under another name");
    }
    if section.data.is_empty() {
        checker.add(&format!("{path}.data"), "an empty list", "a Secret has keys", "name its keys");
    }
    let entries = section.data.iter().enumerate().map(|(index, entry)| {
        let path = format!("{path}.data[{index}]");
        let key = checker.required(&format!("{path}.key"), &entry.key);
        let remote_key = checker.required(&format!("{path}.remoteKey"), &entry.remote_key);
        let property = checker.optional(&format!("{path}.property"), entry.property.as_deref());
        Some((key?, remote_key?, property?))
    });
    let entries: Vec<_> = entries.collect();
    Some(BroughtSecret { name: name?, entries: entries.into_iter().collect::<Option<_>>()? })
}

pub(super) fn raw_layers(checker: &mut Checker, given: &[RawLayerSection]) -> Option<Vec<RawLayer>> {
    let mut layers = Vec::new();
    for (index, section) in given.iter().enumerate() {
        let path = format!("raw[{index}]");
        let keys = [("path", section.path.is_some()), ("configMap", section.config_map.is_some())];
        let is_one = checker.exactly_one(&path, &keys);
        let layer = match (&section.path, &section.config_map) {
            (Some(path), None) => Some(RawLayer::Path(path.clone())),
            (None, Some(name)) => checker.required(&format!("{path}.configMap"), name).map(RawLayer::ConfigMap),
            (_, _) => None,
        };
        layers.push(layer.filter(|_| is_one));
    }
    layers.into_iter().collect()
}
