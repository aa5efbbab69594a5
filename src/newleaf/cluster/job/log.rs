//! The pods' log, line by line. Each line carries the time at which the node received it. After a lost connection newleaf
//! asks for the log from that time on and skips the lines that it has printed.

use std::collections::BTreeMap;
use std::io;
use std::pin::Pin;
use std::time::Duration;

use base::diagnosis::RemoteText;
use futures_util::io::{AsyncBufRead, AsyncBufReadExt};
use k8s_openapi::jiff::Timestamp;
use kube::Client;
use kube::api::LogParams;
use kubernetes::api::call::Call;
use kubernetes::api::error::KubernetesError;
use kubernetes::api::object::Uid;
use kubernetes::api::resource::Resource;
use kubernetes::wire::pod::Pod;
use rotation::manifests::CONTAINER;
use tokio::time::{Instant, timeout};

use crate::cluster::job::outcome::exit_code;

/// How long newleaf trusts a connection without a line: a dead connection looks like a quiet one.
const QUIET: Duration = Duration::from_secs(5);
/// How long newleaf reads from one connection, so that it still reads the Job while a container writes without end.
const CONNECTION: Duration = Duration::from_secs(60);
/// How long opening a connection may take.
const OPENING: Duration = Duration::from_secs(10);
/// How many bytes of a line newleaf keeps. A container may write an endless line.
const LINE_BYTES: usize = 16 * 1024;
/// How many characters of a line newleaf prints.
const LINE_MAX: usize = 2000;

/// What newleaf has printed, by pod.
#[derive(Debug, Default)]
pub(super) struct Log {
    printed: BTreeMap<Uid, PodLog>,
}

#[derive(Debug, Default)]
struct PodLog {
    until: Option<Timestamp>,
    complete: bool,
}

impl Log {
    /// Passes on what a pod writes until the pod ends, the connection breaks, or nothing arrives for a while. Returns whether
    /// the log is complete.
    pub(super) async fn read(
        &mut self,
        client: &Client,
        namespace: &str,
        pod: &Pod,
        line: &mut dyn FnMut(&RemoteText),
    ) -> Result<bool, KubernetesError> {
        let printed = self.printed.entry(pod.metadata.uid.clone()).or_default();
        if printed.complete {
            return Ok(true);
        }
        let wanted = LogParams {
            container: Some(CONTAINER.to_owned()),
            follow: true,
            timestamps: true,
            since_time: printed.until,
            ..LogParams::default()
        };
        let call = Call::get(Resource::PodLog, namespace, pod.metadata.name.as_str());
        let stream = call.log(client, &wanted, OPENING).await?;
        let whole = printed.lines(stream, line).await;
        printed.complete = whole && exit_code(pod).is_some();
        Ok(printed.complete)
    }
}

impl PodLog {
    /// Whether the stream came to its end.
    async fn lines(&mut self, stream: impl AsyncBufRead, line: &mut dyn FnMut(&RemoteText)) -> bool {
        let mut stream = std::pin::pin!(stream);
        let mut bytes = Vec::new();
        let begin = Instant::now();
        while begin.elapsed() < CONNECTION {
            bytes.clear();
            match timeout(QUIET, read_line(stream.as_mut(), &mut bytes)).await {
                Ok(Ok(Line::None)) => return true,
                Ok(Ok(Line::Whole)) => self.tell(&String::from_utf8_lossy(&bytes), line),
                // Half a line is printed when newleaf reads it again as a whole.
                Ok(Ok(Line::Half) | Err(_)) | Err(_) => return false,
            }
        }
        false
    }

    /// Passes on a line without its time, unless newleaf has printed it before.
    fn tell(&mut self, stamped: &str, line: &mut dyn FnMut(&RemoteText)) {
        let (time, text) = stamped.split_once(' ').unwrap_or(("", stamped));
        let Ok(time) = time.parse::<Timestamp>() else { return line(&RemoteText::within(stamped, LINE_MAX)) };
        let is_new = match self.until {
            Some(until) => time > until,
            None => true,
        };
        if is_new {
            self.until = Some(time);
            line(&RemoteText::within(text, LINE_MAX));
        }
    }
}

/// The result of reading one line.
enum Line {
    /// The stream ended before the line.
    None,
    /// The stream ended within it.
    Half,
    /// The line is complete. Bytes beyond the limit were skipped.
    Whole,
}

/// Reads up to the next line feed and keeps the first bytes. The caller limits how long that may take.
async fn read_line(mut stream: Pin<&mut impl AsyncBufRead>, kept: &mut Vec<u8>) -> io::Result<Line> {
    let mut is_empty = true;
    loop {
        let available = stream.fill_buf().await?;
        if available.is_empty() {
            return Ok(if is_empty { Line::None } else { Line::Half });
        }
        is_empty = false;
        let end = available.iter().position(|byte| *byte == b'\n');
        let taken = match end {
            Some(end) => end + 1,
            None => available.len(),
        };
        let room = LINE_BYTES.saturating_sub(kept.len()).min(taken);
        kept.extend_from_slice(available.get(..room).unwrap_or_default());
        stream.as_mut().consume(taken);
        if end.is_some() {
            return Ok(Line::Whole);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &[u8] = b"2026-11-21T03:17:01.100000000Z first\n2026-11-21T03:17:01.120000000Z sec";
    const SECOND: &[u8] =
        b"2026-11-21T03:17:01.100000000Z first\n2026-11-21T03:17:01.12Z second\n2026-11-21T03:17:02Z \n";

    #[tokio::test]
    async fn a_cut_line_is_told_once_and_whole_when_it_is_read_again() {
        let (mut printed, mut lines) = (PodLog::default(), Vec::new());
        let mut line = |text: &RemoteText| lines.push(text.to_string());
        assert!(!printed.lines(FIRST, &mut line).await, "half a line is no end");
        assert!(printed.lines(SECOND, &mut line).await);
        assert_eq!(lines, ["first", "second", ""]);
    }

    #[tokio::test]
    async fn a_line_without_a_time_is_told_as_it_is() {
        let (mut printed, mut lines) = (PodLog::default(), Vec::new());
        printed.lines(&b"unable to retrieve container logs\n"[..], &mut |text| lines.push(text.to_string())).await;
        assert_eq!(lines, ["unable to retrieve container logs"]);
    }

    #[tokio::test]
    async fn a_line_without_an_end_is_kept_up_to_a_limit_and_the_next_one_is_whole() {
        let endless = format!("{}\nnext\n", "x ".repeat(5 * LINE_BYTES));
        let mut kept = Vec::new();
        let mut stream = std::pin::pin!(endless.as_bytes());
        assert!(matches!(read_line(stream.as_mut(), &mut kept).await, Ok(Line::Whole)));
        assert_eq!(kept.len(), LINE_BYTES);
        let (mut printed, mut lines) = (PodLog::default(), Vec::new());
        printed.lines(endless.as_bytes(), &mut |text| lines.push(text.to_string())).await;
        assert_eq!((lines[0].chars().count(), lines[1].as_str()), (LINE_MAX, "next"));
    }

    #[tokio::test]
    async fn a_key_in_a_line_is_not_told() {
        let (mut printed, mut lines) = (PodLog::default(), Vec::new());
        let key = "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1JR0hBZ0VBTUJNR0J5cUdTTTQ5QWdFRw";
        let text = format!("2026-11-21T03:17:01Z  data {key} of 3\n");
        printed.lines(text.as_bytes(), &mut |text| lines.push(text.to_string())).await;
        assert_eq!(lines, [" data [removed] of 3"]);
    }
}
