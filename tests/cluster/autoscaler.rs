//! A `HorizontalPodAutoscaler` of the operator, by the real controller. Without figures of the pods it keeps to its bounds.

use std::fs;

use serde_json::json;

use crate::deployed::Deployed;
use crate::guide;

const AUTOSCALER: &str = "
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: backstage}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: backstage}
  minReplicas: 3
  maxReplicas: 4
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]
";

/// An install of a stack with two replicas names whose the field is. Without the field in its objects, as the guide says, it leaves
/// the autoscaler alone.
pub(crate) fn owns_the_replicas(stack: &Deployed) {
    let replicas = ["get", "deployment/backstage", "--output", "jsonpath={.spec.replicas}"];
    stack.namespace.apply(AUTOSCALER);
    stack.namespace.until(&replicas, "3");
    let refused = stack.deploy(&["install", "--quiet"]);
    assert_ne!(refused.code, Some(0), "{refused:?}");
    for told in ["NL0903", "kube-controller-manager", ".spec.replicas"] {
        assert!(refused.stderr.contains(told), "{told}: {refused:?}");
    }
    assert_eq!(stack.namespace.kubectl(&replicas), "3");

    let file = stack.folder().join("stack.yaml");
    let document = fs::read_to_string(&file).expect("it is there");
    fs::create_dir(stack.folder().join("autoscaled")).expect("a folder");
    fs::write(
        stack.folder().join("autoscaled/deployment.yaml"),
        guide::block("stack.md", "# raw/deployment.yaml, for an autoscaler"),
    )
    .expect("a file");
    fs::write(&file, format!("{document}raw: [{{path: autoscaled}}]\n")).expect("a file");
    for _ in 0..2 {
        let report = stack.install();
        assert_eq!(report["repaired"], json!([]), "{report}");
        assert_eq!(stack.namespace.kubectl(&replicas), "3");
    }
    stack.namespace.kubectl(&[
        "patch",
        "hpa/backstage",
        "--patch",
        "{\"spec\": {\"minReplicas\": 1, \"maxReplicas\": 2}}",
    ]);
    stack.namespace.until(&replicas, "2");
    stack.namespace.kubectl(&["delete", "hpa/backstage"]);
    fs::write(&file, document).expect("a file");
}
