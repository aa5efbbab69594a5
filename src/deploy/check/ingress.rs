//! Whether requests from outside can come in: the class of the Ingress, its certificate, and the pods that the network policies
//! let in. All of it belongs to others, and each of them is missing without a message of Kubernetes. Pure.

use base::diagnosis::Code;
use serde_json::Value;
use stack::object::text;

use crate::check::line::{CheckFinding, CheckLine, Known};

/// Where the annotation stands that makes a class the default one.
const IS_DEFAULT: &str = "/metadata/annotations/ingressclass.kubernetes.io~1is-default-class";

/// What is known of the way in.
#[derive(Debug, Clone, PartialEq)]
pub struct IngressFacts {
    /// The object by which people reach Backstage, for messages.
    pub title: String,
    /// The class, if it is an Ingress.
    pub class: Option<ClassFacts>,
    /// The Secret with its certificate, and whether it is there; none where another program makes it.
    pub certificate: Option<(String, Known<bool>)>,
    /// The pods that bring the requests; none where no policy names them.
    pub controller: Option<ControllerFacts>,
}

/// The class of an Ingress.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassFacts {
    /// The one that it names; the cluster's default where there is none.
    pub wanted: Option<String>,
    /// Those of the cluster.
    pub present: Known<Vec<Value>>,
}

/// The pods that the network policies let in.
#[derive(Debug, Clone, PartialEq)]
pub struct ControllerFacts {
    /// How the policy selects them, in words.
    pub selected: String,
    /// The pods that it selects.
    pub pods: Known<Vec<Value>>,
    /// Whether the policies also let the addresses of the nodes in.
    pub admits_nodes: bool,
}

impl IngressFacts {
    /// One line: nothing of it fails the stack, which works by `kubectl port-forward` all the same.
    pub fn judge(&self) -> CheckLine {
        let findings = [self.class(), self.certificate(), self.controller()];
        let warned = findings.into_iter().flatten().map(CheckFinding::only_warned).collect();
        CheckLine::new("ingress", format!("requests from outside come in by {}", self.title), warned)
    }

    fn finding(&self, why: String, mend: impl Into<String>) -> CheckFinding {
        CheckFinding::warning(Code::CheckIngress, &self.title, why, mend)
    }

    fn class(&self) -> Option<CheckFinding> {
        let ClassFacts { wanted, present } = self.class.as_ref()?;
        let present = match present {
            Ok(present) => present,
            Err(finding) => return Some(finding.clone()),
        };
        let names: Vec<&str> = present.iter().map(|class| text(class, "/metadata/name")).collect();
        let mend = match names.as_slice() {
            [] => "Install an ingress controller, or leave `host` out and use `kubectl port-forward`.".to_owned(),
            names => format!("Set `ingress.className` to a class of this cluster: {}.", names.join(", ")),
        };
        match wanted {
            Some(wanted) if names.contains(&wanted.as_str()) => None,
            Some(wanted) => Some(
                self.finding(format!("the cluster has no ingress class `{wanted}`: no controller serves it"), mend),
            ),
            None if present.iter().any(|class| text(class, IS_DEFAULT) == "true") => None,
            None => {
                Some(self.finding("it names no ingress class, and the cluster has no default one".to_owned(), mend))
            }
        }
    }

    fn certificate(&self) -> Option<CheckFinding> {
        match self.certificate.as_ref()? {
            (_, Ok(true)) => None,
            (_, Err(finding)) => Some(finding.clone()),
            (secret, Ok(false)) => {
                let why = format!(
                    "the Secret {secret} is not there: the controller answers HTTPS with a certificate of its own, or not at all"
                );
                let mend = format!(
                    "Create it: `kubectl create secret tls {secret} --cert=FILE --key=FILE`, or let cert-manager do so: set \
                     `ingress.tls.clusterIssuer`."
                );
                Some(self.finding(why, mend))
            }
        }
    }

    fn controller(&self) -> Option<CheckFinding> {
        let ControllerFacts { selected, pods, admits_nodes } = self.controller.as_ref()?;
        let pods = match pods {
            Ok(pods) => pods,
            Err(finding) => return Some(finding.clone()),
        };
        if pods.is_empty() {
            let why = format!("the NetworkPolicy lets in {selected}, and there is none: no request reaches Backstage");
            let mend = "Name the pods of the controller in `networkPolicies.ingressFrom`; `kubectl get pods \
                        --all-namespaces --show-labels` shows them.";
            return Some(self.finding(why, mend));
        }
        let on_nodes = pods.iter().all(|pod| pod.pointer("/spec/hostNetwork") == Some(&Value::Bool(true)));
        if on_nodes && !admits_nodes {
            let why = format!(
                "the NetworkPolicy lets in {selected}; they use the network of their node, and most network plugins know \
                 them by its address alone"
            );
            return Some(self.finding(why, "Name the addresses of the nodes in `networkPolicies.nodes`."));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn facts() -> IngressFacts {
        let class = json!({"metadata": {"name": "nginx"}});
        let pod = json!({"spec": {}});
        IngressFacts {
            title: "Ingress backstage/backstage".to_owned(),
            class: Some(ClassFacts { wanted: Some("nginx".to_owned()), present: Ok(vec![class]) }),
            certificate: Some(("portal-tls".to_owned(), Ok(true))),
            controller: Some(ControllerFacts {
                selected: "the pods of namespace ingress-nginx".to_owned(),
                pods: Ok(vec![pod]),
                admits_nodes: false,
            }),
        }
    }

    /// What is warned of, in its own words.
    fn told(facts: &IngressFacts) -> Vec<String> {
        let line = facts.judge();
        assert_ne!(line.severity(), Some(crate::check::line::CheckSeverity::Failure), "{line:?}");
        line.findings.into_iter().map(|finding| finding.why).collect()
    }

    #[test]
    fn each_part_of_the_way_in_that_is_missing_is_named() {
        assert_eq!(told(&facts()), Vec::<String>::new());
        let denied = || CheckFinding::failure(Code::CheckPermission, "it", "may not be listed", "ask");
        let default = |value| {
            let annotations = json!({"ingressclass.kubernetes.io/is-default-class": value});
            Ok(vec![json!({"metadata": {"name": "nginx", "annotations": annotations}})])
        };
        let class = |wanted: Option<&str>, present| IngressFacts {
            class: Some(ClassFacts { wanted: wanted.map(str::to_owned), present }),
            ..facts()
        };
        let certificate = |is_there| IngressFacts { certificate: Some(("portal-tls".to_owned(), is_there)), ..facts() };
        let controller = |pods, admits_nodes| {
            let selected = "the pods of namespace edge".to_owned();
            IngressFacts { controller: Some(ControllerFacts { selected, pods, admits_nodes }), ..facts() }
        };
        let on_node = || json!({"spec": {"hostNetwork": true}});
        for (facts, expected) in [
            (class(Some("traefik"), default("true")), Some("no ingress class `traefik`")),
            (class(Some("nginx"), default("false")), None),
            (class(None, default("true")), None),
            (class(None, default("false")), Some("no default one")),
            (class(None, Err(denied())), Some("may not be listed")),
            (certificate(Ok(false)), Some("portal-tls is not there")),
            (certificate(Err(denied())), Some("may not be listed")),
            (controller(Ok(Vec::new()), true), Some("there is none: no request reaches Backstage")),
            (controller(Ok(vec![on_node()]), false), Some("the network of their node")),
            (controller(Ok(vec![on_node()]), true), None),
            (controller(Ok(vec![on_node(), json!({"spec": {}})]), false), None),
            (controller(Err(denied()), true), Some("may not be listed")),
            (IngressFacts { class: None, certificate: None, controller: None, ..facts() }, None),
        ] {
            let told = told(&facts);
            assert_eq!(told.len(), usize::from(expected.is_some()), "{told:?}");
            assert!(told.iter().all(|told| told.contains(expected.unwrap_or_default())), "{told:?}: {expected:?}");
        }
    }
}
