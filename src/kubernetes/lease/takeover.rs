//! Decides who may take a Lease, from its content and from how long the content has been the same. Pure.

use std::time::Duration;

use k8s_openapi::api::coordination::v1::LeaseSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;

use crate::boot_instant::BootInstant;

/// What a run may do with a Lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claim {
    /// It is ours already: our request took effect, but we lost the answer.
    Keep,
    /// Take it: it has no holder, or its holder has not renewed it for its duration.
    Take,
    /// Wait: another holder has it.
    Wait,
}

/// Remembers since when the content of a Lease has been the same. It compares the times of the Lease with each other, never
/// with a clock, because the holder's clock may be wrong.
#[derive(Debug, Default)]
pub(crate) struct LeaseHistory {
    seen: Option<(String, Option<MicroTime>, BootInstant)>,
}

impl LeaseHistory {
    /// Whether another holder had the Lease at an earlier look.
    pub(crate) const fn has_seen(&self) -> bool {
        self.seen.is_some()
    }

    /// Judges the Lease as it is now.
    pub(crate) fn look(&mut self, spec: Option<&LeaseSpec>, us: &str, now: BootInstant) -> Claim {
        let Some(spec) = spec else { return Claim::Take };
        let holder = spec.holder_identity.as_deref().unwrap_or_default();
        if holder.is_empty() {
            return Claim::Take;
        }
        if holder == us {
            return Claim::Keep;
        }
        if let Some((who, renewed, since)) = &self.seen
            && who == holder
            && *renewed == spec.renew_time
        {
            return if now.since(*since) >= duration(spec) { Claim::Take } else { Claim::Wait };
        }
        self.seen = Some((holder.to_owned(), spec.renew_time.clone(), now));
        Claim::Wait
    }
}

fn duration(spec: &LeaseSpec) -> Duration {
    match spec.lease_duration_seconds.map(u64::try_from) {
        Some(Ok(seconds)) => Duration::from_secs(seconds),
        Some(Err(_)) | None => Duration::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::jiff::Timestamp;

    use super::*;

    fn held_by(holder: &str, renewed: i64) -> LeaseSpec {
        LeaseSpec {
            holder_identity: Some(holder.to_owned()),
            lease_duration_seconds: Some(15),
            renew_time: Some(MicroTime(Timestamp::from_second(renewed).expect("a time"))),
            ..LeaseSpec::default()
        }
    }

    fn after(start: BootInstant, seconds: u64) -> BootInstant {
        start + Duration::from_secs(seconds)
    }

    #[test]
    fn a_lease_without_a_holder_is_taken_at_once() {
        let mut watch = LeaseHistory::default();
        let now = BootInstant::now();
        assert_eq!(watch.look(None, "us", now), Claim::Take);
        assert_eq!(watch.look(Some(&LeaseSpec::default()), "us", now), Claim::Take);
        assert_eq!(watch.look(Some(&held_by("", 0)), "us", now), Claim::Take);
    }

    #[test]
    fn a_lease_is_taken_over_only_when_it_was_seen_unrenewed_for_its_duration() {
        let (mut watch, start) = (LeaseHistory::default(), BootInstant::now());
        // However old it claims to be: the holder's clock may be wrong.
        assert_eq!(watch.look(Some(&held_by("them", 0)), "us", start), Claim::Wait);
        assert_eq!(watch.look(Some(&held_by("them", 0)), "us", after(start, 14)), Claim::Wait);
        assert_eq!(watch.look(Some(&held_by("them", 1)), "us", after(start, 15)), Claim::Wait, "it was renewed");
        assert_eq!(watch.look(Some(&held_by("them", 1)), "us", after(start, 29)), Claim::Wait);
        assert_eq!(watch.look(Some(&held_by("others", 1)), "us", after(start, 30)), Claim::Wait, "another holder");
        assert_eq!(watch.look(Some(&held_by("others", 1)), "us", after(start, 45)), Claim::Take);
    }

    #[test]
    fn a_lease_that_says_our_name_is_ours() {
        assert_eq!(LeaseHistory::default().look(Some(&held_by("us", 0)), "us", BootInstant::now()), Claim::Keep);
    }
}
