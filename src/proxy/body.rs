//! The answer's body: bytes go through untouched, and at its end the request is settled.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::header;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep};

use super::answer::strip_own;
use super::router::Deadlines;
use super::running::Running;

/// A client that has not come back for more in this time holds the answer up: what has been
/// generated since is not known.
const STALLED: Duration = Duration::from_millis(500);

/// An upstream's body, on its way to the client.
///
/// The request is settled as soon as the last byte has come from the upstream, before the client
/// can know that it was the last: its next request finds the hold released. Dropped early, when the
/// client has gone, it drops the upstream's connection as well, or hands it on to be read to its
/// end.
#[derive(Debug)]
pub(super) struct MeteredBody {
    /// None once the answer has ended, however it did.
    running: Option<Running>,
    /// When it will have been silent for too long, but never after the whole answer's deadline.
    silence: Pin<Box<Sleep>>,
    idle: Duration,
    end: Instant,
    /// What is said to the client where the upstream takes too long: an event, in a stream of
    /// events. Elsewhere the body breaks off.
    too_late: Option<Bytes>,
    /// What follows on bytes that the meter had kept back until the end.
    last: Option<Frame<Bytes>>,
    /// Since when the client has not come back for more, though it was given something.
    given_at: Option<Instant>,
}

impl MeteredBody {
    pub(super) fn new(running: Running, deadlines: Deadlines, too_late: Option<Bytes>) -> Self {
        let now = Instant::now();
        let end = now.checked_add(deadlines.total).unwrap_or(now);
        let silence = Box::pin(tokio::time::sleep(deadlines.idle.min(deadlines.total)));
        let idle = deadlines.idle;
        let mut body =
            Self { running: None, silence, idle, end, too_late, last: None, given_at: None };
        // An answer without a body has ended already.
        if running.upstream.is_end_stream() {
            running.settle();
        } else {
            body.running = Some(running);
        }
        body
    }

    /// The upstream has said something; false where it should have been at its end by now. (Where
    /// the client reads slowly there is always something, and the timer is never asked.)
    fn heard(&mut self) -> bool {
        let now = Instant::now();
        let silent = now.checked_add(self.idle).unwrap_or(self.end);
        self.silence.as_mut().reset(silent.min(self.end));
        now < self.end
    }

    /// The last thing that the client gets.
    fn too_long(&mut self) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        self.settle();
        let event = self.too_late.take().map(|event| Ok(Frame::data(event)));
        Poll::Ready(Some(event.unwrap_or(Err(Broken::TooLong))))
    }

    fn settle(&mut self) {
        if let Some(running) = self.running.take() {
            running.settle();
        }
    }

    /// The upstream's answer has ended, with this frame where there is one. What was kept back
    /// goes before it.
    fn finish(&mut self, frame: Option<Frame<Bytes>>) -> Option<Frame<Bytes>> {
        let kept = self.running.as_mut().map(Running::finish).unwrap_or_default();
        self.settle();
        if kept.is_empty() {
            return frame;
        }
        match frame.map(Frame::into_data) {
            Some(Ok(bytes)) => return Some(Frame::data([bytes, kept].concat().into())),
            Some(Err(trailers)) => self.last = Some(trailers),
            None => {}
        }
        Some(Frame::data(kept))
    }
}

/// An answer that did not come to its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    #[error("the upstream was silent, or answered, for too long")]
    TooLong,
    #[error("the upstream's answer broke off")]
    Upstream(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Body for MeteredBody {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        loop {
            if let Some(last) = self.last.take() {
                return Poll::Ready(Some(Ok(last)));
            }
            let Some(running) = &mut self.running else { return Poll::Ready(None) };
            let Poll::Ready(frame) = Pin::new(&mut running.upstream).poll_frame(context) else {
                self.given_at = None;
                ready!(self.silence.as_mut().poll(context));
                return self.too_long();
            };
            let mut frame = match frame.transpose() {
                Ok(Some(frame)) => frame,
                Ok(None) => return Poll::Ready(self.finish(None).map(Ok)),
                Err(error) => {
                    self.settle();
                    return Poll::Ready(Some(Err(Broken::Upstream(error))));
                }
            };
            if let Some(trailers) = frame.trailers_mut() {
                // What only till may say, and what stays with the operator, is no trailer either.
                strip_own(trailers);
                running.scrub(trailers);
                trailers.remove(header::SET_COOKIE);
                return Poll::Ready(self.finish(Some(frame)).map(Ok));
            }
            let frame = frame.map_data(|bytes| running.push(bytes));
            if running.is_over() {
                let closing = running.closing();
                self.settle();
                return Poll::Ready(Some(Ok(
                    frame.map_data(|bytes| [bytes, closing].concat().into())
                )));
            }
            if running.upstream.is_end_stream() {
                return Poll::Ready(self.finish(Some(frame)).map(Ok));
            }
            if !self.heard() {
                return self.too_long();
            }
            // Everything of it was kept back.
            if frame.data_ref().is_some_and(Bytes::is_empty) {
                continue;
            }
            self.given_at = Some(Instant::now());
            return Poll::Ready(Some(Ok(frame)));
        }
    }

    fn is_end_stream(&self) -> bool {
        self.last.is_none()
            && self.running.as_ref().is_none_or(|running| running.upstream.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        match &self.running {
            Some(running) if running.keeps_length() => running.upstream.size_hint(),
            Some(_) => SizeHint::default(),
            None => SizeHint::with_exact(0),
        }
    }
}

impl Drop for MeteredBody {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            let stalled = self.given_at.is_some_and(|given_at| given_at.elapsed() > STALLED);
            running.cancel(self.end, stalled);
        }
    }
}
