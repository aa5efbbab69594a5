//! What a consumer shows, for hosts and clusters alike: what the platform knows of it, combined with one observation of the
//! database.
//!
//! `judge` compares what was seen with what is stored, `wait` looks again until it is the same.

pub(crate) mod judge;
pub(crate) mod wait;

use std::collections::BTreeSet;
use std::time::Duration;

use base::diagnosis::{Code, Failure};
use chrono::{DateTime, Utc};
use rotation::document::Database;
use rotation::engine::facts::{ConsumerFacts, Loaded, Login, Observed, Peer, RunningFacts, Serial, Unusable};
use rotation::engine::material::{LEAF_CERTIFICATE, Material, TRUST_BUNDLE};
use rotation::engine::ports::Expected;
use rotation::issuer::content::bundle_subjects;

use crate::evidence::judge::{Age, Clients, ExpectedServer, PickUpState};
use crate::postgres::endpoints::{self, CALL, DatabaseSeen, Depth, EndpointSeen};
use crate::postgres::files::Reading;
use crate::postgres::handshake::Served;

/// The depth of an observation for a decision. Only the removal of an authority needs to know which sessions last, and that
/// takes time.
pub(crate) fn depth(expected: Expected<'_>) -> Depth {
    match &expected.stored.authorities {
        Observed::Present(authorities) if authorities.len() == 1 => Depth::Files,
        Observed::Present(_) | Observed::Absent | Observed::Unreadable(_) => Depth::LastingSessions,
    }
}

/// Whether more than one authority is stored, or trusted by either peer. Only then a client that read its files too early can
/// do harm.
fn authorities_change(expected: Expected<'_>) -> bool {
    let authorities = expected.stored.authorities.present().map(Vec::as_slice).unwrap_or_default();
    let trusts_several = |peer| match expected.stored.leaf(peer).present() {
        Some(leaf) => leaf.trust.len() > 1,
        None => false,
    };
    authorities.len() > 1 || Peer::ALL.into_iter().any(trusts_several)
}

/// Judges a client that reads its files at each login. `settle` is how long a login may still see the former files.
pub(crate) fn each_login(
    name: &str,
    peer: Peer,
    expected: Expected<'_>,
    waited: Duration,
    settle: Duration,
) -> ConsumerFacts {
    let loaded = judge::each_login(authorities_change(expected), age(peer, expected, waited), settle);
    ConsumerFacts { name: name.to_owned(), peer, loaded, accepts_besides: BTreeSet::new() }
}

/// Judges one consumer.
pub(crate) fn consumer(
    name: &str,
    peer: Peer,
    pick_up: &PickUpState,
    clients: Clients,
    expected: Expected<'_>,
    seen: &DatabaseSeen,
) -> ConsumerFacts {
    let facts = |loaded| ConsumerFacts { name: name.to_owned(), peer, loaded, accepts_besides: BTreeSet::new() };
    let Some(leaf) = expected.stored.leaf(peer).present() else {
        return facts(match pick_up {
            PickUpState::NotRunning => Loaded::NotRunning,
            PickUpState::NotPickedUp(_)
            | PickUpState::PickedUp { .. }
            | PickUpState::Started { .. }
            | PickUpState::Unknown(_) => Loaded::Unknown(unusable(format!("no usable {peer} leaf is stored"))),
        });
    };
    match peer {
        Peer::Client => facts(judge::client(pick_up, &leaf.serial, seen, clients)),
        Peer::Server => {
            let Some(material) = expected.material(Peer::Server) else {
                return facts(Loaded::Unknown(unusable("no server leaf is stored".to_owned())));
            };
            let Some(subjects) = stored_subjects(material) else {
                return facts(Loaded::Unknown(unusable("the stored trust bundle is unreadable".to_owned())));
            };
            let (fingerprint, serial) = (leaf.fingerprint, leaf.serial.clone());
            let server = judge::server(pick_up, &ExpectedServer { fingerprint, serial, subjects, material }, seen);
            ConsumerFacts { accepts_besides: server.accepts_besides, ..facts(server.loaded) }
        }
    }
}

/// The subjects of a trust bundle. `None` if it is absent or unreadable.
fn stored_subjects(material: &Material) -> Option<BTreeSet<Vec<u8>>> {
    bundle_subjects(material.entry(TRUST_BUNDLE)?)
}

fn unusable(why: String) -> Unusable {
    Unusable { code: Code::StoredUnreadable, why }
}

/// The running facts of one observation.
pub(crate) fn running(consumers: Vec<ConsumerFacts>, expected: Expected<'_>, seen: &DatabaseSeen) -> RunningFacts {
    let authorities = expected.stored.authorities.present().map(Vec::as_slice).unwrap_or_default();
    RunningFacts {
        consumers,
        reference: seen.endpoints.iter().find_map(EndpointSeen::session_seen).map(|look| look.clock),
        login: judge::login(seen),
        issuers_in_use: judge::issuers(seen, authorities),
        revocation_list: judge::revocation_list(seen),
    }
}

/// Tries a login with client material at every endpoint.
pub(crate) async fn log_in(database: Option<&Database>, client: &Material, limit: Duration) -> Login {
    let Some(database) = database else { return Login::NotTried };
    let answers = endpoints::log_in(database, client, limit.min(CALL)).await;
    judge::login_answer(answers.iter().map(|answer| answer.as_ref().copied()))
}

/// A server that has the stored files but serves others.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) endpoint: String,
    /// `certificate` or `trust bundle`.
    pub(crate) what: &'static str,
    pub(crate) served: Serial,
}

/// Whether the stored files have arrived at the servers that show older ones.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// No server answered.
    Unknown,
    /// Each server has the files.
    Here,
    /// One server reads another file.
    Elsewhere(Elsewhere),
}

/// A server that reads another file than the stored one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Elsewhere {
    pub(crate) endpoint: String,
    /// The stored entry that it should read.
    pub(crate) entry: &'static str,
    /// The path in its settings.
    pub(crate) path: String,
}

/// Compares the files of every server that shows older ones with ours. The server has refused equal files if it has read its
/// configuration since their write, at the earliest as `earliest` says.
pub(crate) async fn look_for_refusal(
    database: Option<&Database>,
    expected: Expected<'_>,
    seen: &DatabaseSeen,
    earliest: Reading,
) -> Result<Arrival, Refused> {
    let (Some(database), Some(client), Some(material)) =
        (database, endpoints::client(expected.snapshot), expected.material(Peer::Server))
    else {
        return Ok(Arrival::Unknown);
    };
    let wanted = expected.stored.server.present().map(|leaf| leaf.fingerprint);
    let mut arrival = Arrival::Unknown;
    for endpoint_seen in &seen.endpoints {
        let Ok(served) = &endpoint_seen.served else { continue };
        let leaf_is_old = Some(served.fingerprint) != wanted;
        if !leaf_is_old && names_are_loaded(served, material) {
            continue;
        }
        let Ok(files) = endpoints::files(&endpoint_seen.endpoint, database, client, CALL).await else { continue };
        let (what, entry, file, here) = if leaf_is_old {
            ("certificate", LEAF_CERTIFICATE, &files.certificate, files.certificate_is(material))
        } else {
            ("trust bundle", TRUST_BUNDLE, &files.bundle, files.bundle_is(material))
        };
        if here && files.reading() >= earliest {
            let served = served.serial.clone();
            return Err(Refused { endpoint: endpoint_seen.endpoint.to_string(), what, served });
        }
        if !here {
            arrival = Arrival::Elsewhere(Elsewhere {
                endpoint: endpoint_seen.endpoint.to_string(),
                entry,
                path: file.path.clone(),
            });
        } else if arrival == Arrival::Unknown {
            arrival = Arrival::Here;
        }
    }
    Ok(arrival)
}

/// Whether the server accepts clients by each of the stored authorities. An empty list of names proves nothing.
fn names_are_loaded(served: &Served, material: &Material) -> bool {
    match (&served.client_authorities, stored_subjects(material)) {
        (Some(names), Some(subjects)) => names.is_empty() || subjects.is_subset(names),
        (None, _) | (_, None) => false,
    }
}

/// The first server without the stored files, and the file that it lacks. A server that is down reads the files when it
/// starts. If no server answers, that is the reason.
pub(crate) async fn first_without(
    database: &Database,
    client: &Material,
    material: &Material,
) -> Option<Result<(String, &'static str), Failure>> {
    let (mut silent, mut answered) = (None, false);
    for endpoint in endpoints::addresses(database, CALL).await {
        let place = endpoint.as_ref().map(ToString::to_string).unwrap_or_default();
        let asking = async { endpoints::files(&endpoint?, database, client, CALL).await };
        match asking.await.map_err(Failure::from) {
            Ok(files) if !files.certificate_is(material) => return Some(Ok((place, "certificate"))),
            Ok(files) if !files.bundle_is(material) => return Some(Ok((place, "trust bundle"))),
            Ok(_) => answered = true,
            Err(failure) if endpoints::is_silence(failure.code()) => drop(silent.get_or_insert(failure)),
            Err(failure) => return Some(Err(failure)),
        }
    }
    silent.filter(|_| !answered).map(Err)
}

/// The age of a stored leaf, for a wait that has taken so long already.
fn age(peer: Peer, expected: Expected<'_>, waited: Duration) -> Age {
    Age {
        seen_for: expected.memory.seen_for(peer) + waited,
        written_ago: written(peer, expected).map(|written| expected.now - written),
    }
}

/// When the stored leaf of a peer was written, by the clock of the store.
pub(crate) fn written(peer: Peer, expected: Expected<'_>) -> Option<DateTime<Utc>> {
    expected.snapshot.stored(peer.slot())?.written
}
