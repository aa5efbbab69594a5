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

/// Signs in as a guest; the token.
pub(crate) fn guest() -> Result<String, Problem> {
    let answer = get("/api/auth/guest/refresh", None)?;
    let token = answer.document["backstageIdentity"]["token"].as_str();
    token.map(str::to_owned).ok_or_else(|| format!("no guest may sign in: {}", answer.document).into())
}

/// Asks as a guest until the catalog has the component; its identity, which the database keeps.
pub(crate) fn component() -> Result<String, Problem> {
    let token = guest()?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        let answer = get("/api/catalog/entities/by-name/component/default/newleaf", Some(&token))?;
        match answer.document["metadata"]["uid"].as_str() {
            Some(uid) => return Ok(uid.to_owned()),
            None if Instant::now() > deadline => {
                return Err(format!("the catalog has no component: {} {}", answer.status, answer.document).into());
            }
            // The catalog reads its files some seconds after its start.
            None => thread::sleep(Duration::from_millis(250)),
        }
    }
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
