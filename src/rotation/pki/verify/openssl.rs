//! The paths that OpenSSL may build (`build_chain` in `crypto/x509/x509_vfy.c`). OpenSSL never backtracks: it takes the first
//! certificate with matching name and identifiers, trusted certificates before sent ones. The order depends on its tables, so
//! every possible path must be acceptable.

use chrono::{DateTime, Utc};

use crate::pki::certificate::Certificate;
use crate::pki::path::may_be_taken_for_issuer;
use crate::pki::trust_bundle::TrustBundle;
use crate::pki::verify::ChainRefusal;

/// The limit of visited certificates over all paths. A bundle with more matches is a mistake or an attack.
const STEPS_MAX: usize = 256;

/// The certificates that a peer receives, and those that it trusts.
pub(super) struct Building<'a> {
    pub(super) sent: &'a [Certificate],
    pub(super) trust: &'a TrustBundle,
    pub(super) at: DateTime<Utc>,
}

/// Whether it is valid by OpenSSL's rule, by which the last second is too late.
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
    /// Every path that OpenSSL may build, the leaf first, a trusted self-signed certificate last.
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

    /// The certificates that OpenSSL may take for the issuer, at least one, and whether they are trusted.
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
