//! What PostgreSQL shows to this pod.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use base::diagnosis::RemoteText;
use chrono::SecondsFormat;
use rotation::document::{Database, Endpoint};
use rotation::engine::material::{LEAF_CERTIFICATE, LEAF_KEY, Material, SecretBytes, TRUST_BUNDLE};
use rotation::pki::certificate::Certificate;
use rotation::pki::error::Source;
use rotation::probe::{PostgresReport, ServedCertificate, SessionList, Sight};
use tokio::time::{Instant, sleep};

use crate::postgres::error::PostgresError;
use crate::postgres::handshake::{Served, handshake};
use crate::postgres::session::Session;
use crate::probe::logins::{self, LoginLeaf};
use crate::probe::{ForeignInputs, PostgresOrder};

/// How long one answer may take.
const LIMIT: Duration = Duration::from_secs(5);
/// The pause between two tries to reach it.
const PAUSE: Duration = Duration::from_millis(300);
/// The longest file of a leaf that is read.
const FILE_MAX: u64 = 1 << 20;

pub(super) async fn report(order: &PostgresOrder, inputs: &ForeignInputs, patience: Duration) -> PostgresReport {
    let endpoint = order.endpoint.to_string();
    let served = match reached(&order.endpoint, patience).await {
        Ok(served) => Sight::Seen(certificate(&served)),
        Err(error @ (PostgresError::Unreachable { .. } | PostgresError::Timeout { .. })) => {
            let why = why(&error);
            return PostgresReport {
                endpoint,
                served: Sight::Unseen(why.clone()),
                sessions: Sight::Unseen(why),
                logins: Vec::new(),
            };
        }
        // It is there, and logins that do not need TLS may still be open.
        Err(error) => Sight::Unseen(why(&error)),
    };
    let leaf = leaf(&order.leaf);
    let logins = logins::trials(order, leaf.as_ref().ok(), inputs, LIMIT).await;
    let sessions = match &leaf {
        Ok(leaf) => match sessions(order, leaf).await {
            Ok(list) => Sight::Seen(list),
            Err(error) => Sight::Unseen(why(&error)),
        },
        Err(why) => Sight::Unseen(why.clone()),
    };
    PostgresReport { endpoint, served, sessions, logins }
}

fn why(error: &PostgresError) -> String {
    RemoteText::from_error(error).to_string()
}

/// A handshake, as soon as the network lets this pod through.
async fn reached(endpoint: &Endpoint, patience: Duration) -> Result<Served, PostgresError> {
    let end = Instant::now() + patience;
    loop {
        match handshake(endpoint, LIMIT).await {
            Err(PostgresError::Unreachable { .. } | PostgresError::Timeout { .. }) if Instant::now() < end => {
                sleep(PAUSE).await;
            }
            answer => return answer,
        }
    }
}

fn certificate(served: &Served) -> ServedCertificate {
    let leaf = served.chain.first().and_then(|der| Certificate::from_der(der, &Source::new("the server")).ok());
    let subject = leaf.as_ref().map(|leaf| RemoteText::new(leaf.subject_line()).to_string()).unwrap_or_default();
    let not_after = leaf.map(|leaf| leaf.validity().not_after.to_rfc3339_opts(SecondsFormat::Secs, true));
    ServedCertificate {
        subject,
        serial: served.serial.0.clone(),
        sha256: served.fingerprint.to_string(),
        not_after,
        key_proved: served.key_proved,
        asks_for_certificate: served.client_authorities.is_some(),
    }
}

async fn sessions(order: &PostgresOrder, leaf: &LoginLeaf) -> Result<SessionList, PostgresError> {
    let PostgresOrder { endpoint, database, .. } = order;
    let database = Database { endpoints: vec![endpoint.clone()], user: leaf.role.clone(), name: database.clone() };
    let session = Session::open(endpoint, &database, &leaf.material, LIMIT).await?;
    let groups = session.groups().await;
    session.close().await;
    groups
}

/// The mounted leaf. A reason names a file, and never what is in it.
fn leaf(directory: &Path) -> Result<LoginLeaf, String> {
    let mut material = Material::default();
    for name in [LEAF_CERTIFICATE, LEAF_KEY, TRUST_BUNDLE] {
        let path = directory.join(name);
        let bytes = read(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        material.entries.insert(name.to_owned(), bytes);
    }
    LoginLeaf::of(material)
}

fn read(path: &Path) -> io::Result<SecretBytes> {
    let mut bytes = Vec::with_capacity(16 << 10);
    File::open(path)?.take(FILE_MAX).read_to_end(&mut bytes)?;
    Ok(SecretBytes::new(bytes))
}
