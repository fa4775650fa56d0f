//! The admin API as whoever serves connections sees it: a request in, an answer out.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::{HeaderValue, Request, Response, Version, header};
use hyper::body::{Body as _, Incoming};
use tower_service::Service;

use crate::wire::{App, Peer};

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

    async fn serve(mut self, request: Request<Incoming>, peer: Peer) -> Response<Body> {
        let has_body = request.version() < Version::HTTP_2 && !request.body().is_end_stream();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer);
        let mut response = match self.0.call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        // What is refused may lie unread, and the connection then ends: the client has to know, or
        // its next request on it is lost.
        if has_body && response.status().is_client_error() {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}
