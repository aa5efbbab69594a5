//! Names and labels that the API server takes.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::object::Object;
use crate::policies::walk::pods;
use crate::policies::{Complaint, Rendered};
use crate::settings::values::{DnsLabel, DnsSubdomain, LabelName, LabelValue};

/// Kinds without a namespace.
const OF_THE_CLUSTER: [&str; 5] =
    ["Namespace", "ClusterRole", "ClusterRoleBinding", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"];

/// Version, kind, name and namespace.
pub fn valid_names(rendered: Rendered<'_>) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for object in rendered.objects {
        let mut add = |problem: String| complaints.push((object.title(), problem));
        if object.api_version().is_empty() || object.kind().is_empty() {
            add("has no version or no kind".to_owned());
        }
        // Those of Services and namespaces become DNS labels.
        let is_label = ["Service", "Namespace", "StatefulSet"].contains(&object.kind());
        let name = object.name();
        let is_valid = if is_label { name.parse::<DnsLabel>().is_ok() } else { name.parse::<DnsSubdomain>().is_ok() };
        if !is_valid {
            add(format!("{name:?} is no name"));
        }
        match (object.namespace(), OF_THE_CLUSTER.contains(&object.kind())) {
            (Some(namespace), false) if namespace.parse::<DnsLabel>().is_err() => {
                add(format!("{namespace:?} is no namespace"));
            }
            (None, false) => add("has no namespace".to_owned()),
            (Some(_), true) => add("belongs to the cluster and has a namespace".to_owned()),
            (Some(_), false) | (None, true) => {}
        }
    }
    complaints
}

/// The labels of objects and of pods, and the names of annotations.
pub fn valid_labels(rendered: Rendered<'_>) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for object in rendered.objects {
        complaints.extend(wrong_labels(object, object.value().pointer("/metadata/labels")));
        let annotations = object.value().pointer("/metadata/annotations").and_then(Value::as_object);
        for name in annotations.into_iter().flat_map(|annotations| annotations.keys()) {
            if name.parse::<LabelName>().is_err() {
                complaints.push((object.title(), format!("{name:?} is no name of an annotation")));
            }
        }
    }
    for pod in pods(rendered.objects) {
        complaints.extend(wrong_labels(pod.object, pod.labels));
    }
    complaints
}

fn wrong_labels(object: &Object, labels: Option<&Value>) -> Vec<Complaint> {
    let labels = labels.and_then(Value::as_object).into_iter().flatten();
    let is_wrong = |(name, value): &(&String, &Value)| {
        let value = value.as_str().map(str::parse::<LabelValue>);
        name.parse::<LabelName>().is_err() || !matches!(value, Some(Ok(_)))
    };
    labels.filter(is_wrong).map(|(name, value)| (object.title(), format!("{name}={value} is no label"))).collect()
}

/// Kind, namespace and name together are unique.
pub fn unique(rendered: Rendered<'_>) -> Vec<Complaint> {
    let mut known = BTreeSet::new();
    let mut complaints = Vec::new();
    for object in rendered.objects {
        let group = object.api_version().split_once('/').map_or("", |(group, _)| group);
        if !known.insert((group, object.kind(), object.namespace(), object.name())) {
            complaints.push((object.title(), "is there twice".to_owned()));
        }
    }
    complaints
}
