//! A document to begin with: everything that people change first, with its default, commented out.

use crate::defaults::{BACKSTAGE_IMAGE, NAME, POSTGRES_VERSION, PlatformDefaults, SCHEDULE};
use crate::document::network::IngressKind;
use crate::document::stack::KubernetesPlatform;

/// Every platform by its name in the document.
pub const PLATFORMS: [(&str, KubernetesPlatform); 6] = [
    ("kubernetes", KubernetesPlatform::Kubernetes),
    ("openshift", KubernetesPlatform::OpenShift),
    ("kind", KubernetesPlatform::Kind),
    ("k3d", KubernetesPlatform::K3d),
    ("minikube", KubernetesPlatform::Minikube),
    ("microk8s", KubernetesPlatform::MicroK8s),
];

/// The document for a platform. Each commented line is valid as it stands.
pub fn template(platform: KubernetesPlatform) -> String {
    let name = PLATFORMS.iter().find(|(_, known)| *known == platform).map_or("kubernetes", |(name, _)| name);
    let PlatformDefaults { ingress, ingress_class, storage_class, image_import, .. } = PlatformDefaults::of(platform);
    let ingress = match (ingress, ingress_class) {
        (IngressKind::Route, _) => "# ingress: {kind: route}".to_owned(),
        (_, class) => format!("# ingress: {{kind: ingress, className: {}}}", class.unwrap_or("nginx")),
    };
    let storage = match storage_class {
        Some(class) => format!("{{size: 10Gi, class: {class}}}"),
        None => "{size: 10Gi}".to_owned(),
    };
    format!(
        "# The stack: Backstage with its own PostgreSQL, mutual TLS between them, and no password.\n\
         # Everything may be left out. A line without its `# ` says what holds anyway, or shows the form.\n\
         # All keys: docs/reference/stack.schema.json. Where a value comes from: newleaf-deploy explain PATH.\n\
         apiVersion: newleaf.dev/v1alpha1\n\
         kind: Stack\n\
         platform: {name}\n\
         \n\
         # One namespace holds one stack.\n\
         # namespace: {NAME}\n\
         \n\
         # The name that people type into the browser. Without it: kubectl port-forward.\n\
         # host: portal.example.org\n\
         {ingress}\n\
         \n\
         backstage:\n  \
           # Your own image. To bring one of this machine to the nodes: {image_import}.\n  \
           image: {BACKSTAGE_IMAGE}\n  \
           # replicas: 2\n  \
           # appConfig: [{{inline: {{organization: {{name: Example}}}}}}]\n  \
           # env: [{{name: GITHUB_TOKEN, secret: {{name: github, key: token}}}}]\n\
         \n\
         database:\n  \
           version: {POSTGRES_VERSION}\n  \
           # storage: {storage}\n  \
           # memory: 1Gi\n  \
           # parameters: {{log_min_duration_statement: 500}}\n\
         \n\
         # rotation: {{schedule: '{SCHEDULE}', leaf: {{lifetime: 45d, rotateAfter: 30d}}}}\n\
         \n\
         # Partial Kubernetes objects over the rendered ones, merged field by field.\n\
         # raw: [{{path: raw}}]\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document;
    use crate::settings::Settings;

    #[test]
    fn the_template_of_each_platform_is_valid_as_it_is_and_with_every_line() {
        for (name, platform) in PLATFORMS {
            let text = template(platform);
            let document = document::parse(&text).unwrap_or_else(|problems| panic!("{name}: {problems:?}\n{text}"));
            assert_eq!(document.platform, Some(platform));
            assert!(Settings::of(&document).is_ok(), "{name}");
            let switch_on = |line: &str| match line.trim_start().strip_prefix("# ") {
                Some(rest)
                    if rest.split(':').next().is_some_and(|key| key.chars().all(char::is_alphanumeric))
                        && rest.contains(": ") =>
                {
                    line.replacen("# ", "", 1)
                }
                _ => line.to_owned(),
            };
            let whole: Vec<String> = text.lines().skip(3).map(switch_on).collect();
            let whole = whole.join("\n");
            let document = document::parse(&whole).unwrap_or_else(|problems| panic!("{name}: {problems:?}\n{whole}"));
            assert!(document.raw.is_some() && document.host.is_some(), "{whole}");
            Settings::of(&document).unwrap_or_else(|problems| panic!("{name}: {problems:?}\n{whole}"));
        }
    }
}
