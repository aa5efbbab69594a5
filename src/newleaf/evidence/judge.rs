//! Derives from an observation what a consumer has loaded. Pure: no file, no socket, no clock.

use std::collections::BTreeSet;
use std::time::Duration;

use base::diagnosis::{Code, Failure, RemoteText};
use chrono::TimeDelta;
use rotation::engine::facts::{AuthorityFacts, Fingerprint, Loaded, Login, Observed, Serial, Unusable};
use rotation::engine::material::Material;
use rotation::pki::subject;

use crate::postgres::endpoints::{DatabaseSeen, EndpointSeen, is_silence};
use crate::postgres::files::Reading;
use crate::postgres::handshake::Served;
use crate::postgres::serial::same_serial;
use crate::postgres::session::{Backend, DISTINGUISHED_NAME_MAX};

/// What newleaf knows of a consumer without the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PickUpState {
    /// It does not run.
    NotRunning,
    /// Its pick-up of the stored material has not run. The text says what it may use instead.
    NotPickedUp(String),
    /// Its pick-up of the stored material reported success.
    PickedUp {
        /// Whether the pick-up was a restart.
        restarted: bool,
    },
    /// All of its processes started after the stored material was written.
    Started {
        /// Whether newleaf's restart for the stored material started them: another restart would change nothing.
        by_us: bool,
    },
    /// newleaf cannot observe it.
    Unknown(Unusable),
}

impl PickUpState {
    /// Whether it has no session that is older than the stored material. Only then an older session belongs to another client.
    pub(crate) const fn is_anew(&self) -> bool {
        matches!(self, Self::NotRunning | Self::Started { .. } | Self::PickedUp { restarted: true })
    }

    /// Whether newleaf has already restarted it for the stored material.
    const fn is_restarted(&self) -> bool {
        matches!(self, Self::Started { by_us: true } | Self::PickedUp { restarted: true })
    }
}

/// What the server should show.
#[derive(Debug)]
pub(crate) struct ExpectedServer<'a> {
    /// The stored leaf.
    pub(crate) fingerprint: Fingerprint,
    /// The serial number of the stored leaf.
    pub(crate) serial: Serial,
    /// The subjects of the certificates in the stored bundle.
    pub(crate) subjects: BTreeSet<Vec<u8>>,
    /// The stored material.
    pub(crate) material: &'a Material,
}

/// The longest time of a login from reading the files to the end of its handshake.
pub(crate) const LOGIN: Duration = Duration::from_millis(500);

/// What a server has loaded, and the names of authorities by which it accepts clients although the stored bundle lacks them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ServerSeen {
    pub(crate) loaded: Loaded,
    pub(crate) accepts_besides: BTreeSet<String>,
}

/// How far the clock of the store may differ from ours. Beyond it a certificate that is backdated by an hour would not work
/// either.
const SKEW_MAX: TimeDelta = TimeDelta::hours(1);

/// The age of a stored leaf, by two kinds of clocks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Age {
    /// How long this process has seen the leaf: one clock, which never jumps.
    pub(crate) seen_for: Duration,
    /// How long ago the leaf was written, by the clock of the store and ours: two clocks, which may differ.
    pub(crate) written_ago: Option<TimeDelta>,
}

impl Age {
    /// Whether the leaf has at least this age, allowing for the difference of the two clocks.
    fn is_at_least(self, wanted: Duration) -> bool {
        if self.seen_for >= wanted {
            return true;
        }
        let Some(ago) = self.written_ago else { return false };
        (ago - SKEW_MAX).to_std().is_ok_and(|ago| ago >= wanted)
    }
}

/// Judges a client that reads the files at each login. While authorities change, every login that read the former files must
/// end before the server may load others. That takes `settle` after the write of the files. Without a change it does not
/// matter.
pub(crate) fn each_login(authorities_change: bool, age: Age, settle: Duration) -> Loaded {
    if !authorities_change || age.is_at_least(settle) {
        return Loaded::EachLogin;
    }
    let left = settle.saturating_sub(age.seen_for);
    let seconds = left.as_secs_f64().ceil();
    Loaded::Unknown(Unusable {
        code: Code::ConsumerTimeout,
        why: format!("a login that read the former files may still be running, for at most {seconds}s"),
    })
}

/// Judges a server: every endpoint must show the stored leaf and accept clients by the stored bundle. A server that answers
/// runs, whatever other evidence says.
pub(crate) fn server(pick_up: &PickUpState, expected: &ExpectedServer<'_>, seen: &DatabaseSeen) -> ServerSeen {
    let alone = |loaded| ServerSeen { loaded, accepts_besides: BTreeSet::new() };
    if seen.endpoints.is_empty() {
        return alone(without_database(pick_up));
    }
    if *pick_up == PickUpState::NotRunning && !seen.endpoints.iter().any(EndpointSeen::answers) {
        return alone(Loaded::NotRunning);
    }
    let mut accepts_besides = BTreeSet::new();
    let mut verdicts = Vec::new();
    for endpoint_seen in &seen.endpoints {
        accepts_besides.extend(surplus(expected, endpoint_seen));
        verdicts.push(endpoint(pick_up, expected, endpoint_seen));
    }
    let loaded = match (worst(&verdicts), pick_up) {
        (Some(Loaded::Stale(why)), _) if pick_up.is_restarted() => Loaded::Lingering(why.clone()),
        (Some(verdict), _) => verdict.clone(),
        // The endpoints that answer may be only a part of the server.
        (None, PickUpState::Unknown(unusable)) => Loaded::Unknown(unusable.clone()),
        (None, _) => Loaded::Current,
    };
    ServerSeen { loaded, accepts_besides }
}

/// The first verdict that is not [`Loaded::Current`]. A stale endpoint counts more than an unknown one.
fn worst(verdicts: &[Loaded]) -> Option<&Loaded> {
    let stale = verdicts.iter().find(|verdict| matches!(verdict, Loaded::Stale(_)));
    if stale.is_some() {
        return stale;
    }
    verdicts.iter().find(|verdict| **verdict != Loaded::Current)
}

/// The verdict without a configured database.
fn without_database(pick_up: &PickUpState) -> Loaded {
    match pick_up {
        PickUpState::NotRunning => Loaded::NotRunning,
        PickUpState::NotPickedUp(why) => Loaded::Stale(why.clone()),
        PickUpState::PickedUp { .. } => {
            Loaded::Unproved("no database is configured, so nothing shows what it has loaded".to_owned())
        }
        PickUpState::Started { .. } => Loaded::Current,
        PickUpState::Unknown(unusable) => Loaded::Unknown(unusable.clone()),
    }
}

fn endpoint(pick_up: &PickUpState, expected: &ExpectedServer<'_>, endpoint_seen: &EndpointSeen) -> Loaded {
    let address = endpoint_seen.endpoint.to_string();
    let served = match &endpoint_seen.served {
        Ok(served) => served,
        // It answers with another certificate: a pick-up may help.
        Err(failure) if matches!(failure.code(), Code::ServerWithoutTls | Code::HandshakeFailed) => {
            return Loaded::Stale(failure.to_string());
        }
        Err(failure) => return Loaded::Unknown(unusable(failure)),
    };
    if served.fingerprint != expected.fingerprint {
        let stored = &expected.serial;
        return Loaded::Stale(format!("{address} serves serial {}, stored is {stored}", served.serial));
    }
    let Some(names) = &served.client_authorities else {
        return Loaded::Stale(format!("{address} asks for no client certificate"));
    };
    let missing = expected.subjects.difference(names).count();
    // The list is optional (RFC 8446, 4.2.4): an empty list proves nothing.
    if missing > 0 && !names.is_empty() {
        return Loaded::Stale(format!(
            "{address} accepts clients by an older trust bundle: it lacks {missing} of the stored authorities"
        ));
    }
    match bundle_objection(pick_up, expected, endpoint_seen) {
        Some(why) => Loaded::Stale(format!("{address} {why}")),
        None => Loaded::Current,
    }
}

/// Why there is no proof that the server has loaded the stored bundle. Names prove nothing, because another certificate may
/// have the same name. The server's report of its own files is a proof, and without it a successful pick-up.
fn bundle_objection(
    pick_up: &PickUpState,
    expected: &ExpectedServer<'_>,
    endpoint_seen: &EndpointSeen,
) -> Option<String> {
    let is_picked_up = matches!(pick_up, PickUpState::PickedUp { .. } | PickUpState::Started { .. });
    match endpoint_seen.files_seen() {
        Some(Ok(files)) if files.bundle_is(expected.material) => match files.reading() {
            Reading::After => None,
            Reading::SameSecond if is_picked_up => None,
            Reading::SameSecond | Reading::Before => Some("has not read its files since they were written".to_owned()),
        },
        Some(Ok(_) | Err(_)) | None if is_picked_up => None,
        Some(Ok(files)) => {
            Some(format!("reads {} as its trust bundle, which is not what is stored", files.bundle.path))
        }
        Some(Err(error)) => Some(format!("does not show which trust bundle it has loaded ({error})")),
        None => Some("does not show which trust bundle it has loaded".to_owned()),
    }
}

/// The authorities by which the server accepts clients although the stored bundle lacks them: their names, or the file from
/// which the server reads them, because other certificates may hide behind stored names.
fn surplus(expected: &ExpectedServer<'_>, endpoint_seen: &EndpointSeen) -> BTreeSet<String> {
    let mut surplus = BTreeSet::new();
    if let Ok(Served { client_authorities: Some(names), .. }) = &endpoint_seen.served {
        let lines = names.difference(&expected.subjects).map(|name| RemoteText::new(&subject::line_of(name)));
        surplus.extend(lines.map(|name| name.as_str().to_owned()));
    }
    if let Some(Ok(files)) = endpoint_seen.files_seen()
        && files.bundle.hash.is_some()
        && !files.bundle_is(expected.material)
    {
        surplus.insert(format!("any in {}, which is not what is stored", files.bundle.path));
    }
    surplus
}

/// All clients together, because a session does not say to which of them it belongs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clients {
    /// The number of clients.
    pub(crate) count: usize,
    /// Whether each has restarted for the stored material, so that no session with an older leaf can be theirs.
    pub(crate) all_anew: bool,
}

/// Judges a client by its pick-up state and by the sessions.
pub(crate) fn client(pick_up: &PickUpState, stored: &Serial, seen: &DatabaseSeen, clients: Clients) -> Loaded {
    match pick_up {
        PickUpState::NotPickedUp(why) => return Loaded::Stale(why.clone()),
        PickUpState::Unknown(unusable) => return Loaded::Unknown(unusable.clone()),
        PickUpState::NotRunning | PickUpState::PickedUp { .. } | PickUpState::Started { .. } => {}
    }
    if seen.endpoints.is_empty() {
        return without_database(pick_up);
    }
    if let Some(unusable) = unseen(seen) {
        return Loaded::Unknown(unusable);
    }
    let own = || backends(seen).filter(|backend| backend.same_client);
    let old: Vec<&Backend> = own().filter(|backend| !same_serial(&backend.serial, stored)).collect();
    match (pick_up, old.first()) {
        (PickUpState::NotRunning, Some(first)) if clients.count == 1 => Loaded::Unknown(Unusable {
            code: Code::ProofMissing,
            why: format!("it seems not to run, but {}", still_open(first, old.len(), stored)),
        }),
        (PickUpState::NotRunning, Some(first)) if !clients.all_anew => {
            Loaded::Unproved(format!("it seems not to run, but {}", still_open(first, old.len(), stored)))
        }
        (_, Some(first)) if clients.all_anew => Loaded::Lingering(still_open(first, old.len(), stored)),
        (PickUpState::PickedUp { restarted: false }, _) if own().count() == old.len() => {
            Loaded::Unproved("it keeps its sessions, and no open session uses the stored leaf".to_owned())
        }
        (PickUpState::PickedUp { restarted: false }, _) if clients.count > 1 => {
            Loaded::Unproved("it keeps its sessions, and the open sessions may belong to another client".to_owned())
        }
        (PickUpState::NotRunning, _) => Loaded::NotRunning,
        (_, None | Some(_)) => Loaded::Current,
    }
}

fn still_open(first: &Backend, count: usize, stored: &Serial) -> String {
    format!(
        "{count} session{} still open with another serial than {stored}, the first with {} (pid {}, application {:?})",
        if count == 1 { " is" } else { "s are" },
        first.serial,
        first.pid,
        first.application
    )
}

/// Why newleaf does not see the sessions of all endpoints.
fn unseen(seen: &DatabaseSeen) -> Option<Unusable> {
    for endpoint_seen in &seen.endpoints {
        match (&endpoint_seen.served, &endpoint_seen.session) {
            (Err(failure), _) | (Ok(_), Some(Err(failure))) => return Some(unusable(failure)),
            (Ok(_), None) => {
                let address = endpoint_seen.endpoint.to_string();
                let why = format!("no usable client leaf is stored for a login to {address}");
                return Some(Unusable { code: Code::ClientMaterialUnusable, why });
            }
            (Ok(_), Some(Ok(_))) => {}
        }
    }
    None
}

fn backends(seen: &DatabaseSeen) -> impl Iterator<Item = &Backend> {
    seen.endpoints.iter().filter_map(EndpointSeen::session_seen).flat_map(|look| &look.backends)
}

/// The answer of PostgreSQL to a login with the stored client leaf.
pub(crate) fn login(seen: &DatabaseSeen) -> Login {
    let answers =
        seen.endpoints.iter().filter_map(|endpoint_seen| match (&endpoint_seen.served, &endpoint_seen.session) {
            (Err(failure), _) | (Ok(_), Some(Err(failure))) => Some(Err(failure)),
            (Ok(_), Some(Ok(_))) => Some(Ok(())),
            (Ok(_), None) => None,
        });
    login_answer(answers)
}

/// The worst answer of the endpoints. An endpoint that does not answer accepts no client either, so it counts only if no
/// endpoint answers.
pub(crate) fn login_answer<'a>(answers: impl IntoIterator<Item = Result<(), &'a Failure>>) -> Login {
    let (mut worst, mut silent) = (Login::NotTried, None);
    for answer in answers {
        let login = match answer {
            Ok(()) => Login::Admitted,
            Err(failure) if is_silence(failure.code()) => {
                silent.get_or_insert_with(|| Login::Unknown(unusable(failure)));
                continue;
            }
            Err(failure) if failure.code() == Code::ClientLeafRefused => Login::LeafRefused(unusable(failure)),
            // PostgreSQL answers in its own protocol only after it has verified the certificate.
            Err(failure) if matches!(failure.code(), Code::SessionRefused | Code::ServerBusy) => {
                Login::Accepted(unusable(failure))
            }
            Err(failure) => Login::Unknown(unusable(failure)),
        };
        if weight(&login) > weight(&worst) {
            worst = login;
        }
    }
    match silent {
        Some(silent) if worst == Login::NotTried => silent,
        Some(_) | None => worst,
    }
}

const fn weight(login: &Login) -> u8 {
    match login {
        Login::NotTried => 0,
        Login::Admitted => 1,
        Login::Unknown(_) => 2,
        Login::Accepted(_) => 3,
        Login::LeafRefused(_) => 4,
    }
}

/// The authorities of the lasting sessions. A session for a single query ends by itself, and the next one uses the leaf that
/// is stored then. Every endpoint must answer. PostgreSQL cuts long names: if the subject of a known authority begins with a
/// cut name, the result names that authority.
pub(crate) fn issuers(seen: &DatabaseSeen, authorities: &[AuthorityFacts]) -> Observed<BTreeSet<String>> {
    if seen.endpoints.is_empty() {
        return Observed::Absent;
    }
    if let Some(unusable) = unseen(seen).or_else(|| hidden(seen)) {
        return Observed::Unreadable(unusable);
    }
    let whole = |issuer: &str| -> Vec<String> {
        let matches = |authority: &&AuthorityFacts| authority.subject.starts_with(issuer);
        let matching: Vec<_> = authorities.iter().filter(matches).map(|authority| authority.subject.clone()).collect();
        if issuer.len() < DISTINGUISHED_NAME_MAX || matching.is_empty() { vec![issuer.to_owned()] } else { matching }
    };
    let lasting = backends(seen).filter(|backend| backend.lasting);
    Observed::Present(lasting.flat_map(|backend| whole(&backend.issuer)).collect())
}

/// Why the database role does not see every session.
fn hidden(seen: &DatabaseSeen) -> Option<Unusable> {
    let hides = |it: &&EndpointSeen| matches!(it.session_seen(), Some(look) if look.hidden > 0);
    let endpoint_seen = seen.endpoints.iter().find(hides)?;
    Some(Unusable {
        code: Code::QueryDenied,
        why: format!("the role does not see sessions of other roles on {}", endpoint_seen.endpoint),
    })
}

/// The setting that makes a server check revocation lists. Absent only if every endpoint reports that it has none.
pub(crate) fn revocation_list(seen: &DatabaseSeen) -> Observed<String> {
    for look in seen.endpoints.iter().filter_map(EndpointSeen::session_seen) {
        if let Some(setting) = &look.revocation_list {
            return Observed::Present(setting.clone());
        }
    }
    match unseen(seen) {
        Some(unusable) => Observed::Unreadable(unusable),
        None => Observed::Absent,
    }
}

fn unusable(failure: &Failure) -> Unusable {
    Unusable { code: failure.code(), why: failure.to_string() }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use chrono::DateTime;
    use rotation::document::Endpoint;
    use rotation::engine::material::{SecretBytes, TRUST_BUNDLE};
    use rotation::pki::digest::sha256_hex;

    use super::*;
    use crate::postgres::files::{FileSeen, FilesSeen};
    use crate::postgres::session::SessionSeen;

    /// One endpoint that shows all that is stored.
    fn all_is_well(fingerprint: Fingerprint, bundle: &[u8]) -> DatabaseSeen {
        let written = Some(UNIX_EPOCH);
        let file = |hash| FileSeen { path: "/ca.crt".to_owned(), hash, written };
        let loaded = UNIX_EPOCH + Duration::from_secs(60);
        let files = FilesSeen { certificate: file(None), bundle: file(Some(sha256_hex(bundle))), loaded };
        let look = SessionSeen {
            user: "postgres".to_owned(),
            clock: DateTime::UNIX_EPOCH,
            backends: Vec::new(),
            hidden: 0,
            revocation_list: None,
            files: Some(Ok(files)),
        };
        let served = Served {
            chain: Vec::new(),
            fingerprint,
            serial: Serial("01".to_owned()),
            key_proved: true,
            client_authorities: Some(BTreeSet::new()),
        };
        let endpoint = Endpoint { host: "127.0.0.1".to_owned(), port: 5432, server_name: None };
        DatabaseSeen {
            endpoints: vec![EndpointSeen { endpoint, served: Ok(served), closed: false, session: Some(Ok(look)) }],
        }
    }

    #[test]
    fn a_server_of_which_a_part_is_not_seen_is_not_proved_by_the_part_that_is() {
        let (fingerprint, bundle) = (Fingerprint([7; 32]), b"the bundle");
        let mut material = Material::default();
        material.entries.insert(TRUST_BUNDLE.to_owned(), SecretBytes::new(bundle.to_vec()));
        let serial = Serial("01".to_owned());
        let expected = ExpectedServer { fingerprint, serial, subjects: BTreeSet::new(), material: &material };
        let seen = all_is_well(fingerprint, bundle);
        let unseen = Unusable { code: Code::ConsumerTimeout, why: "its pods cannot be listed".to_owned() };
        let loaded = |pick_up| server(&pick_up, &expected, &seen).loaded;
        assert_eq!(loaded(PickUpState::NotPickedUp("it was not picked up".to_owned())), Loaded::Current);
        assert_eq!(loaded(PickUpState::Unknown(unseen.clone())), Loaded::Unknown(unseen));
    }

    #[test]
    fn a_login_is_waited_for_only_while_authorities_change() {
        let age = |milliseconds, written_ago| Age { seen_for: Duration::from_millis(milliseconds), written_ago };
        let Loaded::Unknown(reason) = each_login(true, age(499, None), LOGIN) else { panic!("it is too early") };
        assert!(reason.why.ends_with("for at most 1s"), "{reason}");
        assert_eq!(each_login(false, age(0, None), LOGIN), Loaded::EachLogin);
        assert_eq!(each_login(true, age(500, None), LOGIN), Loaded::EachLogin);
    }

    #[test]
    fn two_clocks_are_believed_only_beyond_what_they_may_differ_by() {
        let age = |written_ago| Age { seen_for: Duration::ZERO, written_ago: Some(written_ago) };
        for early in [TimeDelta::seconds(300), TimeDelta::hours(1), TimeDelta::days(-1)] {
            assert!(matches!(each_login(true, age(early), LOGIN), Loaded::Unknown(_)), "{early}");
        }
        assert_eq!(each_login(true, age(TimeDelta::seconds(3601)), LOGIN), Loaded::EachLogin);
    }
}
