//! The body of a request, of which something may be left when the answer is there.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::timeout;

/// So many bytes that nobody has read are read, so that the connection can go on.
const SMALL: u64 = 64 * 1024;
/// And so long they are waited for: some clients send a head and its body apart.
const MOMENT: Duration = Duration::from_millis(20);

/// The body of a request. What is left of it when it is dropped is its [`Rest`].
#[derive(Debug)]
pub struct Upload {
    /// None in its destructor alone.
    incoming: Option<Incoming>,
    rest: Rest,
}

/// What nobody has read of a request's body.
#[derive(Clone, Debug, Default)]
pub struct Rest(Arc<Mutex<Option<Incoming>>>);

impl Upload {
    /// The body as it comes, and where its rest will be found.
    #[must_use]
    pub fn new(incoming: Incoming) -> (Self, Rest) {
        let rest = Rest::default();
        (Self { incoming: Some(incoming), rest: rest.clone() }, rest)
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        let left = self.incoming.take().filter(|incoming| !incoming.is_end_stream());
        *self.rest.0.lock().unwrap_or_else(PoisonError::into_inner) = left;
    }
}

impl Rest {
    /// Whether another request can follow on a connection of HTTP/1: nothing is left, or it was
    /// little and is read now. What `expects` a word before it is sent (RFC 9110 §10.1.1) is not
    /// asked for. A body that is still being read is its reader's.
    pub async fn is_read(&self, expects: bool) -> bool {
        let left = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut left) = left else { return true };
        if expects || left.size_hint().exact().is_none_or(|length| length > SMALL) {
            return false;
        }
        let read = async {
            while let Some(frame) = left.frame().await {
                if frame.is_err() {
                    return false;
                }
            }
            true
        };
        timeout(MOMENT, read).await.unwrap_or(false)
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match self.incoming.as_mut() {
            Some(incoming) => Pin::new(incoming).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.as_ref().map(Body::size_hint).unwrap_or_default()
    }
}
