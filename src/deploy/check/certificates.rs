//! Whether the stored leaves are good, by their public part: chain, names, usage, time. The keys are never read.

use base::diagnosis::Code;
use chrono::{DateTime, TimeDelta, Utc};
use rotation::pki::certificate::Certificate;
use rotation::pki::error::Source;
use rotation::pki::trust_bundle::TrustBundle;
use rotation::pki::verify::{Usage, verify};

use crate::check::line::{CheckFinding, CheckLine, Known};

/// How long after it is due a leaf may wait for the daily run.
const GRACE: TimeDelta = TimeDelta::days(2);

/// The public part of a stored leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicLeaf {
    /// The chain, leaf first, as PEM.
    pub certificate: Vec<u8>,
    /// The trust bundle, as PEM.
    pub bundle: Vec<u8>,
}

/// A leaf that the stack needs.
#[derive(Debug, Clone, PartialEq)]
pub struct InstalledLeaf {
    /// Its Secret.
    pub secret: &'static str,
    /// What it is for.
    pub usage: Usage,
    /// The age at which it is replaced.
    pub rotate_after: TimeDelta,
    /// Its public part; `None` where there is no such Secret.
    pub stored: Known<Option<PublicLeaf>>,
    /// The bundle that its peer shows: the leaf must chain to it.
    pub trusted_by: Option<Vec<u8>>,
}

impl InstalledLeaf {
    /// One line about the leaf.
    pub fn judge(&self, now: DateTime<Utc>, namespace: &str) -> CheckLine {
        let text = format!("the {}'s leaf in Secret {} is good", self.usage, self.secret);
        let findings = match self.findings(now, namespace) {
            Ok(findings) => findings,
            Err(finding) => vec![finding],
        };
        CheckLine::new("certificates", text, findings)
    }

    fn findings(&self, now: DateTime<Utc>, namespace: &str) -> Known<Vec<CheckFinding>> {
        let object = format!("Secret {namespace}/{}", self.secret);
        let bad = |why: String, mend: &str| CheckFinding::failure(Code::CheckCertificate, &object, why, mend);
        let rotate = format!("Start a run and read its log: `newleaf rotate -n {namespace}`.");
        let stored = self.stored.clone()?.ok_or_else(|| {
            let mend = format!("Make it: `newleaf bootstrap -n {namespace}`, or `newleaf-deploy install`.");
            bad("there is no such Secret".to_owned(), &mend)
        })?;
        let source = Source::new(&object);
        let chain =
            Certificate::all_from_pem(&stored.certificate, &source).map_err(|error| bad(error.to_string(), &rotate))?;
        let bundle = self.trusted_by.as_ref().unwrap_or(&stored.bundle);
        let trust = TrustBundle::from_pem(bundle, &source).map_err(|error| bad(error.to_string(), &rotate))?;
        verify(&chain, &trust, self.usage, now, None).map_err(|refusal| bad(refusal.to_string(), &rotate))?;
        let Some(leaf) = chain.first() else { return Ok(Vec::new()) };
        let age = now - leaf.validity().not_before;
        if age > self.rotate_after + GRACE {
            let why = format!(
                "it is {} days old and should have been replaced after {}",
                age.num_days(),
                self.rotate_after.num_days()
            );
            return Ok(vec![CheckFinding::warning(Code::CheckCertificate, &object, why, rotate)]);
        }
        Ok(Vec::new())
    }
}
