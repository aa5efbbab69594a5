//! The database: what a server shows in a TLS handshake and in a session.
//!
//! | File | Subject |
//! |---|---|
//! | [`handshake`] | the certificate and the trust that a server has loaded, read without logging in |
//! | `any_certificate` | the client of that handshake, which accepts every certificate |
//! | [`session`] | a login with the client's leaf: clients and their certificates, reload, the server's own files |
//! | `login` | the start of that login, and the reasons for a refusal |
//! | `session_groups` | who is connected over the network, and with which certificate |
//! | `attempt` | one login up to its first answer |
//! | `mutual_tls` | the TLS of that login |
//! | `files` | the server's own view of the files that it loads |
//! | `budget` | the limit of the bytes that a session receives |
//! | `endpoints` | one observation of every endpoint |
//! | `serial` | serial numbers as PostgreSQL shows them |
//! | [`error`] | the errors, each with its code |

mod any_certificate;
pub(crate) mod attempt;
pub(crate) mod budget;
pub(crate) mod endpoints;
pub mod error;
pub mod files;
pub mod handshake;
pub(crate) mod login;
pub(crate) mod mutual_tls;
pub(crate) mod serial;
pub mod session;
mod session_groups;
