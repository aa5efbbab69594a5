//! `check --pre` against a real API server: each thing that would keep an install from working is provoked, and is told with its
//! own code and with what mends it.

use crate::stage::Shell;

#[test]
fn a_cluster_that_can_take_the_stack_passes_before_its_namespace_is_there() {
    let Some(shell) = Shell::new() else { return };
    let checked = shell.check(&["--pre"]);
    assert_eq!(checked.failures(), Vec::<[String; 5]>::new());
    assert_eq!(checked.said.code, Some(0), "{:?}", checked.said);
    assert_eq!(checked.document["passed"], true);
    let text = shell.deploy(&["check", "--pre"]).stdout;
    assert!(text.contains("ok the API server answers") && text.contains("0 failed"), "{text}");
    assert!(text.contains("tried in namespace default"), "{text}");
    assert!(
        shell.kubectl(&["get", "namespaces", "-o", "name"], "").lines().all(|name| !name.ends_with(&shell.namespace))
    );
}

#[test]
fn nothing_is_written_and_an_empty_namespace_passes() {
    let Some(shell) = Shell::new() else { return };
    shell.make_namespace();
    let checked = shell.check(&["--pre"]);
    assert_eq!(checked.failures(), Vec::<[String; 5]>::new());
    assert_eq!(shell.here(&["get", "deployments,statefulsets,services,secrets,jobs", "-o", "name"], ""), "");
}

#[test]
fn an_api_server_that_is_not_there_is_temporary() {
    let Some(shell) = Shell::new() else { return };
    shell.folder.write(
        "nowhere",
        "apiVersion: v1\nkind: Config\nclusters: [{name: a, cluster: {server: 'https://127.0.0.1:9'}}]\ncontexts: [{name: a, context: \
         {cluster: a, user: a}}]\nusers: [{name: a, user: {token: x}}]\ncurrent-context: a\n",
    );
    let checked = shell.check(&["--pre", "--kubeconfig", "nowhere"]);
    checked.assert_fails("NL0601", 75, "", "");
    assert_eq!(checked.document["checks"].as_array().map(Vec::len), Some(1), "nothing else is asked");
}

#[test]
fn a_right_that_is_missing_is_named_with_the_rule_and_the_command() {
    let Some(shell) = Shell::new() else { return };
    shell.make_namespace();
    let account = format!("limited-{}", shell.namespace);
    // Everything but to create a StatefulSet.
    shell.kubectl(
        &["apply", "--server-side", "-f", "-"],
        &format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {{name: {account}}}\nrules:\n\
             - {{apiGroups: ['', batch, policy, networking.k8s.io, storage.k8s.io, coordination.k8s.io, rbac.authorization.k8s.io, \
             admissionregistration.k8s.io], resources: ['*'], verbs: ['*']}}\n\
             - {{apiGroups: [apps], resources: [deployments, replicasets], verbs: ['*']}}\n\
             - {{apiGroups: [apps], resources: [statefulsets], verbs: [get, list, patch, delete]}}\n---\n\
             apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {{name: {account}}}\n\
             roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {account}}}\n\
             subjects: [{{apiGroup: rbac.authorization.k8s.io, kind: User, name: {account}}}]\n"
        ),
    );
    let checked = shell.check(&["--pre", "--as", &account]);
    checked.assert_names("NL1103", "statefulsets", "kubectl auth can-i create statefulsets.apps -n");
    checked.assert_names("NL1103", "statefulsets", "verbs: [create]");
    let denied: Vec<_> = checked.failures().into_iter().filter(|finding| finding[0] == "NL1103").collect();
    assert_eq!(denied.len(), 1, "one right is missing, and no other: {denied:#?}");
    assert_eq!(checked.said.code, Some(77), "{:?}", checked.said);
}

#[test]
fn a_storage_class_that_is_not_there_is_named_with_those_that_are() {
    let Some(shell) = Shell::new() else { return };
    let checked = shell.check(&["--pre", "--set", "database.storage.class=fast"]);
    checked.assert_fails("NL1105", 4, "StatefulSet", "--set database.storage.class=standard");
}

#[test]
fn a_namespace_that_is_being_deleted_is_named_with_what_to_wait_for() {
    let Some(shell) = Shell::new() else { return };
    shell.make_namespace();
    // No controller is there to finish it.
    shell.kubectl(&["delete", "namespace", &shell.namespace, "--wait=false"], "");
    let checked = shell.check(&["--pre"]);
    checked.assert_fails("NL0615", 4, &shell.namespace, "kubectl wait --for=delete namespace/");
}

#[test]
fn an_object_of_another_manager_is_named_with_its_writer() {
    let Some(shell) = Shell::new() else { return };
    shell.make_namespace();
    shell.here(&["create", "service", "clusterip", "postgres", "--tcp=1:1"], "");
    let checked = shell.check(&["--pre"]);
    checked.assert_names("NL1104", "Service", "kubectl delete service postgres -n");
    assert!(checked.failures().iter().any(|finding| finding[3].contains("kubectl-create")), "{:?}", checked.failures());
    assert_eq!(checked.said.code, Some(4));
}

#[test]
fn a_kind_that_the_cluster_lacks_is_named_with_who_brings_it() {
    let Some(shell) = Shell::new() else { return };
    let checked = shell.check(&["--pre", "--set", "monitoring.alerts=true"]);
    checked.assert_fails("NL0902", 4, "PrometheusRule.monitoring.coreos.com/v1", "Install the Prometheus Operator");
    let installed = shell.deploy(&["install", "--set", "monitoring.alerts=true"]);
    assert_eq!(installed.code, Some(4), "{installed:?}");
    assert!(installed.stderr.contains("NL0902") && installed.stderr.contains("PrometheusRule"), "{installed:?}");
    let namespaces = shell.kubectl(&["get", "namespaces", "-o", "name"], "");
    assert!(!namespaces.contains(&shell.namespace), "nothing was applied before: {namespaces}");
}

#[test]
fn a_referenced_secret_that_is_not_there_is_named() {
    let Some(shell) = Shell::new() else { return };
    shell.make_namespace();
    shell.folder.write("stack.yaml", "backstage: {env: [{name: GITHUB_TOKEN, secret: {name: github, key: token}}]}\n");
    let checked = shell.check(&["--pre", "-f", "stack.yaml"]);
    checked.assert_fails("NL1106", 4, "/github", "kubectl create secret generic github -n");
    shell.here(&["create", "secret", "generic", "github", "--from-literal=token=planted"], "");
    let checked = shell.check(&["--pre", "-f", "stack.yaml"]);
    assert_eq!(checked.failures(), Vec::<[String; 5]>::new());
    assert!(!format!("{checked:?}").contains("planted"));
}

#[test]
fn a_field_that_the_api_server_does_not_know_is_refused_before_and_after_the_namespace_is_there() {
    let Some(shell) = Shell::new() else { return };
    shell.folder.write("stack.yaml", "raw: [{path: raw.yaml}]\n");
    let raw =
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: backstage}\nspec: {template: {spec: {nonsense: 1}}}\n";
    shell.folder.write("raw.yaml", raw);
    shell.check(&["--pre", "-f", "stack.yaml"]).assert_names("NL1107", "Deployment", "raw layer");
    shell.make_namespace();
    shell.check(&["--pre", "-f", "stack.yaml"]).assert_names("NL1107", "Deployment", "raw layer");
}

#[test]
fn an_admission_policy_that_refuses_is_told_in_its_own_words() {
    let Some(shell) = Shell::new() else { return };
    shell.make_namespace();
    let name = format!("no-deployments-{}", shell.namespace);
    shell.kubectl(
        &["apply", "--server-side", "-f", "-"],
        &format!(
            "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: {{name: {name}}}\nspec:\n  \
             matchConstraints: {{resourceRules: [{{apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments]}}]}}\n  \
             validations: [{{expression: 'object.metadata.namespace != \"{}\"', message: 'ask the platform team'}}]\n---\n\
             apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicyBinding\nmetadata: {{name: {name}}}\n\
             spec: {{policyName: {name}, validationActions: [Deny]}}\n",
            shell.namespace
        ),
    );
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    loop {
        let checked = shell.check(&["--pre"]);
        let told = checked
            .failures()
            .into_iter()
            .any(|finding| finding[0] == "NL1107" && finding[3].contains("ask the platform team"));
        if told {
            assert_eq!(checked.said.code, Some(4));
            return;
        }
        assert!(std::time::Instant::now() < deadline, "the policy is not in force: {:#?}", checked.document);
    }
}

#[test]
fn a_quota_that_leaves_too_little_is_told_with_the_numbers() {
    let Some(shell) = Shell::new() else { return };
    shell.make_namespace();
    shell.here(&["create", "quota", "small", "--hard=requests.cpu=100m,limits.cpu=8,pods=20"], "");
    let checked = shell.check(&["--pre"]);
    checked.assert_fails("NL1109", 4, "ResourceQuota small", "kubectl edit resourcequota small");
    let told: Vec<_> = checked.failures().into_iter().map(|finding| finding[3].clone()).collect();
    assert!(told.iter().any(|why| why.contains("of requests.cpu, and 100m are left")), "{told:?}");
}

#[test]
fn a_field_of_another_manager_is_named_and_left_alone() {
    let Some(shell) = Shell::new() else { return };
    shell.make_namespace();
    let rendered = shell.deploy(&["render", "-o", "json"]).stdout;
    let list: serde_json::Value = serde_json::from_str(&rendered).expect("JSON");
    let items = list["items"].as_array().expect("items");
    let mut deployment = items.iter().find(|item| item["kind"] == "Deployment").expect("one").clone();
    let apply = |manager: &str, object: &serde_json::Value| {
        let manager = format!("--field-manager={manager}");
        shell.kubectl(&["apply", "--server-side", "--force-conflicts", &manager, "-f", "-"], &object.to_string());
    };
    apply("newleaf-deploy", &deployment);
    deployment["spec"]["replicas"] = 7.into();
    apply("argocd-controller", &deployment);
    let checked = shell.check(&["--pre"]);
    checked.assert_names("NL0903", "Deployment", "");
    assert!(
        checked.failures().iter().any(|finding| finding[3].contains("argocd-controller")),
        "{:#?}",
        checked.failures()
    );
    assert_eq!(shell.here(&["get", "deployment", "backstage", "-o", "jsonpath={.spec.replicas}"], ""), "7");
}

#[test]
fn images_are_looked_for_on_the_nodes_and_are_only_a_warning() {
    let Some(shell) = Shell::new() else { return };
    let node = format!("node-{}", shell.namespace);
    shell.kubectl(
        &["apply", "--server-side", "-f", "-"],
        &format!("{{apiVersion: v1, kind: Node, metadata: {{name: {node}}}}}"),
    );
    let images =
        "{\"status\": {\"images\": [{\"names\": [\"docker.io/library/postgres:17.10-bookworm\"], \"sizeBytes\": 1}]}}";
    shell.kubectl(&["patch", "node", &node, "--subresource=status", "--type=merge", "-p", images], "");
    let checked = shell.check(&["--pre", "--set", "platform=kind"]);
    checked.assert_names("NL1108", "newleaf:0.1.0", "kind load docker-image newleaf:0.1.0");
    assert!(
        checked.findings().iter().all(|finding| finding[2] != "postgres:17.10-bookworm"),
        "{:#?}",
        checked.findings()
    );
    assert_eq!(checked.said.code, Some(0), "a warning fails nothing");
}
