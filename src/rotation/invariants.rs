//! A checker of steps, independent of what chose them: no step may break a connection that works.
