//! What Helm and Argo CD apply first, at each installation and upgrade: annotations that are put on where manifests are
//! written for people.

use rotation::manifests::object::{Manifest, ManifestPhase};

/// Makes hooks of what belongs to the bootstrap Job: Argo CD and Helm run hooks before anything else, so what a hook needs
/// must be one too. Argo CD ignores Helm's annotations as soon as it finds one of its own.
pub(crate) fn hooked(object: Manifest) -> Manifest {
    match object.phase {
        ManifestPhase::Preparation => object.annotated(hook("-10")),
        ManifestPhase::Bootstrap => object.annotated(hook("0")),
        ManifestPhase::Operation => object,
    }
}

/// A hook is deleted only before the next one is made: one that is deleted when it succeeds takes the account away from a
/// Job that is tried again.
const fn hook(weight: &str) -> [(&'static str, &str); 6] {
    [
        ("helm.sh/hook", "pre-install,pre-upgrade"),
        ("helm.sh/hook-weight", weight),
        ("helm.sh/hook-delete-policy", "before-hook-creation"),
        ("argocd.argoproj.io/hook", "PreSync"),
        ("argocd.argoproj.io/sync-wave", weight),
        ("argocd.argoproj.io/hook-delete-policy", "BeforeHookCreation"),
    ]
}
