//! The document as types: what may stand where. The places of its values are in the tree that it is read from.

use base::duration::HumanDuration;
use base::layers::merge::{merge, replace};
use base::layers::origin::Origin;
use base::layers::tree::{Tree, TreeValue};
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};

use crate::document::error::ConfigurationError;

/// The only version of the format.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
pub enum ApiVersion {
    /// The first version.
    #[serde(rename = "newleaf.dev/v1alpha1")]
    V1Alpha1,
}

/// The only kind of document.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
pub enum Kind {
    /// What is rotated, and how.
    Rotation,
}

/// The configuration of newleaf: what is rotated, and how. Everything but the first two keys may be left out.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(title = "Rotation")]
pub struct File {
    /// The version of the format.
    #[serde(rename = "apiVersion")]
    pub version: ApiVersion,
    /// The kind of the document.
    pub kind: Kind,
    /// Directory that holds authority and leaves.
    pub directory: Option<String>,
    /// Namespace of the Secrets, on Kubernetes.
    pub namespace: Option<String>,
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
    pub consumers: Option<Vec<ConsumerFile>>,
    /// The database that proves what is served.
    #[serde(default)]
    pub database: DatabaseFile,
    /// How long things may take.
    #[serde(default)]
    pub deadlines: DeadlinesFile,
}

/// The authority: one that newleaf creates, or one that another tool or a person keeps.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AuthorityFile {
    /// Secret that holds the authority, on Kubernetes.
    pub secret: Option<String>,
    /// Start of the authority's common name.
    pub name: Option<String>,
    /// Key algorithm of the authority.
    pub algorithm: Option<String>,
    /// How long an authority is valid.
    #[schemars(extend("pattern" = HumanDuration::PATTERN))]
    pub lifetime: Option<String>,
    /// How long before its end an authority gets a successor.
    #[schemars(extend("pattern" = HumanDuration::PATTERN))]
    pub renew_before: Option<String>,
    /// File, or key of the Secret, with the certificate of an authority of another tool or a person; newleaf then creates none.
    pub certificate: Option<String>,
    /// File, or key of the Secret, with the private key of that authority.
    pub key: Option<String>,
    /// File, or key of the Secret, with the certificates between that authority and its root, root last.
    pub chain: Option<String>,
}

/// What both leaves have in common.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LeafFile {
    /// How long a leaf is valid.
    #[schemars(extend("pattern" = HumanDuration::PATTERN))]
    pub lifetime: Option<String>,
    /// Age at which a leaf is replaced.
    #[schemars(extend("pattern" = HumanDuration::PATTERN))]
    pub rotate_after: Option<String>,
    /// How far before its issue a leaf's validity starts.
    #[schemars(extend("pattern" = HumanDuration::PATTERN))]
    pub backdate: Option<String>,
    /// Key algorithm of the leaves.
    pub algorithm: Option<String>,
}

/// The server's leaf.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServerFile {
    /// Secret that holds the leaf, on Kubernetes.
    pub secret: Option<String>,
    /// The keys of that Secret.
    #[serde(default)]
    pub keys: KeysFile,
    /// Names and addresses that clients reach the server by.
    pub names: Option<Vec<String>>,
    /// Who may read its files.
    #[serde(default)]
    pub files: FilesFile,
}

/// The client's leaf.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClientFile {
    /// Secret that holds the leaf, on Kubernetes.
    pub secret: Option<String>,
    /// The keys of that Secret.
    #[serde(default)]
    pub keys: KeysFile,
    /// Common name: the database role.
    pub name: Option<String>,
    /// Who may read its files.
    #[serde(default)]
    pub files: FilesFile,
}

/// The keys of a Secret that holds a leaf.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeysFile {
    /// Key of the certificate chain.
    pub certificate: Option<String>,
    /// Key of the private key.
    pub key: Option<String>,
    /// Key of the trust bundle.
    pub bundle: Option<String>,
}

/// Who may read the files of a leaf.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FilesFile {
    /// Owner, by name or number.
    #[schemars(with = "Option<AccountFile>")]
    pub owner: Option<String>,
    /// Group, by name or number.
    #[schemars(with = "Option<AccountFile>")]
    pub group: Option<String>,
    /// Mode of the key, in octal.
    #[schemars(extend("pattern" = "^0?[0-7]{3}$"))]
    pub key_mode: Option<String>,
    /// Mode of certificate and trust bundle, in octal.
    #[schemars(extend("pattern" = "^0?[0-7]{3}$"))]
    pub certificate_mode: Option<String>,
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
#[serde(untagged, expecting = "expected a command and its arguments as a list, or true or false")]
pub enum FallbackRestartFile {
    /// A command and its arguments.
    Command(Vec<String>),
    /// As Kubernetes does.
    Rollout(bool),
}

/// The database that proves what is served.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DatabaseFile {
    /// Every `HOST[:PORT]` behind the database's name.
    pub endpoints: Option<Vec<String>>,
    /// Role to log in as.
    pub user: Option<String>,
    /// Database to log in to.
    pub name: Option<String>,
    /// Name to verify the server's certificate by.
    pub server_name: Option<String>,
}

/// How long things may take.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeadlinesFile {
    /// One step.
    #[schemars(extend("pattern" = HumanDuration::PATTERN))]
    pub step: Option<String>,
    /// A run.
    #[schemars(extend("pattern" = HumanDuration::PATTERN))]
    pub run: Option<String>,
    /// A kubelet, to bring a changed Secret into a pod, on Kubernetes.
    #[schemars(extend("pattern" = HumanDuration::PATTERN))]
    pub projection: Option<String>,
}

/// The JSON Schema of the file. The default of a map is that all of its keys have theirs, which needs no words.
pub fn schema() -> Schema {
    let mut schema = schemars::schema_for!(File);
    let without_maps = |schema: &mut Schema| {
        if schema.get("default").is_some_and(serde_json::Value::is_object) {
            schema.remove("default");
        }
    };
    RecursiveTransform(without_maps).transform(&mut schema);
    schema
}

/// The JSON Schema as a file.
pub fn schema_text() -> Result<String, serde_json::Error> {
    let mut schema = schema();
    schema.insert("$id".to_owned(), "https://newleaf.dev/v1alpha1/configuration.schema.json".into());
    Ok(format!("{}\n", serde_json::to_string_pretty(&schema)?))
}

/// Reads what all layers give. Version and kind are written in files only, and default to the only ones.
pub fn read(given: &Tree) -> Result<File, ConfigurationError> {
    let text = |text: &str| Tree::new(TreeValue::Text(text.to_owned()), Origin::Default);
    let kind = text("Rotation").below("kind");
    let header = merge(text("newleaf.dev/v1alpha1").below("apiVersion"), kind, &replace);
    Ok(merge(header, given.clone(), &replace).document()?)
}
