//! The settings of PostgreSQL: what follows from the memory, and over it what the document says.

use std::collections::BTreeMap;

use crate::document::Scalar;
use crate::settings::checker::{Checker, quoted};

const MIB: u64 = 1 << 20;

/// What the stack sets itself, and why the operator may not.
const RESERVED: [(&str, &str); 19] = [
    ("ssl", "nothing is admitted without TLS"),
    ("ssl_cert_file", "the rotation keeps the server's leaf there"),
    ("ssl_key_file", "the rotation keeps the server's leaf there"),
    ("ssl_ca_file", "the rotation keeps the trust bundle there"),
    ("ssl_crl_file", "a revocation list refuses the leaves of the next authority"),
    ("ssl_crl_dir", "a revocation list refuses the leaves of the next authority"),
    ("ssl_passphrase_command", "the key has no passphrase"),
    ("ssl_passphrase_command_supports_reload", "the key has no passphrase"),
    ("hba_file", "the stack decides who may log in"),
    ("ident_file", "the stack decides who may log in"),
    ("config_file", "all settings are arguments"),
    ("data_directory", "it is on the volume"),
    ("external_pid_file", "the probes read the one in the data directory"),
    ("listen_addresses", "the Service needs all addresses"),
    ("port", "the Service and the network policies name 5432"),
    ("unix_socket_directories", "the probes use the socket"),
    ("unix_socket_permissions", "the probes use the socket"),
    ("primary_conninfo", "it may hold a password, and arguments are no secret"),
    ("restore_command", "it may hold a password, and arguments are no secret"),
];

/// What is said about the number of connections, if anything is.
pub(super) fn max_connections(checker: &mut Checker, given: &BTreeMap<String, Scalar>) -> Option<u32> {
    let (name, value) = given.iter().find(|(name, _)| name.eq_ignore_ascii_case("max_connections"))?;
    match value.text().parse::<u32>() {
        Ok(number) if (10..=10_000).contains(&number) => Some(number),
        Ok(_) | Err(_) => {
            let path = format!("database.parameters.{name}");
            checker.add(&path, &quoted(value.text()), "a number from 10 to 10000 is allowed", "write such a number");
            None
        }
    }
}

/// All settings, by their names.
pub(super) fn validate(
    checker: &mut Checker,
    given: &BTreeMap<String, Scalar>,
    memory: u64,
    connections: u32,
) -> Option<BTreeMap<String, String>> {
    let mut parameters = from_memory(memory, connections);
    let mut is_whole = true;
    for (name, value) in given {
        match parameter(checker, name, &value.text()) {
            Some(name) => {
                parameters.insert(name, value.text());
            }
            None => is_whole = false,
        }
    }
    is_whole.then_some(parameters)
}

/// A quarter for the shared cache, three quarters as what the kernel caches too, and the rest divided among connections.
fn from_memory(memory: u64, connections: u32) -> BTreeMap<String, String> {
    let mib = memory / MIB;
    let work = (mib / 4 / u64::from(connections.max(1))).clamp(1, 64);
    let megabytes = |name: &str, number: u64| (name.to_owned(), format!("{number}MB"));
    BTreeMap::from([
        megabytes("shared_buffers", (mib / 4).max(16)),
        megabytes("effective_cache_size", (mib * 3 / 4).max(32)),
        megabytes("maintenance_work_mem", (mib / 16).clamp(16, 2_048)),
        megabytes("work_mem", work),
        ("max_connections".to_owned(), connections.to_string()),
        ("ssl_min_protocol_version".to_owned(), "TLSv1.3".to_owned()),
    ])
}

/// PostgreSQL does not tell `SSL` from `ssl`, so neither does this.
fn parameter(checker: &mut Checker, name: &str, value: &str) -> Option<String> {
    let path = format!("database.parameters.{name}");
    let lower = name.to_ascii_lowercase();
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.".contains(&byte);
    if lower.is_empty()
        || lower.len() > 63
        || !lower.bytes().all(known)
        || lower.starts_with(|it: char| !it.is_ascii_lowercase())
    {
        let limits = "a setting is letters, digits, `_` and `.`, and starts with a letter";
        checker.add(&path, &quoted(name), limits, "write the name as `SHOW ALL` does");
        return None;
    }
    if let Some((_, why)) = RESERVED.iter().find(|(reserved, _)| *reserved == lower) {
        checker.add(&path, &quoted(value), &format!("the stack sets it: {why}"), "remove it");
        return None;
    }
    if value.chars().any(char::is_control) || value.len() > 1_000 {
        checker.add(&path, "no such value", "a value is one line of at most 1000 letters", "shorten it");
        return None;
    }
    if lower == "ssl_min_protocol_version" && !["TLSv1.2", "TLSv1.3"].contains(&value) {
        checker.add(&path, &quoted(value), "TLSv1.2 and TLSv1.3 are allowed", "write one of them");
        return None;
    }
    Some(lower)
}
