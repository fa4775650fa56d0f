//! What becomes of minters when a store gets another root key, and of the real keys they brought.

use crate::domain::ids::MasterId;
use crate::domain::key::{KeyRecord, Usage};
use crate::domain::master::Brought;
use crate::domain::minter::{Minter, Proof};
use crate::domain::time::Timestamp;
use crate::domain::totals::MinterUsage;
use crate::store::rows::{RowKey, key_number};
use crate::store::{RowsMut, Table};
use crate::vault::OperatorKeys;

use super::super::book::Book;
use super::super::error::LedgerError;
use super::rekey::{RawKey, keys_of, signed};

/// Erases the master keys that came with requests: every key that opened them ends.
pub(super) fn erase_brought(rows: &mut dyn RowsMut, old: &OperatorKeys) -> Result<(), LedgerError> {
    for (key, _) in signed::<Brought>(Book::verified(old.proxy.row_mac()), rows)? {
        let id = MasterId(key_number(&key, 0)?);
        rows.delete(Table::Masters, &id.to_key())?;
        rows.delete(Table::MasterUsage, &id.to_key())?;
    }
    Ok(())
}

/// Signs the minters anew that show an identity. Admin tokens end: what the store knows them by
/// came from the old root.
pub(super) fn resign_minters(
    rows: &mut dyn RowsMut,
    old: &OperatorKeys,
    new: &OperatorKeys,
) -> Result<(), LedgerError> {
    let before = Book::verified(old.proxy.row_mac());
    let after = Book::verified(new.proxy.row_mac());
    for (key, minter) in signed::<Minter>(before, rows)? {
        let usage = before.get::<MinterUsage>(rows, &minter.id)?;
        if let (Proof::Identity(_), Some(usage)) = (&minter.proof, usage) {
            let revision = usage.revision.next();
            after.put(rows, &RawKey(key), &minter)?;
            after.put(rows, &minter.id, &MinterUsage { revision, live_keys: 0, ..usage })?;
            continue;
        }
        rows.delete(Table::Minters, &key)?;
        rows.delete(Table::MinterUsage, &key)?;
        for listed in keys_of(rows, Table::MinterKeys)? {
            if listed.starts_with(&key) {
                rows.delete(Table::MinterKeys, &listed)?;
            }
        }
    }
    Ok(())
}

/// Gives back what a key has not used that ends with the old root key, to a minter that stays.
pub(super) fn end_for_minter(
    rows: &mut dyn RowsMut,
    new: Book<'_>,
    (record, usage): (&KeyRecord, &Usage),
    at: Timestamp,
) -> Result<(), LedgerError> {
    let Some(minter) = record.minter else { return Ok(()) };
    if let Some(totals) = new.get::<MinterUsage>(rows, &minter)? {
        new.put(rows, &minter, &totals.give_back(record, usage, at))?;
    }
    Ok(())
}
