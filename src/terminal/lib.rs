//! What a person at a terminal sees and does, for every program.
//!
//! | Room | Subject |
//! |---|---|
//! | [`console`] | the one writer: data to standard output, everything else to standard error |
//! | [`style`], [`paint`], [`table`], [`moment`] | what a stream can show, and text that makes use of it |
//! | [`report`], [`exit`] | an error, told once; exit codes |
//! | [`program`] | the frame of a program: runtime, signals, exit code; help and misuse |
//! | [`logging`] | the log on standard error |
//! | [`signals`], [`stop_token`] | SIGINT and SIGTERM, and the one wish to stop that they set |

pub mod console;
pub mod exit;
pub mod logging;
pub mod moment;
pub mod paint;
pub mod program;
pub mod report;
pub mod signals;
pub mod stop_token;
pub mod style;
pub mod table;
