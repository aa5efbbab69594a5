//! `make demo-cluster`: the demo on a real Kubernetes. This process makes the cluster and calls itself inside of it, where
//! newleaf, PostgreSQL and two Backstages are installed and everything is rotated under load. Ends with the numbers, and
//! with 1 when one is wrong. Whatever happens, the cluster is gone afterwards.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "shares the parts of tests; measures time; serde_json gives null where a document has nothing"
)]
#[path = "../demo/attempts.rs"]
mod attempts;
#[path = "../support/certificates.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod certificates;
#[path = "../support/ended.rs"]
mod ended;
mod ground;
mod inside;
#[path = "../cluster/installed.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod installed;
#[path = "../cluster/kubectl.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod kubectl;
#[path = "../cluster/load.rs"]
mod load;
#[path = "../demo/paper.rs"]
#[expect(dead_code, reason = "make demo uses the rest")]
mod paper;
mod refusals;
#[path = "../demo/result.rs"]
mod result;
mod rotations;
#[path = "../support/skip.rs"]
mod skip;
#[path = "../support/tally.rs"]
mod tally;
mod support {
    //! What the parts of `make demo` that are used here ask for by this name.
    pub(crate) use crate::certificates;
}

use std::error::Error;
use std::process::ExitCode;
use std::time::Instant;

use crate::ground::{Ground, unless_interrupted};
use crate::paper::Paper;

type Problem = Box<dyn Error + Send + Sync>;

/// Sections that this process prints before it calls itself.
const SECTIONS: usize = 1;
/// What the process inside ends with when it has said itself why it stopped.
const STOPPED: u8 = 2;

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some("inside") {
        return inside::main(Paper::of_process().after(SECTIONS));
    }
    let mut paper = Paper::of_process();
    match outside(&mut paper) {
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
    paper.title("newleaf", "rotate certificates between PostgreSQL and Backstage on a real Kubernetes, under load");
    paper.section("A Kubernetes, from nothing");
    let ground = Ground::find()?;
    // Whichever ends first, the ground is dropped after it, and with it everything that runs there.
    let demonstration = async {
        ground.raise(paper).await?;
        ground.call_inside(&[]).await
    };
    let code = unless_interrupted(demonstration).await?;
    if code != Some(i32::from(STOPPED)) {
        paper.verdict(code == Some(0), begin.elapsed());
    }
    Ok(if code == Some(0) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
