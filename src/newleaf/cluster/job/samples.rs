//! The CronJob that newleaf itself makes, for tests.

use std::path::Path;

use k8s_openapi::api::batch::v1::CronJob;
use rotation::document::resolve::{Environment, resolve};
use rotation::document::{Place, file};
use rotation::manifests::{Options, parts};

/// As a cluster has it: with a UID.
pub(super) fn cron_job() -> CronJob {
    const DOCUMENT: &str = "\
apiVersion: newleaf.dev/v1alpha1
kind: Rotation
consumers:
- {name: postgres, loads: server, pickup: reload, workload: statefulset/postgres}
- {name: backstage, loads: client, pickup: restart, workload: deployment/backstage}
database: {endpoints: [postgres.backstage.svc]}
";
    let layers = file::parse(Path::new("newleaf.yaml"), DOCUMENT).expect("well formed");
    let configuration = resolve(&layers, Environment { host: None, namespace: Some("backstage") }).expect("valid");
    let Place::Cluster(place) = &configuration.place else { panic!("a cluster was configured") };
    let deadlines = configuration.deadlines;
    let options = Options {
        image: "newleaf:test",
        schedule: "17 3 * * *",
        configuration: DOCUMENT,
        deadlines,
        policies: true,
        metrics: false,
    };
    let mut objects = parts(place, &options).into_iter().flat_map(|(_, objects)| objects);
    let mut cron_job = objects.find_map(|object| object.read::<CronJob>()).expect("a CronJob");
    cron_job.metadata.uid = Some("a-uid".to_owned());
    cron_job
}
