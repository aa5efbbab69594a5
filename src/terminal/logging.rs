//! The log on standard error: newleaf's own warnings, or what `-v` and `NEWLEAF_LOG` select.
//!
//! A library may log whole answers of the API server, which contain the environment variables of pods. So libraries log
//! nothing, at any level, unless `NEWLEAF_LOG` names them.

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
    /// One JSON object per line.
    Json,
}

/// Installs the log of the process. `directives` are those of `EnvFilter` and override `verbosity`.
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
    // A second run in one process, as in tests, keeps the log of the first run.
    installed.unwrap_or_default();
}
