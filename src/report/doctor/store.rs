//! Everything that the rows of a store give rise to. Needs no unlock.

use crate::domain::ids::MasterId;
use crate::domain::key::KeyRecord;
use crate::domain::slot::SlotKind;
use crate::domain::status::Status;
use crate::ledger::instance::{is_alive, running};
use crate::ledger::unlock::slots;
use crate::ledger::{Book, Ledger};
use crate::store::rows::{RowKey, STATE_KEY, State};
use crate::store::{StoreError, Table};

use super::super::{keys, masters, minters};
use super::check::Check;
use super::clock::of_clock;
use super::finding::Finding;
use super::keys::of_key;
use super::masters::of_master;
use super::minters::of_minter;
use super::processes::of_process;

/// What is to be said of a store.
///
/// # Errors
/// Where the storage fails.
pub fn of_store(ledger: &Ledger) -> Result<Vec<Finding>, StoreError> {
    let mut processes = running(ledger)?;
    processes.retain(|process| is_alive(ledger, process.id));
    let reading = ledger.reading();
    let mut found = ledger.view(|rows, now| {
        let book = Book::unverified();
        let clock = book.get::<State>(rows, STATE_KEY)?.map(|state| state.clock);
        let mut found: Vec<_> = of_clock(clock, reading).into_iter().collect();
        let mut live = keys(rows, book, now)?;
        live.retain(|view| view.status == Status::Live);
        found.extend(live.iter().flat_map(|view| of_key(&view.record, &view.usage, now)));
        for view in masters(rows, book, now)? {
            let id: MasterId = view.master.id;
            // One that came with a request or a run ends with it.
            let passing = rows.get(Table::Brought, &id.to_key())?.is_some()
                || processes.iter().any(|process| process.masters.contains(&id));
            if !passing {
                let records = live.iter().map(|view| -> &KeyRecord { &view.record });
                found.extend(of_master(&view, records, now));
            }
        }
        for view in minters(rows, book, now)? {
            found.extend(of_minter(&view, now));
        }
        Ok(found)
    })?;
    found.extend(processes.iter().filter_map(of_process));
    let keyrings = slots(ledger)?.into_iter().filter(|slot| slot.kind == SlotKind::Keyring);
    found.extend(keyrings.map(|slot| {
        let id = slot.id.to_string();
        Finding::new(Check::KeyringSlot, format!("unlock slot {id}"), &id)
    }));
    Ok(found)
}
