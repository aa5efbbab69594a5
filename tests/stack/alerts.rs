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

fn cases() -> Vec<Value> {
    let ours = "namespace=\"backstage\"";
    let leaf = format!("{LEAF_END}{{{ours},peer=\"server\"}}");
    let success = format!("{LAST_SUCCESS}{{{ours}}}");
    let stale = format!("{STALE}{{{ours},consumer=\"backstage\"}}");
    let of_others = format!("{STALE}{{namespace=\"other\",consumer=\"backstage\"}}");
    let succeeded = format!("kube_cronjob_status_last_successful_time{{{ours},cronjob=\"newleaf\"}}");
    let created = format!("kube_cronjob_created{{{ours},cronjob=\"newleaf\"}}");
    let of_namespace = |severity: &str| json!({"severity": severity, "namespace": "backstage"});
    let ends = "CertificateEndsSoon";
    let overdue = "CertificateRotationOverdue";
    let never = "CertificateRotationNeverSucceeded";
    let is_stale = "CertificateConsumerStale";
    let missing = "CertificateFiguresMissing";
    let two_days = "newleaf in backstage has not succeeded for two days";
    vec![
        // Less than 10 days are left from the step after day 1 on, and 15 minutes later it is an alert.
        case(
            "a leaf that would end within ten days",
            &[(&leaf, constant(11 * DAY, 2 * DAY))],
            &[
                silent(ends, DAY + 15 * MINUTE),
                fires(
                    ends,
                    DAY + 20 * MINUTE,
                    json!({"severity": "critical", "namespace": "backstage", "peer": "server"}),
                    "the server leaf in backstage ends in 9d 23h 40m 0s",
                ),
                silent(missing, DAY),
            ],
        ),
        // As it is each month, and late by half a day: replaced with 14.5 days left.
        case(
            "a leaf that is replaced in time",
            &[(&leaf, format!("{} {}", constant(15 * DAY, 12 * HOUR), constant(45 * DAY, 12 * HOUR)))],
            &[silent(ends, 6 * HOUR), silent(ends, 12 * HOUR), silent(ends, DAY)],
        ),
        case(
            "the last good run, by the figures alone",
            &[(&success, constant(0, 2 * DAY + HOUR))],
            &[
                silent(overdue, 2 * DAY + 15 * MINUTE),
                fires(overdue, 2 * DAY + 20 * MINUTE, of_namespace("warning"), two_days),
                silent(never, 2 * DAY + HOUR),
            ],
        ),
        case(
            "the last good run, by Kubernetes alone",
            &[(&succeeded, constant(0, 2 * DAY + HOUR)), (&created, constant(0, 2 * DAY + HOUR))],
            &[
                silent(overdue, 2 * DAY + 15 * MINUTE),
                fires(overdue, 2 * DAY + 20 * MINUTE, of_namespace("warning"), two_days),
                silent(never, 2 * DAY + HOUR),
            ],
        ),
        case(
            "a run that a person started counts, too",
            &[(&succeeded, constant(0, 2 * DAY + HOUR)), (&success, constant(DAY, 2 * DAY + HOUR))],
            &[silent(overdue, 2 * DAY + HOUR)],
        ),
        case(
            "no run has ever succeeded",
            &[(&created, constant(0, 2 * DAY + HOUR))],
            &[
                silent(never, 2 * DAY + 15 * MINUTE),
                fires(
                    never,
                    2 * DAY + 20 * MINUTE,
                    json!({"severity": "critical", "namespace": "backstage", "cronjob": "newleaf"}),
                    "newleaf in backstage has never succeeded",
                ),
                silent(overdue, 2 * DAY + HOUR),
            ],
        ),
        case(
            "a consumer that stays stale",
            &[
                (&stale, format!("{} {}", constant(0, 15 * MINUTE), constant(1, 2 * HOUR))),
                (&of_others, constant(1, 2 * HOUR)),
            ],
            &[
                silent(is_stale, 45 * MINUTE),
                fires(
                    is_stale,
                    50 * MINUTE,
                    json!({"severity": "warning", "namespace": "backstage", "consumer": "backstage"}),
                    "backstage in backstage works with an old leaf",
                ),
            ],
        ),
        case(
            "a rollout is no alert",
            &[(&stale, format!("{} {}", constant(1, 20 * MINUTE), constant(0, HOUR)))],
            &[silent(is_stale, 20 * MINUTE), silent(is_stale, 30 * MINUTE), silent(is_stale, HOUR)],
        ),
        case(
            "the figures are missing",
            &[(&leaf, format!("{} stale", constant(400 * DAY, 20 * MINUTE)))],
            &[
                silent(missing, 80 * MINUTE),
                fires(
                    missing,
                    85 * MINUTE,
                    of_namespace("warning"),
                    "Prometheus has no figures of the leaves in backstage: newleaf-metrics does not answer, or no run has written any",
                ),
            ],
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
    let Some(folder) = folder("promtool", "the alert rules in Prometheus' own code") else { return };
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

    // A step earlier two of them would be a failure of this test, so it can fail.
    let mut early: Vec<Value> = cases().split_off(6);
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
    assert!(!holds && said.contains("ConsumerStale") && said.contains("FiguresMissing"), "{said}");
}
