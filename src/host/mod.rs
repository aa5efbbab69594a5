//! This host: a directory of PEM files, and the processes that read them.
//!
//! | File | Subject |
//! |---|---|
//! | [`store`] | authority and leaves in a directory, each replaced whole (`generations`, `attributes`) |
//! | [`lock`] | one run at a time |
//! | [`consumers`] | the processes: made to load what is stored (`process`), noted (`mark`, kept in `marks`) |
//! | [`entropy`] | random bytes |
//! | [`ports`] | all of it behind the ports of a run |
//! | [`error`] | what can go wrong, each with its code |

pub(crate) mod attributes;
pub mod consumers;
pub mod entropy;
pub mod error;
pub(crate) mod generations;
pub mod lock;
pub(crate) mod mark;
pub(crate) mod marks;
pub mod ports;
pub(crate) mod process;
pub mod store;

pub use ports::Host;
