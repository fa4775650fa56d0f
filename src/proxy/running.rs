//! An answer that is on its way, with the admission that pays for it and the meter that reads it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http_body_util::BodyExt;
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout_at};

use crate::ledger::Admission;
use crate::provider::Tap;

use super::decoding::AnswerBody;
use super::observer::{Answered, Observed, Observer};
use super::scrub::Scrubber;
use super::shares::Share;
use super::upstream::Place;

/// How long an answer that nobody waits for is read at the most.
const DRAIN: Duration = Duration::from_mins(10);

/// An upstream's answer, from its head to its end.
///
/// However it ends, it is settled once: by what its meter read where that is all there is, and
/// otherwise by an upper bound of what it may be billed for.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) upstream: AnswerBody,
    /// Held for as long as the answer takes up room: on its connection, and among all requests.
    pub(super) _places: (Option<Place>, Arc<Share>),
    pub(super) admission: Admission,
    /// None where nothing of the answer decides what is charged.
    pub(super) tap: Option<Tap>,
    /// Whether it is read to its end where the client has gone.
    pub(super) drains: bool,
    pub(super) scrubber: Scrubber,
    pub(super) told: Told,
}

/// Who is told of its end, and what beside its cost.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) observer: Observer,
    pub(super) model: Option<String>,
    pub(super) status: u16,
}

impl Running {
    /// Shows the meter the next bytes, and returns those that go on.
    pub(super) fn push(&mut self, bytes: Bytes) -> Bytes {
        let bytes = match &mut self.tap {
            Some(tap) => tap.push(bytes),
            None => bytes,
        };
        self.scrubber.push(bytes)
    }

    /// The upstream has ended: what was kept back.
    pub(super) fn finish(&mut self) -> Bytes {
        let kept = self.tap.as_mut().map(Tap::finish).unwrap_or_default();
        [self.scrubber.push(kept), self.scrubber.finish()].concat().into()
    }

    /// Whether the upstream has given more than was granted.
    pub(super) fn is_over(&self) -> bool {
        self.tap.as_ref().is_some_and(Tap::is_over)
    }

    /// What ends an answer that is over in the API's own way.
    pub(super) fn closing(&self) -> Bytes {
        self.tap.as_ref().map(Tap::closing).unwrap_or_default()
    }

    /// Takes the master key out of trailers.
    pub(super) fn scrub(&self, trailers: &mut HeaderMap) {
        self.scrubber.fields(trailers);
    }

    /// Whether as many bytes go on as came.
    pub(super) fn keeps_length(&self) -> bool {
        self.tap.is_none() && self.scrubber.keeps_length()
    }

    /// Settles it by what was read so far.
    pub(super) fn settle(mut self) {
        let charge = self.tap.as_ref().map(Tap::charge);
        if let Some(charge) = charge {
            self.admission.read(charge);
            self.admission.cached(self.tap.as_ref().map_or(0, Tap::cached));
        }
        let Told { observer, model, status } = self.told;
        observer.tell(Observed::Answered(Answered { model, status, charge }));
    }

    /// The client has gone, and may have `stalled` before: then more may have been generated than
    /// was seen. The upstream is told by the end of its connection, unless the key wants
    /// to know exactly what it costs: then it is read on, at the latest until `end`.
    pub(super) fn cancel(mut self, end: Instant, stalled: bool) {
        if stalled && let Some(tap) = &mut self.tap {
            tap.lose_sight();
        }
        let is_known = self.tap.as_ref().is_none_or(Tap::is_exact);
        let runtime = Handle::try_current();
        let Some(runtime) = runtime.ok().filter(|_| self.drains && !is_known) else {
            return self.settle();
        };
        runtime.spawn(async move {
            let reading = async {
                while !self.is_over() {
                    match self.upstream.frame().await {
                        Some(Ok(frame)) => {
                            if let Ok(bytes) = frame.into_data() {
                                self.push(bytes);
                            }
                        }
                        Some(Err(_)) => break,
                        None => {
                            self.finish();
                            break;
                        }
                    }
                }
            };
            let now = Instant::now();
            let enough = now.checked_add(DRAIN).unwrap_or(now);
            let _ = timeout_at(end.min(enough), reading).await;
            self.settle();
        });
    }
}
