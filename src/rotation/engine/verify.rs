//! Proof on demand: that what is stored works, and that everything that runs shows it. Writes nothing.

use base::diagnosis::{Code, Diagnose, Failure};
use serde::Serialize;

use crate::engine::facts::{ConsumerFacts, Facts, Loaded, Login, Observed, Peer, Unusable};
use crate::engine::memory::RunMemory;
use crate::engine::ports::Ports;
use crate::engine::request::Deadlines;
use crate::engine::run::{View, observe};

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
    /// PostgreSQL does not let the client's leaf in, or could not be asked.
    #[error("PostgreSQL was not seen to let the client's leaf in: {why}")]
    Login {
        /// Why, for machines.
        code: Code,
        /// Why, for people.
        why: String,
    },
    /// Nothing can show what a consumer has loaded.
    #[error("nothing shows what {consumer} has loaded: {why}")]
    Unproved {
        /// Which.
        consumer: String,
        /// Why.
        why: String,
    },
    /// No server runs, so that no connection can be proved.
    #[error("no server runs: {consumers} would have to show the server's leaf")]
    NoServer {
        /// The servers that are configured.
        consumers: String,
    },
}

impl Diagnose for VerifyError {
    fn code(&self) -> Code {
        match self {
            Self::Leaf { .. } | Self::Unproved { .. } | Self::NoServer { .. } => Code::ProofMissing,
            Self::Login { code, .. } => *code,
        }
    }
}

/// Rehearses the stored pair, and proves the login and every consumer. The first thing that does not hold is the error.
pub async fn verify(ports: Ports<'_>, deadlines: &Deadlines) -> Result<Vec<Proof>, Failure> {
    let mut memory = RunMemory::default();
    let view = observe(ports, deadlines, &mut memory).await?;
    let mut proofs = Vec::new();
    for peer in Peer::ALL {
        proofs.push(rehearse(ports, &view, peer)?);
    }
    for peer in Peer::ALL {
        if peer == Peer::Client {
            check_servers(&view.facts)?;
            proofs.extend(login(&view.facts)?);
        }
        for consumer in view.facts.consumers_of(peer) {
            let shown = prove(ports, &view, &memory, consumer, deadlines).await?;
            proofs.push(Proof { subject: consumer.name.clone(), shown });
        }
    }
    Ok(proofs)
}

async fn prove(
    ports: Ports<'_>,
    view: &View,
    memory: &RunMemory,
    consumer: &ConsumerFacts,
    deadlines: &Deadlines,
) -> Result<String, Failure> {
    match &consumer.loaded {
        Loaded::EachLogin => Ok("reads the files at each login".to_owned()),
        Loaded::NotRunning => Ok("does not run, and will load what is stored when it starts".to_owned()),
        Loaded::Unproved(why) => {
            Err(VerifyError::Unproved { consumer: consumer.name.clone(), why: why.clone() }.into())
        }
        Loaded::Current | Loaded::Stale(_) | Loaded::Lingering(_) | Loaded::Unknown(_) => {
            let left = deadlines.left(ports.clock.elapsed());
            ports.consumers.prove(&consumer.name, view.expected(memory), left.min(deadlines.step)).await?;
            Ok(format!("shows the {}'s leaf", consumer.peer))
        }
    }
}

fn login(facts: &Facts) -> Result<Option<Proof>, VerifyError> {
    if let Some(Unusable { code, why }) = facts.running.login.objection() {
        return Err(VerifyError::Login { code: *code, why: why.clone() });
    }
    if facts.running.login != Login::Admitted {
        return Ok(None);
    }
    let shown = "PostgreSQL opens a session for it".to_owned();
    Ok(Some(Proof { subject: "client's leaf".to_owned(), shown }))
}

/// A stopped client is no gap in the proof; a stopped server is all of it.
fn check_servers(facts: &Facts) -> Result<(), VerifyError> {
    let servers: Vec<_> = facts.consumers_of(Peer::Server).collect();
    let all_stopped = servers.iter().all(|server| server.loaded == Loaded::NotRunning);
    if servers.is_empty() || !all_stopped {
        return Ok(());
    }
    let names: Vec<_> = servers.iter().map(|server| server.name.as_str()).collect();
    Err(VerifyError::NoServer { consumers: names.join(", ") })
}

/// The stored leaf against the bundle that is stored beside its peer's.
fn rehearse(ports: Ports<'_>, view: &View, peer: Peer) -> Result<Proof, Failure> {
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
        ports.issuer.rehearse(&view.snapshot, peer, &stored.material, &other.trust, facts.now)?;
    }
    Ok(Proof {
        subject: format!("{peer}'s leaf"),
        shown: format!("serial {} completes a mutual handshake", leaf.serial),
    })
}
