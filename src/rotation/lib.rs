//! When certificates are replaced, and what they are. No effects: time, randomness and the world come in as arguments, or
//! through the ports of [`engine`].
//!
//! | Room | Subject |
//! |---|---|
//! | [`pki`] | what a certificate is: authority, leaf, trust bundle, verification, rehearsal |
//! | [`engine`] | when to act and in what order: facts, rules, plan, invariants, ports, the run |
//! | [`issuer`] | between stored bytes and the engine's facts and orders |
//! | [`document`] | `kind: Rotation`: the one YAML file, parsed once into types that cannot be wrong |
//! | [`figures`] | what a run tells Prometheus about itself |
//! | [`probe`] | what `newleaf probe` reports of what it tried |
//! | [`manifests`] | what a cluster needs to run newleaf by itself, each right with its reason |
//!
//! `manifests -> document -> issuer -> engine -> pki`, each naming only what is to its right; `figures` is between
//! `manifests` and `engine`.

pub mod document;
pub mod engine;
pub mod figures;
pub mod issuer;
pub mod manifests;
pub mod pki;
pub mod probe;
