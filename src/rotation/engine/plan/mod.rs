//! The next step, chosen from facts. A plan is the sequence of steps that would follow; it holds no secrets.
//!
//! | File | Decides |
//! |---|---|
//! | `authority` | whether the authority gets another generation, or loses one |
//! | `leaf` | whether newleaf rewrites a leaf or its trust bundle, and which generation signs it |
//! | `peer` | the next step for one peer, and the order in which its consumers pick up |

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
    /// The run must not do anything. The code says why, the text names the object.
    Refuse(Code, String),
}

/// The steps that a run would take, and the findings that ask for them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// Every finding of the rules.
    pub findings: Vec<Finding>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// Why the plan stops early, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<(Code, String)>,
    /// When the next step is due if every step succeeds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<DateTime<Utc>>,
}

/// How many steps a plan shows, and a run takes. A forced rollover with ten consumers takes 67.
pub const STEPS_MAX: usize = 128;

/// A rule that decides the next step, or leaves it to the following rule.
type StepRule = fn(&Facts, &Policy, &Request) -> Option<Decision>;

/// The rules for a run without setbacks, in order. Missing evidence comes last, so no safe step waits for it.
const STEP_RULES: [StepRule; 7] =
    [authority_step, server_step, client_step, removal, missing_proof, refused_removal, refused_successor];

/// The next step. After a setback only the steps that a near expiry demands and that are still safe.
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

/// The next step for a peer after a setback: newleaf replaces a leaf that expires soon, signed by its former authority if
/// PostgreSQL refused another, and makes the consumers that have not failed pick it up.
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

/// When the next step is due: the first leaf by age or expiry, or the authority by its expiry.
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
