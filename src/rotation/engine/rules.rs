//! A chain of small rules. Each takes the facts and returns a finding with its reason, or nothing.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::Serialize;

use crate::engine::facts::{ConsumerFacts, Facts, LeafFacts, Loaded, Login, Observed, Peer, Validity};
use crate::engine::policy::Policy;
use crate::engine::request::{Request, Scope};
use crate::engine::retirement::{is_leaving, removal_blocked};
use crate::engine::setbacks::Setbacks;
use crate::engine::signer::signer_for;
use crate::engine::trust::trust_differs;
use crate::engine::warnings::warnings;

/// Why newleaf must act, or cannot act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub enum Reason {
    /// No authority is stored.
    AuthorityMissing,
    /// The stored authority is unreadable.
    AuthorityUnreadable,
    /// The chain of an authority has expired.
    AuthorityExpired,
    /// The chain of an authority is not valid yet.
    AuthorityNotYetValid,
    /// The newest authority expires soon.
    AuthorityEnding,
    /// A generation is leaving. The message says what still needs it.
    AuthorityRetiring,
    /// No leaf is stored.
    LeafAbsent,
    /// The stored leaf is unreadable.
    LeafUnreadable,
    LeafExpired,
    LeafNotYetValid,
    /// The leaf does not verify against the roots that its peer trusts.
    LeafUntrusted,
    /// The names, usages or key algorithm differ from the policy.
    ProfileDrift,
    /// The signer of the leaf is not among the stored authorities.
    SignerGone,
    /// The signer of the leaf retires.
    SignerRetiring,
    /// The leaf has reached the age at which it is replaced.
    RotationDue,
    /// The leaf expires soon.
    LeafEnding,
    /// The operator asked for a forced rotation.
    Forced,
    /// The trust bundle of the leaf lacks roots or contains surplus roots.
    TrustDiffers,
    /// A consumer has not loaded the stored material.
    ConsumerStale,
    /// newleaf made a consumer load the stored material, and no evidence shows that the consumer did.
    ConsumerUnproved,
    /// newleaf cannot observe a consumer.
    ConsumerUnknown,
    /// A server accepts clients by authorities that newleaf does not know.
    TrustUnknown,
    /// PostgreSQL refuses a login with the stored client leaf, or does not answer.
    LoginUnproved,
    /// PostgreSQL checks revocation lists, so it would refuse another authority.
    RevocationList,
    /// Our clock differs from the clock of the database or the cluster.
    ClockDiffers,
    /// Verifiers that are stricter than PostgreSQL refuse the authority.
    StrictVerifiersRefuse,
    /// libpq cannot log in with a password if this authority signs the server's leaf.
    PasswordLoginsFail,
    /// A name of the leaf means a different host in every network.
    NameUnqualified,
}

impl Reason {
    /// Whether newleaf only reports the finding. No step and no exit code follow from it.
    pub const fn is_warning(self) -> bool {
        matches!(self, Self::StrictVerifiersRefuse | Self::PasswordLoginsFail | Self::NameUnqualified)
    }
}

/// The object of a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase", tag = "kind", content = "name")]
pub enum Subject {
    /// The authority, or one generation of it.
    Authority(Option<u32>),
    Leaf(Peer),
    Consumer(String),
    /// The clock of this machine.
    Clock,
}

/// The result of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The object that the finding is about.
    pub subject: Subject,
    /// The reason, as a stable identifier.
    pub reason: Reason,
    /// The reason in words: a clause without a full stop.
    pub message: String,
}

/// A rule about one readable leaf.
type LeafRule = fn(&Context<'_>, Peer, &LeafFacts) -> Option<(Reason, String)>;

/// The input of every rule.
#[derive(Debug, Clone, Copy)]
struct Context<'a> {
    facts: &'a Facts,
    policy: &'a Policy,
    request: &'a Request,
}

/// The rules that make a leaf due, in the order in which newleaf shows their reasons.
const LEAF_RULES: [LeafRule; 9] = [
    leaf_expired,
    leaf_not_yet_valid,
    leaf_untrusted,
    profile_drift,
    signer_gone,
    signer_retiring,
    rotation_due,
    leaf_ending,
    forced,
];

/// Every finding of every rule, in a stable order: clock, authority, server, client, login, consumers.
pub fn explain(facts: &Facts, policy: &Policy, request: &Request) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(message) = clock_differs(facts, policy) {
        findings.push(Finding { subject: Subject::Clock, reason: Reason::ClockDiffers, message });
    }
    findings.extend(authority_findings(facts, policy));
    for peer in Peer::ALL {
        for (reason, message) in leaf_findings(facts, policy, request, peer) {
            findings.push(Finding { subject: Subject::Leaf(peer), reason, message });
        }
        if let Some(message) = trust_differs(facts, peer) {
            findings.push(Finding { subject: Subject::Leaf(peer), reason: Reason::TrustDiffers, message });
        }
    }
    findings.extend(login_finding(facts));
    findings.extend(facts.running.consumers.iter().filter_map(consumer_finding));
    findings.extend(facts.running.consumers.iter().filter_map(trust_finding));
    findings.extend(warnings(facts));
    findings
}

/// Why newleaf must replace a peer's leaf. Empty if it need not.
pub fn leaf_findings(facts: &Facts, policy: &Policy, request: &Request, peer: Peer) -> Vec<(Reason, String)> {
    let context = Context { facts, policy, request };
    match facts.leaf(peer) {
        Observed::Absent => vec![(Reason::LeafAbsent, "there is no leaf".to_owned())],
        Observed::Unreadable(unusable) => vec![(Reason::LeafUnreadable, unusable.why.clone())],
        Observed::Present(leaf) => LEAF_RULES.iter().filter_map(|rule| rule(&context, peer, leaf)).collect(),
    }
}

/// Whether our clock is too far from the reference to date a certificate by it. A database that accepts the client's leaf
/// but opens no session still shows that the leaf is valid now.
pub fn clock_differs(facts: &Facts, policy: &Policy) -> Option<String> {
    let Some(reference) = facts.running.reference else {
        let leaf = facts.stored.client.present()?;
        let is_valid_there = matches!(facts.running.login, Login::Accepted(_));
        if !is_valid_there || leaf.validity.contains(facts.now) {
            return None;
        }
        return Some("PostgreSQL accepts the client's leaf, which is not valid by our clock".to_owned());
    };
    let difference = facts.now - reference;
    if difference.abs() <= policy.clock_tolerance() {
        return None;
    }
    let direction = if difference > TimeDelta::zero() { "ahead of" } else { "behind" };
    Some(format!("our clock is {}s {direction} the database's clock", difference.abs().num_seconds()))
}

/// Whether a leaf expires so soon (half the slack) that newleaf replaces it by the safe means it has, although some
/// evidence is missing.
pub fn is_urgent(facts: &Facts, policy: &Policy, peer: Peer) -> bool {
    match facts.leaf(peer).present() {
        Some(leaf) => leaf.validity.not_after - policy.slack() / 2 <= facts.now,
        None => false,
    }
}

/// Whether a leaf has waited long enough (a quarter of the slack) for the proof of a login. Consumers may then pick it up
/// without that proof, before the running leaf expires.
pub fn has_waited(facts: &Facts, policy: &Policy, peer: Peer) -> bool {
    match facts.leaf(peer).present() {
        Some(leaf) => issued_at(leaf, policy) + policy.slack() / 4 <= facts.now,
        None => false,
    }
}

/// Why newleaf must not add an authority although one is due: PostgreSQL checks revocation lists, and refuses every
/// certificate of an authority without a list.
pub fn revocation_list(facts: &Facts) -> Option<String> {
    let setting = facts.running.revocation_list.present()?;
    Some(format!("PostgreSQL checks revocation lists ({setting}) and would refuse certificates of another authority"))
}

/// When the stored leaf of a peer is due: by its age or by its expiry, whichever comes first.
pub fn due_at(facts: &Facts, policy: &Policy, peer: Peer) -> Option<DateTime<Utc>> {
    let leaf = facts.leaf(peer).present()?;
    Some((issued_at(leaf, policy) + policy.rotate_after()).min(leaf.validity.not_after - policy.slack()))
}

/// Whether the newest authority needs a successor. An authority that is not valid yet was created with a wrong clock and
/// does not count as a successor.
pub fn authority_ending(facts: &Facts, policy: &Policy) -> bool {
    let living = facts
        .generations()
        .iter()
        .filter(|authority| !authority.retiring && authority.validity.not_before <= facts.now);
    match living.map(|authority| authority.validity.not_after).max() {
        Some(end) => end - facts.now < policy.authority_renew_before(),
        None => true,
    }
}

fn issued_at(leaf: &LeafFacts, policy: &Policy) -> DateTime<Utc> {
    leaf.validity.not_before + policy.backdate()
}

fn authority_findings(facts: &Facts, policy: &Policy) -> Vec<Finding> {
    let finding = |generation, reason, message| Finding { subject: Subject::Authority(generation), reason, message };
    let generations = match &facts.stored.authorities {
        Observed::Absent => {
            return vec![finding(None, Reason::AuthorityMissing, "there is no authority".to_owned())];
        }
        Observed::Unreadable(unusable) => {
            return vec![finding(None, Reason::AuthorityUnreadable, unusable.why.clone())];
        }
        Observed::Present(generations) => generations,
    };
    let mut findings = Vec::new();
    for authority in generations {
        let Validity { not_before, not_after } = authority.validity;
        let generation = Some(authority.generation);
        if not_after < facts.now {
            findings.push(finding(generation, Reason::AuthorityExpired, format!("expired at {}", second(not_after))));
        } else if facts.now < not_before {
            let message = format!("not valid before {}", second(not_before));
            findings.push(finding(generation, Reason::AuthorityNotYetValid, message));
        }
        if is_leaving(facts, policy, authority) {
            let message = removal_blocked(facts, authority).unwrap_or_else(|| "nothing needs it any more".to_owned());
            findings.push(finding(generation, Reason::AuthorityRetiring, message));
        }
    }
    if authority_ending(facts, policy) {
        if let Some(message) = revocation_list(facts) {
            findings.push(finding(None, Reason::RevocationList, message));
        }
        let message = match generations.iter().map(|authority| authority.validity.not_after).max() {
            Some(end) => format!("the newest expires at {}", second(end)),
            None => "it has expired".to_owned(),
        };
        findings.push(finding(None, Reason::AuthorityEnding, message));
    }
    findings
}

fn leaf_expired(context: &Context<'_>, _: Peer, leaf: &LeafFacts) -> Option<(Reason, String)> {
    let end = leaf.validity.not_after;
    if context.facts.now <= end {
        return None;
    }
    Some((Reason::LeafExpired, format!("expired at {}", second(end))))
}

fn leaf_not_yet_valid(context: &Context<'_>, _: Peer, leaf: &LeafFacts) -> Option<(Reason, String)> {
    let begin = leaf.validity.not_before;
    if begin <= context.facts.now {
        return None;
    }
    Some((Reason::LeafNotYetValid, format!("not valid before {}", second(begin))))
}

fn leaf_untrusted(context: &Context<'_>, peer: Peer, leaf: &LeafFacts) -> Option<(Reason, String)> {
    let now = context.facts.now;
    let Some(signer) = leaf.signer else {
        return Some((Reason::LeafUntrusted, "no known authority signed it".to_owned()));
    };
    if !context.facts.is_accepted(peer, signer.anchor) {
        Some((Reason::LeafUntrusted, "only its own trust bundle contains the root that it chains to".to_owned()))
    } else if leaf.validity.contains(now) && !leaf.chain_validity.contains(now) {
        Some((Reason::LeafUntrusted, "an authority in its chain is not valid now".to_owned()))
    } else {
        None
    }
}

fn profile_drift(_: &Context<'_>, _: Peer, leaf: &LeafFacts) -> Option<(Reason, String)> {
    if leaf.drift.is_empty() {
        return None;
    }
    Some((Reason::ProfileDrift, leaf.drift.join(", ")))
}

fn signer_gone(context: &Context<'_>, _: Peer, leaf: &LeafFacts) -> Option<(Reason, String)> {
    match context.facts.generation_of(leaf.signer?.fingerprint) {
        Some(_) => None,
        None => Some((Reason::SignerGone, "its signer is not a stored authority".to_owned())),
    }
}

fn signer_retiring(context: &Context<'_>, _: Peer, leaf: &LeafFacts) -> Option<(Reason, String)> {
    let authority = context.facts.generation_of(leaf.signer?.fingerprint)?;
    if !authority.retiring {
        return None;
    }
    Some((Reason::SignerRetiring, format!("generation {} retires", authority.generation)))
}

fn rotation_due(context: &Context<'_>, _: Peer, leaf: &LeafFacts) -> Option<(Reason, String)> {
    let issued = issued_at(leaf, context.policy);
    let due = issued + context.policy.rotate_after();
    if context.facts.now < due {
        return None;
    }
    Some((Reason::RotationDue, format!("issued {}, due {}", second(issued), second(due))))
}

/// Applies only if a new leaf would live longer. Under an authority that expires soon it would not, and the daily run
/// would write a new leaf each time.
fn leaf_ending(context: &Context<'_>, peer: Peer, leaf: &LeafFacts) -> Option<(Reason, String)> {
    let Context { facts, policy, .. } = *context;
    let end = leaf.validity.not_after;
    let is_near = end - policy.slack() <= facts.now;
    let signer = signer_for(facts, policy, peer, &Setbacks::default())?;
    let would_live_longer = signer.validity.not_after.min(facts.now + policy.lifetime()) > end;
    if !is_near || !would_live_longer {
        return None;
    }
    Some((Reason::LeafEnding, format!("expires at {}", second(end))))
}

fn forced(context: &Context<'_>, _: Peer, leaf: &LeafFacts) -> Option<(Reason, String)> {
    let force = context.request.force().filter(|force| force.scope == Scope::Leaves)?;
    let id = force.id.as_str();
    if leaf.rotation_ids.iter().any(|done| done == id) {
        return None;
    }
    Some((Reason::Forced, format!("the operator asked for rotation {id}")))
}

fn consumer_finding(consumer: &ConsumerFacts) -> Option<Finding> {
    let (reason, message) = match &consumer.loaded {
        Loaded::Current | Loaded::EachLogin | Loaded::NotRunning => return None,
        Loaded::Unproved(why) => (Reason::ConsumerUnproved, why.clone()),
        Loaded::Stale(why) | Loaded::Lingering(why) => (Reason::ConsumerStale, why.clone()),
        Loaded::Unknown(unusable) => (Reason::ConsumerUnknown, unusable.why.clone()),
    };
    Some(Finding { subject: Subject::Consumer(consumer.name.clone()), reason, message })
}

fn trust_finding(consumer: &ConsumerFacts) -> Option<Finding> {
    if consumer.accepts_besides.is_empty() {
        return None;
    }
    let names: Vec<_> = consumer.accepts_besides.iter().map(String::as_str).collect();
    Some(Finding {
        subject: Subject::Consumer(consumer.name.clone()),
        reason: Reason::TrustUnknown,
        message: format!("it accepts clients by authorities that newleaf does not know: {}", names.join(", ")),
    })
}

fn login_finding(facts: &Facts) -> Option<Finding> {
    let reason = facts.running.login.objection()?;
    Some(Finding {
        subject: Subject::Leaf(Peer::Client),
        reason: Reason::LoginUnproved,
        message: format!("a login with it is not proved: {reason}"),
    })
}

fn second(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
