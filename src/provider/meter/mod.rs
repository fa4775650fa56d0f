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
mod gemini;
mod messages;
mod reading;
mod responses;
mod single;
#[cfg(test)]
mod tests;

use bytes::Bytes;

use super::api::Api;
use super::sse::{MAX_EVENT, Place, Reader, Step};
use account::Account;
use dialect::Dialect;
use documents::Documents;

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
    Json {
        documents: Documents,
        /// The bytes so far.
        length: u64,
    },
    Events {
        reader: Reader,
        /// Of the open event, where events that are there for their usage alone are taken out.
        held: Option<Vec<u8>>,
    },
}

impl Meter {
    /// A meter for an answer of this API.
    ///
    /// `hide_usage`: till asked for a usage chunk that the client did not ask for; it is taken out
    /// of the stream.
    #[must_use]
    pub fn new(api: Api, form: Form, hide_usage: bool) -> Self {
        let body = match form {
            Form::Json => Body::Json { documents: Documents::default(), length: 0 },
            Form::EventStream => {
                Body::Events { reader: Reader::default(), held: hide_usage.then(Vec::new) }
            }
        };
        Self { account: Account::default(), dialect: Dialect::new(api), body }
    }

    /// Takes the next bytes of the body, and returns those that go downstream now: all of them,
    /// unless a usage chunk may have to be taken out; then an event goes when it is whole.
    pub fn push(&mut self, bytes: Bytes) -> Bytes {
        let Self { account, dialect, body } = self;
        match body {
            Body::Json { documents, length } => {
                *length = length.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
                let mut rest = &bytes[..];
                while !rest.is_empty() {
                    let (taken, document) = documents.step(rest);
                    if let Some(document) = document {
                        dialect.take(document, account);
                    }
                    rest = rest.get(taken..).unwrap_or_default();
                }
                bytes
            }
            Body::Events { reader, held: None } => {
                let mut rest = &bytes[..];
                while !rest.is_empty() {
                    let (taken, step) = reader.step(rest);
                    match step {
                        Step::Event(event) => {
                            dialect.take_event(event, account);
                        }
                        Step::Overlong => account.outdate(),
                        Step::Idle | Step::Open | Step::More => {}
                    }
                    rest = rest.get(taken..).unwrap_or_default();
                }
                bytes
            }
            Body::Events { reader, held: Some(held) } => {
                let mut passed = Vec::with_capacity(bytes.len());
                let mut rest = &bytes[..];
                while !rest.is_empty() {
                    let (taken, step) = reader.step(rest);
                    let (line, others) = rest.split_at_checked(taken).unwrap_or((rest, &[]));
                    held.extend_from_slice(line);
                    rest = others;
                    match step {
                        Step::Event(event) if dialect.take_event(event, account) => held.clear(),
                        Step::Event(_) | Step::Idle => passed.append(held),
                        Step::Overlong => {
                            account.outdate();
                            passed.append(held);
                        }
                        Step::Open | Step::More => {}
                    }
                    if held.len() > MAX_EVENT {
                        passed.append(held);
                    }
                }
                passed.into()
            }
        }
    }

    /// The body has ended, and has not broken off: what was held back.
    pub fn finish(&mut self) -> Bytes {
        let Self { account, dialect, body } = self;
        let mut passed = Bytes::new();
        if let Body::Events { reader, held } = body {
            let hidden = match reader.finish() {
                Step::Event(event) => dialect.take_event(event, account),
                Step::Overlong => {
                    account.outdate();
                    false
                }
                Step::Idle | Step::Open | Step::More => false,
            };
            let held = held.take().unwrap_or_default();
            if !hidden {
                passed = held.into();
            }
        }
        // An answer that was blocked has no candidate that could finish.
        if let Dialect::Gemini(_) = dialect {
            account.conclude();
        }
        passed
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
            Body::Json { documents, .. } => documents.is_complete() && self.account.is_current(),
            Body::Events { .. } => self.account.is_final,
        }
    }

    /// An upper bound of the output tokens in what the answer has shown so far: the bytes of all
    /// text that a model wrote, since no token is shorter than a byte, and a few for each event;
    /// at least what the answer says itself. Of plain JSON, every byte.
    #[must_use]
    pub const fn shown(&self) -> u64 {
        match self.body {
            Body::Json { length, .. } => self.account.at_most(length),
            Body::Events { .. } => self.account.at_most(self.account.shown),
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
            Body::Json { documents, .. } => self.closing_list(documents.place()),
            Body::Events { .. } if self.account.ended => String::new(),
            Body::Events { reader, held } => {
                // What is held back did not go downstream.
                let whole = held.is_some() && !reader.is_overlong();
                let gap = match reader.place() {
                    Place::InLine if !whole => "\n\n",
                    Place::InEvent if !whole => "\n",
                    _ => "",
                };
                let end = self.dialect.closing(&self.account);
                if end.is_empty() { end } else { [gap, &end].concat() }
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
