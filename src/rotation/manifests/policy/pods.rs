//! Confines the right to patch pods to the one annotation that makes the kubelet project the Secrets at once.
//!
//! RBAC does not know fields, so the right to patch a pod includes the right to change its image. This policy makes the API
//! server confine the account to the annotation. It exists only if a consumer has `nudge`.

use crate::document::cluster::{ClusterConsumer, ClusterPlace};
use crate::manifests::object::Manifest;
use crate::manifests::policy::{Confined, rule};
use crate::manifests::{NAME, PROJECTED, grants};

/// The policy and its binding. Empty if newleaf annotates no pod.
pub(super) fn objects(place: &ClusterPlace) -> Vec<Manifest> {
    if !place.consumers.iter().any(grants::nudges) {
        return Vec::new();
    }
    let mut nudged = place.consumers.iter().filter(|consumer| grants::nudges(consumer));
    let is_here =
        |consumer: &ClusterConsumer| consumer.target.as_ref().is_none_or(|it| it.namespace == place.namespace);
    let is_at_home = nudged.all(is_here);
    let rules = vec![rule("", "UPDATE", &["pods", "pods/*"])];
    Confined { account: NAME, is_at_home, rules, validations: validations() }.objects(place)
}

/// The conditions: everything that a patch could change stays, except the annotation. The API server itself keeps the rest
/// of a pod's metadata.
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
