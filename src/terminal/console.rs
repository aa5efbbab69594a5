//! The one writer: data to standard output, everything else to standard error.

use std::cell::RefCell;
use std::fmt;
use std::io::{self, Stderr, Stdout, Write};

use base::diagnosis::{Code, Diagnose, Failure};
use serde::Serialize;

use crate::style::{Style, Terminal};

/// The form of data on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Table,
    /// For machines.
    Json,
    /// For machines and people.
    Yaml,
}

/// Standard output and standard error, and their abilities.
pub struct Console {
    program: &'static str,
    output: RefCell<Stdout>,
    error: RefCell<Stderr>,
    terminal: Terminal,
    format: Format,
    quiet: bool,
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Console")
            .field("terminal", &self.terminal)
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}

/// Writing to standard output failed.
#[derive(Debug, thiserror::Error)]
#[error("failed to write to standard output")]
struct OutputFailed(#[source] io::Error);

impl Diagnose for OutputFailed {
    fn code(&self) -> Code {
        Code::OutputFailed
    }
}

/// A document for machines: its version and kind, then its fields.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Envelope<'a, T: Serialize> {
    api_version: &'static str,
    kind: &'a str,
    #[serde(flatten)]
    body: T,
}

impl<'a, T: Serialize> Envelope<'a, T> {
    /// A document of a kind.
    pub const fn new(kind: &'a str, body: T) -> Self {
        Self { api_version: "newleaf.dev/v1alpha1", kind, body }
    }
}

impl Console {
    /// The console on the streams of the process. `program` is its name, for commands in messages.
    pub fn of_process(program: &'static str, terminal: Terminal, format: Format, quiet: bool) -> Self {
        Self { program, output: RefCell::new(io::stdout()), error: RefCell::new(io::stderr()), terminal, format, quiet }
    }

    /// The name of the program.
    pub const fn program(&self) -> &'static str {
        self.program
    }

    /// The output format.
    pub const fn format(&self) -> Format {
        self.format
    }

    /// The abilities of standard output.
    pub const fn output_style(&self) -> Style {
        self.terminal.output
    }

    /// The abilities of standard error.
    pub const fn error_style(&self) -> Style {
        self.terminal.error
    }

    /// Whether the operator wants only data and errors.
    pub const fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Shows a result: `table` for people, the document for machines.
    pub fn show<T: Serialize>(&self, kind: &str, body: &T, table: impl FnOnce(Style) -> String) -> Result<(), Failure> {
        match self.format {
            Format::Table => self.print(&table(self.terminal.output)),
            Format::Json | Format::Yaml => self.print(&self.document(kind, body)?),
        }
    }

    /// Writes text to standard output. A reader that closed the pipe is no error, because it has read what it wants.
    pub fn print(&self, text: &str) -> Result<(), Failure> {
        let mut output = self.output.borrow_mut();
        match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(OutputFailed(error).into()),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Writes text to standard error unchanged. It ignores a failure, because there is no other place to report it.
    pub fn tell(&self, text: &str) {
        let mut error = self.error.borrow_mut();
        let written = error.write_all(text.as_bytes()).and_then(|()| error.flush());
        written.unwrap_or_default();
    }

    /// A document in the chosen format. JSON has several lines.
    fn document<T: Serialize>(&self, kind: &str, body: &T) -> Result<String, Failure> {
        let document = Envelope::new(kind, body);
        let unwritable = |error: String| OutputFailed(io::Error::other(error));
        let value = serde_json::to_value(&document).map_err(|error| unwritable(error.to_string()))?;
        let text = match self.format {
            Format::Yaml => serde_saphyr::to_string(&value).map_err(|error| unwritable(error.to_string()))?,
            Format::Json | Format::Table => {
                serde_json::to_string_pretty(&value).map_err(|error| unwritable(error.to_string()))?
            }
        };
        Ok(format!("{}\n", text.trim_end()))
    }

    /// Writes a document as one line of JSON to standard error.
    pub fn tell_document<T: Serialize>(&self, kind: &str, body: &T) {
        if let Ok(line) = serde_json::to_string(&Envelope::new(kind, body)) {
            self.tell(&format!("{line}\n"));
        }
    }
}
