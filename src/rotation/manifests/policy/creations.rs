//! Confines the right of bootstrap to create objects.
//!
//! RBAC cannot name an object that does not exist yet, so the account may create Secrets of any name and type. Kubernetes
//! fills a Secret of the token type with a token of the service account that it names. This policy makes the API server
//! confine the account to its three names, to the two types that newleaf writes, and to the one Lease.

use crate::document::cluster::ClusterPlace;
use crate::manifests::object::Manifest;
use crate::manifests::policy::{Confined, rule};
use crate::manifests::{BOOTSTRAP, NAME, TYPE_ANY, TYPE_TLS};

/// The policy and its binding.
pub(super) fn objects(place: &ClusterPlace) -> Vec<Manifest> {
    let names =
        [&place.authority.name, &place.server.name, &place.client.name].map(|name| format!("'{name}'")).join(", ");
    let name = format!("object.metadata.name in (request.resource.resource == 'leases' ? ['{NAME}'] : [{names}])");
    // A Lease has no type.
    let kind = format!("dyn(object).?type.orValue('{TYPE_ANY}') in ['{TYPE_ANY}', '{TYPE_TLS}']");
    let annotations =
        "!object.metadata.?annotations.orValue({}).exists(name, name.startsWith('kubernetes.io/service-account'))";
    let may_not =
        |what: &str| format!("the bootstrap of newleaf may create its own Secrets and its Lease, and not {what}");
    let validations = vec![
        (name, may_not("an object of another name")),
        (kind, may_not("a Secret of another type")),
        (annotations.to_owned(), may_not("a Secret for a service account")),
    ];
    let rules = vec![rule("", "CREATE", &["secrets"]), rule("coordination.k8s.io", "CREATE", &["leases"])];
    Confined { account: BOOTSTRAP, is_at_home: true, rules, validations }.objects(place)
}
