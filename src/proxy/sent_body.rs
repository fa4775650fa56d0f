//! The request's body on its way up.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, header};
use http_body::{Body as _, Frame, SizeHint};

use super::rewrite::strip_trailers;

/// The slowest upload that is waited for, in bytes a second. One that is slower has a place, an
/// activation and a connection upstream for nothing.
const SLOWEST: u64 = 100;

/// How many bytes of a request's body have moved since somebody last asked; as many as can be
/// where it has ended.
#[derive(Clone, Debug, Default)]
pub(super) struct Progress(Arc<AtomicU64>);

impl Progress {
    /// Whether the body has moved, in this time, as far as it must or to its end.
    pub(super) fn moved(&self, within: Duration) -> bool {
        let least = within.as_secs().saturating_mul(SLOWEST).max(1);
        self.0.swap(0, Ordering::Relaxed) >= least
    }

    fn add(&self, bytes: u64) {
        let more = self.0.load(Ordering::Relaxed).saturating_add(bytes);
        self.0.store(more, Ordering::Relaxed);
    }
}

/// A request's body on its way up, which tells when it moves. Its trailers lose what a header
/// would: a key has no business after a body (RFC 9110 §6.5.1).
#[derive(Debug)]
pub(super) struct SentBody {
    body: Body,
    progress: Progress,
    refused: Vec<HeaderName>,
}

impl SentBody {
    /// `refused` are the trailers that stay behind.
    pub(super) fn new(body: Body, refused: Vec<HeaderName>) -> (Self, Progress) {
        let progress = Progress::default();
        (Self { body, progress: progress.clone(), refused }, progress)
    }

    fn strip(&self, mut frame: Frame<Bytes>) -> Frame<Bytes> {
        if let Some(trailers) = frame.trailers_mut() {
            strip_trailers(trailers, &self.refused);
        }
        frame
    }
}

/// Says of a GET or HEAD that its body comes in chunks, where its length is not known. Of other
/// methods hyper says it by itself; of these it would leave the body out.
pub(super) fn announce(request: &mut Request<Body>) {
    let body = request.body();
    let unknown = !body.is_end_stream() && body.size_hint().exact().is_none();
    if unknown && matches!(*request.method(), Method::GET | Method::HEAD) {
        let chunked = HeaderValue::from_static("chunked");
        request.headers_mut().insert(header::TRANSFER_ENCODING, chunked);
    }
}

impl http_body::Body for SentBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = std::task::ready!(Pin::new(&mut self.body).poll_frame(context));
        let ended = self.body.is_end_stream();
        let data = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref());
        let moved = data.filter(|_| !ended).map(|data| u64::try_from(data.len()));
        self.progress.add(moved.unwrap_or(Ok(u64::MAX)).unwrap_or(u64::MAX));
        Poll::Ready(frame.map(|frame| frame.map(|frame| self.strip(frame))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
