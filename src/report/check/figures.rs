//! What is set aside: by requests in flight, by child keys, of totals and caps, each added up anew.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::cost::Cost;
use crate::domain::delegation::MAX_GENERATIONS;
use crate::domain::hold::Hold;
use crate::domain::ids::{KeySeq, MasterId, MinterId};
use crate::domain::key::{KeyRecord, Usage};
use crate::domain::master::Brought;
use crate::domain::master_usage::MasterUsage;
use crate::domain::share::Share;
use crate::domain::time::Timestamp;
use crate::domain::totals::MinterUsage;
use crate::store::{StoreError, Table};

use super::finding::{Found, Remedy};
use super::layout::shown;
use super::look::{Look, key_at, number};

/// What the keys below one come to.
#[derive(Default)]
struct Below {
    lent: Share,
    in_flight: u64,
    living: u64,
}

/// The sums.
#[derive(Default)]
struct Sums {
    /// Of each key: its requests in flight, and the most that they may cost.
    held: BTreeMap<KeySeq, (u64, Cost)>,
    /// Of each master key: when each was admitted, and what it may cost.
    of_masters: BTreeMap<MasterId, Vec<(Timestamp, Cost)>>,
    below: BTreeMap<KeySeq, Below>,
    of_minters: BTreeMap<MinterId, u64>,
    brought: BTreeSet<MasterId>,
    of_brought: BTreeMap<MasterId, u64>,
}

/// Adds everything up, and holds the rows against it.
pub(super) fn check(look: &Look<'_>, found: &mut Found) -> Result<(), StoreError> {
    let mut sums = Sums::default();
    look.each(found, Table::Holds, "requests in flight", &mut |_, key, bytes| {
        if let Ok(hold) = look.book().read::<Hold>(key, bytes) {
            let (count, cost) = sums.held.entry(hold.key).or_default();
            *count = count.saturating_add(1);
            *cost = cost.plus(hold.cost);
            sums.of_masters.entry(hold.master).or_default().push((hold.admitted_at, hold.cost));
        }
        Ok(())
    })?;
    look.each(found, Table::Brought, "master keys", &mut |_, key, _| {
        sums.brought.extend(number(key, 0).map(MasterId));
        Ok(())
    })?;
    look.each(found, Table::Keys, "what keys hold", &mut |_, key, bytes| {
        let Ok(record) = look.book().read::<KeyRecord>(key, bytes) else { return Ok(()) };
        let usage = look.seen::<Usage>(&record.seq)?.row();
        usage.map_or(Ok(()), |usage| add(look, &mut sums, &record, &usage))
    })?;
    look.each(found, Table::Usage, "what keys hold", &mut |found, key, bytes| {
        let usage = look.book().read::<Usage>(key, bytes);
        if let (Some(seq), Ok(usage)) = (key_at(key, 0), usage) {
            of_key(&sums, seq, &usage, found);
        }
        Ok(())
    })?;
    look.each(found, Table::MinterUsage, "minters", &mut |found, key, bytes| {
        let usage = look.book().read::<MinterUsage>(key, bytes);
        if let (Some(id), Ok(usage)) = (number(key, 0).map(MinterId), usage) {
            let live = sums.of_minters.get(&id).copied().unwrap_or_default();
            differs(found, Table::MinterUsage, key, "live keys", (usage.live_keys, live));
        }
        Ok(())
    })?;
    look.each(found, Table::Brought, "master keys", &mut |found, key, bytes| {
        let row = look.book().read::<Brought>(key, bytes);
        if let (Some(id), Ok(row)) = (number(key, 0).map(MasterId), row) {
            let live = sums.of_brought.get(&id).copied().unwrap_or_default();
            differs(found, Table::Brought, key, "live keys", (row.live_keys, live));
        }
        Ok(())
    })?;
    look.each(found, Table::MasterUsage, "master keys", &mut |found, key, bytes| {
        let usage = look.book().read::<MasterUsage>(key, bytes);
        let (Some(id), Ok(usage)) = (number(key, 0).map(MasterId), usage) else { return Ok(()) };
        let holds = sums.of_masters.get(&id);
        for cap in &usage.caps {
            let holds = holds.into_iter().flatten().filter(|(at, _)| *at >= cap.since);
            let held =
                holds.fold(0, |sum: u64, (_, cost)| sum.saturating_add(cap.measure.of(cost)));
            differs(found, Table::MasterUsage, key, cap.measure.name(), (cap.held, held));
        }
        Ok(())
    })
}

/// Adds one key to the sums of those above it, of its minter, and of what it opens.
fn add(
    look: &Look<'_>,
    sums: &mut Sums,
    record: &KeyRecord,
    usage: &Usage,
) -> Result<(), StoreError> {
    let lives = usage.ended.is_none();
    if lives {
        let one = |count: &mut u64| *count = count.saturating_add(1);
        if let Some(minter) = record.minter {
            one(sums.of_minters.entry(minter).or_default());
        }
        for (master, _) in &record.masters {
            if sums.brought.contains(master) {
                one(sums.of_brought.entry(*master).or_default());
            }
        }
    }
    if let (Some(parent), Some(carved)) = (record.parent, usage.carved) {
        let of_parent = sums.below.entry(parent).or_default();
        of_parent.lent = of_parent.lent.plus(carved);
    }
    if !lives && usage.held == 0 {
        return Ok(());
    }
    let mut above = record.parent;
    for _ in 0..MAX_GENERATIONS {
        let Some(seq) = above else { break };
        let below = sums.below.entry(seq).or_default();
        below.in_flight = below.in_flight.saturating_add(usage.held);
        below.living = below.living.saturating_add(u64::from(lives));
        above = look.seen::<KeyRecord>(&seq)?.row().and_then(|record| record.parent);
    }
    Ok(())
}

fn of_key(sums: &Sums, seq: KeySeq, usage: &Usage, found: &mut Found) {
    let (held, cost) = sums.held.get(&seq).copied().unwrap_or_default();
    let none = Below::default();
    let below = sums.below.get(&seq).unwrap_or(&none);
    let key = seq.0.to_be_bytes();
    let pairs = [
        ("requests in flight", (usage.held, held)),
        ("requests in flight below it", (usage.below, below.in_flight)),
        ("live keys below it", (usage.descendants, below.living)),
    ];
    for (of, pair) in pairs {
        differs(found, Table::Usage, &key, of, pair);
    }
    if usage.cost_held != cost {
        let what = "what it holds is not what its requests in flight may cost";
        found.add(Table::Usage, &shown(Table::Usage, &key), what, Remedy::Restore);
    }
    if usage.lent != below.lent {
        let what = "what it has lent is not what its child keys have of it";
        found.add(Table::Usage, &shown(Table::Usage, &key), what, Remedy::Restore);
    }
}

/// Finds a figure that is not what the other rows say.
fn differs(found: &mut Found, table: Table, key: &[u8], of: &str, (says, is): (u64, u64)) {
    if says != is {
        let what = format!("{of}: it says {says}, the rows say {is}; one of them went back");
        found.add(table, &shown(table, key), what, Remedy::Restore);
    }
}
