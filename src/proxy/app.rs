//! The forwarder as whoever serves connections sees it: a request in, an answer out.

use axum::Router;
use axum::body::Body;
use http::{Request, Response};
use tower_service::Service;

use crate::wire::{App, Peer, Upload};

use super::router::{Proxy, router};

/// The forwarder of one runtime. Cheap to clone, one clone a request.
#[derive(Clone, Debug)]
pub struct Forward(Router);

impl Forward {
    /// Builds its routes.
    #[must_use]
    pub fn new(proxy: Proxy) -> Self {
        Self(router(proxy))
    }
}

impl App for Forward {
    type Body = Body;

    async fn serve(mut self, request: Request<Upload>, peer: Peer) -> Response<Body> {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer);
        match self.0.call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}
