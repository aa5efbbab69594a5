//! TCP connections: each is tried again until it is as it should be, or patience ends. The last answer counts.

use std::io::{self, ErrorKind};
use std::time::Duration;

use base::diagnosis::RemoteText;
use futures_util::future::join_all;
use rotation::document::Endpoint;
use rotation::probe::{ConnectionAnswer, ConnectionTrial};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, sleep, timeout};

use crate::probe::ProbeOrder;

/// How long one try may take: a network that drops the packet gives no answer.
const TRY: Duration = Duration::from_secs(2);
/// The pause between two tries.
const PAUSE: Duration = Duration::from_millis(300);

/// First those that should open: once they do, the network of this pod is set up, and what does not open then is closed. At
/// last those that should open once more: a plugin may let a new pod through until it knows it.
pub(super) async fn trials(order: &ProbeOrder) -> Vec<ConnectionTrial> {
    let of = |endpoints: &[Endpoint], should_open| {
        let all = endpoints.iter().cloned().map(move |endpoint| trial(endpoint, should_open, order.patience));
        join_all(all.collect::<Vec<_>>())
    };
    drop(of(&order.open, true).await);
    let closed = of(&order.closed, false).await;
    // With the same patience: on a busy node one answer of DNS may be lost.
    let mut trials = of(&order.open, true).await;
    trials.extend(closed);
    trials
}

/// What is closed must stay so for half of the time: a plugin may also deny everything to a new pod until it knows it.
async fn trial(endpoint: Endpoint, should_open: bool, patience: Duration) -> ConnectionTrial {
    let begin = Instant::now();
    let least = if should_open { Duration::ZERO } else { patience / 2 };
    loop {
        let answer = answer(&endpoint).await;
        let is_as_wanted = (answer == ConnectionAnswer::Opened) == should_open;
        let spent = begin.elapsed();
        if (is_as_wanted && spent >= least) || spent >= patience {
            return ConnectionTrial { target: endpoint.to_string(), should_open, answer };
        }
        sleep(PAUSE).await;
    }
}

async fn answer(endpoint: &Endpoint) -> ConnectionAnswer {
    let found = match timeout(TRY, lookup_host((endpoint.host.as_str(), endpoint.port))).await {
        Ok(Ok(found)) => found.collect::<Vec<_>>(),
        Ok(Err(error)) => return ConnectionAnswer::Unresolved(RemoteText::from_error(&error).to_string()),
        Err(_) => return ConnectionAnswer::Unresolved("no answer in time".to_owned()),
    };
    match timeout(TRY, TcpStream::connect(found.as_slice())).await {
        Ok(Ok(_)) => ConnectionAnswer::Opened,
        Ok(Err(error)) => of_error(&error),
        Err(_) => ConnectionAnswer::TimedOut,
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the operating system has many other errors")]
fn of_error(error: &io::Error) -> ConnectionAnswer {
    match error.kind() {
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset => ConnectionAnswer::Refused,
        ErrorKind::TimedOut => ConnectionAnswer::TimedOut,
        _ => ConnectionAnswer::Failed(RemoteText::from_error(error).to_string()),
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    fn order(open: &[String], closed: &[String], patience: Duration) -> ProbeOrder {
        let endpoints = |texts: &[String]| texts.iter().map(|text| text.parse().unwrap()).collect();
        ProbeOrder { postgres: None, open: endpoints(open), closed: endpoints(closed), patience }
    }

    #[tokio::test]
    async fn an_open_port_opens_and_another_one_is_refused_whatever_should_be() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let open = format!("127.0.0.1:{}", listener.local_addr().unwrap().port());
        let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let refused = format!("127.0.0.1:{}", gone.local_addr().unwrap().port());
        drop(gone);
        let both = [open.clone(), refused.clone()];
        let trials = trials(&order(&both, &both, Duration::ZERO)).await;
        let trial =
            |target: &String, should_open, answer| ConnectionTrial { target: target.clone(), should_open, answer };
        let expected = [true, false].into_iter().flat_map(|should_open| {
            [
                trial(&open, should_open, ConnectionAnswer::Opened),
                trial(&refused, should_open, ConnectionAnswer::Refused),
            ]
        });
        assert_eq!(trials, expected.collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn a_connection_that_opens_late_is_open() {
        let late = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let order = order(&[late.to_string()], &[], Duration::from_secs(600));
        let listens = async {
            // The first try has been refused by then: both run on one thread, and it is the first.
            tokio::task::yield_now().await;
            let listener = TcpListener::bind(late).await.unwrap();
            drop(listener.accept().await.unwrap());
            listener
        };
        let (seen, _listener) = tokio::join!(trials(&order), listens);
        assert_eq!(seen[0].answer, ConnectionAnswer::Opened);
    }
}
