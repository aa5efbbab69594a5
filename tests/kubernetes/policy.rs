//! The policy that confines the right to patch pods, and who may install what, by real requests.

use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

use crate::people::Person;
use crate::stage;

/// How long the API server may take to put a policy in force.
const IN_FORCE_MAX: Duration = Duration::from_secs(60);
const PROJECTED: &str = "newleaf.dev/projected";
const POLICY: &str = "app.kubernetes.io/component=policy";
const OTHERS: &str = "app.kubernetes.io/component!=policy";

fn manifests(person: &Person) -> String {
    let namespace = &person.namespace;
    let configuration = person.file(
        "newleaf.yaml",
        &format!(
            "apiVersion: newleaf.dev/v1alpha1\nkind: Rotation\nnamespace: {namespace}\nconsumers:\n\
             - {{name: postgres, loads: server, pickup: reload, workload: statefulset/postgres, nudge: true}}\n\
             - {{name: backstage, loads: client, pickup: restart, workload: deployment/backstage}}\n\
             database: {{endpoints: [postgres.{namespace}.svc]}}\n"
        ),
    );
    let made = person.newleaf(&["manifests", "--config", &configuration]);
    assert_eq!(made.code, Some(0), "{made:?}");
    person.file("rotation.yaml", &made.stdout)
}

fn pod(name: &str) -> String {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "labels": {"app": "postgres"},
            "annotations": {"theirs": "kept"},
            "finalizers": ["example.org/theirs"],
        },
        "spec": {
            "securityContext": {"runAsNonRoot": true, "runAsUser": 999, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [{
                "name": "main",
                "image": "postgres:15",
                "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}},
            }],
        },
    })
    .to_string()
}

/// The account of the rotation, which may patch pods. kubectl would read them first, which it may not.
struct Rotation {
    pods: Api<Pod>,
}

impl Rotation {
    async fn of(person: &Person) -> Self {
        let account = format!("system:serviceaccount:{}:newleaf", person.namespace);
        let client = stage::connect(person.kubeconfig.clone(), Some(account)).await;
        Self { pods: Api::namespaced(client, &person.namespace) }
    }

    /// What the API server says against it; nothing, if it was done.
    async fn patch(&self, pod: &str, part: Option<&str>, patch: Value) -> String {
        let parameters = PatchParams::default();
        let answer = match part {
            // Strategic: a container is found by its name, and the rest of it stays.
            None if patch["spec"].is_object() => self.pods.patch(pod, &parameters, &Patch::Strategic(patch)).await,
            None => self.pods.patch(pod, &parameters, &Patch::Merge(patch)).await,
            Some(part) => self.pods.patch_subresource(part, pod, &parameters, &Patch::Strategic(patch)).await,
        };
        answer.err().map(|error| error.to_string()).unwrap_or_default()
    }

    /// Some requests of its first moments still pass.
    async fn wait_for_the_policy(&self, person: &Person) {
        person.must(&["create", "--filename", "-"], &pod("probe"));
        let begin = Instant::now();
        for number in 0.. {
            let label = json!({"metadata": {"labels": {"probe": number.to_string()}}});
            let said = self.patch("probe", None, label).await;
            if is_refused_by_policy(&said) {
                return;
            }
            assert!(begin.elapsed() < IN_FORCE_MAX, "the policy never comes into force: {said}");
        }
    }
}

fn is_refused_by_policy(said: &str) -> bool {
    said.contains("ValidatingAdmissionPolicy") && said.contains(PROJECTED)
}

#[tokio::test]
async fn the_rotation_may_set_one_annotation_of_a_pod_and_change_nothing_else() {
    let Some(person) = Person::new() else { return };
    person.must(&["apply", "--filename", &manifests(&person)], "");
    person.must(&["create", "--filename", "-"], &pod("postgres-0"));
    let rotation = Rotation::of(&person).await;
    rotation.wait_for_the_policy(&person).await;

    for value in [json!("first"), json!("second"), Value::Null] {
        let set = rotation.patch("postgres-0", None, json!({"metadata": {"annotations": {PROJECTED: value}}})).await;
        assert_eq!(set, "");
    }
    for patch in [
        json!({"metadata": {"labels": {"app": "other"}}}),
        json!({"metadata": {"labels": null}}),
        json!({"metadata": {"annotations": {"another": "added"}}}),
        json!({"metadata": {"annotations": {"theirs": "changed"}}}),
        json!({"metadata": {"annotations": {"theirs": null}}}),
        json!({"metadata": {"annotations": {PROJECTED: "third", "another": "beside it"}}}),
        json!({"metadata": {"finalizers": []}}),
        json!({"metadata": {"ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "a", "uid": "b"}]}}),
        json!({"spec": {"activeDeadlineSeconds": 1}}),
        json!({"spec": {"containers": [{"name": "main", "image": "theirs"}]}}),
    ] {
        let said = rotation.patch("postgres-0", None, patch.clone()).await;
        assert!(is_refused_by_policy(&said), "{patch}: {said}");
    }
    for part in ["ephemeralcontainers", "resize", "status"] {
        let said = rotation.patch("postgres-0", Some(part), json!({})).await;
        assert!(said.contains("cannot patch resource"), "{part}: {said}");
    }
    let theirs = person.kubectl(&["label", "pod", "postgres-0", "ours=yes"], "");
    assert_eq!(theirs.code, Some(0), "others are not confined: {theirs:?}");
}

#[tokio::test]
async fn where_a_further_role_allows_more_the_policy_still_holds() {
    let Some(person) = Person::new() else { return };
    person.must(&["apply", "--filename", &manifests(&person)], "");
    person.must(&["create", "--filename", "-"], &pod("postgres-0"));
    person.must(&["create", "role", "more", "--verb=patch", "--resource=pods/ephemeralcontainers"], "");
    let given_to = format!("--serviceaccount={}:newleaf", person.namespace);
    person.must(&["create", "rolebinding", "more", "--role=more", &given_to], "");
    let rotation = Rotation::of(&person).await;
    rotation.wait_for_the_policy(&person).await;
    let shell = json!({"name": "shell", "image": "shell", "securityContext":
        {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}});
    let debugging = json!({"spec": {"ephemeralContainers": [shell]}});
    let said = rotation.patch("postgres-0", Some("ephemeralcontainers"), debugging).await;
    assert!(is_refused_by_policy(&said), "{said}");
}

#[test]
fn a_person_with_the_namespace_only_installs_all_but_the_policy() {
    let Some(person) = Person::new() else { return };
    let keeper = format!("keeper-of-{}", person.namespace);
    // What the role `admin` consists of; no controller puts it together here.
    for part in ["view", "edit", "admin"] {
        let role = format!("--clusterrole=system:aggregate-to-{part}");
        person.must(&["create", "rolebinding", part, &role, &format!("--user={keeper}")], "");
    }
    let file = manifests(&person);
    let apply = ["apply", "--filename", &file, "--as", &keeper];
    let all = person.kubectl(&apply, "");
    assert!(all.code != Some(0) && all.stderr.contains("validatingadmissionpolicies"), "{all:?}");
    let others = person.kubectl(&[&apply[..], &["--selector", OTHERS]].concat(), "");
    assert_eq!(others.code, Some(0), "{others:?}");
    let policy = person.must(&["apply", "--filename", &file, "--selector", POLICY], "");
    assert_eq!(policy.lines().count(), 4, "two policies, each with its binding: {policy}");
    let both = person.must(&["diff", "--filename", &file], "");
    assert_eq!(both, "", "nothing is left to be applied");
}

/// A Secret of this name with more fields.
fn secret(name: &str, more: &Value) -> String {
    let mut object = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}});
    for (key, value) in more.as_object().expect("fields") {
        if key == "annotations" { object["metadata"][key] = value.clone() } else { object[key] = value.clone() }
    }
    object.to_string()
}

fn lease(name: &str) -> String {
    json!({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": name}}).to_string()
}

/// What bootstrap's account is told when it creates something; nothing if it was created.
fn created_by_bootstrap(person: &Person, manifest: &str) -> String {
    let account = format!("system:serviceaccount:{}:newleaf-bootstrap", person.namespace);
    let said = person.kubectl(&["create", "--filename", "-", "--as", &account], manifest);
    if said.code == Some(0) { String::new() } else { said.stderr }
}

/// Until the policy is in force, what it shall refuse still passes.
fn wait_for_the_policy_of_bootstrap(person: &Person) {
    let begin = Instant::now();
    for number in 0.. {
        let said = created_by_bootstrap(person, &secret(&format!("probe-{number}"), &json!({})));
        if said.contains("ValidatingAdmissionPolicy") {
            return;
        }
        assert!(begin.elapsed() < IN_FORCE_MAX, "the policy never comes into force: {said}");
    }
}

#[test]
fn bootstrap_makes_no_token_of_a_service_account_and_nothing_but_its_own() {
    let Some(person) = Person::new() else { return };
    person.must(&["apply", "--filename", &manifests(&person)], "");
    wait_for_the_policy_of_bootstrap(&person);
    let token = json!({"type": "kubernetes.io/service-account-token", "annotations": {"kubernetes.io/service-account.name": "default"}});
    let generated =
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"generateName": "newleaf-authority"}}).to_string();
    for (what, manifest) in [
        ("a token under a name of its own", secret("postgres-tls", &token)),
        ("a token under another name", secret("other", &token)),
        ("another Secret", secret("other", &json!({}))),
        ("a Secret of a generated name", generated),
        ("another type", secret("postgres-tls", &json!({"type": "example.org/theirs"}))),
        (
            "a Secret that is marked for an account",
            secret("postgres-tls", &json!({"annotations": {"kubernetes.io/service-account.name": "default"}})),
        ),
        ("another Lease", lease("kube-controller-manager")),
    ] {
        let said = created_by_bootstrap(&person, &manifest);
        assert!(said.contains("ValidatingAdmissionPolicy") && said.contains("bootstrap of newleaf"), "{what}: {said}");
    }
    let theirs = person.kubectl(&["create", "--filename", "-"], &secret("other", &token));
    assert_eq!(theirs.code, Some(0), "others are not confined: {theirs:?}");
}

#[test]
fn under_its_policy_bootstrap_makes_what_it_is_for() {
    let Some(person) = Person::new() else { return };
    person.must(&["apply", "--filename", &manifests(&person)], "");
    wait_for_the_policy_of_bootstrap(&person);
    let account = format!("system:serviceaccount:{}:newleaf-bootstrap", person.namespace);
    let configuration = person.folder.path().join("newleaf.yaml").display().to_string();
    let ended = person.newleaf(&["bootstrap", "--config", &configuration, "--as", &account]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let secrets = person.must(&["get", "secrets", "--output", "name"], "");
    for name in ["newleaf-authority", "postgres-tls", "backstage-tls"] {
        assert!(secrets.contains(name), "{secrets}");
    }
}

#[test]
fn what_a_policy_refuses_is_told_as_a_refusal_and_not_as_a_missing_right() {
    let Some(person) = Person::new() else { return };
    person.must(&["apply", "--filename", &manifests(&person)], "");
    wait_for_the_policy_of_bootstrap(&person);
    let account = format!("system:serviceaccount:{}:newleaf-bootstrap", person.namespace);
    let configuration = person.folder.path().join("newleaf.yaml").display().to_string();
    let other = ["bootstrap", "--config", &configuration, "--as", &account, "--set", "server.secret=other"];
    // The rights name the Secrets of the configuration, so another one can neither be read.
    person.must(&["create", "role", "more", "--verb=get", "--resource=secrets"], "");
    let given_to = format!("--serviceaccount={}:newleaf-bootstrap", person.namespace);
    person.must(&["create", "rolebinding", "more", "--role=more", &given_to], "");
    let ended = person.newleaf(&other);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    assert!(ended.stderr.contains("NL0608") && ended.stderr.contains("not an object of another name"), "{ended:?}");
}
