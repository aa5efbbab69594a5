//! The YAML file as types. Every text keeps its place, so that an error can name line and column.

use base::duration::HumanDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_saphyr::Spanned;

use crate::document::error::ConfigurationError;
use crate::document::keys::Key;

/// A text with its place in the file.
pub(super) type SpannedText = Spanned<String>;

/// The only version of the format.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
pub enum ApiVersion {
    /// The first version.
    #[serde(rename = "newleaf.dev/v1alpha1")]
    V1Alpha1,
}

/// The only kind of document.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
pub enum Kind {
    /// What is rotated, and how.
    Rotation,
}

/// The configuration of newleaf: what is rotated, and how. Everything but the first two keys may be left out.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(title = "Rotation")]
pub struct File {
    /// The version of the format.
    #[serde(rename = "apiVersion")]
    pub version: ApiVersion,
    /// The kind of the document.
    pub kind: Kind,
    /// Directory that holds authority and leaves.
    #[schemars(with = "Option<String>")]
    pub directory: Option<SpannedText>,
    /// Namespace of the Secrets, on Kubernetes.
    #[schemars(with = "Option<String>")]
    pub namespace: Option<SpannedText>,
    /// The authority.
    #[serde(default)]
    pub authority: AuthorityFile,
    /// What both leaves have in common.
    #[serde(default)]
    pub leaf: LeafFile,
    /// The server's leaf.
    #[serde(default)]
    pub server: ServerFile,
    /// The client's leaf.
    #[serde(default)]
    pub client: ClientFile,
    /// The workloads that load the leaves, in pick-up order.
    #[schemars(with = "Option<Vec<ConsumerFile>>")]
    pub consumers: Option<Spanned<Vec<ConsumerFile>>>,
    /// The database that proves what is served.
    #[serde(default)]
    pub database: DatabaseFile,
    /// How long things may take.
    #[serde(default)]
    pub deadlines: DeadlinesFile,
}

/// The authority: one that newleaf creates, or one that another tool or a person keeps.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AuthorityFile {
    /// Secret that holds the authority, on Kubernetes.
    #[schemars(with = "Option<String>")]
    pub secret: Option<SpannedText>,
    /// Start of the authority's common name.
    #[schemars(with = "Option<String>")]
    pub name: Option<SpannedText>,
    /// Key algorithm of the authority.
    #[schemars(with = "Option<String>")]
    pub algorithm: Option<SpannedText>,
    /// How long an authority is valid.
    #[schemars(with = "Option<String>", extend("pattern" = HumanDuration::PATTERN))]
    pub lifetime: Option<SpannedText>,
    /// How long before its end an authority gets a successor.
    #[schemars(with = "Option<String>", extend("pattern" = HumanDuration::PATTERN))]
    pub renew_before: Option<SpannedText>,
    /// File, or key of the Secret, with the certificate of an authority of another tool or a person; newleaf then creates none.
    #[schemars(with = "Option<String>")]
    pub certificate: Option<SpannedText>,
    /// File, or key of the Secret, with the private key of that authority.
    #[schemars(with = "Option<String>")]
    pub key: Option<SpannedText>,
    /// File, or key of the Secret, with the certificates between that authority and its root, root last.
    #[schemars(with = "Option<String>")]
    pub chain: Option<SpannedText>,
}

/// What both leaves have in common.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LeafFile {
    /// How long a leaf is valid.
    #[schemars(with = "Option<String>", extend("pattern" = HumanDuration::PATTERN))]
    pub lifetime: Option<SpannedText>,
    /// Age at which a leaf is replaced.
    #[schemars(with = "Option<String>", extend("pattern" = HumanDuration::PATTERN))]
    pub rotate_after: Option<SpannedText>,
    /// How far before its issue a leaf's validity starts.
    #[schemars(with = "Option<String>", extend("pattern" = HumanDuration::PATTERN))]
    pub backdate: Option<SpannedText>,
    /// Key algorithm of the leaves.
    #[schemars(with = "Option<String>")]
    pub algorithm: Option<SpannedText>,
}

/// The server's leaf.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServerFile {
    /// Secret that holds the leaf, on Kubernetes.
    #[schemars(with = "Option<String>")]
    pub secret: Option<SpannedText>,
    /// The keys of that Secret.
    #[serde(default)]
    pub keys: KeysFile,
    /// Names and addresses that clients reach the server by.
    #[schemars(with = "Option<Vec<String>>")]
    pub names: Option<Vec<SpannedText>>,
    /// Who may read its files.
    #[serde(default)]
    pub files: FilesFile,
}

/// The client's leaf.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClientFile {
    /// Secret that holds the leaf, on Kubernetes.
    #[schemars(with = "Option<String>")]
    pub secret: Option<SpannedText>,
    /// The keys of that Secret.
    #[serde(default)]
    pub keys: KeysFile,
    /// Common name: the database role.
    #[schemars(with = "Option<String>")]
    pub name: Option<SpannedText>,
    /// Who may read its files.
    #[serde(default)]
    pub files: FilesFile,
}

/// The keys of a Secret that holds a leaf.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeysFile {
    /// Key of the certificate chain.
    #[schemars(with = "Option<String>")]
    pub certificate: Option<SpannedText>,
    /// Key of the private key.
    #[schemars(with = "Option<String>")]
    pub key: Option<SpannedText>,
    /// Key of the trust bundle.
    #[schemars(with = "Option<String>")]
    pub bundle: Option<SpannedText>,
}

/// Who may read the files of a leaf.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FilesFile {
    /// Owner, by name or number.
    #[schemars(with = "Option<AccountFile>")]
    pub owner: Option<SpannedText>,
    /// Group, by name or number.
    #[schemars(with = "Option<AccountFile>")]
    pub group: Option<SpannedText>,
    /// Mode of the key, in octal.
    #[schemars(with = "Option<String>", extend("pattern" = "^0?[0-7]{3}$"))]
    pub key_mode: Option<SpannedText>,
    /// Mode of certificate and trust bundle, in octal.
    #[schemars(with = "Option<String>", extend("pattern" = "^0?[0-7]{3}$"))]
    pub certificate_mode: Option<SpannedText>,
}

/// A user or a group.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
enum AccountFile {
    /// By name, or by number in quotes.
    Name(String),
    /// By number.
    Number(u32),
}

/// A workload that loads a leaf.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConsumerFile {
    /// A name for messages, unique: 1 to 63 letters, digits, `.`, `_` and `-`.
    pub name: String,
    /// The peer whose leaf it loads.
    pub loads: LoadsFile,
    /// How newleaf makes it load the leaf.
    pub pickup: PickupFile,
    /// With `reload`: send SIGHUP to the process in `pidFile`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub signal: bool,
    /// With `reload` or `restart`: run this command with its arguments, without a shell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
    /// With `reload`: `SELECT pg_reload_conf()` through our own session.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub database: bool,
    /// The file in which the workload keeps the number of its main process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid_file: Option<String>,
    /// With `reload`: what to do when the files never arrive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback: Option<FallbackFile>,
    /// On Kubernetes: `deployment/NAME`, `statefulset/NAME` or `daemonset/NAME`; with `selector` the kind alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workload: Option<String>,
    /// On Kubernetes: a label selector, for all workloads of a kind that have these labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selector: Option<String>,
    /// On Kubernetes: the namespace of the workloads, where it is not that of the Secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// On Kubernetes, with `reload`: annotate each pod, so that the kubelet projects the new files at once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nudge: bool,
}

/// The peer whose leaf a consumer loads.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LoadsFile {
    /// The server's.
    Server,
    /// The client's.
    Client,
}

/// How a consumer loads its leaf.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PickupFile {
    /// It reads the files again and keeps its sessions.
    Reload,
    /// It restarts.
    Restart,
    /// It reads the files at each login, so it needs no pick-up.
    Login,
}

/// What newleaf does when the files of a reload do not arrive.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FallbackFile {
    /// Restart the workload: by this command with its arguments, without a shell; on Kubernetes `true`.
    pub restart: FallbackRestartFile,
}

/// How a fallback restarts.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum FallbackRestartFile {
    /// A command and its arguments.
    Command(Vec<String>),
    /// As Kubernetes does.
    Rollout(bool),
}

/// The database that proves what is served.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DatabaseFile {
    /// Every `HOST[:PORT]` behind the database's name.
    #[schemars(with = "Option<Vec<String>>")]
    pub endpoints: Option<Vec<SpannedText>>,
    /// Role to log in as.
    #[schemars(with = "Option<String>")]
    pub user: Option<SpannedText>,
    /// Database to log in to.
    #[schemars(with = "Option<String>")]
    pub name: Option<SpannedText>,
    /// Name to verify the server's certificate by.
    #[schemars(with = "Option<String>")]
    pub server_name: Option<SpannedText>,
}

/// How long things may take.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeadlinesFile {
    /// One step.
    #[schemars(with = "Option<String>", extend("pattern" = HumanDuration::PATTERN))]
    pub step: Option<SpannedText>,
    /// A run.
    #[schemars(with = "Option<String>", extend("pattern" = HumanDuration::PATTERN))]
    pub run: Option<SpannedText>,
    /// A kubelet, to bring a changed Secret into a pod, on Kubernetes.
    #[schemars(with = "Option<String>", extend("pattern" = HumanDuration::PATTERN))]
    pub projection: Option<SpannedText>,
}

/// The JSON Schema of the file.
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(File)
}

/// The JSON Schema as a file.
pub fn schema_text() -> Result<String, serde_json::Error> {
    let mut schema = schema();
    schema.insert("$id".to_owned(), "https://newleaf.dev/v1alpha1/configuration.schema.json".into());
    Ok(format!("{}\n", serde_json::to_string_pretty(&schema)?))
}

/// Parses the consumers of a flag or a variable, a YAML list.
pub fn parse_consumers(text: &str, place: &str) -> Result<Vec<ConsumerFile>, ConfigurationError> {
    from_yaml(text, place)
}

impl File {
    /// The single texts that are given, with their keys.
    pub(super) fn scalars(&self) -> impl Iterator<Item = (Key, &SpannedText)> {
        let Self { authority, leaf, server, client, database, deadlines, .. } = self;
        [
            (Key::Directory, &self.directory),
            (Key::Namespace, &self.namespace),
            (Key::AuthoritySecret, &authority.secret),
            (Key::AuthorityName, &authority.name),
            (Key::AuthorityAlgorithm, &authority.algorithm),
            (Key::AuthorityLifetime, &authority.lifetime),
            (Key::AuthorityRenewBefore, &authority.renew_before),
            (Key::AuthorityCertificate, &authority.certificate),
            (Key::AuthorityKey, &authority.key),
            (Key::AuthorityChain, &authority.chain),
            (Key::LeafLifetime, &leaf.lifetime),
            (Key::LeafRotateAfter, &leaf.rotate_after),
            (Key::LeafBackdate, &leaf.backdate),
            (Key::LeafAlgorithm, &leaf.algorithm),
            (Key::ServerSecret, &server.secret),
            (Key::ServerSecretCertificate, &server.keys.certificate),
            (Key::ServerSecretKey, &server.keys.key),
            (Key::ServerSecretBundle, &server.keys.bundle),
            (Key::ServerOwner, &server.files.owner),
            (Key::ServerGroup, &server.files.group),
            (Key::ServerKeyMode, &server.files.key_mode),
            (Key::ServerCertificateMode, &server.files.certificate_mode),
            (Key::ClientName, &client.name),
            (Key::ClientSecret, &client.secret),
            (Key::ClientSecretCertificate, &client.keys.certificate),
            (Key::ClientSecretKey, &client.keys.key),
            (Key::ClientSecretBundle, &client.keys.bundle),
            (Key::ClientOwner, &client.files.owner),
            (Key::ClientGroup, &client.files.group),
            (Key::ClientKeyMode, &client.files.key_mode),
            (Key::ClientCertificateMode, &client.files.certificate_mode),
            (Key::DatabaseUser, &database.user),
            (Key::DatabaseName, &database.name),
            (Key::DatabaseServerName, &database.server_name),
            (Key::DeadlinesStep, &deadlines.step),
            (Key::DeadlinesRun, &deadlines.run),
            (Key::DeadlinesProjection, &deadlines.projection),
        ]
        .into_iter()
        .filter_map(|(key, text)| text.as_ref().map(|text| (key, text)))
    }
}

/// Deserializes. The error names place, line and column, and shows nothing else of the file.
pub(super) fn from_yaml<T: serde::de::DeserializeOwned>(text: &str, place: &str) -> Result<T, ConfigurationError> {
    let options = serde_saphyr::options! { with_snippet: false };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let place = match error.location() {
            Some(location) => format!("{place}:{}:{}", location.line(), location.column()),
            None => place.to_owned(),
        };
        let problem = error.to_string();
        let problem = problem.split(" at line ").next().unwrap_or_default().trim_end_matches('.').to_owned();
        ConfigurationError::Shape { place, problem }
    })
}
