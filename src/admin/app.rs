//! The admin API as whoever serves connections sees it: a request in, an answer out.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::{Request, Response};
use tower_service::Service;

use crate::wire::{App, Peer, Upload};

use super::router::{Admin, router};

/// The admin API of one runtime. Cheap to clone, one clone a request.
#[derive(Clone, Debug)]
pub struct Serve(Router);

impl Serve {
    /// Builds its routes.
    #[must_use]
    pub fn new(admin: Arc<Admin>) -> Self {
        Self(router(admin))
    }
}

impl App for Serve {
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
