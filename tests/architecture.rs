//! The house rules that cargo cannot hold: which room of a crate may name which, what the pure crates may never name, and how
//! long a file may be. Reads the sources as text; tests and comments are not looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use base::diagnosis::Code;

/// The rooms of the crates that have several, and the rooms that each may name. Between crates, cargo holds the arrows.
const ROOMS: &[(&str, &[&str])] = &[
    ("rotation/pki", &[]),
    ("rotation/probe", &[]),
    ("rotation/engine", &["pki"]),
    ("rotation/issuer", &["engine", "pki"]),
    ("rotation/document", &["issuer", "engine", "pki"]),
    ("rotation/figures", &["engine"]),
    ("rotation/manifests", &["document", "figures", "issuer", "engine", "pki"]),
    ("newleaf/postgres", &[]),
    ("newleaf/clock", &[]),
    ("newleaf/exporter", &[]),
    ("newleaf/evidence", &["postgres"]),
    ("newleaf/host", &["clock", "evidence", "postgres"]),
    ("newleaf/cluster", &["clock", "evidence", "postgres"]),
    ("newleaf/probe", &["postgres"]),
    ("newleaf/cli", &["cluster", "host", "probe", "clock", "evidence", "exporter", "postgres"]),
];

/// Crates and rooms without effects: what they need to know about the world comes in as an argument.
const PURE: &[&str] = &["base", "rotation", "stack", "deploy/inventory", "deploy/plan"];

/// What makes and reads certificates: the engine decides on facts, and the issuer stands between them.
const CERTIFICATE_LIBRARIES: &[&str] = &["aws_lc_rs", "rcgen", "rustls", "rustls_pki_types", "webpki", "x509_parser"];

/// Paths that a pure crate never names, whole or as a prefix: effects, clocks and the environment.
const IMPURE: &[&str] = &[
    "tokio",
    "kube",
    "nix",
    "rustix",
    "tracing",
    "tokio_postgres",
    "std::fs",
    "std::env",
    "std::process",
    "std::thread",
    "std::net::TcpStream",
    "std::net::TcpListener",
    "std::net::UdpSocket",
    "std::net::ToSocketAddrs",
    "std::os",
    "std::time::SystemTime",
    "std::time::Instant",
    "SystemTime::now",
    "Instant::now",
    "Utc::now",
    "Local::now",
    "UnixTime::now",
    "OffsetDateTime::now_utc",
    "OffsetDateTime::now_local",
];

/// Rooms that may run as root in directories of others. They open paths by name in few files, which look at who could have
/// put there what they find.
const CAREFUL: &[&str] = &["newleaf/host", "newleaf/cli"];

/// Those files.
const OPENS: &[&str] =
    &["newleaf/host/directory.rs", "newleaf/host/file.rs", "newleaf/host/walk.rs", "newleaf/host/pid_file.rs"];

/// Opening, making, changing and removing by name: all that `std::fs` does but for types and for what works on an open file.
const BY_NAME: &[&str] = &[
    "fs::canonicalize",
    "fs::copy",
    "fs::create_dir",
    "fs::create_dir_all",
    "fs::exists",
    "fs::hard_link",
    "fs::metadata",
    "fs::read",
    "fs::read_dir",
    "fs::read_link",
    "fs::read_to_string",
    "fs::remove_dir",
    "fs::remove_dir_all",
    "fs::remove_file",
    "fs::rename",
    "fs::set_permissions",
    "fs::symlink_metadata",
    "fs::write",
    "fs::OpenOptions",
    "fs::DirBuilder",
    "File::open",
    "File::create",
    "File::create_new",
    "File::options",
    "OpenOptions::new",
    "DirBuilder::new",
    "fs::symlink",
    "fs::chown",
    "fs::lchown",
];

/// Lines of a file above its tests.
const LONGEST_FILE: usize = 400;
/// A table is one subject however long it is.
const TABLES: [&str; 1] = ["base/diagnosis/codes.rs"];

#[test]
fn every_code_is_raised_somewhere() {
    let sources = sources().expect("the sources are readable");
    let raising: String = sources
        .into_iter()
        .filter(|(room, ..)| room != "base/diagnosis")
        .map(|(_, _, text)| text.split("#[cfg(test)]").next().unwrap_or_default().to_owned())
        .collect();
    let raised = |code: &&Code| {
        let name = format!("Code::{code:?}");
        raising
            .match_indices(&name)
            .any(|(at, _)| !raising[at + name.len()..].starts_with(|next: char| next.is_ascii_alphanumeric()))
    };
    let silent: Vec<_> = Code::ALL.iter().filter(|code| !raised(code)).collect();
    assert_eq!(silent, Vec::<&Code>::new(), "a page that no message leads to");
}

#[test]
fn every_source_keeps_the_house_rules() {
    let sources = sources().expect("the sources are readable");
    assert!(sources.len() > 10, "only {} sources found: the test looks in the wrong place", sources.len());
    let broken: Vec<String> =
        sources.iter().flat_map(|(room, path, text)| violations(room, &path.display().to_string(), text)).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// The library's own ways to send a request: they read answers of any size, and log what they cannot parse.
const SENDERS: [&str; 5] = ["kube::Api", "request_text(", "request_stream(", "request_status(", "client.send("];
/// The only file that sends, and reads every answer up to a limit.
const SENDING: &str = "kubernetes/api/answer.rs";

fn sends(path: &str, text: &str) -> bool {
    let code = production(text).join("\n");
    let named = paths(&code);
    let is_there = |sender: &str| code.contains(sender) || named.iter().any(|path| names(path, sender));
    path != SENDING && SENDERS.iter().any(|sender| is_there(sender))
}

#[test]
fn one_file_alone_sends_requests_to_the_api_server() {
    let sources = sources().expect("the sources are readable");
    assert!(sources.iter().any(|(_, path, text)| path.ends_with(SENDING) && sends("elsewhere", text)));
    let others: Vec<_> = sources.iter().filter(|(_, path, text)| sends(&path.display().to_string(), text)).collect();
    assert!(others.is_empty(), "{:?}", others.iter().map(|(_, path, _)| path).collect::<Vec<_>>());
    assert!(sends("newleaf/cluster/job/mod.rs", "use kube::{Api, Client};"));
    assert!(sends("newleaf/cluster/job/mod.rs", "fn f() { client.request_text(request) }"));
}

/// What a page names as a test, for example `cli::a_test`: the tier and the name.
fn named_tests<'a>(page: &'a str, tiers: &[String]) -> Vec<(&'a str, &'a str)> {
    let quoted = page.split('`').skip(1).step_by(2);
    let named = quoted.filter_map(|quoted| quoted.split_once("::"));
    named.filter(|(tier, _)| tiers.iter().any(|known| known == tier)).collect()
}

#[test]
fn every_test_that_the_threat_model_names_is_there() {
    let house = project::root();
    let tiers = fs::read_dir(house.join("tests")).expect("the tests are readable").flatten();
    let tiers: Vec<String> = tiers.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    let page = fs::read_to_string(house.join("docs/threat-model.md")).expect("the page is readable");
    let named = named_tests(&page, &tiers);
    assert!(named.len() > 50, "only {} tests are named: the page names them in another way", named.len());
    let is_missing = |&(tier, test): &(&str, &str)| {
        let files = rust_files(&house.join("tests").join(tier)).expect("the tier is readable");
        let texts = files.iter().map(|file| fs::read_to_string(file).expect("the test is readable"));
        !texts.into_iter().any(|text| text.contains(&format!("fn {test}(")))
    };
    let missing: Vec<_> = named.into_iter().filter(is_missing).collect();
    assert!(missing.is_empty(), "claims without a test: {missing:?}");
    assert_eq!(named_tests("`cli::gone` and `std::fs`", &tiers), [("cli", "gone")]);
}

/// The types that a source declares; associated types stand inside of something and are none.
fn declared(text: &str) -> Vec<&str> {
    let mut types = Vec::new();
    for line in production(text) {
        let mut words = line.split(|character: char| !character.is_alphanumeric() && character != '_');
        let keyword = words.find(|word| !["", "pub", "crate", "super"].contains(word));
        let is_declaration = match keyword {
            Some("struct" | "enum" | "trait") => true,
            Some("type") => !line.starts_with(' '),
            Some(_) | None => false,
        };
        if is_declaration {
            types.extend(words.next());
        }
    }
    types
}

#[test]
fn no_two_types_have_one_name() {
    let sources = sources().expect("the sources are readable");
    let mut places: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (_, path, text) in &sources {
        for name in declared(text) {
            places.entry(name).or_default().push(path.display().to_string());
        }
    }
    assert!(places.len() > 200, "only {} types found: they are declared in another way", places.len());
    places.retain(|_, paths| paths.len() > 1);
    assert!(places.is_empty(), "one word, two meanings: {places:?}");
    assert_eq!(declared("pub(crate) struct A;\nenum B {\n    type C = u8;\n// struct D\n}"), ["A", "B"]);
}

#[test]
fn every_type_that_the_glossary_names_is_there() {
    let house = project::root();
    let page = fs::read_to_string(house.join("docs/glossary.md")).expect("the page is readable");
    let sources = sources().expect("the sources are readable");
    let types: BTreeSet<&str> = sources.iter().flat_map(|(_, _, text)| declared(text)).collect();
    let rows = page.lines().filter(|line| line.starts_with("| ")).filter_map(|line| line.rsplit('|').nth(1));
    let named: Vec<&str> = rows.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    assert!(named.len() > 50, "only {} types are named: the page names them in another way", named.len());
    let gone: Vec<_> = named.into_iter().filter(|name| !types.contains(name)).collect();
    assert!(gone.is_empty(), "the glossary names what is not there: {gone:?}");
}

#[test]
fn every_forbidden_name_is_found_however_it_is_written() {
    for name in IMPURE {
        assert_breaks("rotation/engine", &format!("fn f() {{ let _ = {name}; }}"));
        assert_breaks("base/diagnosis", &format!("use {name};"));
    }
    assert_breaks("rotation/pki", "use std::{fmt, fs::File};");
    assert_breaks("rotation/pki", "use std::{\n    fmt,\n    net::{IpAddr, TcpStream},\n};");
    assert_breaks("rotation/document", "fn f() { ::std::env::var(\"HOME\"); }");
    assert_breaks("rotation/engine", "fn f() { let now = chrono::Utc::now(); }");
    for name in CERTIFICATE_LIBRARIES {
        assert_breaks("rotation/engine", &format!("use {name}::x;"));
        assert_keeps("rotation/pki", &format!("use {name}::x;"));
    }
}

#[test]
fn every_arrow_that_points_the_wrong_way_is_found() {
    assert_breaks("rotation/pki", "use crate::engine::facts::Facts;");
    assert_breaks("rotation/engine", "use crate::{pki::name, issuer::Profile};");
    assert_breaks("newleaf/postgres", "fn f(_: crate::host::Store) {}");
    assert_breaks("newleaf/host", "use crate::cli;");
    assert_breaks("rotation/pki", "use super::super::engine::facts;");
    assert_breaks("rotation/attic", "fn f() {}");
}

#[test]
fn a_path_that_is_opened_by_name_is_found() {
    assert_breaks("newleaf/host", "use std::fs;\nfn f() { fs::read(\"x\"); }");
    assert_breaks("newleaf/host", "use std::fs::File;\nfn f() { File::open(\"x\"); }");
    assert_breaks("newleaf/cli", "fn f() { std::fs::read_to_string(\"x\"); }");
    assert_breaks("newleaf/host", "use std::fs::{File, OpenOptions};");
    assert_keeps("newleaf/host", "use std::fs::{File, TryLockError};");
    assert_eq!(
        violations("newleaf/host", "newleaf/host/directory.rs", "fn f() { std::fs::remove_dir_all(\"x\"); }"),
        Vec::<String>::new()
    );
}

#[test]
fn a_file_that_is_too_long_is_found() {
    assert_breaks("newleaf/host", &"fn f() {}\n".repeat(LONGEST_FILE + 1));
    assert_keeps("newleaf/host", &"fn f() {}\n".repeat(LONGEST_FILE));
}

#[test]
fn code_after_a_declared_test_module_is_still_looked_at() {
    assert_breaks("rotation/pki", "#[cfg(test)]\nmod tests;\nuse std::fs;");
}

#[test]
fn what_is_allowed_is_not_reported() {
    assert_keeps("rotation/pki", "use std::net::{IpAddr, Ipv4Addr};\nuse base::diagnosis::Code;");
    assert_keeps("rotation/engine", "use std::time::Duration;\nuse crate::pki::{self, name};\nstruct Kubernetes;");
    assert_keeps("rotation/pki", "/// Unlike std::fs, `crate::engine` and tokio.\nfn f() {} // std::env");
    assert_keeps("rotation/pki", "fn f() {}\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}");
    assert_keeps("newleaf/host", "use std::fs;\nuse crate::postgres;\nuse crate::host::store;");
}

fn assert_breaks(room: &str, text: &str) {
    assert!(!violations(room, "sample.rs", text).is_empty(), "no rule of {room} was broken by:\n{text}");
}

fn assert_keeps(room: &str, text: &str) {
    assert_eq!(violations(room, "sample.rs", text), Vec::<String>::new(), "in {room}:\n{text}");
}

/// The rules that this file breaks, each as a line for people.
fn violations(room: &str, file: &str, text: &str) -> Vec<String> {
    let (member, inner) = room.split_once('/').unwrap_or((room, ""));
    let has_rooms = ROOMS.iter().any(|(name, _)| name.starts_with(&format!("{member}/")));
    let may_name = match ROOMS.iter().find(|(name, _)| *name == room) {
        Some((_, may_name)) => may_name,
        None if has_rooms => {
            return vec![format!("{file}: the room {room} is not on the map; name it and its arrows in ROOMS")];
        }
        None => &[][..],
    };
    let code = production(text);
    let mut broken = Vec::new();
    if code.len() > LONGEST_FILE && !TABLES.contains(&file) {
        broken.push(format!("{file}: {} lines above the tests; at most {LONGEST_FILE}", code.len()));
    }
    for path in paths(&code.join("\n")) {
        if (PURE.contains(&member) || PURE.contains(&room)) && IMPURE.iter().any(|name| names(&path, name)) {
            broken.push(format!("{file}: {room} is pure and may not name {path}"));
        }
        if room == "rotation/engine" && CERTIFICATE_LIBRARIES.iter().any(|name| names(&path, name)) {
            broken.push(format!("{file}: the engine knows no certificate library and may not name {path}"));
        }
        let by_name = BY_NAME.iter().any(|name| path == *name || path.ends_with(&format!("::{name}")));
        if CAREFUL.contains(&room) && by_name && !OPENS.contains(&file) {
            broken.push(format!(
                "{file}: {path} opens by name what another user may have put there; use host::directory"
            ));
        }
        let other = path.trim_start_matches("super::").trim_start_matches("crate::").split("::").next();
        let other = other.filter(|_| path.starts_with("crate::") || path.starts_with("super::"));
        if let Some(other) = other
            && other != inner
            && ROOMS.iter().any(|(name, _)| *name == format!("{member}/{other}"))
            && !may_name.contains(&other)
        {
            broken.push(format!("{file}: {room} may not name {path}"));
        }
    }
    broken
}

/// Whether `path` is `name`, lies below it, or ends in it (`chrono::Utc::now` is `Utc::now`).
fn names(path: &str, name: &str) -> bool {
    let below = |path: &str| path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
    below(path) || (name.ends_with("::now") && path.ends_with(&format!("::{name}")))
}

/// The lines above the tests, without comments.
fn production(text: &str) -> Vec<&str> {
    let mut lines = text.lines();
    let mut kept = Vec::new();
    while let Some(line) = lines.next() {
        if line.trim() != "#[cfg(test)]" {
            kept.push(line.split_once("//").map_or(line, |(code, _)| code));
        } else if !lines.next().is_some_and(|declared| declared.trim_end().ends_with(';')) {
            break;
        }
    }
    kept
}

/// Every path in the code (`a::b::C`), those in braces written out.
fn paths(code: &str) -> Vec<String> {
    let code: String = code.split_whitespace().collect::<Vec<_>>().join(" ").replace(":: {", "::{").replace("{ ", "{");
    let mut found = Vec::new();
    let mut prefixes: Vec<String> = vec![String::new()];
    let mut word = String::new();
    for character in code.chars() {
        if character.is_alphanumeric() || character == '_' || character == ':' {
            word.push(character);
            continue;
        }
        let path = format!("{}{}", prefixes.last().map_or("", String::as_str), word.trim_start_matches("::"));
        let group = character == '{' && word.ends_with("::");
        match character {
            '{' => prefixes.push(if group { path.clone() } else { String::new() }),
            '}' if prefixes.len() > 1 => drop(prefixes.pop()),
            _ => {}
        }
        // `kube-system` is no path: between code and a minus stands a space.
        if !word.is_empty() && !group && character != '-' {
            found.push(path.trim_end_matches(':').to_owned());
        }
        word.clear();
    }
    found.push(word);
    found
}

/// Every source file: its crate and room (`rotation/pki`), its path and its text. Files that hold only tests are left out.
fn sources() -> io::Result<Vec<(String, PathBuf, String)>> {
    let house = project::root().join("src");
    let mut sources = Vec::new();
    for path in rust_files(&house)? {
        let inside = path.strip_prefix(&house).unwrap_or(&path).to_path_buf();
        let parts: Vec<_> = inside.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let is_root = parts.len() == 2 && ["lib", "main"].contains(&stem.as_str());
        let is_tests = ["tests", "samples"].contains(&stem.as_str()) || parts.iter().any(|part| part == "tests");
        if let [member, room, ..] = parts.as_slice()
            && !is_root
            && !is_tests
        {
            let room = format!("{member}/{}", room.trim_end_matches(".rs"));
            sources.push((room, inside, fs::read_to_string(&path)?));
        }
    }
    Ok(sources)
}

/// The Rust files of a folder and of the folders in it.
fn rust_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    Ok(files)
}
