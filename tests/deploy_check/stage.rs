//! A person at a shell with the deployer and kubectl, in a folder and with a namespace of their own.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;
use tempfile::TempDir;

use crate::api_server;
use crate::skip::skip;

/// What a program said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// A folder with files, and the deployer in it.
pub(crate) struct Folder(pub(crate) TempDir);

impl Folder {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().expect("a temporary directory"));
        for (name, text) in files {
            folder.write(name, text);
        }
        folder
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder can be made");
        fs::write(path, text).expect("the file can be written");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.path().join(name)).expect("the file is there")
    }

    /// Without any cluster: a kubeconfig that is not there would be an error.
    pub(crate) fn deploy(&self, arguments: &[&str]) -> Said {
        self.command(arguments).output().expect("the deployer starts").into()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(project::deployer());
        command
            .args(arguments)
            .current_dir(self.0.path())
            .env_remove("KUBECONFIG")
            .env("HOME", self.0.path())
            .env("LC_ALL", "C")
            .stdin(Stdio::null());
        command
    }
}

/// The same with a cluster.
pub(crate) struct Shell {
    pub(crate) folder: Folder,
    pub(crate) namespace: String,
    pub(crate) kubeconfig: PathBuf,
    program: PathBuf,
}

impl Shell {
    /// A name for a namespace that is not made yet; none, and said so, where Kubernetes was not built.
    pub(crate) fn new() -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let own = match api_server::own() {
            Ok(own) => own,
            Err(why) => {
                skip("deploy_check", why);
                return None;
            }
        };
        let namespace = format!("check-{}", NUMBER.fetch_add(1, Ordering::SeqCst));
        let shell = Self { folder: Folder::new(&[]), namespace, kubeconfig: own.kubeconfig, program: own.program };
        shell.kubectl(
            &["apply", "--server-side", "-f", "-"],
            "{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: standard, annotations: \
             {storageclass.kubernetes.io/is-default-class: 'true'}}, provisioner: example.org/none}",
        );
        Some(shell)
    }

    pub(crate) fn deploy(&self, arguments: &[&str]) -> Said {
        let kubeconfig = self.kubeconfig.display().to_string();
        let mut all = arguments.to_vec();
        if !arguments.contains(&"--kubeconfig") {
            all.extend(["--kubeconfig", &kubeconfig]);
        }
        all.extend(["--namespace", &self.namespace]);
        self.folder.deploy(&all)
    }

    /// A process of the deployer that runs beside the test.
    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        let mut command = self.folder.command(arguments);
        command.arg("--kubeconfig").arg(&self.kubeconfig).args(["--namespace", &self.namespace]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the deployer starts")
    }

    pub(crate) fn kubectl(&self, arguments: &[&str], input: &str) -> String {
        let mut command = Command::new(&self.program);
        command.arg("kubectl").arg("--kubeconfig").arg(&self.kubeconfig).args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("kubectl starts");
        child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("kubectl reads");
        let said: Said = child.wait_with_output().expect("kubectl ends").into();
        assert_eq!(said.code, Some(0), "kubectl {arguments:?}: {}", said.stderr);
        said.stdout
    }

    /// kubectl in the namespace.
    pub(crate) fn here(&self, arguments: &[&str], input: &str) -> String {
        self.kubectl(&[&["--namespace", &self.namespace], arguments].concat(), input)
    }

    pub(crate) fn make_namespace(&self) {
        self.kubectl(&["create", "namespace", &self.namespace], "");
    }

    pub(crate) fn check(&self, arguments: &[&str]) -> Checked {
        let mut all = vec!["check", "-o", "json"];
        all.extend(arguments);
        let said = self.deploy(&all);
        let document = serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}: {said:?}"));
        Checked { said, document }
    }
}

/// What `check -o json` said.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) said: Said,
    pub(crate) document: Value,
}

impl Checked {
    /// Every finding: code, severity, object, why, mend.
    pub(crate) fn findings(&self) -> Vec<[String; 5]> {
        let checks = self.document["checks"].as_array().expect("checks").iter();
        let findings = checks.flat_map(|check| check["findings"].as_array().expect("findings"));
        let text = |finding: &Value, key: &str| finding[key].as_str().expect("a text").to_owned();
        findings.map(|finding| ["code", "severity", "object", "why", "mend"].map(|key| text(finding, key))).collect()
    }

    pub(crate) fn failures(&self) -> Vec<[String; 5]> {
        self.findings().into_iter().filter(|finding| finding[1] == "failure").collect()
    }

    /// The only code that failed, which decides the exit code.
    pub(crate) fn assert_fails(&self, code: &str, exit: i32, object: &str, mend: &str) {
        let failures = self.failures();
        assert!(!failures.is_empty(), "nothing failed: {}", self.document);
        assert!(failures.iter().all(|finding| finding[0] == code), "{failures:#?}");
        let found = failures.iter().find(|finding| finding[2].contains(object) && finding[4].contains(mend));
        assert!(found.is_some(), "{object} {mend}: {failures:#?}");
        assert_eq!(self.said.code, Some(exit), "{:?}", self.said);
        assert!(self.said.stderr.contains(code), "{}", self.said.stderr);
    }

    /// Whether some failure has the code, and its mending command.
    pub(crate) fn assert_names(&self, code: &str, object: &str, mend: &str) {
        let findings = self.findings();
        let found = findings
            .iter()
            .any(|finding| finding[0] == code && finding[2].contains(object) && finding[4].contains(mend));
        assert!(found, "{code} {object} {mend}: {findings:#?}");
    }
}
