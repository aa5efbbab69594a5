//! `check` of an installed stack on a real API server. No controller acts there, so the test says what controllers would.

use base64ct::{Base64, Encoding};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use serde_json::{Value, json};

use crate::stage::Shell;

/// Installs without waiting, for nothing would become ready.
fn installed() -> Option<Shell> {
    let shell = Shell::new()?;
    let said = shell.deploy(&["install", "--wait=false"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    Some(shell)
}

/// What the controllers would write, in a healthy cluster.
pub(crate) fn make_ready(shell: &Shell) {
    let patch = |kind: &str, name: &str, status: &Value| {
        let body = json!({ "status": status }).to_string();
        shell.here(&["patch", kind, name, "--subresource=status", "--type=merge", "-p", &body], "");
    };
    let one = json!({"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "readyReplicas": 1, "availableReplicas": 1});
    patch("deployment", "backstage", &one);
    let mut set = one.clone();
    set["currentRevision"] = "a".into();
    set["updateRevision"] = "a".into();
    patch("statefulset", "postgres", &set);
    let now = chrono::Utc::now().format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let jobs = shell.here(&["get", "jobs", "-o", "jsonpath={.items[*].metadata.name}"], "");
    for job in jobs.split_whitespace() {
        patch("job", job, &complete(&now));
    }
}

fn complete(now: &str) -> Value {
    json!({"startTime": now, "completionTime": now, "succeeded": 1, "conditions": [
        {"type": "SuccessCriteriaMet", "status": "True", "lastTransitionTime": now, "lastProbeTime": now},
        {"type": "Complete", "status": "True", "lastTransitionTime": now, "lastProbeTime": now},
    ]})
}

/// The two leaves, as newleaf stores them.
pub(crate) fn store_leaves(shell: &Shell, days: i64) {
    let key = KeyPair::generate().expect("a key");
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    authority.distinguished_name.push(DnType::CommonName, "newleaf");
    let root = authority.self_signed(&key).expect("a root").pem();
    let issuer = Issuer::new(authority, key);
    for (name, usage) in
        [("postgres-tls", ExtendedKeyUsagePurpose::ServerAuth), ("backstage-tls", ExtendedKeyUsagePurpose::ClientAuth)]
    {
        let key = KeyPair::generate().expect("a key");
        let mut leaf = CertificateParams::new(vec!["postgres".to_owned()]).expect("names");
        leaf.distinguished_name.push(DnType::CommonName, "postgres");
        leaf.use_authority_key_identifier_extension = true;
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        leaf.extended_key_usages = vec![usage];
        leaf.not_before = time::OffsetDateTime::now_utc() - time::Duration::days(1);
        leaf.not_after = time::OffsetDateTime::now_utc() + time::Duration::days(days);
        let certificate = leaf.signed_by(&key, &issuer).expect("a leaf").pem();
        let encoded = |text: &str| Base64::encode_string(text.as_bytes());
        let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": {
            "tls.crt": encoded(&certificate), "tls.key": encoded(&key.serialize_pem()), "ca.crt": encoded(&root)}});
        shell.here(&["apply", "--server-side", "--force-conflicts", "-f", "-"], &secret.to_string());
    }
}

#[test]
fn a_healthy_stack_passes_and_warns_of_missing_backups() {
    let Some(shell) = installed() else { return };
    make_ready(&shell);
    store_leaves(&shell, 40);
    let checked = shell.check(&[]);
    assert_eq!(checked.failures(), Vec::<[String; 5]>::new());
    assert_eq!(checked.said.code, Some(0), "{:?}", checked.said);
    checked.assert_names("NL1118", "namespace", "pg_dump");
    shell.here(&["create", "cronjob", "nightly-backup", "--image=a:1", "--schedule=0 1 * * *"], "");
    assert!(shell.check(&[]).findings().iter().all(|finding| finding[0] != "NL1118"));
}

#[test]
fn what_is_missing_is_proof_that_fails() {
    let Some(shell) = installed() else { return };
    let checked = shell.check(&[]);
    checked.assert_names("NL1112", "Deployment", "kubectl describe deployment backstage -n");
    checked.assert_names("NL1114", "postgres-tls", "newleaf bootstrap -n");
    assert_eq!(checked.said.code, Some(5), "{:?}", checked.said);
    make_ready(&shell);
    store_leaves(&shell, 40);
    shell.here(&["delete", "service", "backstage"], "");
    shell.check(&[]).assert_fails("NL1110", 5, "Service", "newleaf-deploy install");
}

#[test]
fn drift_names_its_field_and_what_repairs_it() {
    let Some(shell) = installed() else { return };
    make_ready(&shell);
    store_leaves(&shell, 40);
    shell.here(
        &[
            "label",
            "service",
            "backstage",
            "--overwrite",
            "app.kubernetes.io/component=x",
            "--field-manager=newleaf-deploy",
        ],
        "",
    );
    let checked = shell.check(&[]);
    let told: Vec<_> = checked.failures();
    assert!(told.iter().any(|finding| ["NL1111", "NL0903"].contains(&finding[0].as_str())), "{told:#?}");
    assert!(told.iter().all(|finding| finding[2].contains("Service")), "{told:#?}");
}

#[test]
fn a_leaf_that_has_ended_is_told() {
    let Some(shell) = installed() else { return };
    make_ready(&shell);
    store_leaves(&shell, -1 + 1 - 1);
    let checked = shell.check(&[]);
    checked.assert_names("NL1114", "postgres-tls", "newleaf rotate -n");
    assert!(checked.failures().iter().all(|finding| finding[0] == "NL1114"), "{:#?}", checked.failures());
    assert!(!format!("{checked:?}").contains("PRIVATE"));
    assert_eq!(checked.said.code, Some(5));
}

#[test]
fn a_suspended_schedule_and_a_failed_run_are_told() {
    let Some(shell) = installed() else { return };
    make_ready(&shell);
    store_leaves(&shell, 40);
    shell.here(&["patch", "cronjob", "newleaf", "-p", "{\"spec\":{\"suspend\":true}}"], "");
    shell.check(&[]).assert_names("NL1116", "CronJob", "kubectl patch cronjob newleaf -n");
    shell.here(&["create", "job", "run-1", "--from=cronjob/newleaf"], "");
    let now = chrono::Utc::now().format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let failed = json!({"status": {"startTime": now, "failed": 1, "conditions": [
        {"type": "FailureTarget", "status": "True", "reason": "PodFailurePolicy", "message": "exit code 5", "lastTransitionTime": now, "lastProbeTime": now},
        {"type": "Failed", "status": "True", "reason": "PodFailurePolicy", "message": "exit code 5", "lastTransitionTime": now, "lastProbeTime": now}]}});
    shell.here(&["patch", "job", "run-1", "--subresource=status", "--type=merge", "-p", &failed.to_string()], "");
    let checked = shell.check(&[]);
    checked.assert_names("NL1115", "Job", "kubectl logs job/run-1 -n");
    assert!(checked.failures().iter().any(|finding| finding[3].contains("exit code 5")), "{:#?}", checked.failures());
}

#[test]
fn an_interrupted_check_removes_the_probes_that_it_started() {
    let Some(shell) = installed() else { return };
    let probes = || shell.here(&["get", "jobs", "--selector", "newleaf.dev/probe", "-o", "name"], "").lines().count();
    let mut check = shell.start(&["check", "--probe"]);
    // Without controllers they wait for their pods.
    let started = (0..300).any(|_| probes() == 4);
    kill(Pid::from_raw(check.id().try_into().expect("a pid")), Signal::SIGINT).expect("it runs");
    let ended = check.wait().expect("it ends");
    assert!(started, "four probes, one for each source");
    assert_eq!((ended.code(), probes()), (Some(130), 0));
}
