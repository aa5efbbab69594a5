//! The container images of a stack, for a cluster without the internet.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::object::Object;
use crate::object::text;
use crate::policies::walk::{containers, pods};

/// An image, and who runs it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageUse {
    /// As the pods name it.
    pub image: String,
    /// The objects: `Deployment backstage/backstage`.
    pub used_by: Vec<String>,
}

/// Every image once, by its name.
pub fn of(objects: &[Object]) -> Vec<ImageUse> {
    let mut images: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for pod in pods(objects) {
        for container in containers(pod.spec) {
            let users = images.entry(text(container, "/image")).or_default();
            let title = pod.object.title();
            if !users.contains(&title) {
                users.push(title);
            }
        }
    }
    images.into_iter().map(|(image, used_by)| ImageUse { image: image.to_owned(), used_by }).collect()
}
