//! The answer's body: bytes go through untouched, and at its end the request is settled.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep};

use crate::ledger::Admission;

/// How long an upstream may be silent in the middle of an answer.
const IDLE: Duration = Duration::from_mins(10);

/// An upstream's body, with the admission that pays for it.
///
/// The admission is dropped, and so settled, as soon as the last byte has come from the upstream,
/// before the client can know that it was the last: its next request finds the hold released.
/// Dropped early, when the client has gone, it drops the admission and the upstream's connection.
#[derive(Debug)]
pub(super) struct MeteredBody {
    upstream: Incoming,
    admission: Option<Admission>,
    idle: Pin<Box<Sleep>>,
}

impl MeteredBody {
    pub(super) fn new(upstream: Incoming, admission: Admission) -> Self {
        let admission = Some(admission).filter(|_| !upstream.is_end_stream());
        Self { upstream, admission, idle: Box::pin(tokio::time::sleep(IDLE)) }
    }
}

/// The upstream fell silent, or its connection broke, in the middle of its answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    #[error("the upstream was silent for too long")]
    Silent,
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
        let Poll::Ready(frame) = Pin::new(&mut self.upstream).poll_frame(context) else {
            ready!(self.idle.as_mut().poll(context));
            self.admission = None;
            return Poll::Ready(Some(Err(Broken::Silent)));
        };
        let frame = frame.transpose().map_err(Broken::Upstream);
        match &frame {
            Ok(Some(_)) if !self.upstream.is_end_stream() => {
                if let Some(deadline) = Instant::now().checked_add(IDLE) {
                    self.idle.as_mut().reset(deadline);
                }
            }
            _ => self.admission = None,
        }
        Poll::Ready(frame.transpose())
    }

    fn is_end_stream(&self) -> bool {
        self.upstream.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.upstream.size_hint()
    }
}
