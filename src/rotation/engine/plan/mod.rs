//! The next step, chosen from facts. A plan is the sequence of steps that would follow; it holds no secrets.
//!
//! | File | Decides |
//! |---|---|
//! | `authority` | whether the authority gets another generation, or loses one |
//! | `leaf` | whether a leaf or its trust bundle is written anew, and signed by which generation |
//! | `peer` | what is to be done for one peer, and in which order its consumers load it |

mod authority;
mod leaf;
mod peer;

use base::diagnosis::Code;
use chrono::{DateTime, SubsecRound, Utc};
use serde::Serialize;

use crate::engine::facts::{Facts, Peer};
use crate::engine::outlook;
use crate::engine::plan::authority::{authority_step, refused_removal, refused_successor, removal};
use crate::engine::plan::leaf::issue;
use crate::engine::plan::peer::{client_step, is_let_in, missing_proof, server_step, stale_consumer};
use crate::engine::policy::Policy;
use crate::engine::request::Request;
use crate::engine::rules::{Finding, due_at, explain, is_urgent};
use crate::engine::setbacks::Setbacks;
use crate::engine::step::Step;

/// What to do now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Take this step, then observe again.
    Act(Step),
    /// Nothing is left to do.
    Done,
    /// Nothing may be done; the code says why, the text on what.
    Refuse(Code, String),
}

/// What would be done, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// Everything the rules found.
    pub findings: Vec<Finding>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// Why it stops short, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<(Code, String)>,
    /// When something is due next if every step succeeds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<DateTime<Utc>>,
}

/// How many steps a plan shows, and a run takes. A forced rollover with ten consumers takes 67.
pub const STEPS_MAX: usize = 128;

/// What decides the next step, or leaves it to the rule after it.
type StepRule = fn(&Facts, &Policy, &Request) -> Option<Decision>;

/// The rules without setbacks, in their order. What cannot be seen comes last: nothing that is safe waits for it.
const STEP_RULES: [StepRule; 7] =
    [authority_step, server_step, client_step, removal, missing_proof, refused_removal, refused_successor];

/// The next step. After a setback only what an end that is near demands, and what is safe all the same.
pub fn decide(facts: &Facts, policy: &Policy, request: &Request, setbacks: &Setbacks) -> Decision {
    if setbacks.is_empty() {
        for rule in STEP_RULES {
            if let Some(decision) = rule(facts, policy, request) {
                return decision;
            }
        }
        return Decision::Done;
    }
    for peer in Peer::ALL {
        if let Some(decision) = urgent_step(facts, policy, request, setbacks, peer) {
            return decision;
        }
    }
    Decision::Done
}

/// What is done for a peer after a setback: a leaf whose end is near is replaced, by the authority that has signed it if
/// PostgreSQL refused another, and picked up by the consumers that have not failed.
fn urgent_step(facts: &Facts, policy: &Policy, request: &Request, setbacks: &Setbacks, peer: Peer) -> Option<Decision> {
    if is_urgent(facts, policy, peer) {
        return issue(facts, policy, request, peer, setbacks);
    }
    let may_pick_up = match peer {
        Peer::Server => true,
        Peer::Client => !setbacks.login && is_let_in(facts, policy) && facts.working_leaf(peer).is_some(),
    };
    if may_pick_up { stale_consumer(facts, policy, peer, setbacks) } else { None }
}

/// The whole sequence of steps from here, assuming that each succeeds.
pub fn plan(facts: &Facts, policy: &Policy, request: &Request) -> Plan {
    let mut expected = facts.clone();
    let mut steps = Vec::new();
    let mut refusal = None;
    while steps.len() < STEPS_MAX {
        match decide(&expected, policy, request, &Setbacks::default()) {
            Decision::Act(step) => {
                expected = outlook::after(&expected, &step);
                steps.extend(step.clone().with_proof());
            }
            Decision::Done => break,
            Decision::Refuse(code, message) => {
                refusal = Some((code, message));
                break;
            }
        }
    }
    Plan { findings: explain(facts, policy, request), steps, refusal, next: next_due(&expected, policy) }
}

/// When something is due next: the first leaf by age or end, or the authority by its end.
pub fn next_due(facts: &Facts, policy: &Policy) -> Option<DateTime<Utc>> {
    let leaves = Peer::ALL.into_iter().filter_map(|peer| due_at(facts, policy, peer));
    let living = facts.generations().iter().filter(|authority| !authority.retiring && authority.generation > 0);
    let authority = living.map(|authority| authority.validity.not_after - policy.authority_renew_before()).max();
    leaves.chain(authority).min()
}

/// Certificates state whole seconds (RFC 5280, 4.1.2.5).
fn whole_second(at: DateTime<Utc>) -> DateTime<Utc> {
    at.trunc_subsecs(0)
}
