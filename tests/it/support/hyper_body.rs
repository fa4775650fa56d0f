//! A body for both sides of the hyper-based harness: as long as a test likes, made as it is read,
//! with trailers at its end.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame};

/// The `first` chunks, then `count` times `chunk`, then the trailers. Its length is not said
/// beforehand.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sent {
    first: VecDeque<Bytes>,
    chunk: Bytes,
    count: usize,
    trailers: Option<HeaderMap>,
    never: bool,
}

impl Sent {
    pub(crate) fn empty() -> Self {
        Self::default()
    }

    pub(crate) fn once(bytes: &[u8]) -> Self {
        Self { chunk: Bytes::copy_from_slice(bytes), count: 1, ..Self::default() }
    }

    /// These bytes, as many at a time.
    pub(crate) fn pieces(bytes: &[u8], size: usize) -> Self {
        let first = bytes.chunks(size).map(Bytes::copy_from_slice).collect();
        Self { first, ..Self::default() }
    }

    /// One that never ends, and never says anything.
    pub(crate) fn never() -> Self {
        Self { never: true, ..Self::default() }
    }

    /// This many chunks of 64 KiB.
    pub(crate) fn long(count: usize) -> Self {
        Self { chunk: vec![b'x'; 64 * 1024].into(), count, ..Self::default() }
    }

    pub(crate) fn trailer(mut self, name: &'static str, value: &str) -> Self {
        let trailers = self.trailers.get_or_insert_default();
        trailers.insert(name, value.parse().expect("a value"));
        self
    }
}

impl Body for Sent {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(first) = self.first.pop_front() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        if self.count > 0 {
            self.count -= 1;
            return Poll::Ready(Some(Ok(Frame::data(self.chunk.clone()))));
        }
        if self.never {
            return Poll::Pending;
        }
        Poll::Ready(self.trailers.take().map(|trailers| Ok(Frame::trailers(trailers))))
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_empty() && self.count == 0 && self.trailers.is_none() && !self.never
    }
}
