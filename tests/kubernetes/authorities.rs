//! Authorities as people have them, each in its Secret before bootstrap: taken, or refused before anything is written.

use k8s_openapi::api::core::v1::Secret;
use kube::Api;
use kube::api::{ListParams, PostParams};
use serde_json::{Value, json};

use crate::people::Person;
use crate::stage;
use crate::workshop::Workshop;

/// Where the authority is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// `kubectl create secret tls`, and no configuration.
    KubectlTls,
    /// `tls.crt` and `tls.key`, named.
    Named,
    /// What cert-manager writes: `ca.crt` beside them, its annotations and labels.
    CertManager,
    /// Keys of an operator's own.
    Opaque,
}

/// What comes of it: the name of the root that leaves lead to, or a code.
#[derive(Debug, Clone, Copy)]
enum Outcome {
    Taken(&'static str),
    /// The same, and newleaf names who objects.
    TakenWithWarning(&'static str),
    Refused(&'static str),
}

use Layout::{CertManager, KubectlTls, Named, Opaque};
use Outcome::{Refused, Taken, TakenWithWarning};

/// Which certificate, key and further certificates, in which layout.
type Case = (&'static str, Layout, &'static str, &'static str, &'static str, Outcome);

const CASES: &[Case] = &[
    ("self-signed", KubectlTls, "good.crt", "good.key", "", Taken("good.crt")),
    ("RSA", KubectlTls, "rsa.crt", "rsa.key", "", Taken("rsa.crt")),
    ("RSA, PKCS#1 key", Named, "rsa.crt", "rsa-pkcs1.key", "", Taken("rsa.crt")),
    ("ECDSA P-384", KubectlTls, "p384.crt", "p384.key", "", Taken("p384.crt")),
    ("ECDSA P-384, SEC1 key", Named, "p384.crt", "p384-sec1.key", "", Taken("p384.crt")),
    ("Ed25519", KubectlTls, "ed25519.crt", "ed25519.key", "", Taken("ed25519.crt")),
    ("text and CRLF around it", Named, "windows.crt", "good.key", "", Taken("good.crt")),
    ("intermediate, root behind it", KubectlTls, "chain.crt", "intermediate.key", "", Taken("good.crt")),
    (
        "intermediate, root in ca.crt",
        CertManager,
        "intermediate.crt",
        "intermediate.key",
        "good.crt",
        Taken("good.crt"),
    ),
    ("intermediate, root in both", CertManager, "chain.crt", "intermediate.key", "good.crt", Taken("good.crt")),
    ("cert-manager's self-signed", CertManager, "good.crt", "good.key", "good.crt", Taken("good.crt")),
    ("own keys", Opaque, "intermediate.crt", "intermediate.key", "good.crt", Taken("good.crt")),
    (
        "without keyUsage",
        KubectlTls,
        "without-usage.crt",
        "without-usage.key",
        "",
        TakenWithWarning("without-usage.crt"),
    ),
    ("keyUsage without keyCertSign", Named, "only-lists.crt", "only-lists.key", "", Refused("NL0113")),
    ("not an authority", KubectlTls, "leaf.crt", "leaf.key", "", Refused("NL0112")),
    ("encrypted key", Named, "good.crt", "encrypted.key", "", Refused("NL0104")),
    ("key of another certificate", Named, "good.crt", "other.key", "", Refused("NL0111")),
    ("two keys", Opaque, "good.crt", "twice.key", "good.crt", Refused("NL0107")),
    ("RSA of 1024 bits", Named, "small-rsa.crt", "small-rsa.key", "", Refused("NL0105")),
    ("expired", KubectlTls, "expired.crt", "expired.key", "", Refused("NL0212")),
    ("not valid yet", Named, "not-yet.crt", "not-yet.key", "", Refused("NL0212")),
    ("nothing in tls.crt", Named, "empty", "good.key", "", Refused("NL0102")),
    ("nothing in tls.key", Named, "good.crt", "empty", "", Refused("NL0124")),
    ("nothing at all", Named, "empty", "empty", "", Refused("NL0102")),
    ("two blocks of rubbish", Opaque, "rubbish", "good.key", "good.crt", Refused("NL0108")),
    ("a key as certificate", Opaque, "good.key", "good.key", "good.crt", Refused("NL0102")),
    ("intermediate without root", Named, "intermediate.crt", "intermediate.key", "", Refused("NL0117")),
    (
        "intermediate of another root",
        CertManager,
        "intermediate.crt",
        "intermediate.key",
        "other.crt",
        Refused("NL0117"),
    ),
    ("too deep for its root", CertManager, "too-deep.crt", "too-deep.key", "narrow.crt", Refused("NL0118")),
    ("for other names only", KubectlTls, "constrained.crt", "constrained.key", "", Refused("NL0118")),
];

#[tokio::test]
async fn an_authority_as_people_have_it_is_taken_or_refused_before_anything_is_written() {
    let shop = Workshop::stocked();
    let mut wrong = Vec::new();
    for case in CASES {
        let Some(person) = Person::new() else { return };
        let said = tried(&person, &shop, case).await;
        show(case, &said);
        if let Err(why) = said {
            wrong.push(format!("{}: {why}", case.0));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[expect(clippy::print_stdout, reason = "a table for a person who runs it with --nocapture")]
fn show((name, layout, .., outcome): &Case, said: &Result<String, String>) {
    let (Ok(said) | Err(said)) = said;
    println!(
        "{name:<30} {:<12} {:<18} {}",
        format!("{layout:?}"),
        format!("{outcome:?}"),
        said.lines().next().unwrap_or_default()
    );
}

/// Bootstraps with the authority; what newleaf says, or how that differs from what it should do.
async fn tried(person: &Person, shop: &Workshop, case: &Case) -> Result<String, String> {
    let client = stage::connect(person.kubeconfig.clone(), None).await;
    let secrets: Api<Secret> = Api::namespaced(client, &person.namespace);
    let (secret, authority) = place(person, &secrets, shop, case).await;
    let configuration = person.file(
        "newleaf.yaml",
        &format!(
            "apiVersion: newleaf.dev/v1alpha1\nkind: Rotation\nnamespace: {namespace}\n{authority}\
             database: {{endpoints: [postgres.{namespace}.svc]}}\n",
            namespace = person.namespace
        ),
    );
    let all = async || secrets.list(&ListParams::default()).await.expect("Secrets can be listed").items;
    let before = all().await;
    let said = person.newleaf(&["bootstrap", "--config", &configuration]);
    let after = all().await;
    let unless = |holds: bool, why: String| if holds { Ok(()) } else { Err(why) };
    match case.5 {
        Refused(code) => {
            // What is wrong with the authority names its Secret; what it may not sign, the authority or the leaf.
            let where_it_is = if matches!(code, "NL0212" | "NL0118") { "" } else { secret };
            let named = said.stderr.contains(&format!("error[{code}]: ")) && said.stderr.contains(where_it_is);
            unless(said.code == Some(4) && named && said.stderr.contains("  hint: "), format!("{said:?}"))?;
            unless(after == before, format!("something was written: {said:?}"))?;
            Ok(said.stderr)
        }
        Taken(root) | TakenWithWarning(root) => {
            let is_strict = matches!(case.5, Taken(_));
            let warned = said.stdout.contains("openssl verify -x509_strict");
            unless(warned != is_strict, format!("its warning: {said:?}"))?;
            unless(said.code == Some(0), format!("{said:?}"))?;
            unless(
                before.iter().all(|secret| after.contains(secret)),
                "the authority's Secret was written".to_owned(),
            )?;
            for (leaf, purpose) in [("postgres-tls", "sslserver"), ("backstage-tls", "sslclient")] {
                let found = after.iter().find(|secret| secret.metadata.name.as_deref() == Some(leaf));
                verifies(person, shop, found.ok_or(leaf)?, root, (purpose, is_strict))?;
            }
            let again = person.newleaf(&["bootstrap", "--config", &configuration]);
            unless(again.code == Some(0) && all().await == after, format!("again: {again:?}"))?;
            Ok("leaves verify".to_owned())
        }
    }
}

/// Puts the authority into its Secret; the Secret's name and the configuration.
async fn place(
    person: &Person,
    secrets: &Api<Secret>,
    shop: &Workshop,
    (_, layout, certificate, key, further, _): &Case,
) -> (&'static str, &'static str) {
    let text = |name: &str| shop.read(name);
    let (name, kind, authority, data) = match layout {
        KubectlTls => {
            let files = [format!("--cert={}", shop.path(certificate)), format!("--key={}", shop.path(key))];
            person.must(&["create", "secret", "tls", "newleaf-authority", &files[0], &files[1]], "");
            return ("newleaf-authority", "");
        }
        Named => (
            "newleaf-authority",
            "kubernetes.io/tls",
            "authority: {certificate: tls.crt, key: tls.key}\n",
            json!({"tls.crt": text(certificate), "tls.key": text(key)}),
        ),
        CertManager => (
            "postgres-authority",
            "kubernetes.io/tls",
            "authority: {secret: postgres-authority, certificate: tls.crt, key: tls.key, chain: ca.crt}\n",
            json!({"tls.crt": text(certificate), "tls.key": text(key), "ca.crt": text(further)}),
        ),
        Opaque => (
            "company-ca",
            "Opaque",
            "authority: {secret: company-ca, certificate: issuing.pem, key: issuing-key.pem, chain: chain.pem}\n",
            json!({"issuing.pem": text(certificate), "issuing-key.pem": text(key), "chain.pem": text(further)}),
        ),
    };
    let mut metadata = if *layout == CertManager { of_cert_manager() } else { json!({}) };
    metadata["name"] = json!(name);
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "type": kind, "metadata": metadata, "stringData": data});
    let secret = serde_json::from_value(secret).expect("a Secret");
    secrets.create(&PostParams::default(), &secret).await.expect("it can be made");
    (name, authority)
}

fn of_cert_manager() -> Value {
    json!({
        "labels": {"controller.cert-manager.io/fao": "true"},
        "annotations": {
            "cert-manager.io/alt-names": "",
            "cert-manager.io/certificate-name": "postgres-authority",
            "cert-manager.io/common-name": "postgres authority",
            "cert-manager.io/ip-sans": "",
            "cert-manager.io/issuer-group": "",
            "cert-manager.io/issuer-kind": "ClusterIssuer",
            "cert-manager.io/issuer-name": "company",
            "cert-manager.io/uri-sans": "",
        },
    })
}

/// The leaf, as openssl sees it, leads to the root; and so it does by the bundle beside it.
fn verifies(
    person: &Person,
    shop: &Workshop,
    leaf: &Secret,
    root: &str,
    (purpose, is_strict): (&str, bool),
) -> Result<(), String> {
    let value = |key: &str| {
        let bytes = leaf.data.as_ref().and_then(|data| data.get(key)).map(|value| value.0.clone());
        String::from_utf8(bytes.unwrap_or_default()).expect("PEM is text")
    };
    let chain = person.file("chain.pem", &value("tls.crt"));
    let bundle = person.file("bundle.pem", &value("ca.crt"));
    for trusted in [root, &bundle] {
        if let Some(complaint) = shop.complaint(chain.as_ref(), trusted, purpose, is_strict) {
            return Err(format!("{purpose} by {trusted}: {complaint}"));
        }
    }
    Ok(())
}
