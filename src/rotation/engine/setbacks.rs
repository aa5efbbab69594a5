//! What failed in a run, so that the run can continue without it when a leaf would otherwise expire.

use std::collections::BTreeSet;

use base::diagnosis::Class;

use crate::engine::step::Step;

/// The steps that failed in one run. The run does not try them again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Setbacks {
    /// Consumers whose pick-up or proof failed.
    pub consumers: BTreeSet<String>,
    /// Generations of the authority whose client leaf PostgreSQL refused.
    pub signers: BTreeSet<u32>,
    /// The login with the stored client leaf failed.
    pub login: bool,
}

impl Setbacks {
    /// Whether nothing has failed.
    pub fn is_empty(&self) -> bool {
        self.consumers.is_empty() && self.signers.is_empty() && !self.login
    }

    /// Records a failed step; `false` if the run cannot continue without it: the store, a signal, a decision that a person must make.
    pub fn note(&mut self, step: &Step, class: Class) -> bool {
        let is_final = match class {
            Class::Usage
            | Class::Refused
            | Class::Conflict
            | Class::Configuration
            | Class::Interrupted
            | Class::Bug => true,
            Class::ProofFailed | Class::Temporary | Class::Denied => false,
        };
        if is_final {
            return false;
        }
        match step {
            Step::PickUp { consumer, .. } | Step::Prove { consumer, .. } => {
                self.consumers.insert(consumer.clone());
            }
            Step::LogIn => self.login = true,
            Step::Issue { order, trial, .. } if trial.is_any() => {
                self.signers.insert(order.signer);
            }
            Step::AddAuthority(_) | Step::RemoveAuthority { .. } | Step::Issue { .. } | Step::Republish { .. } => {
                return false;
            }
        }
        true
    }
}
