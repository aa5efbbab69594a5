//! What PostgreSQL and its clients accept, and other tools object to.

use crate::pki::warning::{CertificateWarning, WarningKind};
use crate::rotation::facts::{Facts, Peer};
use crate::rotation::rules::{Finding, Reason, Subject};

/// The warnings of the authorities, then of the leaves, as findings.
pub fn warnings(facts: &Facts) -> Vec<Finding> {
    let authorities = facts.generations().iter().flat_map(|authority| {
        authority.warnings.iter().map(|warning| (Subject::Authority(Some(authority.generation)), warning))
    });
    let leaves = Peer::ALL.into_iter().flat_map(|peer| {
        let warnings = facts.leaf(peer).present().map_or(&[][..], |leaf| leaf.warnings.as_slice());
        warnings.iter().map(move |warning| (Subject::Leaf(peer), warning))
    });
    let finding = |(subject, warning): (Subject, &CertificateWarning)| Finding {
        subject,
        reason: match warning.kind {
            WarningKind::StrictVerifiers => Reason::StrictVerifiersRefuse,
            WarningKind::ChannelBinding => Reason::PasswordLoginsFail,
            WarningKind::UnqualifiedName => Reason::NameUnqualified,
        },
        message: warning.message.clone(),
    };
    authorities.chain(leaves).map(finding).collect()
}
