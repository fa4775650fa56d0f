//! Reading the log, a page at a time, so that a long one needs little memory and holds no
//! transaction open for long.

use std::collections::VecDeque;
use std::ops::Bound;

use crate::domain::denial::{RULES, Reason};
use crate::domain::event::Event;
use crate::domain::ids::{EventSeq, KeySeq};
use crate::domain::retention::{Dropped, Retention};
use crate::domain::time::Timestamp;
use crate::ledger::{Book, number_of};
use crate::store::rows::{
    DROPPED_KEY, DenialCount, RETENTION_KEY, RowKey, STATE_KEY, State, from_bytes, key_number,
};
use crate::store::{Rows, Scan, StoreError, Table};

use super::entry::{Entry, What};
use super::filter::Filter;
use super::names::Names;

/// Events that one page looks at.
const PAGE: u64 = 4_096;
const MINUTE: u64 = 60_000;
/// Bytes of the link at the end of an event's row.
const LINK: usize = 32;

/// Where the log begins and ends, as the state row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The oldest event that is kept.
    pub first: EventSeq,
    /// The next event's number: the store's generation.
    pub next: EventSeq,
}

/// Some lines of the log.
#[derive(Debug)]
pub struct Page {
    /// Those that are wanted, oldest first.
    pub entries: Vec<Entry>,
    /// Where the next page begins.
    pub next: EventSeq,
    /// Whether the log ends here.
    pub is_last: bool,
    /// How many events that should have been in it were dropped before.
    pub missed: u64,
}

/// Where the log begins and ends.
///
/// # Errors
/// Where the storage fails, or there is no state row.
pub fn head(rows: &dyn Rows) -> Result<Head, StoreError> {
    let state = Book::unverified().get::<State>(rows, STATE_KEY)?;
    let state = state.ok_or_else(|| StoreError::Damaged("it has no state row".into()))?;
    Ok(Head { first: state.first_event, next: state.next_event })
}

/// How much of the log is kept.
///
/// # Errors
/// Where the storage fails, or, with a verifying book, the row is not as it was written.
pub fn retention(rows: &dyn Rows, book: Book<'_>) -> Result<Retention, StoreError> {
    Ok(book.get(rows, RETENTION_KEY)?.unwrap_or_default())
}

/// What is known of the events that were dropped.
///
/// # Errors
/// Where the storage fails, or, with a verifying book, the row is not as it was written.
pub fn dropped(rows: &dyn Rows, book: Book<'_>) -> Result<Option<Dropped>, StoreError> {
    book.get(rows, DROPPED_KEY)
}

/// The events from `from` on, as many as a page holds.
///
/// # Errors
/// Where the storage fails.
pub fn page(rows: &dyn Rows, filter: &Filter, from: EventSeq) -> Result<Page, StoreError> {
    let head = head(rows)?;
    let start = from.max(head.first);
    let end = EventSeq(start.0.saturating_add(PAGE).min(head.next.0));
    let mut names = Names::default();
    let mut entries = Vec::new();
    if start < end {
        each_event(rows, start, end, &mut |what| {
            if let Some(entry) = wanted(rows, &mut names, filter, what)? {
                entries.push(entry);
            }
            Ok(())
        })?;
    }
    Ok(Page {
        entries,
        next: end.max(start.min(head.next)),
        is_last: end >= head.next,
        missed: head.first.0.saturating_sub(from.0),
    })
}

/// The last lines of the log that are wanted, at most `count` events, oldest first; and where it
/// goes on.
///
/// # Errors
/// Where the storage fails.
pub fn last(rows: &dyn Rows, filter: &Filter, count: usize) -> Result<Page, StoreError> {
    let head = head(rows)?;
    let mut kept: VecDeque<What> = VecDeque::new();
    let mut names = Names::default();
    let few = u64::try_from(count).unwrap_or(u64::MAX);
    let start = if filter.is_open() { head.next.0.saturating_sub(few) } else { 0 };
    let start = EventSeq(start).max(head.first);
    if count > 0 && start < head.next {
        each_event(rows, start, head.next, &mut |what| {
            let is_wanted = match &what {
                What::Event(_, event) => {
                    filter.wants(event)
                        && (filter.provider.is_none()
                            || filter.wants_provider(names.provider(rows, event)?.as_deref()))
                }
                _ => filter.is_open(),
            };
            if is_wanted {
                if kept.len() >= count {
                    kept.pop_front();
                }
                kept.push_back(what);
            }
            Ok(())
        })?;
    }
    let entries = kept.into_iter().map(|what| names.entry(rows, what));
    let entries = entries.collect::<Result<Vec<_>, _>>()?;
    Ok(Page { entries, next: head.next, is_last: true, missed: 0 })
}

/// The denials that are wanted, from the minute on that `from` lies in, oldest first.
///
/// # Errors
/// Where the storage fails.
pub fn denials(
    rows: &dyn Rows,
    filter: &Filter,
    from: Timestamp,
) -> Result<Vec<Entry>, StoreError> {
    let mut found = Vec::new();
    if !filter.wants_denials() {
        return Ok(found);
    }
    let mut names = Names::default();
    let from = from.max(filter.since.unwrap_or_default());
    let minute = from.0.checked_div(MINUTE).unwrap_or_default().to_key();
    rows.scan(Table::Denials, Bound::Included(&minute), Bound::Unbounded, &mut |key, bytes| {
        // A row that is not what a writer made is nobody's denial.
        let parts = (key_number(key, 0), key_number(key, 1), key_number(key, 2));
        let (Ok(minute), Ok(seq), Ok(number)) = parts else { return Ok(Scan::Continue) };
        let (Some(reason), Ok(count)) = (reason(number), from_bytes::<DenialCount>(bytes)) else {
            return Ok(Scan::Continue);
        };
        let at = Timestamp(minute.saturating_mul(MINUTE));
        let key = Some(KeySeq(seq)).filter(|key| key.0 != 0);
        if filter.wants_denial(at, key) {
            let what = What::Denied { key, reason, count: count.0 };
            found.push(Entry { at, ..names.entry(rows, what)? });
        }
        Ok(Scan::Continue)
    })?;
    Ok(found)
}

fn reason(number: u64) -> Option<Reason> {
    RULES.iter().find(|rule| u64::from(rule.number) == number).map(|rule| rule.reason)
}

fn wanted(
    rows: &dyn Rows,
    names: &mut Names,
    filter: &Filter,
    what: What,
) -> Result<Option<Entry>, StoreError> {
    let is_wanted = match &what {
        What::Event(_, event) => filter.wants(event),
        What::Unreadable(_) | What::Denied { .. } => filter.is_open(),
    };
    if !is_wanted {
        return Ok(None);
    }
    let entry = names.entry(rows, what)?;
    Ok(filter.wants_provider(entry.provider.as_deref()).then_some(entry))
}

fn each_event(
    rows: &dyn Rows,
    from: EventSeq,
    to: EventSeq,
    each: &mut dyn FnMut(What) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let (from, to) = (from.to_key(), to.to_key());
    let (from, to) = (Bound::Included(&*from), Bound::Excluded(&*to));
    rows.scan(Table::Events, from, to, &mut |key, bytes| {
        let seq = EventSeq(number_of(key)?);
        let event = bytes.split_last_chunk::<LINK>().map(|(event, _)| from_bytes::<Event>(event));
        each(match event {
            Some(Ok(event)) => What::Event(seq, event),
            _ => What::Unreadable(seq),
        })?;
        Ok(Scan::Continue)
    })
}
