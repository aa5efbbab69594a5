//! Collects what is known of the way in from outside: nothing is changed in the cluster, and no private key is read.

use kubernetes::api::call::Call;
use kubernetes::api::resource::Resource;
use serde::de::IgnoredAny;
use stack::defaults::NAMESPACE_LABEL;
use stack::settings::Settings;
use stack::settings::entry::{EntryKind, IngressSettings};
use stack::settings::network::SelectedPods;

use crate::check::ingress::{ClassFacts, ControllerFacts, IngressFacts};
use crate::check::line::{Known, known};
use crate::check::observe::{listed, unknown};
use crate::cluster::{REQUEST, StackCluster};

/// The way in; none where people use `kubectl port-forward`.
pub(super) async fn ingress(cluster: &StackCluster, settings: &Settings, is_reachable: bool) -> Option<IngressFacts> {
    let kind = match (&settings.entry.kind, is_reachable) {
        (EntryKind::PortForward, _) | (_, false) => return None,
        (EntryKind::Ingress(_), true) => "Ingress",
        (EntryKind::Route { .. }, true) => "Route",
        (EntryKind::HttpRoute(_), true) => "HTTPRoute",
    };
    let (mut class, mut certificate) = (None, None);
    if let EntryKind::Ingress(ingress) = &settings.entry.kind {
        let wanted = ingress.class.as_ref().map(ToString::to_string);
        let present = listed(cluster, true, "networking.k8s.io/v1", "IngressClass", "").await;
        class = Some(ClassFacts { wanted, present });
        certificate = self::certificate(cluster, settings, ingress).await;
    }
    let controller = controller(cluster, settings).await;
    let namespace = settings.namespace.as_str();
    let title = format!("{kind} {namespace}/{}", stack::components::backstage::SERVICE);
    Some(IngressFacts { title, class, certificate, controller })
}

/// Of the Secret nothing but its name is kept.
async fn certificate(
    cluster: &StackCluster,
    settings: &Settings,
    ingress: &IngressSettings,
) -> Option<(String, Known<bool>)> {
    let tls = ingress.tls.as_ref()?;
    let name = tls.secret.as_str();
    let mut brought = settings.external_secrets.iter().flat_map(|external| &external.secrets);
    if tls.cluster_issuer.is_some() || brought.any(|secret| secret.name == tls.secret) {
        return None;
    }
    let call = Call::get(Resource::Secret, settings.namespace.as_str(), name);
    let found = known(call.read::<IgnoredAny>(cluster.client(), REQUEST).await);
    Some((name.to_owned(), found.map(|secret| secret.is_some())))
}

/// The pods that a policy selects by the name of their namespace. Of other labels a namespace may have, only the cluster's
/// administrators know which namespaces have them.
async fn controller(cluster: &StackCluster, settings: &Settings) -> Option<ControllerFacts> {
    let network = settings.network.as_ref()?;
    let SelectedPods { namespace, pods } = network.ingress_from.as_ref()?;
    let namespace = namespace.get(NAMESPACE_LABEL)?;
    let labels: Vec<String> = pods.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let labels = labels.join(",");
    let selected = match labels.as_str() {
        "" => format!("the pods of namespace {namespace}"),
        labels => format!("the pods of namespace {namespace} with the labels {labels}"),
    };
    let pods = cluster.labelled(("v1", "Pod"), namespace, &labels).await.map_err(|failure| unknown(&failure));
    Some(ControllerFacts { selected, pods, admits_nodes: !network.nodes.is_empty() })
}
