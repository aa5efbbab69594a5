//! The reference, made from the code that it describes: `make docs` writes it, a test compares it.

mod command_line;
mod configuration;
mod errors;
mod manifests;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use clap::CommandFactory;

use crate::cli::arguments::Arguments;
use crate::cli::exit::Verdict;
use crate::diagnosis::{Code, Diagnose, Failure};

pub use configuration::schema as configuration_schema;
pub use manifests::manifests;

/// What is generated, by path below the directory.
pub type GeneratedFiles = BTreeMap<PathBuf, Vec<u8>>;

/// Why the reference cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum ReferenceError {
    /// Made, but not written.
    #[error("failed to write {}", path.display())]
    Write {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Not made.
    #[error("failed to make the reference of {subject}")]
    Make {
        /// Of what.
        subject: &'static str,
        /// Why.
        source: io::Error,
    },
}

impl Diagnose for ReferenceError {
    fn code(&self) -> Code {
        match self {
            Self::Write { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => Code::FileDenied,
            Self::Write { .. } => Code::FileWrite,
            Self::Make { .. } => Code::OutputFailed,
        }
    }
}

/// Every generated file, below `docs`.
pub fn everything() -> Result<GeneratedFiles, Failure> {
    let mut files = GeneratedFiles::new();
    let mut add = |path: &str, text: String| files.insert(PathBuf::from(path), text.into_bytes());
    add("reference/cli.md", command_line::page());
    add("reference/configuration.md", configuration::page());
    add("reference/configuration.schema.json", configuration::schema()?);
    add("reference/exit-codes.md", errors::exit_codes());
    add("reference/rbac.md", manifests::page()?);
    add("errors/README.md", errors::list());
    for code in Code::ALL {
        add(&format!("errors/{code}.md"), errors::page(*code));
    }
    for (name, page) in manual_pages()? {
        files.insert(Path::new("reference/man").join(name), page);
    }
    Ok(files)
}

/// One manual page for the program and one for each command.
pub fn manual_pages() -> Result<GeneratedFiles, Failure> {
    let mut root = Arguments::command();
    root.build();
    let mut files = GeneratedFiles::new();
    let mut render = |name: String, command: clap::Command| {
        let mut page = Vec::new();
        // Without a date, so that the page depends on nothing but the code.
        let manual = clap_mangen::Man::new(command).title(name.to_ascii_uppercase()).date("");
        manual.render(&mut page).map_err(|source| ReferenceError::Make { subject: "the manual pages", source })?;
        files.insert(PathBuf::from(format!("{name}.1")), page);
        Ok::<(), ReferenceError>(())
    };
    for command in root.get_subcommands().filter(|command| !command.is_hide_set() && command.get_name() != "help") {
        let name = format!("newleaf-{}", command.get_name());
        render(name.clone(), command.clone().name(name))?;
    }
    render("newleaf".to_owned(), root.clone())?;
    Ok(files)
}

/// Writes the files below a directory.
pub fn write(files: &GeneratedFiles, directory: &Path) -> Result<Verdict, Failure> {
    for (name, content) in files {
        let path = directory.join(name);
        let parent = path.parent().unwrap_or(directory);
        let failed = |source| ReferenceError::Write { path: path.clone(), source };
        std::fs::create_dir_all(parent).map_err(failed)?;
        std::fs::write(&path, content).map_err(failed)?;
    }
    Ok(Verdict::Done)
}
