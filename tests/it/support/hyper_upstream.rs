//! A second fake upstream, on hyper: HTTP/2 where TLS chooses it, trailers, and bodies that are
//! counted and not kept. It checks what the first one checks.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use http::{HeaderMap, Request, Response, Version};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use super::home::MASTER;
use super::hyper_body::Sent;

/// Stopped when dropped; then it also fails the test for whatever it saw amiss.
#[derive(Debug)]
pub(crate) struct HyperUpstream {
    address: SocketAddr,
    scheme: &'static str,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// One request, as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Arrived {
    pub(crate) version: Version,
    pub(crate) headers: HeaderMap,
    pub(crate) body_bytes: usize,
    pub(crate) trailers: Option<HeaderMap>,
}

type Answering = Box<dyn Fn(&Arrived) -> Response<Sent> + Send + Sync>;

struct Shared {
    answer: Answering,
    arrived: Mutex<Vec<Arrived>>,
    connections: Mutex<usize>,
    faults: Mutex<Vec<String>>,
}

impl HyperUpstream {
    /// Without TLS, and so HTTP/1.1.
    pub(crate) fn plain(
        answer: impl Fn(&Arrived) -> Response<Sent> + Send + Sync + 'static,
    ) -> Self {
        Self::start(None, Box::new(answer))
    }

    /// With TLS, and HTTP/2 for those that can (ALPN).
    pub(crate) fn over_tls(
        config: &ServerConfig,
        answer: impl Fn(&Arrived) -> Response<Sent> + Send + Sync + 'static,
    ) -> Self {
        let mut config = config.clone();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Self::start(Some(TlsAcceptor::from(Arc::new(config))), Box::new(answer))
    }

    fn start(tls: Option<TlsAcceptor>, answer: Answering) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let shared = Arc::new(Shared {
            answer,
            arrived: Mutex::default(),
            connections: Mutex::default(),
            faults: Mutex::default(),
        });
        let (stop, stopped) = oneshot::channel();
        let serving = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async {
                let listener = TcpListener::from_std(listener).unwrap();
                tokio::select! {
                    () = accept(&listener, tls.as_ref(), &serving) => {}
                    _ = stopped => {}
                }
            });
        });
        Self { address, scheme, shared, stop: Some(stop), thread: Some(thread) }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What `--base-url` takes, by a name that certificates can have.
    pub(crate) fn base_url(&self, root: &str) -> String {
        format!("{}://localhost:{}{root}", self.scheme, self.address.port())
    }

    /// Every request whose body is complete.
    pub(crate) fn arrived(&self) -> Vec<Arrived> {
        self.shared.arrived.lock().unwrap().clone()
    }

    /// The one request that arrived.
    #[track_caller]
    pub(crate) fn only(&self) -> Arrived {
        let arrived = self.arrived();
        assert_eq!(arrived.len(), 1, "{arrived:#?}");
        arrived[0].clone()
    }

    /// How many connections were opened.
    pub(crate) fn connections(&self) -> usize {
        *self.shared.connections.lock().unwrap()
    }
}

impl Drop for HyperUpstream {
    fn drop(&mut self) {
        drop(self.stop.take());
        let ended = self.thread.take().expect("dropped once").join();
        if !std::thread::panicking() {
            ended.expect("an upstream that did not panic");
            let faults = self.shared.faults.lock().unwrap();
            assert!(faults.is_empty(), "at the upstream: {faults:#?}");
        }
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("arrived", &self.arrived).finish_non_exhaustive()
    }
}

async fn accept(listener: &TcpListener, tls: Option<&TlsAcceptor>, shared: &Arc<Shared>) {
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        *shared.connections.lock().unwrap() += 1;
        let (tls, shared) = (tls.cloned(), Arc::clone(shared));
        // A peer may go whenever it likes; what matters is what arrived.
        tokio::spawn(async move { drop(serve(stream, tls, shared).await) });
    }
}

async fn serve(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    shared: Arc<Shared>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let service = service_fn(move |request: Request<Incoming>| {
        let shared = Arc::clone(&shared);
        async move { Ok::<_, Infallible>(shared.serve(request).await) }
    });
    stream.set_nodelay(true)?;
    let Some(tls) = tls else {
        return Ok(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await?);
    };
    let stream = tls.accept(stream).await?;
    let chosen = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    let stream = TokioIo::new(stream);
    if chosen {
        let mut server = http2::Builder::new(TokioExecutor::new());
        // As few as a server may allow (RFC 9113 §6.5.2).
        server.max_concurrent_streams(100);
        return Ok(server.serve_connection(stream, service).await?);
    }
    Ok(http1::Builder::new().serve_connection(stream, service).await?)
}

impl Shared {
    async fn serve(&self, request: Request<Incoming>) -> Response<Sent> {
        let (parts, mut body) = request.into_parts();
        let mut arrived = Arrived {
            version: parts.version,
            headers: parts.headers,
            body_bytes: 0,
            trailers: None,
        };
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else {
                return Response::builder().status(400).body(Sent::empty()).unwrap();
            };
            match frame.into_data() {
                Ok(data) => arrived.body_bytes += data.len(),
                Err(frame) => arrived.trailers = frame.into_trailers().ok(),
            }
        }
        let keys: Vec<_> = arrived.headers.get_all("authorization").iter().collect();
        let whole = format!("{} {arrived:?}", parts.uri);
        if keys != [&format!("Bearer {MASTER}")] || whole.contains("till_sk_") {
            self.faults.lock().unwrap().push(whole);
        }
        let answer = (self.answer)(&arrived);
        self.arrived.lock().unwrap().push(arrived);
        answer
    }
}
