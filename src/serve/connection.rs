//! One client's connection, from its first byte to its last.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Request, header};
use hyper::body::Incoming;
use hyper::rt::{Read, Write};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulConnection;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tracing::debug;

use crate::wire::{App, Peer, Upload};

use super::patient::Patient;
use super::proxy_protocol::{self, Client};
use super::sniff::{PREFACE, Version, version};
use super::streams::{Streams, Taken};
use super::tls::ServerTls;

/// What is kept of a request while its head is read, in bytes: heads of at least this are taken,
/// and none of twice as much.
const HEAD_BYTES: usize = 64 * 1024;
const HEAD_BYTES_U32: u32 = 64 * 1024;
/// Requests at once on one HTTP/2 connection.
const STREAMS: u32 = 256;
/// How often a silent HTTP/2 client is asked whether it is there, and how long it may take to say.
const PING: Duration = Duration::from_secs(30);
const PONG: Duration = Duration::from_secs(20);

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// How long a client may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waits {
    /// Until it has said what it speaks: the balancer's header, the TLS handshake, the HTTP/2
    /// preface or the first byte of a request, each.
    pub(super) first: Duration,
    /// For the head of a request, silence before it included.
    pub(super) head: Duration,
    /// To take nothing of what is written to it.
    pub(super) read: Duration,
}

impl Default for Waits {
    /// People look at an answer half way through, in a debugger or with the lid closed; machines
    /// read on.
    fn default() -> Self {
        Self {
            first: Duration::from_secs(30),
            head: Duration::from_mins(1),
            read: Duration::from_mins(10),
        }
    }
}

/// How connections are taken up.
#[derive(Clone, Debug, Default)]
pub(super) struct Manner {
    /// With TLS, by this certificate.
    pub(super) tls: Option<Arc<ServerTls>>,
    /// Behind a balancer that speaks the PROXY protocol.
    pub(super) behind_balancer: bool,
    /// How long clients may take.
    pub(super) waits: Waits,
}

/// Serves the connection until it ends; once told to drain, until its current requests do.
pub(super) async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    app: impl App,
    manner: Manner,
    draining: watch::Receiver<bool>,
) {
    if let Err(error) = take_up(stream, peer, app, manner, draining).await {
        debug!(%peer, %error, "a connection ended early");
    }
}

async fn take_up(
    mut stream: TcpStream,
    peer: SocketAddr,
    app: impl App,
    manner: Manner,
    draining: watch::Receiver<bool>,
) -> Result<(), BoxError> {
    // Small chunks of a stream must not wait for each other.
    stream.set_nodelay(true)?;
    let own = stream.local_addr()?.ip();
    let waits = manner.waits;
    let mut client = peer;
    if manner.behind_balancer {
        match first(waits, proxy_protocol::read(&mut stream), &draining).await?? {
            Client::At(address) => client = address,
            Client::Balancer => {}
        }
    }
    let peer = Peer { client, own };
    if let Some(tls) = &manner.tls {
        let acceptor = TlsAcceptor::from(tls.current());
        let stream = first(waits, acceptor.accept(stream), &draining).await??;
        let chosen = match stream.get_ref().1.alpn_protocol() {
            Some(b"h2") => Version::Http2,
            _ => Version::Http1,
        };
        return speak(TokioIo::new(stream), chosen, (peer, waits), app, draining).await;
    }
    let chosen = first(waits, version(&stream), &draining).await??;
    speak(TokioIo::new(stream), chosen, (peer, waits), app, draining).await
}

/// Waits for a step that comes before a request, within its deadline. Once told to drain there is
/// nothing to wait for: who has not begun a request has none that could finish.
async fn first<T>(
    waits: Waits,
    step: impl Future<Output = T>,
    draining: &watch::Receiver<bool>,
) -> Result<T, Unbegun> {
    let mut draining = draining.clone();
    tokio::select! {
        biased;
        done = timeout(waits.first, step) => done.map_err(|_| Unbegun::Silent),
        // The guard that the channel hands out must not live on.
        () = async { drop(draining.wait_for(|draining| *draining).await) } => {
            Err(Unbegun::Draining)
        }
    }
}

/// Why a connection ended before it had a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Unbegun {
    #[error("the client did not begin in time")]
    Silent,
    #[error("the proxy stops, and the client had not begun")]
    Draining,
}

async fn speak(
    stream: impl Read + Write + Unpin + Send + 'static,
    version: Version,
    (peer, waits): (Peer, Waits),
    app: impl App,
    mut draining: watch::Receiver<bool>,
) -> Result<(), BoxError> {
    // Over TLS nobody has looked yet at what the client says.
    let beginning = match version {
        Version::Http1 => 1,
        Version::Http2 => PREFACE.len(),
    };
    let stream = Patient::new(stream, waits.read).begins(beginning, waits.first);
    let streams = Streams::new();
    let watched = (version == Version::Http2).then(|| streams.clone());
    let service = service_fn(move |request: Request<Incoming>| {
        let app = app.clone();
        let open = watched.as_ref().map(Streams::open);
        async move {
            let is_last = ends_in_chunks(request.headers());
            let expects = request.headers().contains_key(header::EXPECT);
            let (head, incoming) = request.into_parts();
            let (body, rest) = Upload::new(incoming);
            let mut response = app.serve(Request::from_parts(head, body), peer).await;
            // A client that is not told that the connection ends loses its next request on it.
            if is_last || (version == Version::Http1 && !rest.is_read(expects).await) {
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(header::CONNECTION, close);
            }
            Ok::<_, Infallible>(response.map(|body| match open {
                Some(open) => open.answer(body),
                None => Taken::AsItIs(body),
            }))
        }
    });
    // The guard that the channel hands out must not live across the wait that follows.
    let drained = async move { drop(draining.wait_for(|draining| *draining).await) };
    match version {
        Version::Http1 => {
            let mut builder = http1::Builder::new();
            builder
                .timer(TokioTimer::new())
                .header_read_timeout(waits.head)
                .max_buf_size(HEAD_BYTES);
            run(builder.serve_connection(stream, service), drained).await
        }
        Version::Http2 => {
            let mut builder = http2::Builder::new(TokioExecutor::new());
            builder
                .timer(TokioTimer::new())
                .keep_alive_interval(PING)
                .keep_alive_timeout(PONG)
                .max_concurrent_streams(STREAMS)
                .max_header_list_size(HEAD_BYTES_U32)
                .adaptive_window(true);
            let done = async {
                tokio::select! {
                    () = drained => {}
                    () = streams.quiet(waits.head) => {}
                }
            };
            tokio::select! {
                ended = run(builder.serve_connection(stream, service), done) => ended,
                () = streams.withdraw(waits.read) => Ok(()),
            }
        }
    }
}

/// Whether chunks tell where the request ends. Servers disagree about that more than about any
/// length (lines without CR, a length beside the chunks, which hyper takes out), so that nothing
/// behind it is taken for another request (RFC 9112 §6.1 and §11.2).
fn ends_in_chunks(headers: &HeaderMap) -> bool {
    headers.contains_key(header::TRANSFER_ENCODING)
}

/// Serves a connection to its end; once it is to take no more, to the end of the requests that it
/// has.
async fn run<C>(connection: C, done: impl Future<Output = ()>) -> Result<(), BoxError>
where
    C: GracefulConnection,
    C::Error: Into<BoxError>,
{
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        ended = connection.as_mut() => return ended.map_err(Into::into),
        () = done => connection.as_mut().graceful_shutdown(),
    }
    connection.await.map_err(Into::into)
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use bytes::Bytes;
    use http::Response;
    use http_body::{Body, Frame};
    use tokio::net::TcpListener;

    use super::*;

    const SHORT: Duration = Duration::from_millis(200);
    const ENOUGH: Duration = Duration::from_secs(30);

    /// Answers each request without end.
    #[derive(Clone)]
    struct Endless(Arc<()>);

    impl Body for Endless {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"data: 1\n\n")))))
        }
    }

    impl App for Endless {
        type Body = Self;

        async fn serve(self, _: Request<Upload>, _: Peer) -> Response<Self> {
            Response::new(self)
        }
    }

    /// A client that speaks HTTP/2 and says that it is there; it takes so much of an answer.
    async fn client(
        app: Endless,
        waits: Waits,
        window: u32,
    ) -> (h2::client::SendRequest<Bytes>, tokio::task::JoinHandle<Result<(), h2::Error>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (accepted, peer) = listener.accept().await.unwrap();
        let manner = Manner { waits, ..Manner::default() };
        tokio::spawn(async move {
            // Nobody drains it.
            let (_kept, draining) = watch::channel(false);
            serve(accepted, peer, app, manner, draining).await;
        });
        let mut builder = h2::client::Builder::new();
        let speaking = builder.initial_window_size(window).handshake(stream).await;
        let (sender, connection) = speaking.unwrap();
        (sender, tokio::spawn(connection))
    }

    #[tokio::test]
    async fn a_client_that_asks_for_nothing_is_let_go() {
        let waits = Waits { head: SHORT, ..Waits::default() };
        let (_sender, connection) = client(Endless(Arc::default()), waits, 1_000).await;
        timeout(ENOUGH, connection).await.unwrap().unwrap().unwrap();
    }

    #[tokio::test]
    async fn an_answer_that_a_client_has_no_window_for_is_given_up() {
        let app = Endless(Arc::default());
        let alive = Arc::clone(&app.0);
        let waits = Waits { read: SHORT, ..Waits::default() };
        let (mut sender, _connection) = client(app, waits, 0).await;
        let request = Request::get("http://localhost/").body(()).unwrap();
        let (answer, _) = sender.send_request(request, true).unwrap();
        let answer = answer.await.unwrap();
        let held = Arc::strong_count(&alive);
        let is_given_up = async {
            while Arc::strong_count(&alive) == held {
                tokio::time::sleep(SHORT).await;
            }
        };
        timeout(ENOUGH, is_given_up).await.unwrap();
        drop(answer);
    }
}
