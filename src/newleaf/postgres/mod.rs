//! The database: what a server shows in a TLS handshake, and what it tells in a session.
//!
//! | File | Subject |
//! |---|---|
//! | [`handshake`] | the certificate and the trust that a server has loaded, read without logging in |
//! | `any_certificate` | the client of that handshake: it accepts what it can read, and what it cannot |
//! | [`session`] | a login with the client's leaf: who is connected with which certificate, reload, the server's own files |
//! | `login` | how that login begins, and why it is refused |
//! | `mutual_tls` | its TLS |
//! | `files` | the files that the server loads, as it sees them itself |
//! | `budget` | how much a session may receive |
//! | `endpoints` | one look at every endpoint |
//! | `serial` | serial numbers as PostgreSQL shows them |
//! | [`error`] | what can go wrong, each with its code |

mod any_certificate;
pub(crate) mod budget;
pub(crate) mod endpoints;
pub mod error;
pub mod files;
pub mod handshake;
pub(crate) mod login;
mod mutual_tls;
pub(crate) mod serial;
pub mod session;
