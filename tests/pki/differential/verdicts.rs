//! What newleaf says and what OpenSSL says, side by side.

use chrono::TimeDelta;
use rotation::pki::algorithm::KeyAlgorithm;
use rotation::pki::authority::Authority;
use rotation::pki::certificate::Certificate;
use rotation::pki::identity::Validity;
use rotation::pki::key::PrivateKey;
use rotation::pki::leaf::{LeafProfile, LeafRequest, issue};
use rotation::pki::name::CommonName;
use rotation::pki::trust_bundle::TrustBundle;
use rotation::pki::verify::{Usage, verify};
use rotation::pki::warning::WarningKind;

use super::draft::Key;
use super::peer::{Chain, Mode, accepts};
use super::random::Random;
use super::scene::{AKI, CLIENT, SERVER, Scene, plain_leaf};
use crate::support::{authority, leaf, name, origin, pem, serial};

/// One comparison.
pub(super) struct Judged {
    pub(super) outcome: String,
    /// Whether it must not be.
    pub(super) broken: bool,
}

impl Judged {
    fn fine(outcome: impl Into<String>) -> Self {
        Self { outcome: outcome.into(), broken: false }
    }

    fn broken(outcome: impl Into<String>) -> Self {
        Self { outcome: outcome.into(), broken: true }
    }
}

const USAGES: [Usage; 2] = [Usage::Server, Usage::Client];

/// Every comparison of a scene.
pub(super) fn judge(scene: &Scene, keys: &[Key], random: &mut Random) -> Vec<Judged> {
    let made: Vec<Vec<u8>> = scene.authorities.iter().map(|draft| draft.made(keys)).collect();
    let mut judged = vec![judge_leaf(scene, keys, &made, *random.choose(&[SERVER, CLIENT]))];
    judged.extend(judge_authority(scene, keys, &made, random));
    if random.one_in(20) {
        judged.extend(judge_own(scene, random));
    }
    judged
}

/// An authority that newleaf makes itself, and its leaves: OpenSSL's strict mode accepts them.
fn judge_own(scene: &Scene, random: &mut Random) -> Vec<Judged> {
    let algorithm = *random.choose(&[KeyAlgorithm::EcdsaP256, KeyAlgorithm::EcdsaP384, KeyAlgorithm::Ed25519]);
    let authority = authority(algorithm, random.choose::<&str>(&["newleaf", "a.b", "Ü, \"x\""]));
    let server = LeafProfile::server(&[name(random.choose::<&str>(&[
        "db.example.org",
        "localhost",
        "10.0.0.7",
        "2001:db8::1",
    ]))]);
    let client =
        LeafProfile::client(&CommonName::parse(random.choose::<&str>(&["postgres", "svc.backstage"])).expect("a role"));
    let mut judged = Vec::new();
    for (kind, profile) in [server, client].into_iter().enumerate() {
        let (leaf, _) = leaf(&authority, profile, algorithm).expect("a leaf");
        let chain = Chain { leaf: leaf.der(), sent: &[], trusted: &[authority.anchor().der().to_vec()] };
        judged.push(match accepts(&chain, kind, Mode::Strict, scene.at) {
            Ok(()) => Judged::fine("what newleaf makes itself: OpenSSL accepts it strictly"),
            Err(refusal) => {
                Judged::broken(format!("OpenSSL's strict mode refuses what newleaf makes itself: {refusal}"))
            }
        });
    }
    judged
}

/// A refusal without the names and numbers that are of its chain only.
fn bare(refusal: &str) -> String {
    let words = refusal.split_whitespace().filter(|word| !word.contains('/'));
    let words = words.map(|word| word.chars().map(|it| if it.is_ascii_digit() { '#' } else { it }).collect::<String>());
    words.collect::<Vec<_>>().join(" ")
}

fn compare(what: &str, newleaf: Result<(), String>, openssl: Result<(), String>) -> Judged {
    match (newleaf, openssl) {
        (Ok(()), Ok(())) => Judged::fine(format!("{what}: both accept")),
        (Err(_), Err(_)) => Judged::fine(format!("{what}: both refuse")),
        (Err(refusal), Ok(())) => Judged::fine(format!("only newleaf refuses {what}: {}", bare(&refusal))),
        (Ok(()), Err(refusal)) => Judged::broken(format!("only OpenSSL refuses {what}: {refusal}")),
    }
}

/// The leaf that the test makes, and a bundle that may hold more than its root.
fn judge_leaf(scene: &Scene, keys: &[Key], made: &[Vec<u8>], kind: usize) -> Judged {
    let leaf = scene.leaves[kind].made(keys);
    let sent: Vec<Vec<u8>> = made[1..].to_vec();
    let mut trusted = vec![made[0].clone()];
    trusted.extend(scene.trusted.iter().filter_map(|index| made.get(*index)).cloned());
    let chain = Chain { leaf: &leaf, sent: &sent, trusted: &trusted };
    compare("a leaf", newleaf_says(&chain, kind, scene), accepts(&chain, kind, Mode::Default, scene.at))
}

fn newleaf_says(chain: &Chain<'_>, kind: usize, scene: &Scene) -> Result<(), String> {
    let read = |der: &Vec<u8>| Certificate::from_der(der, &origin()).map_err(|error| error.to_string());
    let leaf = chain.leaf.to_vec();
    let certificates = std::iter::once(&leaf).chain(chain.sent).map(read).collect::<Result<Vec<_>, _>>()?;
    let trust = chain.trusted.iter().map(read).collect::<Result<TrustBundle, _>>()?;
    verify(&certificates, &trust, USAGES[kind], scene.at, None).map(|_| ()).map_err(|refusal| refusal.to_string())
}

/// The authority's files, from reading them to the leaves that newleaf issues.
fn judge_authority(scene: &Scene, keys: &[Key], made: &[Vec<u8>], random: &mut Random) -> Vec<Judged> {
    let role = *random.choose(&["postgres", "svc.backstage"]);
    let taken = take(scene, keys, made, role);
    let openssl = reference(scene, keys, made, role);
    match taken {
        Ok((authority, leaves)) => {
            let mut judged = vec![];
            for (kind, leaf) in leaves.iter().enumerate() {
                judged.extend(judge_issued(scene, &authority, leaf, kind));
            }
            judged
        }
        Err(refusal) => match openssl {
            Ok(strictly) => {
                let how = if strictly { "strictly too" } else { "only by default" };
                vec![Judged::fine(format!("only newleaf refuses an authority ({how}): {}", bare(&refusal)))]
            }
            Err(_) => vec![Judged::fine("an authority: both refuse")],
        },
    }
}

/// What newleaf makes of the files: the authority, and a leaf of each kind.
fn take(scene: &Scene, keys: &[Key], made: &[Vec<u8>], role: &str) -> Result<(Authority, Vec<Certificate>), String> {
    let ordered: Vec<Vec<u8>> = scene.order.iter().map(|index| pem("CERTIFICATE", &made[*index])).collect();
    let (first, second) = (ordered[..scene.first].concat(), ordered[scene.first..].concat());
    let mut files = vec![(first.as_slice(), origin())];
    if !second.is_empty() {
        files.push((second.as_slice(), origin()));
    }
    let key = &keys[scene.signer().key].pem;
    let authority = Authority::load(&files, (key, origin()), scene.at).map_err(|error| error.to_string())?;
    authority.check_at(scene.at).map_err(|error| error.to_string())?;
    let wanted = Validity { not_before: scene.at - TimeDelta::hours(1), not_after: scene.at + TimeDelta::days(45) };
    let validity = wanted.intersection(&authority.validity());
    let mut issued = Vec::new();
    for kind in [SERVER, CLIENT] {
        let request = LeafRequest { profile: profile(kind, role), serial: serial(0x22), validity };
        let leaf = issue(&authority, &request, &leaf_key(keys, kind)).map_err(|error| error.to_string())?;
        let chain: Vec<Certificate> = std::iter::once(&leaf).chain(authority.intermediates()).cloned().collect();
        let trust: TrustBundle = [authority.anchor().clone()].into_iter().collect();
        verify(&chain, &trust, USAGES[kind], scene.at, None).map_err(|refusal| format!("rehearsal: {refusal}"))?;
        issued.push(leaf);
    }
    Ok((authority, issued))
}

fn profile(kind: usize, role: &str) -> LeafProfile {
    match kind {
        SERVER => LeafProfile::server(&[name("postgres.backstage.svc"), name("10.0.0.7")]),
        _ => LeafProfile::client(&CommonName::parse(role).expect("a role")),
    }
}

fn leaf_key(keys: &[Key], kind: usize) -> PrivateKey {
    PrivateKey::from_pem(&keys[kind].pem, &origin()).expect("P-256")
}

/// A leaf that newleaf has issued, as its peers judge it.
fn judge_issued(scene: &Scene, authority: &Authority, leaf: &Certificate, kind: usize) -> Vec<Judged> {
    let sent: Vec<Vec<u8>> = authority.intermediates().map(|one| one.der().to_vec()).collect();
    let trusted = vec![authority.anchor().der().to_vec()];
    let chain = Chain { leaf: leaf.der(), sent: &sent, trusted: &trusted };
    if let Err(refusal) = accepts(&chain, kind, Mode::Default, scene.at) {
        return vec![Judged::broken(format!("only OpenSSL refuses what newleaf issued: {refusal}"))];
    }
    let warned = authority.warnings().iter().any(|warning| warning.kind == WarningKind::StrictVerifiers);
    let strictly = accepts(&chain, kind, Mode::Strict, scene.at);
    let outcome = match (&strictly, warned) {
        (Ok(()), false) => Judged::fine("an authority: both accept, strictly too"),
        (Err(_), true) => Judged::fine("an authority: both accept, taken with a warning of the strict mode"),
        (Ok(()), true) => Judged::broken("a warning without cause"),
        (Err(refusal), false) => Judged::broken(format!("no warning of the strict mode: {refusal}")),
    };
    vec![outcome]
}

/// Whether OpenSSL accepts leaves of the authority, by any root in its files; and whether strictly too.
fn reference(scene: &Scene, keys: &[Key], made: &[Vec<u8>], role: &str) -> Result<bool, String> {
    let roots = scene.authorities.iter().zip(made).filter(|(draft, _)| draft.subject == draft.issuer);
    let trusted: Vec<Vec<u8>> = roots.map(|(_, der)| der.clone()).collect();
    let mut strictly = true;
    for kind in [SERVER, CLIENT] {
        let mut draft = plain_leaf(kind, scene.signer(), keys, scene.at, role);
        let identifier = scene.signer().extensions.iter().find(|extension| extension.number == super::scene::SKI);
        // As a tool would: by the authority's own identifier, if it has one.
        if identifier.is_none_or(|identifier| identifier.value.len() != 22) {
            draft.without(AKI);
        } else if let Some(identifier) = identifier {
            let key = super::draft::element(0x80, &[&identifier.value[2..]]);
            draft.set(AKI, false, super::draft::element(0x30, &[&key]));
        }
        let leaf = draft.made(keys);
        let chain = Chain { leaf: &leaf, sent: made, trusted: &trusted };
        accepts(&chain, kind, Mode::Default, scene.at)?;
        strictly &= accepts(&chain, kind, Mode::Strict, scene.at).is_ok();
    }
    Ok(strictly)
}
