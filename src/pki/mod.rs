//! What a certificate is. No clock, no file, no environment.
//!
//! Reading: [`pem`] finds the blocks, [`key`] and [`certificate`] read what is in them, [`authority`] and
//! [`trust_bundle`] put them together. Making: [`authority`] and [`leaf`]. Judging: [`verify`] and [`rehearse`].

pub mod algorithm;
pub mod authority;
pub mod certificate;
mod der;
pub mod error;
pub mod extensions;
mod fields;
pub mod identity;
pub mod key;
pub mod leaf;
pub mod name;
mod name_constraints;
pub mod path;
pub mod pem;
pub(crate) mod public_key;
pub mod rehearse;
mod subject;
pub mod trust_bundle;
pub mod verify;
pub mod warning;
