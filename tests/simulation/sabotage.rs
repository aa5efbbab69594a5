//! Defects that show that the invariants see something.

/// A defect put into the ports on purpose: the invariants must find it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sabotage {
    /// The issuer signs with the newest generation, whatever is ordered.
    SignWithNewest,
    /// The store writes the certificate of a leaf without its key.
    TornWrite,
    /// The store writes without comparing revisions.
    BlindWrite,
    /// Consumers say that they have loaded what is stored.
    LyingConsumers,
    /// Consumers never say that they have.
    AnxiousConsumers,
    /// The issuer forgets the identities of forced rotations.
    ForgottenIdentities,
    /// A new authority takes the place of the others.
    ReplacingAuthority,
    /// A bundle holds the newest root only.
    NarrowTrust,
    /// The issuer backdates nothing and dates a day ahead.
    PostdatedLeaves,
}

impl Sabotage {
    pub(crate) const ALL: [Self; 9] = [
        Self::SignWithNewest,
        Self::TornWrite,
        Self::BlindWrite,
        Self::LyingConsumers,
        Self::AnxiousConsumers,
        Self::ForgottenIdentities,
        Self::ReplacingAuthority,
        Self::NarrowTrust,
        Self::PostdatedLeaves,
    ];
}
