//! Private keys: generated, read, used for signing, and wiped.

use std::fmt;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base::diagnosis::Code;
use zeroize::Zeroizing;

use crate::pki::algorithm::KeyAlgorithm;
use crate::pki::der;
use crate::pki::error::{PkiError, Source};
use crate::pki::pem::{self, KeyFormat};

/// The kind of a key. newleaf reads more kinds than it generates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// A kind that newleaf also generates.
    Known(KeyAlgorithm),
    /// ECDSA on P-521.
    EcdsaP521,
    /// RSA of another size, in bits.
    Rsa(usize),
}

impl KeyKind {
    /// The algorithm, if newleaf generates such keys.
    pub const fn algorithm(self) -> Option<KeyAlgorithm> {
        match self {
            Self::Known(algorithm) => Some(algorithm),
            Self::EcdsaP521 | Self::Rsa(_) => None,
        }
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(algorithm) => write!(f, "{algorithm}"),
            Self::EcdsaP521 => f.write_str("ecdsa-p521"),
            Self::Rsa(bits) => write!(f, "rsa-{bits}"),
        }
    }
}

/// A key of AWS-LC, which wipes the memory when it frees the key.
enum Pair {
    Ecdsa(Box<EcdsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
    Rsa(Box<RsaKeyPair>),
}

/// A private key. It is wiped when dropped, and `Debug` shows only the kind.
pub struct PrivateKey {
    kind: KeyKind,
    pair: Pair,
    pkcs8: Zeroizing<Vec<u8>>,
    public: Vec<u8>,
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({})", self.kind)
    }
}

/// The library reports only that it failed.
struct Unspecified;

impl From<aws_lc_rs::error::Unspecified> for Unspecified {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self
    }
}

impl PrivateKey {
    /// Generates a key. AWS-LC provides the randomness, seeded by the operating system.
    pub fn generate(algorithm: KeyAlgorithm) -> Result<Self, PkiError> {
        Self::try_generate(algorithm).map_err(|Unspecified| {
            let what = format!("a private key ({algorithm})");
            PkiError::issue(Code::KeyGeneration, what, "the cryptographic library failed")
        })
    }

    fn try_generate(algorithm: KeyAlgorithm) -> Result<Self, Unspecified> {
        let ecdsa = |curve| Ok::<_, Unspecified>(Pair::Ecdsa(Box::new(EcdsaKeyPair::generate(curve)?)));
        let rsa = |size| Ok::<_, Unspecified>(Pair::Rsa(Box::new(RsaKeyPair::generate(size)?)));
        let pair = match algorithm {
            KeyAlgorithm::EcdsaP256 => ecdsa(&ECDSA_P256_SHA256_ASN1_SIGNING)?,
            KeyAlgorithm::EcdsaP384 => ecdsa(&ECDSA_P384_SHA384_ASN1_SIGNING)?,
            KeyAlgorithm::Ed25519 => Pair::Ed25519(Box::new(Ed25519KeyPair::generate()?)),
            KeyAlgorithm::Rsa2048 => rsa(KeySize::Rsa2048)?,
            KeyAlgorithm::Rsa3072 => rsa(KeySize::Rsa3072)?,
            KeyAlgorithm::Rsa4096 => rsa(KeySize::Rsa4096)?,
        };
        Self::new(KeyKind::Known(algorithm), pair)
    }

    /// Derives the stored and the published form from the key itself, so that the three always agree.
    fn new(kind: KeyKind, pair: Pair) -> Result<Self, Unspecified> {
        let (pkcs8, public): (Zeroizing<Vec<u8>>, PublicKeyX509Der<'_>) = match &pair {
            Pair::Ecdsa(pair) => (copy(pair.to_pkcs8v1()?.as_ref()), pair.public_key().as_der()?),
            Pair::Ed25519(pair) => (copy(pair.to_pkcs8v1()?.as_ref()), pair.public_key().as_der()?),
            Pair::Rsa(pair) => {
                let pkcs8: Pkcs8V1Der<'_> = pair.as_der()?;
                (copy(pkcs8.as_ref()), pair.public_key().as_der()?)
            }
        };
        let public = public.as_ref().to_vec();
        Ok(Self { kind, pair, pkcs8, public })
    }

    /// Reads the one private key of a PEM file: PKCS#8, SEC1 (with or without `EC PARAMETERS`) or PKCS#1.
    pub fn from_pem(input: &[u8], origin: &Source) -> Result<Self, PkiError> {
        let (format, der) = pem::private_key(input, origin)?;
        Self::from_der(format, &der, origin)
    }

    fn from_der(format: KeyFormat, der: &[u8], origin: &Source) -> Result<Self, PkiError> {
        let broken = |reason: &str| PkiError::unreadable(Code::KeyBroken, origin, reason);
        let declared = declared(format, der).ok_or_else(|| broken("what is in the PEM block is not a private key"))?;
        let invalid = || broken("the numbers in it make no valid key");
        let (kind, pair) = match declared {
            Declared::Ecdsa(kind, curve) => {
                let pair = match format {
                    KeyFormat::Pkcs8 => EcdsaKeyPair::from_pkcs8(curve, der),
                    KeyFormat::Sec1 | KeyFormat::Pkcs1 => EcdsaKeyPair::from_private_key_der(curve, der),
                };
                (kind, Pair::Ecdsa(Box::new(pair.map_err(|_| invalid())?)))
            }
            Declared::Ed25519 => {
                let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map_err(|_| invalid())?;
                (KeyKind::Known(KeyAlgorithm::Ed25519), Pair::Ed25519(Box::new(pair)))
            }
            Declared::Rsa(bits) => {
                let kind = rsa_kind(bits).ok_or_else(|| unsupported(&format!("RSA of {bits} bits"), origin))?;
                let pair = match format {
                    KeyFormat::Pkcs8 => RsaKeyPair::from_pkcs8(der),
                    KeyFormat::Pkcs1 | KeyFormat::Sec1 => RsaKeyPair::from_der(der),
                };
                (kind, Pair::Rsa(Box::new(pair.map_err(|_| invalid())?)))
            }
            Declared::Other(name) => return Err(unsupported(name, origin)),
        };
        Self::new(kind, pair).map_err(|Unspecified| invalid())
    }

    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The public key in the form of a certificate (`SubjectPublicKeyInfo`, DER).
    pub fn public_key(&self) -> &[u8] {
        &self.public
    }

    /// The key as PKCS#8 in DER.
    pub fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// The key as PKCS#8 in PEM, with LF and a final newline.
    pub fn to_pem(&self) -> Zeroizing<String> {
        pem::encode("PRIVATE KEY", &self.pkcs8)
    }

    /// Signs a message. `None` if the cryptographic library fails.
    pub(super) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Ecdsa(pair) => pair.sign(&random, message).ok().map(|signature| signature.as_ref().to_vec()),
            Pair::Ed25519(pair) => pair.try_sign(message).ok().map(|signature| signature.as_ref().to_vec()),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).ok()?;
                Some(signature)
            }
        }
    }
}

impl rcgen::PublicKeyData for PrivateKey {
    fn der_bytes(&self) -> &[u8] {
        match &self.pair {
            Pair::Ecdsa(pair) => pair.public_key().as_ref(),
            Pair::Ed25519(pair) => pair.public_key().as_ref(),
            Pair::Rsa(pair) => pair.public_key().as_ref(),
        }
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        match self.kind {
            KeyKind::Known(KeyAlgorithm::EcdsaP256) => &rcgen::PKCS_ECDSA_P256_SHA256,
            KeyKind::Known(KeyAlgorithm::EcdsaP384) => &rcgen::PKCS_ECDSA_P384_SHA384,
            KeyKind::EcdsaP521 => &rcgen::PKCS_ECDSA_P521_SHA512,
            KeyKind::Known(KeyAlgorithm::Ed25519) => &rcgen::PKCS_ED25519,
            KeyKind::Known(KeyAlgorithm::Rsa2048 | KeyAlgorithm::Rsa3072 | KeyAlgorithm::Rsa4096) | KeyKind::Rsa(_) => {
                &rcgen::PKCS_RSA_SHA256
            }
        }
    }
}

impl rcgen::SigningKey for PrivateKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Self::sign(self, message).ok_or(rcgen::Error::RingUnspecified)
    }
}

fn copy(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(bytes.to_vec())
}

fn unsupported(name: &str, origin: &Source) -> PkiError {
    let reason = format!("the key is of a kind that is not supported: {name}");
    PkiError::unreadable(Code::KeyKindUnsupported, origin, reason)
}

const fn rsa_kind(bits: usize) -> Option<KeyKind> {
    match bits {
        2048 => Some(KeyKind::Known(KeyAlgorithm::Rsa2048)),
        3072 => Some(KeyKind::Known(KeyAlgorithm::Rsa3072)),
        4096 => Some(KeyKind::Known(KeyAlgorithm::Rsa4096)),
        // AWS-LC signs with any size in between that is a multiple of eight bits.
        2049..=4095 if bits.is_multiple_of(8) => Some(KeyKind::Rsa(bits)),
        _ => None,
    }
}

/// The kind of key that the wrapping declares.
enum Declared {
    Ecdsa(KeyKind, &'static EcdsaSigningAlgorithm),
    Ed25519,
    Rsa(usize),
    Other(&'static str),
}

fn declared(format: KeyFormat, der: &[u8]) -> Option<Declared> {
    let fields = der::elements(der::only(der, der::SEQUENCE)?.content)?;
    match format {
        KeyFormat::Pkcs8 => {
            let [version, algorithm, key, ..] = fields.as_slice() else { return None };
            let tags = [version.tag, algorithm.tag, key.tag];
            if tags != [der::INTEGER, der::SEQUENCE, der::OCTET_STRING] {
                return None;
            }
            declared_pkcs8(algorithm.content, key.content)
        }
        KeyFormat::Sec1 => {
            let parameters = fields.iter().find(|field| field.tag == 0xa0)?;
            Some(curve(parameters.content))
        }
        KeyFormat::Pkcs1 => rsa_bits(&fields).map(Declared::Rsa),
    }
}

fn declared_pkcs8(algorithm: &[u8], key: &[u8]) -> Option<Declared> {
    let (oid, parameters) = der::take(algorithm)?;
    match oid.content {
        // 1.2.840.10045.2.1 id-ecPublicKey
        b"\x2a\x86\x48\xce\x3d\x02\x01" => Some(curve(parameters)),
        // 1.3.101.112 id-Ed25519
        b"\x2b\x65\x70" => Some(Declared::Ed25519),
        // 1.2.840.113549.1.1.1 rsaEncryption
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01" => {
            let fields = der::elements(der::only(key, der::SEQUENCE)?.content)?;
            rsa_bits(&fields).map(Declared::Rsa)
        }
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a" => Some(Declared::Other("RSA-PSS")),
        b"\x2b\x65\x71" => Some(Declared::Other("Ed448")),
        b"\x2b\x65\x6e" => Some(Declared::Other("X25519")),
        b"\x2a\x86\x48\xce\x38\x04\x01" => Some(Declared::Other("DSA")),
        _ => (oid.tag == der::OBJECT_IDENTIFIER)
            .then_some(Declared::Other("an algorithm other than EC, Ed25519 and RSA")),
    }
}

/// The named curve (RFC 5480, 2.1.1.1).
fn curve(parameters: &[u8]) -> Declared {
    let Some(oid) = der::only(parameters, der::OBJECT_IDENTIFIER) else {
        return Declared::Other("an elliptic curve without a name");
    };
    match oid.content {
        b"\x2a\x86\x48\xce\x3d\x03\x01\x07" => {
            Declared::Ecdsa(KeyKind::Known(KeyAlgorithm::EcdsaP256), &ECDSA_P256_SHA256_ASN1_SIGNING)
        }
        b"\x2b\x81\x04\x00\x22" => {
            Declared::Ecdsa(KeyKind::Known(KeyAlgorithm::EcdsaP384), &ECDSA_P384_SHA384_ASN1_SIGNING)
        }
        b"\x2b\x81\x04\x00\x23" => Declared::Ecdsa(KeyKind::EcdsaP521, &ECDSA_P521_SHA512_ASN1_SIGNING),
        _ => Declared::Other("an elliptic curve other than P-256, P-384 and P-521"),
    }
}

/// The size of the modulus, the second number of an `RSAPrivateKey` (RFC 8017, A.1.2).
fn rsa_bits(fields: &[der::Element<'_>]) -> Option<usize> {
    let [version, modulus, ..] = fields else { return None };
    if version.tag != der::INTEGER || modulus.tag != der::INTEGER {
        return None;
    }
    der::bits(modulus.content)
}
