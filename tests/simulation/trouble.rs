//! What the simulated ports fail with.

use base::diagnosis::{Code, Diagnose};

/// A failure of a port.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error("simulated: {0}")]
    Simulated(String, Code),
}

impl Trouble {
    pub(crate) fn new(code: Code, about: &str) -> Self {
        Self::Simulated(format!("{} ({about})", code.title()), code)
    }
}

impl Diagnose for Trouble {
    fn code(&self) -> Code {
        let Self::Simulated(_, code) = self;
        *code
    }
}
