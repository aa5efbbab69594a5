//! The cluster as a person sees it: kubectl, in a namespace of the test's own.

use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::skip::skip;

/// A namespace that enforces Pod Security "restricted", removed when dropped.
#[derive(Debug)]
pub(crate) struct Namespace {
    name: String,
}

impl Namespace {
    /// A new namespace with a name that starts like this; none, and said so, where there is no cluster.
    pub(crate) fn restricted(test: &str) -> Option<Self> {
        Self::called(format!("{test}-{}", std::process::id()))
    }

    /// A new namespace of exactly this name; none, and said so, where there is no cluster or somebody has it already.
    pub(crate) fn exactly(name: &str) -> Option<Self> {
        let taken = Self { name: name.to_owned() };
        let found = taken.attempt(&["get", "namespace", name], "").is_ok();
        // What is somebody else's is not removed.
        std::mem::forget(taken);
        if found {
            skip("cluster", format_args!("namespace {name} is in use"));
            return None;
        }
        Self::called(name.to_owned())
    }

    /// A namespace that something else makes; removed when dropped all the same.
    pub(crate) fn absent(name: &str) -> Self {
        Self { name: name.to_owned() }
    }

    fn called(name: String) -> Option<Self> {
        if std::env::var_os("KUBECONFIG").is_none() {
            skip(
                "cluster",
                "no KUBECONFIG; `make test` as root makes a cluster, `make test KUBECONFIG=...` uses yours",
            );
            return None;
        }
        let manifest = format!(
            "{{apiVersion: v1, kind: Namespace, metadata: {{name: {name}, labels: \
             {{pod-security.kubernetes.io/enforce: restricted}}}}}}"
        );
        let namespace = Self { name };
        namespace.apply(&manifest);
        Some(namespace)
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// What kubectl prints for these arguments; the test fails where kubectl does.
    pub(crate) fn kubectl(&self, arguments: &[&str]) -> String {
        self.attempt(arguments, "").unwrap_or_else(|errors| fail(arguments, &errors))
    }

    /// Applies manifests given as text.
    pub(crate) fn apply(&self, manifests: &str) {
        let arguments = ["apply", "--filename", "-"];
        let _applied = self.attempt(&arguments, manifests).unwrap_or_else(|errors| fail(&arguments, &errors));
    }

    /// The same for objects that name their namespaces themselves, which need not be this one.
    pub(crate) fn apply_where_they_say(&self, manifests: &str) {
        // Of two namespaces the last one counts, and an empty one is none.
        let arguments = ["apply", "--filename", "-", "--namespace="];
        let _applied = self.attempt(&arguments, manifests).unwrap_or_else(|errors| fail(&arguments, &errors));
    }

    /// Creates the Secret from a directory's `tls.crt`, `tls.key` and `ca.crt`, or replaces what it holds.
    pub(crate) fn put_tls(&self, secret: &str, directory: &Path) {
        let directory = directory.display();
        let files = ["tls.crt", "tls.key", "ca.crt"].map(|key| format!("--from-file={directory}/{key}"));
        let mut arguments = vec!["create", "secret", "generic", secret, "--type=kubernetes.io/tls", "--dry-run=client"];
        arguments.extend(files.iter().map(String::as_str));
        arguments.extend(["--output", "yaml"]);
        self.apply(&self.kubectl(&arguments));
    }

    /// How often the pods of the stack's Backstage were replaced: the Deployment's controller counts the templates that it has rolled out.
    pub(crate) fn revision(&self) -> u32 {
        let path = "jsonpath={.metadata.annotations.deployment\\.kubernetes\\.io/revision}";
        self.kubectl(&["get", "deployment/backstage", "--output", path]).parse().expect("a number")
    }

    /// The identity of the component of `fixtures/entities.yaml` in the catalog, by Backstage's own word.
    pub(crate) fn component(&self) -> String {
        let service = format!("/api/v1/namespaces/{}/services/backstage:7007/proxy", self.name);
        let path = format!("{service}/api/catalog/entities/by-name/component/default/newleaf");
        let entity: Value = serde_json::from_str(&self.until(&["get", "--raw", &path], "uid")).expect("JSON");
        entity.pointer("/metadata/uid").and_then(Value::as_str).expect("an identity").to_owned()
    }

    /// After a removal: the volume, the authority and the leaves are there, and nothing that works.
    pub(crate) fn has_only_what_cannot_be_made_again(&self) {
        let kinds = "deployments,statefulsets,cronjobs,services,networkpolicies,roles";
        assert_eq!(self.kubectl(&["get", kinds, "--output", "name"]), "", "only what cannot be made again is left");
        self.has_what_cannot_be_made_again();
    }

    /// The volume, the authority and the leaves are there.
    pub(crate) fn has_what_cannot_be_made_again(&self) {
        let kept = ["pvc/data-postgres-0", "secret/newleaf-authority", "secret/postgres-tls", "secret/backstage-tls"];
        self.kubectl(&[&["get"][..], &kept].concat());
    }

    /// Waits until all pods of a workload are the wanted ones and ready; the test fails with what the pods say.
    pub(crate) fn rolled_out(&self, workload: &str) {
        let arguments = ["rollout", "status", workload, "--timeout=300s"];
        if let Err(errors) = self.attempt(&arguments, "") {
            let pods = self.kubectl(&["describe", "pods"]);
            fail(&arguments, &format!("{errors}\n{pods}"))
        }
    }

    /// Asks again until the answer holds what is wanted; the answer. Not too often: each kubectl costs a tenth of a second.
    #[expect(clippy::disallowed_methods, reason = "a bounded wait for a condition of the real cluster")]
    pub(crate) fn until(&self, arguments: &[&str], wanted: &str) -> String {
        let deadline = Instant::now() + Duration::from_secs(90);
        loop {
            match self.attempt(arguments, "") {
                Ok(answer) if answer.contains(wanted) => return answer,
                Ok(other) | Err(other) if Instant::now() > deadline => fail(arguments, &other),
                Ok(_) | Err(_) => std::thread::sleep(Duration::from_millis(500)),
            }
        }
    }

    /// What kubectl prints with this input, or its complaint.
    pub(crate) fn attempt(&self, arguments: &[&str], input: &str) -> Result<String, String> {
        let output = self.run(arguments, input).map_err(|error| format!("kubectl did not run: {error}"))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }

    fn run(&self, arguments: &[&str], input: &str) -> io::Result<Output> {
        let mut child = Command::new("kubectl")
            .args(["--namespace", &self.name])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut pipe) = child.stdin.take() {
            pipe.write_all(input.as_bytes())?;
        }
        child.wait_with_output()
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let _removed = self.attempt(&["delete", "namespace", &self.name, "--wait=false"], "");
    }
}

#[expect(clippy::panic, reason = "a test fails")]
fn fail(arguments: &[&str], why: &str) -> ! {
    panic!("kubectl {}: {why}", arguments.join(" "))
}
