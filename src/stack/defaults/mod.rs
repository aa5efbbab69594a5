//! What holds on each platform where the document says nothing.

use crate::document::network::IngressKind;
use crate::document::stack::KubernetesPlatform;

/// The name of the stack and of its namespace.
pub const NAME: &str = "backstage";
/// Backstage's own image, which shows what it can do.
pub const BACKSTAGE_IMAGE: &str = "ghcr.io/backstage/backstage:1.53.1";
/// The program of an image that `backstage-cli` builds.
pub const BACKSTAGE_COMMAND: [&str; 2] = ["node", "packages/backend"];
/// The image of newleaf.
pub const ROTATION_IMAGE: &str = "newleaf:0.1.0";
/// The image of newleaf-deploy, for the check that runs inside of the cluster.
pub const CHECK_IMAGE: &str = "newleaf-deploy:0.1.0";
/// Once a day, at a minute that other people's jobs do not start at.
pub const SCHEDULE: &str = "17 3 * * *";
/// The major version of PostgreSQL.
pub const POSTGRES_VERSION: &str = "17";
/// The official images, a minor version for each major one. The distribution is named too: another libc sorts texts
/// differently, and indexes break.
pub const POSTGRES_IMAGES: [(&str, &str); 5] = [
    ("14", "postgres:14.23-bookworm"),
    ("15", "postgres:15.18-bookworm"),
    ("16", "postgres:16.14-bookworm"),
    ("17", "postgres:17.10-bookworm"),
    ("18", "postgres:18.4-bookworm"),
];

/// Pods, by labels of their namespace and by their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownPods {
    /// The label of the namespace, and its value.
    pub namespace: (&'static str, &'static str),
    /// The label of the pods and its value, where not all pods of the namespace are meant.
    pub pods: Option<(&'static str, &'static str)>,
}

/// The label that each namespace has, with its name.
pub const NAMESPACE_LABEL: &str = "kubernetes.io/metadata.name";

const fn pods_in(namespace: &'static str) -> KnownPods {
    KnownPods { namespace: (NAMESPACE_LABEL, namespace), pods: None }
}

/// What a platform brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlatformDefaults {
    /// Whether the platform chooses user ids by itself, and refuses others.
    pub assigns_user_ids: bool,
    /// How people reach Backstage where a host is given.
    pub ingress: IngressKind,
    /// The ingress class.
    pub ingress_class: Option<&'static str>,
    /// The storage class; the cluster's default where there is none.
    pub storage_class: Option<&'static str>,
    /// The pods of the DNS service.
    pub dns: KnownPods,
    /// Their ports.
    pub dns_ports: &'static [u16],
    /// The ports of the API server, as a Service and as its pods reach it.
    pub api_server_ports: &'static [u16],
    /// Whether guests may sign in: only where the cluster is the machine of one person.
    pub guest: bool,
    /// How an image of this machine comes to the nodes.
    pub image_import: &'static str,
}

const PLAIN: PlatformDefaults = PlatformDefaults {
    assigns_user_ids: false,
    ingress: IngressKind::Ingress,
    ingress_class: None,
    storage_class: None,
    dns: KnownPods { namespace: (NAMESPACE_LABEL, "kube-system"), pods: Some(("k8s-app", "kube-dns")) },
    dns_ports: &[53],
    api_server_ports: &[443, 6443],
    guest: false,
    image_import: "push it to a registry that the nodes can reach",
};

const OPENSHIFT: PlatformDefaults = PlatformDefaults {
    assigns_user_ids: true,
    ingress: IngressKind::Route,
    dns: KnownPods {
        namespace: (NAMESPACE_LABEL, "openshift-dns"),
        pods: Some(("dns.operator.openshift.io/daemonset-dns", "default")),
    },
    dns_ports: &[53, 5353],
    ..PLAIN
};

const KIND: PlatformDefaults = PlatformDefaults {
    ingress_class: Some("nginx"),
    storage_class: Some("standard"),
    guest: true,
    image_import: "kind load docker-image IMAGE",
    ..PLAIN
};

const K3D: PlatformDefaults = PlatformDefaults {
    ingress_class: Some("traefik"),
    storage_class: Some("local-path"),
    guest: true,
    image_import: "k3d image import IMAGE",
    ..PLAIN
};

const MINIKUBE: PlatformDefaults = PlatformDefaults {
    ingress_class: Some("nginx"),
    storage_class: Some("standard"),
    api_server_ports: &[443, 8443],
    guest: true,
    image_import: "minikube image load IMAGE",
    ..PLAIN
};

const MICROK8S: PlatformDefaults = PlatformDefaults {
    ingress_class: Some("public"),
    storage_class: Some("microk8s-hostpath"),
    api_server_ports: &[443, 16443],
    guest: true,
    image_import: "docker save IMAGE > image.tar && microk8s ctr image import image.tar",
    ..PLAIN
};

impl PlatformDefaults {
    /// The defaults of a platform.
    pub const fn of(platform: KubernetesPlatform) -> Self {
        match platform {
            KubernetesPlatform::Kubernetes => PLAIN,
            KubernetesPlatform::OpenShift => OPENSHIFT,
            KubernetesPlatform::Kind => KIND,
            KubernetesPlatform::K3d => K3D,
            KubernetesPlatform::Minikube => MINIKUBE,
            KubernetesPlatform::MicroK8s => MICROK8S,
        }
    }
}

/// The pods that bring requests from outside, as far as a class is known.
pub fn ingress_pods(platform: KubernetesPlatform, class: &str) -> Option<KnownPods> {
    match (platform, class) {
        (KubernetesPlatform::K3d, "traefik") => Some(KnownPods {
            namespace: (NAMESPACE_LABEL, "kube-system"),
            pods: Some(("app.kubernetes.io/name", "traefik")),
        }),
        (_, "nginx") => Some(pods_in("ingress-nginx")),
        (_, "traefik") => Some(pods_in("traefik")),
        (_, "public") => Some(pods_in("ingress")),
        (_, "bunkerweb") => Some(pods_in("bunkerweb")),
        (_, "haproxy") => Some(pods_in("haproxy-controller")),
        (_, _) => None,
    }
}

/// The routers of `OpenShift`.
pub const OPENSHIFT_ROUTERS: KnownPods =
    KnownPods { namespace: ("network.openshift.io/policy-group", "ingress"), pods: None };
