//! Certificates made with OpenSSL, as other people make them, and with newleaf.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use base::diagnosis::{Code, Diagnose};
use base64ct::{Base64, Encoding};
use chrono::{DateTime, TimeDelta, Utc};
use rotation::pki::algorithm::KeyAlgorithm;
use rotation::pki::authority::{Authority, AuthorityRequest};
use rotation::pki::certificate::Certificate;
use rotation::pki::error::{PkiError, Source};
use rotation::pki::identity::{NewSerial, Validity};
use rotation::pki::key::PrivateKey;
use rotation::pki::leaf::{LeafProfile, LeafRequest, issue};
use rotation::pki::name::{CommonName, SubjectName};
use tempfile::TempDir;

/// What a proper authority's extensions are, in OpenSSL's words.
pub(crate) const AUTHORITY: &str =
    "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n";
/// The same for an intermediate.
pub(crate) const INTERMEDIATE: &str = "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n";

/// The real time: OpenSSL knows no other.
#[expect(clippy::disallowed_methods, reason = "OpenSSL signs and verifies with the clock of the machine")]
pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(Utc::now().timestamp(), 0).expect("a time")
}

pub(crate) fn span(days: i64) -> Validity {
    Validity { not_before: now() - TimeDelta::hours(1), not_after: now() + TimeDelta::days(days) }
}

pub(crate) fn origin() -> Source {
    Source::new("the input")
}

pub(crate) fn pem(label: &str, der: &[u8]) -> Vec<u8> {
    let lines: String = der.chunks(48).map(|chunk| Base64::encode_string(chunk) + "\n").collect();
    format!("-----BEGIN {label}-----\n{lines}-----END {label}-----\n").into_bytes()
}

pub(crate) fn serial(fill: u8) -> NewSerial {
    NewSerial::from_entropy([fill; 16])
}

/// A fresh authority of ours.
pub(crate) fn authority(algorithm: KeyAlgorithm, name: &str) -> Authority {
    let request = AuthorityRequest {
        common_name: CommonName::parse(name).expect("a name"),
        serial: serial(0x11),
        validity: span(3650),
    };
    Authority::create(&request, PrivateKey::generate(algorithm).expect("a key")).expect("an authority")
}

pub(crate) fn name(text: &str) -> SubjectName {
    SubjectName::parse(text).expect("a name")
}

pub(crate) fn server() -> LeafProfile {
    LeafProfile::server(&[name("postgres.backstage.svc"), name("10.0.0.7")])
}

pub(crate) fn client() -> LeafProfile {
    LeafProfile::client(&CommonName::parse("postgres").expect("a name"))
}

/// A leaf for 45 days, with its key.
pub(crate) fn leaf(
    authority: &Authority,
    profile: LeafProfile,
    algorithm: KeyAlgorithm,
) -> Result<(Certificate, PrivateKey), PkiError> {
    let key = PrivateKey::generate(algorithm)?;
    let request = LeafRequest { profile, serial: serial(0x22), validity: span(45) };
    Ok((issue(authority, &request, &key)?, key))
}

/// An authority from files.
pub(crate) fn load(certificates: &[u8], key: &[u8]) -> Result<Authority, PkiError> {
    Authority::load(&[(certificates, origin())], (key, origin()), now())
}

/// Loads an authority from files and has it sign a leaf of each kind.
pub(crate) fn load_and_issue(certificates: &[u8], key: &[u8]) -> Result<Authority, Code> {
    let authority = load(certificates, key).map_err(|error| error.code())?;
    authority.check_at(now()).map_err(|error| error.code())?;
    for profile in [server(), client()] {
        leaf(&authority, profile, KeyAlgorithm::EcdsaP256).map_err(|error| error.code())?;
    }
    Ok(authority)
}

/// A directory in which OpenSSL works.
pub(crate) struct Workshop(TempDir);

impl Workshop {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().expect("a directory"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).expect("the file is there")
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        fs::write(self.path(name), bytes).expect("the file can be written");
        self.path(name)
    }

    /// Runs OpenSSL here; its standard output.
    pub(crate) fn openssl(&self, arguments: &[&str]) -> String {
        let output = run(self.0.path(), arguments);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "openssl {arguments:?}: {text}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The verdict of `openssl verify`: what it printed when it did not accept.
    pub(crate) fn verdict(&self, arguments: &[&str]) -> Result<(), String> {
        let output = run(self.0.path(), arguments);
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        if output.status.success() && !text.contains("error") { Ok(()) } else { Err(text) }
    }

    /// A new key in PKCS#8: `NAME.key`.
    pub(crate) fn key(&self, name: &str, arguments: &[&str]) -> Vec<u8> {
        let file = format!("{name}.key");
        self.openssl(&[&["genpkey", "-out", &file], arguments].concat());
        self.read(&file)
    }

    /// A self-signed certificate for `KEY.key`: `NAME.crt`.
    pub(crate) fn root(&self, name: &str, key: &str, subject: &str, extensions: &str, arguments: &[&str]) -> Vec<u8> {
        let configuration = format!("{name}.cnf\n").trim().to_owned();
        let text = format!("[req]\ndistinguished_name=dn\nprompt=no\nx509_extensions=ext\n[dn]\n[ext]\n{extensions}");
        self.write(&configuration, text);
        let (key, file) = (format!("{key}.key"), format!("{name}.crt"));
        let fixed = ["req", "-x509", "-new", "-key", &key, "-config", &configuration, "-subj", subject, "-out", &file];
        self.openssl(&[&fixed[..], &["-days", "3650"], arguments].concat());
        self.read(&file)
    }

    /// The same with these dates, which `openssl req` does not take.
    pub(crate) fn dated_root(&self, name: &str, key: &str, subject: &str, dates: [&str; 4]) -> Vec<u8> {
        let [serial, begin, end] = ["1", dates[1], dates[3]];
        let extensions = format!("{AUTHORITY}authorityKeyIdentifier=none\n");
        self.dated(
            name,
            key,
            &["-selfsign", "-keyfile", &format!("{key}.key")],
            subject,
            &extensions,
            [serial, begin, end],
        )
    }

    /// A certificate for `KEY.key` with these dates, signed by `ISSUER.crt` and its key: `NAME.crt`.
    pub(crate) fn dated_signed(
        &self,
        key: &str,
        name: &str,
        issuer: (&str, &str),
        subject: &str,
        extensions: &str,
        dates: [&str; 4],
    ) -> Vec<u8> {
        let (issuer, issuer_key) = (format!("{}.crt", issuer.0), format!("{}.key", issuer.1));
        self.dated(
            name,
            key,
            &["-cert", &issuer, "-keyfile", &issuer_key],
            subject,
            extensions,
            ["2", dates[1], dates[3]],
        )
    }

    /// `openssl ca` is the only command of OpenSSL 3.0 that takes dates.
    fn dated(
        &self,
        name: &str,
        key: &str,
        signer: &[&str],
        subject: &str,
        extensions: &str,
        [serial, begin, end]: [&str; 3],
    ) -> Vec<u8> {
        for (file, text) in [("index", ""), ("index.attr", "unique_subject=no\n"), ("serial", serial)] {
            self.write(file, format!("{text:0>2}"));
        }
        self.write("index", "");
        self.write("index.attr", "unique_subject=no\n");
        self.write(
            "ca.cnf",
            format!("[ca]\ndefault_ca=d\n[d]\ndatabase=index\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\nx509_extensions=ext\n[p]\ncommonName=supplied\n[ext]\n{extensions}"),
        );
        let [request, key, file] = [format!("{name}.csr"), format!("{key}.key"), format!("{name}.crt")];
        self.openssl(&["req", "-new", "-key", &key, "-subj", subject, "-out", &request]);
        let fixed = ["ca", "-batch", "-notext", "-config", "ca.cnf", "-in", &request, "-out", &file];
        self.openssl(&[&fixed[..], signer, &["-startdate", begin, "-enddate", end]].concat());
        self.read(&file)
    }

    /// A certificate for `NAME.key`, signed by `ISSUER.crt` and its key: `NAME.crt`.
    pub(crate) fn signed(
        &self,
        name: &str,
        issuer: (&str, &str),
        subject: &str,
        extensions: &str,
        days: &str,
    ) -> Vec<u8> {
        self.write(&format!("{name}.ext"), extensions);
        let [key, request, extension_file, file] =
            ["key", "csr", "ext", "crt"].map(|ending| format!("{name}.{ending}"));
        let (issuer, issuer_key) = (format!("{}.crt", issuer.0), format!("{}.key", issuer.1));
        self.openssl(&["req", "-new", "-key", &key, "-subj", subject, "-out", &request]);
        self.openssl(&[
            "x509",
            "-req",
            "-in",
            &request,
            "-CA",
            &issuer,
            "-CAkey",
            &issuer_key,
            "-CAcreateserial",
            "-extfile",
            &extension_file,
            "-days",
            days,
            "-out",
            &file,
        ]);
        self.read(&file)
    }
}

fn run(directory: &Path, arguments: &[&str]) -> std::process::Output {
    Command::new("openssl").args(arguments).current_dir(directory).output().expect("openssl is installed")
}

/// P-256, for `genpkey`.
pub(crate) const P256: [&str; 4] = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
