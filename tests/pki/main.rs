//! Certificates against other people's tools and against broken input.

mod corpus;
mod linters;
mod mutations;
mod rehearsal;
mod shapes;
mod support;
