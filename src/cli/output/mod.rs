//! Results for people. Every function here is pure: it turns values and a style into text.

pub mod lifetime_bar;
pub mod moment;
pub mod outcome;
pub mod paint;
pub mod plan;
pub mod runs;
pub mod setup;
pub mod status;
pub mod table;
