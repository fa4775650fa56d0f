//! The request's body on its way up.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, header};
use http_body::{Body as _, Frame, SizeHint};

use super::rewrite::strip_trailers;

/// Whether a request's body has moved since somebody last asked.
#[derive(Clone, Debug, Default)]
pub(super) struct Progress(Arc<AtomicBool>);

impl Progress {
    pub(super) fn moved(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
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
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if frame.is_ready() {
            self.progress.0.store(true, Ordering::Relaxed);
        }
        frame.map_ok(|frame| self.strip(frame))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
