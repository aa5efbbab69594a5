//! From what was seen to what a consumer has loaded. Pure: no file, no socket, no clock.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::diagnosis::Code;
use crate::postgres::certificate::same_serial;
use crate::postgres::session::{Backend, DISTINGUISHED_NAME_MAX};
use crate::postgres::world::{Sight, World};
use crate::rotation::facts::{AuthorityFacts, Fingerprint, Loaded, Serial};

/// What the server should show.
#[derive(Debug)]
pub(crate) struct ExpectedServer {
    /// The stored leaf.
    pub(crate) fingerprint: Fingerprint,
    /// Its serial number.
    pub(crate) serial: Serial,
    /// The subjects of the stored bundle.
    pub(crate) subjects: BTreeSet<Vec<u8>>,
    /// Two certificates of the bundle have the same subject: names alone do not show which of them is loaded.
    pub(crate) subjects_shared: bool,
}

/// How long a login may take from reading the files to the end of its handshake.
pub(crate) const LOGIN: Duration = Duration::from_millis(500);

/// A client that reads the files at each login. While authorities change, a login that read the former files must have
/// ended before the server may move on, which takes `settle` after the files were written; without a change it makes
/// no difference.
pub(crate) fn each_login(authorities_change: bool, written_ago: Option<Duration>, settle: Duration) -> Loaded {
    match written_ago {
        Some(ago) if authorities_change && ago < settle => Loaded::Unknown(format!(
            "a login may still be under way that has read the former files, for {} s",
            settle.saturating_sub(ago).as_secs_f64().ceil()
        )),
        Some(_) | None => Loaded::EachLogin,
    }
}

/// A server: every endpoint shows the stored leaf and asks for clients of the stored bundle. `told` is what is known
/// without the database.
pub(crate) fn server(told: Loaded, expected: &ExpectedServer, world: &World) -> Loaded {
    if told == Loaded::NotRunning || world.sights.is_empty() {
        return told;
    }
    let verdicts: Vec<_> = world.sights.iter().map(|sight| endpoint(expected, sight)).collect();
    // What is surely old weighs more than what is not known.
    let stale = verdicts.iter().find(|verdict| matches!(verdict, Loaded::Stale(_)));
    let worst = stale.or_else(|| verdicts.iter().find(|verdict| **verdict != Loaded::Current));
    match worst {
        Some(verdict) => verdict.clone(),
        None if expected.subjects_shared => told,
        None => Loaded::Current,
    }
}

fn endpoint(expected: &ExpectedServer, sight: &Sight) -> Loaded {
    let address = &sight.address;
    let served = match &sight.served {
        Ok(served) => served,
        Err(failure) if failure.code() == Code::ServerWithoutTls => return Loaded::Stale(failure.to_string()),
        Err(failure) => return Loaded::Unknown(failure.to_string()),
    };
    if served.fingerprint != expected.fingerprint {
        let stored = &expected.serial;
        return Loaded::Stale(format!("{address} serves serial {}, stored is {stored}", served.serial));
    }
    match &served.client_authorities {
        None => Loaded::Stale(format!("{address} asks for no client certificate")),
        Some(names) if *names != expected.subjects => {
            let missing = expected.subjects.difference(names).count();
            let surplus = names.difference(&expected.subjects).count();
            Loaded::Stale(format!(
                "{address} accepts clients by an older trust bundle: {missing} of the stored authorities not loaded, {surplus} loaded that are no longer stored"
            ))
        }
        Some(_) => Loaded::Current,
    }
}

/// A client: it was told and, where old sessions count, none is left that was opened with another leaf.
pub(crate) fn client(told: Loaded, stored: &Serial, world: &World, old_sessions_count: bool) -> Loaded {
    if told != Loaded::Current || !old_sessions_count {
        return told;
    }
    let old: Vec<&Backend> =
        backends(world).filter(|backend| backend.same_client && !same_serial(&backend.serial, stored)).collect();
    let Some(first) = old.first() else { return Loaded::Current };
    Loaded::Stale(format!(
        "{} session{} still open with another serial than {stored}, the first with {} (pid {}, application {:?})",
        old.len(),
        if old.len() == 1 { " is" } else { "s are" },
        first.serial,
        first.pid,
        first.application
    ))
}

fn backends(world: &World) -> impl Iterator<Item = &Backend> {
    world.sights.iter().filter_map(|sight| sight.look.as_ref()).flat_map(|look| &look.backends)
}

/// The authorities that lasting sessions were opened with: one that is open for a single query ends by itself, and the
/// next one is opened with what is stored then. PostgreSQL cuts long names: where a known authority's subject
/// begins with a cut one, it is that authority that is reported.
pub(crate) fn issuers(world: &World, authorities: &[AuthorityFacts]) -> BTreeSet<String> {
    let whole = |issuer: &str| -> Vec<String> {
        let matches = |authority: &&AuthorityFacts| authority.subject.starts_with(issuer);
        let known: Vec<_> = authorities.iter().filter(matches).map(|authority| authority.subject.clone()).collect();
        if issuer.len() < DISTINGUISHED_NAME_MAX || known.is_empty() { vec![issuer.to_owned()] } else { known }
    };
    backends(world).filter(|backend| backend.lasting).flat_map(|backend| whole(&backend.issuer)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_waited_for_only_while_authorities_change() {
        let early = Some(Duration::from_millis(499));
        let Loaded::Unknown(why) = each_login(true, early, LOGIN) else { panic!("it is too early") };
        assert!(why.ends_with("for 1 s"), "{why}");
        assert_eq!(each_login(false, early, LOGIN), Loaded::EachLogin);
        assert_eq!(each_login(true, Some(LOGIN), LOGIN), Loaded::EachLogin);
        assert_eq!(each_login(true, None, LOGIN), Loaded::EachLogin);
    }
}
