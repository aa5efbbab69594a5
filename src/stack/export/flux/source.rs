//! Where Flux gets the files from.

use std::fmt;
use std::str::FromStr;

use serde_json::{Value, json};

use crate::export::flux::FLUX_NAMESPACE;
use crate::settings::values::DnsSubdomain;

/// The object of Flux that fetches the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FluxSource {
    /// Its kind.
    pub kind: FluxSourceKind,
    /// Its name in the namespace of Flux.
    pub name: String,
}

/// The kinds that a Kustomization can read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FluxSourceKind {
    /// A Git repository.
    GitRepository,
    /// An image registry.
    OciRepository,
    /// An object store.
    Bucket,
    /// What another controller fetched.
    ExternalArtifact,
}

/// A text that names no source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected KIND/NAME, and KIND one of {}", FluxSourceKind::ALL.map(FluxSourceKind::name).join(", "))]
pub struct UnknownFluxSource;

impl FluxSourceKind {
    const ALL: [Self; 4] = [Self::GitRepository, Self::OciRepository, Self::Bucket, Self::ExternalArtifact];

    const fn name(self) -> &'static str {
        match self {
            Self::GitRepository => "GitRepository",
            Self::OciRepository => "OCIRepository",
            Self::Bucket => "Bucket",
            Self::ExternalArtifact => "ExternalArtifact",
        }
    }
}

/// What `flux bootstrap` makes.
impl Default for FluxSource {
    fn default() -> Self {
        Self { kind: FluxSourceKind::GitRepository, name: FLUX_NAMESPACE.to_owned() }
    }
}

impl FromStr for FluxSource {
    type Err = UnknownFluxSource;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, name) = text.split_once('/').ok_or(UnknownFluxSource)?;
        let kind = FluxSourceKind::ALL.into_iter().find(|known| known.name() == kind).ok_or(UnknownFluxSource)?;
        let name: DnsSubdomain = name.parse().map_err(|_| UnknownFluxSource)?;
        Ok(Self { kind, name: name.as_str().to_owned() })
    }
}

impl fmt::Display for FluxSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.kind.name(), self.name)
    }
}

impl FluxSource {
    /// As a `sourceRef`.
    pub(super) fn reference(&self) -> Value {
        json!({ "kind": self.kind.name(), "name": self.name })
    }
}
