//! Ports for servers that are started after they were chosen.

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::{Ipv4Addr, TcpListener};

/// A port that is free, and below those that the kernel gives to connections (Linux, `ip_local_port_range`): one of these
/// could be taken between this look and the start of the server.
pub(crate) fn free_port() -> io::Result<u16> {
    let random = || RandomState::new().hash_one(0);
    let mut tried = (0..64).map(|_| u16::try_from(10_000 + random() % 20_000).unwrap_or(10_000));
    let free = tried.find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok());
    free.ok_or_else(|| io::Error::other("no port is free"))
}
