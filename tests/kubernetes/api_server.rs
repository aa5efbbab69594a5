//! An API server for this process: etcd and kube-apiserver on loopback, ended by the kernel when the process ends.

use std::fs;
use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use rcgen::generate_simple_self_signed;
use tempfile::TempDir;

/// How long it may take until it answers, on a busy machine.
const START_MAX: Duration = Duration::from_secs(90);

/// The kubeconfig of an administrator; why there is none.
pub(crate) fn kubeconfig() -> Result<PathBuf, String> {
    static SERVER: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    SERVER.get_or_init(find_or_start).clone()
}

fn find_or_start() -> Result<PathBuf, String> {
    if let Some(path) = std::env::var_os("KUBECONFIG").filter(|value| !value.is_empty()) {
        return Ok(path.into());
    }
    let program = program().ok_or("no KUBECONFIG, and no Kubernetes was built; `make cluster` builds one")?;
    let (sender, receiver) = std::sync::mpsc::channel();
    // The children end with the thread that made them, so it lives as long as the process.
    drop(std::thread::spawn(move || {
        let server = start(&program).expect("the API server that was built starts");
        sender.send(server.kubeconfig).expect("somebody waits for it");
        loop {
            std::thread::park();
        }
    }));
    Ok(receiver.recv().expect("the API server starts"))
}

/// The newest program with all of Kubernetes in it that `tests/cluster` has built.
fn program() -> Option<PathBuf> {
    let cache = std::env::home_dir()?.join(".cache/newleaf/cluster");
    let built = fs::read_dir(cache).ok()?.flatten().map(|entry| entry.path().join("node"));
    let is_whole = |path: &PathBuf| !path.to_string_lossy().contains(".partial") && path.is_file();
    let age = |path: &PathBuf| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    built.filter(is_whole).max_by_key(age)
}

struct Server {
    children: (Child, Child, TempDir),
    kubeconfig: PathBuf,
}

fn start(program: &Path) -> io::Result<Server> {
    let directory = tempfile::tempdir()?;
    let (client, peer, secure) = (free_port()?, free_port()?, free_port()?);
    let file = |name: &str| directory.path().join(name).display().to_string();
    let names = ["127.0.0.1".to_owned(), "localhost".to_owned()];
    let made = generate_simple_self_signed(names).map_err(io::Error::other)?;
    fs::write(file("server.crt"), made.cert.pem())?;
    fs::write(file("server.key"), made.signing_key.serialize_pem())?;
    fs::write(file("tokens.csv"), "administrator,administrator,1,system:masters\n")?;
    let etcd = run(
        program,
        directory.path(),
        "etcd",
        &[
            ("data-dir", file("etcd")),
            ("client-address", format!("127.0.0.1:{client}")),
            ("peer-address", format!("127.0.0.1:{peer}")),
        ],
    )?;
    let server = run(
        program,
        directory.path(),
        "kube-apiserver",
        &[
            ("etcd-servers", format!("http://127.0.0.1:{client}")),
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
        ],
    )?;
    let kubeconfig = directory.path().join("kubeconfig");
    let (server_url, authority) = (format!("https://127.0.0.1:{secure}"), file("server.crt"));
    fs::write(
        &kubeconfig,
        format!(
            "apiVersion: v1\nkind: Config\nclusters: [{{name: test, cluster: {{server: \"{server_url}\", \
             certificate-authority: {authority}}}}}]\nusers: [{{name: test, user: {{token: administrator}}}}]\n\
             contexts: [{{name: test, context: {{cluster: test, user: test}}}}]\ncurrent-context: test\n"
        ),
    )?;
    let mut children = (etcd, server, directory);
    wait_until_it_answers(program, &kubeconfig, &mut children)?;
    Ok(Server { children, kubeconfig })
}

#[expect(clippy::disallowed_methods, reason = "a bounded wait for a real process")]
fn wait_until_it_answers(program: &Path, kubeconfig: &Path, children: &mut (Child, Child, TempDir)) -> io::Result<()> {
    let deadline = Instant::now() + START_MAX;
    loop {
        let mut ask = Command::new(program);
        ask.arg("kubectl").arg("--kubeconfig").arg(kubeconfig).args(["get", "--raw", "/readyz"]);
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

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
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
