//! What a certificate is. No clock, no file, no environment.
//!
//! Reading: [`pem`] finds the blocks, [`key`], [`certificate`] and [`extensions`] read what is in them, [`authority`] and
//! [`trust_bundle`] put them together; [`observed`] reads what a server shows, whatever it is. Making: [`authority`] and
//! [`leaf`]. Judging: [`path`] finds the ways to a root, [`verify`] judges them, [`rehearse`] tries both ends, and
//! [`warning`] is what some others would say.

pub mod algorithm;
pub mod authority;
pub mod certificate;
mod der;
pub mod digest;
mod encoding;
pub mod error;
pub mod extensions;
mod fields;
pub mod identity;
pub mod key;
pub mod leaf;
pub mod name;
mod name_constraints;
pub mod observed;
pub mod path;
pub mod pem;
pub mod public_key;
pub mod rehearse;
pub mod subject;
pub mod trust_bundle;
pub mod verify;
pub mod warning;
