//! Real parts for tests and for the demo: a PostgreSQL server, clients that put load on it, certificates.

pub(crate) mod certificates;
pub(crate) mod load;
pub(crate) mod server;
