//! A connection with a read limit, so that a server that sends without end cannot fill the memory.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How many bytes a session may receive. Ten thousand rows of `pg_stat_ssl` take about two million.
pub(crate) const SESSION_BYTES_MAX: usize = 8 << 20;

/// A stream that fails once the other side has sent more than the budget.
#[derive(Debug)]
pub(crate) struct Budget<S> {
    stream: S,
    left: usize,
}

impl<S> Budget<S> {
    /// Limits the stream to this number of bytes.
    pub(crate) const fn new(stream: S, bytes: usize) -> Self {
        Self { stream, left: bytes }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Budget<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        let Some(left) = self.left.checked_sub(buffer.filled().len().saturating_sub(before)) else {
            buffer.set_filled(before);
            return Poll::Ready(Err(io::Error::other("the server sent more than a session may receive")));
        };
        self.left = left;
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Budget<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    #[tokio::test]
    async fn what_fits_is_read_and_one_byte_more_is_an_error() {
        let mut read = Vec::new();
        Budget::new(&b"twelve bytes"[..], 12).read_to_end(&mut read).await.expect("it fits");
        assert_eq!(read, b"twelve bytes");
        let error = Budget::new(&b"twelve bytes"[..], 11).read_to_end(&mut read).await.expect_err("one too many");
        assert!(error.to_string().contains("more than a session may receive"), "{error}");
    }
}
