//! `manifests/rotation` and the page of rights: what `newleaf manifests` makes of an example, with the reason of every right.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use newleaf::cli::arguments::{IMAGE, ManifestArguments};
use newleaf::cli::commands::manifests::{make, stream};
use rotation::document::cluster::ClusterPlace;
use rotation::document::file;
use rotation::document::resolve::{Environment, resolve};
use rotation::document::{Configuration, Place};
use rotation::manifests::cronjob::SCHEDULE;
use rotation::manifests::grants::{Actor, Grant, grants};

use super::{Error, GeneratedFiles};

/// Backstage and PostgreSQL as most people name them.
const EXAMPLE: &str = "\
apiVersion: newleaf.dev/v1alpha1
kind: Rotation
namespace: backstage
consumers:
- {name: postgres, loads: server, pickup: reload, workload: statefulset/postgres}
- {name: backstage, loads: client, pickup: restart, workload: deployment/backstage}
database: {endpoints: [postgres.backstage.svc]}
";

/// The same with everything that takes a right of its own.
const EVERYTHING: &str = "\
apiVersion: newleaf.dev/v1alpha1
kind: Rotation
namespace: backstage
consumers:
- {name: postgres, loads: server, pickup: reload, workload: statefulset/postgres, nudge: true, fallback: {restart: true}}
- {name: backstage, loads: client, pickup: restart, workload: deployment/backstage}
- {name: reports, loads: client, pickup: restart, workload: deployment, selector: app=reports, namespace: reports}
database: {endpoints: [postgres.backstage.svc]}
";

const NOTICE: &str = "made by `make docs`; change src/rotation/manifests instead";

/// The files of `manifests/rotation`, below `manifests`.
pub(super) fn rotation() -> Result<GeneratedFiles, Error> {
    let path = Path::new("newleaf.yaml");
    let wanted = ManifestArguments {
        image: IMAGE.to_owned(),
        schedule: SCHEDULE.to_owned(),
        admission_policy: true,
        metrics: false,
    };
    let mut files = GeneratedFiles::new();
    let mut kustomization = format!(
        "# {NOTICE}\n# kubectl apply -k manifests/rotation; for other names: newleaf manifests --help\n\
         apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n"
    );
    for (subject, objects) in make(&file::parse(path, EXAMPLE)?, &wanted).map_err(|failure| failure.to_string())? {
        let name = format!("{subject}.yaml");
        writeln!(kustomization, "- {name}").unwrap_or_default();
        let text = format!("# {NOTICE}\n{}", stream(&objects).map_err(|failure| failure.to_string())?);
        files.insert(PathBuf::from("rotation").join(name), text.into_bytes());
    }
    files.insert(PathBuf::from("rotation/kustomization.yaml"), kustomization.into_bytes());
    Ok(files)
}

/// The page of rights.
pub(super) fn page() -> Result<String, Error> {
    let mut text = format!(
        "<!-- {NOTICE} -->\n# Rights\n\n\
         newleaf needs no more rights than its configuration asks for: every right below follows from a Secret, a consumer or an option that it\n\
         names, and `newleaf manifests` prints the Roles with exactly these rights. None of them is for a whole cluster. A run without a right\n\
         ends with exit code 77, and the hint shows the missing rule. Without the rights for Events, logs and figures a run works, but it\n\
         says less. `make test` compares the list with the API server's audit log, and removes each right once.\n\n\
         No account may list Secrets, and the CronJob's may create none. `plan`, `status` and `verify` only read: the person who runs them needs the\n\
         rights of the CronJob's account that the table names, and the right on the ConfigMap. To a person with the right to get the CronJob and list Jobs, as\n\
         Kubernetes' own role `view` has it, `status` also shows the last and the next run. On the configuration\n\n```yaml\n{EVERYTHING}```\n\nthe rights are:\n"
    );
    let place = place(EVERYTHING)?;
    for (account, title) in [
        (Actor::Rotation, "The CronJob: service account `newleaf`"),
        (Actor::Bootstrap, "The bootstrap Job: service account `newleaf-bootstrap`"),
        (Actor::Person, "A person who runs `newleaf rotate --now` from outside the cluster"),
    ] {
        write!(
            text,
            "\n## {title}\n\n| Namespace | Resource | Objects | Verb | Because it | Used by |\n|---|---|---|---|---|---|\n"
        )
        .unwrap_or_default();
        for grant in grants(&place).iter().filter(|grant| grant.account == account) {
            writeln!(text, "{}", row(grant)).unwrap_or_default();
        }
    }
    text.push_str(
        "\n## What RBAC cannot confine\n\n\
         RBAC does not know fields, nor names of objects that do not exist yet. Two `ValidatingAdmissionPolicy` objects make the API server\n\
         itself confine the accounts to their purpose:\n\n\
         | Policy | Confines | Without it |\n|---|---|---|\n\
         | `newleaf-bootstrap.NAMESPACE` | what bootstrap's account may create: the three Secrets, of type Opaque or kubernetes.io/tls and not for a service account, and the one Lease | while one of the names that it may read is free, it can create a Secret of that name and of the type of a service account's token, and so read the token of any account of the namespace; it can also create Secrets and Leases of any other name |\n\
         | `newleaf.NAMESPACE`, only with `nudge` | what the rotation's account may change of a pod: the annotation `newleaf.dev/projected` | it can change every pod of the namespace, including images: never set `nudge` without it |\n\n\
         They belong to the whole cluster, each with its binding. If you have rights only in the namespace, apply the rest and ask an administrator\n\
         to apply these, or print none with `newleaf manifests --admission-policy=false` and leave `nudge` out:\n\n    \
         kubectl apply -f rotation.yaml --selector app.kubernetes.io/component!=policy\n    \
         kubectl apply -f rotation.yaml --selector app.kubernetes.io/component=policy\n\n\
         Without the first one, delete the RoleBinding `newleaf-bootstrap` once its Job is done; you need it again when a Secret is lost.\n\n\
         Three rights stay wider than their use. `create` on Events lets both accounts report things that did not happen, and nothing else. `list`\n\
         on pods and ReplicaSets shows their templates, including values of environment variables. And a person who may create Jobs may run any image\n\
         with any account and any Secret of the namespace, including the authority's: grant it only to people who may have the authority's key.\n\
         `rotate --now` is for them; others wait for the schedule.\n\n\
         ## What serves the figures\n\n\
         `newleaf metrics` (`newleaf manifests --metrics`) has an account without any right: its pod mounts no token and one ConfigMap, `newleaf-figures`, which the runs\n\
         fill with public facts. So it can read neither a key nor anything else of the cluster.\n",
    );
    Ok(text)
}

fn row(grant: &Grant) -> String {
    let Grant { namespace, group, resource, names, verb, why, modes, .. } = grant;
    let resource = if group.is_empty() { (*resource).to_owned() } else { format!("{resource}.{group}") };
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let names = if names.is_empty() { "all".to_owned() } else { names.join(", ") };
    format!("| {namespace} | {resource} | {names} | {verb} | {why} | {modes} |")
}

fn place(text: &str) -> Result<ClusterPlace, Error> {
    let Configuration { place, .. } = resolve(&file::parse(Path::new("newleaf.yaml"), text)?, Environment::default())?;
    match place {
        Place::Cluster(place) => Ok(place),
        Place::Directory(_) => Err("the example is of a cluster".into()),
    }
}
