//! The Secrets that newleaf refuses to write, each with its code and the way out.

use base::diagnosis::{Code, Diagnose, RemoteText};
use kubernetes::api::call::Call;

/// The size limit for all values of a Secret together (`MaxSecretSize` of Kubernetes).
pub(crate) const DATA_MAX: usize = 1024 * 1024;

/// A Secret that newleaf refuses to write, or cannot read.
#[derive(Debug, thiserror::Error)]
#[error("Secret {secret} {refusal}")]
pub struct SecretRefused {
    /// The namespace and name of the Secret.
    pub secret: String,
    /// The reason.
    pub refusal: SecretRefusal,
}

/// Why newleaf refuses to write a Secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretRefusal {
    /// Another field manager created it, or also writes its values.
    #[error("is not newleaf's own{}", list(owners))]
    Foreign {
        /// The field managers that wrote its values.
        owners: Vec<RemoteText>,
    },
    /// It contains an authority that another tool or a person keeps.
    #[error("contains an authority that another tool or a person keeps; newleaf reads it and never writes it")]
    AuthorityForeign,
    /// Kubernetes forbids changes of its data.
    #[error("is immutable")]
    Immutable,
    /// It has a type with other rules.
    #[error("is of type {found}, not Opaque or kubernetes.io/tls")]
    Type {
        /// The type of the Secret.
        found: RemoteText,
    },
    /// Its values would exceed the size limit.
    #[error("would contain {bytes} bytes; the limit is {DATA_MAX}")]
    TooLarge {
        /// The size of the values.
        bytes: usize,
    },
    /// It does not exist, and the account may not create it.
    #[error("does not exist and this account may not create it")]
    Absent {
        /// The request that the API server denied.
        call: Call,
    },
    /// A value is not base64, although the API server encodes all values.
    #[error("cannot be read: one of its values is not base64")]
    Unreadable,
}

fn list(owners: &[RemoteText]) -> String {
    let owners: Vec<&str> = owners.iter().map(RemoteText::as_str).collect();
    if owners.is_empty() { String::new() } else { format!(": {} wrote its values", owners.join(", ")) }
}

impl Diagnose for SecretRefused {
    fn code(&self) -> Code {
        match self.refusal {
            SecretRefusal::Foreign { .. } => Code::SecretForeign,
            SecretRefusal::AuthorityForeign => Code::AuthorityForeign,
            SecretRefusal::Immutable => Code::SecretImmutable,
            SecretRefusal::Type { .. } => Code::SecretTypeWrong,
            SecretRefusal::TooLarge { .. } => Code::SecretTooLarge,
            SecretRefusal::Absent { .. } => Code::SecretAbsent,
            SecretRefusal::Unreadable => Code::AnswerForeign,
        }
    }

    fn object(&self) -> Option<String> {
        Some(format!("Secret {}", self.secret))
    }

    fn hint(&self) -> Option<String> {
        match &self.refusal {
            SecretRefusal::Absent { call } => Some(format!(
                "Run `newleaf bootstrap` with an account that may create Secrets, or add this rule to the account's Role \
                 in namespace {}: {}",
                call.namespace,
                call.rule()
            )),
            SecretRefusal::Foreign { .. }
            | SecretRefusal::AuthorityForeign
            | SecretRefusal::Immutable
            | SecretRefusal::Type { .. }
            | SecretRefusal::TooLarge { .. }
            | SecretRefusal::Unreadable => None,
        }
    }
}
