//! Proof on demand: that what is stored works, and that everything that runs shows it. Writes nothing.

use serde::Serialize;

use crate::diagnosis::{Code, Diagnose, Failure};
use crate::rotation::facts::{Loaded, Observed, Peer};
use crate::rotation::ports::{Expected, Ports};
use crate::rotation::request::Deadlines;
use crate::rotation::run::{View, observe};

/// Something that was shown to hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Proof {
    /// A leaf, or a consumer by its name.
    pub subject: String,
    /// What was shown: a clause without a full stop.
    pub shown: String,
}

/// Why a leaf cannot be proved to work.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It is not there, cannot be read, or its chain is not valid now.
    #[error("the {peer}'s leaf does not work: {why}")]
    Leaf {
        /// Whose.
        peer: Peer,
        /// What is wrong.
        why: String,
    },
}

impl Diagnose for VerifyError {
    fn code(&self) -> Code {
        match self {
            Self::Leaf { .. } => Code::ProofMissing,
        }
    }
}

/// Rehearses the stored pair and proves every consumer. The first thing that does not hold is the error.
pub async fn verify<P: Ports>(ports: &P, deadlines: &Deadlines) -> Result<Vec<Proof>, Failure> {
    let view = observe(ports).await?;
    let mut proofs = Vec::new();
    for peer in Peer::ALL {
        proofs.push(rehearse(ports, &view, peer)?);
    }
    for consumer in &view.facts.consumers {
        let shown = match &consumer.loaded {
            Loaded::EachLogin => "reads the files at each login".to_owned(),
            Loaded::NotRunning => "does not run, and will load what is stored when it starts".to_owned(),
            Loaded::Current | Loaded::Stale(_) | Loaded::Unknown(_) => {
                let expected = Expected { snapshot: &view.snapshot, inspection: &view.inspection };
                let left = deadlines.run.saturating_sub(ports.elapsed());
                ports.prove(&consumer.name, expected, left.min(deadlines.step)).await?;
                format!("shows the {}'s leaf", consumer.peer)
            }
        };
        proofs.push(Proof { subject: consumer.name.clone(), shown });
    }
    Ok(proofs)
}

/// The stored leaf against the bundle that is stored beside its peer's.
fn rehearse<P: Ports>(ports: &P, view: &View, peer: Peer) -> Result<Proof, Failure> {
    let facts = &view.facts;
    let Some((leaf, _)) = facts.working_leaf(peer) else {
        let why = match facts.leaf(peer) {
            Observed::Absent => "it is not there".to_owned(),
            Observed::Unreadable(unusable) => unusable.why.clone(),
            Observed::Present(_) => "its chain is unknown or not valid now".to_owned(),
        };
        return Err(VerifyError::Leaf { peer, why }.into());
    };
    if let (Some(stored), Some(other)) = (view.snapshot.stored(peer.slot()), facts.leaf(peer.other()).present()) {
        ports.rehearse(&view.snapshot, peer, &stored.material, &other.trust, facts.now)?;
    }
    Ok(Proof {
        subject: format!("{peer}'s leaf"),
        shown: format!("serial {} completes a mutual handshake", leaf.serial),
    })
}
