//! Certificates of every kind, good and bad: each field as it is to be encoded, and a key that signs it.

use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Padding;
use openssl::sign::{RsaPssSaltlen, Signer};

use crate::support::Workshop;

/// A tag, a length and the parts.
pub(super) fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut encoded = vec![tag];
    match content.len() {
        short @ 0..=127 => encoded.push(u8::try_from(short).expect("it is short")),
        long => {
            let octets = u32::try_from(long).expect("it fits").to_be_bytes();
            let octets: Vec<u8> = octets.into_iter().skip_while(|&octet| octet == 0).collect();
            encoded.push(0x80 | u8::try_from(octets.len()).expect("it is short"));
            encoded.extend(octets);
        }
    }
    encoded.extend(content);
    encoded
}

pub(super) fn oid(dotted: &str) -> Vec<u8> {
    let arcs: Vec<u32> = dotted.split('.').map(|arc| arc.parse().expect("a number")).collect();
    let mut content = vec![u8::try_from(arcs[0] * 40 + arcs[1]).expect("the first two arcs are small")];
    for arc in &arcs[2..] {
        let mut septets = vec![u8::try_from(arc & 0x7f).expect("seven bits")];
        let mut rest = arc >> 7;
        while rest > 0 {
            septets.insert(0, 0x80 | u8::try_from(rest & 0x7f).expect("seven bits"));
            rest >>= 7;
        }
        content.extend(septets);
    }
    element(0x06, &[&content])
}

/// How a certificate is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    EcdsaSha1,
    EcdsaSha224,
    EcdsaSha256,
    EcdsaSha384,
    EcdsaSha512,
    RsaSha1,
    RsaSha256,
    RsaSha512,
    RsaPss,
    Ed25519,
    Ed448,
}

impl Algorithm {
    /// The usual one of a kind of key.
    pub(super) fn of(kind: &str) -> Self {
        match kind {
            "ed25519" => Self::Ed25519,
            "ed448" => Self::Ed448,
            rsa if rsa.starts_with("rsa") => Self::RsaSha256,
            _ => Self::EcdsaSha256,
        }
    }

    pub(super) fn identifier(self) -> Vec<u8> {
        let null: &[u8] = &[5, 0];
        // SHA-256, MGF1 with SHA-256, 32 octets of salt (RFC 4055, 3.1).
        let pss = b"\x30\x34\xa0\x0f\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\xa1\x1c\x30\x1a\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\xa2\x03\x02\x01\x20";
        let (number, parameters): (&str, &[u8]) = match self {
            Self::EcdsaSha1 => ("1.2.840.10045.4.1", &[]),
            Self::EcdsaSha224 => ("1.2.840.10045.4.3.1", &[]),
            Self::EcdsaSha256 => ("1.2.840.10045.4.3.2", &[]),
            Self::EcdsaSha384 => ("1.2.840.10045.4.3.3", &[]),
            Self::EcdsaSha512 => ("1.2.840.10045.4.3.4", &[]),
            Self::RsaSha1 => ("1.2.840.113549.1.1.5", null),
            Self::RsaSha256 => ("1.2.840.113549.1.1.11", null),
            Self::RsaSha512 => ("1.2.840.113549.1.1.13", null),
            Self::RsaPss => ("1.2.840.113549.1.1.10", pss),
            Self::Ed25519 => ("1.3.101.112", &[]),
            Self::Ed448 => ("1.3.101.113", &[]),
        };
        element(0x30, &[&oid(number), parameters])
    }

    fn sign(self, key: &PKey<Private>, message: &[u8]) -> Vec<u8> {
        let digest = match self {
            Self::EcdsaSha1 | Self::RsaSha1 => MessageDigest::sha1(),
            Self::EcdsaSha224 => MessageDigest::sha224(),
            Self::EcdsaSha384 => MessageDigest::sha384(),
            Self::EcdsaSha512 | Self::RsaSha512 => MessageDigest::sha512(),
            Self::EcdsaSha256 | Self::RsaSha256 | Self::RsaPss => MessageDigest::sha256(),
            Self::Ed25519 | Self::Ed448 => {
                let mut signer = Signer::new_without_digest(key).expect("a signer");
                return signer.sign_oneshot_to_vec(message).expect("it signs");
            }
        };
        let mut signer = Signer::new(digest, key).expect("a signer");
        if self == Self::RsaPss {
            signer.set_rsa_padding(Padding::PKCS1_PSS).expect("PSS");
            signer.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH).expect("a salt");
        }
        signer.sign_oneshot_to_vec(message).expect("it signs")
    }
}

/// A key of the pool.
pub(super) struct Key {
    pub(super) kind: &'static str,
    pub(super) private: PKey<Private>,
    pub(super) pem: Vec<u8>,
    /// `SubjectPublicKeyInfo`.
    pub(super) public: Vec<u8>,
}

/// The kinds in the pool. Six that everybody takes come first.
const KINDS: [(&str, &[&str]); 16] = [
    ("p256", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
    ("p256", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
    ("p256", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
    ("p256", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
    ("p256", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
    ("p256", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
    ("p384", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"]),
    ("p521", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"]),
    ("ed25519", &["-algorithm", "ED25519"]),
    ("rsa2048", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
    ("rsa1024", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"]),
    ("ed448", &["-algorithm", "ED448"]),
    ("brainpool", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:brainpoolP256r1"]),
    ("secp256k1", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"]),
    ("explicit", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-pkeyopt", "ec_param_enc:explicit"]),
    ("p224", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-224"]),
];
/// How many of them everybody takes, and how many of those are alike.
pub(super) const USUAL: usize = 6;
pub(super) const TAKEN: usize = 10;

pub(super) fn keys() -> Vec<Key> {
    let workshop = Workshop::new();
    let make = |(kind, arguments): &(&'static str, &[&str])| {
        let pem = workshop.key("key", arguments);
        let private = PKey::private_key_from_pem(&pem).expect("OpenSSL wrote it");
        let public = private.public_key_to_der().expect("it has a public part");
        Key { kind, private, pem, public }
    };
    KINDS.iter().map(make).collect()
}

/// One attribute of a name: its type, its string type, its text.
pub(super) type Attribute = (&'static str, u8, Vec<u8>);

/// A name of one attribute a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name(pub(super) Vec<Attribute>);

impl Name {
    pub(super) fn common(text: &str) -> Self {
        Self(vec![("2.5.4.3", 0x0c, text.as_bytes().to_vec())])
    }

    pub(super) fn encoded(&self) -> Vec<u8> {
        let sets: Vec<Vec<u8>> = self
            .0
            .iter()
            .map(|(kind, tag, text)| element(0x31, &[&element(0x30, &[&oid(kind), &element(*tag, &[text])])]))
            .collect();
        element(0x30, &[&sets.concat()])
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Extension {
    pub(super) number: &'static str,
    pub(super) critical: bool,
    pub(super) value: Vec<u8>,
}

/// A certificate that is to be made.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// As it is encoded: 2 for version 3; `None` leaves it out.
    pub(super) version: Option<u8>,
    pub(super) serial: Vec<u8>,
    pub(super) issuer: Name,
    pub(super) subject: Name,
    /// Tag and text of each date.
    pub(super) dates: [(u8, String); 2],
    /// Whose it is, by its place in the pool of keys.
    pub(super) key: usize,
    /// Who signs it.
    pub(super) signer: usize,
    pub(super) algorithm: Algorithm,
    /// The algorithm that stands in what is signed, where it is another one.
    pub(super) inner_algorithm: Option<Algorithm>,
    pub(super) extensions: Vec<Extension>,
    /// Whether a bit of the signature is flipped.
    pub(super) forged: bool,
    /// An octet of what is signed that is changed before it is signed: its place, and the bits.
    pub(super) damaged: Option<(usize, u8)>,
}

impl Draft {
    pub(super) fn extension(&mut self, number: &str) -> Option<&mut Extension> {
        self.extensions.iter_mut().find(|extension| extension.number == number)
    }

    pub(super) fn without(&mut self, number: &str) {
        self.extensions.retain(|extension| extension.number != number);
    }

    /// Replaces an extension, or adds it.
    pub(super) fn set(&mut self, number: &'static str, critical: bool, value: Vec<u8>) {
        self.without(number);
        self.extensions.push(Extension { number, critical, value });
    }

    pub(super) fn made(&self, keys: &[Key]) -> Vec<u8> {
        let extensions: Vec<Vec<u8>> = self
            .extensions
            .iter()
            .map(|extension| {
                let critical: &[u8] = if extension.critical { &[1, 1, 0xff] } else { &[] };
                element(0x30, &[&oid(extension.number), critical, &element(0x04, &[&extension.value])])
            })
            .collect();
        let extensions = match extensions.as_slice() {
            [] => Vec::new(),
            _ => element(0xa3, &[&element(0x30, &[&extensions.concat()])]),
        };
        let version = self.version.map(|version| element(0xa0, &[&element(0x02, &[&[version]])])).unwrap_or_default();
        let dates = self.dates.clone().map(|(tag, text)| element(tag, &[text.as_bytes()]));
        let mut message = element(
            0x30,
            &[
                &version,
                &element(0x02, &[&self.serial]),
                &self.inner_algorithm.unwrap_or(self.algorithm).identifier(),
                &self.issuer.encoded(),
                &element(0x30, &[&dates.concat()]),
                &self.subject.encoded(),
                &keys[self.key].public,
                &extensions,
            ],
        );
        if let Some((place, bits)) = self.damaged {
            let place = place % message.len();
            message[place] ^= bits;
        }
        let mut signature = self.algorithm.sign(&keys[self.signer].private, &message);
        if self.forged {
            *signature.last_mut().expect("it has octets") ^= 1;
        }
        element(0x30, &[&message, &self.algorithm.identifier(), &element(0x03, &[&[0], &signature])])
    }
}
