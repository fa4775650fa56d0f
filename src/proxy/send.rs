//! Sending a request, and waiting for the head of its answer.

use std::sync::Arc;

use axum::body::Body;
use http::StatusCode;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};
use tracing::warn;

use crate::domain::denial::{Denial, Reason};
use crate::ledger::Admission;

use super::arriving::Arriving;
use super::fault::told;
use super::metering::Metering;
use super::router::Proxy;
use super::sent_body::Progress;

/// A request that was admitted.
#[derive(Debug)]
pub(super) struct Departure {
    pub(super) request: http::Request<Body>,
    /// Whether private addresses are allowed.
    pub(super) local: bool,
    pub(super) progress: Progress,
    pub(super) admission: Admission,
    pub(super) metering: Arc<Metering>,
}

/// What came of sending it.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) answer: Result<http::Response<Arriving>, Denial>,
    /// It knows what happened.
    pub(super) admission: Admission,
}

/// Sends the request and waits for the head of the answer.
///
/// Where the key wants to know exactly what a request costs, it goes on when the client has gone:
/// the answer is read to its end all the same.
pub(super) async fn send(proxy: &Arc<Proxy>, departure: Departure) -> Result<Sent, Denial> {
    if !departure.metering.drains() {
        return Ok(depart(proxy, departure).await);
    }
    let (hand, waiting) = oneshot::channel();
    let proxy = Arc::clone(proxy);
    tokio::spawn(async move {
        let metering = Arc::clone(&departure.metering);
        let sent = depart(&proxy, departure).await;
        if let Err(Sent { answer: Ok(response), admission }) = hand.send(sent) {
            let end = Instant::now().checked_add(proxy.deadlines.total);
            let Ok((_, running)) = metering.run(response, admission) else { return };
            running.cancel(end.unwrap_or_else(Instant::now), false);
        }
    });
    // The task always answers, unless its runtime ends.
    waiting.await.map_err(|_| Denial::new(Reason::Draining, "the proxy is stopping"))
}

async fn depart(proxy: &Proxy, departure: Departure) -> Sent {
    let Departure { request, local, progress, mut admission, metering } = departure;
    admission.sent();
    let mut sending = std::pin::pin!(proxy.upstreams.send(request, local));
    let answer = loop {
        // While the client still uploads, the upstream owes nothing.
        match timeout(proxy.deadlines.first_byte, &mut sending).await {
            Ok(answer) => break answer,
            Err(_) if progress.moved(proxy.deadlines.first_byte) => {}
            Err(_) => {
                let message = "the provider did not begin to answer in time";
                let denial = Denial::new(Reason::UpstreamTimeout, message);
                return Sent { answer: Err(denial), admission };
            }
        }
    };
    let answer = answer.map_err(|error| {
        let why = told(&error, metering.scrubber());
        let message = if error.is_connect() {
            admission.not_sent();
            format!("the provider could not be reached, and nothing was charged: {why}")
        } else {
            format!("the connection to the provider broke before it answered: {why}")
        };
        warn!(key = %admission.record().id, why, "the upstream did not answer");
        Denial::new(Reason::UpstreamUnreachable, message)
    });
    let answer = answer.and_then(only_what_was_asked_for);
    if let Ok(response) = &answer {
        admission.answered(response.status().as_u16());
    }
    Sent { answer, admission }
}

/// Nobody asks for another protocol: till forwards no upgrades.
fn only_what_was_asked_for(
    response: http::Response<Arriving>,
) -> Result<http::Response<Arriving>, Denial> {
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Ok(response);
    }
    let message = "the provider switched to another protocol, which nobody had asked for";
    Err(Denial::new(Reason::UpstreamUnreachable, message))
}
