//! newleaf rotates the certificates between PostgreSQL and its clients, and proves it.
//!
//! Data flows one way: **observe -> decide -> plan -> act -> prove -> report**.
//!
//! This crate is the program. What it does is decided in `rotation`, which has no effects; `kubernetes` and `terminal` talk to
//! the API server and to people, and know nothing of certificates; `base` is what all share. Cargo holds the arrows:
//! `newleaf -> rotation, kubernetes, terminal -> base`.
//!
//! | Room | What it knows | Effects |
//! |---|---|---|
//! | [`cluster`] | Secrets, workloads that load them, Jobs: the ports of a run on Kubernetes | the API server |
//! | [`host`] | a directory of PEM files and the processes that read them: the same ports on a machine | files, signals |
//! | [`evidence`] | what a consumer shows, once for both worlds | through `postgres` |
//! | [`postgres`] | what a PostgreSQL server serves, who is connected, reload | sockets |
//! | [`probe`] | what a pod sees: the database's answers, and which connections open | through `postgres`, sockets |
//! | [`clock`] | what time it is here | the clock |
//! | [`exporter`] | the figures of the last run, for Prometheus | sockets, one file |
//! | [`cli`] | arguments, printing, exit codes | terminal |
//!
//! `cli -> cluster, host -> evidence -> postgres`; `cli -> probe -> postgres`; `layers` is below
//! `configuration`; `clock` is below `cluster` and `host`.

pub mod cli;
pub mod clock;
pub mod cluster;
pub mod evidence;
pub mod exporter;
pub mod host;
pub mod postgres;
pub mod probe;
