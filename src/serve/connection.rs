//! One client's connection, from its first byte to its last.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tracing::debug;

use crate::proxy::App;

/// How long a client may take for the head of a request, silence before it included.
const HEAD: Duration = Duration::from_mins(1);
/// The largest head of a request, in bytes.
const HEAD_BYTES: usize = 64 * 1024;

/// Serves the connection until it ends; once told to drain, until its current request does.
pub(super) async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    app: App,
    mut draining: watch::Receiver<bool>,
) {
    // Small chunks of a stream must not wait for each other.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| {
        let app = app.clone();
        async move { Ok::<_, Infallible>(app.serve(request, peer).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    // The guard that the channel hands out must not live across the wait that follows.
    let drained = async { drop(draining.wait_for(|draining| *draining).await) };
    let ended = tokio::select! {
        ended = connection.as_mut() => Some(ended),
        () = drained => None,
    };
    let ended = if let Some(ended) = ended {
        ended
    } else {
        connection.as_mut().graceful_shutdown();
        connection.await
    };
    if let Err(error) = ended {
        debug!(%peer, %error, "a connection ended early");
    }
}
