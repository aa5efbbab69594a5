//! Every kind of authority that people have, each signing leaves that OpenSSL accepts with its strictest rules.

use rotation::pki::algorithm::KeyAlgorithm;
use rotation::pki::authority::Authority;
use rotation::pki::certificate::to_pem;

use crate::support::{
    AUTHORITY, INTERMEDIATE, P256, Workshop, authority, client, leaf, load_and_issue, now, origin, server,
};

/// Issues a leaf of each kind and has OpenSSL verify it.
fn openssl_accepts(workshop: &Workshop, authority: &Authority, algorithm: KeyAlgorithm, what: &str) {
    for (profile, purpose) in [(server(), "sslserver"), (client(), "sslclient")] {
        let (leaf, key) = leaf(authority, profile, algorithm).unwrap_or_else(|error| panic!("{what}: {error}"));
        workshop.write("leaf.pem", leaf.to_pem());
        workshop.write("leaf-key.pem", key.to_pem().as_bytes());
        workshop.write("anchor.pem", authority.anchor().to_pem());
        workshop.write("chain.pem", to_pem(authority.chain()));
        let verdict = workshop.verdict(&[
            "verify",
            "-x509_strict",
            "-purpose",
            purpose,
            "-CAfile",
            "anchor.pem",
            "-untrusted",
            "chain.pem",
            "leaf.pem",
        ]);
        assert_eq!(verdict, Ok(()), "{what}, {algorithm}, {purpose}");
        // OpenSSL reads the key, finds it consistent, and finds the leaf's public key in it.
        assert!(workshop.openssl(&["pkey", "-in", "leaf-key.pem", "-check", "-noout"]).contains("is valid"), "{what}");
        let public = workshop.openssl(&["pkey", "-in", "leaf-key.pem", "-pubout"]);
        assert_eq!(workshop.openssl(&["x509", "-in", "leaf.pem", "-noout", "-pubkey"]), public, "{what}");
    }
}

#[test]
fn every_pair_of_algorithms_verifies_strictly() {
    let workshop = Workshop::new();
    for of_authority in KeyAlgorithm::ALL {
        let authority = authority(of_authority, "newleaf shapes");
        for of_leaf in [KeyAlgorithm::EcdsaP256, KeyAlgorithm::EcdsaP384, KeyAlgorithm::Ed25519, KeyAlgorithm::Rsa2048]
        {
            openssl_accepts(&workshop, &authority, of_leaf, &format!("authority {of_authority}"));
        }
    }
}

#[test]
fn large_rsa_leaves_verify_strictly() {
    let workshop = Workshop::new();
    let authority = authority(KeyAlgorithm::EcdsaP256, "newleaf shapes");
    for algorithm in [KeyAlgorithm::Rsa3072, KeyAlgorithm::Rsa4096] {
        openssl_accepts(&workshop, &authority, algorithm, "large RSA");
    }
}

#[test]
fn keys_of_every_form_are_read() {
    let workshop = Workshop::new();
    let ec = |curve| ["-algorithm", "EC", "-pkeyopt", curve];
    let keys: [(&str, &[&str]); 7] = [
        ("p256", &ec("ec_paramgen_curve:P-256")),
        ("p384", &ec("ec_paramgen_curve:P-384")),
        ("p521", &ec("ec_paramgen_curve:P-521")),
        ("ed25519", &["-algorithm", "ED25519"]),
        ("rsa2048", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
        ("rsa2560", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2560"]),
        ("rsa3072", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"]),
    ];
    for (name, arguments) in keys {
        let pkcs8 = workshop.key(name, arguments);
        let certificate = workshop.root(name, name, &format!("/CN=brought {name}"), AUTHORITY, &[]);
        let mut forms = vec![("PKCS#8", pkcs8)];
        if name != "ed25519" {
            // `openssl pkey -traditional` writes SEC1 and PKCS#1: cert-manager's default forms.
            workshop.openssl(&["pkey", "-in", &format!("{name}.key"), "-traditional", "-out", "traditional.key"]);
            forms.push(("traditional", workshop.read("traditional.key")));
        }
        if name.starts_with('p') {
            // What `openssl ecparam -genkey` writes.
            let curve = name.replace("p256", "prime256v1").replace("p384", "secp384r1").replace("p521", "secp521r1");
            let parameters = workshop.openssl(&["ecparam", "-name", &curve]).into_bytes();
            forms.push(("EC PARAMETERS", [parameters, workshop.read("traditional.key")].concat()));
        }
        for (form, key) in forms {
            let what = format!("{name} as {form}");
            let authority = load_and_issue(&certificate, &key).unwrap_or_else(|code| panic!("{what}: {code}"));
            openssl_accepts(&workshop, &authority, KeyAlgorithm::EcdsaP256, &what);
        }
    }
}

#[test]
fn names_of_every_form_are_kept_byte_for_byte() {
    let workshop = Workshop::new();
    workshop.key("odd", &P256);
    let latin = ["-utf8", "-nameopt", "utf8"];
    let names: [(&str, &str, &[&str]); 9] = [
        ("two organizational units", "/O=Example/OU=One/OU=Two/CN=odd", &[]),
        ("domain components", "/DC=org/DC=example/CN=odd", &[]),
        ("a multi-valued RDN", "/O=Example/CN=odd+OU=Second", &["-multivalue-rdn"]),
        ("an email address", "/CN=odd/emailAddress=someone@example.org", &[]),
        ("no common name", "/O=Example/OU=Only", &[]),
        ("two common names", "/CN=one/CN=two", &[]),
        ("letters beyond ASCII", "/O=Bücher/CN=odd", &latin),
        ("characters that need an escape", "/O=a, b; \"c\" <d>/CN=#odd ", &[]),
        ("64 characters", "/CN=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", &[]),
    ];
    for (what, subject, arguments) in names {
        let certificate = workshop.root("odd", "odd", subject, AUTHORITY, arguments);
        let authority = load_and_issue(&certificate, &workshop.read("odd.key")).expect("it is an authority");
        openssl_accepts(&workshop, &authority, KeyAlgorithm::EcdsaP256, what);
        // OpenSSL with the flags of PostgreSQL's X509_NAME_to_cstring, one attribute a line.
        let flags = "esc_2253,esc_ctrl,utf8,dump_unknown,dump_der,sname,sep_multiline";
        let shown = workshop.openssl(&["x509", "-in", "odd.crt", "-noout", "-subject", "-nameopt", flags]);
        if what != "a multi-valued RDN" {
            let line: String = shown.lines().skip(1).map(|line| format!("/{}", line.trim_start())).collect();
            assert_eq!(authority.signer().subject_line(), line, "{what}");
        }
    }
}

#[test]
fn old_string_types_are_kept_byte_for_byte() {
    let workshop = Workshop::new();
    workshop.key("old", &P256);
    for (what, mask) in [("TeletexString", "MASK:4"), ("BMPString", "MASK:0x800"), ("PrintableString", "MASK:2")] {
        let text = format!(
            "[req]\ndistinguished_name=dn\nstring_mask={mask}\nprompt=no\nx509_extensions=ext\n[dn]\nCN=Example authority\n[ext]\n{AUTHORITY}"
        );
        workshop.write("old.cnf", text);
        workshop.openssl(&[
            "req", "-x509", "-new", "-key", "old.key", "-config", "old.cnf", "-days", "90", "-out", "old.crt",
        ]);
        let authority =
            load_and_issue(&workshop.read("old.crt"), &workshop.read("old.key")).expect("it is an authority");
        assert_eq!(authority.signer().subject_line(), "/CN=Example authority", "{what}");
        openssl_accepts(&workshop, &authority, KeyAlgorithm::EcdsaP256, what);
    }
}

#[test]
fn key_identifiers_of_every_length_are_kept() {
    let workshop = Workshop::new();
    let key = workshop.key("ski", &P256);
    for identifier in ["01:02:03:04".to_owned(), vec!["ab"; 32].join(":")] {
        let extensions = AUTHORITY.replace("subjectKeyIdentifier=hash", &format!("subjectKeyIdentifier={identifier}"));
        let certificate = workshop.root("ski", "ski", "/CN=identified", &extensions, &[]);
        let authority = load_and_issue(&certificate, &key).expect("it is an authority");
        openssl_accepts(&workshop, &authority, KeyAlgorithm::EcdsaP256, &identifier);
    }
}

#[test]
fn intermediates_are_used_with_their_chain_in_any_order() {
    let workshop = Workshop::new();
    for name in ["root", "middle", "signer"] {
        workshop.key(name, &P256);
    }
    let root = workshop.root("root", "root", "/O=Example/CN=root", AUTHORITY, &[]);
    let middle_extensions = INTERMEDIATE.replace("pathlen:0", "pathlen:1");
    let middle = workshop.signed("middle", ("root", "root"), "/O=Example/CN=middle", &middle_extensions, "900");
    let signer = workshop.signed("signer", ("middle", "middle"), "/O=Example/CN=signer", INTERMEDIATE, "400");
    let key = workshop.read("signer.key");
    for files in [[&signer, &middle, &root], [&root, &signer, &middle]] {
        let chain: Vec<u8> = files.into_iter().flatten().copied().collect();
        let authority = load_and_issue(&chain, &key).expect("it is an authority");
        assert_eq!(authority.chain().count(), 3);
        assert_eq!(authority.intermediates().count(), 2);
        assert_eq!(authority.anchor().subject_line(), "/O=Example/CN=root");
        openssl_accepts(&workshop, &authority, KeyAlgorithm::EcdsaP256, "three certificates");
    }
    // As cert-manager stores it: the chain in one entry, the root in another.
    let below = [signer, middle].concat();
    let authority =
        Authority::load(&[(&below, origin()), (&root, origin())], (&key, origin()), now()).expect("an authority");
    assert_eq!(authority.chain().count(), 3);
}

#[test]
fn dates_beyond_2049_are_written_as_rfc_5280_asks() {
    use rotation::pki::authority::AuthorityRequest;
    use rotation::pki::identity::Validity;
    use rotation::pki::key::PrivateKey;
    use rotation::pki::name::CommonName;
    let date = |text: &str| text.parse().expect("a date");
    for (end, encoded) in [("2049-12-31T23:59:59Z", "491231235959Z"), ("2050-01-01T00:00:00Z", "20500101000000Z")] {
        let request = AuthorityRequest {
            common_name: CommonName::parse("far").expect("a name"),
            serial: crate::support::serial(1),
            validity: Validity { not_before: date("2026-01-01T00:00:00Z"), not_after: date(end) },
        };
        let key = PrivateKey::generate(KeyAlgorithm::EcdsaP256).expect("a key");
        let authority = Authority::create(&request, key).expect("an authority");
        assert_eq!(authority.validity(), request.validity);
        let found = authority.signer().der().windows(encoded.len()).any(|window| window == encoded.as_bytes());
        assert!(found, "{end} is encoded as {encoded}");
    }
}
