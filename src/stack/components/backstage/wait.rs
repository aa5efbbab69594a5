//! A start that waits for PostgreSQL: Backstage tries three times within a second, and never again.

use k8s_openapi::api::core::v1::Container;

use crate::components::backstage::container::namespace_variable;
use crate::components::pod::{container_security, resources};
use crate::settings::Settings;
use crate::settings::database::NAMESPACE_VARIABLE;

/// Opens a connection and closes it. In the language of Backstage's own image, so that no other image is needed. After ten
/// minutes the kubelet starts it anew, and its last line stands in the status of the pod.
const PROGRAM: &str = "\
const net = require('net');
const [host, port] = process.argv.slice(1);
const end = Date.now() + 600000;
let tries = 0;
const again = (socket, why) => {
  socket.destroy();
  if (tries++ % 10 === 0) console.log(`waiting for PostgreSQL at ${host}:${port}: ${why}`);
  if (Date.now() > end) {
    console.error(`PostgreSQL at ${host}:${port} accepts no connection: ${why}`);
    process.exit(1);
  }
  setTimeout(attempt, 1000);
};
const attempt = () => {
  const socket = net.connect({ host, port: Number(port) });
  socket.setTimeout(3000);
  socket.once('connect', () => process.exit(0));
  socket.once('timeout', () => again(socket, 'no answer'));
  socket.once('error', error => again(socket, error.code));
};
attempt();
";

pub(super) fn container(settings: &Settings) -> Container {
    let database = &settings.database;
    let host = database.host_with(&format!("$({NAMESPACE_VARIABLE})"));
    let command = ["node", "-e", PROGRAM, &host, &database.port.to_string()].map(str::to_owned).to_vec();
    Container {
        name: "wait-for-database".to_owned(),
        image: Some(settings.backstage.image.as_str().to_owned()),
        image_pull_policy: Some("IfNotPresent".to_owned()),
        command: Some(command),
        env: namespace_variable(settings).map(|variable| vec![variable]),
        resources: Some(resources(
            &[("cpu", "10m"), ("memory", "64Mi"), ("ephemeral-storage", "1Mi")],
            &[("cpu", "1"), ("memory", "256Mi"), ("ephemeral-storage", "64Mi")],
        )),
        security_context: Some(container_security()),
        termination_message_policy: Some("FallbackToLogsOnError".to_owned()),
        ..Container::default()
    }
}
