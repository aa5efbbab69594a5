//! This host: a directory of PEM files, and the processes that read them.
//!
//! | File | Subject |
//! |---|---|
//! | [`store`] | authority and leaves in a directory, each replaced whole (`generations`, `attributes`), or brought (`external`) |
//! | [`lock`] | one run at a time |
//! | [`consumers`] | the processes: made to load what is stored (`process`, `pid_file`, `command`), recorded (`pick_up_records`) |
//! | `walk`, `directory`, `file`, [`text`] | paths, opened so that no other user decides what is read or written |
//! | [`blocking`] | work on files, bounded in time |
//! | [`memory`], [`entropy`] | no core; random bytes |
//! | [`ports`] | all of it behind the ports of a run |
//! | [`error`] | what can go wrong, each with its code (`codes`, `hint`) |

pub(crate) mod accounts;
pub(crate) mod attributes;
pub mod blocking;
mod codes;
pub(crate) mod command;
pub mod consumers;
pub(crate) mod directory;
pub mod entropy;
pub mod error;
pub(crate) mod external;
pub(crate) mod file;
pub(crate) mod generations;
mod hint;
pub mod lock;
pub mod memory;
pub(crate) mod pick_up_records;
pub(crate) mod pid_file;
pub mod ports;
pub(crate) mod process;
pub mod store;
pub mod text;
pub(crate) mod walk;

pub use ports::Host;
