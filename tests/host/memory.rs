//! Keys in the memory of this process, after they were needed.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::slice;

use aho_corasick::AhoCorasick;
use base::layers::tree::Tree;
use base64ct::{Base64, Encoding};
use chrono::{DateTime, TimeDelta};
use rotation::document::resolve::{Environment, resolve};
use rotation::engine::facts::{Peer, Validity};
use rotation::engine::material::{Material, Slot, Snapshot};
use rotation::engine::ports::{Issuer, Store};
use rotation::engine::step::{AuthorityOrder, LeafOrder};
use rotation::issuer::{CertificateIssuer, Profile};
use rotation::pki::algorithm::KeyAlgorithm;
use tempfile::tempdir;
use zeroize::Zeroizing;

use crate::setting::{read, replace, store};

/// What hides the needles: the memory that is searched holds them, too.
const MASK: u8 = 0x5a;
/// How much of a key is looked for at once, and how far apart: what is freed is soon written over in part.
const PART: usize = 32;
const APART: usize = 64;

/// What only a private key holds, masked: parts of its second half in DER, which is after an RSA key's public numbers
/// (RFC 8017, A.1.2), and a line of the PEM. What was needed to find them is wiped.
struct Needles {
    parts: Vec<Vec<u8>>,
    line: Vec<u8>,
}

impl Needles {
    fn of(material: &Material, entry: &str) -> Self {
        let pem = material.entry(entry).expect("it has a key");
        let lines = pem.split(|byte| *byte == b'\n').filter(|line| !line.is_empty() && !line.starts_with(b"-"));
        let mut text = Zeroizing::new(Vec::with_capacity(pem.len()));
        lines.clone().for_each(|line| text.extend_from_slice(line));
        let mut der = Zeroizing::new(vec![0; pem.len()]);
        let key = Base64::decode(text.as_slice(), &mut der).expect("a key in PEM");
        let mask = |bytes: &[u8]| -> Vec<u8> { bytes.iter().map(|byte| byte ^ MASK).collect() };
        let secret = &key[key.len() / 2..];
        let parts = secret.windows(PART).step_by(APART).map(mask).collect();
        Self { parts, line: mask(lines.clone().next_back().expect("a key has lines")) }
    }
}

/// Whether one of the needles is in the memory of this process that it may write to.
fn is_found(needles: &[Vec<u8>]) -> bool {
    let maps = fs::read_to_string("/proc/self/maps").expect("it is there");
    let mut memory = fs::File::open("/proc/self/mem").expect("it is ours");
    let search = AhoCorasick::new(needles).expect("few and short");
    let mut found = false;
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let (start, end) = line.split_once(' ').and_then(|(range, _)| range.split_once('-')).expect("a range");
        let [start, end] = [start, end].map(|text| u64::from_str_radix(text, 16).expect("an address"));
        let mut bytes = Zeroizing::new(vec![0; usize::try_from(end - start).expect("it fits")]);
        // Some of it is gone by now.
        if memory.seek(SeekFrom::Start(start)).and_then(|_| memory.read_exact(&mut bytes)).is_ok() {
            bytes.iter_mut().for_each(|byte| *byte ^= MASK);
            found |= search.is_match(bytes.as_slice());
        }
    }
    found
}

async fn snapshot(store: &impl Store) -> Snapshot {
    let read = async |slot| store.read(slot).await.expect("it can be read");
    Snapshot {
        authority: read(Slot::Authority).await,
        server: read(Slot::Server).await,
        client: read(Slot::Client).await,
    }
}

/// Makes an authority and both leaves, rehearses and stores them. After each call no part of a key is in memory as DER: the
/// keys that are held meanwhile are PEM.
async fn bootstrap(issuer: &CertificateIssuer, directory: &Path) -> Vec<Needles> {
    let store = store(directory);
    let (now, day) = (DateTime::UNIX_EPOCH + TimeDelta::days(20_000), TimeDelta::days(1));
    let validity = Validity { not_before: now - day, not_after: now + day };
    let order = AuthorityOrder { generation: 1, validity, retiring: [].into(), rotation_id: None };
    let authority = issuer.add_authority(&Snapshot::default(), &order).expect("it can be made");
    let mut keys = vec![Needles::of(&authority, "authority-1.key")];
    let assert_clean = |keys: &[Needles], call: &str| {
        for (number, key) in keys.iter().enumerate() {
            assert!(!is_found(&key.parts), "key {number} is in memory after {call}");
        }
    };
    assert_clean(&keys, "making the authority");
    replace(&store, Slot::Authority, &authority).await;
    for peer in Peer::ALL {
        let before = snapshot(&store).await;
        let inspection = issuer.inspect(&before, now);
        assert_clean(&keys, "looking at what is stored");
        let authorities = inspection.authorities.present().expect("it is readable");
        let trust: BTreeSet<_> = authorities.iter().map(|authority| authority.anchor).collect();
        let order =
            LeafOrder { peer, signer: 1, validity, trust: trust.clone(), peer_trust: trust.clone(), rotation_id: None };
        let leaf = issuer.issue(&before, &order).expect("it can be issued");
        keys.push(Needles::of(&leaf, "tls.key"));
        assert_clean(&keys, "issuing");
        issuer.rehearse(&before, peer, &leaf, &trust, now).expect("it works");
        assert_clean(&keys, "the rehearsal");
        replace(&store, peer.slot(), &leaf).await;
    }
    keys
}

#[tokio::test]
async fn f23_no_copy_of_a_key_stays_in_memory_when_it_is_no_longer_needed() {
    let directory = tempdir().expect("a temporary directory can be made");
    let environment = Environment { host: None, namespace: Some("anywhere") };
    let profile = resolve(&Tree::default(), environment).expect("the defaults are fine").profile;
    let rsa = Profile { authority_algorithm: KeyAlgorithm::Rsa2048, leaf_algorithm: KeyAlgorithm::Rsa2048, ..profile };
    let keys = bootstrap(&CertificateIssuer::new(rsa, || [7; 16]), directory.path()).await;
    let held = read(&store(directory.path()), Slot::Authority).await;
    let authority = keys.first().expect("there are keys");
    assert!(is_found(slice::from_ref(&authority.line)), "a key that is held is found");
    drop(held);
    for (number, key) in keys.iter().enumerate() {
        assert!(!is_found(&key.parts) && !is_found(slice::from_ref(&key.line)), "key {number} is in memory");
    }
}
