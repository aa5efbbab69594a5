//! What people read: `Chart.yaml`, `values.yaml`, README, NOTES, the headers; and the parts of templates that are no object of the
//! stack.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::components::app_config::GENERATED;
use crate::export::helm::choices::{OfferedDocument, ValueChoice, choices, set};
use crate::export::helm::derived::Node;
use crate::export::helm::offers::{OfferedValue, ValueForm};
use crate::export::helm::prepared::{FORMS, KEY};
use crate::export::helm::schema::description;
use crate::export::helm::template::{CHECKSUM, CONFIGURATION, TemplateWriter};
use crate::export::helm::{ChartFile, DerivedModel, hooks, tokens};
use crate::export::{ExportPart, ExportSource};

/// The Job of `helm test`.
const TEST: &str = "newleaf-test";
/// The oldest Kubernetes on which everything of the chart works.
const KUBERNETES: &str = ">=1.30.0-0";

/// The first line of a template.
pub(super) fn header(source: &ExportSource<'_>) -> String {
    format!("# {}", source.notice())
}

/// The same where the template writes nothing.
pub(super) fn comment(source: &ExportSource<'_>) -> String {
    format!("{{{{/* {} */}}}}\n", source.notice().trim_end())
}

/// The files that are no templates of objects.
pub(super) fn files(source: &ExportSource<'_>, model: &DerivedModel) -> Vec<ChartFile> {
    let file = |path: &str, text: String| (path.to_owned(), text);
    vec![
        file("Chart.yaml", chart(source)),
        file("values.yaml", values(source, model)),
        file("README.md", readme(source, model)),
        file("templates/NOTES.txt", notes(source)),
        file(".helmignore", format!("{}.newleaf-export.json\n", header(source))),
    ]
}

fn name(source: &ExportSource<'_>) -> String {
    match source.part {
        ExportPart::Stack => source.settings.name.as_str().to_owned(),
        ExportPart::Rotation => "newleaf".to_owned(),
    }
}

fn chart(source: &ExportSource<'_>) -> String {
    let (description, image) = match source.part {
        ExportPart::Stack => (
            "Backstage with its own PostgreSQL, mutual TLS between them, no password, and certificates that rotate",
            &source.settings.backstage.image,
        ),
        ExportPart::Rotation => {
            ("Rotates the certificates of PostgreSQL and Backstage", &source.settings.rotation.image)
        }
    };
    let image = image.as_str().split('@').next().unwrap_or_default();
    let tag = image.rsplit_once(':').map_or("", |(_, tag)| tag);
    let chart = json!({
        "apiVersion": "v2",
        "name": name(source),
        "description": description,
        "type": "application",
        "version": source.version,
        "appVersion": tag,
        "kubeVersion": KUBERNETES,
        "keywords": ["backstage", "postgresql", "certificates", "mtls"],
        "annotations": { "newleaf.dev/stack": source.settings.name.as_str() },
    });
    format!("{}{}", header(source), serde_saphyr::to_string(&chart).unwrap_or_default())
}

/// What the stack says, and every other value as a comment.
fn values(source: &ExportSource<'_>, model: &DerivedModel) -> String {
    let mut text = format!(
        "{}# A part of the stack: the same keys, with the same meaning. README.md describes each. What is not here is fixed in the\n\
         # templates: write it into the stack file and export the chart again.\n",
        header(source)
    );
    let mut said = json!({});
    for (offer, value) in model.offered.offers.iter().zip(&model.offered.said) {
        if value.is_some() {
            set(&mut said, offer.path, value.clone());
        }
    }
    if said.as_object().is_some_and(|map| !map.is_empty()) {
        text.push_str(&serde_saphyr::to_string(&said).unwrap_or_default());
    } else {
        text.push_str("{}\n");
    }
    text.push_str("\n# Everything else, with what holds:\n#\n");
    let mut open: Vec<&str> = Vec::new();
    for (index, offer) in model.offered.offers.iter().enumerate() {
        let keys: Vec<&str> = offer.path.split('.').collect();
        let Some((last, above)) = keys.split_last() else { continue };
        let shared = open.iter().zip(above).take_while(|(one, other)| one == other).count();
        for (depth, key) in above.iter().enumerate().skip(shared) {
            let _ = writeln!(text, "# {}{key}:", "  ".repeat(depth));
        }
        let _ = writeln!(text, "# {}{last}: {}", "  ".repeat(above.len()), default(model, index, offer));
        open = above.to_vec();
    }
    text
}

/// What holds where nothing is said.
fn default(model: &DerivedModel, index: usize, offer: &OfferedValue) -> String {
    match (offer.form, choices(offer).first()) {
        (ValueForm::Items(_), _) => "[]".to_owned(),
        (ValueForm::Text(_), _) => {
            let default = model.defaults.get(index).and_then(Option::as_ref).map_or("", String::as_str);
            serde_saphyr::to_string(&default).unwrap_or_default().trim_end().to_owned()
        }
        (ValueForm::Words(_), Some(ValueChoice::Word(word))) => (*word).to_owned(),
        (ValueForm::Words(_) | ValueForm::Given { .. }, _) => "null".to_owned(),
    }
}

fn readme(source: &ExportSource<'_>, model: &DerivedModel) -> String {
    let chart = name(source);
    let mut text = format!(
        "<!-- {} -->\n\n# {chart}\n\n{}\n\n## Install\n\n    helm install {chart} . --namespace {} --create-namespace --wait --timeout 10m\n\n\
         The first hook makes the authority and the certificates in the cluster. The chart has no Secret and no key in it. A release \
         has a namespace of its own.\n\n## Values\n\nThey are a part of the stack file, with the same names and the same meaning. \
         `values.schema.json` refuses everything else of the stack file: it is fixed in the chart, so write it into the stack file and \
         export the chart again.\n\n| Value | What | Left out |\n|---|---|---|\n",
        source.notice().trim_end(),
        match source.part {
            ExportPart::Stack => "Backstage with its own PostgreSQL, mutual TLS between them, and no password.",
            ExportPart::Rotation => "Rotates the certificates of PostgreSQL and Backstage, which are there already.",
        },
        source.settings.namespace,
    );
    for (index, offer) in model.offered.offers.iter().enumerate() {
        let about = description(offer.path).unwrap_or_default().replace('\n', " ").replace('|', "\\|");
        let admitted = match offer.form {
            ValueForm::Words(words) => format!(
                " One of {}.",
                words.iter().filter(|word| !word.is_empty()).copied().collect::<Vec<_>>().join(", ")
            ),
            ValueForm::Text(_) | ValueForm::Given { .. } | ValueForm::Items(_) => String::new(),
        };
        let default = default(model, index, offer);
        let default = if default == "null" { "follows from the others".to_owned() } else { format!("`{default}`") };
        let _ = writeln!(text, "| `{}` | {about}{admitted} | {default} |", offer.path);
    }
    text.push_str(
        "\n## Upgrade, roll back, remove\n\n    helm upgrade RELEASE . --reset-then-reuse-values --wait --timeout 10m\n    \
         helm rollback RELEASE --wait\n    helm test RELEASE\n    helm uninstall RELEASE\n\n\
         `helm uninstall` leaves what cannot be made again: the authority, both leaves and the volume of the database. It also leaves \
         the objects of the hooks; the next install replaces them.\n",
    );
    text
}

fn notes(source: &ExportSource<'_>) -> String {
    let stack = match source.part {
        ExportPart::Stack => {
            "{{ if $.Values.host }}Backstage is at {{ $.Values.host }}\n{{ else }}Backstage:\n  \
             kubectl port-forward --namespace {{ .Release.Namespace }} service/backstage 7007\n  \
             then http://localhost:7007\n{{ end }}\n"
        }
        ExportPart::Rotation => "",
    };
    format!(
        "{}{stack}The certificates rotate by themselves. To check the stack, and that what is served is what is stored:\n  \
         helm test {{{{ .Release.Name }}}} --namespace {{{{ .Release.Namespace }}}}\n\
         New keys now:\n  newleaf rotate --now --namespace {{{{ .Release.Namespace }}}}\n",
        comment(source)
    )
}

/// The file of an object: the part of the stack, and the hooks by themselves.
pub(super) fn part(node: &Node) -> String {
    let found = |path: [&str; 3]| text(node, &path);
    match found(["metadata", "annotations", "helm.sh/hook"]).as_deref() {
        Some(hooks::TEST) => return "tests/check".to_owned(),
        Some(_) => return "bootstrap".to_owned(),
        None => {}
    }
    found(["metadata", "labels", "app.kubernetes.io/component"]).unwrap_or_else(|| "added".to_owned())
}

/// A text in a tree; in the first of several alternatives that has one.
fn text(node: &Node, path: &[&str]) -> Option<String> {
    match (node, path.split_first()) {
        (Node::Split(_, branches), _) => branches.iter().find_map(|(_, node)| text(node, path)),
        (Node::Constant(value), _) => {
            let inner = value.get(FORMS);
            let inner =
                inner.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_array).flatten().next();
            let found = path.iter().try_fold(inner.unwrap_or(value), |value, key| value.get(*key))?;
            found.as_str().map(str::to_owned)
        }
        (Node::Map(entries), Some((key, rest))) => text(entries.get(*key)?, rest),
        (Node::Map(_) | Node::List(_) | Node::Absent, _) => None,
    }
}

fn child(node: &Node, key: &str) -> Option<Node> {
    match node {
        Node::Map(entries) => entries.get(key).cloned(),
        Node::Constant(value) => value.get(key).map(|value| Node::Constant(value.clone())),
        Node::List(_) | Node::Split(..) | Node::Absent => None,
    }
}

/// After the check, `helm test` starts one more run of the rotation, which proves that what is served is what is stored. Not `newleaf verify`: it changes
/// nothing, so a pod that was made in the same half minute as its leaf stays unproved, and after a fast install they all are. Not a
/// pod alone: a network plugin may refuse the first connections of a new pod, and a Job tries again.
pub(super) fn test(source: &ExportSource<'_>, items: &[Node], writer: &mut TemplateWriter<'_>) -> Option<ChartFile> {
    let cron_job = items.iter().find(|item| text(item, &["kind"]).as_deref() == Some("CronJob"))?;
    let mut spec =
        ["spec", "jobTemplate", "spec"].iter().try_fold(maps(cron_job.clone()), |node, key| child(&node, key))?;
    // No selector of the rotation's Jobs finds it.
    let labels = json!({ "app.kubernetes.io/name": "newleaf", "app.kubernetes.io/component": "test" });
    if let Some(of_pod) = inner(&mut spec, &["template", "metadata", "labels"]) {
        *of_pod = Node::Constant(labels.clone());
    }
    // After the check, which changes nothing.
    let annotations: BTreeMap<&str, &str> = hooks::of_test("5").into_iter().collect();
    let job = BTreeMap::from([
        ("apiVersion".to_owned(), Node::Constant(json!("batch/v1"))),
        ("kind".to_owned(), Node::Constant(json!("Job"))),
        (
            "metadata".to_owned(),
            Node::Constant(json!({
                "name": TEST,
                "namespace": tokens::NAMESPACE,
                "labels": labels,
                "annotations": annotations,
            })),
        ),
        ("spec".to_owned(), spec),
    ]);
    writer.object(&Node::Map(job));
    Some(("templates/tests/rotate.yaml".to_owned(), format!("{}{}", header(source), writer.take())))
}

/// What is below a path of maps.
fn inner<'a>(node: &'a mut Node, path: &[&str]) -> Option<&'a mut Node> {
    path.iter().try_fold(node, |node, key| if let Node::Map(entries) = node { entries.get_mut(*key) } else { None })
}

/// Constants with maps as trees, down to every map.
fn maps(node: Node) -> Node {
    match node {
        Node::Constant(Value::Object(map)) => {
            Node::Map(map.into_iter().map(|(key, value)| (key, maps(Node::Constant(value)))).collect())
        }
        Node::Constant(Value::Array(items)) => {
            Node::List(items.into_iter().map(|item| maps(Node::Constant(item))).collect())
        }
        Node::Map(entries) => Node::Map(entries.into_iter().map(|(key, node)| (key, maps(node))).collect()),
        Node::List(items) => Node::List(items.into_iter().map(maps).collect()),
        Node::Constant(_) | Node::Split(..) | Node::Absent => node,
    }
}

/// The checksum of Backstage's configuration, over the same bytes as the model's: see `crate::checksum`.
pub(super) fn checksum(offered: &OfferedDocument) -> String {
    let (object, key) = (GENERATED.len(), KEY.len());
    let mut text = format!(
        "{{{{- define \"{CHECKSUM}\" -}}}}\n\
         {{{{- $text := printf \"%s\\n\" (include \"{CONFIGURATION}\" $) }}}}\n\
         {{{{- $sum := printf \"{object}:{GENERATED}{key}:{KEY}%d:%s\" (len $text) $text | sha256sum }}}}\n"
    );
    if offered.offers.iter().any(|offer| offer.path == "backstage.appConfig") {
        let _ = write!(
            text,
            "{{{{- range $index, $item := ($.Values.backstage).appConfig }}}}\n\
             {{{{- if hasKey $item \"inline\" }}}}\n\
             {{{{- $name := printf \"{GENERATED}-%d\" (add $index 1) }}}}\n\
             {{{{- $text := printf \"%s\\n\" (toYaml $item.inline) }}}}\n\
             {{{{- $sum = printf \"%s%d:%s{key}:{KEY}%d:%s\" $sum (len $name) $name (len $text) $text | sha256sum }}}}\n\
             {{{{- end }}}}\n{{{{- end }}}}\n"
        );
    }
    text.push_str("{{- $sum }}\n{{- end }}\n");
    text
}
