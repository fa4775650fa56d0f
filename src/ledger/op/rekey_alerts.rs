//! What becomes of alerts when a store gets another root key: all goes on as it was.

use crate::domain::alert::{AlertCursor, Mark};
use crate::domain::alert_target::{AlertTarget, WaitingAlert};
use crate::domain::ids::StoreId;
use crate::store::rows::ALERT_CURSOR_KEY;
use crate::store::{RowsMut, Table};
use crate::vault::{AlertContext, OperatorKeys, open_alert, seal_alert};

use super::super::book::Book;
use super::super::error::LedgerError;
use super::alert_target::{ADDRESS, SECRET};
use super::rekey::{RawKey, keys_of, resign};

/// Seals the targets' addresses and secrets anew, and signs what waits and what was told. What the old
/// key does not vouch for is dropped.
pub(super) fn reseal_alerts(
    rows: &mut dyn RowsMut,
    store: StoreId,
    old: &OperatorKeys,
    new: &OperatorKeys,
) -> Result<(), LedgerError> {
    let before = Book::verified(old.proxy.row_mac());
    let after = Book::verified(new.proxy.row_mac());
    for key in keys_of(rows, Table::AlertTargets)? {
        let Some(bytes) = rows.get(Table::AlertTargets, &key)? else { continue };
        let Ok(mut target) = before.read::<AlertTarget>(&key, &bytes) else {
            rows.delete(Table::AlertTargets, &key)?;
            continue;
        };
        let place = |field| AlertContext { store, id: target.id, field };
        let anew = |field, sealed| {
            let opened = open_alert(old.proxy.alert(), place(field), sealed)?;
            seal_alert(new.proxy.alert(), place(field), &opened)
        };
        let address = anew(ADDRESS, &target.address)?;
        let secret = target.secret.as_ref().map(|sealed| anew(SECRET, sealed)).transpose()?;
        (target.address, target.secret) = (address, secret);
        after.put(rows, &RawKey(key), &target)?;
    }
    resign::<WaitingAlert>(rows, before, after)?;
    resign::<Mark>(rows, before, after)?;
    if let Some(cursor) = before.get::<AlertCursor>(rows, ALERT_CURSOR_KEY)? {
        after.put(rows, ALERT_CURSOR_KEY, &cursor)?;
    }
    Ok(())
}
