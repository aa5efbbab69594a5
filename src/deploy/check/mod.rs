//! `check`: what would keep an install from working (`--pre`), and what is wrong with an installed stack.
//!
//! Thin effects collect facts; pure judges make lines of them. Every failed line has a stable code with a page, the object, the
//! reason, and what mends it. An effect that fails makes a line, too: what is not known is not good.
//!
//! | File | Subject | Effects |
//! |---|---|---|
//! | [`mod@line`] | a check and what it found | none |
//! | [`rights`] | the requests of an install, from the rendered objects | none |
//! | [`before`] | the facts of `--pre`, and their judges | none |
//! | [`quota`] | whether the pods fit into the quotas of the namespace | none |
//! | [`after`], [`certificates`], [`operation`] | the facts of an installed stack, and their judges | none |
//! | [`tried`] | what probes saw from inside, and its judges | none |
//! | [`ingress`] | whether requests from outside come in; before an install and afterwards | none |
//! | [`kept`] | the objects of a stack that another tool keeps, compared by what is there | none |
//! | [`health`] | whether the kubelet asks the containers as the stack renders it | none |
//! | [`observe`] | collects the facts of `--pre` | the API server |
//! | [`observe_installed`] | collects the facts of an installed stack | the API server |
//! | `observe_ingress` | collects what is known of the way in | the API server |
//! | [`probing`] | starts probes in the cluster, reads what they report, removes them | the API server |

pub mod after;
pub mod before;
pub mod certificates;
pub mod health;
pub mod ingress;
pub mod kept;
pub mod line;
pub mod observe;
mod observe_ingress;
pub mod observe_installed;
pub mod operation;
pub mod probing;
pub mod quota;
pub mod rights;
pub mod tried;

#[cfg(test)]
mod tests;
