//! An upstream's body as it arrives.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Response, Version};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

/// A body that ends only where its upstream said that it does.
///
/// hyper takes an HTTP/2 stream that is reset with `NO_ERROR` for one that has ended. RFC 9113 §8.1
/// has servers reset so after a complete answer, to stop an upload; before that it cuts the answer
/// off, and what was cut off must not look whole.
#[derive(Debug)]
pub(super) struct Arriving {
    incoming: Incoming,
    is_http2: bool,
}

/// An answer that was cut off without an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the provider ended the stream before its answer had ended")]
pub(super) struct CutOff;

type BoxError = Box<dyn Error + Send + Sync>;

impl Arriving {
    /// The answer with its body so.
    pub(super) fn of(response: Response<Incoming>) -> Response<Self> {
        let is_http2 = response.version() == Version::HTTP_2;
        response.map(|incoming| Self { incoming, is_http2 })
    }
}

impl Body for Arriving {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = ready!(Pin::new(&mut self.incoming).poll_frame(context));
        if frame.is_none() && self.is_http2 && !self.incoming.is_end_stream() {
            return Poll::Ready(Some(Err(CutOff.into())));
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
