//! The command line as typed: the name of the program, and how to repeat the command.

use std::ffi::OsString;
use std::path::Path;

/// The name under which kubectl finds the program as its plugin.
const PLUGIN: &str = "kubectl-newleaf";
/// The name under which kubectl asks for completions.
const PLUGIN_COMPLETION: &str = "kubectl_complete-newleaf";

/// A command line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Invocation {
    program: String,
    arguments: Vec<String>,
}

impl Invocation {
    /// The command line of a process, with its own name first.
    pub fn new(line: &[OsString]) -> Self {
        let mut words = line.iter().map(|word| word.to_string_lossy().into_owned());
        let program = words.next().unwrap_or_default();
        Self { program, arguments: words.collect() }
    }

    /// The words that people type to start the program.
    pub fn program(&self) -> &'static str {
        if self.file_name() == PLUGIN { "kubectl newleaf" } else { "newleaf" }
    }

    /// The words whose last one kubectl asks newleaf to complete.
    pub fn completion(&self) -> Option<&[String]> {
        (self.file_name() == PLUGIN_COMPLETION).then_some(&self.arguments)
    }

    /// The same command with further arguments, as a line for a shell.
    pub fn again(&self, more: &[&str]) -> String {
        let arguments = self.arguments.iter().map(String::as_str).chain(more.iter().copied());
        std::iter::once(self.program().to_owned()).chain(arguments.map(quoted)).collect::<Vec<_>>().join(" ")
    }

    fn file_name(&self) -> &str {
        Path::new(&self.program).file_name().and_then(|name| name.to_str()).unwrap_or_default()
    }
}

/// A word, quoted for a shell.
fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=,@%+".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &[&str]) -> Invocation {
        Invocation::new(&line.iter().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn the_same_command_is_said_again_with_every_option_it_had() {
        let line = of(&["/usr/bin/newleaf", "rotate", "--now", "-n", "my team", "--context=a'b"]);
        assert_eq!(line.again(&["--id", "17"]), r"newleaf rotate --now -n 'my team' '--context=a'\''b' --id 17");
        assert_eq!(of(&["/opt/kubectl-newleaf", "rotate"]).again(&[]), "kubectl newleaf rotate");
    }

    #[test]
    fn kubectl_asks_under_a_name_of_its_own() {
        assert_eq!(of(&["newleaf", "rotate"]).completion(), None);
        assert_eq!(of(&["kubectl_complete-newleaf", "ro"]).completion(), Some(&["ro".to_owned()][..]));
        assert_eq!(of(&[]).program(), "newleaf");
    }
}
