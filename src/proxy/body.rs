//! The answer's body: bytes go through untouched, and at its end the request is settled.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::header;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep};

use crate::ledger::Admission;

use super::answer::strip_own;
use super::router::Deadlines;
use super::upstream::Place;

/// An upstream's body, with the admission that pays for it.
///
/// The admission is dropped, and so settled, as soon as the last byte has come from the upstream,
/// before the client can know that it was the last: its next request finds the hold released.
/// Dropped early, when the client has gone, it drops the admission and the upstream's connection.
#[derive(Debug)]
pub(super) struct MeteredBody {
    upstream: Incoming,
    /// Held for as long as the answer takes up room on its connection.
    _place: Option<Place>,
    admission: Option<Admission>,
    /// When it will have been silent for too long, but never after the whole answer's deadline.
    silence: Pin<Box<Sleep>>,
    idle: Duration,
    end: Instant,
    /// What is said to the client where the upstream takes too long: an event, in a stream of
    /// events. Elsewhere the body breaks off.
    too_late: Option<Bytes>,
    over: bool,
}

impl MeteredBody {
    pub(super) fn new(
        upstream: Incoming,
        place: Option<Place>,
        admission: Admission,
        deadlines: Deadlines,
        too_late: Option<Bytes>,
    ) -> Self {
        let admission = Some(admission).filter(|_| !upstream.is_end_stream());
        let now = Instant::now();
        let end = now.checked_add(deadlines.total).unwrap_or(now);
        let silence = Box::pin(tokio::time::sleep(deadlines.idle.min(deadlines.total)));
        let idle = deadlines.idle;
        Self { upstream, _place: place, admission, silence, idle, end, too_late, over: false }
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
        self.admission = None;
        self.over = true;
        let event = self.too_late.take().map(|event| Ok(Frame::data(event)));
        Poll::Ready(Some(event.unwrap_or(Err(Broken::TooLong))))
    }
}

/// An answer that did not come to its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    #[error("the upstream was silent, or answered, for too long")]
    TooLong,
    #[error("the upstream's answer broke off")]
    Upstream(#[source] hyper::Error),
}

impl Body for MeteredBody {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        if self.over {
            return Poll::Ready(None);
        }
        let Poll::Ready(frame) = Pin::new(&mut self.upstream).poll_frame(context) else {
            ready!(self.silence.as_mut().poll(context));
            return self.too_long();
        };
        let mut frame = frame.transpose().map_err(Broken::Upstream);
        if let Ok(Some(frame)) = &mut frame
            && let Some(trailers) = frame.trailers_mut()
        {
            // What only till may say, and what stays with the operator, is no trailer either.
            strip_own(trailers);
            trailers.remove(header::SET_COOKIE);
        }
        match &frame {
            Ok(Some(_)) if !self.upstream.is_end_stream() => {
                if !self.heard() {
                    return self.too_long();
                }
            }
            _ => self.admission = None,
        }
        Poll::Ready(frame.transpose())
    }

    fn is_end_stream(&self) -> bool {
        self.over || self.upstream.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.upstream.size_hint()
    }
}
