//! How an answer is read and charged, as its request was planned.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, header, response};
use hyper::ext::ReasonPhrase;

use crate::domain::cost::Cost;
use crate::domain::denial::Denial;
use crate::domain::limits::{Limits, OnCancel, Overshoot};
use crate::ledger::Admission;
use crate::provider::Tap;
use crate::provider::meter::{Form, Meter};
use crate::provider::request::Plan;

use super::arriving::Arriving;
use super::coding;
use super::decoding::AnswerBody;
use super::observer::Observer;
use super::running::{Running, Told};
use super::scrub::Scrubber;
use super::shares::Share;
use super::upstream::Place;

/// Headers with which Google's APIs leave parts of an answer out, the usage among them
/// (<https://cloud.google.com/apis/docs/system-parameters>).
const FIELD_MASKS: [&str; 2] = ["x-goog-fieldmask", "x-goog-field-mask"];

/// How one answer is read.
#[derive(Debug)]
pub(super) struct Metering {
    plan: Option<Plan>,
    /// Whether the answer is cut off where it goes beyond what was granted.
    strict: bool,
    /// Whether it is read to its end when the client has gone.
    drains: bool,
    model: Option<String>,
    observer: Observer,
    /// Of the master key, which no answer may carry.
    scrubber: Scrubber,
    /// The request's place, which its answer keeps.
    place: Arc<Share>,
}

impl Metering {
    pub(super) fn new(
        plan: Option<Plan>,
        limits: &Limits,
        model: Option<String>,
        observer: Observer,
        scrubber: Scrubber,
        place: Share,
    ) -> Self {
        let strict = limits.overshoot == Overshoot::Never;
        let drains = plan.is_some() && limits.on_cancel == OnCancel::Drain;
        Self { plan, strict, drains, model, observer, scrubber, place: Arc::new(place) }
    }

    /// Of the master key that the request carries.
    pub(super) fn scrubber(&self) -> &Scrubber {
        &self.scrubber
    }

    pub(super) fn drains(&self) -> bool {
        self.drains
    }

    /// Changes the request's headers so that its answer can be read, and says what it used.
    pub(super) fn prepare(&self, headers: &mut HeaderMap) {
        coding::ask_for_identity(headers);
        if self.plan.is_some() {
            for mask in FIELD_MASKS {
                headers.remove(mask);
            }
        }
    }

    /// What the client is told where its output was brought down.
    pub(super) fn clamped(&self, admission: &Admission) -> Option<String> {
        self.plan.as_ref()?.clamped(admission.output())
    }

    /// Takes an answer up from its head on.
    ///
    /// # Errors
    /// A denial where it cannot be looked into for the master key.
    pub(super) fn run(
        &self,
        response: http::Response<Arriving>,
        admission: Admission,
    ) -> Result<(response::Parts, Running), Denial> {
        let (mut parts, upstream) = response.into_parts();
        let upstream = AnswerBody::new(upstream, coding::take(&mut parts)?);
        let place = parts.extensions.remove::<Place>();
        let tap = self.tap(&mut parts, admission.held());
        let told = Told {
            observer: self.observer.clone(),
            model: self.model.clone(),
            status: parts.status.as_u16(),
        };
        let scrubber = self.scrubber.another(parts.headers.contains_key(header::CONTENT_LENGTH));
        scrubber.fields(&mut parts.headers);
        let phrase = parts.extensions.get::<ReasonPhrase>();
        if phrase.is_some_and(|phrase| scrubber.without(phrase.as_bytes()).is_some()) {
            parts.extensions.remove::<ReasonPhrase>();
        }
        let drains = self.drains;
        let places = (place, Arc::clone(&self.place));
        Ok((parts, Running { upstream, _places: places, admission, tap, drains, scrubber, told }))
    }

    /// The tap on an answer; none where it is no success, or cannot be read: then its request is
    /// charged nothing, or the whole of what it holds.
    fn tap(&self, parts: &mut response::Parts, held: Cost) -> Option<Tap> {
        let plan = self.plan.as_ref()?;
        let api = plan.api?;
        if !parts.status.is_success() {
            return None;
        }
        let kind = parts.headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
        let form = match kind {
            Some(kind) if is_event_stream(kind) => Form::EventStream,
            _ => Form::Json,
        };
        if form == Form::EventStream {
            // An event may be taken out, or put in.
            parts.headers.remove(header::CONTENT_LENGTH);
        }
        let meter = Meter::new(api, form, plan.hide_usage);
        let tap = Tap::new(meter, plan.tariff().clone(), plan.demand, held);
        // What holds nothing was granted everything.
        let strict = self.strict && held != Cost::default();
        Some(tap.of_open_model(plan.shows_all()).cutting(strict))
    }
}

/// Whether a content type is that of a stream of events.
pub(super) fn is_event_stream(kind: &[u8]) -> bool {
    let name = b"text/event-stream";
    kind.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
}
