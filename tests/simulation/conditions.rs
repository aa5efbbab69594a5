//! What can be out of order at the database for a while: none of it is a fault of one call, and each looks like nothing.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use rotation::engine::facts::{Peer, Validity};

use crate::world::{Number, World};

/// What is out of order, and until when.
#[derive(Debug, Clone, Default)]
pub(crate) struct Conditions {
    /// The role is missing, or `pg_hba.conf` refuses it.
    pub(crate) role_refused_until: Option<DateTime<Utc>>,
    /// No connection is left for another session.
    pub(crate) full_until: Option<DateTime<Utc>>,
    /// The server checks revocation lists, and has one of these roots only.
    pub(crate) lists: Option<(BTreeSet<Number>, DateTime<Utc>)>,
    /// A session of the same client that lives for ever, opened with this leaf.
    pub(crate) stranger: Option<Number>,
    /// A root that the operator lets the server accept besides.
    pub(crate) extra_root: Option<Number>,
}

impl Conditions {
    /// Forgets what is over.
    pub(crate) fn pass(&mut self, now: DateTime<Utc>) {
        let is_over = |until: &DateTime<Utc>| *until <= now;
        self.role_refused_until = self.role_refused_until.filter(|until| !is_over(until));
        self.full_until = self.full_until.filter(|until| !is_over(until));
        self.lists = self.lists.take().filter(|(_, until)| !is_over(until));
    }

    /// Whether a client certificate below a root passes the lists.
    pub(crate) fn accepts(&self, root: Number) -> bool {
        self.lists.as_ref().is_none_or(|(roots, _)| roots.contains(&root))
    }
}

impl World {
    /// Something gets out of order for so many days.
    pub(crate) fn get_out_of_order(&mut self, what: u32, days: i64) {
        let until = self.now + TimeDelta::days(days);
        match what {
            0 => {
                self.note(|| format!("the role is missing for {days} days"));
                self.conditions.role_refused_until = Some(until);
            }
            1 => {
                self.note(|| format!("no connection is left for {days} days"));
                self.conditions.full_until = Some(until);
            }
            2 => {
                let leaves = Peer::ALL.into_iter().filter_map(|peer| self.pair(peer));
                let roots = leaves.map(|pair| self.certificate(pair.leaf).root).collect();
                self.note(|| format!("the server checks revocation lists for {days} days"));
                self.conditions.lists = Some((roots, until));
            }
            3 => {
                self.conditions.stranger = self.pair(Peer::Client).map(|pair| pair.leaf);
                self.note(|| "a session of another client with the same leaf is opened for ever".to_owned());
            }
            _ => {
                let validity = Validity { not_before: self.now, not_after: self.now + TimeDelta::days(9999) };
                let root = self.register(None, validity, format!("/CN=company {}", self.certificates.len()));
                self.conditions.extra_root = Some(root);
                self.note(|| "the operator lets the server accept another root".to_owned());
            }
        }
    }
}
