//! Backstage's catalog, asked over HTTP as a browser would ask it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Problem;

const HOST: &str = "backstage.backstage.svc";
const PORT: u16 = 7007;
/// How long a catalog may take until it has read its files.
const PATIENCE: Duration = Duration::from_secs(60);

/// An answer: status and document.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) document: Value,
}

/// One request, with the token of who asks.
pub(crate) fn get(path: &str, token: Option<&str>) -> Result<Answer, Problem> {
    let mut stream = TcpStream::connect((HOST, PORT))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let who = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    // Of HTTP 1.0 the answer comes in one piece, and its end is the end of the connection.
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {HOST}\r\nAccept: application/json\r\n{who}\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    parse(&answer).ok_or_else(|| format!("GET {path}: {answer}").into())
}

fn parse(answer: &str) -> Option<Answer> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, document: serde_json::from_str(body).ok()? })
}

/// Signs in as a guest, and asks until the catalog has the component; its identity, which the database keeps. The catalog reads
/// its files some seconds after its start, and a pod of before the change answers until the Service has forgotten it.
pub(crate) fn component() -> Result<String, Problem> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match ask() {
            Ok(uid) => return Ok(uid),
            Err(problem) if Instant::now() > deadline => return Err(problem),
            Err(_) => thread::sleep(Duration::from_millis(250)),
        }
    }
}

fn ask() -> Result<String, Problem> {
    let guest = get("/api/auth/guest/refresh", None)?;
    let token = text(&guest.document["backstageIdentity"]["token"])?;
    let entity = get("/api/catalog/entities/by-name/component/default/newleaf", Some(token))?;
    Ok(text(&entity.document["metadata"]["uid"])?.to_owned())
}

fn text(value: &Value) -> Result<&str, Problem> {
    value.as_str().ok_or_else(|| "Backstage gives no guest the component of the catalog".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_a_status_and_a_document() {
        let answer = parse("HTTP/1.1 401 Unauthorized\r\nA: b\r\n\r\n{\"error\":1}")
            .map(|answer| (answer.status, answer.document));
        assert_eq!(answer, Some((401, serde_json::json!({"error": 1}))));
        assert!(parse("HTTP/1.1 200 OK\r\n\r\n<html>").is_none());
    }
}
