//! The network policies of the stack, enforced: plain pods with the labels of its pods, and strangers, connect to each other.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::ended::Ended;
use crate::kubectl::Namespace;
use crate::wait;

/// The ports that each pod listens on: those of PostgreSQL and Backstage, and one that no policy knows.
const PORTS: [u16; 3] = [5432, 7007, 9999];
const SERVER: &str = "for (const port of [5432, 7007, 9999]) require('net').createServer(s => s.end()).listen(port)";
/// Connects to each of its arguments at once, and prints those that answer.
const CLIENT: &str = "
const targets = process.argv.slice(1);
Promise.all(targets.map(target => new Promise(end => {
  const [host, port] = target.split(':');
  const socket = require('net').connect({ host, port: Number(port), timeout: 2000 });
  socket.on('connect', () => { socket.destroy(); end(target); });
  socket.on('error', () => end(null));
  socket.on('timeout', () => { socket.destroy(); end(null); });
}))).then(open => console.log(open.filter(Boolean).join(' ')));
";
/// The addresses of the test cluster's Services.
const DNS: &str = "10.96.0.10:53";
const API_SERVER: &str = "10.96.0.1:443";

/// A pod that listens, and the labels by which the policies know it.
struct Peer<'a> {
    name: &'static str,
    namespace: &'a Namespace,
    address: String,
}

/// A connection that was opened: from whom, to whom.
type Edge = (String, String);

impl Peer<'_> {
    /// What of the targets answers this pod; targets are named.
    fn reaches(&self, targets: &[(String, String)]) -> BTreeSet<Edge> {
        let mut arguments = vec!["exec", self.name, "--", "node", "-e", CLIENT];
        arguments.extend(targets.iter().map(|(_, address)| address.as_str()));
        let answer = self.namespace.kubectl(&arguments);
        let open = |address: &str| answer.split_whitespace().any(|open| open == address);
        let open = targets.iter().filter(|(_, address)| open(address));
        open.map(|(target, _)| (self.name.to_owned(), target.clone())).collect()
    }
}

#[test]
fn only_the_edges_of_the_stack_are_open() {
    let Some(own) = Namespace::restricted("edges") else { return };
    let Some(other) = Namespace::restricted("edges-outside") else { return };
    let pods = [
        (&own, "backstage", json!({"app.kubernetes.io/name": "backstage", "app.kubernetes.io/instance": "backstage"})),
        (&own, "postgres", json!({"app.kubernetes.io/name": "postgres", "app.kubernetes.io/instance": "backstage"})),
        (&own, "newleaf", json!({"app.kubernetes.io/name": "newleaf"})),
        (&own, "neighbour", json!({})),
        (&other, "controller", json!({"app": "controller"})),
        // The labels alone open nothing in another namespace.
        (&other, "stranger", json!({"app.kubernetes.io/name": "backstage", "app.kubernetes.io/instance": "backstage"})),
    ];
    for (namespace, name, labels) in &pods {
        namespace.apply(&pod(name, labels).to_string());
    }
    let peers: Vec<Peer<'_>> = pods.iter().map(|(namespace, name, _)| started(namespace, name)).collect();
    let mut targets: Vec<(String, String)> =
        vec![("dns:53".to_owned(), DNS.to_owned()), ("api:443".to_owned(), API_SERVER.to_owned())];
    for peer in &peers {
        targets.extend(PORTS.map(|port| (format!("{}:{port}", peer.name), format!("{}:{port}", peer.address))));
    }
    // All at once: what is closed is waited for.
    let open = || -> BTreeSet<Edge> {
        thread::scope(|scope| {
            let asked: Vec<_> = peers.iter().map(|peer| scope.spawn(|| peer.reaches(&targets))).collect();
            asked.into_iter().flat_map(|answer| answer.join().expect("the pod answers")).collect()
        })
    };
    let everything: BTreeSet<Edge> = peers
        .iter()
        .flat_map(|peer| targets.iter().map(|(target, _)| (peer.name.to_owned(), target.clone())))
        .collect();
    assert_missing_none("without policies", &at_last(&open, &everything), &everything);

    own.apply_where_they_say(&policies(&own, &other));
    let edge = |(from, to): (&str, &str)| (from.to_owned(), to.to_owned());
    let mut expected: BTreeSet<Edge> = [
        ("backstage", "dns:53"),
        ("backstage", "postgres:5432"),
        ("newleaf", "dns:53"),
        ("newleaf", "postgres:5432"),
        ("newleaf", "api:443"),
        ("controller", "backstage:7007"),
    ]
    .map(edge)
    .into();
    // The policies concern the pods of the stack only, and a pod always reaches itself.
    let bystanders = ["neighbour", "controller", "stranger"];
    for from in bystanders {
        expected.extend(["dns:53", "api:443"].map(|to| edge((from, to))));
        for to in bystanders {
            expected.extend(PORTS.map(|port| edge((from, &format!("{to}:{port}")))));
        }
    }
    for peer in ["backstage", "postgres", "newleaf"] {
        expected.extend(PORTS.map(|port| edge((peer, &format!("{peer}:{port}")))));
    }
    let last = at_last(&open, &expected);
    assert_eq!(last.difference(&expected).collect::<Vec<_>>(), Vec::<&Edge>::new(), "open, and must not be");
    assert_missing_none("with the policies", &last, &expected);
}

/// What is open once it is what is expected, or when that takes too long. The firewall follows within seconds, and a
/// client on a busy machine gives up early.
fn at_last(open: &dyn Fn() -> BTreeSet<Edge>, expected: &BTreeSet<Edge>) -> BTreeSet<Edge> {
    let mut last = BTreeSet::new();
    let _in_time = wait::within(Duration::from_secs(180), || {
        last = open();
        last == *expected
    });
    last
}

fn assert_missing_none(when: &str, last: &BTreeSet<Edge>, expected: &BTreeSet<Edge>) {
    let missing: Vec<&Edge> = expected.difference(last).collect();
    assert_eq!(missing, Vec::<&Edge>::new(), "{when}, closed, and must be open");
}

/// The policies as the deployer renders them, for a stack behind an ingress controller.
fn policies(own: &Namespace, controllers: &Namespace) -> String {
    let directory = TempDir::new().expect("a directory");
    let file = directory.path().join("stack.yaml");
    let stack = format!(
        "host: portal.example.com\nnetworkPolicies: {{ingressFrom: {{namespace: {}, podLabels: {{app: controller}}}}}}\n",
        controllers.name()
    );
    fs::write(&file, stack).expect("it can be written");
    let mut render = Command::new(project::deployer());
    render.args(["render", "--output", "json", "--namespace", own.name(), "--filename"]).arg(&file);
    let ended = Ended::from(render.output().expect("it starts"));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let mut list: Value = serde_json::from_str(&ended.stdout).expect("a document");
    let items = list["items"].as_array_mut().expect("a list");
    items.retain(|object| object["kind"] == "NetworkPolicy");
    assert_eq!(items.len(), 4, "the default, and one for each of the three");
    list.to_string()
}

fn started<'a>(namespace: &'a Namespace, name: &'static str) -> Peer<'a> {
    namespace.kubectl(&["wait", "--for=condition=Ready", &format!("pod/{name}"), "--timeout=300s"]);
    let address = namespace.kubectl(&["get", "pod", name, "--output", "jsonpath={.status.podIP}"]);
    Peer { name, namespace, address }
}

fn pod(name: &str, labels: &Value) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "automountServiceAccountToken": false,
            "enableServiceLinks": false,
            "terminationGracePeriodSeconds": 0,
            "securityContext": {"runAsNonRoot": true, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [{
                "name": "main",
                "image": "localhost/backstage:1",
                "imagePullPolicy": "IfNotPresent",
                "command": ["node", "-e", SERVER],
                "readinessProbe": {"tcpSocket": {"port": 9999}, "periodSeconds": 1},
                "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}},
            }],
        },
    })
}
