//! A chart as an OCI image layout (OCI image specification, "Image Layout"; Helm, "Use OCI-based registries"): what a tool copies into a
//! registry as it is. The archive in it has no time and no user, so it is the same bytes each time.

use std::collections::BTreeMap;
use std::io;

use aws_lc_rs::digest::{SHA256, digest};
use flate2::{Compression, GzBuilder};
use rotation::pki::identity::hexadecimal;
use serde_json::{Value, json};
use tar::{Builder, EntryType, Header};

use crate::export::ExportedFiles;

/// The types of the three parts of a chart in a registry (Helm, `pkg/registry`), and of an index.
const CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";
const CHART: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// The file that describes a chart.
const DESCRIPTION: &str = "Chart.yaml";
/// What `helm package` reads and does not pack.
const IGNORED: &str = ".helmignore";

/// The files of the layout, of a chart's files.
pub fn layout(chart: &ExportedFiles) -> io::Result<BTreeMap<String, Vec<u8>>> {
    let description = chart.get(DESCRIPTION).map(|file| file.text.as_str()).unwrap_or_default();
    let description: Value = serde_saphyr::from_str(description).map_err(io::Error::other)?;
    let text = |key: &str| description.get(key).and_then(Value::as_str).unwrap_or_default();
    let (name, version) = (text("name"), text("version"));
    let mut files = BTreeMap::new();
    let mut blob = |media_type: &str, bytes: Vec<u8>| {
        let digest = hexadecimal(digest(&SHA256, &bytes).as_ref());
        let descriptor = json!({ "mediaType": media_type, "digest": format!("sha256:{digest}"), "size": bytes.len() });
        files.insert(format!("blobs/sha256/{digest}"), bytes);
        descriptor
    };
    let config = blob(CONFIG, description.to_string().into_bytes());
    let archive = blob(CHART, archive(name, chart)?);
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": config,
        "layers": [archive],
        "annotations": { "org.opencontainers.image.title": name, "org.opencontainers.image.version": version },
    });
    let mut manifest = blob(MANIFEST, manifest.to_string().into_bytes());
    if let Value::Object(fields) = &mut manifest {
        fields.insert("annotations".to_owned(), json!({ "org.opencontainers.image.ref.name": version }));
    }
    let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [manifest] });
    files.insert("index.json".to_owned(), index.to_string().into_bytes());
    files.insert("oci-layout".to_owned(), json!({ "imageLayoutVersion": "1.0.0" }).to_string().into_bytes());
    Ok(files)
}

/// The archive that `helm package` would make, with the description first.
fn archive(name: &str, chart: &ExportedFiles) -> io::Result<Vec<u8>> {
    let packed = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    let mut archive = Builder::new(packed);
    let (first, others): (Vec<_>, Vec<_>) = chart.iter().partition(|(path, _)| *path == DESCRIPTION);
    for (path, file) in first.into_iter().chain(others).filter(|(path, _)| *path != IGNORED) {
        let bytes = file.text.as_bytes();
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o644);
        header.set_mtime(0);
        header.set_size(u64::try_from(bytes.len()).map_err(io::Error::other)?);
        archive.append_data(&mut header, format!("{name}/{path}"), bytes)?;
    }
    archive.into_inner()?.finish()
}
