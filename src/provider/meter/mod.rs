//! Meters: what an answer used, read out of its bytes as they pass.
//!
//! Sans-I/O: a meter is fed the pieces of a body as they come, however they are cut, and gives
//! back what goes downstream. Where it does not read, or cannot, the bytes pass all the same.

mod account;
mod chat;
mod cohere;
mod counts;
mod dialect;
mod documents;
mod events;
mod gemini;
mod messages;
mod reading;
mod responses;
mod single;
#[cfg(test)]
mod tests;

use bytes::Bytes;

use super::api::Api;
use account::Account;
use dialect::Dialect;
use documents::Documents;
use events::Events;

pub use reading::{Pass, Reading, Tokens};

/// What form the body has, by its content type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// JSON: a document, a list of them, or one behind the other.
    Json,
    /// `text/event-stream`.
    EventStream,
}

/// Reads the usage out of one answer while its bytes pass.
#[derive(Debug)]
pub struct Meter {
    account: Account,
    dialect: Dialect,
    body: Body,
}

/// How the body is taken apart.
#[derive(Debug)]
enum Body {
    Json(Documents),
    Events(Events),
}

impl Meter {
    /// A meter for an answer of this API.
    ///
    /// `hide_usage`: till asked for a usage chunk that the client did not ask for; it is taken out
    /// of the stream.
    #[must_use]
    pub fn new(api: Api, form: Form, hide_usage: bool) -> Self {
        let body = match form {
            Form::Json => Body::Json(Documents::default()),
            Form::EventStream => Body::Events(Events::new(hide_usage)),
        };
        Self { account: Account::default(), dialect: Dialect::new(api), body }
    }

    /// Takes the next bytes of the body, and returns those that go downstream now: all of them,
    /// unless a usage chunk may have to be taken out; then an event goes when it is whole.
    pub fn push(&mut self, bytes: Bytes) -> Bytes {
        let Self { account, dialect, body } = self;
        match body {
            Body::Json(documents) => {
                documents.read(&bytes, |document| {
                    dialect.take(document, account);
                });
                bytes
            }
            Body::Events(events) => events.push(bytes, dialect, account),
        }
    }

    /// The body has ended, and has not broken off: what was held back.
    pub fn finish(&mut self) -> Bytes {
        match &mut self.body {
            Body::Json(_) => Bytes::new(),
            Body::Events(events) => events.finish(&mut self.dialect, &mut self.account),
        }
    }

    /// The usage as far as the answer has said it: where it is said again and again, the last
    /// word.
    #[must_use]
    pub const fn reading(&self) -> Option<&Reading> {
        self.account.reading.as_ref()
    }

    /// Whether the answer has had its last word on usage: then the reading is exact.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        match &self.body {
            Body::Json(documents) => documents.is_complete() && self.account.is_current(),
            Body::Events(_) => self.account.is_final,
        }
    }

    /// An upper bound of the output tokens that were shown so far: the bytes of all text that a
    /// model wrote, since no token is shorter than a byte, and a few for each event, the one under
    /// way among them; at least what the answer says itself.
    ///
    /// None of JSON: it comes when all was generated, and shows nothing of it before.
    #[must_use]
    pub fn shown(&self) -> Option<u64> {
        match &self.body {
            Body::Json(_) => None,
            Body::Events(events) => Some(self.account.at_most(events.open_bytes())),
        }
    }

    /// A lower bound of the output tokens so far: what the answer says itself, or a token for each
    /// event that shows text.
    #[must_use]
    pub const fn at_least(&self) -> u64 {
        self.account.at_least()
    }

    /// What ends the stream in the API's own way, at a limit on output, where it is cut behind the
    /// bytes that went downstream.
    ///
    /// Empty where the stream has ended already, or where it cannot be ended: in the middle of a
    /// JSON document.
    #[must_use]
    pub fn closing(&self) -> Bytes {
        let closing = match &self.body {
            Body::Json(documents) => self.closing_list(documents.place()),
            Body::Events(_) if self.account.ended => String::new(),
            Body::Events(events) => {
                let end = self.dialect.closing(&self.account);
                if end.is_empty() { end } else { [events.gap(), &end].concat() }
            }
        };
        closing.into()
    }

    fn closing_list(&self, place: documents::Place) -> String {
        let Dialect::Gemini(gemini) = &self.dialect else { return String::new() };
        let comma = match place {
            documents::Place::BehindDocument if self.account.ended => return "]".to_owned(),
            documents::Place::BehindDocument => ",",
            documents::Place::InList => "",
            documents::Place::Outside | documents::Place::InDocument => return String::new(),
        };
        format!("{comma}{}]", gemini.closing(&self.account))
    }
}
