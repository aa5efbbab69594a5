//! Backstage itself.

use std::collections::BTreeSet;

use crate::defaults;
use crate::document::backstage::{
    BackstageSection, EnvSection, MountSection, PluginFailure, QuantitiesSection, ResourcesSection,
};
use crate::settings::app_config::{self, AppConfigLayer, is_secret_name};
use crate::settings::checker::{Checker, quoted};
use crate::settings::database::NAMESPACE_VARIABLE;
use crate::settings::quantity::{ByteQuantity, CpuQuantity};
use crate::settings::references::{EntryReference, ObjectReference, ReferenceKind, entry, object};
use crate::settings::values::{AbsolutePath, DnsSubdomain, ImageReference, PlainText, VariableName};

/// The longest time that a pod may go on serving.
const DRAIN_MOST: u32 = 600;
/// Where the stack mounts its own files, and nothing else is mounted.
const OWN_DIRECTORIES: [&str; 6] = ["/etc/newleaf", "/etc/backstage", "/etc/database", "/tmp", "/proc", "/sys"];

/// Backstage itself.
#[derive(Debug, Clone, PartialEq)]
pub struct BackstageSettings {
    /// The image.
    pub image: ImageReference,
    /// Secrets with the credentials of the registry.
    pub image_pull_secrets: Vec<DnsSubdomain>,
    /// The program and its first arguments.
    pub command: Vec<String>,
    /// How many pods.
    pub replicas: u32,
    /// The title of the portal.
    pub title: PlainText,
    /// The organization.
    pub organization: PlainText,
    /// app-config files of the image.
    pub image_config: Vec<String>,
    /// Layers over the generated one.
    pub layers: Vec<AppConfigLayer>,
    /// Environment variables.
    pub env: Vec<EnvVariable>,
    /// Objects all of whose keys become variables.
    pub env_from: Vec<ObjectReference>,
    /// Objects that are mounted.
    pub mounts: Vec<MountedObject>,
    /// What a pod may use.
    pub resources: PodResources,
    /// Whether it starts only when the database accepts connections.
    pub wait_for_database: bool,
    /// How long a start may take.
    pub startup_seconds: u32,
    /// How long an ending pod goes on serving.
    pub drain_seconds: u32,
    /// What happens when a plugin fails to start.
    pub on_plugin_failure: PluginFailure,
}

/// An environment variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvVariable {
    /// Its name.
    pub name: VariableName,
    /// Where its value is.
    pub value: EnvValue,
}

/// Where the value of a variable is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnvValue {
    /// Here.
    Literal(String),
    /// In another object.
    Referenced(EntryReference),
}

/// An object that is mounted as a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MountedObject {
    /// The directory.
    pub path: AbsolutePath,
    /// The object.
    pub object: ObjectReference,
}

/// What a pod may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodResources {
    /// Reserved processor time.
    pub cpu_request: CpuQuantity,
    /// The most processor time.
    pub cpu_limit: CpuQuantity,
    /// Reserved memory.
    pub memory_request: ByteQuantity,
    /// The most memory.
    pub memory_limit: ByteQuantity,
}

pub(super) fn validate(checker: &mut Checker, section: &BackstageSection) -> Option<BackstageSettings> {
    let text = |value: &Option<String>| value.clone();
    let image = checker.given("backstage.image", text(&section.image).as_deref(), defaults::BACKSTAGE_IMAGE);
    let image_pull_secrets = checker.list("backstage.imagePullSecrets", section.image_pull_secrets.as_deref());
    let command = words(checker, "backstage.command", section.command.as_deref(), &defaults::BACKSTAGE_COMMAND);
    let image_config = words(checker, "backstage.imageConfig", section.image_config.as_deref(), &[]);
    let replicas = checker.number("backstage.replicas", section.replicas, 1, 1..=100);
    let title = checker.given("backstage.title", section.title.as_deref(), "Backstage");
    let organization = checker.given("backstage.organization", section.organization.as_deref(), "My organization");
    let layers = app_config::layers(checker, section.app_config.as_deref().unwrap_or_default());
    let env = variables(checker, section.env.as_deref().unwrap_or_default());
    let env_from = section.env_from.as_deref().unwrap_or_default().iter().enumerate().map(|(index, from)| {
        object(checker, &format!("backstage.envFrom[{index}]"), from.config_map.as_deref(), from.secret.as_deref())
    });
    let env_from: Vec<Option<ObjectReference>> = env_from.collect();
    let mounts = mounts(checker, section.files.as_deref().unwrap_or_default());
    let resources = resources(checker, section.resources.clone().unwrap_or_default());
    let startup_seconds = checker.number("backstage.startupSeconds", section.startup_seconds, 300, 30..=3_600);
    let drain_seconds = checker.number("backstage.drainSeconds", section.drain_seconds, 15, 0..=DRAIN_MOST);
    Some(BackstageSettings {
        image: image?,
        image_pull_secrets: image_pull_secrets?,
        command: command?,
        replicas: replicas?,
        title: title?,
        organization: organization?,
        image_config: image_config?,
        layers: layers?,
        env: env?,
        env_from: env_from.into_iter().collect::<Option<_>>()?,
        mounts: mounts?,
        resources: resources?,
        wait_for_database: section.wait_for_database.unwrap_or(true),
        startup_seconds: startup_seconds?,
        drain_seconds: drain_seconds?,
        on_plugin_failure: section.on_plugin_failure.unwrap_or(PluginFailure::Abort),
    })
}

/// A command, or names of files: not empty, one line each.
fn words(checker: &mut Checker, path: &str, given: Option<&[String]>, or: &[&str]) -> Option<Vec<String>> {
    let Some(given) = given else { return Some(or.iter().map(|word| (*word).to_owned()).collect()) };
    let is_wrong = |word: &String| word.is_empty() || word.chars().any(char::is_control);
    if let Some(index) = given.iter().position(is_wrong) {
        let limits = "a word of a command is not empty and has one line";
        checker.add(&format!("{path}[{index}]"), "no such word", limits, "write one word an entry");
        return None;
    }
    if given.is_empty() && !or.is_empty() {
        checker.add(path, "an empty list", "a program is needed", "leave it out, or name the program");
        return None;
    }
    Some(given.to_vec())
}

fn variables(checker: &mut Checker, given: &[EnvSection]) -> Option<Vec<EnvVariable>> {
    let mut names = BTreeSet::new();
    let mut variables = Vec::new();
    for (index, section) in given.iter().enumerate() {
        let path = format!("backstage.env[{index}]");
        if section.name == NAMESPACE_VARIABLE {
            let limits = "the stack sets it itself, for the address of PostgreSQL";
            checker.add(&format!("{path}.name"), &quoted(&section.name), limits, "choose another name");
        }
        if !names.insert(section.name.as_str()) {
            let limits = "each variable is set once";
            checker.add(&format!("{path}.name"), &quoted(&section.name), limits, "remove one of the two");
        }
        variables.push(variable(checker, &path, section));
    }
    variables.into_iter().collect()
}

fn variable(checker: &mut Checker, path: &str, section: &EnvSection) -> Option<EnvVariable> {
    let EnvSection { name, value, config_map, secret } = section;
    let keys = [("value", value.is_some()), ("configMap", config_map.is_some()), ("secret", secret.is_some())];
    let valid_name = checker.required(&format!("{path}.name"), name);
    if !checker.exactly_one(path, &keys) {
        return None;
    }
    let value = match (value, config_map, secret) {
        (Some(text), _, _) => {
            if is_secret_name(name) {
                let limits = "everybody who may read the Deployment reads this value";
                let way_out = "keep it in a Secret and write `secret: {name: ..., key: ...}`";
                checker.add(&format!("{path}.value"), "a secret in plain words", limits, way_out);
                return None;
            }
            if text.text().contains('\0') {
                checker.add(&format!("{path}.value"), "no such value", "a value has no zero byte", "remove it");
                return None;
            }
            Some(EnvValue::Literal(text.text()))
        }
        (None, Some(of), _) => {
            entry(checker, &format!("{path}.configMap"), ReferenceKind::ConfigMap, of).map(EnvValue::Referenced)
        }
        (None, None, Some(of)) => {
            entry(checker, &format!("{path}.secret"), ReferenceKind::Secret, of).map(EnvValue::Referenced)
        }
        (None, None, None) => None,
    };
    Some(EnvVariable { name: valid_name?, value: value? })
}

fn mounts(checker: &mut Checker, given: &[MountSection]) -> Option<Vec<MountedObject>> {
    let mut taken: Vec<&str> = OWN_DIRECTORIES.to_vec();
    let mut mounts = Vec::new();
    for (index, section) in given.iter().enumerate() {
        let path = format!("backstage.files[{index}]");
        let directory = section.path.trim_end_matches('/');
        let is_inside = |one: &str, other: &str| {
            one.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if let Some(other) = taken.iter().find(|other| is_inside(directory, other) || is_inside(other, directory)) {
            let limits = format!("{other} is mounted already");
            checker.add(&format!("{path}.path"), &quoted(&section.path), &limits, "choose another directory");
        }
        taken.push(directory);
        let directory = checker.required(&format!("{path}.path"), &section.path);
        let object = object(checker, &path, section.config_map.as_deref(), section.secret.as_deref());
        mounts.push(directory.zip(object).map(|(path, object)| MountedObject { path, object }));
    }
    mounts.into_iter().collect()
}

fn resources(checker: &mut Checker, section: ResourcesSection) -> Option<PodResources> {
    let requests = section.requests.unwrap_or_default();
    let limits = section.limits.unwrap_or_default();
    let cpu = |of: &QuantitiesSection| of.cpu.as_ref().map(crate::document::Scalar::text);
    let memory = |of: &QuantitiesSection| of.memory.as_ref().map(crate::document::Scalar::text);
    let path = "backstage.resources";
    let cpu_request = checker.given(&format!("{path}.requests.cpu"), cpu(&requests).as_deref(), "100m");
    let cpu_limit = checker.given(&format!("{path}.limits.cpu"), cpu(&limits).as_deref(), "2");
    let memory_request = checker.given(&format!("{path}.requests.memory"), memory(&requests).as_deref(), "512Mi");
    let memory_limit = checker.given(&format!("{path}.limits.memory"), memory(&limits).as_deref(), "1Gi");
    let resources = PodResources {
        cpu_request: cpu_request?,
        cpu_limit: cpu_limit?,
        memory_request: memory_request?,
        memory_limit: memory_limit?,
    };
    let PodResources { cpu_request, cpu_limit, memory_request, memory_limit } = &resources;
    let above = [
        ("cpu", cpu_request.as_str(), cpu_limit.as_str(), cpu_request.millis() > cpu_limit.millis()),
        ("memory", memory_request.as_str(), memory_limit.as_str(), memory_request.bytes() > memory_limit.bytes()),
    ];
    for (name, request, limit, is_above) in above {
        if is_above {
            let limits = format!("a request is at most the limit, which is {limit}");
            checker.add(&format!("{path}.requests.{name}"), &quoted(request), &limits, "raise the limit too");
        }
    }
    Some(resources)
}
