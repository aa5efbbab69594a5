//! Parts of Backstage that can be switched on. Each needs its plugin in the image, and becomes a part of app-config.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::document::KeyReference;

/// Parts of Backstage that can be switched on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FeaturesSection {
    /// Where entities come from.
    pub catalog: Option<CatalogSection>,
    /// Software templates.
    pub scaffolder: Option<bool>,
    /// Search, on PostgreSQL.
    pub search: Option<bool>,
    /// The permission framework.
    pub permissions: Option<bool>,
    /// Documentation.
    pub techdocs: Option<TechdocsSection>,
    /// Who may sign in.
    pub auth: Option<AuthSection>,
    /// The Kubernetes plugin on the own cluster, with an account that may only read.
    pub kubernetes: Option<bool>,
}

/// Where entities come from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CatalogSection {
    /// Which kinds of entities may be registered.
    pub allow: Option<Vec<String>>,
    /// URLs of files with entities.
    pub locations: Option<Vec<String>>,
    /// Discovery in organizations of GitHub.
    pub github: Option<Vec<GithubSection>>,
}

/// An organization of GitHub.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GithubSection {
    /// The organization.
    pub organization: String,
    /// The host; github.com where it is left out.
    pub host: Option<String>,
    /// The path of the file with entities in each repository.
    pub catalog_path: Option<String>,
    /// The Secret with the token.
    pub token: Option<KeyReference>,
}

/// Documentation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TechdocsSection {
    /// Whether it is on.
    pub enabled: Option<bool>,
    /// Who builds the pages.
    pub builder: Option<TechdocsBuilder>,
    /// Where the pages are kept.
    pub publisher: Option<TechdocsPublisher>,
    /// The bucket or the container, unless the pages are kept locally.
    pub bucket: Option<String>,
    /// The region of the bucket.
    pub region: Option<String>,
}

/// Who builds the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum TechdocsBuilder {
    /// Backstage.
    Local,
    /// Another tool, for example a pipeline.
    External,
}

/// Where the pages are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum TechdocsPublisher {
    /// In the pod; lost when it ends.
    Local,
    /// In a bucket of S3.
    AwsS3,
    /// In a bucket of Google Cloud Storage.
    GoogleGcs,
    /// In a container of Azure Blob Storage.
    AzureBlobStorage,
}

/// Who may sign in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AuthSection {
    /// Anybody who reaches Backstage, as a guest.
    pub guest: Option<bool>,
    /// Users of an `OpenID` Connect provider.
    pub oidc: Option<OidcSection>,
}

/// An `OpenID` Connect provider.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OidcSection {
    /// The URL of its discovery document.
    pub metadata_url: String,
    /// The client id.
    pub client_id: KeyReference,
    /// The client secret.
    pub client_secret: KeyReference,
    /// A secret of at least 24 letters that signs sessions; all pods share it.
    pub session_secret: KeyReference,
}
