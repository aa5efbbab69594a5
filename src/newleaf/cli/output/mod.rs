//! Results for people. Every function here is pure: from values and a style to text.

pub mod lifetime_bar;
pub mod outcome;
pub mod plan;
pub mod runs;
pub mod setup;
pub mod status;
