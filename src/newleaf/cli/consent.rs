//! Asks a person for consent before a configuration from a cluster uses their rights outside its namespace.

use std::io::{self, BufRead, IsTerminal};

use base::diagnosis::{Code, Diagnose, Failure};
use base::stop::Stopped;
use rotation::document::cluster::{Choice, ClusterConsumer, ClusterPickup, ClusterPlace, Target};

use crate::cli::commands::rotate::Caller;

/// How much of an answer newleaf reads.
const ANSWER_MAX: u64 = 64;

/// The person did not consent.
#[derive(Debug, thiserror::Error)]
#[error("changes outside namespace {namespace} need your consent, because the configuration in the cluster names them: {}", touched.join("; "))]
struct NotAgreed {
    namespace: String,
    touched: Vec<String>,
}

impl Diagnose for NotAgreed {
    fn code(&self) -> Code {
        Code::ConsentMissing
    }

    fn object(&self) -> Option<String> {
        Some(format!("namespace {}", self.namespace))
    }
}

/// Shows the changes outside the namespace and asks. Refuses without a terminal. Does not ask if there are none, or if the
/// person has `agreed` already.
pub async fn ask(caller: Caller<'_>, place: &ClusterPlace, agreed: bool) -> Result<(), Failure> {
    let touched = touched(place);
    if touched.is_empty() || agreed {
        return Ok(());
    }
    let namespace = place.namespace.clone();
    if !caller.console.error_style().terminal || !io::stdin().is_terminal() {
        return Err(NotAgreed { namespace, touched }.into());
    }
    let lines = touched.join("\n  ");
    caller.console.tell(&format!(
        "the configuration in the cluster names workloads outside namespace {namespace}; with your rights newleaf may\n  \
         {lines}\ncontinue? [y/N] "
    ));
    // Read on a separate thread, so that a signal can end the question.
    let answer = tokio::task::spawn_blocking(read_answer);
    match caller.signals.watch(answer).await {
        None => Err(Stopped { waiting_for: "an answer".to_owned() }.into()),
        Some(Ok(answer)) if is_yes(&answer) => Ok(()),
        Some(_) => Err(NotAgreed { namespace, touched }.into()),
    }
}

fn read_answer() -> String {
    let mut answer = String::new();
    let mut start = io::Read::take(io::stdin().lock(), ANSWER_MAX);
    match start.read_line(&mut answer) {
        Ok(_) => answer,
        Err(_) => String::new(),
    }
}

fn is_yes(answer: &str) -> bool {
    ["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str())
}

/// What a rotation may do outside the namespace of the Secrets, one line each.
fn touched(place: &ClusterPlace) -> Vec<String> {
    let elsewhere = |consumer: &ClusterConsumer| {
        let target = consumer.target.as_ref().filter(|target| target.namespace != place.namespace)?;
        let verb = match consumer.pickup {
            ClusterPickup::Login => return None,
            ClusterPickup::Restart => "restart",
            ClusterPickup::Reload { nudge: true, fallback: true } => "annotate the pods of, or restart",
            ClusterPickup::Reload { nudge: true, fallback: false } => "annotate the pods of",
            ClusterPickup::Reload { nudge: false, fallback: true } => "reload or restart",
            ClusterPickup::Reload { nudge: false, fallback: false } => "read the pods of",
        };
        Some(format!("{verb} {}", workloads(target)))
    };
    place.consumers.iter().filter_map(elsewhere).collect()
}

fn workloads(target: &Target) -> String {
    let (kind, namespace) = (target.kind.as_str(), &target.namespace);
    match &target.choice {
        Choice::Named(name) => format!("{kind}/{name} in namespace {namespace}"),
        Choice::Labelled(selector) => format!("every {kind} with the labels {selector:?} in namespace {namespace}"),
    }
}
