//! One request at a time: how long it may take.

use std::future::Future;
use std::time::Duration;

use crate::kubernetes::api::call::Call;
use crate::kubernetes::api::error::KubernetesError;

impl Call {
    /// Sends it, at most for `limit`: the client itself retries longer than anybody waits.
    pub async fn send<T>(
        self,
        limit: Duration,
        request: impl Future<Output = Result<T, kube::Error>>,
    ) -> Result<T, KubernetesError> {
        match tokio::time::timeout(limit, request).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(source)) => Err(KubernetesError::of(self, source)),
            Err(_) => Err(KubernetesError::Timeout { call: self, limit }),
        }
    }
}
