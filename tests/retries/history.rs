//! Every leaf that ever stood in a Secret: etcd tells each write, and outlives the API server.

use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use base64ct::{Base64, Encoding};
use serde_json::{Value, json};

use crate::installed::Installed;

/// etcd's own port inside the test cluster.
const ETCD: &str = "127.0.0.1:2379";
/// How long a write may take to be told.
const LIMIT: Duration = Duration::from_secs(30);
/// The entry of the certificate in a stored Secret: in protobuf a key of seven letters, then the value.
const ENTRY: &[u8] = b"\x07tls.crt\x12";

/// The leaves that a Secret has held since it is watched.
pub(crate) struct History {
    secret: String,
    leaves: Arc<(Mutex<Vec<Vec<u8>>>, Condvar)>,
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.secret)
    }
}

impl History {
    /// Watches a Secret from now on.
    pub(crate) fn of(installed: &Installed, secret: &str) -> Self {
        let key = format!("/registry/secrets/{}/{secret}", installed.namespace.name());
        let mut events = watch(&key).expect("etcd answers");
        let mut created = String::new();
        while !created.contains("\"created\":true") {
            created.clear();
            assert_ne!(events.read_line(&mut created).expect("etcd answers"), 0, "etcd has hung up");
        }
        let now = installed.field(&format!("secret/{secret}"), ".data.tls\\.crt");
        let first = Base64::decode_vec(&now).expect("base64");
        let leaves = Arc::new((Mutex::new(vec![first]), Condvar::new()));
        let told = Arc::clone(&leaves);
        std::thread::spawn(move || {
            for leaf in events.lines().map_while(Result::ok).flat_map(|line| leaves_in(&line)) {
                let mut leaves = told.0.lock().unwrap_or_else(PoisonError::into_inner);
                if leaves.last() != Some(&leaf) {
                    leaves.push(leaf);
                    told.1.notify_all();
                }
            }
        });
        Self { secret: key, leaves }
    }

    /// How many leaves were issued; waits until there are as many as expected, for a while.
    pub(crate) fn issued(&self, expected: usize) -> usize {
        let leaves = self.leaves.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.leaves.1.wait_timeout_while(leaves, LIMIT, |leaves| leaves.len() <= expected);
        waited.unwrap_or_else(PoisonError::into_inner).0.len() - 1
    }
}

/// The events of a key, one JSON document a line: HTTP/1.0 has no chunks between.
fn watch(key: &str) -> std::io::Result<BufReader<TcpStream>> {
    let body = json!({"create_request": {"key": Base64::encode_string(key.as_bytes())}}).to_string();
    let mut stream = TcpStream::connect(ETCD)?;
    let length = body.len();
    write!(stream, "POST /v3/watch HTTP/1.0\r\nHost: {ETCD}\r\nContent-Length: {length}\r\n\r\n{body}")?;
    Ok(BufReader::new(stream))
}

fn leaves_in(line: &str) -> Vec<Vec<u8>> {
    let told: Value = serde_json::from_str(line).unwrap_or_default();
    let events = told.pointer("/result/events").and_then(Value::as_array).into_iter().flatten();
    let values = events.filter_map(|event| Base64::decode_vec(event.pointer("/kv/value")?.as_str()?).ok());
    values.filter_map(|value| leaf(&value).map(<[u8]>::to_vec)).collect()
}

/// The certificate in what is stored; its length has two bytes of seven bits, as it is more than 127 and less than 16384.
fn leaf(value: &[u8]) -> Option<&[u8]> {
    let at = value.windows(ENTRY.len()).position(|window| window == ENTRY)? + ENTRY.len();
    let (low, high) = (usize::from(*value.get(at)?), usize::from(*value.get(at + 1)?));
    value.get(at + 2..at + 2 + (low & 0x7f | high << 7))
}
