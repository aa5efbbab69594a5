//! What a pod sees: the certificate that PostgreSQL serves, who is connected, which logins PostgreSQL refuses, and which
//! connections the network lets through. Changes nothing; the one that started it judges.
//!
//! | File | Subject |
//! |---|---|
//! | `database` | what PostgreSQL shows |
//! | `logins` | the logins that are tried |
//! | `connections` | TCP connections up to the moment at which they open |

mod connections;
mod database;
mod logins;

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rotation::document::Endpoint;
use rotation::pki::identity::NewSerial;
use rotation::probe::ProbeReport;

/// What is tried.
#[derive(Debug, Clone)]
pub struct ProbeOrder {
    /// PostgreSQL, if it is asked.
    pub postgres: Option<PostgresOrder>,
    /// Connections that should open. They are tried first.
    pub open: Vec<Endpoint>,
    /// Connections that should not open.
    pub closed: Vec<Endpoint>,
    /// How long it may take until a connection is as it should be: a network plugin needs a moment for a new pod.
    pub patience: Duration,
}

/// How PostgreSQL is asked.
#[derive(Debug, Clone)]
pub struct PostgresOrder {
    /// Where it listens.
    pub endpoint: Endpoint,
    /// The database to log in to.
    pub database: String,
    /// The directory with the client's leaf.
    pub leaf: PathBuf,
}

/// The time and the random numbers for a foreign authority and its leaf.
#[derive(Debug, Clone, Copy)]
pub struct ForeignInputs {
    /// Now.
    pub now: DateTime<Utc>,
    /// The serial numbers of the authority and of the leaf.
    pub serials: [NewSerial; 2],
}

/// Tries everything, and reports what was seen. A failure is a part of the report.
pub async fn probe(order: &ProbeOrder, inputs: &ForeignInputs) -> ProbeReport {
    let ask = async {
        match &order.postgres {
            Some(postgres) => Some(database::report(postgres, inputs, order.patience).await),
            None => None,
        }
    };
    let (postgres, connections) = tokio::join!(ask, connections::trials(order));
    ProbeReport { postgres, connections }
}
