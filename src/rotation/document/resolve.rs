//! From layers to a [`Configuration`]: defaults below, then file, variables and flags. Pure.

use std::path::{Path, PathBuf};
use std::time::Duration;

use base::diagnosis::Code;
use base::duration::HumanDuration;
use base::layers::origin::Origin;
use base::layers::tree::Tree;
use chrono::TimeDelta;

use crate::document::cluster::{
    AuthoritySecret, ClusterConsumer, ClusterPickup, ClusterPlace, ExternalKeys, LeafSecret,
};
use crate::document::error::ConfigurationError;
use crate::document::keys::{self, KEYS};
use crate::document::layered::{Layered, Resolved, wrong};
use crate::document::{
    Configuration, Database, DirectoryPlace, ExternalAuthority, FileAttributes, Place, consumers, values,
    workloads as cluster,
};
use crate::engine::policy::{Policy, PolicyValues};
use crate::engine::request::Deadlines;
use crate::issuer::Profile;
use crate::pki::algorithm::KeyAlgorithm;
use crate::pki::name::{CommonName, SubjectName};

/// The keys of an authority that newleaf creates. They have no meaning for an external authority.
const MANAGED: [&str; 4] = ["authority.name", "authority.algorithm", "authority.lifetime", "authority.renewBefore"];
/// Where an external authority is.
const EXTERNAL: [&str; 3] = ["authority.certificate", "authority.key", "authority.chain"];

/// The properties of the machine that defaults depend on.
#[derive(Debug, Clone, Copy, Default)]
pub struct Environment<'a> {
    /// This machine's host name: used for the server's names if it is fully qualified.
    pub host: Option<&'a str>,
    /// The namespace of the pod, or of the kubeconfig's context.
    pub namespace: Option<&'a str>,
}

/// Checks all values. A given directory means a host. Otherwise a given or default namespace means a cluster.
pub fn resolve(layers: &Tree, environment: Environment<'_>) -> Resolved<Configuration> {
    let layered = Layered::read(layers)?;
    let namespace = layered.namespace(environment.namespace)?;
    match (layered.given("directory"), namespace) {
        (Some(_), _) => layered.on_this_host(environment.host),
        (None, Some(namespace)) => layered.in_cluster(namespace),
        (None, None) => Err(ConfigurationError::DirectoryMissing),
    }
}

/// Checks all values for a cluster, whatever they say about the place.
pub fn resolve_in_cluster(layers: &Tree, namespace: &str) -> Resolved<Configuration> {
    let layered = Layered::read(layers)?;
    let namespace = layered.namespace(Some(namespace))?.unwrap_or_default();
    layered.in_cluster(namespace)
}

/// The names of a server on this host. Backstage's generated configuration connects to `localhost`.
fn own_names(host: Option<&str>) -> Vec<SubjectName> {
    let qualified = host.filter(|host| host.contains('.'));
    qualified
        .into_iter()
        .chain(["localhost", "127.0.0.1", "::1"])
        .filter_map(|name| SubjectName::parse(name).ok())
        .collect()
}

impl Layered<'_> {
    fn on_this_host(&self, host: Option<&str>) -> Resolved<Configuration> {
        let database = self.database()?;
        let place = self.directory(database.is_some())?;
        let is_external = place.external_authority.is_some();
        self.configuration(Place::Directory(place), is_external, own_names(host), database)
    }

    fn in_cluster(&self, namespace: String) -> Resolved<Configuration> {
        let mut database = self.database()?;
        if let (Some(database), None) = (&mut database, self.given("server.names")) {
            cluster::qualify(database, &namespace);
        }
        let names = cluster::service_names(database.as_ref(), &namespace);
        let place = self.cluster(namespace, database.is_some())?;
        let is_external = place.authority.external.is_some();
        self.configuration(Place::Cluster(place), is_external, names, database)
    }

    fn configuration(
        &self,
        place: Place,
        is_external: bool,
        names: Vec<SubjectName>,
        database: Option<Database>,
    ) -> Resolved<Configuration> {
        Ok(Configuration {
            policy: self.policy(is_external)?,
            profile: self.profile(names)?,
            database,
            deadlines: self.deadlines()?,
            place,
        })
    }

    fn directory(&self, has_database: bool) -> Resolved<DirectoryPlace> {
        self.none_of(&keys::OF_CLUSTERS, "a directory has no Secrets; leave out `directory` to work in a cluster")?;
        let consumers = match self.consumers() {
            Some((files, origin)) => consumers::resolve(files, origin, has_database)?,
            None => Vec::new(),
        };
        Ok(DirectoryPlace {
            directory: self.path("directory")?.ok_or(ConfigurationError::DirectoryMissing)?,
            external_authority: self.external_authority()?,
            server_files: self.files("server.files")?,
            client_files: self.files("client.files")?,
            consumers,
        })
    }

    fn namespace(&self, at_hand: Option<&str>) -> Resolved<Option<String>> {
        let given = self.optional("namespace", Code::NameInvalid, values::label)?;
        Ok(given.or_else(|| at_hand.map(str::to_owned)))
    }

    fn cluster(&self, namespace: String, has_database: bool) -> Resolved<ClusterPlace> {
        self.none_of(&keys::OF_DIRECTORIES, "a Secret has no files; set owner and mode where it is mounted")?;
        let consumers = match self.consumers() {
            Some((files, origin)) => cluster::consumers(files, origin, &namespace, has_database)?,
            None => Vec::new(),
        };
        let place = ClusterPlace {
            authority: AuthoritySecret { name: self.secret("authority")?, external: self.external_keys()? },
            server: self.leaf_secret("server")?,
            client: self.leaf_secret("client")?,
            projection: self.projection(&consumers)?,
            consumers,
            namespace,
        };
        let names = [&place.authority.name, &place.server.name, &place.client.name];
        if names[0] == names[1] || names[0] == names[2] || names[1] == names[2] {
            let problem = "authority, server and client each have a secret of their own".to_owned();
            return Err(self.contradiction(problem, &["authority.secret", "server.secret", "client.secret"]));
        }
        Ok(place)
    }

    fn secret(&self, map: &str) -> Resolved<String> {
        self.parse(&format!("{map}.secret"), Code::NameInvalid, values::subdomain)
    }

    fn leaf_secret(&self, map: &str) -> Resolved<LeafSecret> {
        let entry = |name| self.parse(&format!("{map}.keys.{name}"), Code::NameInvalid, values::secret_key);
        Ok(LeafSecret {
            name: self.secret(map)?,
            certificate: entry("certificate")?,
            key: entry("key")?,
            bundle: entry("bundle")?,
        })
    }

    fn external_keys(&self) -> Resolved<Option<ExternalKeys>> {
        let entry = |key| self.optional(key, Code::NameInvalid, values::secret_key);
        let [certificate, key, chain] = EXTERNAL;
        let found = self.external([entry(certificate)?, entry(key)?, entry(chain)?])?;
        Ok(found.map(|(certificate, key, chain)| ExternalKeys { certificate, key, chain }))
    }

    fn none_of(&self, places: &[&str], problem: &str) -> Resolved<()> {
        let mut given = Vec::new();
        for key in KEYS {
            if key.is_in(places) && self.is_given(key.path) {
                given.push(key.path);
            }
        }
        if given.is_empty() { Ok(()) } else { Err(self.contradiction(problem.to_owned(), &given)) }
    }

    fn path(&self, key: &str) -> Resolved<Option<PathBuf>> {
        let base = match self.given(key).map(|given| &given.origin) {
            Some(Origin::File { path, .. }) => path.parent().map(Path::to_path_buf).unwrap_or_default(),
            _ => PathBuf::new(),
        };
        self.optional(key, Code::PathInvalid, |text| {
            if text.is_empty() || text.contains('\0') {
                Err("a path is not empty and holds no NUL character".to_owned())
            } else if values::climbs(Path::new(text)) {
                Err("a path must not contain `..`".to_owned())
            } else {
                Ok(base.join(text))
            }
        })
    }

    fn duration(&self, key: &str) -> Resolved<HumanDuration> {
        self.parse(key, Code::DurationInvalid, |text| text.parse().map_err(|error| format!("{error}")))
    }

    fn algorithm(&self, key: &str) -> Resolved<KeyAlgorithm> {
        self.parse(key, Code::AlgorithmUnknown, |text| {
            text.parse().map_err(|_: String| {
                let names: Vec<_> = KeyAlgorithm::ALL.iter().map(|algorithm| algorithm.as_str()).collect();
                format!("use one of {}", names.join(", "))
            })
        })
    }

    fn policy(&self, external: bool) -> Resolved<Policy> {
        let lifetime = self.duration("leaf.lifetime")?.to_delta();
        let defaults = PolicyValues::default();
        let authority_renew_before = match self.given("authority.renewBefore") {
            Some(_) => self.duration("authority.renewBefore")?.to_delta(),
            None => defaults.authority_renew_before.max(lifetime),
        };
        let authority_lifetime = if external {
            defaults.authority_lifetime.max(authority_renew_before + TimeDelta::days(1))
        } else {
            self.duration("authority.lifetime")?.to_delta()
        };
        let values = PolicyValues {
            lifetime,
            rotate_after: self.duration("leaf.rotateAfter")?.to_delta(),
            backdate: self.duration("leaf.backdate")?.to_delta(),
            authority_lifetime,
            authority_renew_before,
        };
        let keys =
            ["leaf.lifetime", "leaf.rotateAfter", "leaf.backdate", "authority.lifetime", "authority.renewBefore"];
        Policy::new(&values).map_err(|problem| self.contradiction(problem, &keys))
    }

    fn profile(&self, convention: Vec<SubjectName>) -> Resolved<Profile> {
        let common_name = |text: &str| CommonName::parse(text);
        Ok(Profile {
            authority_name: self.parse("authority.name", Code::NameInvalid, common_name)?,
            authority_algorithm: self.algorithm("authority.algorithm")?,
            leaf_algorithm: self.algorithm("leaf.algorithm")?,
            server_names: self.server_names(convention)?,
            client_name: self.parse("client.name", Code::NameInvalid, common_name)?,
        })
    }

    fn server_names(&self, convention: Vec<SubjectName>) -> Resolved<Vec<SubjectName>> {
        let key = "server.names";
        let Some(given) = self.given(key) else { return Ok(convention) };
        let mut names = Vec::with_capacity(given.items().len());
        for item in given.items() {
            let text = item.text().unwrap_or_default();
            let refuse = |limits| wrong(key, text, &item.origin, Code::NameInvalid, limits);
            let name = SubjectName::parse(text).map_err(refuse)?;
            if names.contains(&name) {
                return Err(refuse("the name is given twice".to_owned()));
            }
            names.push(name);
        }
        if names.is_empty() {
            return Err(wrong(
                key,
                "",
                &given.origin,
                Code::NameInvalid,
                "the server needs at least one name".to_owned(),
            ));
        }
        Ok(names)
    }

    fn external_authority(&self) -> Resolved<Option<ExternalAuthority>> {
        let [certificate, key, chain] = EXTERNAL;
        let found = self.external([self.path(certificate)?, self.path(key)?, self.path(chain)?])?;
        Ok(found.map(|(certificate, key, chain)| ExternalAuthority { certificate, key, chain }))
    }

    /// The certificate, key and chain of an external authority, if they are given and complete.
    fn external<T>(&self, given: [Option<T>; 3]) -> Resolved<Option<(T, T, Option<T>)>> {
        let found = match given {
            [None, None, None] => return Ok(None),
            [Some(certificate), Some(key), chain] => (certificate, key, chain),
            _ => {
                let problem = "an external authority needs authority.certificate and authority.key";
                return Err(self.contradiction(problem.to_owned(), &EXTERNAL));
            }
        };
        if MANAGED.iter().any(|key| self.is_given(key)) {
            let problem = "newleaf neither makes nor renews an external authority";
            let all: Vec<_> = EXTERNAL.into_iter().chain(MANAGED).filter(|key| self.is_given(key)).collect();
            return Err(self.contradiction(problem.to_owned(), &all));
        }
        Ok(Some(found))
    }

    fn files(&self, map: &str) -> Resolved<FileAttributes> {
        const KEY: &str =
            "a key's mode is octal, at least 0400 and at most 0640: only its owner and its group may read it";
        const CERTIFICATE: &str = "a certificate's mode is octal, at least 0400 and at most 0644";
        let key = |name| format!("{map}.{name}");
        let (owner, key_mode) = (key("owner"), key("keyMode"));
        let attributes = FileAttributes {
            owner: self.optional(&owner, Code::ValueInvalid, values::account)?,
            group: self.optional(&key("group"), Code::ValueInvalid, values::account)?,
            key_mode: self.parse(&key_mode, Code::ModeInvalid, |text| values::mode(text, 0o640, KEY))?,
            certificate_mode: self
                .parse(&key("certificateMode"), Code::ModeInvalid, |text| values::mode(text, 0o644, CERTIFICATE))?,
        };
        let shared = attributes.key_mode & 0o040 != 0;
        if shared && attributes.owner.as_ref().is_some_and(|owner| !owner.is_root()) {
            let problem = "PostgreSQL and libpq accept a key that its group may read only if root owns it";
            return Err(self.contradiction(problem.to_owned(), &[&owner, &key_mode]));
        }
        Ok(attributes)
    }

    fn database(&self) -> Resolved<Option<Database>> {
        let server_name = self.optional("database.serverName", Code::NameInvalid, |text| {
            SubjectName::parse(text).map(|name| name.to_string())
        })?;
        let user = match self.given("database.user") {
            Some(_) => self.parse("database.user", Code::ValueInvalid, values::plain_name)?,
            None => self.parse("client.name", Code::ValueInvalid, values::plain_name)?,
        };
        let name = self.parse("database.name", Code::ValueInvalid, values::plain_name)?;
        let Some(given) = self.given("database.endpoints").filter(|given| !given.items().is_empty()) else {
            let others = ["database.user", "database.name", "database.serverName"];
            if others.iter().any(|key| self.is_given(key)) {
                let problem = "a database needs database.endpoints".to_owned();
                return Err(self.contradiction(problem, &others));
            }
            return Ok(None);
        };
        let mut endpoints = Vec::with_capacity(given.items().len());
        for item in given.items() {
            let text = item.text().unwrap_or_default();
            let refuse = |limits| wrong("database.endpoints", text, &item.origin, Code::EndpointInvalid, limits);
            let endpoint = values::endpoint(text, server_name.as_deref()).map_err(refuse)?;
            if endpoints.contains(&endpoint) {
                return Err(refuse("the endpoint is given twice".to_owned()));
            }
            endpoints.push(endpoint);
        }
        Ok(Some(Database { endpoints, user, name }))
    }

    fn deadlines(&self) -> Resolved<Deadlines> {
        let keys = ["deadlines.step", "deadlines.run"];
        let (step, run) = (self.duration(keys[0])?, self.duration(keys[1])?);
        if step.to_std().is_zero() || step > run {
            let problem = "deadlines.step must be at least 1s and not longer than deadlines.run".to_owned();
            return Err(self.contradiction(problem, &keys));
        }
        if run.to_delta() > TimeDelta::days(1) {
            return Err(self.contradiction("deadlines.run must not exceed 1d".to_owned(), &keys));
        }
        Ok(Deadlines { step: step.to_std(), run: run.to_std() })
    }

    /// Checks that the limit of a step is longer than the waits inside it.
    fn projection(&self, consumers: &[ClusterConsumer]) -> Resolved<Duration> {
        let keys = ["deadlines.projection", "deadlines.step"];
        let (projection, step) = (self.duration(keys[0])?.to_std(), self.duration(keys[1])?.to_std());
        if projection >= step && consumers.iter().any(|consumer| consumer.pickup == ClusterPickup::Login) {
            let problem = "with a consumer of pickup login, deadlines.projection must be shorter than deadlines.step";
            return Err(self.contradiction(problem.to_owned(), &keys));
        }
        Ok(projection)
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
