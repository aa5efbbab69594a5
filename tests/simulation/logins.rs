//! Logins and sessions: who is let in, and what the sessions show.

use std::collections::BTreeSet;

use base::diagnosis::Code;
use rotation::engine::facts::{Login, Observed, Peer, Unusable};

use crate::consumers::Process;
use crate::sabotage::Sabotage;
use crate::world::{Pair, World};

/// A reason why something is not known.
pub(crate) fn unusable(code: Code) -> Unusable {
    Unusable { code, why: code.title().to_owned() }
}

/// How a server answers a login with client material.
fn answer(world: &World, server: &Process, client: &Pair) -> Login {
    let Some(loaded) = server.loaded.as_ref() else { return Login::Unknown(unusable(Code::ServerUnreachable)) };
    if !client.trust.contains(&world.certificate(loaded.leaf).root) || !world.in_time(loaded) {
        Login::Unknown(unusable(Code::HandshakeFailed))
    } else if !world.works(loaded, client) {
        Login::LeafRefused(unusable(Code::ClientLeafRefused))
    } else if world.conditions.role_refused_until.is_some() {
        Login::Accepted(unusable(Code::SessionRefused))
    } else if world.conditions.full_until.is_some() {
        Login::Accepted(unusable(Code::ServerBusy))
    } else {
        Login::Admitted
    }
}

/// How all servers that run answer a login.
pub(crate) fn log_in(world: &World, client: Option<&Pair>) -> Login {
    if world.sabotage == Some(Sabotage::PromisedLogins) {
        return Login::Admitted;
    }
    let Some(client) = client else { return Login::NotTried };
    let answers: Vec<_> = world.running(Peer::Server).map(|server| answer(world, server, client)).collect();
    let refused = answers.iter().find(|answer| matches!(answer, Login::LeafRefused(_)));
    let worst = refused.or_else(|| answers.iter().find(|answer| **answer != Login::Admitted));
    match (worst, answers.is_empty()) {
        (Some(worst), _) => worst.clone(),
        (None, true) => Login::Unknown(unusable(Code::ServerUnreachable)),
        (None, false) => Login::Admitted,
    }
}

/// Whether any server lets the stored client leaf in: then it tells the time.
pub(crate) fn tells_the_time(world: &World) -> bool {
    let Some(client) = world.pair(Peer::Client) else { return false };
    world.running(Peer::Server).any(|server| answer(world, server, client) == Login::Admitted)
}

/// Whether the sessions of every server are seen.
pub(crate) fn sees_all_sessions(world: &World) -> bool {
    let all_run = world.processes.iter().all(|process| process.peer == Peer::Client || process.running);
    all_run && log_in(world, world.pair(Peer::Client)) == Login::Admitted
}

/// The subjects of the authorities that sessions were opened with.
pub(crate) fn issuers(world: &World, unseen: bool) -> Observed<BTreeSet<String>> {
    if unseen || !sees_all_sessions(world) {
        return match world.sabotage {
            Some(Sabotage::BlindSessions) => Observed::Present(BTreeSet::new()),
            _ => Observed::Unreadable(unusable(Code::SessionRefused)),
        };
    }
    let leaves = world.running(Peer::Client).filter_map(|process| process.loaded.as_ref()).map(|pair| pair.leaf);
    let signers = leaves.chain(world.conditions.stranger).map(|leaf| world.certificate(leaf).signer);
    Observed::Present(signers.map(|signer| world.certificate(signer).subject.clone()).collect())
}

/// The setting of revocation lists, as the servers tell it.
pub(crate) fn revocation_list(world: &World, unseen: bool) -> Observed<String> {
    let tells = tells_the_time(world) && !unseen;
    match &world.conditions.lists {
        Some(_) if tells => Observed::Present("ssl_crl_file = 'crl.pem'".to_owned()),
        None if !unseen && sees_all_sessions(world) => Observed::Absent,
        Some(_) | None => Observed::Unreadable(unusable(Code::SessionRefused)),
    }
}
