//! `make demo-stack`: the whole stack on a real Kubernetes, by `newleaf-deploy` as a person runs it. This process makes the
//! cluster and calls itself inside of it, where the stack is installed without a file, changed, rotated, checked, removed, and
//! installed again on its old volume. Ends with a table of times, and with 1 when something is not as it must be. Whatever
//! happens, the cluster is gone afterwards.

#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "measures time; serde_json gives null where a document has nothing"
)]
mod catalog;
#[path = "../demo_cluster/ground.rs"]
mod ground;
mod inside;
#[path = "../demo/paper.rs"]
#[expect(dead_code, reason = "the other demos use the rest")]
mod paper;
mod shell;

use std::error::Error;
use std::process::ExitCode;
use std::time::Instant;

use crate::ground::{Ground, unless_interrupted};
use crate::paper::Paper;

type Problem = Box<dyn Error + Send + Sync>;

/// Sections that this process prints before it calls itself.
const SECTIONS: usize = 1;
/// The variable in which the process inside finds how long the cluster took, in seconds.
const CLUSTER_SECONDS: &str = "NEWLEAF_DEMO_CLUSTER_SECONDS";

fn main() -> ExitCode {
    let mut paper = Paper::of_process();
    if std::env::args().nth(1).as_deref() == Some("inside") {
        let mut paper = paper.after(SECTIONS);
        return ended(inside::demonstrate(&mut paper), &mut paper);
    }
    ended(outside(&mut paper), &mut paper)
}

/// What went wrong was said once: by the process inside, or here.
fn ended(result: Result<ExitCode, Problem>, paper: &mut Paper) -> ExitCode {
    match result {
        Ok(code) => code,
        Err(problem) => {
            paper.failed(&problem.to_string());
            ExitCode::FAILURE
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn outside(paper: &mut Paper) -> Result<ExitCode, Problem> {
    let begin = Instant::now();
    paper.title(
        "newleaf-deploy",
        "Backstage and its PostgreSQL on a real Kubernetes: install, change, rotate, check, remove",
    );
    paper.section("A Kubernetes, from nothing");
    let ground = Ground::find()?;
    // Whichever ends first, the ground is dropped after it, and with it everything that runs there.
    let demonstration = async {
        ground.raise(paper).await?;
        let seconds = begin.elapsed().as_secs_f64().to_string();
        ground.call_inside(&[(CLUSTER_SECONDS, &seconds)]).await
    };
    let code = unless_interrupted(demonstration).await?;
    Ok(if code == Some(0) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
