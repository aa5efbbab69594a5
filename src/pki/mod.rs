//! What a certificate is. No clock, no file, no environment.

pub mod algorithm;
pub mod name;
