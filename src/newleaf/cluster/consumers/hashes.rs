//! The hash of what is stored, as an annotation of a pod template carries it: Kubernetes replaces the pods when it changes,
//! and the same material never restarts anything twice.

use chrono::TimeDelta;
use kubernetes::pods::PodFacts;
use rotation::engine::facts::Peer;
use rotation::engine::material::{Material, Stored};
use rotation::engine::ports::Expected;
use rotation::issuer::content::content_hash;

/// How far the clocks of two API servers may be apart: one notes when a Secret was written, another when a pod was made. An
/// hour, as for clocks elsewhere, would have the next run restart every pod that was made within an hour of bootstrap.
const SKEW_MAX: TimeDelta = TimeDelta::seconds(30);
/// Hexadecimal digits of a content hash that an annotation carries: 128 bits.
const HASH_DIGITS: usize = 32;

/// The annotation of a pod template that says which leaf of a peer its pods are made for.
pub const fn hash_annotation(peer: Peer) -> &'static str {
    match peer {
        Peer::Server => "newleaf.dev/server-hash",
        Peer::Client => "newleaf.dev/client-hash",
    }
}

/// What that annotation holds for stored material; `None` when it cannot be read.
pub fn annotated_hash(material: &Material) -> Option<String> {
    content_hash(material).map(|hash| hash.chars().take(HASH_DIGITS).collect())
}

/// The hash of what is stored for a peer, as annotations have it; `None` where no usable leaf is stored.
pub(crate) fn stored_hash(peer: Peer, expected: Expected<'_>) -> Option<String> {
    annotated_hash(expected.material(peer)?)
}

/// Whether it was made with the annotation of a restart for this material.
pub(crate) fn has_hash(pod: &PodFacts, peer: Peer, hash: &str) -> bool {
    pod.annotations.get(hash_annotation(peer)).map(String::as_str) == Some(hash)
}

/// Why it has not loaded the stored leaf of a peer; `None` when it was made for it, or after it was written.
pub(crate) fn stale(pod: &PodFacts, peer: Peer, hash: &str, stored: Option<&Stored>) -> Option<String> {
    let is_made_after = stored.is_some_and(|stored| made_after(pod, stored));
    if is_made_after || has_hash(pod, peer, hash) {
        return None;
    }
    let state = if pod.ending { "is ending and" } else { "still" };
    let since = pod.created.map(|created| format!("; it was created at {}", created.format("%FT%TZ")));
    Some(format!("pod {} {state} has a former {peer} leaf{}", pod.name, since.unwrap_or_default()))
}

/// Whether it was made after the stored leaf was written. Where the Secret was made with this leaf, only a pod from before a
/// deletion of the Secret can have another one, and such a pod is older by more than clocks differ.
fn made_after(pod: &PodFacts, stored: &Stored) -> bool {
    let (Some(created), Some(written)) = (pod.created, stored.written) else { return false };
    if stored.is_first { created >= written } else { created > written + SKEW_MAX }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use rotation::engine::material::{Places, Revision};

    use super::*;

    /// A pod of a `StatefulSet`, created at noon.
    fn pod(annotations: &[(&str, &str)], ending: bool) -> PodFacts {
        let read = |text: &str| format!("\"{text}\"");
        let annotations = annotations.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        PodFacts {
            name: serde_json::from_str(&read("it-0")).expect("a name"),
            uid: serde_json::from_str(&read("u-0")).expect("an identity"),
            owner: None,
            revision: None,
            annotations: annotations.collect::<BTreeMap<_, _>>(),
            created: "2026-05-05T12:00:00Z".parse().ok(),
            address: None,
            ready: true,
            ending,
            problem: None,
        }
    }

    fn stored(written: &str, is_first: bool) -> Stored {
        let written = Some(written.parse().expect("a time"));
        Stored { written, is_first, ..Stored::new(Material::default(), Revision(String::new()), Places::new()) }
    }

    #[test]
    fn a_pod_has_loaded_what_it_was_made_for_or_after() {
        let plain = pod(&[], false);
        let annotated = pod(&[("newleaf.dev/server-hash", "abc")], false);
        let later = stored("2026-05-05T12:00:01Z", false);
        assert_eq!(stale(&annotated, Peer::Server, "abc", Some(&later)), None);
        assert!(stale(&annotated, Peer::Client, "abc", Some(&later)).is_some(), "a hash is for one leaf");
        assert!(stale(&annotated, Peer::Server, "other", Some(&later)).is_some());
        assert_eq!(stale(&plain, Peer::Server, "abc", Some(&stored("2026-05-05T11:59:29Z", false))), None);
        // Another API server, whose clock may differ, has noted when the Secret was written: the pod may have been first.
        assert!(stale(&plain, Peer::Server, "abc", Some(&stored("2026-05-05T11:59:30Z", false))).is_some());
        let why = stale(&plain, Peer::Server, "abc", None).expect("nothing is known");
        assert_eq!(why, "pod it-0 still has a former server leaf; it was created at 2026-05-05T12:00:00Z");
        let ending = pod(&[], true);
        let why = stale(&ending, Peer::Server, "abc", Some(&later)).expect("it has the former one");
        assert!(why.starts_with("pod it-0 is ending and has a former server leaf"), "{why}");
    }

    #[test]
    fn a_pod_that_was_made_right_after_the_secret_has_loaded_its_first_leaf() {
        let plain = pod(&[], false);
        for (written, is_first, is_loaded) in [
            ("2026-05-05T12:00:00Z", true, true),
            ("2026-05-05T11:59:58Z", true, true),
            ("2026-05-05T11:59:58Z", false, false),
            // Perhaps a pod of a Secret that was deleted.
            ("2026-05-05T12:00:01Z", true, false),
        ] {
            let reason = stale(&plain, Peer::Server, "abc", Some(&stored(written, is_first)));
            assert_eq!(reason.is_none(), is_loaded, "{written} {is_first}: {reason:?}");
        }
    }
}
