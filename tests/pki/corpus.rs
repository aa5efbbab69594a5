//! Broken keys, certificates, authorities and bundles. Each is refused with its own code, and none of its bytes are in
//! the message.

use base::diagnosis::{Code, Diagnose};
use base64ct::{Base64, Encoding};
use chrono::TimeDelta;
use rotation::pki::algorithm::KeyAlgorithm;
use rotation::pki::authority::Authority;
use rotation::pki::certificate::Certificate;
use rotation::pki::error::PkiError;
use rotation::pki::key::PrivateKey;
use rotation::pki::trust_bundle::TrustBundle;

use crate::support::{
    AUTHORITY, INTERMEDIATE, P256, Workshop, authority, client, leaf, load_and_issue, now, origin, pem, server,
};

/// What reading said: the code, after checks that hold for every error.
fn code<T>(result: Result<T, PkiError>, input: &[u8]) -> Option<Code> {
    let error = result.err()?;
    let message = error.to_string();
    assert!(message.contains("the input"), "the message names the origin: {message}");
    assert!(!message.ends_with('.'), "{message}");
    // No run of twelve bytes of the input is in the message, but for what PEM labels and the tests' names share.
    for window in input.windows(12) {
        let Ok(text) = str::from_utf8(window) else { continue };
        let is_base64 = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte));
        assert!(!is_base64 || !message.contains(text), "{message} holds {text}");
    }
    Some(error.code())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("PEM is text")
}

/// PEM with one of its base64 lines changed.
fn with_line(bytes: &[u8], number: usize, change: impl FnOnce(&str) -> String) -> Vec<u8> {
    let mut lines: Vec<String> = text(bytes).lines().map(str::to_owned).collect();
    lines[number] = change(&lines[number]);
    (lines.join("\n") + "\n").into_bytes()
}

fn der(bytes: &[u8]) -> Vec<u8> {
    let body: String = text(bytes).lines().filter(|line| !line.starts_with("-----")).collect();
    Base64::decode_vec(&body).expect("it is base64")
}

#[test]
fn broken_certificate_files_are_refused() {
    let authority = authority(KeyAlgorithm::EcdsaP256, "corpus");
    let good = authority.to_pem().into_bytes();
    let good_der = der(&good);
    let key = authority.key().to_pem().as_bytes().to_vec();
    let (other, _) = leaf(&authority, server(), KeyAlgorithm::EcdsaP256).expect("a leaf");
    let mut trailing = good_der.clone();
    trailing.push(0);
    let truncated = &good_der[..good_der.len() - 10];
    let mut indefinite = good_der.clone();
    indefinite.splice(1..4, [0x80]);
    indefinite.extend([0, 0]);
    // 0x30 82 LLLL 30 82 LLLL a0 03 02 01 02: the version, 2 for v3.
    let mut version_four = good_der.clone();
    version_four[12] = 3;
    let utf16: Vec<u8> = text(&good).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let many: Vec<u8> = (0..33).flat_map(|_| good.clone()).collect();
    let large = [&good[..], &vec![b'x'; 65 * 1024]].concat();
    let cases: Vec<(&str, Vec<u8>, Code)> = vec![
        ("nothing", vec![], Code::PemMissing),
        ("white space", b" \r\n\n".to_vec(), Code::PemMissing),
        ("prose", b"see the other file\n".to_vec(), Code::PemMissing),
        ("DER", good_der.clone(), Code::PemMissing),
        ("base64 without a label", Base64::encode_string(&good_der).into_bytes(), Code::PemMissing),
        ("base64 of PEM", Base64::encode_string(&good).into_bytes(), Code::PemMissing),
        ("UTF-16", utf16, Code::PemMissing),
        ("not text", vec![0xff; 100], Code::PemMissing),
        ("indented", text(&good).replace("-----BEGIN", "  -----BEGIN").into_bytes(), Code::PemMissing),
        ("a request", pem("CERTIFICATE REQUEST", &good_der), Code::PemMissing),
        ("OpenSSL's own trusted form", pem("TRUSTED CERTIFICATE", &good_der), Code::PemMissing),
        ("a revocation list", pem("X509 CRL", &good_der), Code::PemMissing),
        ("a public key", pem("PUBLIC KEY", authority.key().public_key()), Code::PemMissing),
        ("a private key", key.clone(), Code::PemMissing),
        ("a private key behind the certificate", [&good[..], &key].concat(), Code::PemMissing),
        ("a BEGIN line only", b"-----BEGIN CERTIFICATE-----".to_vec(), Code::PemBroken),
        ("a BEGIN line without its end", with_line(&good, 0, |_| "-----BEGIN CERTIFICATE".to_owned()), Code::PemBroken),
        ("no END line", text(&good).split("-----END").next().expect("a part").as_bytes().to_vec(), Code::PemBroken),
        ("half of the file", good[..good.len() / 2].to_vec(), Code::PemBroken),
        ("another END line", text(&good).replace("END CERTIFICATE", "END PRIVATE KEY").into_bytes(), Code::PemBroken),
        ("a BEGIN line inside", with_line(&good, 2, |_| "-----BEGIN CERTIFICATE-----".to_owned()), Code::PemBroken),
        ("a wrong character", with_line(&good, 2, |line| line.replacen(&line[..1], "*", 1)), Code::PemBroken),
        ("a missing character", with_line(&good, 2, |line| line[1..].to_owned()), Code::PemBroken),
        ("a header", with_line(&good, 1, |line| format!("Comment: x\n\n{line}")), Code::PemBroken),
        ("an empty block", pem("CERTIFICATE", b""), Code::PemBroken),
        ("no certificate in the block", pem("CERTIFICATE", b"0\x03abc"), Code::CertificateBroken),
        ("a key in the block", pem("CERTIFICATE", authority.key().pkcs8()), Code::CertificateBroken),
        (
            "a missing line",
            text(&good)
                .lines()
                .enumerate()
                .filter(|(number, _)| *number != 2)
                .map(|(_, line)| format!("{line}\n"))
                .collect::<String>()
                .into_bytes(),
            Code::CertificateBroken,
        ),
        ("trailing bytes", pem("CERTIFICATE", &trailing), Code::CertificateBroken),
        ("missing bytes", pem("CERTIFICATE", truncated), Code::CertificateBroken),
        ("an indefinite length", pem("CERTIFICATE", &indefinite), Code::CertificateBroken),
        ("version 4", pem("CERTIFICATE", &version_four), Code::CertificateBroken),
        ("the second is broken", [&good[..], &pem("CERTIFICATE", &trailing)].concat(), Code::CertificateBroken),
        ("the same twice", [&good[..], other.to_pem().as_bytes(), &good].concat(), Code::CertificateDuplicate),
        ("thirty-three", many, Code::TooManyCertificates),
        ("more than 64 KiB", large, Code::InputTooLarge),
    ];
    for (what, input, expected) in &cases {
        assert_eq!(code(Certificate::all_from_pem(input, &origin()), input), Some(*expected), "{what}");
        if *expected != Code::CertificateDuplicate {
            assert_eq!(code(TrustBundle::from_pem(input, &origin()), input), Some(*expected), "{what}, as a bundle");
        }
    }
}

#[test]
fn a_file_that_a_shell_or_an_editor_has_spoilt_is_told_apart() {
    let authority = authority(KeyAlgorithm::EcdsaP256, "corpus");
    let good = authority.to_pem();
    let cases = [
        (good.replace('\n', "\\n"), "written out"),
        (good.replace('\n', "\r"), "CR alone"),
        (format!("{}{good}", good.trim_end()), "joined without a line break"),
        (good.replacen("MII", "MI\u{ec}", 1), "ASCII"),
    ];
    for (input, reason) in cases {
        let error = Certificate::all_from_pem(input.as_bytes(), &origin()).expect_err("it is spoilt");
        assert_eq!(error.code(), Code::PemBroken, "{error}");
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[test]
fn certificates_are_read_as_people_have_them() {
    let authority = authority(KeyAlgorithm::EcdsaP256, "corpus");
    let good = authority.to_pem();
    let (other, _) = leaf(&authority, server(), KeyAlgorithm::EcdsaP256).expect("a leaf");
    let cases = [
        ("CRLF", good.replace('\n', "\r\n")),
        ("a byte order mark", format!("\u{feff}{good}")),
        ("no final newline", good.trim_end().to_owned()),
        ("text before it", format!("Bag Attributes\n    friendlyName: authority\nsubject=CN = x\n{good}")),
        ("other bytes behind it", format!("{good}\u{0}\u{1}\u{fffd}")),
        ("text behind it", format!("{good}\n# end of file\n")),
        ("spaces at the ends of lines", good.replace('\n', "  \n")),
        (
            "one long line",
            good.replacen('\n', " ", 0).lines().fold(String::new(), |all, line| {
                if line.starts_with("-----END") {
                    format!("{all}\n{line}\n")
                } else if line.starts_with("-----") {
                    format!("{line}\n")
                } else {
                    all + line
                }
            }),
        ),
        ("the older label", good.replace("CERTIFICATE", "X509 CERTIFICATE")),
    ];
    for (what, input) in cases {
        let read =
            Certificate::all_from_pem(input.as_bytes(), &origin()).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(read, [authority.signer().clone()], "{what}");
    }
    let several = format!("{good}text between\r\n\r\n{}", other.to_pem());
    assert_eq!(Certificate::all_from_pem(several.as_bytes(), &origin()).expect("two").len(), 2);
    let doubled = format!("{good}{good}{several}");
    let bundle = TrustBundle::from_pem(doubled.as_bytes(), &origin()).expect("a bundle");
    assert_eq!(bundle.fingerprints().len(), 2, "a bundle is a set");
    let reversed = format!("{}{good}", other.to_pem());
    let reversed = TrustBundle::from_pem(reversed.as_bytes(), &origin()).expect("a bundle");
    assert_eq!(bundle.to_pem(), reversed.to_pem(), "the same set is the same bytes");
}

#[test]
fn broken_keys_are_refused() {
    let workshop = Workshop::new();
    let good = workshop.key("good", &P256);
    let second = workshop.key("second", &P256);
    let generate = |name: &str, arguments: &[&str]| workshop.key(name, arguments);
    workshop.openssl(&["pkey", "-in", "good.key", "-traditional", "-out", "sec1.key"]);
    let sec1 = workshop.read("sec1.key");
    workshop.openssl(&["ec", "-in", "good.key", "-aes256", "-passout", "pass:secret", "-out", "proc-type.key"]);
    let good_der = der(&good);
    let changed = |offset: usize, bytes: &[u8]| {
        let mut der = good_der.clone();
        der[offset..offset + bytes.len()].copy_from_slice(bytes);
        pem("PRIVATE KEY", &der)
    };
    // 30 81 87 02 01 00 30 13 [oid, curve: 19] 04 6d 30 6b 02 01 01 04 20 [scalar at 36] a1 44 03 42 00 04 [point at 74]
    assert_eq!(good_der[34..36], [0x04, 0x20], "the scalar is where it is expected");
    let other_point = der(&second)[74..138].to_vec();
    let rsa = generate("rsa", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]);
    let mut rsa_changed = der(&rsa);
    let middle = rsa_changed.len() / 2;
    rsa_changed[middle] ^= 0x55;
    let authority = authority(KeyAlgorithm::EcdsaP256, "corpus");
    let certificate = authority.to_pem().into_bytes();
    let encrypted = [&P256[..], &["-aes256", "-pass", "pass:secret"]].concat();
    let ec = |curve| ["-algorithm", "EC", "-pkeyopt", curve];
    let explicit = [&P256[..], &["-pkeyopt", "ec_param_enc:explicit"]].concat();
    let cases: Vec<(&str, Vec<u8>, Code)> = vec![
        ("nothing", vec![], Code::PemMissing),
        ("DER", good_der.clone(), Code::PemMissing),
        ("a certificate", certificate, Code::PemMissing),
        ("a public key", pem("PUBLIC KEY", authority.key().public_key()), Code::PemMissing),
        ("parameters only", workshop.openssl(&["ecparam", "-name", "prime256v1"]).into_bytes(), Code::PemMissing),
        ("encrypted PKCS#8", generate("encrypted", &encrypted), Code::KeyEncrypted),
        ("encrypted SEC1", workshop.read("proc-type.key"), Code::KeyEncrypted),
        ("OpenSSH's own form", pem("OPENSSH PRIVATE KEY", &good_der), Code::KeyKindUnsupported),
        ("DSA", pem("DSA PRIVATE KEY", &good_der), Code::KeyKindUnsupported),
        ("secp256k1", generate("k1", &ec("ec_paramgen_curve:secp256k1")), Code::KeyKindUnsupported),
        ("P-224", generate("p224", &ec("ec_paramgen_curve:secp224r1")), Code::KeyKindUnsupported),
        (
            "a brainpool curve",
            generate("brainpool", &ec("ec_paramgen_curve:brainpoolP256r1")),
            Code::KeyKindUnsupported,
        ),
        ("a curve without a name", generate("explicit", &explicit), Code::KeyKindUnsupported),
        ("Ed448", generate("ed448", &["-algorithm", "ED448"]), Code::KeyKindUnsupported),
        ("X25519", generate("x25519", &["-algorithm", "X25519"]), Code::KeyKindUnsupported),
        (
            "RSA of 1024 bits",
            generate("rsa1024", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"]),
            Code::KeyKindUnsupported,
        ),
        (
            "RSA of 4160 bits",
            generate("rsa4160", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:4160"]),
            Code::KeyKindUnsupported,
        ),
        (
            "RSA-PSS",
            generate("pss", &["-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"]),
            Code::KeyKindUnsupported,
        ),
        ("two keys", [&good[..], &second].concat(), Code::KeyAmbiguous),
        ("the same key twice", [&good[..], &sec1].concat(), Code::KeyAmbiguous),
        ("more than 16 KiB", [&good[..], &vec![b'x'; 17 * 1024]].concat(), Code::InputTooLarge),
        ("half of the file", good[..good.len() / 2].to_vec(), Code::PemBroken),
        ("a missing character", with_line(&good, 1, |line| line[1..].to_owned()), Code::PemBroken),
        ("an empty block", pem("PRIVATE KEY", b""), Code::PemBroken),
        ("no key in the block", pem("PRIVATE KEY", b"0\x03abc"), Code::KeyBroken),
        ("missing bytes", pem("PRIVATE KEY", &good_der[..100]), Code::KeyBroken),
        ("trailing bytes", pem("PRIVATE KEY", &[&good_der[..], &[0]].concat()), Code::KeyBroken),
        ("PKCS#8 under SEC1's label", pem("EC PRIVATE KEY", &good_der), Code::KeyBroken),
        ("SEC1 under PKCS#8's label", pem("PRIVATE KEY", &der(&sec1)), Code::KeyBroken),
        (
            "SEC1 without its curve",
            pem("EC PRIVATE KEY", b"\x30\x25\x02\x01\x01\x04\x20aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
            Code::KeyBroken,
        ),
        ("a scalar of zero", changed(36, &[0; 32]), Code::KeyBroken),
        ("a scalar beyond the order", changed(36, &[0xff; 32]), Code::KeyBroken),
        ("a point beside the curve", changed(74, &[1; 64]), Code::KeyBroken),
        ("another key's public part", changed(74, &other_point), Code::KeyBroken),
        ("another number in RSA", pem("PRIVATE KEY", &rsa_changed), Code::KeyBroken),
    ];
    for (what, input, expected) in &cases {
        assert_eq!(code(PrivateKey::from_pem(input, &origin()), input), Some(*expected), "{what}");
    }
}

/// A certificate for the key `good`, with these extensions and arguments.
type Variant = (&'static str, &'static str, String, &'static [&'static str], Code);

fn variants() -> Vec<Variant> {
    let without = |line: &str| {
        AUTHORITY.lines().filter(|one| !one.starts_with(line)).map(|one| format!("{one}\n")).collect::<String>()
    };
    let with = |line: &str| format!("{AUTHORITY}{line}\n");
    let plain = AUTHORITY.to_owned();
    let subject = "/CN=variant";
    vec![
        ("CA:FALSE", subject, plain.replace("CA:TRUE", "CA:FALSE"), &[], Code::AuthorityNotCa),
        ("no basicConstraints", subject, without("basicConstraints"), &[], Code::AuthorityNotCa),
        ("no keyCertSign", subject, plain.replace("keyCertSign,", ""), &[], Code::AuthorityCannotSign),
        ("an empty subject", "/", plain.clone(), &[], Code::AuthorityUnlintable),
        (
            "an unknown critical extension",
            subject,
            with("1.2.3.4.5=critical,ASN1:UTF8String:x"),
            &[],
            Code::AuthorityUnlintable,
        ),
        ("a serial number of zero", subject, plain.clone(), &["-set_serial", "0"], Code::AuthorityUnlintable),
        ("a negative serial number", subject, plain.clone(), &["-set_serial", "-5"], Code::AuthorityUnlintable),
        (
            "a serial number of 21 octets",
            subject,
            plain.clone(),
            &["-set_serial", "0x010203040506070809101112131415161718192021"],
            Code::AuthorityUnlintable,
        ),
        ("SHA-1", subject, plain.clone(), &["-sha1"], Code::AuthorityUnlintable),
        ("SHA-224", subject, plain.clone(), &["-sha224"], Code::AuthorityUnlintable),
        ("SHA3-256", subject, plain.clone(), &["-sha3-256"], Code::AuthorityUnlintable),
        ("serverAuth only", subject, with("extendedKeyUsage=serverAuth"), &[], Code::ChainForbids),
        ("any usage only", subject, with("extendedKeyUsage=anyExtendedKeyUsage"), &[], Code::ChainForbids),
        (
            "a critical key identifier",
            subject,
            plain.replace("Identifier=", "Identifier=critical,"),
            &[],
            Code::AuthorityUnlintable,
        ),
        (
            "a proxy's extension",
            subject,
            with("1.3.6.1.5.5.7.1.14=DER:30:0c:30:0a:06:08:2b:06:01:05:05:07:15:01"),
            &[],
            Code::AuthorityUnlintable,
        ),
        ("codeSigning only", subject, with("extendedKeyUsage=codeSigning"), &[], Code::ChainForbids),
        (
            "another domain permitted",
            subject,
            with("nameConstraints=critical,permitted;DNS:example.org"),
            &[],
            Code::ChainForbids,
        ),
        ("our domain excluded", subject, with("nameConstraints=critical,excluded;DNS:svc"), &[], Code::ChainForbids),
        (
            "our address excluded",
            subject,
            with("nameConstraints=critical,excluded;IP:10.0.0.0/255.0.0.0"),
            &[],
            Code::ChainForbids,
        ),
    ]
}

#[test]
fn authorities_that_peers_would_not_accept_are_refused() {
    let workshop = Workshop::new();
    let key = workshop.key("good", &P256);
    for (what, subject, extensions, arguments, expected) in variants() {
        let certificate = workshop.root("variant", "good", subject, &extensions, arguments);
        assert_eq!(load_and_issue(&certificate, &key).err(), Some(expected), "{what}");
    }
    let certificate = workshop.root("good", "good", "/CN=good", AUTHORITY, &[]);
    assert!(load_and_issue(&certificate, &key).is_ok(), "what the variants vary is accepted");
    let version_one = workshop.root("one", "good", "/CN=one", "", &[]);
    assert_eq!(load_and_issue(&version_one, &key).err(), Some(Code::CertificateBroken), "version 1");
}

#[test]
fn authorities_with_the_wrong_key_or_none_are_refused() {
    let workshop = Workshop::new();
    let key = workshop.key("good", &P256);
    let certificate = workshop.root("good", "good", "/CN=good", AUTHORITY, &[]);
    let other = workshop.key("other", &P256);
    let rsa = workshop.key("rsa", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]);
    let rsa_certificate = workshop.root("rsa", "rsa", "/CN=rsa", AUTHORITY, &[]);
    let cases: [(&str, &[u8], &[u8], Code); 7] = [
        ("another key of the kind", &certificate, &other, Code::KeyMismatch),
        ("a key of another kind", &certificate, &rsa, Code::KeyMismatch),
        ("an RSA certificate and an EC key", &rsa_certificate, &key, Code::KeyMismatch),
        ("no key", &certificate, b"", Code::AuthorityKeyMissing),
        ("a blank key", &certificate, b"\n", Code::AuthorityKeyMissing),
        ("the certificate as key", &certificate, &certificate, Code::PemMissing),
        ("the key as certificate", &key, &key, Code::PemMissing),
    ];
    for (what, certificate, key, expected) in cases {
        assert_eq!(load_and_issue(certificate, key).err(), Some(expected), "{what}");
    }
}

#[test]
fn chains_that_lead_nowhere_or_forbid_are_refused() {
    let workshop = Workshop::new();
    for name in ["root", "stranger", "middle", "signer"] {
        workshop.key(name, &P256);
    }
    let root = workshop.root("root", "root", "/CN=root", &AUTHORITY.replace("CA:TRUE", "CA:TRUE,pathlen:0"), &[]);
    let wide_root = workshop.root("wide", "root", "/CN=root", AUTHORITY, &[]);
    let stranger = workshop.root("stranger", "stranger", "/CN=root", AUTHORITY, &[]);
    let signer = workshop.signed("signer", ("root", "root"), "/CN=signer", INTERMEDIATE, "400");
    let key = workshop.read("signer.key");
    let with = |parts: &[&[u8]]| parts.concat();
    assert_eq!(load_and_issue(&signer, &key).err(), Some(Code::ChainIncomplete), "no root");
    assert_eq!(
        load_and_issue(&with(&[&signer, &stranger]), &key).err(),
        Some(Code::ChainIncomplete),
        "another root of the name"
    );
    assert_eq!(load_and_issue(&with(&[&signer, &root]), &key).err(), Some(Code::ChainForbids), "the path is too long");
    assert!(load_and_issue(&with(&[&signer, &wide_root]), &key).is_ok(), "the same chain without a limit");
    let leaf_like = INTERMEDIATE.replace("CA:TRUE,pathlen:0", "CA:FALSE");
    let not_ca = workshop.signed("signer", ("root", "root"), "/CN=signer", &leaf_like, "400");
    assert_eq!(load_and_issue(&with(&[&not_ca, &wide_root]), &key).err(), Some(Code::AuthorityNotCa), "a leaf");
    let any_usage = format!("{INTERMEDIATE}extendedKeyUsage=anyExtendedKeyUsage\n");
    let any = workshop.signed("signer", ("root", "root"), "/CN=signer", &any_usage, "400");
    assert_eq!(
        load_and_issue(&with(&[&any, &wide_root]), &key).err(),
        Some(Code::ChainForbids),
        "no library takes `any` there"
    );
}

#[test]
fn authorities_out_of_their_time_are_refused_with_that_reason() {
    let authority = authority(KeyAlgorithm::EcdsaP256, "timely");
    let at = |days| authority.check_at(now() + TimeDelta::days(days)).map_err(|error| error.code());
    assert_eq!(at(0), Ok(()));
    assert_eq!(at(4000), Err(Code::AuthorityExpired));
    assert_eq!(at(-1), Err(Code::AuthorityNotYetValid));
    // The last second counts (RFC 5280, 4.1.2.5).
    let end = authority.validity().not_after;
    assert!(authority.check_at(end).is_ok());
    assert!(authority.check_at(end + TimeDelta::seconds(1)).is_err());
}

#[test]
fn a_self_signature_that_is_wrong_is_refused() {
    let authority = authority(KeyAlgorithm::EcdsaP256, "signed");
    let mut der = authority.signer().der().to_vec();
    let last = der.len() - 1;
    der[last] ^= 1;
    let key = authority.key().to_pem();
    assert_eq!(load_and_issue(&pem("CERTIFICATE", &der), key.as_bytes()).err(), Some(Code::ChainIncomplete));
}

#[test]
fn no_key_byte_is_in_any_debug_output() {
    for algorithm in [KeyAlgorithm::EcdsaP256, KeyAlgorithm::Ed25519, KeyAlgorithm::Rsa2048] {
        let authority = authority(algorithm, "secret");
        let (_, key) = leaf(&authority, client(), algorithm).expect("a leaf");
        let loaded: Authority =
            load_and_issue(authority.to_pem().as_bytes(), authority.key().to_pem().as_bytes()).expect("an authority");
        for (shown, secret) in [
            (format!("{authority:?} {authority:#?}"), authority.key()),
            (format!("{loaded:?} {loaded:#?}"), loaded.key()),
            (format!("{key:?} {key:#?}"), &key),
        ] {
            assert!(shown.len() < 2000, "{shown}");
            let decimal = |window: &[u8]| window.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let hexadecimal = |window: &[u8]| window.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
            for window in secret.pkcs8().windows(8) {
                assert!(!shown.contains(&decimal(window)), "{shown}");
                assert!(!shown.contains(&hexadecimal(window)), "{shown}");
            }
            for line in secret.to_pem().lines() {
                assert!(!shown.contains(line), "{shown}");
            }
        }
    }
}
