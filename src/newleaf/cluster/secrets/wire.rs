//! A Secret as JSON. Unlike the generated type it prints none of its bytes and wipes them when dropped.

use std::collections::BTreeMap;
use std::fmt;

use base::diagnosis::RemoteText;
use base64ct::{Base64, Encoding};
use chrono::{DateTime, Utc};
use kubernetes::wire::{FieldNames, own_annotations};
use rotation::engine::material::SecretBytes;
use serde::{Deserialize, Serialize};
use zeroize::ZeroizeOnDrop;

/// One value of a Secret in base64, as in the API.
#[derive(Clone, Serialize, Deserialize, ZeroizeOnDrop)]
#[serde(transparent)]
pub(crate) struct Encoded(String);

impl Encoded {
    /// Encodes these bytes.
    pub(crate) fn new(bytes: &SecretBytes) -> Self {
        Self(Base64::encode_string(bytes.expose()))
    }

    /// The decoded bytes. `None` if the value is not base64.
    pub(crate) fn decode(&self) -> Option<SecretBytes> {
        Base64::decode_vec(&self.0).ok().map(SecretBytes::new)
    }

    /// The number of decoded bytes.
    pub(crate) fn bytes(&self) -> usize {
        let padding = self.0.bytes().rev().take_while(|byte| *byte == b'=').count();
        (self.0.len() / 4 * 3).saturating_sub(padding)
    }
}

/// The fields of a Secret that newleaf reads.
#[derive(Deserialize)]
pub(crate) struct ReadSecret {
    pub(crate) metadata: ReadMetadata,
    /// The values by key.
    #[serde(default)]
    pub(crate) data: Option<BTreeMap<String, Encoded>>,
    /// Its type, which never changes.
    #[serde(rename = "type", default)]
    pub(crate) kind: Option<String>,
    /// Whether Kubernetes forbids changes of the data.
    #[serde(default)]
    pub(crate) immutable: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReadMetadata {
    #[serde(default)]
    pub(crate) labels: Option<BTreeMap<String, String>>,
    #[serde(default, deserialize_with = "own_annotations")]
    pub(crate) annotations: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) managed_fields: Option<Vec<SecretFieldsEntry>>,
}

/// The keys that a manager has written, and when.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecretFieldsEntry {
    pub(crate) manager: Option<RemoteText>,
    pub(crate) time: Option<DateTime<Utc>>,
    fields_v1: Option<SecretFields>,
}

#[derive(Deserialize)]
struct SecretFields {
    #[serde(rename = "f:data")]
    data: Option<FieldNames>,
}

impl SecretFieldsEntry {
    /// The keys of the data that the manager owns.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.data().into_iter().flat_map(FieldNames::names)
    }

    fn data(&self) -> Option<&FieldNames> {
        self.fields_v1.as_ref()?.data.as_ref()
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct NewSecret {
    pub(crate) metadata: NewMetadata,
    /// The values by key.
    pub(crate) data: BTreeMap<String, Encoded>,
    /// Its type, which never changes.
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
}

#[derive(Debug, Serialize)]
pub(crate) struct NewMetadata {
    pub(crate) name: String,
    pub(crate) labels: BTreeMap<&'static str, &'static str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) annotations: BTreeMap<String, String>,
}

/// A change of the metadata of a Secret.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MetadataPatch {
    pub(crate) labels: BTreeMap<&'static str, &'static str>,
    /// The annotations. `None` removes one.
    pub(crate) annotations: BTreeMap<String, Option<String>>,
    /// One empty entry clears the record of the managers before this patch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) managed_fields: Option<[BTreeMap<String, String>; 1]>,
}

/// A change of the data of a Secret.
#[derive(Debug, Serialize)]
pub(crate) struct DataPatch {
    /// The values by key. `None` removes one.
    pub(crate) data: BTreeMap<String, Option<Encoded>>,
}

impl fmt::Debug for Encoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Encoded({} bytes)", self.bytes())
    }
}

impl fmt::Debug for ReadSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadSecret").field("data", &self.data).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = r#"{"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "data": {"key": "a2V5IQ=="},
        "metadata": {"name": "leaf", "annotations": {"last-applied": "a2V5IQ==", "newleaf.dev/x": "y"}}}"#;

    #[test]
    fn printing_a_secret_shows_no_byte_of_it() {
        let secret: ReadSecret = serde_json::from_str(ANSWER).expect("it is a Secret");
        let shown = format!("{secret:?}");
        assert!(!shown.contains("a2V5") && !shown.contains("key!"), "{shown}");
        assert!(shown.contains("Encoded(4 bytes)"), "{shown}");
    }

    #[test]
    fn the_copy_of_the_data_that_kubectl_leaves_is_not_kept() {
        let secret: ReadSecret = serde_json::from_str(ANSWER).expect("it is a Secret");
        assert_eq!(secret.metadata.annotations.into_keys().collect::<Vec<_>>(), ["newleaf.dev/x"]);
    }

    #[test]
    fn what_is_read_is_what_was_written() {
        for text in ["", "k", "ke", "key", "-----BEGIN"] {
            let bytes = SecretBytes::new(text.as_bytes().to_vec());
            let encoded = Encoded::new(&bytes);
            assert_eq!(encoded.bytes(), text.len());
            assert_eq!(encoded.decode(), Some(bytes));
        }
    }
}
