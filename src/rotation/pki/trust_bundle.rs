//! The authorities' certificates that a peer accepts.

use std::collections::{BTreeMap, BTreeSet};

use crate::pki::certificate::{self, Certificate};
use crate::pki::error::{PkiError, Source};
use crate::pki::identity::Fingerprint;
use crate::pki::pem;

/// A set of certificates, ordered by fingerprint, so that the same set always gives the same bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrustBundle(BTreeMap<Fingerprint, Certificate>);

impl TrustBundle {
    /// Reads a PEM file. The order does not matter, and a certificate may occur twice, because other tools append.
    pub fn from_pem(input: &[u8], origin: &Source) -> Result<Self, PkiError> {
        pem::certificates(input, origin)?.iter().map(|der| Certificate::from_der(der, origin)).collect()
    }

    /// The bundle as PEM, ordered by fingerprint.
    pub fn to_pem(&self) -> String {
        certificate::to_pem(self.iter())
    }

    /// The certificates, ordered by fingerprint.
    pub fn iter(&self) -> impl Iterator<Item = &Certificate> {
        self.0.values()
    }

    /// The fingerprints of all certificates.
    pub fn fingerprints(&self) -> BTreeSet<Fingerprint> {
        self.0.keys().copied().collect()
    }

    pub fn get(&self, fingerprint: Fingerprint) -> Option<&Certificate> {
        self.0.get(&fingerprint)
    }

    /// Whether the bundle has no certificate, so that the peer accepts none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Certificate> for TrustBundle {
    fn from_iter<I: IntoIterator<Item = Certificate>>(certificates: I) -> Self {
        Self(certificates.into_iter().map(|certificate| (certificate.fingerprint(), certificate)).collect())
    }
}
