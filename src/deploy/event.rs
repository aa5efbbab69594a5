//! What is told while a verb works.

use serde::Serialize;

/// Something that people and programs are told of.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum DeployEvent {
    /// Something was done with an object.
    Object {
        /// `create`, `change`, `repair`, `replace`, `prune`, `delete`.
        action: &'static str,
        /// The object.
        object: String,
    },
    /// An object is waited for.
    Waiting {
        /// The part of the stack.
        component: &'static str,
        /// The object.
        object: String,
        /// What is missing.
        why: String,
        /// How long so far.
        seconds: u64,
    },
    /// All objects of a part of the stack are ready, in one phase.
    ComponentReady {
        /// The part of the stack.
        component: &'static str,
        /// How many objects it has in the phase.
        objects: usize,
        /// How many of them were written.
        written: usize,
        /// How long it took.
        seconds: f64,
    },
}

/// Takes events.
pub trait EventSink {
    /// Takes one.
    fn tell(&self, event: &DeployEvent);
}
