//! Certificates: reading, making and judging them. No clock, no file, no environment.
//!
//! Reading: [`pem`] finds the blocks, [`key`], [`certificate`] and [`extensions`] parse them, [`authority`] and
//! [`trust_bundle`] combine them; [`observed`] reads any certificate that a server shows. Making: [`authority`] and
//! [`leaf`]; [`counterfeit`] makes what no peer may accept. Judging: [`path`] finds the paths to a root, [`verify`] judges them,
//! [`rehearse`] tries both ends, and [`warning`] has the objections of other tools.

pub mod algorithm;
pub mod authority;
pub mod certificate;
pub mod counterfeit;
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
