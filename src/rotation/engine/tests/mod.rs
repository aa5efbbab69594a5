//! Tables over facts: each rule at its boundary, each story as the sequence of its steps.

mod fixtures;
mod plans;
mod rules;
