//! The alert rules.

use rotation::figures::{LAST_SUCCESS, LEAF_END, STALE};
use serde_json::{Value, json};

use crate::settings::Settings;
use crate::settings::rotation::ROTATION_NAME;

const DAY: u64 = 86_400;

/// The rules, for this namespace only: each stack has its own.
pub(super) fn rules(settings: &Settings) -> Vec<Value> {
    let namespace = format!("namespace=\"{}\"", settings.namespace);
    let cron_job = format!("{namespace},cronjob=\"{ROTATION_NAME}\"");
    let last_success = format!(
        "max by (namespace) (kube_cronjob_status_last_successful_time{{{cron_job}}} or {LAST_SUCCESS}{{{namespace}}})"
    );
    // A leaf is replaced when this much of its life is left: 15 days by default. Two thirds of it, ten days by default, are
    // reached only where several rotations have failed.
    let rotation = &settings.rotation;
    let soon = rotation.lifetime.seconds().saturating_sub(rotation.rotate_after.seconds()) / 3 * 2;
    let mut rules = of_runs(&cron_job, &last_success);
    rules.extend([
        alert(
            "CertificateEndsSoon",
            &format!("{LEAF_END}{{{namespace}}} - time() < {soon}"),
            "15m",
            "critical",
            "the {{ $labels.peer }} leaf in {{ $labels.namespace }} ends in {{ $value | humanizeDuration }}",
        ),
        alert(
            "CertificateConsumerStale",
            &format!("max by (namespace, consumer) ({STALE}{{{namespace}}}) > 0"),
            // Longer than a rollout.
            "30m",
            "warning",
            "{{ $labels.consumer }} in {{ $labels.namespace }} works with an old leaf",
        ),
        alert(
            "CertificateFiguresMissing",
            &format!("absent({LEAF_END}{{{namespace}}})"),
            "1h",
            "warning",
            "Prometheus has no figures of the leaves in {{ $labels.namespace }}: newleaf-metrics does not answer, or no run has written any",
        ),
    ]);
    rules
}

/// What the runs themselves tell.
fn of_runs(cron_job: &str, last_success: &str) -> Vec<Value> {
    vec![
        alert(
            "CertificateRotationOverdue",
            &format!("time() - {last_success} > {}", 2 * DAY),
            "15m",
            "warning",
            "newleaf in {{ $labels.namespace }} has not succeeded for two days",
        ),
        alert(
            "CertificateRotationNeverSucceeded",
            &format!("time() - kube_cronjob_created{{{cron_job}}} > {} unless on (namespace) {last_success}", 2 * DAY),
            "15m",
            "critical",
            "newleaf in {{ $labels.namespace }} has never succeeded",
        ),
    ]
}

fn alert(name: &str, expression: &str, lasting: &str, severity: &str, summary: &str) -> Value {
    json!({
        "alert": name,
        "expr": expression,
        "for": lasting,
        "labels": { "severity": severity },
        "annotations": { "summary": summary },
    })
}
