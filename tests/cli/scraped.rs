//! A real Prometheus reads the figures and judges them by the alert rules of the stack.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use rotation::figures::Figures;
use serde_json::{Value, json};
use stack::document::parse;
use stack::render::render;
use stack::settings::Settings;
use tempfile::TempDir;

use crate::exporter::Served;
use crate::port::free_port;
use crate::skip::skip;
use crate::tools::tool;
use crate::wait::until;

const DAY: i64 = 24 * 60 * 60;

struct Prometheus {
    child: Child,
    port: u16,
    _directory: TempDir,
}

impl Prometheus {
    /// Starts it with the rules of the stack, for a target that has the label of its namespace, as a `ServiceMonitor` gives it.
    fn start(program: &Path, target: &str) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let configuration = json!({
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": ["rules.json"],
            "scrape_configs": [{
                "job_name": "newleaf-metrics",
                "static_configs": [{"targets": [target], "labels": {"namespace": "backstage"}}],
            }],
        });
        let write = |name: &str, value: &Value| {
            fs::write(directory.path().join(name), value.to_string()).expect("it can be written");
        };
        write("rules.json", &rules());
        write("prometheus.json", &configuration);
        let port = free_port().expect("a port");
        // It ends with the test, however that ends.
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "--"])
            .arg(program)
            .current_dir(directory.path())
            .args(["--config.file=prometheus.json", "--storage.tsdb.path=data"])
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(directory.path().join("log")).expect("it can be made"))
            .spawn()
            .expect("Prometheus starts");
        Self { child, port, _directory: directory }
    }

    /// The alerts that fire now, each with the label that says for what; none while Prometheus starts.
    fn firing(&self) -> BTreeSet<String> {
        let answer = self.get("/api/v1/alerts");
        let alerts = answer["data"]["alerts"].as_array().cloned().unwrap_or_default();
        let firing = alerts.iter().filter(|alert| alert["state"] == "firing");
        let name = |alert: &Value| {
            let labels = &alert["labels"];
            let of = ["peer", "consumer"].map(|label| labels[label].as_str().unwrap_or_default()).concat();
            format!("{} {of}", labels["alertname"].as_str().unwrap_or_default()).trim_end().to_owned()
        };
        firing.map(name).collect()
    }

    fn get(&self, path: &str) -> Value {
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) else { return Value::Null };
        let mut answer = String::new();
        let asked = stream.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes());
        let read = asked.and_then(|()| stream.read_to_string(&mut answer));
        let body = read.ok().and_then(|_| answer.split_once("\r\n\r\n"));
        body.and_then(|(_, body)| body.parse().ok()).unwrap_or_default()
    }

    /// Waits until exactly these fire.
    fn fires(&self, alerts: &[&str]) {
        let wanted: BTreeSet<String> = alerts.iter().map(ToString::to_string).collect();
        until(&format!("{wanted:?} fire"), || self.firing() == wanted);
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _ended = self.child.wait();
    }
}

/// The rules of the stack, evaluated each second and without the time that an alert waits until it fires: promtool judges that
/// time in tests/stack.
fn rules() -> Value {
    let settings = Settings::of(&parse("monitoring: {alerts: true}").expect("a document")).expect("a valid one");
    let objects = render(&settings);
    let rule = objects.iter().find(|object| object.kind() == "PrometheusRule").expect("the rule");
    let mut groups = rule.value()["spec"]["groups"].clone();
    for group in groups.as_array_mut().expect("groups") {
        group["interval"] = json!("1s");
        for rule in group["rules"].as_array_mut().expect("rules") {
            rule.as_object_mut().expect("a rule").remove("for").expect("it waits");
        }
    }
    json!({ "groups": groups })
}

#[expect(clippy::disallowed_methods, reason = "Prometheus compares the figures with its own clock")]
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
    i64::try_from(since.as_secs()).expect("it fits")
}

/// What a run tells: how long the server's leaf lives, and whether Backstage has the stored one.
fn figures(left: i64, is_stale: bool, last_success: i64) -> String {
    let figures = Figures {
        leaf_ends: [("server".to_owned(), now() + left), ("client".to_owned(), now() + 40 * DAY)].into(),
        stale: [("postgres".to_owned(), false), ("backstage".to_owned(), is_stale)].into(),
        last_success: Some(last_success),
    };
    figures.to_text()
}

#[test]
fn each_alert_fires_for_what_a_real_prometheus_reads_and_for_nothing_else() {
    let program = match tool("prometheus") {
        Ok(folder) => folder.join("prometheus"),
        Err(why) => return skip("what Prometheus makes of the figures", why),
    };
    let mut served = Served::start();
    let prometheus = Prometheus::start(&program, &served.address);
    prometheus.fires(&["CertificateFiguresMissing"]);
    served.write(&figures(9 * DAY, false, now()));
    prometheus.fires(&["CertificateEndsSoon server"]);
    served.write(&figures(11 * DAY, true, now() - 3 * DAY));
    prometheus.fires(&["CertificateConsumerStale backstage", "CertificateRotationOverdue"]);
    served.write(&figures(11 * DAY, false, now()));
    prometheus.fires(&[]);
    served.child.kill().expect("the process is ours");
    prometheus.fires(&["CertificateFiguresMissing"]);
}
