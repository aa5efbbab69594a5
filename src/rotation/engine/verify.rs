//! Proof on demand: the stored leaves work, and every running consumer shows them. Writes nothing.

use base::diagnosis::{Code, Diagnose, Failure};
use serde::Serialize;

use crate::engine::facts::{ConsumerFacts, Facts, Loaded, Login, Observed, Peer, Unusable};
use crate::engine::memory::RunMemory;
use crate::engine::ports::Ports;
use crate::engine::request::Deadlines;
use crate::engine::run::{View, observe};

/// One claim that `verify` has proved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Proof {
    /// The leaf, or the name of the consumer.
    pub subject: String,
    /// What was proved, as a clause without a full stop.
    pub shown: String,
}

/// Why `verify` cannot prove that a leaf works.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The leaf is absent or unreadable, or its chain is not valid now.
    #[error("the {peer}'s leaf does not work: {why}")]
    Leaf {
        /// The peer that owns the leaf.
        peer: Peer,
        /// What is wrong with the leaf.
        why: String,
    },
    /// PostgreSQL refused a login with the client's leaf, or did not answer.
    #[error("login with the client's leaf is not proved: {why}")]
    Login {
        /// The code of the reason.
        code: Code,
        /// The reason, as a clause.
        why: String,
    },
    /// No evidence shows what a consumer has loaded.
    #[error("{consumer}: no evidence of what it has loaded: {why}")]
    Unproved {
        /// The name of the consumer.
        consumer: String,
        /// Why there is no evidence.
        why: String,
    },
    /// No server runs, so no connection can be proved.
    #[error("no server is running: start {consumers}, which must show the server's leaf")]
    NoServer {
        /// The names of the configured servers.
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

/// Rehearses the stored pair, then proves the login and every consumer. Fails at the first claim that does not hold.
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
        Loaded::NotRunning => Ok("is not running; it loads the stored files when it starts".to_owned()),
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

/// Without a running server nothing is proved. A stopped client leaves no gap.
fn check_servers(facts: &Facts) -> Result<(), VerifyError> {
    let servers: Vec<_> = facts.consumers_of(Peer::Server).collect();
    let all_stopped = servers.iter().all(|server| server.loaded == Loaded::NotRunning);
    if servers.is_empty() || !all_stopped {
        return Ok(());
    }
    let names: Vec<_> = servers.iter().map(|server| server.name.as_str()).collect();
    Err(VerifyError::NoServer { consumers: names.join(", ") })
}

/// Checks the stored leaf against the trust bundle that its peer's object holds.
fn rehearse(ports: Ports<'_>, view: &View, peer: Peer) -> Result<Proof, Failure> {
    let facts = &view.facts;
    let Some((leaf, _)) = facts.working_leaf(peer) else {
        let why = match facts.leaf(peer) {
            Observed::Absent => "it does not exist".to_owned(),
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
