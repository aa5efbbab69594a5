//! Properties that PostgreSQL and its clients accept, and other tools object to.

use crate::engine::facts::{Facts, Peer};
use crate::engine::rules::{Finding, Reason, Subject};
use crate::pki::warning::{CertificateWarning, WarningKind};

/// The warnings about the authorities, then about the leaves, as findings.
pub fn warnings(facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for authority in facts.generations() {
        let subject = Subject::Authority(Some(authority.generation));
        findings.extend(authority.warnings.iter().map(|warning| finding(subject.clone(), warning)));
    }
    for peer in Peer::ALL {
        if let Some(leaf) = facts.leaf(peer).present() {
            findings.extend(leaf.warnings.iter().map(|warning| finding(Subject::Leaf(peer), warning)));
        }
    }
    findings
}

fn finding(subject: Subject, warning: &CertificateWarning) -> Finding {
    let reason = match warning.kind {
        WarningKind::StrictVerifiers => Reason::StrictVerifiersRefuse,
        WarningKind::ChannelBinding => Reason::PasswordLoginsFail,
        WarningKind::UnqualifiedName => Reason::NameUnqualified,
    };
    Finding { subject, reason, message: warning.message.clone() }
}
