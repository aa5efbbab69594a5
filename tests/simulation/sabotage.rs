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
    /// The issuer carries every root that is stored anywhere into each bundle.
    CarriedTrust,
    /// Sessions that cannot be seen are taken for none.
    BlindSessions,
    /// A login that was refused is reported as admitted.
    PromisedLogins,
    /// A server that runs is reported as stopped.
    StoppedByHearsay,
    /// Readers at each login are reported as done before the files have arrived.
    ImpatientReaders,
    /// A consumer that was restarted in vain is reported as one that a restart would mend.
    EagerRestarts,
}

impl Sabotage {
    pub(crate) const ALL: [Self; 14] = [
        Self::SignWithNewest,
        Self::TornWrite,
        Self::BlindWrite,
        Self::LyingConsumers,
        Self::AnxiousConsumers,
        Self::ForgottenIdentities,
        Self::ReplacingAuthority,
        Self::NarrowTrust,
        Self::PostdatedLeaves,
        Self::BlindSessions,
        Self::PromisedLogins,
        Self::StoppedByHearsay,
        Self::ImpatientReaders,
        Self::EagerRestarts,
    ];
}
