//! What every combination of options renders, judged by the API server: each distinct object once, with strict fields, as a dry
//! run. And a pod of each template, in a namespace that enforces the Pod Security Standard `restricted`.

use std::collections::{BTreeMap, BTreeSet};

use deploy::cluster::StackCluster;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use stack::document::parse;
use stack::render::render;
use stack::settings::Settings;

use crate::combinations::{document_of, stacks};
use crate::kinds::serve_kinds;
use crate::meter::Meter;
use crate::stage::Stage;

/// How many requests are under way at once.
const AT_ONCE: usize = 8;

/// What is rendered, by its text: each object with the document that it was first seen in.
#[derive(Default)]
struct Distinct(BTreeMap<String, (Value, String)>);

impl Distinct {
    fn add(&mut self, object: Value, document: &str) {
        self.0.entry(object.to_string()).or_insert_with(|| (object, document.to_owned()));
    }
}

/// Everything that the stacks render, the pods of their templates, and the namespaces that they are in.
fn rendered() -> (usize, Distinct, Distinct, BTreeSet<String>) {
    let (mut objects, mut pods, mut namespaces) = (Distinct::default(), Distinct::default(), BTreeSet::new());
    let stacks = stacks();
    for row in &stacks {
        let text = document_of(row);
        let settings = Settings::of(&parse(&text).expect("a document")).expect("a valid one");
        for object in render(&settings) {
            namespaces.extend(object.namespace().map(str::to_owned));
            if let Some(pod) = pod(object.value()) {
                pods.add(pod, &text);
            }
            objects.add(object.value().clone(), &text);
        }
    }
    (stacks.len(), objects, pods, namespaces)
}

/// A pod as a controller makes it of a template; its name is free.
fn pod(object: &Value) -> Option<Value> {
    let template = object.pointer("/spec/jobTemplate/spec/template").or_else(|| object.pointer("/spec/template"))?;
    let mut pod = template.clone();
    let fields = pod.as_object_mut()?;
    fields.insert("apiVersion".to_owned(), "v1".into());
    fields.insert("kind".to_owned(), "Pod".into());
    let metadata = fields.entry("metadata").or_insert_with(|| json!({})).as_object_mut()?;
    metadata.insert("name".to_owned(), "tried".into());
    metadata.insert("namespace".to_owned(), object.pointer("/metadata/namespace")?.clone());
    // A claim of a StatefulSet is a volume of its pod.
    let claims = object.pointer("/spec/volumeClaimTemplates").and_then(Value::as_array);
    let volumes = claims.into_iter().flatten().filter_map(|claim| {
        let name = claim.pointer("/metadata/name")?;
        Some(json!({"name": name, "persistentVolumeClaim": {"claimName": name}}))
    });
    let volumes: Vec<Value> = volumes.collect();
    let own = pod.pointer_mut("/spec")?.as_object_mut()?.entry("volumes").or_insert_with(|| json!([]));
    own.as_array_mut()?.extend(volumes);
    Some(pod)
}

/// What the API server refuses, each with its document.
async fn refused(cluster: &StackCluster, distinct: &Distinct) -> Vec<String> {
    let tried = stream::iter(distinct.0.values()).map(|(object, document)| async move {
        let failure = cluster.apply(object, true).await.err()?;
        Some(format!("{} {}: {failure}\n{document}", object["kind"], object["metadata"]["name"]))
    });
    tried.buffer_unordered(AT_ONCE).filter_map(std::future::ready).collect().await
}

#[tokio::test]
async fn every_object_of_every_combination_is_valid_and_every_pod_is_restricted() {
    let Some(stage) = Stage::set().await else { return };
    if !serve_kinds() {
        return;
    }
    let (stacks, objects, pods, namespaces) = rendered();
    assert!(stacks >= 200, "{stacks}");
    let cluster = stage.cluster(&Meter::new());
    for name in namespaces.iter().chain([&stage.namespace]) {
        let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name,
            "labels": {"pod-security.kubernetes.io/enforce": "restricted"}}});
        cluster.apply(&namespace, false).await.expect("it can be made");
    }
    println!("{stacks} stacks: {} distinct objects, {} distinct pods", objects.0.len(), pods.0.len());
    let start = std::time::Instant::now();
    assert_eq!(refused(&cluster, &objects).await, Vec::<String>::new());
    assert_eq!(refused(&cluster, &pods).await, Vec::<String>::new());
    println!("judged in {:.1} s", start.elapsed().as_secs_f64());

    // So the API server is at work.
    let mut faulty = Distinct::default();
    let (any, _) = pods.0.values().next().expect("a pod");
    for (place, value) in [("/spec/hostNetwork", json!(true)), ("/spec/nonsense", json!(1))] {
        let mut pod = any.clone();
        let spec = pod["spec"].as_object_mut().expect("a spec");
        spec.insert(place.trim_start_matches("/spec/").to_owned(), value);
        faulty.add(pod, "");
    }
    let told = refused(&cluster, &faulty).await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().any(|why| why.contains("PodSecurity") && why.contains("host namespaces")), "{told:?}");
    assert!(told.iter().any(|why| why.contains("nonsense")), "{told:?}");
}
