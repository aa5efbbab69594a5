//! The vocabulary that every error shares: a stable code, its class, and the page that explains it.
//!
//! Each room has its own error enums; each of them implements [`Diagnose`]. The class of a code decides the exit
//! code of the process, which a Kubernetes Job's `podFailurePolicy` reads.

mod codes;
mod deployer_codes;
pub mod exit_codes;
mod remote_text;
mod table;

use std::error::Error;
use std::fmt;

pub use codes::Code;
pub use remote_text::RemoteText;

/// The kind of problem that a code stands for, and what a caller may do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// The command line cannot be understood.
    Usage,
    /// A person must decide or repair something: unusable input, an object of another owner.
    Refused,
    /// The running server does not show what was written.
    ProofFailed,
    /// A retry will probably succeed: unreachable, lease held, out of time.
    Temporary,
    /// Another writer changed the object between our read and our write.
    Conflict,
    /// The operating system, the database or the cluster denied it.
    Denied,
    /// The configuration file or a value in it is wrong.
    Configuration,
    /// Stopped by a signal, between two steps.
    Interrupted,
    /// newleaf has a defect: please report it.
    Bug,
}

impl Class {
    /// The exit code of a process that ends with an error of this class (`sysexits.h` where one fits).
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Bug => 1,
            Self::Usage => 2,
            Self::Refused => 4,
            Self::ProofFailed => 5,
            Self::Temporary | Self::Conflict => 75,
            Self::Denied => 77,
            Self::Configuration => 78,
            Self::Interrupted => 143,
        }
    }
}

/// An error that a caller can look up, retry or refuse without knowing its type.
pub trait Diagnose: Error + Send + Sync + 'static {
    /// The stable code.
    fn code(&self) -> Code;

    /// The object that the error is about: a file, a Secret, an endpoint.
    fn object(&self) -> Option<String> {
        None
    }

    /// What the operator should do next, where the error knows more than the code's page says.
    fn hint(&self) -> Option<String> {
        None
    }
}

/// Any room's error, boxed, as ports and the run hand it on.
pub struct Failure(Box<dyn Diagnose>);

impl Failure {
    /// The stable code.
    pub fn code(&self) -> Code {
        self.0.code()
    }

    /// The class of the code.
    pub fn class(&self) -> Class {
        self.0.code().class()
    }

    /// The object it is about.
    pub fn object(&self) -> Option<String> {
        self.0.object()
    }

    /// What to do next: the error's own hint, else the first sentence of the code's remedy.
    pub fn hint(&self) -> String {
        self.0.hint().unwrap_or_else(|| self.0.code().remedy().to_owned())
    }

    /// The messages of the error and of its causes, outermost first.
    pub fn chain(&self) -> Vec<String> {
        let mut messages = vec![self.0.to_string()];
        let mut source = self.0.source();
        while let Some(cause) = source {
            messages.push(cause.to_string());
            source = cause.source();
        }
        messages
    }
}

impl<E: Diagnose> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code(), self.chain().join(": "))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.chain().join(": "))
    }
}
