//! The connections to the providers: pools of each runtime, by reach.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::{Request, Response, Uri};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use super::arriving::Arriving;
use super::connector::{Connector, Timely};
use super::resolver::Reach;

/// How long a connection is kept that nobody uses: less than what load balancers allow.
const KEEP: Duration = Duration::from_secs(50);
/// Unused connections that are kept for each provider and runtime.
const KEPT: usize = 64;
/// How often a silent HTTP/2 connection is asked whether it is still there, and how long the
/// answer may take.
const PING: Duration = Duration::from_secs(30);
const PONG: Duration = Duration::from_secs(20);
/// What a provider may send of one answer, in bytes, before its client has taken it.
const STREAM_WINDOW: u32 = 256 * 1024;
/// The same of all answers of a connection: more than they can have together. Half of it is also
/// what h2 lets frames of less than 256 bytes lack of these, before it ends the connection: a
/// provider sends many events of 100 bytes, and a client may be slow.
const CONNECTION_WINDOW: u32 = 64 * 1024 * 1024;

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

/// Requests at once in one pool. A pool keeps one HTTP/2 connection to a provider, on which more
/// than the provider allows would wait for others to end; RFC 9113 §6.5.2 wants it to allow 100.
const STREAMS: usize = 100;
/// Pools of each reach and runtime.
const POOLS: usize = 32;

type Pool = Client<Timely, Body>;

/// Pools of one reach, which are filled one after the other.
#[derive(Clone, Debug)]
struct Pools {
    first: Marked,
    more: Arc<[Marked]>,
}

/// A pool, and the mark that each of its requests holds.
#[derive(Clone, Debug)]
struct Marked(Pool, Arc<()>);

/// A request's place in a pool: held until its answer has ended.
#[derive(Clone, Debug)]
pub(super) struct Place(#[expect(dead_code, reason = "it is held, and counted")] Arc<()>);

/// One runtime's connections.
#[derive(Clone, Debug)]
pub struct Upstreams {
    public: Pools,
    local: Pools,
}

impl Upstreams {
    /// Pools without a connection yet. HTTP/2 is spoken where a provider chooses it (ALPN,
    /// RFC 7301).
    ///
    /// Public providers are reached through `proxy`, where one is given.
    #[must_use]
    pub fn new(tls: &ClientConfig, proxy: Option<&Uri>) -> Self {
        Self {
            public: Pools::new(tls, &Connector::new(Reach::Public, proxy)),
            local: Pools::new(tls, &Connector::new(Reach::Local, proxy)),
        }
    }

    /// Sends a request, and returns when the head of its answer is there.
    ///
    /// `local` allows private addresses. Redirects are answers like others. The answer carries the
    /// request's [`Place`], which its body must keep.
    pub(super) async fn send(
        &self,
        request: Request<Body>,
        local: bool,
    ) -> Result<Response<Arriving>, hyper_util::client::legacy::Error> {
        let pools = if local { &self.local } else { &self.public };
        let Marked(pool, mark) = pools.next();
        let place = Place(Arc::clone(mark));
        let mut response = pool.request(request).await?;
        response.extensions_mut().insert(place);
        Ok(Arriving::of(response))
    }
}

impl Pools {
    fn new(tls: &ClientConfig, connector: &Connector) -> Self {
        let marked = || Marked(pool(tls, connector.clone()), Arc::default());
        Self { first: marked(), more: (1..POOLS).map(|_| marked()).collect() }
    }

    /// The first that has a place; where none has, the one with the fewest requests.
    fn next(&self) -> &Marked {
        // The pool itself holds its mark as well.
        let held = |pool: &&Marked| Arc::strong_count(&pool.1);
        let mut all = std::iter::once(&self.first).chain(&*self.more);
        let free = all.find(|pool| held(pool) <= STREAMS);
        free.or_else(|| self.more.iter().min_by_key(held)).unwrap_or(&self.first)
    }
}

fn pool(tls: &ClientConfig, connector: Connector) -> Pool {
    let https = HttpsConnectorBuilder::new()
        .with_tls_config(tls.clone())
        .https_or_http()
        .enable_http1()
        .enable_http2()
        .wrap_connector(connector);
    Client::builder(TokioExecutor::new())
        .pool_idle_timeout(KEEP)
        .pool_max_idle_per_host(KEPT)
        .pool_timer(TokioTimer::new())
        .timer(TokioTimer::new())
        .http2_keep_alive_interval(PING)
        .http2_keep_alive_timeout(PONG)
        .http2_initial_stream_window_size(STREAM_WINDOW)
        .http2_initial_connection_window_size(CONNECTION_WINDOW)
        .build(Timely(https))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    /// What a name means is known when it is dialled, and held against the provider's reach then.
    #[tokio::test]
    async fn a_name_of_a_private_address_is_dialled_for_local_providers_alone() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let to = format!("http://localhost:{}/v1/models", listener.local_addr().unwrap().port());
        let none = RootCertStore::empty();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(none)
            .with_no_client_auth();
        let upstreams = Upstreams::new(&tls, None);
        let request = || Request::get(&to).body(Body::empty()).unwrap();
        let refused = upstreams.send(request(), false).await.unwrap_err();
        assert!(refused.is_connect(), "{refused:?}");
        assert!(format!("{refused:?}").contains("private addresses only"), "{refused:?}");
        tokio::select! {
            answer = upstreams.send(request(), true) => panic!("{answer:?}"),
            dialled = listener.accept() => drop(dialled.unwrap()),
        }
    }
}
