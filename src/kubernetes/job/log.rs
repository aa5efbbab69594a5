//! The pods' log, line by line. Each line carries the time at which the node received it: after a lost connection the rest is
//! asked for from there on, and what was told already is left out.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::io::{AsyncBufRead, AsyncBufReadExt};
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::jiff::Timestamp;
use kube::Api;
use kube::api::LogParams;
use tokio::time::timeout;

use crate::kubernetes::api::call::Call;
use crate::kubernetes::api::error::KubernetesError;
use crate::kubernetes::job::outcome::exit_code;
use crate::kubernetes::manifests::CONTAINER;

/// How long a connection without a line is trusted: a dead one looks like a quiet one.
const QUIET: Duration = Duration::from_secs(5);
/// How long it may take to open.
const OPENING: Duration = Duration::from_secs(10);

/// What was told, by pod.
#[derive(Debug, Default)]
pub(super) struct Log {
    told: BTreeMap<String, Told>,
}

#[derive(Debug, Default)]
struct Told {
    until: Option<Timestamp>,
    complete: bool,
}

impl Log {
    /// Hands on what a pod writes, until it ends, the line is cut, or nothing comes for a while; whether that was all.
    pub(super) async fn read(
        &mut self,
        pods: &Api<Pod>,
        pod: &Pod,
        call: Call,
        line: &mut dyn FnMut(&str),
    ) -> Result<bool, KubernetesError> {
        let name = pod.metadata.name.clone().unwrap_or_default();
        let told = self.told.entry(name.clone()).or_default();
        if told.complete {
            return Ok(true);
        }
        let wanted = LogParams {
            container: Some(CONTAINER.to_owned()),
            follow: true,
            timestamps: true,
            since_time: told.until,
            ..LogParams::default()
        };
        let stream = call.send(OPENING, pods.log_stream(&name, &wanted)).await?;
        let whole = told.lines(stream, line).await;
        told.complete = whole && exit_code(pod).is_some();
        Ok(told.complete)
    }
}

impl Told {
    /// Whether the stream came to its end.
    async fn lines(&mut self, stream: impl AsyncBufRead, line: &mut dyn FnMut(&str)) -> bool {
        let mut stream = std::pin::pin!(stream);
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            match timeout(QUIET, stream.read_until(b'\n', &mut bytes)).await {
                Ok(Ok(0)) => return true,
                // Half a line is told when it is read again as a whole.
                Ok(Ok(_)) if bytes.ends_with(b"\n") => self.tell(&String::from_utf8_lossy(&bytes), line),
                Ok(Ok(_) | Err(_)) | Err(_) => return false,
            }
        }
    }

    /// Hands on a line without its time, unless it was told before.
    fn tell(&mut self, stamped: &str, line: &mut dyn FnMut(&str)) {
        let (time, text) = stamped.split_once(' ').unwrap_or(("", stamped));
        let Ok(time) = time.parse::<Timestamp>() else { return line(stamped.trim_end()) };
        if self.until.is_none_or(|until| time > until) {
            self.until = Some(time);
            line(text.trim_end_matches(['\r', '\n']));
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
        let (mut told, mut lines) = (Told::default(), Vec::new());
        let mut line = |text: &str| lines.push(text.to_owned());
        assert!(!told.lines(FIRST, &mut line).await, "half a line is no end");
        assert!(told.lines(SECOND, &mut line).await);
        assert_eq!(lines, ["first", "second", ""]);
    }

    #[tokio::test]
    async fn a_line_without_a_time_is_told_as_it_is() {
        let (mut told, mut lines) = (Told::default(), Vec::new());
        told.lines(&b"unable to retrieve container logs\n"[..], &mut |text| lines.push(text.to_owned())).await;
        assert_eq!(lines, ["unable to retrieve container logs"]);
    }
}
