//! The connections to the providers: one pool for each runtime.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use super::resolver::{Reach, Resolver};

/// How long a connection may take to be made, TLS included.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a connection is kept that nobody uses: less than what load balancers allow.
const KEEP: Duration = Duration::from_secs(50);
/// Unused connections that are kept for each provider and runtime.
const KEPT: usize = 64;

/// What the system and the operator trust to sign for providers.
///
/// # Errors
/// Where the file of further certificates cannot be read, or neither it nor the system has any.
pub fn tls_config(extra_ca: Option<&Path>) -> io::Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    let system = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(system.certs);
    if let Some(path) = extra_ca {
        let bad = |error: &dyn std::fmt::Display| {
            io::Error::new(io::ErrorKind::InvalidData, error.to_string())
        };
        let before = roots.len();
        for certificate in CertificateDer::pem_file_iter(path).map_err(|error| bad(&error))? {
            let certificate = certificate.map_err(|error| bad(&error))?;
            roots.add(certificate).map_err(|error| bad(&error))?;
        }
        if roots.len() == before {
            return Err(bad(&"the file has no PEM certificate"));
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// One runtime's connections.
#[derive(Clone, Debug)]
pub struct Upstreams {
    public: Client<HttpsConnector<HttpConnector<Resolver>>, Body>,
    local: Client<HttpsConnector<HttpConnector<Resolver>>, Body>,
}

impl Upstreams {
    /// Pools without a connection yet.
    #[must_use]
    pub fn new(tls: &ClientConfig) -> Self {
        Self { public: client(tls, Reach::Public), local: client(tls, Reach::Local) }
    }

    /// Sends a request, and returns when the head of its answer is there.
    ///
    /// `local` allows private addresses. Redirects are answers like others.
    pub(super) async fn send(
        &self,
        request: Request<Body>,
        local: bool,
    ) -> Result<Response<Incoming>, hyper_util::client::legacy::Error> {
        let client = if local { &self.local } else { &self.public };
        client.request(request).await
    }
}

fn client(
    tls: &ClientConfig,
    reach: Reach,
) -> Client<HttpsConnector<HttpConnector<Resolver>>, Body> {
    let mut http = HttpConnector::new_with_resolver(Resolver { reach });
    http.set_connect_timeout(Some(CONNECT));
    http.set_nodelay(true);
    http.enforce_http(false);
    let https = HttpsConnectorBuilder::new()
        .with_tls_config(tls.clone())
        .https_or_http()
        .enable_http1()
        .wrap_connector(http);
    Client::builder(TokioExecutor::new())
        .pool_idle_timeout(KEEP)
        .pool_max_idle_per_host(KEPT)
        .pool_timer(TokioTimer::new())
        .build(https)
}
