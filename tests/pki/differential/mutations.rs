//! What may be wrong, or only unusual.

use chrono::TimeDelta;

use super::draft::{Algorithm, Draft, Extension, Name, USUAL, element, oid};
use super::random::Random;
use super::scene::{AKI, BASIC, CLIENT, EXTENDED, KEY_USAGE, NAMES, SKI, Scene, aki_of, identifier, names, utc};

pub(super) type Mutation = fn(&mut Scene, &mut Random);

const CONSTRAINTS: &str = "2.5.29.30";
const NETSCAPE: &str = "2.16.840.1.113730.1.1";

pub(super) const MUTATIONS: &[(&str, Mutation)] = &[
    ("another key identifier", |scene, random| {
        let key = 20 + random.below(3);
        scene.any(random).set(SKI, false, element(0x04, &[&identifier(key)]));
    }),
    ("no key identifier", |scene, random| scene.any(random).without(SKI)),
    ("a critical key identifier", |scene, random| {
        if let Some(extension) = scene.any(random).extension(SKI) {
            extension.critical = true;
        }
    }),
    ("no authority key identifier", |scene, random| scene.any(random).without(AKI)),
    ("another authority key identifier", |scene, random| {
        let key = 20 + random.below(3);
        scene.any(random).set(AKI, false, aki_of(key));
    }),
    ("a critical authority key identifier", |scene, random| {
        if let Some(extension) = scene.any(random).extension(AKI) {
            extension.critical = true;
        }
    }),
    ("an authority key identifier with issuer and serial", identifier_with_issuer),
    ("a root that names itself", |scene, _| {
        let key = scene.authorities[0].key;
        scene.authorities[0].set(AKI, false, aki_of(key));
    }),
    ("other basic constraints", |scene, random| {
        let value = random
            .choose(&[
                element(0x30, &[]),
                element(0x30, &[&[1, 1, 0]]),
                element(0x30, &[&[1, 1, 1]]),
                element(0x30, &[&[1, 1, 0xff, 2, 1, 0]]),
                element(0x30, &[&[1, 1, 0xff, 2, 1, 1]]),
                element(0x30, &[&[1, 1, 0xff, 2, 1, 0xff]]),
                element(0x30, &[&[1, 1, 0xff, 2, 2, 0, 0x80]]),
                element(0x30, &[&[1, 1, 0xff, 2, 9, 1, 0, 0, 0, 0, 0, 0, 0, 0]]),
                element(0x30, &[&[2, 1, 0]]),
                vec![0x30, 0x03, 1, 1],
            ])
            .clone();
        let critical = !random.one_in(3);
        scene.any(random).set(BASIC, critical, value);
    }),
    ("no basic constraints", |scene, random| scene.any(random).without(BASIC)),
    ("basic constraints that are not critical", |scene, random| {
        if let Some(extension) = scene.any(random).extension(BASIC) {
            extension.critical = false;
        }
    }),
    ("other key usages", |scene, random| {
        let value: &[u8] = random.choose::<&[u8]>(&[
            &[3, 2, 1, 6],
            &[3, 2, 2, 4],
            &[3, 2, 1, 2],
            &[3, 2, 7, 0x80],
            &[3, 2, 5, 0x20],
            &[3, 2, 3, 8],
            &[3, 2, 0, 0],
            &[3, 1, 0],
            &[3, 3, 7, 6, 0x80],
            &[3, 3, 7, 0, 0x80],
            &[3, 2, 0, 0xff],
            &[4, 1, 6],
        ]);
        let critical = !random.one_in(3);
        scene.any(random).set(KEY_USAGE, critical, value.to_vec());
    }),
    ("no key usages", |scene, random| scene.any(random).without(KEY_USAGE)),
    ("extended key usages", extended_usages),
    ("name constraints", name_constraints),
    ("alternative names", alternative_names),
    ("another date", other_date),
    ("a date in another form", |scene, random| {
        let text = *random.choose(&[
            "3001010000Z",
            "300101000000+0100",
            "20300101000000Z",
            "20300101000000.5Z",
            "30010100000Z",
        ]);
        let tag = *random.choose(&[0x17, 0x18]);
        scene.any(random).dates[1] = (tag, text.to_owned());
    }),
    ("another version", |scene, random| {
        let version = *random.choose(&[None, Some(0), Some(1), Some(3)]);
        scene.any(random).version = version;
    }),
    ("a certificate of version 1", |scene, random| {
        let draft = scene.any(random);
        draft.version = None;
        draft.extensions.clear();
    }),
    ("another serial number", |scene, random| {
        let serial: &[u8] =
            random.choose::<&[u8]>(&[&[0], &[0xff], &[0, 0x80], &[0, 0, 1], &[0x7f; 20], &[0x7f; 21], &[1]]);
        scene.any(random).serial = serial.to_vec();
    }),
    ("another algorithm", other_algorithm),
    ("two algorithms", |scene, random| {
        let draft = scene.any(random);
        draft.inner_algorithm =
            Some(if draft.algorithm == Algorithm::RsaSha256 { Algorithm::EcdsaSha256 } else { Algorithm::RsaSha256 });
    }),
    ("a forged signature", |scene, random| scene.any(random).forged = true),
    ("the signature of another key", |scene, random| {
        let draft = scene.any(random);
        draft.signer = (draft.signer + 1) % USUAL;
        draft.algorithm = Algorithm::EcdsaSha256;
    }),
    ("an unusual key", unusual_key),
    ("an extension twice", |scene, random| {
        let draft = scene.any(random);
        if !draft.extensions.is_empty() {
            let twice = random.choose(&draft.extensions).clone();
            draft.extensions.push(twice);
        }
    }),
    ("another extension", other_extension),
    ("a damaged extension", |scene, random| {
        let draft = scene.any(random);
        if !draft.extensions.is_empty() {
            let index = random.below(draft.extensions.len());
            let value = &mut draft.extensions[index].value;
            if !value.is_empty() {
                let place = random.below(value.len());
                value[place] = *random.choose(&[0, 1, 0x7f, 0x80, 0xff, 0x30, 0x31]);
            }
        }
    }),
    ("a damaged octet", |scene, random| {
        let damage = (random.below(1000), u8::try_from(1 + random.below(255)).expect("an octet"));
        scene.any(random).damaged = Some(damage);
    }),
    ("a damaged octet of what is not the names", |scene, random| {
        let damage = (random.below(1000), 1 << random.below(8));
        scene.any(random).damaged = Some(damage);
    }),
    ("another name", other_name),
    ("a name in another spelling", other_spelling),
    ("a common name that looks like a host name", |scene, random| {
        let text = *random.choose(&["svc.backstage", "db.example.org", "a_b.c", "a-.b", ".a.b", "a.b.", "john doe.x"]);
        scene.leaves[CLIENT].subject = Name::common(text);
    }),
    ("a root renewed with the same key", renewed),
    ("a twin of the same name with another key", twin),
    ("a cross-signature", cross_signature),
    ("an intermediate in the bundle", |scene, random| {
        let index = random.below(scene.authorities.len());
        scene.trusted.push(index);
    }),
    ("a missing certificate", |scene, random| {
        if scene.depth > 1 && scene.authorities.len() == scene.depth {
            let index = random.below(scene.depth - 1);
            // What signs stays the last of those that lead to it.
            scene.authorities.remove(index);
            scene.depth -= 1;
        }
    }),
];

fn identifier_with_issuer(scene: &mut Scene, random: &mut Random) {
    let index = random.below(scene.depth + 1);
    let above = scene.authorities[index.saturating_sub(1).min(scene.depth - 1)].clone();
    let key = element(0x80, &[&identifier(above.key)]);
    let other = Name::common("Other");
    let issuer = if random.one_in(3) { &other } else { &above.issuer };
    let issuer = element(0xa1, &[&element(0xa4, &[&issuer.encoded()])]);
    let number = if random.one_in(3) { vec![5] } else { above.serial };
    let serial = element(0x82, &[&number]);
    let value = match random.below(5) {
        0 => element(0x30, &[&key, &issuer, &serial]),
        1 => element(0x30, &[&issuer, &serial]),
        2 => element(0x30, &[&serial]),
        3 => element(0x30, &[&issuer]),
        _ => element(0x30, &[]),
    };
    let draft = if index < scene.depth { &mut scene.authorities[index] } else { scene.any_leaf(random) };
    draft.set(AKI, false, value);
}

fn extended_usages(scene: &mut Scene, random: &mut Random) {
    const SERVER: &str = "1.3.6.1.5.5.7.3.1";
    const CLIENT: &str = "1.3.6.1.5.5.7.3.2";
    const ANY: &str = "2.5.29.37.0";
    const CODE: &str = "1.3.6.1.5.5.7.3.3";
    const SGC: &str = "2.16.840.1.113730.4.1";
    let usages: &[&str] = random.choose::<&[&str]>(&[
        &[SERVER],
        &[CLIENT],
        &[SERVER, CLIENT],
        &[ANY],
        &[SERVER, CLIENT, ANY],
        &[CODE],
        &[SGC, CLIENT],
        &[],
        &["1.2.3.4"],
    ]);
    let encoded: Vec<Vec<u8>> = usages.iter().map(|usage| oid(usage)).collect();
    let critical = random.one_in(3);
    scene.any(random).set(EXTENDED, critical, element(0x30, &[&encoded.concat()]));
}

fn subtree(random: &mut Random) -> Vec<u8> {
    let directory = element(0xa4, &[&Name::common("Root").encoded()]);
    let base = random
        .choose(&[
            element(0x82, &[b"svc"]),
            element(0x82, &[b"backstage.svc"]),
            element(0x82, &[b".svc"]),
            element(0x82, &[b"example.org"]),
            element(0x82, &[b"kstage.svc"]),
            element(0x82, &[b"SVC"]),
            element(0x82, &[b""]),
            element(0x87, &[&[10, 0, 0, 0, 255, 0, 0, 0]]),
            element(0x87, &[&[192, 168, 0, 0, 255, 255, 0, 0]]),
            element(0x87, &[&[10, 0, 0, 7, 255, 0, 255, 255]]),
            element(0x87, &[&[0; 32]]),
            element(0x87, &[&[10, 0]]),
            directory,
            element(0x81, &[b"example.org"]),
            element(0x86, &[b"example.org"]),
            element(0x88, &[&[0x2a, 3]]),
            element(0xa0, &[&oid("1.2.3"), &element(0xa0, &[&element(0x0c, &[b"x"])])]),
        ])
        .clone();
    let limit: &[u8] = match random.below(12) {
        0 => &[0x80, 1, 0],
        1 => &[0x80, 1, 1],
        2 => &[0x81, 1, 5],
        _ => &[],
    };
    element(0x30, &[&base, limit])
}

fn name_constraints(scene: &mut Scene, random: &mut Random) {
    let mut sides = Vec::new();
    for tag in [0xa0, 0xa1] {
        if random.one_in(2) {
            let subtrees: Vec<Vec<u8>> = (0..=random.below(2)).map(|_| subtree(random)).collect();
            sides.extend(element(tag, &[&subtrees.concat()]));
        }
    }
    let critical = !random.one_in(4);
    scene.any_authority(random).set(CONSTRAINTS, critical, element(0x30, &[&sides]));
}

fn alternative_names(scene: &mut Scene, random: &mut Random) {
    let directory = Name::common("Root").encoded();
    let forms: Vec<(u8, &[u8])> = vec![
        (0x82, b"postgres.backstage.svc"),
        (0x82, b"POSTGRES.backstage.SVC"),
        (0x82, b"*.backstage.svc"),
        (0x82, b"db"),
        (0x82, b""),
        (0x82, b"a b.svc"),
        (0x82, b"\xff.svc"),
        (0x87, &[10, 0, 0, 7]),
        (0x87, &[192, 168, 0, 1]),
        (0x87, &[0; 16]),
        (0x87, &[1, 2]),
        (0x81, b"root@example.org"),
        (0x86, b"https://db.example.org/"),
        (0x86, b"urn:x"),
        (0xa4, &directory),
        (0x88, &[0x2a, 3]),
    ];
    let chosen: Vec<(u8, &[u8])> = (0..random.below(3)).map(|_| *random.choose(&forms)).collect();
    let critical = random.one_in(4);
    scene.any(random).set(NAMES, critical, names(&chosen));
}

fn other_date(scene: &mut Scene, random: &mut Random) {
    let at = scene.at;
    let second = TimeDelta::seconds(1);
    let moments = [
        at - TimeDelta::days(5),
        at + TimeDelta::days(5),
        at,
        at - second,
        at + second,
        at - TimeDelta::days(20_000),
        at + TimeDelta::days(20_000),
    ];
    let which = random.below(2);
    let moment = utc(*random.choose(&moments));
    scene.any(random).dates[which] = moment;
}

fn other_algorithm(scene: &mut Scene, random: &mut Random) {
    let draft = scene.any(random);
    draft.algorithm = match draft.algorithm {
        Algorithm::RsaSha256 => *random.choose(&[Algorithm::RsaSha1, Algorithm::RsaSha512, Algorithm::RsaPss]),
        Algorithm::EcdsaSha256 => *random.choose(&[
            Algorithm::EcdsaSha1,
            Algorithm::EcdsaSha224,
            Algorithm::EcdsaSha384,
            Algorithm::EcdsaSha512,
        ]),
        Algorithm::EcdsaSha1
        | Algorithm::EcdsaSha224
        | Algorithm::EcdsaSha384
        | Algorithm::EcdsaSha512
        | Algorithm::RsaSha1
        | Algorithm::RsaSha512
        | Algorithm::RsaPss
        | Algorithm::Ed25519
        | Algorithm::Ed448 => draft.algorithm,
    };
}

/// Gives a key of another kind to one of the authorities, or to a leaf; what it signs is signed by it.
fn unusual_key(scene: &mut Scene, random: &mut Random) {
    const KINDS: [(usize, &str); 10] = [
        (6, "p384"),
        (7, "p521"),
        (8, "ed25519"),
        (9, "rsa2048"),
        (10, "rsa1024"),
        (11, "ed448"),
        (12, "brainpool"),
        (13, "secp256k1"),
        (14, "explicit"),
        (15, "p224"),
    ];
    let (key, kind) = *random.choose(&KINDS);
    let index = random.below(scene.depth + 1);
    let algorithm = Algorithm::of(kind);
    let resign = |draft: &mut Draft| {
        draft.signer = key;
        draft.algorithm = algorithm;
        if draft.extension(AKI).is_some() {
            draft.set(AKI, false, aki_of(key));
        }
    };
    if index == scene.depth {
        scene.any_leaf(random).key = key;
        return;
    }
    let draft = &mut scene.authorities[index];
    draft.key = key;
    draft.set(SKI, false, element(0x04, &[&identifier(key)]));
    if index == 0 {
        resign(draft);
    }
    if index + 1 < scene.depth {
        resign(&mut scene.authorities[index + 1]);
    } else {
        scene.leaves.iter_mut().for_each(resign);
    }
}

fn other_extension(scene: &mut Scene, random: &mut Random) {
    let policies = element(0x30, &[&element(0x30, &[&oid("1.2.3.4")])]);
    let points =
        element(0x30, &[&element(0x30, &[&element(0xa0, &[&element(0xa0, &[&element(0x86, &[b"http://x/"])])])])]);
    let proxy = element(0x30, &[&element(0x30, &[&oid("1.3.6.1.5.5.7.21.1")])]);
    let addresses = element(0x30, &[&element(0x30, &[&element(0x04, &[&[0, 1]]), &[5, 0]])]);
    let extensions: Vec<(&'static str, Vec<u8>)> = vec![
        ("1.2.3.4.5", element(0x0c, &[b"x"])),
        ("2.5.29.32", policies),
        ("2.5.29.31", points),
        ("2.5.29.31", element(0x30, &[&element(0x30, &[])])),
        ("2.5.29.36", element(0x30, &[&[0x80, 1, 0]])),
        ("2.5.29.54", vec![2, 1, 0]),
        ("2.5.29.33", element(0x30, &[&element(0x30, &[&oid("1.2.3"), &oid("1.2.4")])])),
        ("1.3.6.1.5.5.7.48.1.5", vec![5, 0]),
        ("1.3.6.1.5.5.7.1.14", proxy),
        ("1.3.6.1.5.5.7.1.7", addresses),
        ("1.3.6.1.5.5.7.1.8", element(0x30, &[&element(0xa0, &[&[5, 0]])])),
        (NETSCAPE, vec![3, 2, 6, 0x40]),
        (NETSCAPE, vec![3, 2, 7, 0x80]),
        (NETSCAPE, vec![3, 2, 0, 0x07]),
        (NETSCAPE, vec![3, 1, 0]),
        ("2.5.29.18", names(&[(0x82, b"x.y")])),
        ("2.5.29.9", element(0x30, &[])),
        ("2.5.29.46", element(0x30, &[&element(0x30, &[])])),
    ];
    let (number, value) = random.choose(&extensions).clone();
    let critical = random.one_in(3);
    scene.any(random).extensions.push(Extension { number, critical, value });
}

/// Renames a certificate; what names it as its issuer follows mostly.
fn other_name(scene: &mut Scene, random: &mut Random) {
    let email: (&'static str, u8, Vec<u8>) = ("1.2.840.113549.1.9.1", 0x16, b"root@example.org".to_vec());
    let common = |tag: u8, text: &[u8]| ("2.5.4.3", tag, text.to_vec());
    let name = random
        .choose(&[
            Name(Vec::new()),
            Name(vec![("2.5.4.10", 0x0c, b"Example".to_vec())]),
            Name(vec![common(0x0c, b"Root"), email.clone()]),
            Name(vec![common(0x0c, b"Root"), (email.0, 0x0c, email.2.clone())]),
            Name(vec![common(0x0c, b"a.b"), common(0x0c, b"c.d")]),
            Name(vec![common(0x0c, b"\xff\xfe")]),
            Name(vec![common(0x1e, b"\0s\0v\0c\0.\0b")]),
            Name(vec![common(0x1e, b"\0s\0v\0c")]),
            Name(vec![common(0x1e, b"abc")]),
            Name(vec![common(0x14, b"B\xfccher")]),
            Name(vec![common(0x1c, b"\0\0\0a")]),
            Name(vec![common(0x16, b"r\xe9")]),
            Name(vec![common(0x13, b"a*b@c")]),
            Name(vec![common(0x0c, b"svc.backstage\0")]),
            Name(vec![common(0x04, b"octets")]),
        ])
        .clone();
    let index = random.below(scene.authorities.len() + 2);
    match index.checked_sub(scene.authorities.len()) {
        Some(leaf) => scene.leaves[leaf].subject = name,
        None => rename(scene, index, &name, !random.one_in(5)),
    }
}

/// Gives an authority the name, and tells those below it if they are to follow.
fn rename(scene: &mut Scene, index: usize, name: &Name, follows: bool) {
    let former = std::mem::replace(&mut scene.authorities[index].subject, name.clone());
    if !follows {
        return;
    }
    for draft in scene.authorities.iter_mut().chain(&mut scene.leaves).filter(|draft| draft.issuer == former) {
        draft.issuer = name.clone();
    }
}

/// The same name for OpenSSL, in other octets.
fn other_spelling(scene: &mut Scene, random: &mut Random) {
    let respell = |name: &Name, random: &mut Random| {
        let change = random.below(4);
        Name(
            name.0
                .iter()
                .map(|(kind, tag, text)| match change {
                    0 => (*kind, 0x13, text.clone()),
                    1 => (*kind, *tag, text.to_ascii_uppercase()),
                    2 => (*kind, *tag, [b"  ", text.as_slice(), b" "].concat()),
                    _ => (*kind, 0x14, text.clone()),
                })
                .collect(),
        )
    };
    let draft = scene.any(random);
    if random.one_in(2) {
        draft.issuer = respell(&draft.issuer, random);
    } else {
        draft.subject = respell(&draft.subject, random);
    }
}

/// The root once more, as its owner renews it.
fn renewed(scene: &mut Scene, random: &mut Random) {
    let mut root = scene.authorities[0].clone();
    root.serial = vec![3, 3];
    let days = *random.choose(&[-100, -5, 20, 3000]);
    root.dates = [utc(scene.at - TimeDelta::days(400)), utc(scene.at + TimeDelta::days(days))];
    match random.below(4) {
        0 => root.without(SKI),
        1 => root.set(SKI, false, element(0x04, &[&identifier(30)])),
        _ => {}
    }
    scene.authorities.push(root);
    if random.one_in(2) {
        scene.trusted.push(scene.authorities.len() - 1);
    }
}

/// Another authority of the name of one of ours.
fn twin(scene: &mut Scene, random: &mut Random) {
    let mut twin = scene.authorities[random.below(scene.depth)].clone();
    let key = 4;
    twin.key = key;
    twin.serial = vec![4, 4];
    twin.set(SKI, false, element(0x04, &[&identifier(key)]));
    if random.one_in(3) {
        twin.without(SKI);
    }
    if twin.subject == twin.issuer {
        twin.signer = key;
        twin.algorithm = Algorithm::EcdsaSha256;
    }
    scene.authorities.push(twin);
    if random.one_in(2) {
        scene.trusted.push(scene.authorities.len() - 1);
    }
}

/// The root's key and name, signed by an older root that is beside it, mostly.
fn cross_signature(scene: &mut Scene, random: &mut Random) {
    let key = 3;
    let mut old = scene.authorities[0].clone();
    old.subject = Name::common("Old Root");
    old.issuer = old.subject.clone();
    (old.key, old.signer, old.algorithm) = (key, key, Algorithm::EcdsaSha256);
    old.set(SKI, false, element(0x04, &[&identifier(key)]));
    old.without(AKI);
    old.serial = vec![6];
    let mut cross = scene.authorities[0].clone();
    cross.issuer = old.subject.clone();
    (cross.signer, cross.algorithm) = (key, Algorithm::EcdsaSha256);
    cross.set(AKI, false, aki_of(key));
    cross.serial = vec![7];
    if random.one_in(2) {
        let ended = utc(scene.at - TimeDelta::days(1));
        old.dates[1] = ended.clone();
        cross.dates[1] = ended;
    }
    scene.authorities.push(cross);
    if random.one_in(3) {
        scene.trusted.push(scene.authorities.len() - 1);
    }
    if !random.one_in(4) {
        scene.authorities.push(old);
        if random.one_in(2) {
            scene.trusted.push(scene.authorities.len() - 1);
        }
    }
}
