//! What newleaf does not write, each with its code and the way out.

use base::diagnosis::{Code, Diagnose, RemoteText};
use kubernetes::api::call::Call;

/// How much the values of a Secret may hold in all (`MaxSecretSize` of Kubernetes).
pub(crate) const DATA_MAX: usize = 1024 * 1024;

/// A Secret that is not written, or cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("Secret {secret} {refusal}")]
pub struct SecretRefused {
    /// Its namespace and name.
    pub secret: String,
    /// Why.
    pub refusal: SecretRefusal,
}

/// Why a Secret is not written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretRefusal {
    /// Another manager made it, or writes its values too.
    #[error("is not newleaf's own{}", list(owners))]
    Foreign {
        /// The field managers that wrote its values.
        owners: Vec<RemoteText>,
    },
    /// It holds an authority that somebody else keeps.
    #[error("holds an authority that somebody else keeps; it is read and never written")]
    AuthorityForeign,
    /// Its data may never change.
    #[error("is immutable")]
    Immutable,
    /// It is of a type with other rules.
    #[error("is of type {found}, not Opaque or kubernetes.io/tls")]
    Type {
        /// The type.
        found: RemoteText,
    },
    /// More than a Secret can hold.
    #[error("would hold {bytes} bytes; a Secret holds {DATA_MAX}")]
    TooLarge {
        /// How much it would be.
        bytes: usize,
    },
    /// It is not there, and may not be made.
    #[error("does not exist and this account may not create it")]
    Absent {
        /// The request that was forbidden.
        call: Call,
    },
    /// A value is not base64, as the API server has them all.
    #[error("cannot be read: a value in it is no base64")]
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
