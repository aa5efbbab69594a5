//! The way in: a real ingress controller (skipper), and visitors who reach the stack through it from another namespace.

use serde_json::{Value, json};

use crate::deployed::Deployed;
use crate::kubectl::Namespace;
use crate::load::Load;

const CONTROLLER: &str = include_str!("skipper/controller.yaml");
const VISITOR: &str = include_str!("fixtures/visitor.yaml");
const HOST: &str = "portal.example.com";
/// An entity of the catalog that all stacks of these tests have.
const COMPONENT: &str = "api/catalog/entities/by-name/component/default/newleaf";
const VISITOR_JS: &str = "/etc/visitor/visitor.js";

/// What the document of a stack says, to be reached by this controller.
pub(crate) const SECTION: &str = "
host: portal.example.com
ingress: {className: skipper, tls: {secret: portal-tls}}
networkPolicies:
  ingressFrom: {namespace: ingress-skipper, podLabels: {app.kubernetes.io/component: controller}}
";

/// The controller, and the namespace of its visitors. The cluster has one controller: one test uses it.
pub(crate) struct Entrance {
    controller: Namespace,
    visitors: Namespace,
    certificate: String,
}

impl Entrance {
    /// Starts the controller, and puts the certificate of the host into the namespace of a stack.
    pub(crate) fn open(stack: &Deployed) -> Self {
        let controller = Namespace::absent("ingress-skipper");
        controller.apply_where_they_say(CONTROLLER);
        let visitors = Namespace::restricted("visitors").expect("the stack has a cluster, too");
        let made = rcgen::generate_simple_self_signed(vec![HOST.to_owned()]).expect("a certificate");
        let certificate = made.cert.pem();
        let secret = json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "portal-tls"},
            "type": "kubernetes.io/tls",
            "stringData": {"tls.crt": certificate, "tls.key": made.signing_key.serialize_pem()},
        });
        // `kubectl apply` would repeat the key in an annotation.
        let made = stack.namespace.attempt(&["create", "--filename", "-"], &secret.to_string());
        assert!(made.is_ok(), "{made:?}");
        let entrance = Self { controller, visitors, certificate };
        entrance.controller.rolled_out("deployment/skipper");
        entrance
    }

    /// Visitors in a pod, who ask for the catalog again and again from now on.
    pub(crate) fn visited(&self) -> Load {
        self.place_visitor(&self.visitors);
        // The controller asks for changes every 3 seconds.
        let found = self.visitors.until(&asking("GET", &format!("https://{HOST}/{COMPONENT}"), &[]), "\"status\":200");
        assert!(found.contains("\\\"lifecycle\\\":\\\"production\\\""), "{found}");
        Load::follow(&self.visitors, "visitor")
    }

    fn place_visitor(&self, namespace: &Namespace) {
        let visited = json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "visited"},
            "data": {"url": format!("https://{HOST}/{COMPONENT}"), "certificate": self.certificate},
        });
        namespace.apply(&visited.to_string());
        namespace.apply(VISITOR);
        namespace.kubectl(&["wait", "--for=condition=Ready", "pod/visitor", "--timeout=90s"]);
    }

    /// The host is served with its own certificate, as Backstage answers; another host is not served.
    pub(crate) fn serves_its_host_alone(&self) {
        let own = format!("https://{HOST}");
        let secure = self.ask("GET", &format!("{own}/{COMPONENT}"), &[]);
        assert_eq!(secure["status"], 200, "{secure}");
        let plain = self.ask("GET", &format!("http://{HOST}/{COMPONENT}"), &[]);
        assert_eq!(plain["status"], 200, "{plain}");
        assert_eq!(secure["body"], plain["body"]);
        let policy = secure["headers"]["content-security-policy"].as_str().unwrap_or_default();
        assert!(policy.contains("upgrade-insecure-requests"), "the address of the stack is one of https: {secure}");

        let other = self.ask("GET", &format!("http://other.example.com/{COMPONENT}"), &[]);
        assert_eq!(other["status"], 404, "{other}");
        let other = self.ask("GET", &format!("https://other.example.com/{COMPONENT}"), &[]);
        assert!(failure(&other).contains("EPROTO") || failure(&other).contains("ALERT"), "no certificate: {other}");

        let allowed = "access-control-allow-origin";
        let of_host = self.ask("GET", &format!("{own}/{COMPONENT}"), &[&format!("Origin={own}")]);
        assert_eq!(of_host["headers"][allowed], own.as_str(), "{of_host}");
        let of_others = self.ask("GET", &format!("{own}/{COMPONENT}"), &["Origin=https://other.example.com"]);
        assert_eq!((&of_others["status"], &of_others["headers"][allowed]), (&json!(200), &Value::Null), "{of_others}");
        let preflight = [&format!("Origin={own}"), "Access-Control-Request-Method=DELETE"];
        let preflight = self.ask("OPTIONS", &format!("{own}/{COMPONENT}"), &preflight);
        let methods = preflight["headers"]["access-control-allow-methods"].as_str().unwrap_or_default();
        assert!(methods.split(',').any(|method| method == "DELETE"), "{preflight}");
    }

    /// No pod of another namespace gets in without the controller, but by the controller's own labels in its namespace.
    pub(crate) fn is_the_only_way_in(&self, stack: &Deployed) {
        let direct = format!("http://backstage.{}.svc:7007/{COMPONENT}", stack.namespace.name());
        let asking = asking("GET", &direct, &[]);
        let stranger: Value = serde_json::from_str(&self.visitors.kubectl(&asking)).expect("JSON");
        let is_kept_out = |answer: &Value| ["ECONNREFUSED", "no answer"].iter().any(|it| failure(answer).contains(it));
        assert!(is_kept_out(&stranger), "{stranger}");
        self.place_visitor(&self.controller);
        let neighbour: Value = serde_json::from_str(&self.controller.kubectl(&asking)).expect("JSON");
        assert!(is_kept_out(&neighbour), "{neighbour}");
        self.controller.kubectl(&["label", "pod/visitor", "app.kubernetes.io/component=controller"]);
        self.controller.until(&asking, "\"status\":200");
        self.controller.kubectl(&["delete", "pod/visitor", "--wait=false"]);
    }

    fn ask(&self, method: &str, url: &str, headers: &[&str]) -> Value {
        serde_json::from_str(&self.visitors.kubectl(&asking(method, url, headers))).expect("JSON")
    }
}

/// The arguments of kubectl by which the visitor asks once.
fn asking<'a>(method: &'a str, url: &'a str, headers: &[&'a str]) -> Vec<&'a str> {
    [&["exec", "visitor", "--", "node", VISITOR_JS, method, url], headers].concat()
}

/// Why there was no answer.
fn failure(answer: &Value) -> &str {
    answer["error"].as_str().unwrap_or_default()
}

impl Drop for Entrance {
    fn drop(&mut self) {
        let of_cluster = ["ingressclass/skipper", "clusterrole/ingress-skipper", "clusterrolebinding/ingress-skipper"];
        let _removed = self.controller.attempt(&[&["delete", "--wait=false"][..], &of_cluster].concat(), "");
    }
}
