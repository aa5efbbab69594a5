//! Names and labels of the objects.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};

use crate::components::Component;
use crate::settings::Settings;

/// The name of Backstage's objects, and the value of their label `app.kubernetes.io/name`.
pub(crate) const BACKSTAGE: &str = "backstage";
/// The name of PostgreSQL's objects, and the value of their label `app.kubernetes.io/name`.
pub(super) const POSTGRES: &str = "postgres";
/// The label with what an object is.
pub(super) const NAME_LABEL: &str = "app.kubernetes.io/name";

/// The label with the part of the stack that an object belongs to.
pub(super) const COMPONENT_LABEL: &str = "app.kubernetes.io/component";

/// Labels that never change: a selector is immutable.
pub(super) fn selector_labels(settings: &Settings, name: &str) -> BTreeMap<String, String> {
    labels([(NAME_LABEL, name), ("app.kubernetes.io/instance", settings.name.as_str())])
}

/// The pods with these labels.
pub(super) fn selector(settings: &Settings, name: &str) -> LabelSelector {
    LabelSelector { match_labels: Some(selector_labels(settings, name)), ..LabelSelector::default() }
}

/// The labels of the pods that do the work of a component, and of no others: a probe of `check` has the labels of
/// [`selector_labels`], and must get no connection of a Service.
pub(super) fn working_labels(settings: &Settings, name: &str, component: Component) -> BTreeMap<String, String> {
    let mut all = selector_labels(settings, name);
    all.insert(COMPONENT_LABEL.to_owned(), component.name().to_owned());
    all
}

/// Name, namespace and labels of an object.
pub(super) fn metadata(settings: &Settings, name: &str, of: &str, component: Component) -> ObjectMeta {
    ObjectMeta {
        name: Some(name.to_owned()),
        namespace: Some(settings.namespace.as_str().to_owned()),
        labels: Some(all_labels(settings, of, component)),
        ..ObjectMeta::default()
    }
}

/// The labels of an object or of a pod.
pub(super) fn all_labels(settings: &Settings, of: &str, component: Component) -> BTreeMap<String, String> {
    let mut all = working_labels(settings, of, component);
    all.extend(stack_labels(settings));
    all
}

/// The labels by which people find all objects of a stack.
pub(super) fn stack_labels(settings: &Settings) -> BTreeMap<String, String> {
    labels([
        ("app.kubernetes.io/instance", settings.name.as_str()),
        ("app.kubernetes.io/part-of", "newleaf-stack"),
        ("app.kubernetes.io/managed-by", "newleaf-deploy"),
    ])
}

/// Pairs as Kubernetes has them.
pub(super) fn labels<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
