//! One run at a time.

use std::time::Duration;

use async_trait::async_trait;

use crate::diagnosis::Failure;

/// One writer at a time.
#[async_trait(?Send)]
pub trait Lease {
    /// Waits for the lease, at most until `limit`; then it is [`crate::diagnosis::Code::LeaseHeld`].
    async fn acquire(&self, limit: Duration) -> Result<(), Failure>;

    /// Gives it back. A lease that was not given back ends by itself.
    async fn release(&self) -> Result<(), Failure>;
}
