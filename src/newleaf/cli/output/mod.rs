//! Results for people. Every function here is pure: it turns values and a style into text.

pub mod lifetime_bar;
pub mod outcome;
pub mod plan;
pub mod runs;
pub mod setup;
pub mod status;
