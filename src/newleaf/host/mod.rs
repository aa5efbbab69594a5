//! This host: a directory of PEM files, and the processes that read them.
//!
//! | File | Subject |
//! |---|---|
//! | [`store`] | authority and leaves in a directory, each replaced as a whole (`generations`, `attributes`), or kept by another tool (`external`) |
//! | [`lock`] | one run at a time |
//! | [`consumers`] | the processes: pick-up (`process`, `pid_file`, `command`) and its record (`pick_up_records`) |
//! | `walk`, `directory`, `file`, [`text`] | paths, opened so that no other user decides what newleaf reads or writes |
//! | [`blocking`] | work on files, bounded in time |
//! | [`memory`], [`entropy`] | no core dump; random bytes |
//! | [`ports`] | the ports of a run, made of the above |
//! | [`error`] | the errors, each with its code (`codes`, `hint`) |

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
