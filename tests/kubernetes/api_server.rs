//! An API server for this process: etcd and kube-apiserver on loopback, ended by the kernel when the process ends.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use rcgen::generate_simple_self_signed;
use tempfile::TempDir;

use crate::port::free_port;
use crate::tools::part;

/// How long it may take until it answers, on a busy machine.
const START_MAX: Duration = Duration::from_secs(90);

/// The kubeconfig of an administrator; why there is none.
pub(crate) fn kubeconfig() -> Result<PathBuf, String> {
    if let Some(path) = std::env::var_os("KUBECONFIG").filter(|value| !value.is_empty()) {
        return Ok(path.into());
    }
    own().map(|own| own.kubeconfig)
}

/// An API server that no other test uses: no controller acts there, and it tells who asked for what.
#[derive(Debug, Clone)]
pub(crate) struct Own {
    /// All of Kubernetes, as `tests/cluster` has compiled it.
    pub(crate) program: PathBuf,
    pub(crate) kubeconfig: PathBuf,
    /// The audit log: Leases with what was sent and answered, all other writes without bodies.
    pub(crate) audit: PathBuf,
}

/// Starts it once; why it cannot be.
pub(crate) fn own() -> Result<Own, String> {
    static SERVER: OnceLock<Result<Own, String>> = OnceLock::new();
    SERVER.get_or_init(start_once).clone()
}

#[expect(clippy::unwrap_in_result, reason = "what was built and does not start is no reason to skip")]
fn start_once() -> Result<Own, String> {
    let program = part("tests/cluster/cluster", "node")?.join("node");
    let (sender, receiver) = std::sync::mpsc::channel();
    // The children end with the thread that made them, so it lives as long as the process.
    drop(std::thread::spawn(move || {
        let server = start(program).expect("the API server that was built starts");
        sender.send(server.own).expect("the first test waits for it");
        loop {
            std::thread::park();
        }
    }));
    Ok(receiver.recv().expect("the API server starts"))
}

struct Server {
    own: Own,
    _children: (Child, Child, TempDir),
}

/// Bodies of Leases only: others hold keys.
const AUDIT: &str = "apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- {level: RequestResponse, resources: [{group: coordination.k8s.io, resources: [leases]}]}
- {level: Metadata, verbs: [create, update, patch, delete], resources: [{group: '', resources: [secrets]}]}
- {level: None}
";

fn start(program: PathBuf) -> io::Result<Server> {
    let directory = tempfile::tempdir()?;
    let (client, peer, secure) = (free_port()?, free_port()?, free_port()?);
    let file = |name: &str| directory.path().join(name).display().to_string();
    let names = ["127.0.0.1".to_owned(), "localhost".to_owned()];
    let made = generate_simple_self_signed(names).map_err(io::Error::other)?;
    fs::write(file("server.crt"), made.cert.pem())?;
    fs::write(file("server.key"), made.signing_key.serialize_pem())?;
    fs::write(file("audit.yaml"), AUDIT)?;
    fs::write(file("tokens.csv"), "administrator,administrator,1,system:masters\n")?;
    let kubeconfig = directory.path().join("kubeconfig");
    fs::write(
        &kubeconfig,
        format!(
            "apiVersion: v1\nkind: Config\nclusters: [{{name: test, cluster: {{server: \"https://127.0.0.1:{secure}\", \
             certificate-authority: {}}}}}]\nusers: [{{name: test, user: {{token: administrator}}}}]\n\
             contexts: [{{name: test, context: {{cluster: test, user: test}}}}]\ncurrent-context: test\n",
            file("server.crt")
        ),
    )?;
    let own = Own { program, kubeconfig, audit: directory.path().join("audit.log") };
    let etcd = [
        ("data-dir", file("etcd")),
        ("client-address", format!("127.0.0.1:{client}")),
        ("peer-address", format!("127.0.0.1:{peer}")),
    ];
    let etcd = run(&own.program, directory.path(), "etcd", &etcd)?;
    let server = run(&own.program, directory.path(), "kube-apiserver", &flags(&file, client, secure))?;
    let mut children = (etcd, server, directory);
    wait_until_it_answers(&own, &mut children)?;
    Ok(Server { own, _children: children })
}

fn flags(file: &dyn Fn(&str) -> String, etcd: u16, secure: u16) -> Vec<(&'static str, String)> {
    vec![
        ("etcd-servers", format!("http://127.0.0.1:{etcd}")),
        ("bind-address", "127.0.0.1".to_owned()),
        ("secure-port", secure.to_string()),
        ("advertise-address", "192.0.2.1".to_owned()),
        ("cert-dir", file("certificates")),
        ("tls-cert-file", file("server.crt")),
        ("tls-private-key-file", file("server.key")),
        ("token-auth-file", file("tokens.csv")),
        ("service-account-key-file", file("server.crt")),
        ("service-account-signing-key-file", file("server.key")),
        ("service-account-issuer", "https://kubernetes.default.svc".to_owned()),
        ("service-cluster-ip-range", "10.96.0.0/16".to_owned()),
        ("authorization-mode", "RBAC".to_owned()),
        // No controller makes the account that a pod needs.
        ("disable-admission-plugins", "ServiceAccount".to_owned()),
        ("audit-policy-file", file("audit.yaml")),
        ("audit-log-path", file("audit.log")),
    ]
}
fn wait_until_it_answers(own: &Own, children: &mut (Child, Child, TempDir)) -> io::Result<()> {
    let deadline = Instant::now() + START_MAX;
    loop {
        let mut ask = Command::new(&own.program);
        ask.arg("kubectl").arg("--kubeconfig").arg(&own.kubeconfig).args(["get", "--raw", "/readyz"]);
        if ask.stdout(Stdio::null()).stderr(Stdio::null()).status()?.success() {
            return Ok(());
        }
        let (etcd, server, directory) = children;
        if Instant::now() > deadline || etcd.try_wait()?.is_some() || server.try_wait()?.is_some() {
            return Err(io::Error::other(
                ["etcd", "kube-apiserver"].map(|name| last_lines(directory, name)).join("\n"),
            ));
        }
    }
}

fn last_lines(directory: &TempDir, component: &str) -> String {
    let log = fs::read_to_string(directory.path().join(format!("{component}.log"))).unwrap_or_default();
    let lines: Vec<_> = log.lines().collect();
    format!("{component}: {}", lines[lines.len().saturating_sub(5)..].join("\n"))
}

fn run(program: &Path, directory: &Path, component: &str, flags: &[(&str, String)]) -> io::Result<Child> {
    let log = fs::File::create(directory.join(format!("{component}.log")))?;
    Command::new("setpriv")
        .args(["--pdeathsig", "KILL", "--"])
        .arg(program)
        .arg(component)
        .args(flags.iter().map(|(name, value)| format!("--{name}={value}")))
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
}
