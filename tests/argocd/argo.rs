//! Argo CD as processes beside the cluster: the controller of Applications, that of `ApplicationSets`, the server of
//! repositories, and Redis. They reach the API server as an administrator, and are the cluster that they run in.

use std::ffi::OsString;
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::TempDir;

use crate::kubectl::Namespace;
use crate::port::free_port;
use crate::skip::skip;
use crate::tools::tool;

/// The namespace of Argo CD, as the export has it.
pub(crate) const NAMESPACE: &str = "argocd";
const CONTROLLER: &str = "argocd-application-controller";
const SETS: &str = "argocd-applicationset-controller";
const REPOSITORIES: &str = "argocd-repo-server";
/// The script that the server of repositories calls for each commit, signed or not.
const VERIFIER: &str = "git-verify-wrapper.sh";

/// What an installation of Argo CD has besides its programs: its configuration, and the project that its server makes.
const CONFIGURATION: &str = "
apiVersion: v1
kind: ConfigMap
metadata: {name: argocd-rbac-cm, labels: {app.kubernetes.io/part-of: argocd}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: argocd-tls-certs-cm, labels: {app.kubernetes.io/part-of: argocd}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: argocd-ssh-known-hosts-cm, labels: {app.kubernetes.io/part-of: argocd}}
---
apiVersion: v1
kind: Secret
metadata: {name: argocd-secret, labels: {app.kubernetes.io/part-of: argocd}}
stringData: {server.secretkey: signs-nothing-here}
---
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: default}
spec:
  sourceRepos: ['*']
  destinations: [{namespace: '*', server: '*'}]
  clusterResourceWhitelist: [{group: '*', kind: '*'}]
";

/// One at a time: it has one namespace.
static ALONE: Mutex<()> = Mutex::new(());

/// A running Argo CD, ended when dropped.
pub(crate) struct Argo {
    pub(crate) namespace: Namespace,
    processes: Vec<(&'static str, Child)>,
    directory: TempDir,
    _alone: MutexGuard<'static, ()>,
}

impl Argo {
    /// None, and said so, where there is no cluster or no Argo CD.
    pub(crate) fn start() -> Option<Self> {
        if std::env::var_os("NEWLEAF_CLUSTER_INSIDE").is_none() {
            skip("Argo CD", "it takes the namespaces argocd and backstage, and adds kinds: on the test cluster only");
            return None;
        }
        let (program, manifests) = match tool("argocd").and_then(|program| Ok((program, tool("argocd-manifests")?))) {
            Ok((program, manifests)) => (program.join("argocd"), manifests),
            Err(why) => {
                skip("Argo CD", format_args!("{why}; `make test-argocd` compiles it"));
                return None;
            }
        };
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let namespace = Namespace::exactly(NAMESPACE)?;
        configure(&namespace, &manifests);
        let directory = TempDir::new().expect("a directory");
        let bin = directory.path().join("bin");
        fs::create_dir(&bin).expect("it can be made");
        let verifier = bin.join(VERIFIER);
        fs::copy(manifests.join(VERIFIER), &verifier).expect("it can be copied");
        fs::set_permissions(&verifier, fs::Permissions::from_mode(0o755)).expect("it is ours");
        let mut argo = Self { namespace, processes: Vec::new(), directory, _alone: alone };
        argo.run(&program);
        Some(argo)
    }

    fn run(&mut self, program: &Path) {
        let port = || free_port().expect("a free port").to_string();
        let (redis, repositories) = (port(), port());
        let at = |port: &str| format!("127.0.0.1:{port}");
        let mut command = Command::new("redis-server");
        command.args(["--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--port", &redis]);
        self.begin("redis", command);

        let mut command = self.component(program, REPOSITORIES);
        command.args(["--redis", &at(&redis), "--address", "127.0.0.1", "--port", &repositories]);
        command.args(["--metrics-address", "127.0.0.1", "--metrics-port", &port()]);
        self.begin(REPOSITORIES, command);

        let mut command = self.component(program, CONTROLLER);
        command.args(["--namespace", NAMESPACE, "--redis", &at(&redis), "--repo-server", &at(&repositories)]);
        command.args(["--metrics-port", &port()]);
        self.begin(CONTROLLER, command);

        let mut command = self.component(program, SETS);
        command.args(["--namespace", NAMESPACE, "--argocd-repo-server", &at(&repositories)]);
        command.args(["--metrics-addr", &at(&port()), "--probe-addr", &at(&port()), "--webhook-addr", &at(&port())]);
        self.begin(SETS, command);
    }

    /// A component of Argo CD: the variable says which one the program is, and that the kubeconfig is that of its own cluster.
    fn component(&self, program: &Path, name: &str) -> Command {
        let mut command = Command::new(program);
        command.env("ARGOCD_BINARY_NAME", name).env("ARGOCD_FAKE_IN_CLUSTER", "true");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let bin = std::iter::once(self.directory.path().join("bin"));
        let path: OsString = std::env::join_paths(bin.chain(std::env::split_paths(&path))).expect("directories");
        command.env("PATH", path);
        command.env("HOSTNAME", format!("{name}-0")).env("ARGOCD_GPG_ENABLED", "false");
        for (variable, folder) in [
            ("TMPDIR", "tmp"),
            ("ARGOCD_TLS_DATA_PATH", "tls"),
            ("ARGOCD_SSH_DATA_PATH", "ssh"),
            ("ARGOCD_GNUPGHOME", "gpg"),
        ] {
            let folder = self.directory.path().join(folder);
            fs::create_dir_all(&folder).expect("it can be made");
            command.env(variable, folder);
        }
        command.args(["--logformat", "text"]);
        command
    }

    fn begin(&mut self, name: &'static str, mut command: Command) {
        let log = File::create(self.log(name)).expect("a log");
        let errors = log.try_clone().expect("the same log");
        command.stdin(Stdio::null()).stdout(log).stderr(errors);
        let child = command.spawn().unwrap_or_else(|error| fail(&format!("{name}: {error}")));
        self.processes.push((name, child));
    }

    fn log(&self, name: &str) -> PathBuf {
        self.directory.path().join(format!("{name}.log"))
    }

    /// How often Argo CD has begun to sync of its own accord.
    pub(crate) fn syncs(&self) -> usize {
        let log = fs::read_to_string(self.log(CONTROLLER)).expect("a log");
        let is_begin = |line: &&str| line.contains("Initiated automated sync to") && line.contains("OperationStarted");
        log.lines().filter(is_begin).count()
    }

    /// The last lines of the logs, for a test that fails.
    pub(crate) fn last_words(&self) -> String {
        let last = |name: &str| {
            let log = fs::read_to_string(self.log(name)).unwrap_or_default();
            let lines: Vec<&str> = log.lines().rev().take(20).collect();
            format!("{name}:\n{}", lines.into_iter().rev().collect::<Vec<_>>().join("\n"))
        };
        self.processes.iter().map(|(name, _)| last(name)).collect::<Vec<_>>().join("\n")
    }

    /// The resident memory of each process now and at its peak, in MiB (`proc_pid_status(5)`).
    pub(crate) fn memory(&self) -> Vec<(&'static str, u64, u64)> {
        let of = |child: &Child, field: &str| {
            let status = fs::read_to_string(format!("/proc/{}/status", child.id())).expect("it runs");
            let line = status.lines().find_map(|line| line.strip_prefix(field)).expect("a figure");
            let kibibytes = line.trim().strip_suffix("kB").map(str::trim).and_then(|number| number.parse::<u64>().ok());
            kibibytes.expect("a number") / 1024
        };
        self.processes.iter().map(|(name, child)| (*name, of(child, "VmRSS:"), of(child, "VmHWM:"))).collect()
    }
}

impl Drop for Argo {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("{}", self.last_words());
        }
        // What belongs to the whole cluster goes with the Applications, for which Argo CD must run.
        let _gone = self.namespace.attempt(&["delete", "applicationsets,applications", "--all", "--timeout=60s"], "");
        for (_, child) in &mut self.processes {
            let _ended = child.kill();
            let _collected = child.wait();
        }
        // The next test begins in an empty namespace. What nothing finalizes any more is let go.
        let kinds = "applications,appprojects";
        let left = self.namespace.attempt(&["get", kinds, "--output", "name"], "").unwrap_or_default();
        for name in left.lines() {
            let free = ["patch", name, "--type=merge", "--patch", r#"{"metadata":{"finalizers":null}}"#];
            let _freed = self.namespace.attempt(&free, "");
        }
        let _gone = self.namespace.attempt(&["delete", "namespace", NAMESPACE, "--timeout=60s"], "");
    }
}

fn configure(namespace: &Namespace, manifests: &Path) {
    for kind in ["application", "applicationset", "appproject"] {
        let file = manifests.join(format!("{kind}-crd.yaml"));
        namespace.kubectl(&["apply", "--server-side", "--filename", &file.display().to_string()]);
        namespace.until(&["get", "--raw", "/apis/argoproj.io/v1alpha1"], &format!("\"name\":\"{kind}s\""));
    }
    namespace.kubectl(&["apply", "--filename", &manifests.join("argocd-cm.yaml").display().to_string()]);
    namespace.apply(CONFIGURATION);
}

#[expect(clippy::panic, reason = "a test fails")]
pub(crate) fn fail(why: &str) -> ! {
    panic!("{why}")
}
