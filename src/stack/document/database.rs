//! PostgreSQL.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::document::Scalar;

/// PostgreSQL: one that is installed with the stack, or one that exists.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DatabaseSection {
    /// The major version, 14 to 18, of the official image.
    pub version: Option<Scalar>,
    /// Another image that behaves like the official one, with a tag or a digest; say its `version`, too.
    pub image: Option<String>,
    /// Settings of PostgreSQL.
    pub parameters: Option<BTreeMap<String, Scalar>>,
    /// The memory of the pod; `shared_buffers` and others follow from it.
    pub memory: Option<Scalar>,
    /// The processor time that is reserved.
    pub cpu: Option<Scalar>,
    /// The volume.
    pub storage: Option<StorageSection>,
    /// An existing PostgreSQL; then nothing above may be given.
    pub existing: Option<ExistingSection>,
}

/// The volume of the database.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StorageSection {
    /// Its size: `10Gi`.
    pub size: Option<Scalar>,
    /// Its storage class; the cluster's default where it is left out.
    pub class: Option<String>,
}

/// An existing PostgreSQL. Its `pg_hba.conf` must admit the client certificate.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExistingSection {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: Option<u32>,
    /// The database to log in to.
    pub name: Option<String>,
    /// The role to log in as: the common name of the client certificate.
    pub role: Option<String>,
    /// How many connections it leaves to Backstage.
    pub max_connections: Option<u32>,
    /// Where it is, for the network policies; follows from `host` where that names a Service or an address.
    pub cidrs: Option<Vec<String>>,
    /// The Secret with the trust bundle, if its certificate is not newleaf's; key `ca.crt`.
    pub trust_bundle: Option<String>,
}
