//! An event stream taken apart, and the usage chunk taken out of it.

use bytes::Bytes;

use super::account::Account;
use super::dialect::Dialect;
use super::documents::Documents;
use crate::provider::sse::{Place, Reader, Step};

/// Reads a stream's events while its bytes pass.
#[derive(Debug)]
pub(super) struct Events {
    reader: Reader,
    /// Of the open event, where events that are there for their usage alone are taken out.
    held: Option<Vec<u8>>,
    /// The open event, where it is too long to be read whole.
    long: Documents,
}

impl Events {
    pub(super) fn new(hide_usage: bool) -> Self {
        let held = hide_usage.then(Vec::new);
        Self { reader: Reader::default(), held, long: Documents::default() }
    }

    /// Takes the next bytes, and returns those that go downstream now.
    pub(super) fn push(
        &mut self,
        bytes: Bytes,
        dialect: &mut Dialect,
        account: &mut Account,
    ) -> Bytes {
        let Self { reader, held, long } = self;
        let mut passed = Vec::new();
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let (taken, step) = reader.step(rest);
            let (line, others) = rest.split_at_checked(taken).unwrap_or((rest, &[]));
            rest = others;
            let goes_on = !matches!(step, Step::Open | Step::More);
            let hidden = take(step, long, dialect, account);
            if let Some(held) = held {
                held.extend_from_slice(line);
                if hidden {
                    held.clear();
                } else if goes_on {
                    passed.append(held);
                }
            }
        }
        if held.is_some() { passed.into() } else { bytes }
    }

    /// The stream has ended: what was held back.
    pub(super) fn finish(&mut self, dialect: &mut Dialect, account: &mut Account) -> Bytes {
        let hidden = take(self.reader.finish(), &mut self.long, dialect, account);
        let held = self.held.take().unwrap_or_default();
        if hidden { Bytes::new() } else { held.into() }
    }

    /// How many bytes of an event have come that has not ended, and were not read yet.
    pub(super) fn open_bytes(&self) -> u64 {
        u64::try_from(self.reader.open_bytes()).unwrap_or(u64::MAX)
    }

    /// What has to stand between the bytes that went downstream and the next event.
    pub(super) const fn gap(&self) -> &'static str {
        // What is held back did not go downstream.
        let whole = self.held.is_some() && !self.reader.is_overlong();
        match self.reader.place() {
            Place::InLine if !whole => "\n\n",
            Place::InEvent if !whole => "\n",
            _ => "",
        }
    }
}

/// Whether what the step brought is an event that is there for its usage alone.
fn take(
    step: Step<'_>,
    long: &mut Documents,
    dialect: &mut Dialect,
    account: &mut Account,
) -> bool {
    match step {
        Step::Event(event) => return dialect.take_event(event, account),
        Step::Part(data) => {
            account.show_part(data.len());
            long.read(data, |document| dialect.take_condensed(document, account));
        }
        Step::Overlong => {
            if !std::mem::take(long).is_complete() {
                account.outdate();
            }
        }
        Step::Idle | Step::Open | Step::More => {}
    }
    false
}
