//! PostgreSQL's pod and its volume.

use k8s_openapi::api::apps::v1::{
    StatefulSet, StatefulSetPersistentVolumeClaimRetentionPolicy, StatefulSetSpec, StatefulSetUpdateStrategy,
};
use k8s_openapi::api::core::v1::{
    Container, ContainerPort, EnvVar, ExecAction, Lifecycle, LifecycleHandler, PersistentVolumeClaim,
    PersistentVolumeClaimSpec, PodSpec, PodTemplateSpec, Probe, Volume, VolumeMount, VolumeResourceRequirements,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::checksum::CONFIGURATION;
use crate::components::Component;
use crate::components::access::{self, SCRIPT_CONFIG_MAP};
use crate::components::common::{POSTGRES, all_labels, labels, metadata, selector};
use crate::components::pod::{
    TLS_DIRECTORY, config_map_volume, container_security, empty_volume, memory_volume, mount, pod_security, resources,
    secret_volume, variable,
};
use crate::components::postgres::{HEADLESS_SERVICE, checksum};
use crate::settings::Settings;
use crate::settings::database::{POSTGRES_PORT, PostgresSettings};
use crate::settings::rotation::SERVER_SECRET;

/// The user of the official image.
const USER: i64 = 999;
/// The volume. The official image of PostgreSQL 18 has another default, and takes this one where `PGDATA` is set.
const VOLUME: &str = "/var/lib/postgresql/data";
/// The data directory. The root of a volume may hold `lost+found`, which initdb refuses. No version in its name: another major
/// version on an old volume must fail and not start empty.
const DATA: &str = "/var/lib/postgresql/data/pgdata";
const SOCKET: &str = "/var/run/postgresql";
const RULES: &str = "/etc/postgres";
/// How long a checkpoint may take at the end.
const GRACE: i64 = 120;

/// A data directory is made under another name, so that one that is half made by a container that was killed is never taken for
/// a database: the image takes whatever has a `PG_VERSION`, and that is one of the first files. An image without the script
/// makes the directory in its place.
const START: &str = "set -e
if [ ! -s \"$PGDATA/PG_VERSION\" ] && command -v docker-ensure-initdb.sh >/dev/null; then
  rm -rf \"$PGDATA.new\"
  PGDATA=$PGDATA.new docker-ensure-initdb.sh \"$@\"
  [ ! -d \"$PGDATA\" ] || rmdir \"$PGDATA\"
  mv \"$PGDATA.new\" \"$PGDATA\"
fi
exec docker-entrypoint.sh \"$@\"
";
/// The server answers, and it is the one that listens: while the image makes the database, a server that is no process 1
/// answers on the socket, and no client can reach it.
const IS_READY: &str = "read -r process < \"$PGDATA/postmaster.pid\" && [ \"$process\" = 1 ] && exec pg_isready --quiet \
                        --host /var/run/postgresql --username postgres";
/// A fast shutdown, also by an image that does not name SIGINT as its stop signal: SIGTERM waits for clients to go.
const STOP: &str = "kill -INT 1";

pub(super) fn stateful_set(settings: &Settings, postgres: &PostgresSettings) -> StatefulSet {
    let keep = || Some("Retain".to_owned());
    StatefulSet {
        metadata: metadata(settings, POSTGRES, POSTGRES, Component::Postgres),
        spec: Some(StatefulSetSpec {
            replicas: Some(1),
            service_name: Some(HEADLESS_SERVICE.to_owned()),
            selector: selector(settings, POSTGRES),
            update_strategy: Some(StatefulSetUpdateStrategy {
                type_: Some("RollingUpdate".to_owned()),
                ..StatefulSetUpdateStrategy::default()
            }),
            persistent_volume_claim_retention_policy: Some(StatefulSetPersistentVolumeClaimRetentionPolicy {
                when_deleted: keep(),
                when_scaled: keep(),
            }),
            revision_history_limit: Some(3),
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta {
                    labels: Some(all_labels(settings, POSTGRES, Component::Postgres)),
                    annotations: Some(labels([(CONFIGURATION, checksum(settings).to_string().as_str())])),
                    ..ObjectMeta::default()
                }),
                spec: Some(pod(settings, postgres)),
            },
            volume_claim_templates: Some(vec![claim(settings, postgres)]),
            ..StatefulSetSpec::default()
        }),
        ..StatefulSet::default()
    }
}

/// The one claim. Its labels are immutable in the template, so only those that never change are there.
fn claim(settings: &Settings, postgres: &PostgresSettings) -> PersistentVolumeClaim {
    PersistentVolumeClaim {
        metadata: ObjectMeta {
            name: Some("data".to_owned()),
            labels: selector(settings, POSTGRES).match_labels,
            ..ObjectMeta::default()
        },
        spec: Some(PersistentVolumeClaimSpec {
            access_modes: Some(vec!["ReadWriteOnce".to_owned()]),
            storage_class_name: postgres.storage_class.as_ref().map(|class| class.as_str().to_owned()),
            resources: Some(VolumeResourceRequirements {
                requests: Some([("storage".to_owned(), Quantity(postgres.storage.as_str().to_owned()))].into()),
                ..VolumeResourceRequirements::default()
            }),
            ..PersistentVolumeClaimSpec::default()
        }),
        ..PersistentVolumeClaim::default()
    }
}

fn pod(settings: &Settings, postgres: &PostgresSettings) -> PodSpec {
    PodSpec {
        service_account_name: Some(POSTGRES.to_owned()),
        automount_service_account_token: Some(false),
        enable_service_links: Some(false),
        termination_grace_period_seconds: Some(GRACE),
        security_context: Some(pod_security(settings, USER)),
        containers: vec![container(settings, postgres)],
        volumes: Some(volumes(settings, postgres)),
        ..PodSpec::default()
    }
}

fn container(settings: &Settings, postgres: &PostgresSettings) -> Container {
    let memory = postgres.memory.as_str();
    Container {
        name: POSTGRES.to_owned(),
        image: Some(postgres.image.as_str().to_owned()),
        image_pull_policy: Some("IfNotPresent".to_owned()),
        command: Some(["/bin/sh", "-c", START, "start"].map(str::to_owned).to_vec()),
        args: Some(arguments(postgres)),
        env: Some(environment()),
        ports: Some(vec![ContainerPort {
            name: Some("postgres".to_owned()),
            container_port: POSTGRES_PORT.into(),
            protocol: Some("TCP".to_owned()),
            ..ContainerPort::default()
        }]),
        // What is reserved is the limit: a database that is killed for another pod's want of memory recovers for minutes.
        resources: Some(resources(
            &[("cpu", postgres.cpu.as_str()), ("memory", memory), ("ephemeral-storage", "16Mi")],
            &[("cpu", "2"), ("memory", memory), ("ephemeral-storage", "512Mi")],
        )),
        security_context: Some(container_security()),
        // Ten minutes: recovery after a crash reads the whole log. No liveness probe: a dead postmaster ends the container,
        // and killing one that recovers starts its recovery anew.
        startup_probe: Some(Probe { period_seconds: Some(1), failure_threshold: Some(600), ..is_ready() }),
        readiness_probe: Some(Probe { period_seconds: Some(5), failure_threshold: Some(3), ..is_ready() }),
        lifecycle: Some(Lifecycle {
            pre_stop: Some(LifecycleHandler { exec: Some(shell(STOP)), ..LifecycleHandler::default() }),
            ..Lifecycle::default()
        }),
        termination_message_policy: Some("FallbackToLogsOnError".to_owned()),
        volume_mounts: Some(mounts(settings)),
        ..Container::default()
    }
}

/// What must hold is an argument: neither `ALTER SYSTEM` nor a file on an old volume can change it.
fn arguments(postgres: &PostgresSettings) -> Vec<String> {
    let own = [
        ("listen_addresses", "*".to_owned()),
        ("hba_file", format!("{RULES}/pg_hba.conf")),
        ("ident_file", format!("{RULES}/pg_ident.conf")),
        ("ssl", "on".to_owned()),
        ("ssl_cert_file", format!("{TLS_DIRECTORY}/tls.crt")),
        ("ssl_key_file", format!("{TLS_DIRECTORY}/tls.key")),
        ("ssl_ca_file", format!("{TLS_DIRECTORY}/ca.crt")),
    ];
    // The kubelet reads `$(NAME)` as a variable, and `$$` as a dollar.
    let given = postgres.parameters.iter().map(|(name, value)| format!("{name}={}", value.replace('$', "$$")));
    let all = own.into_iter().map(|(name, value)| format!("{name}={value}")).chain(given);
    ["postgres".to_owned()].into_iter().chain(all.flat_map(|setting| ["-c".to_owned(), setting])).collect()
}

fn environment() -> Vec<EnvVar> {
    vec![
        variable("PGDATA", DATA),
        // Of the file that `hba_file` replaces. Without it, the image asks for a password.
        variable("POSTGRES_HOST_AUTH_METHOD", "trust"),
        variable("POSTGRES_INITDB_ARGS", "--data-checksums"),
    ]
}

fn shell(script: &str) -> ExecAction {
    ExecAction { command: Some(["/bin/sh", "-c", script].map(str::to_owned).to_vec()) }
}

fn is_ready() -> Probe {
    Probe { exec: Some(shell(IS_READY)), timeout_seconds: Some(10), ..Probe::default() }
}

fn mounts(settings: &Settings) -> Vec<VolumeMount> {
    let mut mounts = vec![
        mount("data", VOLUME, false),
        mount("socket", SOCKET, false),
        mount("tmp", "/tmp", false),
        mount("shared-memory", "/dev/shm", false),
        mount("rules", RULES, true),
        mount("tls", TLS_DIRECTORY, true),
    ];
    if access::script(settings).is_some() {
        mounts.push(mount("access", "/docker-entrypoint-initdb.d", true));
    }
    mounts
}

fn volumes(settings: &Settings, postgres: &PostgresSettings) -> Vec<Volume> {
    // Parallel queries share memory there, and a container runtime gives 64 MB.
    let shared = format!("{}Mi", (postgres.memory.bytes() / 4) >> 20);
    let mut volumes = vec![
        empty_volume("socket", "16Mi"),
        empty_volume("tmp", "256Mi"),
        memory_volume("shared-memory", &shared),
        config_map_volume("rules", POSTGRES),
        secret_volume("tls", SERVER_SECRET),
    ];
    if access::script(settings).is_some() {
        volumes.push(config_map_volume("access", SCRIPT_CONFIG_MAP));
    }
    volumes
}
