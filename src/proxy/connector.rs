//! How a connection upstream is made: directly, or through the operator's own proxy.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower_service::Service;

use super::resolver::{Reach, Resolver};

/// How long a connection may take to be made, the way through a proxy and the TLS handshake
/// included.
const CONNECT: Duration = Duration::from_secs(10);

/// Makes connections of one reach.
#[derive(Clone, Debug)]
pub(super) enum Connector {
    /// To the provider itself.
    Direct(HttpConnector<Resolver>),
    /// Through a proxy, by CONNECT (RFC 9110 §9.3.6): the proxy resolves the provider's name.
    Tunnel(Tunnel<HttpConnector<Resolver>>),
}

impl Connector {
    /// A connector for addresses of this reach.
    ///
    /// Providers on this machine or network are never looked for beyond the operator's proxy.
    pub(super) fn new(reach: Reach, proxy: Option<&Uri>) -> Self {
        match proxy.filter(|_| reach == Reach::Public) {
            Some(proxy) => Self::Tunnel(Tunnel::new(proxy.clone(), plain(Reach::Local))),
            None => Self::Direct(plain(reach)),
        }
    }
}

fn plain(reach: Reach) -> HttpConnector<Resolver> {
    let mut connector = HttpConnector::new_with_resolver(Resolver { reach });
    // Shared among the addresses of a name, so that one that is silent leaves time for others.
    connector.set_connect_timeout(Some(CONNECT));
    connector.set_nodelay(true);
    connector.enforce_http(false);
    connector
}

type BoxError = Box<dyn Error + Send + Sync>;
type Connected = Result<TokioIo<TcpStream>, BoxError>;

impl Service<Uri> for Connector {
    type Response = TokioIo<TcpStream>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Connected> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        match self {
            Self::Direct(connector) => connector.poll_ready(context).map_err(Into::into),
            Self::Tunnel(connector) => connector.poll_ready(context).map_err(Into::into),
        }
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        match self {
            Self::Direct(connector) => {
                let connecting = connector.call(target);
                Box::pin(async move { connecting.await.map_err(Into::into) })
            }
            Self::Tunnel(connector) => {
                let connecting = connector.call(target);
                Box::pin(async move { connecting.await.map_err(Into::into) })
            }
        }
    }
}

/// Makes connections, with TLS where it belongs there, in time or not at all.
///
/// A peer that is silent in the handshake was sent nothing: that is told apart from one that is
/// silent when it should answer.
#[derive(Clone, Debug)]
pub(super) struct Timely(pub(super) HttpsConnector<Connector>);

/// A connection that was not made in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no connection was made in {} seconds", CONNECT.as_secs())]
pub(super) struct TooSlow;

type Secured = Result<MaybeHttpsStream<TokioIo<TcpStream>>, BoxError>;

impl Service<Uri> for Timely {
    type Response = MaybeHttpsStream<TokioIo<TcpStream>>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Secured> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let connecting = self.0.call(target);
        Box::pin(async move { timeout(CONNECT, connecting).await.map_err(|_| TooSlow)? })
    }
}
