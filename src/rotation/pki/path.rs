//! Finds the paths from a certificate to its roots (RFC 5280, 6) by names, identifiers and signatures. It ignores time and
//! constraints.

use std::cmp::Reverse;

use crate::pki::certificate::Certificate;
use crate::pki::der;
use crate::pki::extensions::AuthorityKeyIdentifier;
use crate::pki::public_key::{PublicKey, Signature};

/// The limit of a search: signature checks plus visited certificates. Thirty-two certificates that all signed each other have
/// more paths than any search can try; a usual file needs a dozen steps.
const WORK_MAX: usize = 1024;

/// A path to a root: the starting certificate first, the root last.
pub type CertificationPath = Vec<Certificate>;

/// The result of a search.
#[derive(Debug)]
pub struct Search {
    /// Every path to a root that the search found.
    pub paths: Vec<CertificationPath>,
    /// Where the search ended without a root, and why: a clause.
    pub gap: Option<String>,
}

/// Every path from the certificate to a self-signed root among the candidates, in arbitrary order.
pub fn to_roots(certificate: &Certificate, candidates: &[Certificate]) -> Search {
    // Roots first, then by latest expiry: the search tries likely paths first, whatever the order of the candidates.
    let mut sorted: Vec<&Certificate> = candidates.iter().collect();
    sorted.sort_by_key(|one| Reverse((one.is_self_issued(), one.validity().not_after, one.fingerprint())));
    let mut pool: Vec<&Certificate> = vec![certificate];
    for candidate in sorted {
        if !pool.contains(&candidate) {
            pool.push(candidate);
        }
    }
    let issuers = vec![None; pool.len()];
    let mut climb = Climb { pool, issuers, path: Vec::new(), paths: Vec::new(), gap: None, work: WORK_MAX };
    climb.from(0);
    let Climb { pool, paths, gap, .. } = climb;
    let certificate = |&index: &usize| pool.get(index).copied().cloned();
    let paths = paths.iter().map(|path| path.iter().filter_map(certificate).collect()).collect();
    Search { paths, gap: gap.map(|(_, why)| why) }
}

/// The state of a search. It refers to certificates by their index in the pool.
struct Climb<'a> {
    pool: Vec<&'a Certificate>,
    /// The signers of each certificate, once the search has determined them.
    issuers: Vec<Option<Vec<usize>>>,
    path: Vec<usize>,
    paths: Vec<Vec<usize>>,
    /// The length of the longest path without a root, and why it has none.
    gap: Option<(usize, String)>,
    work: usize,
}

impl Climb<'_> {
    fn from(&mut self, index: usize) {
        let Some(work) = self.work.checked_sub(1) else { return };
        self.work = work;
        self.path.push(index);
        let issuers = self.issuers_of(index);
        if issuers.contains(&index) {
            self.paths.push(self.path.clone());
        } else {
            for issuer in issuers {
                if !self.path.contains(&issuer) {
                    self.from(issuer);
                }
            }
        }
        self.path.pop();
    }

    /// The signers of a certificate, including itself if it is self-signed.
    fn issuers_of(&mut self, index: usize) -> Vec<usize> {
        if let Some(Some(known)) = self.issuers.get(index) {
            return known.clone();
        }
        let Some(&subject) = self.pool.get(index) else { return Vec::new() };
        let mut found = Vec::new();
        let mut near = None;
        for (candidate, &issuer) in self.pool.iter().enumerate() {
            if !names(subject, issuer) {
                continue;
            }
            let Some(work) = self.work.checked_sub(1) else { break };
            self.work = work;
            match link(subject, issuer) {
                Ok(()) => found.push(candidate),
                Err(why) => near = near.or(Some(why)),
            }
        }
        if found.is_empty() {
            let why = match near {
                Some(why) => why,
                None => self.missing(subject),
            };
            self.note_gap(why);
        }
        if let Some(known) = self.issuers.get_mut(index) {
            *known = Some(found.clone());
        }
        found
    }

    fn missing(&self, subject: &Certificate) -> String {
        let (line, issuer) = (subject.subject_line(), subject.issuer_line());
        match self.pool.iter().find(|one| one.folded_subject() == subject.folded_issuer()) {
            Some(other) => other_encoding(subject, other),
            None => format!("the certificate of {issuer}, which signed {line}, is missing"),
        }
    }

    fn note_gap(&mut self, why: String) {
        let length = self.path.len();
        match &self.gap {
            Some((longest, _)) if length <= *longest => {}
            Some(_) | None => self.gap = Some((length, why)),
        }
    }
}

/// Whether the subject names the issuer byte for byte.
fn names(subject: &Certificate, issuer: &Certificate) -> bool {
    subject.issuer() == issuer.subject()
}

/// Whether the issuer that the subject names issued it. The error is a clause.
fn link(subject: &Certificate, issuer: &Certificate) -> Result<(), String> {
    let (below, above) = (subject.subject_line(), issuer.subject_line());
    if let Some(identifier) = subject.issuer_identifier() {
        let same_name = match &identifier.issuer {
            Some(name) => name == issuer.issuer(),
            None => true,
        };
        if let Some(what) = disagreement(identifier, issuer, same_name) {
            return Err(format!(
                "the authority key identifier of {below} names another {what} than {above} has, so OpenSSL finds no issuer"
            ));
        }
    }
    match signature(subject, issuer) {
        Some(Signature::Genuine) => Ok(()),
        Some(Signature::Forged) if subject == issuer => Err(format!("the signature of {below} is not its own")),
        Some(Signature::Forged) => Err(format!("{above} did not sign {below}: its key is another")),
        Some(Signature::Unknown) | None => Err(format!(
            "{below} is signed with {}, which rustls cannot verify with the key of {above} ({})",
            subject.signature_algorithm(),
            issuer.key_kind()
        )),
    }
}

/// The field in which the identifier differs from the issuer (OpenSSL: `X509_check_akid`).
fn disagreement(identifier: &AuthorityKeyIdentifier, issuer: &Certificate, same_name: bool) -> Option<&'static str> {
    if let (Some(named), Some(has)) = (&identifier.key, issuer.subject_key_identifier())
        && named != has
    {
        return Some("subject key identifier");
    }
    if let Some(named) = &identifier.serial
        && named != issuer.significant_serial()
    {
        return Some("serial number");
    }
    if same_name { None } else { Some("issuer") }
}

/// Whether OpenSSL may take it for the issuer: OpenSSL compares names and identifiers, and takes the first match
/// (`ossl_x509_likely_issued`).
pub(super) fn may_be_taken_for_issuer(subject: &Certificate, issuer: &Certificate) -> bool {
    if subject.folded_issuer() != issuer.folded_subject() {
        return false;
    }
    let Some(identifier) = subject.issuer_identifier() else { return true };
    let same_name = match &identifier.folded_issuer {
        Some(name) => name == issuer.folded_issuer(),
        None => true,
    };
    disagreement(identifier, issuer, same_name).is_none()
}

/// Whether the issuer issued the subject, by names, identifiers and signature. The error is a clause.
pub(super) fn check_issued(issuer: &Certificate, subject: &Certificate) -> Result<(), String> {
    if names(subject, issuer) { link(subject, issuer) } else { Err(other_encoding(subject, issuer)) }
}

/// The error for names that OpenSSL takes for the same and rustls, which compares octets, does not.
fn other_encoding(subject: &Certificate, issuer: &Certificate) -> String {
    format!(
        "{} names its issuer {} in another encoding than {} has, which rustls does not take for the same",
        subject.subject_line(),
        subject.issuer_line(),
        issuer.subject_line()
    )
}

/// The parts of a `Certificate`: the signed part, the algorithm, the signature (RFC 5280, 4.1).
fn signature(subject: &Certificate, issuer: &Certificate) -> Option<Signature> {
    let fields = der::elements(der::only(subject.der(), der::SEQUENCE)?.content)?;
    let [message, algorithm, signature] = fields.as_slice() else { return None };
    // The signed part contains the algorithm, too (RFC 5280, 4.1.1.2).
    let inner = der::elements(message.content)?.get(2)?.raw;
    if inner != algorithm.raw {
        return None;
    }
    let key = PublicKey::read(issuer.public_key())?;
    Some(key.signed(message.raw, algorithm.content, der::whole_octets(signature)?))
}
