//! Broken clusters as people have them: the deployer names each by its own code, its object and what mends it.

use serde_json::json;

use crate::stage::Shell;

/// Another kubeconfig of the same API server.
fn kubeconfig(shell: &Shell, change: impl Fn(&str) -> String) -> String {
    let text = std::fs::read_to_string(&shell.kubeconfig).expect("the kubeconfig is readable");
    shell.folder.write("other", &change(&text));
    "other".to_owned()
}

#[test]
fn credentials_that_the_api_server_does_not_know() {
    let Some(shell) = Shell::new() else { return };
    let other = kubeconfig(&shell, |text| text.replace("token: administrator", "token: expired"));
    shell.check(&["--pre", "--kubeconfig", &other]).assert_fails("NL0603", 75, "", "");
}

#[test]
fn a_certificate_of_the_api_server_that_the_kubeconfig_does_not_trust() {
    let Some(shell) = Shell::new() else { return };
    let made = rcgen::generate_simple_self_signed(vec!["elsewhere".to_owned()]).expect("a certificate");
    shell.folder.write("other.crt", &made.cert.pem());
    let other = kubeconfig(&shell, |text| {
        let (before, rest) = text.split_once("certificate-authority: ").expect("it names one");
        let (_, after) = rest.split_once('}').expect("it ends");
        format!("{before}certificate-authority: other.crt}}{after}")
    });
    let checked = shell.check(&["--pre", "--kubeconfig", &other]);
    checked.assert_fails("NL0601", 75, "", "");
    assert!(checked.failures()[0][3].contains("certificate"), "{:#?}", checked.failures());
}

#[test]
fn a_context_that_the_kubeconfig_does_not_have() {
    let Some(shell) = Shell::new() else { return };
    let said = shell.deploy(&["check", "--pre", "--context", "production"]);
    assert_eq!(said.code, Some(78), "{said:?}");
    assert!(said.stderr.contains("NL0613") && said.stderr.contains("production"), "{said:?}");
}

#[test]
fn an_account_that_may_only_read() {
    let Some(shell) = Shell::new() else { return };
    shell.make_namespace();
    let account = format!("reader-{}", shell.namespace);
    shell.kubectl(&["create", "clusterrole", &account, "--verb=get,list", "--resource=*.*"], "");
    shell.kubectl(&["create", "clusterrolebinding", &account, "--clusterrole", &account, "--user", &account], "");
    let checked = shell.check(&["--pre", "--as", &account]);
    assert_eq!(checked.said.code, Some(77), "{:?}", checked.said);
    let denied: Vec<_> = checked.failures().into_iter().filter(|finding| finding[0] == "NL1103").collect();
    assert!(
        denied.len() > 20 && denied.iter().all(|finding| finding[4].contains("kubectl auth can-i ")),
        "{denied:#?}"
    );
    assert!(denied.iter().all(|finding| !finding[3].contains("may not get") && !finding[3].contains("may not list")));
    let installed = shell.deploy(&["install", "--as", &account]);
    assert_eq!(installed.code, Some(77), "{installed:?}");
    assert!(installed.stderr.contains("NL0604") && installed.stderr.contains("verbs: ["), "{installed:?}");
    assert_eq!(
        shell
            .here(&["get", "deployments,configmaps", "-o", "name"], "")
            .lines()
            .filter(|it| it.contains("backstage"))
            .count(),
        0
    );
}

#[test]
fn a_config_map_that_the_document_names_and_the_namespace_lacks() {
    let Some(shell) = Shell::new() else { return };
    shell.make_namespace();
    let checked = shell.check(&["--pre", "--set", "backstage.envFrom=[{configMap: theirs}]"]);
    checked.assert_fails("NL1106", 4, "ConfigMap", "kubectl create configmap theirs -n");
}

#[test]
fn a_quota_for_volumes_and_one_for_pods() {
    let Some(shell) = Shell::new() else { return };
    shell.make_namespace();
    shell.here(&["create", "quota", "volumes", "--hard=requests.storage=1Gi"], "");
    shell.check(&["--pre"]).assert_fails("NL1109", 4, "ResourceQuota volumes", "kubectl edit resourcequota volumes");
    shell.here(&["delete", "quota", "volumes"], "");
    shell.here(&["create", "quota", "pods", "--hard=pods=1"], "");
    shell.check(&["--pre"]).assert_fails("NL1109", 4, "ResourceQuota pods", "kubectl edit resourcequota pods");
}

#[test]
fn an_inventory_of_another_program_and_an_object_of_another_set() {
    let Some(shell) = Shell::new() else { return };
    shell.make_namespace();
    shell.here(&["create", "configmap", "backstage-inventory"], "");
    let said = shell.deploy(&["install", "--wait=false"]);
    assert_eq!(said.code, Some(4), "{said:?}");
    assert!(said.stderr.contains("NL0905") && said.stderr.contains("backstage-inventory"), "{said:?}");
    shell.here(&["delete", "configmap", "backstage-inventory"], "");
    shell.here(&["create", "service", "clusterip", "backstage", "--tcp=1:1"], "");
    shell.here(&["label", "service", "backstage", "applyset.kubernetes.io/part-of=applyset-theirs-v1"], "");
    let said = shell.deploy(&["install", "--wait=false"]);
    assert_eq!(said.code, Some(4), "{said:?}");
    assert!(said.stderr.contains("NL0904") && said.stderr.contains("applyset-theirs-v1"), "{said:?}");
}

#[test]
fn a_volume_that_cannot_grow_in_place() {
    let Some(shell) = Shell::new() else { return };
    assert_eq!(shell.deploy(&["install", "--wait=false"]).code, Some(0));
    let said = shell.deploy(&["install", "--wait=false", "--set", "database.storage.size=77Gi"]);
    assert_eq!(said.code, Some(4), "{said:?}");
    assert!(said.stderr.contains("NL0906") && said.stderr.contains("StatefulSet"), "{said:?}");
    let kept = shell.here(
        &[
            "get",
            "statefulset",
            "postgres",
            "-o",
            "jsonpath={.spec.volumeClaimTemplates[0].spec.resources.requests.storage}",
        ],
        "",
    );
    assert_ne!(kept, "77Gi");
}

#[test]
fn a_claim_that_stays_unbound_and_a_rollout_that_gave_up() {
    let Some(shell) = Shell::new() else { return };
    assert_eq!(shell.deploy(&["install", "--wait=false"]).code, Some(0));
    let claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data-postgres-0",
        "labels": {"app.kubernetes.io/instance": "backstage", "app.kubernetes.io/name": "postgres"}},
        "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "gone", "resources": {"requests": {"storage": "1Gi"}}}});
    shell.here(&["apply", "--server-side", "-f", "-"], &claim.to_string());
    let late = json!({"status": {"observedGeneration": 1, "conditions": [{"type": "Progressing", "status": "False",
        "reason": "ProgressDeadlineExceeded", "message": "ReplicaSet \"backstage-1\" has timed out progressing."}]}});
    shell.here(
        &["patch", "deployment", "backstage", "--subresource=status", "--type=merge", "-p", &late.to_string()],
        "",
    );
    let checked = shell.check(&[]);
    checked.assert_names("NL1113", "PersistentVolumeClaim", "kubectl describe pvc data-postgres-0 -n");
    checked.assert_names("NL1112", "Deployment", "kubectl describe deployment backstage -n");
    let why: Vec<_> = checked.failures().into_iter().filter(|it| it[2].starts_with("Deployment")).collect();
    assert!(why.iter().any(|finding| finding[3].contains("timed out progressing")), "{why:#?}");
    assert_eq!(checked.said.code, Some(5), "{:?}", checked.said);
}

#[test]
fn more_connections_than_the_database_admits() {
    let Some(shell) = Shell::new() else { return };
    assert_eq!(shell.deploy(&["install", "--wait=false"]).code, Some(0));
    shell.here(&["scale", "deployment", "backstage", "--replicas=90"], "");
    shell.check(&[]).assert_names("NL1117", "Deployment", "database.parameters.max_connections=");
}

#[test]
fn a_finalizer_that_nothing_removes() {
    let Some(shell) = Shell::new() else { return };
    assert_eq!(shell.deploy(&["install", "--wait=false"]).code, Some(0));
    let held = json!({"metadata": {"finalizers": ["example.org/held"]}}).to_string();
    shell.here(&["patch", "service", "backstage", "--type=merge", "-p", &held], "");
    let said = shell.deploy(&["uninstall", "--yes", "--timeout", "1s"]);
    assert_eq!(said.code, Some(75), "{said:?}");
    assert!(said.stderr.contains("NL0909") && said.stderr.contains("Service"), "{said:?}");
    let free = json!({"metadata": {"finalizers": null}}).to_string();
    shell.here(&["patch", "service", "backstage", "--type=merge", "-p", &free], "");
    assert_eq!(shell.deploy(&["uninstall", "--yes"]).code, Some(0), "the next run finishes it");
}
