//! newleaf rotates the certificates between PostgreSQL and its clients, and proves it.
//!
//! Data flows one way: **observe -> decide -> plan -> act -> prove -> report**.
//!
//! | Room | What it knows | Effects |
//! |---|---|---|
//! | [`pki`] | what a certificate is: authority, leaf, trust bundle, verification, rehearsal | none |
//! | [`rotation`] | when to act and in what order: facts, rules, plan, invariants, ports, the run | only through its ports |
//! | [`clock`] | what time it is here | the clock |
//! | [`stop`] | whether a signal or a deadline asks to stop | none of its own: the command line listens |
//! | [`host`] | a directory of PEM files and the processes that read them | files, signals |
//! | [`kubernetes`] | Secrets, workloads and their rollouts, the Lease, Events | the API server |
//! | [`postgres`] | what a PostgreSQL server serves, who is connected, reload | sockets |
//! | [`layers`] | documents made of layers: every value with its origin, the merge, the way into types | none |
//! | [`configuration`] | the one YAML file, parsed once into types that cannot be wrong | none |
//! | [`cli`] | arguments, printing, exit codes, logging | terminal |
//! | [`diagnosis`] | the codes and classes that every error carries | none |
//!
//! Arrows point one way: `bin -> cli -> host, kubernetes -> postgres -> configuration -> rotation -> pki -> diagnosis`; `layers` is below
//! `configuration`; `clock` and `stop` are below
//! `host` and `kubernetes`.
//! `host` and `kubernetes` implement the ports of `rotation`; `pki` and `rotation` ask neither a clock
//! nor the environment (`tests/architecture.rs` reads the sources and fails if they do).

pub mod cli;
pub mod clock;
pub mod configuration;
pub mod diagnosis;
pub mod host;
pub mod kubernetes;
pub mod layers;
pub mod pki;
pub mod postgres;
pub mod rotation;
pub mod stop;
