//! A raw layer that the cluster keeps: a ConfigMap, each of whose values is a file.

use crate::stage::Shell;

const STACK: &str = "raw: [{configMap: portal-raw}]\n";

const LAYER: &str = "
apiVersion: v1
kind: ConfigMap
metadata: {name: portal-raw}
data:
  backstage.yaml: |
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: backstage}
    spec:
      template:
        spec: {nodeSelector: {disk: fast}}
";

#[test]
fn a_raw_layer_of_a_config_map_is_merged_and_explained_and_an_absent_or_broken_one_is_named() {
    let Some(shell) = Shell::new() else { return };
    shell.folder.write("stack.yaml", STACK);
    shell.kubectl(&["create", "namespace", &shell.namespace], "");
    let field = "Deployment/backstage/spec.template.spec.nodeSelector.disk";
    let explain = || shell.deploy(&["explain", field, "-f", "stack.yaml"]);

    let absent = explain();
    assert!(absent.code == Some(4) && absent.stderr.contains("NL1106"), "{absent:?}");
    assert!(absent.stderr.contains("create configmap portal-raw --from-file"), "{absent:?}");

    shell.here(&["apply", "-f", "-"], LAYER);
    let explained = explain();
    assert_eq!(explained.code, Some(0), "{explained:?}");
    assert!(explained.stdout.contains("disk: fast"), "{explained:?}");
    assert!(explained.stdout.contains("file configmap/portal-raw/backstage.yaml:6:"), "{explained:?}");
    let rendered = shell.deploy(&["render", "-f", "stack.yaml"]);
    assert!(!rendered.stdout.contains("disk: fast"), "`render` contacts no cluster");
    assert!(rendered.stderr.contains("the raw layer in ConfigMap portal-raw is left out"), "{}", rendered.stderr);

    shell.here(&["apply", "-f", "-"], &LAYER.replace("nodeSelector: {disk: fast}", "nodeSelectors: [fast"));
    let broken = explain();
    assert!(broken.code == Some(78) && broken.stderr.contains("configmap/portal-raw/backstage.yaml:"), "{broken:?}");
}
