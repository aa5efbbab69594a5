//! A problem of a document, with the place where the offending value was given.

use std::fmt;

use base::diagnosis::{Code, Diagnose};
use base::layers::error::LayerError;
use base::layers::origin::Origin;
use base::layers::tree::{Tree, TreeValue};

use crate::problem::Problem;

/// A problem and where it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedProblem {
    /// File, line and column; or the flag.
    pub origin: Origin,
    /// What is wrong there, in words.
    pub problem: String,
}

impl fmt::Display for PlacedProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.origin.place(), self.problem)
    }
}

impl From<LayerError> for PlacedProblem {
    fn from(error: LayerError) -> Self {
        Self { problem: error.clause(), origin: error.origin }
    }
}

impl PlacedProblem {
    /// The problems of a document, each at the deepest place of its path that a layer gives.
    pub fn of(problems: &[Problem], tree: &Tree) -> Vec<Self> {
        let placed = |problem: &Problem| Self {
            origin: place(tree, &problem.path, problem.is_unknown_key()).clone(),
            problem: problem.to_string(),
        };
        problems.iter().map(placed).collect()
    }
}

/// Where the value of a path was given, or the key itself; else the nearest map or list above it. The path is written as
/// problems write it: `monitoring.labels.app.kubernetes.io/name`, where a name may have dots.
fn place<'a>(tree: &'a Tree, path: &str, wants_key: bool) -> &'a Origin {
    let (mut here, mut origin, mut rest) = (tree, &tree.origin, path);
    while !rest.is_empty() {
        let (found, key, after) = match &here.value {
            TreeValue::Map(branches) => {
                let named = branches.iter().filter(|(name, _)| starts_with_name(rest, name));
                let Some((name, branch)) = named.max_by_key(|(name, _)| name.len()) else { return origin };
                (&branch.tree, &branch.key, rest.get(name.len()..).unwrap_or_default())
            }
            TreeValue::List(items) => {
                let inside = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
                let Some((number, after)) = inside else { return origin };
                let Some(item) = number.parse().ok().and_then(|index: usize| items.get(index)) else { return origin };
                (item, &item.origin, after)
            }
            TreeValue::Null | TreeValue::Text(_) | TreeValue::Plain { .. } => return origin,
        };
        rest = after.strip_prefix('.').unwrap_or(after);
        here = found;
        origin = if wants_key && rest.is_empty() { key } else { &found.origin };
    }
    origin
}

fn starts_with_name(rest: &str, name: &str) -> bool {
    match rest.strip_prefix(name) {
        Some(after) => after.is_empty() || after.starts_with(['.', '[']),
        None => false,
    }
}

/// A stack that cannot be used: all of its problems at once. Each is the source of the one before, so that a report names them all.
#[derive(Debug)]
pub struct StackError {
    code: Code,
    head: String,
    first: Option<Box<ProblemChain>>,
}

/// One problem, and those after it.
#[derive(Debug)]
struct ProblemChain {
    problem: PlacedProblem,
    next: Option<Box<Self>>,
}

impl StackError {
    /// What cannot be used, and why. `code` says what kind of problem it is.
    pub fn new(code: Code, head: &str, problems: impl IntoIterator<Item = PlacedProblem>) -> Self {
        let problems: Vec<PlacedProblem> = problems.into_iter().collect();
        let first =
            problems.into_iter().rev().fold(None, |next, problem| Some(Box::new(ProblemChain { problem, next })));
        Self { code, head: head.to_owned(), first }
    }

    /// The document, or a layer of it.
    pub fn invalid(problems: impl IntoIterator<Item = PlacedProblem>) -> Self {
        Self::new(Code::StackInvalid, "the stack is not valid", problems)
    }
}

impl fmt::Display for StackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.head)
    }
}

impl std::error::Error for StackError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.first.as_deref().map(|chain| -> &(dyn std::error::Error + 'static) { chain })
    }
}

impl fmt::Display for ProblemChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(f)
    }
}

impl std::error::Error for ProblemChain {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.next.as_deref().map(|chain| -> &(dyn std::error::Error + 'static) { chain })
    }
}

impl Diagnose for StackError {
    fn code(&self) -> Code {
        self.code
    }

    fn object(&self) -> Option<String> {
        self.first.as_ref().map(|chain| chain.problem.origin.place())
    }
}
