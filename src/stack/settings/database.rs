//! PostgreSQL, and as whom Backstage logs in.

use std::collections::BTreeMap;
use std::net::IpAddr;

use rotation::document::Endpoint;

use crate::defaults::{POSTGRES_IMAGES, POSTGRES_VERSION, PlatformDefaults};
use crate::document::Scalar;
use crate::document::backstage::{BackstageSection, DatabaseProfile, PluginsSection};
use crate::document::database::{DatabaseSection, ExistingSection};
use crate::settings::budget::{self, ConnectionBudget};
use crate::settings::checker::{Checker, quoted};
use crate::settings::parameters;
use crate::settings::quantity::{ByteQuantity, CpuQuantity};
use crate::settings::values::{AddressRange, DnsLabel, DnsSubdomain, HostName, ImageReference, PostgresName};

/// The port of PostgreSQL (IANA).
pub const POSTGRES_PORT: u16 = 5432;
/// The Service that Backstage connects to.
pub const POSTGRES_SERVICE: &str = "postgres";
/// The variable with the namespace of the stack's pods, which the kubelet fills: no text of an object holds the namespace, so that a
/// tool may move all of them to another one.
pub const NAMESPACE_VARIABLE: &str = "STACK_NAMESPACE";
/// Less than that, and PostgreSQL with its connections is killed for want of memory.
const MEMORY_LEAST: u64 = 256 << 20;
/// Less than that, and the write-ahead log alone fills the volume.
const STORAGE_LEAST: u64 = 1 << 30;

/// PostgreSQL, and as whom Backstage logs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseSettings {
    /// The host, as Backstage reaches it.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The role: the common name of the client certificate.
    pub role: PostgresName,
    /// The database to log in to.
    pub name: PostgresName,
    /// What Backstage may do there.
    pub profile: DatabaseProfile,
    /// How many connections.
    pub budget: ConnectionBudget,
    /// Who runs it.
    pub server: DatabaseServer,
}

impl DatabaseSettings {
    /// The host in the configuration of a pod whose program fills in variables: `variable` is its reference to the variable with the
    /// namespace.
    pub fn host_with(&self, variable: &str) -> String {
        match self.server {
            DatabaseServer::Installed(_) => format!("{POSTGRES_SERVICE}.{variable}.svc"),
            DatabaseServer::Existing(_) => self.host.clone(),
        }
    }

    /// Where PostgreSQL listens.
    pub fn endpoint(&self) -> Endpoint {
        Endpoint { host: self.host.clone(), port: self.port, server_name: None }
    }
}

/// Who runs PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseServer {
    /// The stack.
    Installed(Box<PostgresSettings>),
    /// The operator.
    Existing(ExistingServer),
}

/// A PostgreSQL of the stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresSettings {
    /// The image.
    pub image: ImageReference,
    /// The major version in it.
    pub version: &'static str,
    /// The settings, by their names.
    pub parameters: BTreeMap<String, String>,
    /// The memory of the pod.
    pub memory: ByteQuantity,
    /// The reserved processor time.
    pub cpu: CpuQuantity,
    /// The size of the volume.
    pub storage: ByteQuantity,
    /// Its class; the cluster's default where there is none.
    pub storage_class: Option<DnsSubdomain>,
}

/// An existing PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExistingServer {
    /// The namespace of its Service, if it has one in this cluster.
    pub namespace: Option<DnsLabel>,
    /// Its addresses, as far as they are known.
    pub cidrs: Vec<AddressRange>,
    /// The Secret with its trust bundle, if that is not newleaf's.
    pub trust_bundle: Option<DnsSubdomain>,
}

pub(super) fn validate(
    checker: &mut Checker,
    section: &DatabaseSection,
    backstage: &BackstageSection,
    namespace: Option<&DnsLabel>,
    defaults: &PlatformDefaults,
) -> Option<DatabaseSettings> {
    let profile = backstage.profile.unwrap_or(DatabaseProfile::Superuser);
    let replicas = backstage.replicas.unwrap_or(1).clamp(1, 100);
    let plugins = backstage.plugins.clone().unwrap_or_default();
    let of_profile = role_of(profile);
    if let Some(existing) = &section.existing {
        refuse_what_is_installed(checker, section);
        return existing_database(checker, existing, &plugins, replicas, profile);
    }
    let given = section.parameters.clone().unwrap_or_default();
    let admitted = parameters::max_connections(checker, &given);
    let budget = budget::validate(
        checker,
        &plugins,
        replicas,
        admitted.map(|number| ("database.parameters.max_connections", number)),
    );
    let server = postgres(checker, section, budget.map_or(100, |budget| budget.admitted), defaults);
    let namespace = namespace?;
    Some(DatabaseSettings {
        host: format!("{POSTGRES_SERVICE}.{namespace}.svc"),
        port: POSTGRES_PORT,
        role: of_profile.parse().ok()?,
        name: of_profile.parse().ok()?,
        profile,
        budget: budget?,
        server: DatabaseServer::Installed(Box::new(server?)),
    })
}

/// The role and the database where none is named.
const fn role_of(profile: DatabaseProfile) -> &'static str {
    match profile {
        DatabaseProfile::Superuser => "postgres",
        DatabaseProfile::LeastPrivilege => "backstage",
    }
}

fn existing_database(
    checker: &mut Checker,
    existing: &ExistingSection,
    plugins: &PluginsSection,
    replicas: u32,
    profile: DatabaseProfile,
) -> Option<DatabaseSettings> {
    let server = existing_server(checker, existing);
    let host = existing_host(checker, &existing.host);
    let port = checker.port("database.existing.port", existing.port, POSTGRES_PORT);
    let role = checker.given("database.existing.role", existing.role.as_deref(), role_of(profile));
    let name = checker.given("database.existing.name", existing.name.as_deref(), role_of(profile));
    let admitted = existing.max_connections.map(|number| ("database.existing.maxConnections", number));
    let budget = budget::validate(checker, plugins, replicas, admitted);
    let server = DatabaseServer::Existing(server?);
    Some(DatabaseSettings { host: host?, port: port?, role: role?, name: name?, profile, budget: budget?, server })
}

fn postgres(
    checker: &mut Checker,
    section: &DatabaseSection,
    connections: u32,
    defaults: &PlatformDefaults,
) -> Option<PostgresSettings> {
    let text = |value: &Option<Scalar>| value.as_ref().map(Scalar::text);
    let storage = section.storage.clone().unwrap_or_default();
    let version = version(checker, section);
    let official = version.map_or("", |(_, image)| image);
    let image = section.image.as_deref().unwrap_or(official);
    let image = if image.is_empty() { None } else { checker.required("database.image", image) };
    let memory = amount(checker, "database.memory", text(&section.memory).as_deref(), "512Mi", MEMORY_LEAST);
    let cpu = checker.given("database.cpu", text(&section.cpu).as_deref(), "100m");
    let size = amount(checker, "database.storage.size", text(&storage.size).as_deref(), "10Gi", STORAGE_LEAST);
    let class = storage.class.as_deref().or(defaults.storage_class);
    let storage_class = checker.optional("database.storage.class", class);
    let bytes = memory.as_ref().map_or(MEMORY_LEAST, ByteQuantity::bytes);
    let given = section.parameters.clone().unwrap_or_default();
    let parameters = parameters::validate(checker, &given, bytes, connections);
    Some(PostgresSettings {
        image: image?,
        version: version?.0,
        parameters: parameters?,
        memory: memory?,
        cpu: cpu?,
        storage: size?,
        storage_class: storage_class?,
    })
}

/// The major version and its official image: as it is said, or as the tag of the image has it.
fn version(checker: &mut Checker, section: &DatabaseSection) -> Option<(&'static str, &'static str)> {
    let said = section.version.as_ref().map(Scalar::text);
    let of_tag = section.image.as_deref().map(|image| {
        let name = image.split('@').next().unwrap_or_default();
        let tag = name.rsplit_once(':').map_or("", |(_, tag)| tag);
        tag.chars().take_while(char::is_ascii_digit).collect::<String>()
    });
    let (path, value) = match (said, of_tag) {
        (Some(said), _) => ("database.version", said),
        (None, Some(of_tag)) => ("database.image", of_tag),
        (None, None) => ("database.version", POSTGRES_VERSION.to_owned()),
    };
    let known = POSTGRES_IMAGES.iter().find(|(version, _)| *version == value).copied();
    if known.is_none() {
        let limits = "PostgreSQL 14 to 18 are supported, and which one it is must be known";
        let value = if path == "database.image" { section.image.as_deref().unwrap_or_default() } else { &value };
        checker.add(path, &quoted(value), limits, "write `database.version` as a number from 14 to 18");
    }
    known
}

fn amount(checker: &mut Checker, path: &str, given: Option<&str>, or: &str, least: u64) -> Option<ByteQuantity> {
    let amount: ByteQuantity = checker.given(path, given, or)?;
    if amount.bytes() < least {
        let limits = format!("{}Mi are the least", least >> 20);
        checker.add(path, &quoted(amount.as_str()), &limits, "write more");
        return None;
    }
    Some(amount)
}

fn refuse_what_is_installed(checker: &mut Checker, section: &DatabaseSection) {
    let DatabaseSection { version, image, parameters, memory, cpu, storage, existing: _ } = section;
    let given = [
        ("version", version.is_some()),
        ("image", image.is_some()),
        ("parameters", parameters.is_some()),
        ("memory", memory.is_some()),
        ("cpu", cpu.is_some()),
        ("storage", storage.is_some()),
    ];
    for (key, _) in given.into_iter().filter(|(_, is_given)| *is_given) {
        let limits = "it concerns a PostgreSQL that the stack installs, and `database.existing` names another one";
        checker.add(&format!("database.{key}"), "given", limits, "remove one of the two");
    }
}

fn existing_host(checker: &mut Checker, host: &str) -> Option<String> {
    if host.parse::<IpAddr>().is_ok() {
        return Some(host.to_owned());
    }
    let host: HostName = checker.required("database.existing.host", host)?;
    Some(host.as_str().to_owned())
}

fn existing_server(checker: &mut Checker, existing: &ExistingSection) -> Option<ExistingServer> {
    let cidrs = checker.list("database.existing.cidrs", existing.cidrs.as_deref());
    let trust_bundle = checker.optional("database.existing.trustBundle", existing.trust_bundle.as_deref());
    let mut cidrs: Vec<AddressRange> = cidrs?;
    if let Ok(address) = existing.host.parse::<IpAddr>() {
        let length = if address.is_ipv4() { 32 } else { 128 };
        cidrs.extend(format!("{address}/{length}").parse::<AddressRange>().ok());
    }
    Some(ExistingServer { namespace: service_namespace(&existing.host), cidrs, trust_bundle: trust_bundle? })
}

/// The namespace of `SERVICE.NAMESPACE.svc` and of what may follow it.
fn service_namespace(host: &str) -> Option<DnsLabel> {
    let labels: Vec<&str> = host.split('.').collect();
    let end = labels.iter().position(|label| *label == "svc")?;
    labels.get(end.checked_sub(1)?)?.parse().ok()
}
