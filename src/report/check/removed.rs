//! What the audit log says was removed, against the rows: one that is back, with the MAC that it
//! had, is as it was written, and works again.

use std::collections::HashSet;

use crate::domain::event::{Event, EventKind};
use crate::store::{StoreError, Table};

use super::finding::{Found, Remedy};
use super::look::{Look, number};

/// The numbers of what was removed, of what unlocks the store, makes keys and opens APIs.
#[derive(Default)]
pub(super) struct Removed(HashSet<(Table, u64)>);

impl Removed {
    /// Follows the log, event by event.
    pub(super) fn take(&mut self, event: &Event) {
        let master = event.master.map(|master| master.0).unwrap_or_default();
        let (table, number, is_there) = match event.kind {
            EventKind::SlotAdded => (Table::Slots, event.count, true),
            EventKind::SlotRemoved => (Table::Slots, event.count, false),
            EventKind::MinterAdded => (Table::Minters, event.count, true),
            EventKind::MinterRemoved => (Table::Minters, event.count, false),
            EventKind::MasterAdded => (Table::Masters, master, true),
            EventKind::MasterRemoved => (Table::Masters, master, false),
            // The slots are others from then on.
            EventKind::Rekeyed => return self.0.retain(|(table, _)| *table != Table::Slots),
            _ => return,
        };
        if is_there {
            self.0.remove(&(table, number));
        } else {
            self.0.insert((table, number));
        }
    }

    /// Looks for rows of what was removed.
    pub(super) fn hold_against(
        &self,
        look: &Look<'_>,
        found: &mut Found,
    ) -> Result<(), StoreError> {
        for table in [Table::Slots, Table::Minters, Table::Masters] {
            look.each(found, table, "what was removed", &mut |found, key, _| {
                if let Some(number) = number(key, 0)
                    && self.0.contains(&(table, number))
                {
                    let what = "the log says that it was removed: an older row was put back, or \
                                the log was cut";
                    found.add(table, &number.to_string(), what, Remedy::Evidence);
                }
                Ok(())
            })?;
        }
        Ok(())
    }
}
