//! From layers to a [`Configuration`]: defaults below, then file, variables and flags. Pure.

use std::path::{Path, PathBuf};
use std::time::Duration;

use base::diagnosis::Code;
use base::duration::HumanDuration;
use chrono::TimeDelta;

use crate::document::cluster::{
    AuthoritySecret, ClusterConsumer, ClusterPickup, ClusterPlace, ExternalKeys, LeafSecret,
};
use crate::document::error::{ConfigurationError, Origin};
use crate::document::keys::Key;
use crate::document::layers::{Given, Layers};
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
const MANAGED: [Key; 4] =
    [Key::AuthorityName, Key::AuthorityAlgorithm, Key::AuthorityLifetime, Key::AuthorityRenewBefore];

/// The properties of the machine that defaults depend on.
#[derive(Debug, Clone, Copy, Default)]
pub struct Environment<'a> {
    /// This machine's host name: used for the server's names if it is fully qualified.
    pub host: Option<&'a str>,
    /// The namespace of the pod, or of the kubeconfig's context.
    pub namespace: Option<&'a str>,
}

/// Checks all values. A given directory means a host. Otherwise a given or default namespace means a cluster.
pub fn resolve(layers: &Layers, environment: Environment<'_>) -> Resolved<Configuration> {
    let layered = Layered(layers);
    let namespace = layered.namespace(environment.namespace)?;
    match (layers.get(Key::Directory), namespace) {
        (Some(_), _) => layered.on_this_host(environment.host),
        (None, Some(namespace)) => layered.in_cluster(namespace),
        (None, None) => Err(ConfigurationError::DirectoryMissing),
    }
}

/// Checks all values for a cluster, whatever they say about the place.
pub fn resolve_in_cluster(layers: &Layers, namespace: &str) -> Resolved<Configuration> {
    let layered = Layered(layers);
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

/// A value of the configuration, or the error.
type Resolved<T> = Result<T, ConfigurationError>;

/// The layers, read as typed values.
struct Layered<'a>(&'a Layers);

impl Layered<'_> {
    fn on_this_host(&self, host: Option<&str>) -> Resolved<Configuration> {
        let database = self.database()?;
        let place = self.directory(database.is_some())?;
        let is_external = place.external_authority.is_some();
        self.configuration(Place::Directory(place), is_external, own_names(host), database)
    }

    fn in_cluster(&self, namespace: String) -> Resolved<Configuration> {
        let database = self.database()?;
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

    /// Parses a single value, or the default of its key.
    fn parse<T>(&self, key: Key, code: Code, parse: impl Fn(&str) -> Result<T, String>) -> Resolved<T> {
        let default = || Given { texts: vec![key.default().to_owned()], origin: Origin::Default };
        let given = self.0.get(key).cloned().unwrap_or_else(default);
        parse(given.text()).map_err(|limits| wrong(key, given.text(), &given, code, limits))
    }

    /// Parses a single value, if there is one.
    fn optional<T>(&self, key: Key, code: Code, parse: impl Fn(&str) -> Result<T, String>) -> Resolved<Option<T>> {
        self.0.get(key).map(|_| self.parse(key, code, parse)).transpose()
    }

    fn directory(&self, has_database: bool) -> Resolved<DirectoryPlace> {
        self.none_of(&Key::OF_CLUSTERS, "a directory has no Secrets; leave out `directory` to work in a cluster")?;
        let consumers = match self.0.consumers() {
            Some((files, origin)) => consumers::resolve(files, origin, has_database)?,
            None => Vec::new(),
        };
        let server = [Key::ServerOwner, Key::ServerGroup, Key::ServerKeyMode, Key::ServerCertificateMode];
        let client = [Key::ClientOwner, Key::ClientGroup, Key::ClientKeyMode, Key::ClientCertificateMode];
        Ok(DirectoryPlace {
            directory: self.path(Key::Directory)?.ok_or(ConfigurationError::DirectoryMissing)?,
            external_authority: self.external_authority()?,
            server_files: self.files(server)?,
            client_files: self.files(client)?,
            consumers,
        })
    }

    fn namespace(&self, at_hand: Option<&str>) -> Resolved<Option<String>> {
        let given = self.optional(Key::Namespace, Code::NameInvalid, values::label)?;
        Ok(given.or_else(|| at_hand.map(str::to_owned)))
    }

    fn cluster(&self, namespace: String, has_database: bool) -> Resolved<ClusterPlace> {
        self.none_of(&Key::OF_DIRECTORIES, "a Secret has no files; set owner and mode where it is mounted")?;
        let consumers = match self.0.consumers() {
            Some((files, origin)) => cluster::consumers(files, origin, &namespace, has_database)?,
            None => Vec::new(),
        };
        let secret = |key| self.parse(key, Code::NameInvalid, values::subdomain);
        let leaf = |[name, certificate, key, bundle]: [Key; 4]| {
            let entry = |key| self.parse(key, Code::NameInvalid, values::secret_key);
            Ok(LeafSecret {
                name: secret(name)?,
                certificate: entry(certificate)?,
                key: entry(key)?,
                bundle: entry(bundle)?,
            })
        };
        let server = [Key::ServerSecret, Key::ServerSecretCertificate, Key::ServerSecretKey, Key::ServerSecretBundle];
        let client = [Key::ClientSecret, Key::ClientSecretCertificate, Key::ClientSecretKey, Key::ClientSecretBundle];
        let place = ClusterPlace {
            authority: AuthoritySecret { name: secret(Key::AuthoritySecret)?, external: self.external_keys()? },
            server: leaf(server)?,
            client: leaf(client)?,
            projection: self.projection(&consumers)?,
            consumers,
            namespace,
        };
        let names = [&place.authority.name, &place.server.name, &place.client.name];
        if names[0] == names[1] || names[0] == names[2] || names[1] == names[2] {
            let problem = "authority, server and client each have a secret of their own".to_owned();
            return Err(self.contradiction(problem, &[Key::AuthoritySecret, Key::ServerSecret, Key::ClientSecret]));
        }
        Ok(place)
    }

    fn external_keys(&self) -> Resolved<Option<ExternalKeys>> {
        let entry = |key| self.optional(key, Code::NameInvalid, values::secret_key);
        let keys = [Key::AuthorityCertificate, Key::AuthorityKey, Key::AuthorityChain];
        let found = self.external([entry(keys[0])?, entry(keys[1])?, entry(keys[2])?])?;
        Ok(found.map(|(certificate, key, chain)| ExternalKeys { certificate, key, chain }))
    }

    fn none_of(&self, keys: &[Key], problem: &str) -> Resolved<()> {
        let given: Vec<_> = keys.iter().filter(|key| self.0.get(**key).is_some()).copied().collect();
        if given.is_empty() { Ok(()) } else { Err(self.contradiction(problem.to_owned(), &given)) }
    }

    fn path(&self, key: Key) -> Resolved<Option<PathBuf>> {
        let base = match self.0.get(key).map(|given| &given.origin) {
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

    fn duration(&self, key: Key) -> Resolved<HumanDuration> {
        self.parse(key, Code::DurationInvalid, |text| text.parse().map_err(|error| format!("{error}")))
    }

    fn algorithm(&self, key: Key) -> Resolved<KeyAlgorithm> {
        self.parse(key, Code::AlgorithmUnknown, |text| {
            text.parse().map_err(|_: String| {
                let names: Vec<_> = KeyAlgorithm::ALL.iter().map(|algorithm| algorithm.as_str()).collect();
                format!("use one of {}", names.join(", "))
            })
        })
    }

    fn policy(&self, external: bool) -> Resolved<Policy> {
        let lifetime = self.duration(Key::LeafLifetime)?.to_delta();
        let defaults = PolicyValues::default();
        let authority_renew_before = match self.0.get(Key::AuthorityRenewBefore) {
            Some(_) => self.duration(Key::AuthorityRenewBefore)?.to_delta(),
            None => defaults.authority_renew_before.max(lifetime),
        };
        let authority_lifetime = if external {
            defaults.authority_lifetime.max(authority_renew_before + TimeDelta::days(1))
        } else {
            self.duration(Key::AuthorityLifetime)?.to_delta()
        };
        let values = PolicyValues {
            lifetime,
            rotate_after: self.duration(Key::LeafRotateAfter)?.to_delta(),
            backdate: self.duration(Key::LeafBackdate)?.to_delta(),
            authority_lifetime,
            authority_renew_before,
        };
        let keys = [
            Key::LeafLifetime,
            Key::LeafRotateAfter,
            Key::LeafBackdate,
            Key::AuthorityLifetime,
            Key::AuthorityRenewBefore,
        ];
        Policy::new(&values).map_err(|problem| self.contradiction(problem, &keys))
    }

    fn profile(&self, convention: Vec<SubjectName>) -> Resolved<Profile> {
        let common_name = |text: &str| CommonName::parse(text);
        Ok(Profile {
            authority_name: self.parse(Key::AuthorityName, Code::NameInvalid, common_name)?,
            authority_algorithm: self.algorithm(Key::AuthorityAlgorithm)?,
            leaf_algorithm: self.algorithm(Key::LeafAlgorithm)?,
            server_names: self.server_names(convention)?,
            client_name: self.parse(Key::ClientName, Code::NameInvalid, common_name)?,
        })
    }

    fn server_names(&self, convention: Vec<SubjectName>) -> Resolved<Vec<SubjectName>> {
        let key = Key::ServerNames;
        let Some(given) = self.0.get(key) else { return Ok(convention) };
        let mut names = Vec::with_capacity(given.texts.len());
        for text in &given.texts {
            let name = SubjectName::parse(text).map_err(|limits| wrong(key, text, given, Code::NameInvalid, limits))?;
            if names.contains(&name) {
                return Err(wrong(key, text, given, Code::NameInvalid, "the name is given twice".to_owned()));
            }
            names.push(name);
        }
        if names.is_empty() {
            return Err(wrong(key, "", given, Code::NameInvalid, "the server needs at least one name".to_owned()));
        }
        Ok(names)
    }

    fn external_authority(&self) -> Resolved<Option<ExternalAuthority>> {
        let keys = [Key::AuthorityCertificate, Key::AuthorityKey, Key::AuthorityChain];
        let found = self.external([self.path(keys[0])?, self.path(keys[1])?, self.path(keys[2])?])?;
        Ok(found.map(|(certificate, key, chain)| ExternalAuthority { certificate, key, chain }))
    }

    /// The certificate, key and chain of an external authority, if they are given and complete.
    fn external<T>(&self, given: [Option<T>; 3]) -> Resolved<Option<(T, T, Option<T>)>> {
        let keys = [Key::AuthorityCertificate, Key::AuthorityKey, Key::AuthorityChain];
        let found = match given {
            [None, None, None] => return Ok(None),
            [Some(certificate), Some(key), chain] => (certificate, key, chain),
            _ => {
                let problem = "an authority that someone else keeps needs authority.certificate and authority.key";
                return Err(self.contradiction(problem.to_owned(), &keys));
            }
        };
        if MANAGED.iter().any(|key| self.0.get(*key).is_some()) {
            let problem = "newleaf neither makes nor renews an authority that someone else keeps";
            let all: Vec<_> = keys.into_iter().chain(MANAGED).filter(|key| self.0.get(*key).is_some()).collect();
            return Err(self.contradiction(problem.to_owned(), &all));
        }
        Ok(Some(found))
    }

    fn files(&self, [owner, group, key_mode, certificate_mode]: [Key; 4]) -> Resolved<FileAttributes> {
        const KEY: &str = "a key's mode is octal, at least 0400 and at most 0640: nobody else may read it";
        const CERTIFICATE: &str = "a certificate's mode is octal, at least 0400 and at most 0644";
        let attributes = FileAttributes {
            owner: self.optional(owner, Code::ValueInvalid, values::account)?,
            group: self.optional(group, Code::ValueInvalid, values::account)?,
            key_mode: self.parse(key_mode, Code::ModeInvalid, |text| values::mode(text, 0o640, KEY))?,
            certificate_mode: self
                .parse(certificate_mode, Code::ModeInvalid, |text| values::mode(text, 0o644, CERTIFICATE))?,
        };
        let shared = attributes.key_mode & 0o040 != 0;
        if shared && attributes.owner.as_ref().is_some_and(|owner| !owner.is_root()) {
            let problem = "PostgreSQL and libpq accept a key that its group may read only if root owns it";
            return Err(self.contradiction(problem.to_owned(), &[owner, key_mode]));
        }
        Ok(attributes)
    }

    fn database(&self) -> Resolved<Option<Database>> {
        let server_name = self.optional(Key::DatabaseServerName, Code::NameInvalid, |text| {
            SubjectName::parse(text).map(|name| name.to_string())
        })?;
        let user = match self.0.get(Key::DatabaseUser) {
            Some(_) => self.parse(Key::DatabaseUser, Code::ValueInvalid, values::plain_name)?,
            None => self.parse(Key::ClientName, Code::ValueInvalid, values::plain_name)?,
        };
        let name = self.parse(Key::DatabaseName, Code::ValueInvalid, values::plain_name)?;
        let Some(given) = self.0.get(Key::DatabaseEndpoints).filter(|given| !given.texts.is_empty()) else {
            let others = [Key::DatabaseUser, Key::DatabaseName, Key::DatabaseServerName];
            if others.iter().any(|key| self.0.get(*key).is_some()) {
                let problem = "a database needs database.endpoints".to_owned();
                return Err(self.contradiction(problem, &others));
            }
            return Ok(None);
        };
        let mut endpoints = Vec::with_capacity(given.texts.len());
        for text in &given.texts {
            let refuse = |limits| wrong(Key::DatabaseEndpoints, text, given, Code::EndpointInvalid, limits);
            let endpoint = values::endpoint(text, server_name.as_deref()).map_err(refuse)?;
            if endpoints.contains(&endpoint) {
                return Err(refuse("the endpoint is given twice".to_owned()));
            }
            endpoints.push(endpoint);
        }
        Ok(Some(Database { endpoints, user, name }))
    }

    fn deadlines(&self) -> Resolved<Deadlines> {
        let keys = [Key::DeadlinesStep, Key::DeadlinesRun];
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
        let keys = [Key::DeadlinesProjection, Key::DeadlinesStep];
        let (projection, step) = (self.duration(keys[0])?.to_std(), self.duration(keys[1])?.to_std());
        if projection >= step && consumers.iter().any(|consumer| consumer.pickup == ClusterPickup::Login) {
            let problem = "with a consumer of pickup login, deadlines.projection must be shorter than deadlines.step";
            return Err(self.contradiction(problem.to_owned(), &keys));
        }
        Ok(projection)
    }

    /// Names the affected values: those whose key the problem mentions, or else all given ones.
    fn contradiction(&self, problem: String, keys: &[Key]) -> ConfigurationError {
        let mentions = |key: &&Key| key.path().rsplit('.').next().is_some_and(|word| problem.contains(word));
        let mut concerned: Vec<Key> = keys.iter().filter(mentions).copied().collect();
        if concerned.is_empty() {
            concerned = keys.iter().filter(|key| self.0.get(**key).is_some()).copied().collect();
        }
        let given = concerned.into_iter().map(|key| match self.0.get(key) {
            Some(given) => format!("{} is {:?} ({})", key.path(), given.text(), given.origin),
            None if key.default().is_empty() => format!("{} is not given", key.path()),
            None => format!("{} is {} ({})", key.path(), key.default(), Origin::Default),
        });
        ConfigurationError::Contradiction { given: given.collect(), problem }
    }
}

fn wrong(key: Key, text: &str, given: &Given, code: Code, limits: String) -> ConfigurationError {
    ConfigurationError::Value {
        key: key.path().to_owned(),
        value: text.to_owned(),
        origin: given.origin.clone(),
        limits,
        code,
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
