//! What the right to patch pods is confined to: the one annotation that makes the kubelet project at once.
//!
//! RBAC knows no fields, and the right to patch a pod is the right to change its image. The API server itself holds the account to
//! the annotation. Only made where a consumer has `nudge`.

use crate::document::cluster::ClusterPlace;
use crate::manifests::object::Object;
use crate::manifests::policy::{Confined, rule};
use crate::manifests::{NAME, PROJECTED, grants};

/// The policy and its binding; nothing where no pod is annotated.
pub(super) fn objects(place: &ClusterPlace) -> Vec<Object> {
    if !place.consumers.iter().any(grants::nudges) {
        return Vec::new();
    }
    let rules = vec![rule("", "UPDATE", &["pods", "pods/*"])];
    Confined { account: NAME, rules, validations: validations() }.objects(place)
}

/// Everything that a patch could change stays as it was, but for the annotation. The rest of a pod's metadata is the API
/// server's own.
fn validations() -> Vec<(String, String)> {
    let same = |field: &str, nothing: &str| {
        let (parent, name) = field.rsplit_once('.').unwrap_or(("", field));
        format!("object.{parent}.?{name}.orValue({nothing}) == oldObject.{parent}.?{name}.orValue({nothing})")
    };
    let annotations = |object: &str| format!("{object}.metadata.?annotations.orValue({{}})");
    let (new, old) = (annotations("object"), annotations("oldObject"));
    let kept = |of: &str, other: &str| {
        format!("{of}.all(name, name == '{PROJECTED}' || (name in {other} && {other}[name] == {of}[name]))")
    };
    let rules = [
        ("the spec", "object.spec == oldObject.spec".to_owned()),
        ("the labels", same("metadata.labels", "{}")),
        ("the owners", same("metadata.ownerReferences", "[]")),
        ("the finalizers", same("metadata.finalizers", "[]")),
        ("annotations of others", kept(&old, &new)),
        ("annotations of others", kept(&new, &old)),
    ];
    let message = |what| format!("the rotation may set the annotation {PROJECTED} of a pod, and not change {what}");
    rules.into_iter().map(|(what, expression)| (expression, message(what))).collect()
}
