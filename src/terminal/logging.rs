//! Logging to standard error: newleaf's own warnings, or what `-v` and `NEWLEAF_LOG` ask for.
//!
//! A library logs what it likes, whole answers of the API server among it, and with them what a pod's environment holds. So
//! libraries log nothing, at any level, unless `NEWLEAF_LOG` opens them by name.

use std::io;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::prelude::*;

use crate::style::Style;

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Installs the log of the process. `directives` are those of `EnvFilter`, and stand above `verbosity`.
pub fn install(format: LogFormat, verbosity: u8, directives: Option<&str>, style: Style) {
    let level = match verbosity {
        0 => "newleaf=warn",
        1 => "newleaf=info",
        2 => "newleaf=debug",
        _ => "newleaf=trace",
    };
    let filter = EnvFilter::builder().parse_lossy(directives.unwrap_or(level));
    let registry = tracing_subscriber::registry().with(filter);
    let installed = match format {
        LogFormat::Text => registry.with(fmt::layer().with_ansi(style.colour).with_writer(io::stderr)).try_init(),
        LogFormat::Json => registry.with(fmt::layer().json().flatten_event(true).with_writer(io::stderr)).try_init(),
    };
    // A second run in one process, as in tests, keeps the log of the first.
    installed.unwrap_or_default();
}
