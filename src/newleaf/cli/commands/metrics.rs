//! `metrics`: serves the figures of the last run to Prometheus.

use base::diagnosis::Failure;
use terminal::console::Console;
use terminal::exit::Verdict;
use terminal::signals::Signals;

use crate::cli::arguments::MetricsArguments;
use crate::exporter::Exporter;

/// Serves until a signal, which is the ordinary end.
pub async fn metrics(console: &Console, signals: &Signals, wanted: &MetricsArguments) -> Result<Verdict, Failure> {
    let exporter = Exporter::listen(wanted.listen, &wanted.figures).await?;
    if let (Some(address), false) = (exporter.address(), console.is_quiet()) {
        console.tell(&format!("serving http://{address}/metrics from {}\n", wanted.figures.display()));
    }
    match signals.watch(exporter.serve()).await {
        None => Ok(Verdict::Done),
        Some(never) => match never {},
    }
}
