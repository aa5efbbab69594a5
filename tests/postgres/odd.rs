//! Servers that show what rustls cannot read, or cannot verify: they are observed all the same, so that they can be given
//! something better.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use base::diagnosis::{Code, Diagnose};
use newleaf::postgres::handshake::handshake;
use nix::unistd::geteuid;
use rotation::document::Endpoint;
use rustls::sign::{CertifiedKey, Signer, SigningKey, SingleCertAndKey};
use rustls::{ServerConfig, SignatureAlgorithm, SignatureScheme};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::stage::LIMIT;
use crate::support::certificates::Authority;
use crate::support::server::{Account, PostgresServer, readable_directory};

fn openssl(directory: &Path, arguments: &[&str]) -> String {
    let output = Command::new("openssl").args(arguments).current_dir(directory).output().expect("openssl is installed");
    assert!(output.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// A self-signed certificate with such a key; without extensions it is one of version 1.
pub(crate) fn make(directory: &Path, key: &[&str], is_version_one: bool) {
    openssl(directory, &[&["genpkey", "-out", "tls.key"], key].concat());
    let section = if is_version_one { "" } else { "x509_extensions=ext\n" };
    let text = format!("[req]\ndistinguished_name=dn\n{section}[dn]\n[ext]\nsubjectAltName=DNS:localhost\n");
    fs::write(directory.join("openssl.cnf"), text).expect("it can be written");
    let fixed = ["req", "-x509", "-new", "-key", "tls.key", "-config", "openssl.cnf", "-subj", "/CN=localhost"];
    openssl(directory, &[&fixed[..], &["-days", "90", "-out", "tls.crt"]].concat());
    fs::copy(directory.join("tls.crt"), directory.join("ca.crt")).expect("it can be copied");
    fs::set_permissions(directory.join("tls.key"), fs::Permissions::from_mode(0o600)).expect("the mode can be set");
    if geteuid().is_root() {
        let account = Account::find().expect("there is a user for PostgreSQL");
        chown(directory.join("tls.key"), Some(account.uid), Some(account.gid)).expect("root may");
    }
}

fn directory() -> Option<TempDir> {
    PostgresServer::is_available().then(|| readable_directory().expect("a temporary directory can be made"))
}

const P256: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];

/// A key, whether its certificate is of version 1, and whether newleaf can see that the server holds the key.
const ODD: [(&str, &[&str], bool, bool); 7] = [
    ("version 1", P256, true, true),
    ("RSA, version 1", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], true, true),
    ("P-521", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"], false, true),
    ("RSA-PSS", &["-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"], false, true),
    ("Ed448", &["-algorithm", "ED448"], false, false),
    ("brainpool", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:brainpoolP256r1"], false, false),
    ("secp256k1, version 1", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"], true, false),
];

#[tokio::test]
async fn a_server_is_observed_whatever_certificate_it_shows() {
    for (what, key, is_version_one, can_be_proved) in ODD {
        let Some(directory) = directory() else { return };
        make(directory.path(), key, is_version_one);
        let postgres = PostgresServer::start_with_tls(directory.path()).expect("PostgreSQL starts");
        let served = handshake(&postgres.endpoint(), LIMIT).await.unwrap_or_else(|error| panic!("{what}: {error:?}"));
        let shown =
            openssl(directory.path(), &["x509", "-in", "tls.crt", "-noout", "-serial", "-fingerprint", "-sha256"]);
        let value = |line: &str| line.split_once('=').expect("name=value").1.replace(':', "").to_ascii_lowercase();
        let [serial, fingerprint] = [0, 1].map(|line| value(shown.lines().nth(line).expect("two lines")));
        assert_eq!(served.fingerprint.to_string(), fingerprint, "{what}");
        assert_eq!(served.serial.0.trim_start_matches('0'), serial.trim_start_matches('0'), "{what}");
        assert_eq!(served.key_proved, can_be_proved, "{what}");
    }
}

#[tokio::test]
async fn a_server_whose_key_exchange_newleaf_does_not_speak_is_told_from_others() {
    for curve in ["secp521r1", "brainpoolP256r1"] {
        let Some(directory) = directory() else { return };
        make(directory.path(), P256, false);
        let server = PostgresServer::start_with_curve(directory.path(), curve).expect("PostgreSQL starts");
        let error = handshake(&server.endpoint(), LIMIT).await.expect_err("there is no key exchange in common");
        assert_eq!(error.code(), Code::HandshakeFailed);
        let text = base::diagnosis::Failure::from(error).to_string();
        for part in ["X25519", "secp256r1", "secp384r1", "log"] {
            assert!(text.contains(part), "{curve}: {text}");
        }
    }
}

/// Signs with what it likes, and holds no key.
#[derive(Debug, Clone, Copy)]
struct Impostor(SignatureScheme);

impl SigningKey for Impostor {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        offered.contains(&self.0).then(|| -> Box<dyn Signer> { Box::new(*self) })
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ECDSA
    }
}

impl Signer for Impostor {
    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        Ok(vec![7; 64])
    }

    fn scheme(&self) -> SignatureScheme {
        self.0
    }
}

/// A server that shows the certificate and signs so, for as many connections as come.
async fn impostor(certificate: CertificateDer<'static>, scheme: SignatureScheme) -> Endpoint {
    let key = CertifiedKey::new(vec![certificate], Arc::new(Impostor(scheme)));
    let configuration = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("TLS 1.3")
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(key)));
    let acceptor = TlsAcceptor::from(Arc::new(configuration));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 8];
            if stream.read_exact(&mut request).await.is_ok() && stream.write_all(b"S").await.is_ok() {
                drop(acceptor.accept(stream).await);
            }
        }
    });
    Endpoint { host: "127.0.0.1".to_owned(), port, server_name: Some("localhost".to_owned()) }
}

#[tokio::test]
async fn who_shows_our_certificate_without_its_key_is_not_believed() {
    let authority = Authority::new("shown");
    let stored = authority.server(0x101, &[&authority]);
    let pem = stored.entry("tls.crt").expect("it has a certificate");
    let certificate = CertificateDer::from_pem_slice(pem).expect("it is PEM");
    // A wrong signature of a known kind, and one of a kind that newleaf cannot verify.
    for scheme in [SignatureScheme::ECDSA_NISTP256_SHA256, SignatureScheme::ED448] {
        let endpoint = impostor(certificate.clone(), scheme).await;
        let error = handshake(&endpoint, LIMIT).await.expect_err("it has no key");
        assert_eq!(error.code(), Code::HandshakeFailed, "{scheme:?}: {error}");
    }
}
