//! How far limits are used: of the keys and master keys that events have touched.

use std::collections::BTreeSet;

use crate::domain::alert::{Mark, Marked, Topic, level};
use crate::domain::cost::Measure;
use crate::domain::ids::{KeySeq, MasterId};
use crate::domain::key::{EndCause, KeyRecord, Usage};
use crate::domain::master::Master;
use crate::domain::master_usage::{MasterCap, MasterUsage};
use crate::domain::time::Timestamp;
use crate::ledger::Book;
use crate::store::rows::{Row, RowKey};
use crate::store::{Rows, StoreError};

use super::draft::{Draft, called, figure};
use super::watch::Finding;

/// A row as far as it can be believed.
pub(super) fn intact<R: Row>(
    rows: &dyn Rows,
    book: Book<'_>,
    key: &impl RowKey,
) -> Result<Option<R>, StoreError> {
    match book.get(rows, key) {
        Err(StoreError::Damaged(_) | StoreError::Forged(_)) => Ok(None),
        row => row,
    }
}

/// The levels that these keys have reached since they were last told.
pub(super) fn of_keys(
    rows: &dyn Rows,
    book: Book<'_>,
    keys: &BTreeSet<KeySeq>,
    finding: &mut Finding,
) -> Result<(), StoreError> {
    for seq in keys {
        let record = intact::<KeyRecord>(rows, book, seq)?;
        let Some((record, usage)) = record.zip(intact::<Usage>(rows, book, seq)?) else { continue };
        let activations = record.limits.activations.map(|limit| (None, usage.used, limit));
        let caps = usage.gauges(&record.limits);
        let caps = caps.map(|gauge| (Some(gauge.measure), gauge.used, gauge.limit));
        for (measure, used, limit) in activations.into_iter().chain(caps) {
            let reached = reached(&usage, measure, used, limit);
            let marked = Marked::Limit(*seq, measure);
            let known = intact::<Mark>(rows, book, &marked)?.unwrap_or_default();
            let Some((told, mark)) = known.at_level(reached, limit, Timestamp(0)) else { continue };
            finding.marks.push((marked, mark));
            if told {
                finding.drafts.push(limit_draft(&record, &usage, (measure, used, limit), reached));
            }
        }
    }
    Ok(())
}

/// The level of a limit. One that has ended the key is reached, though a rest may be left of it
/// that pays for no request.
fn reached(usage: &Usage, measure: Option<Measure>, used: u64, limit: u64) -> u64 {
    let cause = measure.map_or(EndCause::Activations, EndCause::of);
    let ended = usage.ended.is_some_and(|ended| ended.cause == cause);
    match level(used, limit) {
        1.. if ended => 100,
        level => level,
    }
}

fn limit_draft(
    record: &KeyRecord,
    usage: &Usage,
    (measure, used, limit): (Option<Measure>, u64, u64),
    percent: u64,
) -> Draft {
    let words = |amount| measure.map_or_else(|| amount_of(amount), |one| one.words(amount));
    let mut text = format!(
        "till: {} has used {percent} % of its limit: {} of {}",
        called(record),
        words(used),
        words(limit)
    );
    match (usage.ended, record.limits.expires_at) {
        (Some(_), _) => text.push_str("; it has ended"),
        (None, Some(end)) => text = format!("{text}; it ends at {}", end.to_rfc3339()),
        (None, None) => {}
    }
    Draft::new(Some(Topic::Limit), "limit.reached", text)
        .about(record.clone())
        .with("limit", measure.map_or("activations", Measure::name))
        .with("percent", percent)
        .with("used", figure(measure, used))
        .with("of", figure(measure, limit))
        .with("ended", usage.ended.is_some())
}

fn amount_of(activations: u64) -> String {
    format!("{activations} activations")
}

/// The levels that caps on these master keys have reached since they were last told.
pub(super) fn of_masters(
    rows: &dyn Rows,
    book: Book<'_>,
    masters: &BTreeSet<MasterId>,
    now: Timestamp,
    finding: &mut Finding,
) -> Result<(), StoreError> {
    for id in masters {
        let Some(usage) = intact::<MasterUsage>(rows, book, id)? else { continue };
        let caps = usage.at(now).caps;
        if caps.is_empty() {
            continue;
        }
        let Some(master) = intact::<Master>(rows, book, id)? else { continue };
        for cap in caps {
            let marked = Marked::Cap(*id, cap.measure, cap.window);
            let known = intact::<Mark>(rows, book, &marked)?.unwrap_or_default();
            let reached = level(cap.used, cap.limit);
            let Some((told, mark)) = known.at_level(reached, cap.limit, cap.since) else {
                continue;
            };
            finding.marks.push((marked, mark));
            if told {
                finding.drafts.push(cap_draft(&master, &cap, reached));
            }
        }
    }
    Ok(())
}

fn cap_draft(master: &Master, cap: &MasterCap, percent: u64) -> Draft {
    let used = cap.measure.words(cap.used);
    let text = format!(
        "till: the master key {} has used {percent} % of a cap: {used} of {cap}",
        master.name
    );
    Draft::new(Some(Topic::Limit), "cap.reached", text)
        .with("master", master.name.clone())
        .with("provider", master.provider.clone())
        .with("limit", cap.measure.name())
        .with("window", cap.window.map(crate::domain::rate::Period::letter))
        .with("percent", percent)
        .with("used", figure(Some(cap.measure), cap.used))
        .with("of", figure(Some(cap.measure), cap.limit))
}
