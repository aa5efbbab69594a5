//! Who is let in: each kind of client really tries, from a pod of its own.

use crate::Problem;
use crate::attempts::{Answer, Attempt, attempts, draw};
use crate::kubectl::Namespace;
use crate::paper::Paper;
use crate::support::certificates::Authority;

/// Lets every kind of client try and shows the server's answers. Whether each was as it must be.
pub(crate) fn show(paper: &mut Paper, namespace: &Namespace) -> Result<bool, Problem> {
    paper.waiting("clients of every kind knock, from a pod");
    let stored = |key: &str| {
        let template = format!("go-template={{{{index .data \"{key}\" | base64decode}}}}");
        namespace.kubectl(&["get", "secret", "newleaf-authority", "--output", &template])
    };
    let authority = Authority::stored(&stored("authority-1.crt"), &stored("authority-1.key"));
    let attempts = attempts(&authority.ok_or("the stored authority cannot be read")?);
    namespace.apply(&leaves(&attempts));
    namespace.apply(include_str!("../cluster/fixtures/intruder.yaml"));
    namespace.kubectl(&["wait", "--for=condition=ready", "pod/intruder", "--timeout=60s"]);
    let place = format!("host=postgres.{}.svc", namespace.name());
    let answers = attempts.into_iter().map(|attempt| {
        let answer = knock(&attempt, namespace, &place);
        (attempt, answer)
    });
    let answers: Vec<_> = answers.collect();
    Ok(draw(paper, &answers))
}

/// The Secret with the leaves of those who must not be let in.
fn leaves(attempts: &[Attempt]) -> String {
    let made = attempts.iter().filter_map(|attempt| Some((attempt.leaf?, attempt.made.as_ref()?)));
    let data: serde_json::Map<String, serde_json::Value> = made
        .flat_map(|(name, material)| {
            [("crt", "tls.crt"), ("key", "tls.key")].map(|(short, entry)| {
                let text = material.entry(entry).map(String::from_utf8_lossy).unwrap_or_default();
                (format!("{name}.{short}"), text.into())
            })
        })
        .collect();
    let secret = serde_json::json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "intruders"}, "stringData": data,
    });
    secret.to_string()
}

/// Logs in, or tries to.
fn knock(attempt: &Attempt, namespace: &Namespace, place: &str) -> Answer {
    let leaf = attempt.leaf.map(|name| match attempt.made {
        Some(_) => ["crt", "key"].map(|kind| format!("/intruders/{name}.{kind}")),
        None => ["crt", "key"].map(|kind| format!("/own/tls.{kind}")),
    });
    let arguments = attempt.arguments(place, "/own/ca.crt", leaf);
    let mut words = vec!["exec", "intruder", "--", "psql"];
    words.extend(arguments.iter().map(String::as_str));
    match namespace.attempt(&words, "") {
        Ok(said) => Answer { admitted: true, said },
        Err(said) => Answer { admitted: false, said },
    }
}
