//! The listener of the metrics: a thread of its own, so that no scrape stands in a request's way.
//!
//! Connections are few, short-lived and impatient, and one answer is written after the other with a
//! pause between, so that scrapes in any number take a bounded part of one processor.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use tokio::net::TcpListener;
use tokio::runtime;
use tokio::sync::{Mutex, Semaphore, watch};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tracing::warn;

use crate::metrics::{Figures, Format};
use crate::wire::{App, HostNames, Peer, Upload, check_origin};

use super::connection::{self, Manner, Waits};
use super::gauges::Gauges;

/// Clients at once; more wait until one leaves.
const CONNECTIONS: usize = 64;
/// How long a client may take to say something, and to read.
const WAITS: Waits = Waits {
    first: Duration::from_secs(5),
    head: Duration::from_secs(5),
    read: Duration::from_secs(10),
};
/// How long a connection is kept, whatever it does: a scraper makes another.
const LIFE: Duration = Duration::from_mins(5);
/// How long a request may go on after that.
const GRACE: Duration = Duration::from_secs(5);
/// The pause between two answers.
const PAUSE: Duration = Duration::from_millis(50);
/// How often the store is looked at.
const LOOK: Duration = Duration::from_secs(5);

/// What serves the metrics, until it is ended.
#[derive(Debug)]
pub(super) struct MetricsServer {
    thread: JoinHandle<()>,
    ending: watch::Sender<bool>,
}

impl MetricsServer {
    /// Serves what the figures say, and what is looked up beside them. The store is looked at for
    /// the first time before this returns.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub(super) fn start(
        listener: std::net::TcpListener,
        manner: Manner,
        hosts: HostNames,
        figures: Arc<Figures>,
        gauges: Gauges,
    ) -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let manner = Manner { waits: WAITS, behind_balancer: false, ..manner };
        gauges.look();
        let gauges = Arc::new(gauges);
        let scrape = Scrape { figures, hosts, gauges: Arc::clone(&gauges), last: Arc::default() };
        let (ending, mut ended) = watch::channel(false);
        let draining = ending.subscribe();
        let thread =
            std::thread::Builder::new().name("till-metrics".to_owned()).spawn(move || {
                runtime.block_on(async {
                    let listener = match TcpListener::from_std(listener) {
                        Ok(listener) => listener,
                        Err(error) => return warn!(%error, "there are no metrics"),
                    };
                    tokio::select! {
                        () = receive(listener, &manner, &scrape, &draining) => {}
                        () = look(&gauges) => {}
                        _ = ended.wait_for(|ended| *ended) => {}
                    }
                });
                // A look at a store that does not answer is not waited for.
                runtime.shutdown_background();
            })?;
        Ok(Self { thread, ending })
    }

    /// Serves nobody any more.
    pub(super) fn end(self) {
        self.ending.send_replace(true);
        let _ = self.thread.join();
    }
}

/// Looks at the store again and again, beside the scrapes.
async fn look(gauges: &Arc<Gauges>) {
    loop {
        sleep(LOOK).await;
        let gauges = Arc::clone(gauges);
        if let Err(error) = tokio::task::spawn_blocking(move || gauges.look()).await {
            warn!(%error, "the store was not looked at");
        }
    }
}

async fn receive(
    listener: TcpListener,
    manner: &Manner,
    scrape: &Scrape,
    draining: &watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        // It is never closed.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                warn!(%error, "a connection for metrics could not be accepted");
                sleep(PAUSE).await;
                continue;
            }
        };
        let (scrape, manner, mut draining) = (scrape.clone(), manner.clone(), draining.clone());
        tokio::spawn(async move {
            let (leave, leaving) = watch::channel(false);
            let mut serving =
                std::pin::pin!(connection::serve(stream, peer, scrape, manner, leaving));
            tokio::select! {
                () = &mut serving => return drop(place),
                () = sleep(LIFE) => {}
                () = async { drop(draining.wait_for(|draining| *draining).await) } => {}
            }
            leave.send_replace(true);
            let _ = timeout(GRACE, serving).await;
            drop(place);
        });
    }
}

/// Answers scrapes.
#[derive(Clone, Debug)]
struct Scrape {
    figures: Arc<Figures>,
    hosts: HostNames,
    gauges: Arc<Gauges>,
    /// When the last answer was made. Held by whose turn it is.
    last: Arc<Mutex<Option<Instant>>>,
}

impl App for Scrape {
    type Body = Full<Bytes>;

    async fn serve(self, request: Request<Upload>, peer: Peer) -> Response<Full<Bytes>> {
        let mut last = self.last.lock().await;
        if let Some(next) = last.and_then(|last| last.checked_add(PAUSE)) {
            sleep_until(next).await;
        }
        let response = self.answer(&request, peer);
        *last = Some(Instant::now());
        response
    }
}

impl Scrape {
    fn answer<B>(&self, request: &Request<B>, peer: Peer) -> Response<Full<Bytes>> {
        let authority = request.uri().authority().map(http::uri::Authority::as_str);
        let own = |name: &str| self.hosts.is_own(name, peer);
        if let Err(denial) = check_origin(request.headers(), authority, own) {
            let status = StatusCode::from_u16(denial.reason.rule().status);
            return plain(status.unwrap_or(StatusCode::FORBIDDEN), &denial.message);
        }
        if request.uri().path() != "/metrics" {
            return plain(StatusCode::NOT_FOUND, "the metrics are at /metrics");
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let mut response =
                plain(StatusCode::METHOD_NOT_ALLOWED, "/metrics takes GET and HEAD alone");
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            return response;
        }
        let accept = request.headers().get_all(header::ACCEPT).iter();
        let accept: Vec<_> = accept.filter_map(|value| value.to_str().ok()).collect();
        let format = Format::accepted(&accept.join(","));
        let mut response = Response::new(self.figures.write(&self.gauges.moment(), format).into());
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::VARY, HeaderValue::from_static("accept"));
        response
    }
}

fn plain(status: StatusCode, message: &str) -> Response<Full<Bytes>> {
    let mut response = Response::new(format!("{message}\n").into());
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
