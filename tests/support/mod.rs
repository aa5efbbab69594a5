//! Real parts for tests and for the demo: a PostgreSQL server, clients that put load on it, certificates.

pub mod certificates;
pub mod load;
pub mod server;
