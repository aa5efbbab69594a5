//! What a run has asked of the API server, counted.

use std::collections::BTreeMap;

use crate::audit::Audit;

/// How often what was asked for: verb and resource.
pub(crate) struct Requests(BTreeMap<(String, String), usize>);

impl Requests {
    /// Those that an account makes in a namespace meanwhile.
    pub(crate) fn of(audit: &Audit, namespace: &str, account: &str, run: impl FnOnce()) -> Self {
        let so_far = || {
            let mut counts = BTreeMap::new();
            for asked in audit.asked_by(account).into_iter().filter(|asked| asked.namespace == namespace) {
                *counts.entry((asked.verb, asked.resource)).or_default() += 1;
            }
            counts
        };
        let before: BTreeMap<_, usize> = so_far();
        run();
        let mut counts = so_far();
        for (what, count) in &mut counts {
            *count -= before.get(what).copied().unwrap_or_default();
        }
        counts.retain(|_, count| *count != 0);
        Self(counts)
    }

    /// How many.
    pub(crate) fn all(&self) -> usize {
        self.0.values().sum()
    }

    /// How many that change something.
    pub(crate) fn writes(&self) -> usize {
        let is_write = |verb: &str| !["get", "list", "watch"].contains(&verb);
        self.0.iter().filter(|((verb, _), _)| is_write(verb)).map(|(_, count)| count).sum()
    }

    /// `3 get secrets, 1 list pods`
    pub(crate) fn summary(&self) -> String {
        let words = self.0.iter().map(|((verb, resource), count)| format!("{count} {verb} {resource}"));
        words.collect::<Vec<_>>().join(", ")
    }
}
