//! The [`Issuer`](crate::rotation::ports::Issuer) on real certificates: between stored bytes and [`crate::pki`].

use crate::pki::algorithm::KeyAlgorithm;
use crate::pki::name::{CommonName, SubjectName};

/// What the certificates are like, apart from their times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The start of an authority's common name; each generation adds what makes it its own.
    pub authority_name: CommonName,
    /// The authority's key.
    pub authority_algorithm: KeyAlgorithm,
    /// The leaves' keys.
    pub leaf_algorithm: KeyAlgorithm,
    /// The names that clients reach the server by.
    pub server_names: Vec<SubjectName>,
    /// The client's common name: the database role (PostgreSQL manual, 21.12).
    pub client_name: CommonName,
}
