//! The meaning of a failure: one table of HTTP statuses and of the API server's `Status`. Pure.
//!
//! A load balancer or proxy in front of the API server has its own statuses. So only the API server's `Status` about exactly
//! the requested object proves that the object does not exist or that the API server refuses the request. Any other answer
//! may differ a moment later.

use base::diagnosis::RemoteText;
use serde::Deserialize;

use crate::api::call::Call;
use crate::api::error::{KubernetesError, OwnedFields};

/// The API server's cause while it deletes a namespace (`NamespaceTerminatingCause` of Kubernetes).
const TERMINATING: &str = "NamespaceTerminating";
/// The cause if another field manager owns a field (`CauseTypeFieldManagerConflict`).
const FIELD_OWNED: &str = "FieldManagerConflict";

/// How the API server begins, with the status 500, when an applied object has a field that its kind does not have
/// (`structured-merge-diff`, through `NewDefaultFieldManager`). No retry changes that.
const UNTYPED: &str = "failed to create typed patch object";

/// The API server's description of a failure (`meta/v1 Status`).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    api_version: String,
    kind: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    message: RemoteText,
    #[serde(default)]
    details: Option<Details>,
}

#[derive(Debug, Default, Deserialize)]
struct Details {
    #[serde(default)]
    name: String,
    /// The resource, in the plural.
    #[serde(default)]
    kind: String,
    #[serde(default)]
    causes: Option<Vec<StatusCause>>,
}

#[derive(Debug, Deserialize)]
struct StatusCause {
    #[serde(default)]
    reason: String,
    /// The field that it is about.
    #[serde(default)]
    field: String,
}

impl Status {
    fn parse(answer: &[u8]) -> Option<Self> {
        let status: Self = serde_json::from_slice(answer).ok()?;
        if status.kind == "Status" && status.api_version == "v1" { Some(status) } else { None }
    }

    fn has_cause(&self, reason: &str) -> bool {
        let Some(Details { causes: Some(causes), .. }) = &self.details else { return false };
        causes.iter().any(|cause| cause.reason == reason)
    }

    /// The fields that other managers own, each once.
    fn owned_fields(&self) -> Vec<String> {
        let Some(Details { causes: Some(causes), .. }) = &self.details else { return Vec::new() };
        let owned = causes.iter().filter(|cause| cause.reason == FIELD_OWNED);
        let mut fields: Vec<String> = owned.map(|cause| cause.field.clone()).collect();
        fields.sort();
        fields.dedup();
        fields
    }

    fn is_about(&self, resource: &str, name: Option<&str>) -> bool {
        let Some(details) = &self.details else { return false };
        details.kind == resource && Some(details.name.as_str()) == name
    }

    /// Whether a Role lacks the rule. Admission refuses with the same reason; only the authorizer's message has these words
    /// (`forbiddenMessage` of Kubernetes).
    fn is_of_the_authorizer(&self) -> bool {
        self.message.as_str().contains("User \"") && self.message.as_str().contains("\" cannot ")
    }
}

pub(super) fn meaning(call: Call, code: u16, answer: &[u8]) -> KubernetesError {
    let Some(status) = Status::parse(answer) else {
        let message = RemoteText::from_bytes(answer);
        return match code {
            401 => KubernetesError::Unauthorized { call, message },
            _ => KubernetesError::Answered { call, code, message },
        };
    };
    let is_missing = status.is_about(call.resource.plural(), call.name.as_deref());
    let is_homeless = status.is_about("namespaces", Some(&call.namespace));
    let (is_terminating, is_owned) = (status.has_cause(TERMINATING), status.has_cause(FIELD_OWNED));
    let is_unauthorized = status.is_of_the_authorizer();
    let fields = Box::new(OwnedFields(status.owned_fields()));
    let message = status.message;
    match (code, status.reason.as_str()) {
        (401, _) => KubernetesError::Unauthorized { call, message },
        (403, "Forbidden") if is_terminating => KubernetesError::NamespaceTerminating { call },
        (403, "Forbidden") if is_unauthorized => KubernetesError::Forbidden { call, message },
        (400, "BadRequest") | (403, "Forbidden") | (422, "Invalid") => KubernetesError::Refused { call, code, message },
        (404, "NotFound") if is_homeless => KubernetesError::NamespaceMissing { call },
        (404, "NotFound") if is_missing => KubernetesError::NotFound { call },
        (409, "Conflict") if is_owned => KubernetesError::FieldOwned { call, message, fields },
        (409, "Conflict" | "AlreadyExists") => KubernetesError::Conflict { call, message },
        (500, _) if message.as_str().contains(UNTYPED) => KubernetesError::Refused { call, code, message },
        _ => KubernetesError::Answered { call, code, message },
    }
}

#[cfg(test)]
mod tests {
    use base::diagnosis::{Code, Diagnose};
    use serde_json::{Value, json};

    use super::*;
    use crate::api::resource::Resource;

    fn call() -> Call {
        Call::get(Resource::Secret, "backstage", "leaf")
    }

    fn status(reason: &str, message: &str, details: &Value) -> Vec<u8> {
        json!({"apiVersion": "v1", "kind": "Status", "reason": reason, "message": message, "details": details})
            .to_string()
            .into_bytes()
    }

    #[test]
    fn each_status_with_what_the_api_server_says_has_one_class() {
        let leaf = json!({"name": "leaf", "kind": "secrets"});
        let authorizer = "secrets \"leaf\" is forbidden: User \"x\" cannot get resource \"secrets\" in API group \"\"";
        let webhook = "admission webhook \"audit.example.org\" denied the request: no";
        let cause = |reason: &str| json!({"name": "leaf", "kind": "secrets", "causes": [{"reason": reason}]});
        for (code, reason, message, details, expected) in [
            (400, "BadRequest", "no", &leaf, Code::RequestRefused),
            (401, "Unauthorized", "no", &leaf, Code::ApiUnauthorized),
            (403, "Forbidden", authorizer, &leaf, Code::ApiForbidden),
            (403, "Forbidden", webhook, &leaf, Code::RequestRefused),
            (403, "Forbidden", "exceeded quota", &leaf, Code::RequestRefused),
            (403, "Forbidden", "no", &cause("NamespaceTerminating"), Code::NamespaceTerminating),
            (403, "", "no", &leaf, Code::ApiError),
            (404, "NotFound", "no", &leaf, Code::ObjectMissing),
            (404, "NotFound", "no", &json!({"name": "backstage", "kind": "namespaces"}), Code::NamespaceMissing),
            (404, "NotFound", "no", &json!({"name": "other", "kind": "namespaces"}), Code::ApiError),
            (404, "NotFound", "no", &json!({"name": "other", "kind": "secrets"}), Code::ApiError),
            (404, "NotFound", "no", &json!({"name": "leaf", "kind": "pods"}), Code::ApiError),
            (404, "NotFound", "the server could not find the requested resource", &json!({}), Code::ApiError),
            (404, "Expired", "no", &leaf, Code::ApiError),
            (409, "Conflict", "no", &leaf, Code::WriteConflict),
            (409, "AlreadyExists", "no", &leaf, Code::WriteConflict),
            (409, "Conflict", "Apply failed with 1 conflict", &cause("FieldManagerConflict"), Code::FieldConflict),
            (410, "Expired", "no", &json!({}), Code::ApiError),
            (422, "Invalid", "no", &leaf, Code::RequestRefused),
            (429, "TooManyRequests", "no", &json!({}), Code::ApiError),
            (500, "InternalError", "failed calling webhook", &json!({}), Code::ApiError),
            (
                500,
                "",
                "failed to create typed patch object (a/b; apps/v1): .x: not declared",
                &json!({}),
                Code::RequestRefused,
            ),
            (503, "ServiceUnavailable", "no", &json!({}), Code::ApiError),
        ] {
            let error = meaning(call(), code, &status(reason, message, details));
            assert_eq!(error.code(), expected, "{code} {reason} {message} {details}");
        }
    }

    #[test]
    fn what_is_no_status_of_the_api_server_is_temporary_whatever_its_number() {
        for body in ["", "<html>404</html>", "{}", "{\"kind\": \"Secret\"}", "404 page not found"] {
            for code in [301, 400, 403, 404, 409, 418, 422, 500, 502, 503] {
                let error = meaning(call(), code, body.as_bytes());
                assert_eq!(error.code(), Code::ApiError, "{code} {body}");
            }
            assert_eq!(meaning(call(), 401, body.as_bytes()).code(), Code::ApiUnauthorized);
        }
    }

    #[test]
    fn a_created_object_has_no_name_that_could_be_missing() {
        let create = Call::create(Resource::Secret, "backstage");
        let error = meaning(create, 404, &status("NotFound", "no", &json!({"name": "", "kind": "secrets"})));
        assert_eq!(error.code(), Code::ApiError);
    }
}
