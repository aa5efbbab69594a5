//! The reference, made from the code that it describes: `make docs` writes it, a test compares it.

mod command_line;
pub(crate) mod configuration;
mod errors;
mod manifests;
mod stack;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base::diagnosis::Code;
use clap::CommandFactory;
use command_line::Program;
use deploy::cli::arguments::DeployArguments;
use newleaf::cli::arguments::Arguments;
use rotation::document::shape;

/// What is generated, by path below the directory.
pub(crate) type GeneratedFiles = BTreeMap<PathBuf, Vec<u8>>;

/// Why the reference cannot be made or written.
pub(crate) type Error = Box<dyn std::error::Error>;

/// The files of `manifests/`, below it.
pub(crate) fn manifests() -> Result<GeneratedFiles, Error> {
    let mut files = manifests::rotation()?;
    files.extend(stack::stack()?);
    Ok(files)
}

/// Every generated file, below `docs`.
pub(crate) fn everything() -> Result<GeneratedFiles, Error> {
    let mut files = GeneratedFiles::new();
    let mut add = |path: &str, text: String| files.insert(PathBuf::from(path), text.into_bytes());
    add("reference/cli.md", command_line::page(newleaf()));
    add("reference/deploy.md", command_line::page(deployer()));
    add("reference/stack.schema.json", format!("{}\n", serde_json::to_string_pretty(::stack::document::schema())?));
    add("reference/configuration.md", configuration::page());
    add("reference/configuration.schema.json", shape::schema_text()?);
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

fn newleaf() -> Program {
    let note = "`--set KEY=VALUE` sets any [configuration value](configuration.md); each value also has a variable.";
    Program { command: Arguments::command(), source: "src/newleaf/cli/arguments.rs", note }
}

fn deployer() -> Program {
    let note = "[stack.schema.json](stack.schema.json) has every key that a file or `--set` may give.";
    Program { command: DeployArguments::command(), source: "src/deploy/cli/arguments.rs", note }
}

/// One manual page for the program and one for each command.
fn manual_pages() -> Result<GeneratedFiles, Error> {
    let mut root = Arguments::command();
    root.build();
    let mut files = GeneratedFiles::new();
    let mut render = |name: String, command: clap::Command| {
        let mut page = Vec::new();
        // Without a date, so that the page depends on nothing but the code.
        clap_mangen::Man::new(command).title(name.to_ascii_uppercase()).date("").render(&mut page)?;
        files.insert(PathBuf::from(format!("{name}.1")), page);
        Ok::<(), Error>(())
    };
    for command in root.get_subcommands().filter(|command| !command.is_hide_set() && command.get_name() != "help") {
        let name = format!("newleaf-{}", command.get_name());
        render(name.clone(), command.clone().name(name))?;
    }
    render("newleaf".to_owned(), root.clone())?;
    Ok(files)
}
