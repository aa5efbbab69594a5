//! Public keys (`SubjectPublicKeyInfo`): their kind, and the verification of signatures.

use std::fmt;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ECDSA_P521_SHA512_ASN1, ED25519, ParsedPublicKey,
    VerificationAlgorithm,
};
use rustls_pki_types::SignatureVerificationAlgorithm;
use webpki::ALL_VERIFICATION_ALGS;

use crate::pki::der;

/// The two encoded parts of a public key.
#[derive(Debug, Clone, Copy)]
pub struct PublicKey<'a> {
    /// The contents of its `AlgorithmIdentifier`.
    pub algorithm: &'a [u8],
    /// The key itself.
    pub key: &'a [u8],
}

/// The result of verifying a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signature {
    /// The key made it.
    Genuine,
    /// The key did not make it.
    Forged,
    /// newleaf has no algorithm for it.
    Unknown,
}

impl<'a> PublicKey<'a> {
    /// Splits a `SubjectPublicKeyInfo`. `None` if it is malformed.
    pub fn read(encoded: &'a [u8]) -> Option<Self> {
        let fields = der::elements(der::only(encoded, der::SEQUENCE)?.content)?;
        let [algorithm, key] = fields.as_slice() else { return None };
        if algorithm.tag != der::SEQUENCE {
            return None;
        }
        Some(Self { algorithm: algorithm.content, key: der::whole_octets(key)? })
    }

    /// Whether newleaf can verify signatures of such a key.
    pub fn is_verifiable(self) -> bool {
        self.kind().is_usable() || matches!(self.kind(), PublicKeyKind::Rsa(_))
    }

    /// A key restricted to PSS signatures (id-RSASSA-PSS) as an unrestricted one (rsaEncryption).
    #[must_use]
    pub fn as_rsa(self) -> Self {
        match der::take(self.algorithm) {
            // 1.2.840.113549.1.1.10
            Some((oid, _)) if oid.content == b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a" => {
                Self { algorithm: b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00", key: self.key }
            }
            _ => self,
        }
    }

    /// Whether the key made the signature with the given algorithm.
    pub(super) fn signed(self, message: &[u8], algorithm: &[u8], signature: &[u8]) -> Signature {
        let named = ALL_VERIFICATION_ALGS.iter().copied().filter(|one| one.signature_alg_id().as_ref() == algorithm);
        self.signed_by_one_of(named, message, signature)
    }

    /// Whether the key made the signature, with any of the algorithms.
    pub fn signed_by_one_of<'b>(
        self,
        algorithms: impl Iterator<Item = &'b dyn SignatureVerificationAlgorithm>,
        message: &[u8],
        signature: &[u8],
    ) -> Signature {
        let mut verdict = Signature::Unknown;
        for algorithm in algorithms.filter(|one| one.public_key_alg_id().as_ref() == self.algorithm) {
            if algorithm.verify_signature(self.key, message, signature).is_ok() {
                return Signature::Genuine;
            }
            verdict = Signature::Forged;
        }
        verdict
    }

    pub(super) fn kind(self) -> PublicKeyKind {
        self.read_kind().unwrap_or(PublicKeyKind::Other)
    }

    fn read_kind(self) -> Option<PublicKeyKind> {
        let (oid, parameters) = der::take(self.algorithm).filter(|(oid, _)| oid.tag == der::OBJECT_IDENTIFIER)?;
        match oid.content {
            // 1.2.840.113549.1.1.1 rsaEncryption
            b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01" => {
                let numbers = der::elements(der::only(self.key, der::SEQUENCE)?.content)?;
                Some(PublicKeyKind::Rsa(der::bits(numbers.first()?.content)?))
            }
            // 1.2.840.10045.2.1 id-ecPublicKey
            b"\x2a\x86\x48\xce\x3d\x02\x01" => {
                let algorithm = match der::only(parameters, der::OBJECT_IDENTIFIER)?.content {
                    b"\x2a\x86\x48\xce\x3d\x03\x01\x07" => &ECDSA_P256_SHA256_ASN1,
                    b"\x2b\x81\x04\x00\x22" => &ECDSA_P384_SHA384_ASN1,
                    b"\x2b\x81\x04\x00\x23" => &ECDSA_P521_SHA512_ASN1,
                    _ => return Some(PublicKeyKind::OtherCurve),
                };
                Some(self.if_whole(algorithm, PublicKeyKind::Ecdsa))
            }
            // 1.3.101.112 id-Ed25519
            b"\x2b\x65\x70" => Some(self.if_whole(&ED25519, PublicKeyKind::Ed25519)),
            _ => None,
        }
    }

    /// The kind, if the key is a point of its curve. OpenSSL reads no other key.
    fn if_whole(self, algorithm: &'static dyn VerificationAlgorithm, kind: PublicKeyKind) -> PublicKeyKind {
        if ParsedPublicKey::new(algorithm, self.key).is_ok() { kind } else { PublicKeyKind::Malformed }
    }
}

/// The kind of a public key, as far as peers distinguish kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PublicKeyKind {
    /// RSA, with this number of bits.
    Rsa(usize),
    /// ECDSA on P-256, P-384 or P-521.
    Ecdsa,
    /// ECDSA on another curve, or on one without a name.
    OtherCurve,
    /// Ed25519.
    Ed25519,
    /// Not a point of its curve.
    Malformed,
    /// Anything else.
    Other,
}

impl PublicKeyKind {
    /// Whether every peer accepts it: OpenSSL requires 112 bits of security (level 2, Debian's), and rustls knows these kinds.
    pub(super) const fn is_usable(self) -> bool {
        match self {
            Self::Rsa(bits) => bits >= 2048,
            Self::Ecdsa | Self::Ed25519 => true,
            Self::OtherCurve | Self::Malformed | Self::Other => false,
        }
    }
}

impl fmt::Display for PublicKeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa(bits) => write!(f, "RSA of {bits} bits"),
            Self::Ecdsa => f.write_str("ECDSA"),
            Self::OtherCurve => f.write_str("an elliptic curve other than P-256, P-384 and P-521"),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Malformed => f.write_str("one that is not a point of its curve"),
            Self::Other => f.write_str("neither RSA nor ECDSA nor Ed25519"),
        }
    }
}
