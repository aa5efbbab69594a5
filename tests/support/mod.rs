//! Real parts for tests and for the demo: a PostgreSQL server, clients that put load on it, certificates, the program.

pub mod certificates;
pub mod load;
pub mod program;
pub mod server;
pub mod site;
