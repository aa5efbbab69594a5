//! Flux as a cluster has it: the real kustomize-controller, a process beside the cluster's own. What fetches Git cannot be built
//! here: a folder is packed and served, and the `GitRepository` says where, as the source-controller would.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::kubectl::Namespace;
use crate::skip::skip;
use crate::tools::tool;

/// Where Flux is, and what `flux bootstrap` calls its first source and Kustomization.
pub(crate) const FLUX: &str = "flux-system";

/// The folder of the export in its repository.
const EXPORT: &str = "portal";

/// The tarballs by their paths.
type Artifacts = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// Flux in its namespace.
pub(crate) struct Flux {
    pub(crate) namespace: Namespace,
    /// The program that people call.
    pub(crate) program: PathBuf,
    controller: Child,
    artifacts: Artifacts,
    port: u16,
    directory: TempDir,
}

impl Flux {
    /// Flux with its kinds, and a source that has fetched nothing; none, and said so, where it cannot be.
    pub(crate) fn start() -> Option<Self> {
        let folder = |name| match tool(name) {
            Ok(folder) => Some(folder),
            Err(why) => {
                skip(name, why);
                None
            }
        };
        let controller = folder("kustomize-controller")?.join("kustomize-controller");
        let program = folder("flux")?.join("flux");
        let (kinds, _further_kinds) = (folder("flux-crds")?, folder("crds")?);
        let namespace = Namespace::exactly(FLUX)?;
        namespace.kubectl(&["apply", "--server-side", "--filename", &kinds.display().to_string()]);
        namespace.kubectl(&[
            "wait",
            "--for=condition=established",
            "customresourcedefinition",
            "--all",
            "--timeout=60s",
        ]);
        let directory = TempDir::new().expect("a directory");
        let (artifacts, port) = serve();
        let log = File::create(directory.path().join("log")).expect("it can be made");
        let controller = Command::new(controller)
            .args(["--watch-all-namespaces=false", "--metrics-addr=0", "--health-addr=127.0.0.1:0"])
            // What waits for another Kustomization looks again after this long.
            .arg("--requeue-dependency=2s")
            .env("RUNTIME_NAMESPACE", FLUX)
            .env("TMPDIR", directory.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a second handle"))
            .stderr(log)
            .spawn()
            .expect("it starts");
        let flux = Self { namespace, program, controller, artifacts, port, directory };
        flux.apply(&json!({
            "apiVersion": "source.toolkit.fluxcd.io/v1",
            "kind": "GitRepository",
            "metadata": { "name": FLUX, "namespace": FLUX },
            "spec": { "interval": "1h", "url": "https://git.invalid/portal" },
        }));
        Some(flux)
    }

    pub(crate) fn apply(&self, object: &Value) {
        self.namespace.apply(&object.to_string());
    }

    /// What the source-controller does when the branch has another commit: it packs the
    /// folder of the export in this one, and says where it is.
    pub(crate) fn commit(&self, folder: &Path, number: u32) -> String {
        let packed = Command::new("tar").args(["--create", "--gzip", "--directory"]).arg(folder).arg(EXPORT).output();
        let tarball = packed.expect("tar runs").stdout;
        let digest =
            digest(&SHA256, &tarball).as_ref().iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        let revision = format!("main@sha1:{number:040x}");
        let path = format!("{number}.tar.gz");
        let status = json!({ "status": {
            "artifact": {
                "digest": format!("sha256:{digest}"),
                "lastUpdateTime": "2026-01-01T00:00:00Z",
                "path": path,
                "revision": revision,
                "size": tarball.len(),
                "url": format!("http://127.0.0.1:{}/{path}", self.port),
            },
            "conditions": [{
                "lastTransitionTime": "2026-01-01T00:00:00Z",
                "message": "stored artifact",
                "reason": "Succeeded",
                "status": "True",
                "type": "Ready",
            }],
        }});
        self.artifacts.lock().unwrap_or_else(PoisonError::into_inner).insert(path, tarball);
        let change = ["patch", "gitrepository", FLUX, "--subresource=status", "--type=merge", "--patch"];
        self.namespace.kubectl(&[&change[..], &[&status.to_string()]].concat());
        revision
    }

    /// Waits until these Kustomizations have applied a revision and are ready.
    pub(crate) fn applied(&self, names: &[&str], revision: &str) {
        self.until(names, &format!("--for=jsonpath={{.status.lastAppliedRevision}}={revision}"));
        self.until(names, "--for=condition=ready");
    }

    /// Waits until these Kustomizations are like this; the test fails with what they and the controller say.
    #[expect(clippy::panic, reason = "a test fails")]
    pub(crate) fn until(&self, names: &[&str], condition: &str) {
        let wait = ["wait", "kustomization", condition, "--timeout=150s"];
        if let Err(why) = self.namespace.attempt(&[&wait[..], names].concat(), "") {
            let said = self.namespace.attempt(&["get", "kustomizations", "--output", "wide"], "");
            panic!("{why}\n{said:?}\n{}", self.log());
        }
    }

    /// As `flux reconcile kustomization` does, one after the other: each is ready again afterwards.
    pub(crate) fn reconcile(&self, names: &[&str], token: &str) {
        for name in names {
            self.ask(name, token);
            self.until(&[name], &format!("--for=jsonpath={{.status.lastHandledReconcileAt}}={token}"));
            self.until(&[name], "--for=condition=ready");
        }
    }

    /// Asks a Kustomization to compare now.
    pub(crate) fn ask(&self, name: &str, token: &str) {
        let asked = format!("reconcile.fluxcd.io/requestedAt={token}");
        // Flux takes the fields of kubectl's own field managers away.
        let manager = "--field-manager=flux-client-side-apply";
        self.namespace.kubectl(&["annotate", "kustomization", name, "--overwrite", &asked, manager]);
    }

    /// Its peak of resident memory, and what it has now, in MiB.
    pub(crate) fn memory(&self) -> (u64, u64) {
        let status = fs::read_to_string(format!("/proc/{}/status", self.controller.id())).expect("it runs");
        let of = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("the kernel says so");
            line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") / 1024
        };
        (of("VmHWM:"), of("VmRSS:"))
    }

    /// What the controller has said.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.directory.path().join("log")).expect("it is text")
    }
}

impl Drop for Flux {
    fn drop(&mut self) {
        if thread::panicking() {
            let log = self.log();
            let lines: Vec<&str> = log.lines().collect();
            println!("{}", lines[lines.len().saturating_sub(40)..].join("\n"));
        }
        self.controller.kill().and_then(|()| self.controller.wait()).map(drop).unwrap_or_default();
        // Without their controller, they would keep the namespace for ever.
        let names = self.namespace.attempt(&["get", "kustomizations", "--output", "name"], "").unwrap_or_default();
        for name in names.lines() {
            let free = ["patch", name, "--type=merge", "--patch", r#"{"metadata":{"finalizers":null}}"#];
            let _freed = self.namespace.attempt(&free, "");
        }
    }
}

/// Serves the tarballs; the port.
fn serve() -> (Artifacts, u16) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let port = listener.local_addr().expect("it has an address").port();
    let artifacts = Artifacts::default();
    let served = Arc::clone(&artifacts);
    // Ends with the process.
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut request = BufReader::new(&stream).lines().map_while(Result::ok);
            let wanted = request.next().unwrap_or_default();
            for _ in request.by_ref().take_while(|line| !line.is_empty()) {}
            let path = wanted.split(' ').nth(1).unwrap_or_default().trim_start_matches('/');
            let found = served.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
            let (status, body) = found.map_or(("404 Not Found", Vec::new()), |tarball| ("200 OK", tarball));
            let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            // A client that is gone asks again.
            let _sent = stream.write_all(&[head.as_bytes(), &body].concat());
        }
    });
    (artifacts, port)
}
