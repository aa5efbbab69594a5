//! The lifetimes of certificates, and when newleaf replaces them.

use chrono::TimeDelta;
use serde::Serialize;

/// The largest number of stored generations of the authority.
pub const GENERATIONS_MAX: usize = 4;

/// Ages and lifetimes. Only [`Policy::new`] creates one, so the inequalities between them hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Policy {
    lifetime: TimeDelta,
    rotate_after: TimeDelta,
    backdate: TimeDelta,
    authority_lifetime: TimeDelta,
    authority_renew_before: TimeDelta,
    clock_tolerance: TimeDelta,
}

/// The values of a policy before [`Policy::new`] checks them against each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyValues {
    /// How long a leaf is valid, from its issue.
    pub lifetime: TimeDelta,
    /// The age at which newleaf replaces a leaf.
    pub rotate_after: TimeDelta,
    /// How far before its issue a leaf's validity starts, for peers whose clock is behind.
    pub backdate: TimeDelta,
    /// How long an authority is valid.
    pub authority_lifetime: TimeDelta,
    /// How long before its end an authority gets a successor.
    pub authority_renew_before: TimeDelta,
}

impl Default for PolicyValues {
    /// 45 days, replaced at 30, backdated by an hour; an authority for ten years, renewed half a year before its end.
    fn default() -> Self {
        Self {
            lifetime: TimeDelta::days(45),
            rotate_after: TimeDelta::days(30),
            backdate: TimeDelta::hours(1),
            authority_lifetime: TimeDelta::days(3650),
            authority_renew_before: TimeDelta::days(180),
        }
    }
}

impl Policy {
    /// Checks the values against each other. The error names the two values that disagree.
    pub fn new(values: &PolicyValues) -> Result<Self, String> {
        let PolicyValues { lifetime, rotate_after, backdate, authority_lifetime, authority_renew_before } =
            values.clone();
        let century = TimeDelta::days(36_500);
        let rules = [
            (lifetime >= TimeDelta::seconds(10), "lifetime must be at least 10s"),
            (rotate_after > TimeDelta::zero(), "rotateAfter must be longer than 0s"),
            (rotate_after < lifetime, "rotateAfter must be shorter than lifetime"),
            (backdate >= TimeDelta::zero(), "backdate must not be negative"),
            (backdate <= TimeDelta::days(1), "backdate must not exceed 1d"),
            (authority_lifetime <= century, "authority.lifetime must not exceed 36500d"),
            (
                authority_renew_before >= lifetime,
                "authority.renewBefore must not be shorter than lifetime, because the last leaves of an authority must expire before it",
            ),
            (
                authority_renew_before < authority_lifetime,
                "authority.renewBefore must be shorter than authority.lifetime",
            ),
        ];
        if let Some((_, sentence)) = rules.into_iter().find(|(holds, _)| !holds) {
            return Err(sentence.to_owned());
        }
        let clock_tolerance = (backdate / 2).max(TimeDelta::seconds(5));
        Ok(Self { lifetime, rotate_after, backdate, authority_lifetime, authority_renew_before, clock_tolerance })
    }

    /// How long a leaf is valid, from its issue.
    pub const fn lifetime(&self) -> TimeDelta {
        self.lifetime
    }

    /// The age at which newleaf replaces a leaf.
    pub const fn rotate_after(&self) -> TimeDelta {
        self.rotate_after
    }

    /// The time before its expiry at which newleaf replaces a leaf, even a young one.
    pub fn slack(&self) -> TimeDelta {
        self.lifetime - self.rotate_after
    }

    /// How far before its issue a leaf's validity starts.
    pub const fn backdate(&self) -> TimeDelta {
        self.backdate
    }

    /// How long an authority is valid.
    pub const fn authority_lifetime(&self) -> TimeDelta {
        self.authority_lifetime
    }

    /// How long before its end an authority gets a successor.
    pub const fn authority_renew_before(&self) -> TimeDelta {
        self.authority_renew_before
    }

    /// How far our clock may differ from the database's clock before newleaf refuses to issue: half the backdate.
    pub const fn clock_tolerance(&self) -> TimeDelta {
        self.clock_tolerance
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_agree_with_each_other() {
        let policy = Policy::new(&PolicyValues::default()).expect("defaults are valid");
        assert_eq!(policy.slack(), TimeDelta::days(15));
    }

    #[test]
    fn disagreeing_values_are_named() {
        let values = PolicyValues { rotate_after: TimeDelta::days(45), ..PolicyValues::default() };
        assert_eq!(Policy::new(&values), Err("rotateAfter must be shorter than lifetime".to_owned()));
    }
}
