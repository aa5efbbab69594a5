//! Real parts for tests and for the demo: a PostgreSQL server, clients that put load on it, certificates, the program.

pub(crate) mod certificates;
pub(crate) mod installation;
pub(crate) mod load;
pub(crate) mod port;
pub(crate) mod program;
pub(crate) mod server;
pub(crate) mod site;
pub(crate) mod skip;
pub(crate) mod tally;
pub(crate) mod tools;
pub(crate) mod wait;
