//! What a listener hands requests to.

use std::future::Future;

use bytes::Bytes;
use http::{Request, Response};

use super::{Peer, Upload};

/// Answers the requests of connections. Cheap to clone, one clone a request.
pub trait App: Clone + Send + 'static {
    /// The body of its answers.
    type Body: http_body::Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>>
        + Send
        + Unpin
        + 'static;

    /// Answers one request of a connection.
    fn serve(
        self,
        request: Request<Upload>,
        peer: Peer,
    ) -> impl Future<Output = Response<Self::Body>> + Send;
}
