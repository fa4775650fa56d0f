//! Keys that are tried though they have ended, or are none: a key that has leaked shows itself so.

use std::collections::BTreeMap;
use std::ops::Bound;

use crate::domain::alert::{Mark, Marked, Topic, most_within};
use crate::domain::denial::{RULES, Reason};
use crate::domain::ids::KeySeq;
use crate::domain::key::{KeyRecord, Usage};
use crate::domain::status::{Status, status};
use crate::domain::time::{Span, Timestamp};
use crate::ledger::Book;
use crate::store::rows::{DenialCount, RowKey, from_bytes, key_number};
use crate::store::{Rows, Scan, StoreError, Table};

use super::draft::{Draft, called};
use super::levels::intact;
use super::watch::Finding;

const MINUTE: u64 = 60_000;

/// Denials by the minute, in order.
type Counts = Vec<(u64, u64)>;

/// What was tried since `from`, and is not told yet.
pub(super) fn since(
    rows: &dyn Rows,
    book: Book<'_>,
    from: Timestamp,
    now: Timestamp,
    finding: &mut Finding,
) -> Result<(), StoreError> {
    let (mut ended, mut unknown) = (BTreeMap::<KeySeq, Counts>::new(), Counts::new());
    each_denial(rows, from, &mut |minute, key, reason, count| {
        let rule = reason.rule();
        if reason == Reason::KeyUnknown {
            add(&mut unknown, minute, count);
        } else if rule.key_ended && key.0 != 0 {
            add(ended.entry(key).or_default(), minute, count);
        }
    })?;
    let mark = |marked: Marked| intact::<Mark>(rows, book, &marked);
    if let Some(count) = due(Topic::UnknownKey, &unknown, mark(Marked::UnknownKeys)?, now) {
        let text = format!(
            "till: keys that the store does not know were tried {count} times within an hour"
        );
        let draft = Draft::new(Some(Topic::UnknownKey), "key.unknown", text);
        finding.drafts.push(draft.with("count", count));
        finding.told(Marked::UnknownKeys, now);
    }
    for (seq, counts) in ended {
        let marked = Marked::EndedKey(seq);
        let Some(count) = due(Topic::EndedKey, &counts, mark(marked)?, now) else { continue };
        let record = intact::<KeyRecord>(rows, book, &seq)?;
        let Some((record, usage)) = record.zip(intact::<Usage>(rows, book, &seq)?) else {
            continue;
        };
        let killed = rows.get(Table::Kills, &seq.to_key())?.is_some();
        // Where all its activations are in flight it is refused too, and lives.
        let Status::Ended(cause) = status(&record, &usage, killed, now) else { continue };
        let (key, cause) = (called(&record), cause.name());
        let text = format!(
            "till: {key} has ended ({cause}) and was tried {count} times within an hour; it may \
             have leaked"
        );
        let draft = Draft::new(Some(Topic::EndedKey), "key.tried_after_its_end", text);
        finding.drafts.push(draft.about(record).with("count", count).with("ended", cause));
        finding.told(marked, now);
    }
    Ok(())
}

/// How often it happened within the topic's time, where that is often enough and not told yet.
fn due(topic: Topic, counts: &Counts, mark: Option<Mark>, now: Timestamp) -> Option<u64> {
    let row = topic.row();
    let at = mark.map(|mark| mark.at);
    if !topic.is_due(at, now) {
        return None;
    }
    // What was counted in an alert is not counted again, unless the clock went back behind it.
    let told = at.filter(|at| *at <= now).map(minute_of);
    let rest: Counts = counts
        .iter()
        .filter(|(minute, _)| told.is_none_or(|told| *minute > told))
        .copied()
        .collect();
    let minutes = minute_of(Timestamp(row.apart.0)).saturating_add(1);
    let count = most_within(&rest, minutes);
    (count >= row.threshold).then_some(count)
}

fn add(counts: &mut Counts, minute: u64, count: u64) {
    match counts.last_mut() {
        Some((last, sum)) if *last == minute => *sum = sum.saturating_add(count),
        _ => counts.push((minute, count)),
    }
}

fn minute_of(at: Timestamp) -> u64 {
    at.0.checked_div(MINUTE).unwrap_or_default()
}

fn each_denial(
    rows: &dyn Rows,
    from: Timestamp,
    each: &mut dyn FnMut(u64, KeySeq, Reason, u64),
) -> Result<(), StoreError> {
    let from = minute_of(from).to_key();
    rows.scan(Table::Denials, Bound::Included(&from), Bound::Unbounded, &mut |key, bytes| {
        // A row that is not what a writer made is nobody's denial.
        let parts = (key_number(key, 0), key_number(key, 1), key_number(key, 2));
        if let (Ok(minute), Ok(seq), Ok(number)) = parts
            && let Some(rule) = RULES.iter().find(|rule| u64::from(rule.number) == number)
            && let Ok(count) = from_bytes::<DenialCount>(bytes)
        {
            each(minute, KeySeq(seq), rule.reason, count.0);
        }
        Ok(Scan::Continue)
    })
}

/// How far back the first look goes: what was denied before a stop of all proxies is told after it.
pub(super) const FIRST_LOOK: Span = Span::minutes(24 * 60);
/// How far back each look goes after it.
pub(super) const NEXT_LOOKS: Span = Span::minutes(60);
