//! The document as values that cannot be wrong: rendering them cannot fail.
//!
//! | File | Subject |
//! |---|---|
//! | [`values`], [`quantity`] | single values |
//! | [`references`] | objects that the stack refers to and does not render |
//! | [`backstage`], [`app_config`] | Backstage itself, and the layers of its configuration |
//! | [`database`], [`parameters`], [`budget`] | PostgreSQL, its settings, and how many connections |
//! | [`rotation`], [`entry`], [`network`], [`features`], [`operations`] | the other sections |
//! | `checker` | collects every problem |

pub mod app_config;
pub mod backstage;
pub mod budget;
mod checker;
pub mod database;
pub mod entry;
pub mod features;
pub mod network;
pub mod operations;
pub mod parameters;
pub mod quantity;
pub mod references;
pub mod rotation;
pub mod values;

use std::collections::BTreeSet;

use ::rotation::manifests::object::Manifest;

use crate::checksum::Checksum;
use crate::components::rotation as rotation_component;
use crate::defaults::{self, PlatformDefaults};
use crate::document::StackDocument;
use crate::document::operations::{PodSecurityLevel, PodSpread};
use crate::document::stack::KubernetesPlatform;
use crate::layers::raw::PartialObjects;
use crate::problem::Problem;
use crate::settings::app_config::AppConfigLayer;
use crate::settings::backstage::{BackstageSettings, EnvValue};
use crate::settings::checker::Checker;
use crate::settings::database::{DatabaseServer, DatabaseSettings};
use crate::settings::entry::EntrySettings;
use crate::settings::features::FeatureSettings;
use crate::settings::network::{NetworkContext, NetworkSettings};
use crate::settings::operations::{ExternalSecretsSettings, MonitoringSettings, RawLayer};
use crate::settings::references::{ObjectReference, ReferenceKind};
use crate::settings::rotation::RotationSettings;
use crate::settings::values::{DnsLabel, ImageReference};

/// A stack that can be rendered.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The name of the stack.
    pub name: DnsLabel,
    /// The namespace of all objects.
    pub namespace: DnsLabel,
    /// Which Kubernetes it is.
    pub platform: KubernetesPlatform,
    /// Whether it chooses user ids by itself.
    pub assigns_user_ids: bool,
    /// How people reach Backstage.
    pub entry: EntrySettings,
    /// Backstage itself.
    pub backstage: BackstageSettings,
    /// PostgreSQL.
    pub database: DatabaseSettings,
    /// The rotation.
    pub rotation: RotationSettings,
    /// Which connections the network lets through; none is denied where this is absent.
    pub network: Option<NetworkSettings>,
    /// Metrics, alerts and the dashboard.
    pub monitoring: MonitoringSettings,
    /// Parts of Backstage that are switched on.
    pub features: FeatureSettings,
    /// The image of newleaf-deploy, for the check that runs inside of the cluster.
    pub check_image: ImageReference,
    /// Secrets that are brought.
    pub external_secrets: Option<ExternalSecretsSettings>,
    /// Whether drained nodes wait.
    pub disruption_budget: bool,
    /// Over what the pods are spread.
    pub spread: PodSpread,
    /// The level of the namespace.
    pub pod_security: PodSecurityLevel,
    /// Partial objects that are merged over the rendered ones.
    pub raw: Vec<RawLayer>,
    /// What was seen of the referenced objects, if anybody looked.
    pub references_checksum: Option<Checksum>,
    /// What the rotation's own renderer makes of all this.
    pub manifests: Vec<Manifest>,
    /// The partial objects of each raw layer that was read. They were merged once when they were read, so they fit.
    pub partial_objects: Vec<PartialObjects>,
}

impl Settings {
    /// The settings of a document, on its own platform.
    pub fn of(document: &StackDocument) -> Result<Self, Vec<Problem>> {
        let platform = document.platform.unwrap_or(KubernetesPlatform::Kubernetes);
        validate(document, &PlatformDefaults::of(platform))
    }

    /// The same, with what was seen of the objects that [`Self::references`] names: a change of them replaces the pods.
    #[must_use]
    pub fn with_references(self, checksum: Checksum) -> Self {
        Self { references_checksum: Some(checksum), ..self }
    }

    /// The objects that Backstage needs and that neither the stack nor the rotation makes.
    pub fn references(&self) -> BTreeSet<ObjectReference> {
        let backstage = &self.backstage;
        let mut references: BTreeSet<ObjectReference> = backstage.env_from.iter().cloned().collect();
        references.extend(backstage.mounts.iter().map(|mount| mount.object.clone()));
        for layer in &backstage.layers {
            if let AppConfigLayer::Referenced(entry) = layer {
                references.insert(entry.object.clone());
            }
        }
        for variable in &backstage.env {
            if let EnvValue::Referenced(entry) = &variable.value {
                references.insert(entry.object.clone());
            }
        }
        references.extend(self.features.github.iter().filter_map(|it| it.token.as_ref()).map(|it| it.object.clone()));
        if let Some(oidc) = &self.features.oidc {
            let entries = [&oidc.client_id, &oidc.client_secret, &oidc.session_secret];
            references.extend(entries.into_iter().map(|entry| entry.object.clone()));
        }
        if let DatabaseServer::Existing(server) = &self.database.server {
            let bundle = server.trust_bundle.clone();
            references.extend(bundle.map(|name| ObjectReference { kind: ReferenceKind::Secret, name }));
        }
        references
    }
}

/// The settings of a document. Either they are valid, or every problem is named.
pub fn validate(document: &StackDocument, defaults: &PlatformDefaults) -> Result<Settings, Vec<Problem>> {
    let mut checker = Checker::default();
    let settings = checked(&mut checker, document, defaults);
    let mut problems = checker.into_problems();
    match settings {
        Some(settings) if problems.is_empty() => with_manifests(settings).map_err(|problem| vec![problem]),
        Some(_) | None => {
            problems.sort();
            problems.dedup();
            Err(problems)
        }
    }
}

fn with_manifests(settings: Settings) -> Result<Settings, Problem> {
    let manifests = rotation_component::manifests(&settings)?;
    Ok(Settings { manifests, ..settings })
}

fn checked(checker: &mut Checker, document: &StackDocument, defaults: &PlatformDefaults) -> Option<Settings> {
    let platform = document.platform.unwrap_or(KubernetesPlatform::Kubernetes);
    let name = checker.given("name", document.name.as_deref(), defaults::NAME);
    let namespace: Option<DnsLabel> = checker.given("namespace", document.namespace.as_deref(), defaults::NAME);
    refuse_system_namespaces(checker, namespace.as_ref());
    let backstage_section = document.backstage.clone().unwrap_or_default();
    let entry = entry::validate(checker, document, namespace.as_ref(), defaults);
    let backstage = backstage::validate(checker, &backstage_section);
    let database_section = document.database.clone().unwrap_or_default();
    let database = database::validate(checker, &database_section, &backstage_section, namespace.as_ref(), defaults);
    let rotation = rotation::validate(checker, &document.rotation.clone().unwrap_or_default());
    let features = features::validate(checker, &document.features.clone().unwrap_or_default(), defaults);
    let monitoring = operations::monitoring(checker, &document.monitoring.clone().unwrap_or_default());
    let network = network_settings(checker, document, defaults, entry.as_ref(), features.as_ref());
    let check = document.check.clone().unwrap_or_default();
    let check_image = checker.given("check.image", check.image.as_deref(), defaults::CHECK_IMAGE);
    let external_secrets = document.external_secrets.as_ref().map(|given| operations::external_secrets(checker, given));
    let raw = operations::raw_layers(checker, document.raw.as_deref().unwrap_or_default());
    let disruption = document.disruption.clone().unwrap_or_default();
    let pod_security = document.pod_security.clone().unwrap_or_default();
    Some(Settings {
        name: name?,
        namespace: namespace?,
        platform,
        assigns_user_ids: defaults.assigns_user_ids,
        entry: entry?,
        backstage: backstage?,
        database: database?,
        rotation: rotation?,
        network: network?,
        monitoring: monitoring?,
        features: features?,
        check_image: check_image?,
        external_secrets: match external_secrets {
            Some(external) => Some(external?),
            None => None,
        },
        disruption_budget: disruption.budget.unwrap_or(true),
        spread: disruption.spread.unwrap_or(PodSpread::Zone),
        pod_security: pod_security.level.unwrap_or(PodSecurityLevel::Restricted),
        raw: raw?,
        references_checksum: None,
        manifests: Vec::new(),
        partial_objects: Vec::new(),
    })
}

#[expect(clippy::option_option, reason = "policies that are wrong are not policies that are switched off")]
fn network_settings(
    checker: &mut Checker,
    document: &StackDocument,
    defaults: &PlatformDefaults,
    entry: Option<&EntrySettings>,
    features: Option<&FeatureSettings>,
) -> Option<Option<NetworkSettings>> {
    let section = document.network_policies.clone().unwrap_or_default();
    if section.enabled == Some(false) {
        return Some(None);
    }
    let context = NetworkContext {
        platform: document.platform.unwrap_or(KubernetesPlatform::Kubernetes),
        defaults,
        entry: entry.map(|entry| &entry.kind),
        prometheus: document.monitoring.as_ref().and_then(|monitoring| monitoring.prometheus.as_ref()),
        is_scraped: document.monitoring.as_ref().and_then(|monitoring| monitoring.service_monitor) == Some(true),
        needs_internet: features.is_some_and(FeatureSettings::needs_internet),
    };
    network::validate(checker, &section, &context).map(Some)
}

/// The cluster itself lives there: labels and default denial would break it.
fn refuse_system_namespaces(checker: &mut Checker, namespace: Option<&DnsLabel>) {
    let Some(name) = namespace.map(DnsLabel::as_str) else { return };
    if name == "default" || name.starts_with("kube-") || name.starts_with("openshift-") || name == "openshift" {
        let limits = "the stack has a namespace of its own, which it labels";
        checker.add("namespace", &checker::quoted(name), limits, "choose another name");
    }
}
