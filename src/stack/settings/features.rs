//! Parts of Backstage that can be switched on.

use crate::defaults::PlatformDefaults;
use crate::document::features::{
    CatalogSection, FeaturesSection, GithubSection, OidcSection, TechdocsBuilder, TechdocsPublisher, TechdocsSection,
};
use crate::settings::checker::{Checker, quoted};
use crate::settings::references::{EntryReference, ReferenceKind, entry};
use crate::settings::values::{HostName, PlainText, WebAddress};

/// The kinds of entities that Backstage's software catalog has.
const ENTITY_KINDS: [&str; 8] = ["API", "Component", "Domain", "Group", "Location", "Resource", "System", "Template"];

/// Parts of Backstage that can be switched on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own, as the document has it")]
pub struct FeatureSettings {
    /// The kinds of entities that may be registered.
    pub allow: Vec<String>,
    /// URLs of files with entities.
    pub locations: Vec<WebAddress>,
    /// Organizations of GitHub.
    pub github: Vec<GithubOrganization>,
    /// Software templates.
    pub scaffolder: bool,
    /// Search.
    pub search: bool,
    /// The permission framework.
    pub permissions: bool,
    /// Documentation.
    pub techdocs: Option<TechdocsSettings>,
    /// Whether anybody may sign in as a guest.
    pub guest: bool,
    /// An `OpenID` Connect provider.
    pub oidc: Option<OidcSettings>,
    /// The Kubernetes plugin.
    pub kubernetes: bool,
}

impl FeatureSettings {
    /// Whether one of them needs servers of the internet.
    pub(super) fn needs_internet(&self) -> bool {
        let is_remote = self.techdocs.as_ref().is_some_and(|it| it.publisher != TechdocsPublisher::Local);
        is_remote || self.scaffolder || self.oidc.is_some() || !self.github.is_empty() || !self.locations.is_empty()
    }
}

/// An organization of GitHub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GithubOrganization {
    /// Its name.
    pub organization: PlainText,
    /// The host.
    pub host: HostName,
    /// The path of the file with entities.
    pub catalog_path: PlainText,
    /// The token.
    pub token: Option<EntryReference>,
}

/// Documentation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TechdocsSettings {
    /// Who builds the pages.
    pub builder: TechdocsBuilder,
    /// Where the pages are kept.
    pub publisher: TechdocsPublisher,
    /// The bucket, unless the pages are kept locally.
    pub bucket: Option<PlainText>,
    /// Its region.
    pub region: Option<PlainText>,
}

/// An `OpenID` Connect provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcSettings {
    /// Its discovery document.
    pub metadata_url: WebAddress,
    /// The client id.
    pub client_id: EntryReference,
    /// The client secret.
    pub client_secret: EntryReference,
    /// What signs sessions.
    pub session_secret: EntryReference,
}

pub(super) fn validate(
    checker: &mut Checker,
    section: &FeaturesSection,
    defaults: &PlatformDefaults,
) -> Option<FeatureSettings> {
    let catalog = section.catalog.clone().unwrap_or_default();
    let allow = allowed_kinds(checker, &catalog);
    let locations = checker.list("features.catalog.locations", catalog.locations.as_deref());
    let github: Vec<Option<GithubOrganization>> = catalog
        .github
        .iter()
        .flatten()
        .enumerate()
        .map(|(index, section)| github(checker, &format!("features.catalog.github[{index}]"), section))
        .collect();
    let techdocs = techdocs(checker, section.techdocs.as_ref());
    let auth = section.auth.clone().unwrap_or_default();
    let oidc = match &auth.oidc {
        Some(given) => Some(oidc(checker, given)?),
        None => None,
    };
    Some(FeatureSettings {
        allow: allow?,
        locations: locations?,
        github: github.into_iter().collect::<Option<_>>()?,
        scaffolder: section.scaffolder.unwrap_or(false),
        search: section.search.unwrap_or(false),
        permissions: section.permissions.unwrap_or(false),
        techdocs: techdocs?,
        guest: auth.guest.unwrap_or(defaults.guest && oidc.is_none()),
        oidc,
        kubernetes: section.kubernetes.unwrap_or(false),
    })
}

fn allowed_kinds(checker: &mut Checker, section: &CatalogSection) -> Option<Vec<String>> {
    let given = section.allow.clone().unwrap_or_default();
    let is_word =
        |kind: &String| (1..=63).contains(&kind.len()) && kind.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if let Some(index) = given.iter().position(|kind| !is_word(kind)) {
        let value = quoted(given.get(index).map_or("", String::as_str));
        let limits = format!("a kind is a word such as {}", ENTITY_KINDS.join(", "));
        checker.add(&format!("features.catalog.allow[{index}]"), &value, &limits, "write the kind of an entity");
        return None;
    }
    Some(given)
}

fn github(checker: &mut Checker, path: &str, section: &GithubSection) -> Option<GithubOrganization> {
    let organization = checker.required(&format!("{path}.organization"), &section.organization);
    let host = checker.given(&format!("{path}.host"), section.host.as_deref(), "github.com");
    let token = match &section.token {
        Some(given) => Some(entry(checker, &format!("{path}.token"), ReferenceKind::Secret, given)?),
        None => None,
    };
    let catalog_path =
        checker.given(&format!("{path}.catalogPath"), section.catalog_path.as_deref(), "/catalog-info.yaml");
    Some(GithubOrganization { organization: organization?, host: host?, catalog_path: catalog_path?, token })
}

#[expect(clippy::option_option, reason = "a value that is wrong is not one that is left out")]
fn techdocs(checker: &mut Checker, section: Option<&TechdocsSection>) -> Option<Option<TechdocsSettings>> {
    let Some(section) = section else { return Some(None) };
    if section.enabled == Some(false) {
        return Some(None);
    }
    let publisher = section.publisher.unwrap_or(TechdocsPublisher::Local);
    let is_local = publisher == TechdocsPublisher::Local;
    let path = "features.techdocs";
    let region = checker.optional(&format!("{path}.region"), section.region.as_deref());
    let bucket: Option<Option<PlainText>> = checker.optional(&format!("{path}.bucket"), section.bucket.as_deref());
    let way_out = "set `bucket` and a `publisher` that has one, or neither";
    match (is_local, &section.bucket) {
        (true, Some(bucket)) => {
            let limits = "pages that are kept locally have no bucket";
            checker.add(&format!("{path}.bucket"), &quoted(bucket), limits, way_out);
        }
        (false, None) => checker.add(&format!("{path}.bucket"), "missing", "pages are kept in a bucket there", way_out),
        (true, None) | (false, Some(_)) => {}
    }
    let builder = section.builder.unwrap_or(if is_local { TechdocsBuilder::Local } else { TechdocsBuilder::External });
    Some(Some(TechdocsSettings { builder, publisher, bucket: bucket?, region: region? }))
}

fn oidc(checker: &mut Checker, section: &OidcSection) -> Option<OidcSettings> {
    let path = "features.auth.oidc";
    let metadata_url = checker.required(&format!("{path}.metadataUrl"), &section.metadata_url);
    let mut key = |name: &str, given| entry(checker, &format!("{path}.{name}"), ReferenceKind::Secret, given);
    let client_id = key("clientId", &section.client_id);
    let client_secret = key("clientSecret", &section.client_secret);
    let session_secret = key("sessionSecret", &section.session_secret);
    Some(OidcSettings {
        metadata_url: metadata_url?,
        client_id: client_id?,
        client_secret: client_secret?,
        session_secret: session_secret?,
    })
}
