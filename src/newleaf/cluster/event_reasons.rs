//! What the Events of a rotation are about.

use kubernetes::events::EventReason;

/// A Secret was created or replaced.
pub(crate) const CERTIFICATE_WRITTEN: EventReason =
    EventReason { word: "CertificateWritten", action: "Write", is_warning: false };
/// A workload has loaded what is stored, and was proved to.
pub(crate) const PICKED_UP: EventReason = EventReason { word: "PickedUp", action: "PickUp", is_warning: false };
/// A workload did not load what is stored.
pub(crate) const PICK_UP_FAILED: EventReason = EventReason { word: "PickUpFailed", action: "PickUp", is_warning: true };
/// Nothing was done, because a person must decide.
pub(crate) const ROTATION_REFUSED: EventReason =
    EventReason { word: "RotationRefused", action: "Write", is_warning: true };
