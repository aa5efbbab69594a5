//! The requests that an install sends, from the rendered objects: each is asked for by a `SelfSubjectAccessReview`.

use std::collections::BTreeMap;

use kubernetes::api::call::Call;
use kubernetes::api::resource::Resource;
use stack::object::Object;

/// What is done to the objects of a resource: applied (which creates or changes), looked at, listed for the inventory, deleted when
/// no longer rendered.
const VERBS: [&str; 5] = ["get", "list", "create", "patch", "delete"];

/// Every request of an install, once. `resources` has the resource of each kind that the cluster has.
pub fn requests(objects: &[Object], resources: &BTreeMap<(String, String), Resource>, namespace: &str) -> Vec<Call> {
    let mut calls = Vec::new();
    let mut add = |verb: &'static str, resource: &Resource| {
        let call = Call { verb, resource: resource.clone(), namespace: namespace.to_owned(), name: None };
        if !calls.contains(&call) {
            calls.push(call);
        }
    };
    for object in objects {
        let key = (object.api_version().to_owned(), object.kind().to_owned());
        let Some(resource) = resources.get(&key) else { continue };
        for verb in VERBS {
            // The namespace is kept, and there is one.
            if object.kind() == "Namespace" && ["list", "delete"].contains(&verb) {
                continue;
            }
            add(verb, resource);
        }
    }
    // The inventory itself with its Lease, and what a failed wait looks at.
    for verb in ["get", "create", "patch", "delete"] {
        add(verb, &Resource::ConfigMap);
        add(verb, &Resource::Lease);
    }
    // The Jobs of `check --probe`.
    for verb in ["get", "list", "create", "delete"] {
        add(verb, &Resource::Job);
    }
    for (verb, resource) in [("list", Resource::Pod), ("get", Resource::PodLog), ("list", Resource::Event)] {
        add(verb, &resource);
    }
    calls
}

/// A request as kubectl asks for it: the command that shows whether it is allowed.
pub fn command(call: &Call) -> String {
    let resource = match call.resource.group() {
        "" => call.resource.as_str().to_owned(),
        group => format!("{}.{group}", call.resource.as_str()),
    };
    let resource = match resource.split_once('/') {
        Some((plural, subresource)) => format!("{plural} --subresource={subresource}"),
        None => resource,
    };
    if call.resource.is_namespaced() {
        format!("kubectl auth can-i {} {resource} -n {}", call.verb, call.namespace)
    } else {
        format!("kubectl auth can-i {} {resource}", call.verb)
    }
}
