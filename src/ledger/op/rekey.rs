//! `rekey`: a new root key. Everything is sealed and signed anew, and every proxy key ends.

use std::collections::HashMap;

use crate::domain::clock::Reading;
use crate::domain::cost::Cost;
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{EventSeq, InstanceId, KeySeq, Revision};
use crate::domain::key::{EndCause, KeyRecord, Usage};
use crate::domain::master::Master;
use crate::domain::master_usage::MasterUsage;
use crate::domain::provider_row::ProviderRow;
use crate::domain::retention::{Dropped, Retention};
use crate::domain::rollup::Rollup;
use crate::domain::share::Share;
use crate::domain::slot::Slot;
use crate::domain::spike::Unusual;
use crate::domain::time::Timestamp;
use crate::store::rows::{
    DROPPED_KEY, HEADER_KEY, Header, RETENTION_KEY, Row, RowKey, STATE_KEY, State, UNLOCKS_KEY,
    to_bytes,
};
use crate::store::{RowsMut, Scan, StoreError, Table};
use crate::vault::{MasterContext, OperatorKeys, ProxyKeys};
use crate::vault::{open_data_key, open_secret, seal_new};

use super::super::book::Book;
use super::super::error::{LedgerError, Refusal, tolerating_damage};
use super::super::format::header;
use super::super::session::{number_of, scan_prefix};
use super::mint_as::refuse_used_by;
use super::rekey_alerts::reseal_alerts;
use super::rekey_minters::{end_for_minter, erase_brought, resign_minters};

/// Puts a store under another root key.
pub struct Rekey<'a> {
    /// The keys until now.
    pub old: &'a OperatorKeys,
    /// The keys from now on.
    pub new: &'a OperatorKeys,
    /// The only slot there will be: it wraps the new root.
    pub slot: &'a Slot,
    /// Both clocks.
    pub reading: Reading,
    /// Whether a process lives that has entered the store.
    pub is_alive: &'a dyn Fn(InstanceId) -> bool,
    /// Told after every table, with its name.
    pub progress: &'a dyn Fn(&str),
}

impl std::fmt::Debug for Rekey<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rekey").field("slot", &self.slot.id).finish_non_exhaustive()
    }
}

impl Rekey<'_> {
    /// Rewrites every row inside the transaction that `rows` belongs to. Answers with how many
    /// keys ended, and the store's generation after it.
    ///
    /// # Errors
    /// Where the storage fails, or a row is not as it was written: then nothing is changed.
    pub fn apply(&self, rows: &mut dyn RowsMut) -> Result<(u64, u64), LedgerError> {
        let old = Book::verified(self.old.proxy.row_mac());
        let new = Book::verified(self.new.proxy.row_mac());
        let header: Header = header(rows)?;
        self.refuse_beside_proxies(rows)?;
        let mut state = old
            .get::<State>(rows, STATE_KEY)?
            .ok_or_else(|| StoreError::Damaged("it has no state row".into()))?;
        state.clock.wall = state.clock.wall.max(self.reading.wall);
        new.put(rows, HEADER_KEY, &header)?;
        erase_brought(rows, self.old)?;
        self.reseal_masters(rows, &header)?;
        for (key, mut usage) in signed::<MasterUsage>(old, rows)? {
            for cap in &mut usage.caps {
                cap.used = cap.used.saturating_add(cap.held);
                cap.held = 0;
            }
            usage.revision = usage.revision.next();
            new.put(rows, &RawKey(key), &usage)?;
        }
        (self.progress)(Table::Masters.name());
        for (key, row) in signed::<ProviderRow>(old, rows)? {
            new.put(rows, &RawKey(key), &row)?;
        }
        resign_minters(rows, self.old, self.new)?;
        reseal_alerts(rows, header.store, self.old, self.new)?;
        let ended = self.end_keys(rows, state.clock.wall)?;
        (self.progress)(Table::Keys.name());
        for table in [
            Table::Slots,
            Table::Brought,
            Table::BroughtIndex,
            Table::MinterIndex,
            Table::UsedTokens,
            Table::KeyIndex,
            Table::Grants,
            Table::Kills,
            Table::Expiries,
            Table::Children,
            Table::Instances,
            Table::Holds,
            // Of keys that have ended.
            Table::Addresses,
        ] {
            clear(rows, table)?;
        }
        refuse_used_by(rows, state.clock.wall)?;
        new.put(rows, &self.slot.id, self.slot)?;
        self.resign_log(rows)?;
        resign::<Rollup>(rows, old, new)?;
        resign::<Unusual>(rows, old, new)?;
        relink(rows, &self.old.proxy, &self.new.proxy, &mut state)?;
        (self.progress)(Table::Events.name());
        append(rows, &self.new.proxy, &mut state, ended)?;
        new.put(rows, STATE_KEY, &state)?;
        Ok((ended, state.next_event.0))
    }

    /// What is kept of the log, and what is known of the rest. The slots of unlocks are gone.
    fn resign_log(&self, rows: &mut dyn RowsMut) -> Result<(), StoreError> {
        let old = Book::verified(self.old.proxy.row_mac());
        let new = Book::verified(self.new.proxy.row_mac());
        if let Some(retention) = old.get::<Retention>(rows, RETENTION_KEY)? {
            new.put(rows, RETENTION_KEY, &retention)?;
        }
        if let Some(dropped) = old.get::<Dropped>(rows, DROPPED_KEY)? {
            new.put(rows, DROPPED_KEY, &dropped)?;
        }
        rows.delete(Table::Meta, &UNLOCKS_KEY.to_key()).map(drop)
    }

    /// A proxy would go on with the old root key, and could read nothing any more.
    fn refuse_beside_proxies(&self, rows: &dyn RowsMut) -> Result<(), LedgerError> {
        let mut alive: usize = 0;
        scan_prefix(rows, Table::Instances, &[], &mut |key, _| {
            if (self.is_alive)(InstanceId(number_of(key)?)) {
                alive = alive.saturating_add(1);
            }
            Ok(Scan::Continue)
        })?;
        if alive == 0 { Ok(()) } else { Err(Refusal::ProxiesRun(alive).into()) }
    }

    fn reseal_masters(&self, rows: &mut dyn RowsMut, header: &Header) -> Result<(), LedgerError> {
        let old = Book::verified(self.old.proxy.row_mac());
        for (_, mut master) in signed::<Master>(old, rows)? {
            let origin = master.origin.clone();
            let context = MasterContext { store: header.store, id: master.id, origin: &origin };
            let data_key = open_data_key(&self.old.sealing, &context, &master.data_key)?;
            let secret = open_secret(&data_key, &context, &master.secret)?;
            (master.secret, master.data_key) = seal_new(&self.new.sealing, &context, &secret)?;
            master.revision = master.revision.next();
            Book::verified(self.new.proxy.row_mac()).put(rows, &master.id, &master)?;
        }
        Ok(())
    }

    fn end_keys(&self, rows: &mut dyn RowsMut, at: Timestamp) -> Result<u64, LedgerError> {
        let old = Book::verified(self.old.proxy.row_mac());
        let new = Book::verified(self.new.proxy.row_mac());
        let mut ended: u64 = 0;
        // Children have greater numbers than their parents: what they used is known before.
        let mut used_below: HashMap<KeySeq, Usage> = HashMap::new();
        for key in keys_of(rows, Table::Keys)?.into_iter().rev() {
            let seq = KeySeq(number_of(&key)?);
            let read = || -> Result<Option<(KeyRecord, Usage)>, LedgerError> {
                Ok(old.get::<KeyRecord>(rows, &seq)?.zip(old.get::<Usage>(rows, &seq)?))
            };
            // A key whose rows were edited ends with everything that is known of it.
            let Some((record, usage)) = tolerating_damage(read())?.flatten() else {
                rows.delete(Table::Keys, &key)?;
                rows.delete(Table::Usage, &key)?;
                ended = ended.saturating_add(1);
                continue;
            };
            let lived = usage.ended.is_none();
            if lived {
                ended = ended.saturating_add(1);
            }
            let charged = usage.used.saturating_add(usage.held);
            let cost = usage.cost.plus(usage.cost_held);
            let cost_held = Cost::default();
            let had = usage.carved;
            let usage = Usage { used: charged, held: 0, cost, cost_held, ..usage };
            let usage = Usage {
                lent: Share::default(),
                below: 0,
                descendants: 0,
                carved: None,
                ..usage.taking_in(&used_below.remove(&seq).unwrap_or_default())
            };
            if let (Some(parent), Some(_)) = (record.parent, had) {
                let sum = used_below.entry(parent).or_default();
                *sum = sum.taking_in(&usage);
            }
            if lived {
                end_for_minter(rows, new, (&record, &usage), at)?;
            }
            let usage = usage.end(EndCause::Revoked, at);
            let revision = Revision(usage.revision.0.saturating_add(1));
            new.put(rows, &record.seq, &record)?;
            new.put(rows, &record.seq, &Usage { revision, ..usage })?;
        }
        Ok(ended)
    }
}

/// A row key that is bytes already.
pub(super) struct RawKey(pub(super) Vec<u8>);

impl RowKey for RawKey {
    fn to_key(&self) -> Vec<u8> {
        self.0.clone()
    }
}

pub(super) fn signed<R: Row>(
    book: Book<'_>,
    rows: &dyn RowsMut,
) -> Result<Vec<(Vec<u8>, R)>, StoreError> {
    let mut found = Vec::new();
    scan_prefix(rows, R::TABLE, &[], &mut |key, bytes| {
        found.push((key.to_vec(), book.read(key, bytes)?));
        Ok(Scan::Continue)
    })?;
    Ok(found)
}

pub(super) fn keys_of(rows: &dyn RowsMut, table: Table) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut keys = Vec::new();
    scan_prefix(rows, table, &[], &mut |key, _| {
        keys.push(key.to_vec());
        Ok(Scan::Continue)
    })?;
    Ok(keys)
}

fn clear(rows: &mut dyn RowsMut, table: Table) -> Result<(), StoreError> {
    keys_of(rows, table)?.iter().try_for_each(|key| rows.delete(table, key).map(drop))
}

/// Signs every row of a table anew. One that the old key does not vouch for is dropped.
pub(super) fn resign<R: Row>(
    rows: &mut dyn RowsMut,
    old: Book<'_>,
    new: Book<'_>,
) -> Result<(), StoreError> {
    for key in keys_of(rows, R::TABLE)? {
        let Some(bytes) = rows.get(R::TABLE, &key)? else { continue };
        match old.read::<R>(&key, &bytes) {
            Ok(row) => new.put(rows, &RawKey(key), &row)?,
            Err(_) => drop(rows.delete(R::TABLE, &key)?),
        }
    }
    Ok(())
}

/// Links the events that are kept under the new chain key. What the old key does not vouch for is
/// not vouched for by the new one.
fn relink(
    rows: &mut dyn RowsMut,
    old: &ProxyKeys,
    new: &ProxyKeys,
    state: &mut State,
) -> Result<(), StoreError> {
    let (mut before, mut head) = (state.chain_tail, [0; 32]);
    state.chain_tail = head;
    for number in state.first_event.0..state.next_event.0 {
        let key = EventSeq(number).to_key();
        let Some(mut bytes) = rows.get(Table::Events, &key)? else {
            return Err(StoreError::Damaged(format!("event {number} is missing")));
        };
        let link = bytes.split_off(bytes.len().saturating_sub(head.len()));
        before = old.chain().link(&before, EventSeq(number), &bytes);
        if link != before {
            return Err(StoreError::Forged(format!("event {number} is not as it was written")));
        }
        head = new.chain().link(&head, EventSeq(number), &bytes);
        bytes.extend_from_slice(&head);
        rows.put(Table::Events, &key, &bytes)?;
    }
    state.chain_head = head;
    Ok(())
}

fn append(
    rows: &mut dyn RowsMut,
    keys: &ProxyKeys,
    state: &mut State,
    ended: u64,
) -> Result<(), StoreError> {
    let seq = state.next_event;
    let mut bytes = to_bytes(&Event::new(EventKind::Rekeyed, state.clock.wall).count(ended));
    state.chain_head = keys.chain().link(&state.chain_head, seq, &bytes);
    state.next_event = EventSeq(seq.0.saturating_add(1));
    bytes.extend_from_slice(&state.chain_head);
    rows.put(Table::Events, &seq.to_key(), &bytes)
}
