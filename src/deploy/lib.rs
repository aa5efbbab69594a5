//! newleaf-deploy: the whole stack from one document, installed, changed, shown and removed.
//!
//! ```text
//! document -> render -> observe -> plan -> apply one phase -> wait -> ... -> prune
//! ```
//!
//! What the objects are is decided in `stack`, which has no effects. Nothing is saved but the inventory: if a run dies anywhere,
//! the next one observes the same cluster and goes on.
//!
//! | Room | Subject | Effects |
//! |---|---|---|
//! | [`load`], [`text`] | the stack, from its layers to settings | files |
//! | [`check`] | what would keep an install from working, and what is wrong with an installed stack | the API server |
//! | [`bring`] | `init` and `import`: writes a document, and never over another file | files |
//! | [`export`] | the stack as files for another tool | files |
//! | [`inventory`] | the `ApplySet` (KEP-3659): what belongs to a stack | none |
//! | [`plan`] | rendered and live objects -> what is done, and what is kept | none |
//! | [`cluster`] | the requests about any object | the API server |
//! | [`observe`], [`references`] | what is there, and what the stack refers to | the API server |
//! | [`wait`], [`trouble`] | until an object is ready, or waiting cannot help | the API server |
//! | [`keeper`] | which other tool keeps the stack | none |
//! | [`handover`] | another tool goes on with the stack, or this one does | the API server |
//! | `turn` | one install or removal of a stack at a time | the API server |
//! | [`run`], [`remove`], [`difference`], [`state`] | the verbs | the API server |
//! | [`event`] | what is told while a verb works | none |
//! | [`error`] | the errors, each with its code | none |
//! | [`cli`] | arguments, printing, exit codes | terminal |

pub mod bring;
pub mod check;
pub mod cli;
pub mod cluster;
pub mod difference;
pub mod error;
pub mod event;
pub mod export;
pub mod handover;
pub mod inventory;
pub mod keeper;
pub mod load;
pub mod observe;
pub mod plan;
pub mod references;
pub mod remove;
pub mod run;
pub mod state;
pub mod text;
pub mod trouble;
mod turn;
pub mod wait;
