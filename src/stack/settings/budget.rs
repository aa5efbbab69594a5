//! How many connections Backstage needs at most, against how many the database admits.

use crate::document::backstage::PluginsSection;
use crate::settings::checker::Checker;

/// What PostgreSQL keeps for superusers, what the rotation needs for its proof, and two people.
const RESERVED: u32 = 10;
/// Pods that run beside the old ones while Kubernetes replaces them: `maxSurge`.
pub const SURGE: u32 = 1;
/// PostgreSQL's own default.
const LEAST: u32 = 100;
/// More than that and PostgreSQL spends its time on connections.
const MOST: u32 = 5_000;

/// How many connections Backstage needs at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionBudget {
    /// Plugins that use the database.
    pub plugins: u32,
    /// Connections of a plugin in a pod, at most.
    pub pool: u32,
    /// Pods at most: while they are replaced, one more.
    pub pods: u32,
    /// What the database admits.
    pub admitted: u32,
}

impl ConnectionBudget {
    /// How many connections there may be, with those that are not Backstage's.
    pub const fn needed(&self) -> u32 {
        self.plugins.saturating_mul(self.pool).saturating_mul(self.pods).saturating_add(RESERVED)
    }
}

/// The budget. `admitted` is what was said, with its path; if nothing was, the database gets what is needed.
pub(super) fn validate(
    checker: &mut Checker,
    section: &PluginsSection,
    replicas: u32,
    admitted: Option<(&str, u32)>,
) -> Option<ConnectionBudget> {
    let plugins = checker.number("backstage.plugins.count", section.count, 15, 1..=200);
    let pool = checker.number("backstage.plugins.pool", section.pool, 5, 1..=100);
    let (plugins, pool, pods) = (plugins?, pool?, replicas.saturating_add(SURGE));
    let mut budget = ConnectionBudget { plugins, pool, pods, admitted: LEAST };
    let needed = budget.needed();
    budget.admitted = match admitted {
        Some((_, number)) => number,
        // A round number, so that a plugin more does not restart the database.
        None => needed.next_multiple_of(100).max(LEAST),
    };
    let (path, most) = match admitted {
        Some((path, number)) => (path, number),
        None => ("backstage.replicas", MOST),
    };
    if needed > most {
        let value = if admitted.is_some() { most.to_string() } else { replicas.to_string() };
        let limits = format!(
            "{plugins} plugins with {pool} connections in each of {pods} pods ({replicas} and {SURGE} while they are replaced), \
             and {RESERVED} for everything else, are {needed} connections, and {most} are the most"
        );
        checker.add(
            path,
            &value,
            &limits,
            "lower `backstage.plugins.pool` or `backstage.replicas`, or admit more connections",
        );
        return None;
    }
    Some(budget)
}
