//! The paths that OpenSSL may build (`build_chain` in `crypto/x509/x509_vfy.c`). It never goes back: it takes the first
//! certificate whose name and identifiers fit, the trusted ones before those that were sent. Which one is first is an accident of
//! its tables, so each of them must do.

use chrono::{DateTime, Utc};

use crate::pki::certificate::Certificate;
use crate::pki::path::may_be_taken_for_issuer;
use crate::pki::trust_bundle::TrustBundle;
use crate::pki::verify::ChainRefusal;

/// How many certificates are passed at most, over all paths. A bundle in which more fit is a mistake or an attack.
const STEPS_MAX: usize = 256;

/// What a peer is shown and what it trusts.
pub(super) struct Building<'a> {
    pub(super) sent: &'a [Certificate],
    pub(super) trust: &'a TrustBundle,
    pub(super) at: DateTime<Utc>,
}

/// Whether it is valid, as OpenSSL counts: no longer in its last second.
pub(super) fn check_time(certificate: &Certificate, at: DateTime<Utc>) -> Result<(), ChainRefusal> {
    let validity = certificate.validity();
    if at < validity.not_before {
        Err(ChainRefusal::NotYetValid)
    } else if validity.not_after <= at {
        Err(ChainRefusal::Expired)
    } else {
        Ok(())
    }
}

impl<'a> Building<'a> {
    /// Every path that may be built, the leaf first, a trusted self-signed certificate last.
    pub(super) fn paths(&self, leaf: &'a Certificate) -> Result<Vec<Vec<&'a Certificate>>, ChainRefusal> {
        let mut paths = Vec::new();
        let mut open = vec![(vec![leaf], false)];
        let mut steps = STEPS_MAX;
        while let Some((path, is_trusted)) = open.pop() {
            steps = steps.checked_sub(1).ok_or(ChainRefusal::Ambiguous)?;
            let Some(&top) = path.last() else { continue };
            let is_root = path.len() > 1 && may_be_taken_for_issuer(top, top);
            match (is_root, is_trusted || self.trust.get(top.fingerprint()).is_some()) {
                (true, true) => paths.push(path),
                (true, false) => return Err(ChainRefusal::UnknownIssuer),
                (false, _) => {
                    for (issuer, is_trusted) in self.issuers(top, is_trusted)? {
                        if path.contains(&issuer) {
                            return Err(ChainRefusal::UnknownIssuer);
                        }
                        open.push(([path.as_slice(), &[issuer]].concat(), is_trusted));
                    }
                }
            }
        }
        Ok(paths)
    }

    /// The certificates that may be taken for the issuer, and whether they are trusted: at least one.
    fn issuers(&self, subject: &Certificate, only_trusted: bool) -> Result<Vec<(&'a Certificate, bool)>, ChainRefusal> {
        let fits = |issuer: &&Certificate| may_be_taken_for_issuer(subject, issuer);
        let mut found: Vec<_> = self.trust.iter().filter(fits).map(|issuer| (issuer, true)).collect();
        if found.is_empty() && !only_trusted {
            found = self.sent.iter().filter(fits).map(|issuer| (issuer, false)).collect();
        }
        let mut valid = Vec::new();
        let mut first_refusal = None;
        for (issuer, is_trusted) in found {
            match check_time(issuer, self.at) {
                Ok(()) => valid.push((issuer, is_trusted)),
                Err(refusal) => first_refusal = first_refusal.or(Some(refusal)),
            }
        }
        if !valid.is_empty() {
            return Ok(valid);
        }
        match first_refusal {
            Some(refusal) => Err(refusal),
            None => Err(ChainRefusal::UnknownIssuer),
        }
    }
}
