//! The chart in a real registry: the layout of the export is copied there as it is, and Helm finds the same chart.

use std::fs;
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::chart::{documents, helm};
use crate::port::free_port;
use crate::program::Helm;
use crate::skip::skip;
use crate::wait;

const REGISTRY: &str = "docker-registry";

struct Registry {
    child: Child,
    address: String,
}

impl Registry {
    /// With TLS, for clients refuse less; its certificate is `certificate.pem` in the folder.
    fn start(folder: &TempDir) -> Self {
        let path = |name: &str| folder.path().join(name).display().to_string();
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
        fs::write(path("certificate.pem"), made.cert.pem()).expect("a file");
        fs::write(path("key.pem"), made.signing_key.serialize_pem()).expect("a file");
        let address = format!("127.0.0.1:{}", free_port().expect("a port"));
        let configuration = json!({
            "version": "0.1",
            "storage": { "filesystem": { "rootdirectory": path("store") } },
            "http": { "addr": address, "tls": { "certificate": path("certificate.pem"), "key": path("key.pem") } },
        });
        // YAML holds JSON, too.
        fs::write(path("registry.yaml"), configuration.to_string()).expect("a file");
        let mut command = Command::new(REGISTRY);
        command
            .args(["serve", &path("registry.yaml")])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let registry = Self { child: command.spawn().expect("it starts"), address };
        wait::until("the registry listens", || TcpStream::connect(&registry.address).is_ok());
        registry
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _gone = self.child.kill().and_then(|()| self.child.wait());
    }
}

#[test]
fn a_layout_that_is_copied_into_a_registry_is_the_chart_of_the_folder() {
    let Some(program) = helm("a chart in a registry") else { return };
    for needed in [REGISTRY, "skopeo"] {
        let Err(error) = Command::new(needed).arg("--version").output() else { continue };
        return skip("a chart in a registry", format!("{needed}: {error}"));
    }
    let folder = TempDir::new().expect("a folder");
    let registry = Registry::start(&folder);
    fs::write(folder.path().join("stack.yaml"), "backstage: {replicas: 2}\n").expect("a file");
    let certificate = folder.path().join("certificate.pem").display().to_string();
    let helm = Helm::at_home(program, folder.path()).with_variable("SSL_CERT_FILE", certificate);
    let guide = helm.guide(folder.path()).with("registry.example.com", &registry.address);
    guide.run("Export");
    let pulled = guide.run("Publish");
    let index = fs::read_to_string(folder.path().join("layout/index.json")).expect("a file");
    let index: Value = serde_json::from_str(&index).expect("JSON");
    let digest = index["manifests"][0]["digest"].as_str().expect("a digest");
    assert!(pulled.stderr.contains(digest) || pulled.stdout.contains(digest), "the same bytes: {pulled:?}");
    let template = |what: &[&str]| {
        let ended = helm.run(folder.path(), &[&["template", "release"], what].concat());
        assert_eq!(ended.code, Some(0), "{ended:?}");
        documents(&ended.stdout)
    };
    let reference = format!("oci://{}/charts/backstage", registry.address);
    assert_eq!(template(&[&reference, "--version", "0.1.0"]), template(&["chart"]));
}
