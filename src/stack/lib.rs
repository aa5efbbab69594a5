//! Temporary root: the crate `stack` takes the folder `merge` and nothing else of this.

pub mod merge;
