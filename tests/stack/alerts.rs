//! The alert rules, judged and run by Prometheus' own code: each fires when it must, and is silent one step before.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rotation::figures::{LAST_SUCCESS, LEAF_END, STALE};
use serde_json::{Value, json};
use stack::document::parse;
use stack::render::render;
use stack::settings::Settings;
use tempfile::TempDir;

use crate::helper::folder;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
/// How often the rules are evaluated, and how often a series has a value.
const STEP: u64 = 5 * MINUTE;

/// The groups of the rendered rule.
fn groups(text: &str) -> Value {
    let settings = Settings::of(&parse(text).expect("a document")).expect("a valid one");
    let objects = render(&settings);
    let rule = objects.iter().find(|object| object.kind() == "PrometheusRule").expect("the rule");
    json!({ "groups": rule.value()["spec"]["groups"] })
}

/// A series: its name, and its values one step apart as promtool writes them.
type Series<'a> = (&'a str, String);

/// What must be the case: the alert, when, and the labels and the summary with which it fires.
struct Moment {
    alert: &'static str,
    at: u64,
    fires: Option<(Value, &'static str)>,
}

const fn silent(alert: &'static str, at: u64) -> Moment {
    Moment { alert, at, fires: None }
}

fn fires(alert: &'static str, at: u64, labels: Value, summary: &'static str) -> Moment {
    Moment { alert, at, fires: Some((labels, summary)) }
}

fn case(name: &str, series: &[Series<'_>], moments: &[Moment]) -> Value {
    let series: Vec<Value> =
        series.iter().map(|(series, values)| json!({"series": series, "values": values})).collect();
    let moment = |moment: &Moment| {
        let alerts = moment
            .fires
            .iter()
            .map(|(labels, summary)| json!({"exp_labels": labels, "exp_annotations": {"summary": summary}}));
        json!({
            "eval_time": format!("{}s", moment.at),
            "alertname": moment.alert,
            "exp_alerts": alerts.collect::<Vec<_>>(),
        })
    };
    json!({
        "name": name,
        "interval": format!("{STEP}s"),
        "input_series": series,
        "alert_rule_test": moments.iter().map(moment).collect::<Vec<_>>(),
    })
}

/// The same value for so long.
fn constant(value: u64, long: u64) -> String {
    format!("{value}x{}", long / STEP)
}

/// A figure of the stack, as a series.
fn ours(name: &str, label: &str) -> String {
    format!("{name}{{namespace=\"backstage\"{label}}}")
}

fn of_the_stack(severity: &str) -> Value {
    json!({"severity": severity, "namespace": "backstage"})
}

fn cases() -> Vec<Value> {
    [of_leaves(), of_runs(), of_consumers()].concat()
}

fn of_leaves() -> Vec<Value> {
    let leaf = ours(LEAF_END, ",peer=\"server\"");
    let (ends, missing) = ("CertificateEndsSoon", "CertificateFiguresMissing");
    let of_leaf = json!({"severity": "critical", "namespace": "backstage", "peer": "server"});
    let told = "the server leaf in backstage ends in 9d 23h 40m 0s";
    let unknown = "Prometheus has no figures of the leaves in backstage: newleaf-metrics does not answer, or no run has \
                   written any";
    vec![
        // Less than 10 days are left from the step after day 1 on, and 15 minutes later it is an alert.
        case(
            "a leaf that would end within ten days",
            &[(&leaf, constant(11 * DAY, 2 * DAY))],
            &[silent(ends, DAY + 15 * MINUTE), fires(ends, DAY + 20 * MINUTE, of_leaf, told), silent(missing, DAY)],
        ),
        // As it is each month, and late by half a day: replaced with 14.5 days left.
        case(
            "a leaf that is replaced in time",
            &[(&leaf, format!("{} {}", constant(15 * DAY, 12 * HOUR), constant(45 * DAY, 12 * HOUR)))],
            &[silent(ends, 6 * HOUR), silent(ends, 12 * HOUR), silent(ends, DAY)],
        ),
        case(
            "the figures are missing",
            &[(&leaf, format!("{} stale", constant(400 * DAY, 20 * MINUTE)))],
            &[silent(missing, 80 * MINUTE), fires(missing, 85 * MINUTE, of_the_stack("warning"), unknown)],
        ),
    ]
}

fn of_runs() -> Vec<Value> {
    let success = ours(LAST_SUCCESS, "");
    let succeeded = ours("kube_cronjob_status_last_successful_time", ",cronjob=\"newleaf\"");
    let created = ours("kube_cronjob_created", ",cronjob=\"newleaf\"");
    let (overdue, never) = ("CertificateRotationOverdue", "CertificateRotationNeverSucceeded");
    let told = "newleaf in backstage has not succeeded for two days";
    let of_schedule = json!({"severity": "critical", "namespace": "backstage", "cronjob": "newleaf"});
    // One step before, the step itself, and the end of the series.
    let (before, then, end) = (2 * DAY + 15 * MINUTE, 2 * DAY + 20 * MINUTE, 2 * DAY + HOUR);
    let late = || [silent(overdue, before), fires(overdue, then, of_the_stack("warning"), told), silent(never, end)];
    vec![
        case("the last good run, by the figures alone", &[(&success, constant(0, end))], &late()),
        case(
            "the last good run, by Kubernetes alone",
            &[(&succeeded, constant(0, end)), (&created, constant(0, end))],
            &late(),
        ),
        case(
            "a run that a person started counts, too",
            &[(&succeeded, constant(0, end)), (&success, constant(DAY, end))],
            &[silent(overdue, end)],
        ),
        case(
            "no run has ever succeeded",
            &[(&created, constant(0, end))],
            &[
                silent(never, before),
                fires(never, then, of_schedule, "newleaf in backstage has never succeeded"),
                silent(overdue, end),
            ],
        ),
    ]
}

fn of_consumers() -> Vec<Value> {
    let stale = ours(STALE, ",consumer=\"backstage\"");
    let of_others = format!("{STALE}{{namespace=\"other\",consumer=\"backstage\"}}");
    let alert = "CertificateConsumerStale";
    let of_consumer = json!({"severity": "warning", "namespace": "backstage", "consumer": "backstage"});
    vec![
        case(
            "a consumer that stays stale",
            &[
                (&stale, format!("{} {}", constant(0, 15 * MINUTE), constant(1, 2 * HOUR))),
                (&of_others, constant(1, 2 * HOUR)),
            ],
            &[
                silent(alert, 45 * MINUTE),
                fires(alert, 50 * MINUTE, of_consumer, "backstage in backstage works with an old leaf"),
            ],
        ),
        case(
            "a rollout is no alert",
            &[(&stale, format!("{} {}", constant(1, 20 * MINUTE), constant(0, HOUR)))],
            &[silent(alert, 20 * MINUTE), silent(alert, 30 * MINUTE), silent(alert, HOUR)],
        ),
    ]
}

struct Prometheus {
    program: PathBuf,
    place: TempDir,
}

impl Prometheus {
    fn write(&self, name: &str, value: &Value) -> PathBuf {
        let path = self.place.path().join(name);
        fs::write(&path, value.to_string()).expect("it can be written");
        path
    }

    /// Whether promtool succeeds, and what it says.
    fn run(&self, arguments: &[&str], file: &Path) -> (bool, String) {
        let mut command = Command::new(&self.program);
        let output = command.args(arguments).arg(file).output().expect("promtool runs");
        (output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    }
}

#[test]
fn each_alert_fires_when_it_must_and_is_silent_one_step_before() {
    let Some(folder) = folder("prometheus", "the alert rules in Prometheus' own code") else { return };
    let prometheus =
        Prometheus { program: folder.join("promtool"), place: tempfile::tempdir().expect("a temporary directory") };
    let rules = prometheus.write("rules.json", &groups("monitoring: {alerts: true}"));
    let (is_sound, said) = prometheus.run(&["check", "rules", "--lint=all", "--lint-fatal"], &rules);
    assert!(is_sound && said.contains("SUCCESS: 5 rules found"), "{said}");

    let page = fs::read_to_string(project::root().join("docs/runbook.md")).expect("the page is readable");
    let (_, shown) = page.split_once("```yaml\n# alerts.yaml\n").expect("the page shows alerts");
    let (shown, _) = shown.split_once("```").expect("and ends");
    let shown_file = prometheus.place.path().join("shown.yaml");
    fs::write(&shown_file, shown).expect("it can be written");
    let (is_sound, said) = prometheus.run(&["check", "rules", "--lint=all", "--lint-fatal"], &shown_file);
    assert!(is_sound && said.contains("SUCCESS: 9 rules found"), "the page of alerts: {said}");

    let suite = |tests: Vec<Value>| json!({"rule_files": ["rules.json"], "evaluation_interval": format!("{STEP}s"), "tests": tests});
    let tests = prometheus.write("tests.json", &suite(cases()));
    let (holds, said) = prometheus.run(&["test", "rules"], &tests);
    assert!(holds, "{said}");

    // A step earlier one of them would be a failure of this test, so it can fail.
    let mut early = of_consumers();
    for case in &mut early {
        for moment in case["alert_rule_test"].as_array_mut().expect("moments") {
            if moment["exp_alerts"] != json!([]) {
                let at: u64 =
                    moment["eval_time"].as_str().and_then(|at| at.strip_suffix('s')?.parse().ok()).expect("s");
                moment["eval_time"] = json!(format!("{}s", at - STEP));
            }
        }
    }
    let tests = prometheus.write("early.json", &suite(early));
    let (holds, said) = prometheus.run(&["test", "rules"], &tests);
    assert!(!holds && said.contains("ConsumerStale"), "{said}");
}
