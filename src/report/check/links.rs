//! The rows against each other: what leads to what, both ways.

use crate::domain::delegation::MAX_GENERATIONS;
use crate::domain::hold::{Hold, Instance};
use crate::domain::ids::{InstanceId, KeySeq, MasterId, MinterId};
use crate::domain::key::{KeyRecord, Usage};
use crate::domain::master::{Brought, Master};
use crate::domain::master_usage::MasterUsage;
use crate::domain::minter::{Minter, Proof};
use crate::ledger::scan_prefix;
use crate::store::rows::{HEADER_KEY, RowKey, STATE_KEY, State};
use crate::store::{Scan, StoreError, Table};

use super::finding::{Found, Remedy};
use super::layout::shown;
use super::look::{Look, Seen, key_at, number};

/// Checks every reference.
pub(super) fn check(look: &Look<'_>, found: &mut Found) -> Result<(), StoreError> {
    for name in [HEADER_KEY, STATE_KEY] {
        if !look.has(Table::Meta, name)? {
            found.add(Table::Meta, name, "it is missing", Remedy::Restore);
        }
    }
    let next_key = look.seen::<State>(STATE_KEY)?.row().map_or(u64::MAX, |state| state.next_key);
    look.each(found, Table::Keys, "keys", &mut |found, key, _| {
        let Some(seq) = key_at(key, 0) else { return Ok(()) };
        if seq.0 >= next_key {
            let what = "the state row says that no key has this number yet: one of them went back";
            found.add(Table::Keys, &seq.to_string(), what, Remedy::Restore);
        }
        match look.seen::<KeyRecord>(&seq)? {
            Seen::Row(record) => of_key(look, found, &record),
            Seen::Spoilt | Seen::Missing => Ok(()),
        }
    })?;
    to_keys(look, found)?;
    of_requests(look, found)?;
    of_masters(look, found)?;
    of_minters(look, found)
}

fn of_key(look: &Look<'_>, found: &mut Found, record: &KeyRecord) -> Result<(), StoreError> {
    let seq = record.seq;
    let row = format!("{seq} ({})", record.id);
    let leads = |table, key: &[u8]| -> Result<bool, StoreError> {
        Ok(look.rows.get(table, key)?.as_deref() == Some(&seq.to_key()))
    };
    if !leads(Table::KeyIndex, &record.lookup)? {
        found.add(Table::Keys, &row, "no index leads to it: it is refused", Remedy::Key);
    }
    if !leads(Table::KeyIds, record.id.as_bytes())? {
        found.add(Table::Keys, &row, "its public id leads elsewhere", Remedy::Restore);
    }
    let usage = match look.seen::<Usage>(&seq)? {
        Seen::Row(usage) => usage,
        Seen::Spoilt => return Ok(()),
        Seen::Missing => {
            found.add(Table::Usage, &row, "it is missing: the key is refused", Remedy::Restore);
            return Ok(());
        }
    };
    if usage.record != record.revision {
        let what = format!(
            "it is of revision {}, and its key's record has revision {}: one of them went back",
            usage.record, record.revision
        );
        found.add(Table::Usage, &row, what, Remedy::Restore);
    }
    if usage.ended.is_some() {
        return ended(look, found, record, &row);
    }
    if let Some(end) = record.limits.expires_at
        && !look.has(Table::Expiries, &(end, seq))?
    {
        found.add(Table::Expiries, &row, "nothing says when it expires", Remedy::Restore);
    }
    if let Some(parent) = record.parent {
        if !look.has(Table::Children, &(parent, seq))? {
            found.add(Table::Children, &row, "its parent does not know it", Remedy::Key);
        }
        if look.seen::<Usage>(&parent)?.row().is_some_and(|parent| parent.ended.is_some()) {
            let what = format!("it lives, and key {parent}, of which it was made, has ended");
            found.add(Table::Usage, &row, what, Remedy::Key);
        }
    }
    let stopped = is_stopped(look, record)?;
    for (master, provider) in &record.masters {
        if !look.has(Table::Masters, master)? {
            let what = format!("the master key {master} ({provider}) that it opens is missing");
            found.add(Table::Keys, &row, what, Remedy::Restore);
        } else if !stopped && !look.has(Table::Grants, &(seq, *master))? {
            let what = format!("what opens the master key {master} ({provider}) is missing");
            found.add(Table::Grants, &row, what, Remedy::Key);
        }
    }
    Ok(())
}

/// Of a key that has ended nothing may be left that opens a master key.
fn ended(
    look: &Look<'_>,
    found: &mut Found,
    record: &KeyRecord,
    row: &str,
) -> Result<(), StoreError> {
    let mut left = false;
    scan_prefix(look.rows, Table::Grants, &record.seq.to_key(), &mut |_, _| {
        left = true;
        Ok(Scan::Stop)
    })?;
    if left {
        let what = "the key has ended, and a grant of it was put back";
        found.add(Table::Grants, row, what, Remedy::Evidence);
    }
    Ok(())
}

/// Whether a kill row stands against the key, or one above it: its grants are erased then.
fn is_stopped(look: &Look<'_>, record: &KeyRecord) -> Result<bool, StoreError> {
    let mut next = Some(record.seq);
    let mut parent = record.parent;
    for _ in 0..=MAX_GENERATIONS {
        let Some(seq) = next else { break };
        if look.has(Table::Kills, &seq)? {
            return Ok(true);
        }
        next = parent;
        parent = match parent {
            Some(above) => look.seen::<KeyRecord>(&above)?.row().and_then(|it| it.parent),
            None => None,
        };
    }
    Ok(false)
}

/// What leads to a key.
fn to_keys(look: &Look<'_>, found: &mut Found) -> Result<(), StoreError> {
    let rules: [(Table, Remedy, Leads); 7] = [
        (Table::KeyIndex, Remedy::Evidence, |_, key, row| (number(row, 0), key.to_vec())),
        (Table::KeyIds, Remedy::Restore, |_, key, row| (number(row, 0), key.to_vec())),
        (Table::Usage, Remedy::Restore, |_, key, _| (number(key, 0), Vec::new())),
        (Table::Kills, Remedy::Evidence, |_, key, _| (number(key, 0), Vec::new())),
        (Table::Grants, Remedy::Evidence, |_, key, _| (number(key, 0), key.to_vec())),
        (Table::Expiries, Remedy::Evidence, |_, key, _| (number(key, 1), key.to_vec())),
        (Table::Children, Remedy::Evidence, |_, key, _| (number(key, 1), key.to_vec())),
    ];
    for (table, remedy, leads) in rules {
        look.each(found, table, "references", &mut |found, key, row| {
            let (Some(seq), part) = leads(look, key, row) else { return Ok(()) };
            let fits = match look.seen::<KeyRecord>(&KeySeq(seq))? {
                Seen::Row(record) => fits(table, &record, &part),
                Seen::Spoilt => true,
                Seen::Missing => false,
            };
            if !fits {
                let what = format!("it leads to key {seq}, which knows nothing of it");
                found.add(table, &shown(table, key), what, remedy);
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// The key that a row leads to, and what its record must know.
type Leads = fn(&Look<'_>, &[u8], &[u8]) -> (Option<u64>, Vec<u8>);

fn fits(table: Table, record: &KeyRecord, key: &[u8]) -> bool {
    match table {
        Table::KeyIndex => record.lookup[..] == *key,
        Table::KeyIds => record.id.as_bytes() == key,
        Table::Grants => record.masters.iter().any(|(id, _)| Some(id.0) == number(key, 1)),
        Table::Expiries => record.limits.expires_at.map(|end| end.0) == number(key, 0),
        Table::Children => record.parent.map(|parent| parent.0) == number(key, 0),
        _ => true,
    }
}

/// Requests in flight, and the processes that they are of.
fn of_requests(look: &Look<'_>, found: &mut Found) -> Result<(), StoreError> {
    look.each(found, Table::Holds, "requests in flight", &mut |found, key, bytes| {
        let Ok(hold) = look.book().read::<Hold>(key, bytes) else { return Ok(()) };
        let row = shown(Table::Holds, key);
        if !look.has(Table::Keys, &hold.key)? {
            found.add(Table::Holds, &row, "its key is missing", Remedy::Restore);
        }
        let Some(instance) = number(key, 0) else { return Ok(()) };
        if !look.has(Table::Instances, &InstanceId(instance))? {
            let what = "its process is missing: nobody will settle it";
            found.add(Table::Holds, &row, what, Remedy::Restore);
        }
        Ok(())
    })?;
    look.each(found, Table::Instances, "processes", &mut |found, key, bytes| {
        let Ok(instance) = look.book().read::<Instance>(key, bytes) else { return Ok(()) };
        for seq in &instance.keys {
            let record = look.seen::<KeyRecord>(seq)?.row();
            if record.is_some_and(|record| record.ends_with != Some(instance.id)) {
                let what = format!("key {seq} is to end with it, and does not know it");
                found.add(Table::Instances, &shown(Table::Instances, key), what, Remedy::Restore);
            }
        }
        Ok(())
    })
}

fn of_masters(look: &Look<'_>, found: &mut Found) -> Result<(), StoreError> {
    look.each(found, Table::Masters, "master keys", &mut |found, key, _| {
        let Some(id) = number(key, 0).map(MasterId) else { return Ok(()) };
        if look.seen::<MasterUsage>(&id)?.is_missing() {
            let what = "it is missing: requests with the master key are refused";
            found.add(Table::MasterUsage, &id.to_string(), what, Remedy::Restore);
        }
        Ok(())
    })?;
    look.each(found, Table::MasterUsage, "master keys", &mut |found, key, _| {
        let Some(id) = number(key, 0).map(MasterId) else { return Ok(()) };
        if look.seen::<Master>(&id)?.is_missing() {
            let what = "its master key is missing";
            found.add(Table::MasterUsage, &id.to_string(), what, Remedy::Restore);
        }
        Ok(())
    })?;
    look.each(found, Table::Brought, "master keys", &mut |found, key, bytes| {
        let Some(id) = number(key, 0).map(MasterId) else { return Ok(()) };
        let Ok(row) = look.book().read::<Brought>(key, bytes) else { return Ok(()) };
        let leads = look.rows.get(Table::BroughtIndex, &row.digest)?;
        if !look.has(Table::Masters, &id)? || leads.as_deref() != Some(&id.to_key()) {
            let what = "its master key or its index is missing";
            found.add(Table::Brought, &id.to_string(), what, Remedy::Restore);
        }
        Ok(())
    })?;
    look.each(found, Table::BroughtIndex, "master keys", &mut |found, key, bytes| {
        let Some(id) = number(bytes, 0).map(MasterId) else { return Ok(()) };
        let fits = match look.seen::<Brought>(&id)? {
            Seen::Row(row) => row.digest[..] == *key,
            Seen::Spoilt => true,
            Seen::Missing => false,
        };
        if !fits {
            let what = format!("it leads to the master key {id}, which knows nothing of it");
            found.add(
                Table::BroughtIndex,
                &shown(Table::BroughtIndex, key),
                what,
                Remedy::Evidence,
            );
        }
        Ok(())
    })
}

fn of_minters(look: &Look<'_>, found: &mut Found) -> Result<(), StoreError> {
    look.each(found, Table::Minters, "minters", &mut |found, key, bytes| {
        let Ok(minter) = look.book().read::<Minter>(key, bytes) else { return Ok(()) };
        let row = format!("{} (`{}`)", minter.id, minter.name);
        if let Proof::Token { lookup } = &minter.proof {
            let leads = look.rows.get(Table::MinterIndex, lookup)?;
            if leads.as_deref() != Some(&minter.id.to_key()) {
                let what = "no index leads to it: its admin token is refused";
                found.add(Table::Minters, &row, what, Remedy::Restore);
            }
        }
        if !look.has(Table::MinterUsage, &minter.id)? {
            found.add(Table::MinterUsage, &row, "it is missing", Remedy::Restore);
        }
        Ok(())
    })?;
    look.each(found, Table::MinterIndex, "minters", &mut |found, key, bytes| {
        let Some(id) = number(bytes, 0).map(MinterId) else { return Ok(()) };
        let fits = match look.seen::<Minter>(&id)? {
            Seen::Row(Minter { proof: Proof::Token { lookup }, .. }) => lookup[..] == *key,
            Seen::Spoilt => true,
            Seen::Row(_) | Seen::Missing => false,
        };
        if !fits {
            let what = format!("it leads to {id}, which knows nothing of it");
            found.add(Table::MinterIndex, &shown(Table::MinterIndex, key), what, Remedy::Evidence);
        }
        Ok(())
    })?;
    look.each(found, Table::MinterKeys, "minters", &mut |found, key, _| {
        let (Some(minter), Some(seq)) = (number(key, 0), key_at(key, 1)) else { return Ok(()) };
        let fits = match look.seen::<KeyRecord>(&seq)? {
            Seen::Row(record) => record.minter == Some(MinterId(minter)),
            Seen::Spoilt => true,
            Seen::Missing => false,
        };
        if !fits {
            let what = format!("key {seq} was not minted by {minter}");
            found.add(Table::MinterKeys, &shown(Table::MinterKeys, key), what, Remedy::Evidence);
        }
        Ok(())
    })
}
