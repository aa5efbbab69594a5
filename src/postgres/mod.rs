//! The database: what a server shows in a TLS handshake, and what it tells in a session.
//!
//! | File | Subject |
//! |---|---|
//! | [`handshake`] | the certificate and the trust that a server has loaded, read without logging in |
//! | `any_certificate` | the client of that handshake: it accepts what it can read, and what it cannot |
//! | [`session`] | a login with the client's leaf: who is connected with which certificate, reload, the server's own files |
//! | `login` | the TLS of that login |
//! | `world` | one look at every endpoint |
//! | `judge` | what was seen, compared with what is stored |
//! | [`certificate`] | the few fields of a certificate that are compared |
//! | [`error`] | what can go wrong, each with its code |

mod any_certificate;
pub mod certificate;
pub mod error;
pub mod handshake;
pub(crate) mod judge;
pub(crate) mod login;
pub mod session;
pub(crate) mod world;
