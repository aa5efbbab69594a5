//! Where a value was given.

use std::fmt;
use std::path::PathBuf;

/// Where a value was given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Origin {
    /// Nowhere: it is what holds without any configuration.
    #[default]
    Default,
    /// In a file, or in a document that is named like one.
    File {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: u64,
        /// Counted from 1.
        column: u64,
    },
    /// By an environment variable.
    Variable(String),
    /// By a flag, with its dashes.
    Flag(String),
}

impl Origin {
    /// The start of a file.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::File { path: path.into(), line: 1, column: 1 }
    }

    /// The same file at another place; what is no file has no places.
    #[must_use]
    pub fn at(&self, line: u64, column: u64) -> Self {
        match self {
            Self::File { path, .. } => Self::File { path: path.clone(), line, column },
            Self::Default | Self::Variable(_) | Self::Flag(_) => self.clone(),
        }
    }

    /// As editors and terminals link to it: `newleaf.yaml:3:18`; what is no file, as it is displayed.
    pub fn place(&self) -> String {
        match self {
            Self::File { path, line, column } => format!("{}:{line}:{column}", path.display()),
            Self::Default | Self::Variable(_) | Self::Flag(_) => self.to_string(),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line, column } => write!(f, "file {}:{line}:{column}", path.display()),
            Self::Variable(name) => write!(f, "variable {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}
