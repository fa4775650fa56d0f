//! The request's body on its way up.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use http::HeaderName;
use http_body::{Frame, SizeHint};

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
            for name in &self.refused {
                trailers.remove(name);
            }
        }
        frame
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
