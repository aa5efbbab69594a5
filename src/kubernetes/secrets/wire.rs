//! A Secret as it travels. Unlike the generated type it shows no byte when printed and wipes them when dropped; and it
//! is read by ourselves, because the client logs what it cannot parse.

use std::collections::BTreeMap;
use std::fmt;

use base64ct::{Base64, Encoding};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::{Deserialize, Serialize};
use zeroize::ZeroizeOnDrop;

use crate::rotation::material::SecretBytes;

/// One value of a Secret in base64, as the API has it.
#[derive(Clone, Serialize, Deserialize, ZeroizeOnDrop)]
#[serde(transparent)]
pub(crate) struct Encoded(String);

impl Encoded {
    /// Of these bytes.
    pub(crate) fn new(bytes: &SecretBytes) -> Self {
        Self(Base64::encode_string(bytes.expose()))
    }

    /// The bytes; `None` where it is not base64.
    pub(crate) fn decode(&self) -> Option<SecretBytes> {
        Base64::decode_vec(&self.0).ok().map(SecretBytes::new)
    }

    /// How many bytes it stands for.
    pub(crate) fn bytes(&self) -> usize {
        let padding = self.0.bytes().rev().take_while(|byte| *byte == b'=').count();
        (self.0.len() / 4 * 3).saturating_sub(padding)
    }
}

/// A Secret as it is read and created.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct WireSecret {
    /// Name, labels, annotations and who wrote what.
    pub(crate) metadata: ObjectMeta,
    /// The values by key.
    pub(crate) data: BTreeMap<String, Encoded>,
    /// Its type, which never changes.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<String>,
    /// Whether the data may never change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) immutable: Option<bool>,
}

/// What is changed in a Secret: a JSON merge patch.
#[derive(Debug, Serialize)]
pub(crate) struct SecretPatch {
    pub(crate) metadata: MetadataPatch,
    /// The values by key; `None` removes one.
    pub(crate) data: BTreeMap<String, Option<Encoded>>,
}

/// What is changed in the metadata of a Secret, and what they must still be.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MetadataPatch {
    /// The version that must be there.
    pub(crate) resource_version: Option<String>,
    /// Which object it must be.
    pub(crate) uid: Option<String>,
    pub(crate) labels: BTreeMap<&'static str, &'static str>,
    /// `None` removes one.
    pub(crate) annotations: BTreeMap<String, Option<String>>,
    /// One empty entry forgets who wrote what before this patch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) managed_fields: Option<[BTreeMap<String, String>; 1]>,
}

impl WireSecret {
    /// Reads an answer of the API server. What cannot be read is not repeated: it may be a key.
    pub(crate) fn parse(text: &str) -> Result<Self, serde_json::error::Category> {
        serde_json::from_str(text).map_err(|error| error.classify())
    }
}

impl fmt::Debug for Encoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Encoded({} bytes)", self.bytes())
    }
}

impl fmt::Debug for WireSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not its annotations either: `kubectl apply` leaves a copy of the data in one.
        f.debug_struct("WireSecret")
            .field("name", &self.metadata.name)
            .field("data", &self.data)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = r#"{"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "data": {"key": "a2V5IQ=="},
        "metadata": {"name": "leaf", "annotations": {"last-applied": "a2V5IQ=="}}}"#;

    #[test]
    fn printing_a_secret_shows_no_byte_of_it() {
        let secret = WireSecret::parse(ANSWER).expect("it is a Secret");
        let shown = format!("{secret:?}");
        assert!(!shown.contains("a2V5") && !shown.contains("key!"), "{shown}");
        assert!(shown.contains("Encoded(4 bytes)"), "{shown}");
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

    #[test]
    fn an_answer_that_is_cut_off_is_not_repeated() {
        let error = WireSecret::parse(&ANSWER[..70]).expect_err("it is cut off");
        assert_eq!(error, serde_json::error::Category::Eof);
    }
}
