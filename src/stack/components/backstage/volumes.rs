//! Backstage's files. Whole directories and no `subPath`: the kubelet never updates a file that is mounted alone.

use k8s_openapi::api::core::v1::{
    ConfigMapProjection, KeyToPath, ProjectedVolumeSource, SecretProjection, Volume, VolumeMount, VolumeProjection,
};

use crate::components::app_config::{self, DATABASE_TRUST_DIRECTORY, LayerFile};
use crate::components::pod::{KEY_MODE, TLS_DIRECTORY, config_map_volume, empty_volume, mount, secret_volume};
use crate::settings::Settings;
use crate::settings::backstage::MountedObject;
use crate::settings::database::DatabaseServer;
use crate::settings::references::ReferenceKind;
use crate::settings::rotation::CLIENT_SECRET;

/// Where the layers of app-config are.
pub(super) const APP_CONFIG_DIRECTORY: &str = "/etc/backstage/app-config";
const TRUST: &str = "database-trust";

pub(super) fn mounts(settings: &Settings) -> Vec<VolumeMount> {
    let mut mounts = vec![
        mount("tmp", "/tmp", false),
        mount("app-config", APP_CONFIG_DIRECTORY, true),
        mount("tls", TLS_DIRECTORY, true),
    ];
    if trust_bundle(settings).is_some() {
        mounts.push(mount(TRUST, DATABASE_TRUST_DIRECTORY, true));
    }
    let given = settings.backstage.mounts.iter().enumerate();
    mounts.extend(given.map(|(index, given)| mount(&name(index), given.path.as_str(), true)));
    mounts
}

pub(super) fn volumes(settings: &Settings) -> Vec<Volume> {
    let mut volumes =
        vec![empty_volume("tmp", "1Gi"), app_config_volume(settings), secret_volume("tls", CLIENT_SECRET)];
    volumes.extend(trust_bundle(settings).map(|secret| secret_volume(TRUST, secret)));
    volumes.extend(settings.backstage.mounts.iter().enumerate().map(|(index, given)| given_volume(index, given)));
    volumes
}

fn trust_bundle(settings: &Settings) -> Option<&str> {
    match &settings.database.server {
        DatabaseServer::Existing(server) => {
            server.trust_bundle.as_ref().map(crate::settings::values::DnsSubdomain::as_str)
        }
        DatabaseServer::Installed(_) => None,
    }
}

fn name(index: usize) -> String {
    format!("files-{}", index.saturating_add(1))
}

fn given_volume(index: usize, given: &MountedObject) -> Volume {
    let object = given.object.name.as_str();
    match given.object.kind {
        ReferenceKind::ConfigMap => config_map_volume(&name(index), object),
        ReferenceKind::Secret => secret_volume(&name(index), object),
    }
}

/// All layers in one directory, each under a name with its number.
fn app_config_volume(settings: &Settings) -> Volume {
    let projection = |layer: LayerFile| {
        let LayerFile { kind, object, key, file } = layer;
        let items = Some(vec![KeyToPath { key, path: file, ..KeyToPath::default() }]);
        match kind {
            ReferenceKind::ConfigMap => VolumeProjection {
                config_map: Some(ConfigMapProjection { name: object, items, ..ConfigMapProjection::default() }),
                ..VolumeProjection::default()
            },
            ReferenceKind::Secret => VolumeProjection {
                secret: Some(SecretProjection { name: object, items, ..SecretProjection::default() }),
                ..VolumeProjection::default()
            },
        }
    };
    Volume {
        name: "app-config".to_owned(),
        projected: Some(ProjectedVolumeSource {
            default_mode: Some(KEY_MODE),
            sources: Some(app_config::files(settings).into_iter().map(projection).collect()),
        }),
        ..Volume::default()
    }
}
