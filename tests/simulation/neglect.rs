//! Invariant 13: what is out of order at the database keeps no leaf from being replaced while a safe step exists.
//!
//! Safe is a leaf of the authority that has signed the present one: its peer has loaded that root. So after a run that nothing
//! disturbed, whatever its end was, no stored leaf may be nearer to its end than half the slack, if that authority could
//! still give it a longer life.

use base::diagnosis::{Class, Code};
use rotation::engine::facts::Peer;

use crate::driver::Ending;
use crate::issuer::stored_generations;
use crate::world::World;

/// Checks the world after a run without faults on a right clock.
pub(crate) fn after_undisturbed(world: &mut World, ending: &Ending) {
    let is_stopped = match ending {
        Ending::Done(_) => false,
        // A person must decide about the authority or the object first.
        Ending::Failed(failure) => failure.class() == Class::Refused && failure.code() != Code::RevocationList,
        Ending::Dead => true,
    };
    if is_stopped {
        return;
    }
    for peer in Peer::ALL {
        if let Some(what) = neglected(world, peer) {
            world.broken(what);
        }
    }
}

fn neglected(world: &World, peer: Peer) -> Option<String> {
    let certificate = world.certificate(world.pair(peer)?.leaf);
    let end = certificate.validity.not_after;
    let is_urgent = end - world.policy.slack() / 2 <= world.now;
    let signer = stored_generations(world).into_values().find(|known| known.certificate == certificate.signer)?;
    let signer = world.certificate(signer.certificate);
    let longer =
        signer.chain.contains(world.now) && signer.chain.not_after.min(world.now + world.policy.lifetime()) > end;
    // A list that does not know the signer's root refuses the present leaf as well.
    let accepted = peer == Peer::Server || world.conditions.accepts(signer.root);
    let neglected = is_urgent && longer && accepted;
    neglected.then(|| format!("13: the {peer}'s leaf comes to its end although its signer could renew it"))
}
