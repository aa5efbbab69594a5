//! Objects that the stack refers to and does not make: a change of them replaces Backstage's pods once.

use aws_lc_rs::digest::{Context, SHA256};
use base::diagnosis::Failure;
use serde_json::Value;
use stack::checksum::Checksum;
use stack::object::text;
use stack::settings::Settings;

use crate::cluster::StackCluster;
use crate::plan::MemberKey;
use crate::plan::desired::hex;

/// The settings with what the referenced objects contain, and whether one of them is not there yet.
pub async fn with_references(cluster: &StackCluster, settings: Settings) -> Result<(Settings, bool), Failure> {
    let references = settings.references();
    if references.is_empty() {
        return Ok((settings, false));
    }
    let mut checksum = Checksum::default();
    let mut is_one_missing = false;
    for reference in &references {
        let key = MemberKey {
            kind: reference.kind.name().to_owned(),
            group: String::new(),
            namespace: Some(settings.namespace.as_str().to_owned()),
            name: reference.name.as_str().to_owned(),
        };
        let found = cluster.read("v1", &key).await?;
        is_one_missing |= found.is_none();
        for (entry, content) in found.iter().flat_map(entries) {
            checksum = checksum.with(&key.to_string(), &entry, &content);
        }
    }
    Ok((settings.with_references(checksum), is_one_missing))
}

/// The keys of an object, each with a hash of its content. The hash begins with the uid, which only those know who may read
/// the object: without it, a reader cannot guess a short password from the hash in the pod template.
fn entries(object: &Value) -> Vec<(String, String)> {
    let uid = text(object, "/metadata/uid");
    let data = ["data", "binaryData"].into_iter().filter_map(|key| object.get(key)?.as_object()).flatten();
    data.map(|(key, value)| {
        let mut context = Context::new(&SHA256);
        for part in [uid, key, value.as_str().unwrap_or_default()] {
            context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            context.update(part.as_bytes());
        }
        (key.clone(), hex(context.finish().as_ref()))
    })
    .collect()
}
