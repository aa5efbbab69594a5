//! Authorities as people make them: by openssl, and, where the dates are odd, without it.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair, KeyUsagePurpose};
use tempfile::TempDir;
use time::OffsetDateTime;

const BASIC: &str = "basicConstraints=critical,CA:TRUE";
const SIGNS: &str = "keyUsage=critical,keyCertSign,cRLSign";
const NAMED: &str = "subjectKeyIdentifier=hash";
const P256: &[&str] = &["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A folder with certificates `NAME.crt` and keys `NAME.key`.
#[derive(Debug)]
pub(crate) struct Workshop {
    folder: TempDir,
}

impl Workshop {
    /// Everything that the cases need.
    pub(crate) fn stocked() -> Self {
        let shop = Self { folder: tempfile::tempdir().expect("a temporary directory") };
        shop.write("minimal.cnf", "[req]\ndistinguished_name = name\n[name]\n");
        shop.self_signed("good", P256, &[BASIC, SIGNS, NAMED]);
        shop.self_signed("other", P256, &[BASIC, SIGNS, NAMED]);
        shop.self_signed("p384", &["ec", "-pkeyopt", "ec_paramgen_curve:secp384r1"], &[BASIC, SIGNS, NAMED]);
        shop.self_signed("ed25519", &["ed25519"], &[BASIC, SIGNS, NAMED]);
        shop.self_signed("rsa", &["rsa:2048"], &[BASIC, SIGNS, NAMED]);
        shop.self_signed("small-rsa", &["rsa:1024"], &[BASIC, SIGNS, NAMED]);
        shop.self_signed("without-usage", P256, &[BASIC, NAMED]);
        shop.self_signed("only-lists", P256, &[BASIC, "keyUsage=critical,cRLSign", NAMED]);
        shop.self_signed("leaf", P256, &["basicConstraints=critical,CA:FALSE", NAMED]);
        let elsewhere = "nameConstraints=critical,permitted;DNS:example.org";
        shop.self_signed("constrained", P256, &[BASIC, SIGNS, NAMED, elsewhere]);
        shop.intermediate("intermediate", "good", "pathlen:0");
        shop.self_signed("narrow", P256, &["basicConstraints=critical,CA:TRUE,pathlen:0", SIGNS, NAMED]);
        shop.intermediate("too-deep", "narrow", "pathlen:0");
        shop.openssl(&["rsa", "-traditional", "-in", "rsa.key", "-out", "rsa-pkcs1.key"]);
        shop.openssl(&["ec", "-in", "p384.key", "-out", "p384-sec1.key"]);
        shop.openssl(&["pkcs8", "-topk8", "-in", "good.key", "-out", "encrypted.key", "-passout", "pass:secret"]);
        shop.dated("expired", 10, 0);
        shop.dated("not-yet", 0, 1000);
        shop.write("chain.crt", &(shop.read("intermediate.crt") + &shop.read("good.crt")));
        shop.write(
            "windows.crt",
            &format!("subject=Example\r\n{}", shop.read("good.crt").replace('\n', "\r\n").trim_end()),
        );
        shop.write("empty", "");
        let rubbish = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        shop.write("rubbish", &rubbish.repeat(2));
        shop.write("twice.key", &shop.read("good.key").repeat(2));
        shop
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).expect(name)
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    pub(crate) fn write(&self, name: &str, content: &str) {
        std::fs::write(self.folder.path().join(name), content).expect("it can be written");
    }

    /// What openssl says of a chain, whose first certificate is a leaf: nothing, if it verifies up to this root.
    pub(crate) fn complaint(&self, chain: &Path, root: &str, purpose: &str, is_strict: bool) -> Option<String> {
        let chain = chain.display().to_string();
        let strictly: &[&str] = if is_strict { &["-x509_strict"] } else { &[] };
        let verify = ["verify", "-purpose", purpose, "-CAfile", root, "-untrusted", &chain, &chain];
        let verify = [&verify[..1], strictly, &verify[1..]].concat();
        let output = Command::new("openssl").args(verify).current_dir(&self.folder).output().expect("openssl starts");
        (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
    }

    fn openssl(&self, arguments: &[&str]) {
        let made = Command::new("openssl").args(arguments).current_dir(&self.folder).output().expect("openssl starts");
        assert!(made.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&made.stderr));
    }

    fn self_signed(&self, name: &str, algorithm: &[&str], extensions: &[&str]) {
        let (key, certificate, subject) =
            (format!("{name}.key"), format!("{name}.crt"), format!("/O=Example/CN={name}"));
        let mut arguments = vec!["req", "-x509", "-newkey"];
        arguments.extend(algorithm);
        arguments.extend(["-nodes", "-subj", &subject, "-days", "900", "-config", "minimal.cnf"]);
        arguments.extend(["-keyout", &key, "-out", &certificate]);
        arguments.extend(extensions.iter().flat_map(|extension| ["-addext", extension]));
        self.openssl(&arguments);
    }

    fn intermediate(&self, name: &str, root: &str, length: &str) {
        let (key, request, certificate) = (format!("{name}.key"), format!("{name}.csr"), format!("{name}.crt"));
        let mut arguments = vec!["req", "-new", "-newkey"];
        arguments.extend(P256);
        let subject = format!("/O=Example/CN={name}");
        arguments.extend(["-nodes", "-subj", &subject, "-config", "minimal.cnf", "-keyout", &key, "-out", &request]);
        self.openssl(&arguments);
        self.write("extensions.cnf", &format!("{BASIC},{length}\n{SIGNS}\n{NAMED}\nauthorityKeyIdentifier=keyid\n"));
        let (root_certificate, root_key) = (format!("{root}.crt"), format!("{root}.key"));
        let mut sign = vec!["x509", "-req", "-in", &request, "-CA", &root_certificate, "-CAkey", &root_key];
        sign.extend(["-CAcreateserial", "-days", "800", "-extfile", "extensions.cnf", "-out", &certificate]);
        self.openssl(&sign);
    }

    /// One that began so many days ago and, if it has begun, ended a minute ago; else begins a day from now.
    fn dated(&self, name: &str, days_ago: u32, days_ahead: u32) {
        let now = OffsetDateTime::now_utc();
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        parameters.not_before = if days_ahead > 0 { now + DAY } else { now - DAY * days_ago };
        parameters.not_after = if days_ahead > 0 { now + DAY * days_ahead } else { now - Duration::from_secs(60) };
        let key = KeyPair::generate().expect("a P-256 key can be made");
        let certificate = parameters.self_signed(&key).expect("an authority can sign itself");
        self.write(&format!("{name}.crt"), &certificate.pem());
        self.write(&format!("{name}.key"), &key.serialize_pem());
    }
}
