//! The binary itself: help, exit codes, output for machines, signals, and that no key leaves its file.

mod commands;
mod configuration;
mod reference;
mod secrets;
mod signals;
mod support;
mod usage;
