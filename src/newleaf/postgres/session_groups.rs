//! Who is connected over the network, and with which certificate.

use base::diagnosis::RemoteText;
use rotation::probe::{SessionGroup, SessionList};

use crate::postgres::error::PostgresError;
use crate::postgres::serial::serial_from_decimal;
use crate::postgres::session::Session;

/// Sessions over the network by user, program and certificate, without our own one. A row is hidden where the role may see
/// only the owner. A session over a socket of the machine has no address.
const GROUPS: &str = "SELECT s.hidden, s.usename, s.program, s.serial, s.encrypted, pg_catalog.count(*)::pg_catalog.int4 FROM ( \
     SELECT a.backend_type IS NULL AS hidden, coalesce(a.usename::pg_catalog.text, '') AS usename, \
            coalesce(a.application_name, '') AS program, \
            coalesce(pg_catalog.left(t.client_serial::pg_catalog.text, 50), '') AS serial, coalesce(t.ssl, false) AS encrypted \
     FROM pg_catalog.pg_stat_activity a LEFT JOIN pg_catalog.pg_stat_ssl t ON t.pid = a.pid \
     WHERE a.pid <> pg_catalog.pg_backend_pid() AND (a.client_addr IS NOT NULL OR (a.backend_type IS NULL \
           AND a.usesysid IS NOT NULL AND (a.datid IS NOT NULL OR a.usesysid <> 10))) ) s \
     GROUP BY 1, 2, 3, 4, 5 ORDER BY 2, 3, 4";

impl Session {
    /// The other sessions over the network.
    pub async fn groups(&self) -> Result<SessionList, PostgresError> {
        let doing = "reading who is connected";
        let mut list = SessionList::default();
        for row in self.rows(GROUPS, doing).await? {
            let sessions = u32::try_from(self.value::<i32>(&row, 5, doing)?).unwrap_or_default();
            if self.value(&row, 0, doing)? {
                list.hidden = list.hidden.saturating_add(sessions);
                continue;
            }
            let text = |text: String| RemoteText::new(&text).to_string();
            let serial: String = self.value(&row, 3, doing)?;
            list.groups.push(SessionGroup {
                user: text(self.value(&row, 1, doing)?),
                application: text(self.value(&row, 2, doing)?),
                // A foreign certificate may have more digits than a serial number can have.
                serial: (!serial.is_empty())
                    .then(|| serial_from_decimal(&serial).map(|serial| serial.0).unwrap_or(serial)),
                encrypted: self.value(&row, 4, doing)?,
                sessions,
            });
        }
        Ok(list)
    }
}
