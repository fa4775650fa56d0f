//! Unlocking: a secret opens a slot, the slot gives the root key.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use crate::domain::ids::SlotId;
use crate::domain::slot::{Slot, SlotKind};
use crate::store::rows::{HEADER_KEY, Header};
use crate::store::{Scan, StoreError, Table, view};
use crate::vault::slot::open_slot;
use crate::vault::{OperatorKeys, RootKey, SlotSecret, VaultError};

use super::book::Book;
use super::error::LedgerError;
use super::handle::Ledger;
use super::op::note_failed_unlock;
use super::session::scan_prefix;

/// How often, and how many times, a process looks whether its turn to stretch a passphrase has
/// come: two minutes. Then it goes on all the same, since turns only save memory.
const TURN_PAUSE: Duration = Duration::from_millis(20);
const TURN_PATIENCE: u32 = 6_000;

/// What unlocking gives.
#[derive(Debug)]
pub struct Unlocked {
    /// The root key.
    pub root: RootKey,
    /// The slot that opened.
    pub slot: SlotId,
}

impl Unlocked {
    /// The keys of an operator.
    #[must_use]
    pub fn keys(&self) -> OperatorKeys {
        self.root.operator_keys()
    }
}

/// The store's slots, as they are written; nothing of them is verified until one opens.
///
/// # Errors
/// Where the storage fails.
pub fn slots(ledger: &Ledger) -> Result<Vec<Slot>, StoreError> {
    // Also of a store that has yet to be brought forward.
    view(ledger.store(), |rows| {
        let mut found = Vec::new();
        scan_prefix(rows, Table::Slots, &[], &mut |key, bytes| {
            found.push(Book::unverified().read::<Slot>(key, bytes)?);
            Ok(Scan::Continue)
        })?;
        Ok(found)
    })
}

/// Unlocks with a secret for slots of this kind; a failure is noted in the store.
///
/// # Errors
/// [`LedgerError::WrongSecret`] where no slot opens; else where the storage fails.
pub fn unlock(
    ledger: &Ledger,
    kind: SlotKind,
    secret: &SlotSecret,
) -> Result<Unlocked, LedgerError> {
    let turn = (kind == SlotKind::Passphrase).then(|| ledger.locks().and_then(take_turn));
    let opened = open(ledger, kind, secret)?;
    drop(turn);
    let Some(unlocked) = opened else {
        // That it could not be noted must not hide what is wrong.
        let _ = note_failed_unlock(ledger.store(), ledger.reading().wall);
        return Err(LedgerError::WrongSecret);
    };
    let keys = unlocked.root.proxy_keys();
    view(ledger.store(), |rows| {
        let header = Book::verified(keys.row_mac()).get::<Header>(rows, HEADER_KEY)?;
        header.map(drop).ok_or_else(|| StoreError::Damaged("it has no header".into()))
    })?;
    Ok(unlocked)
}

fn open(
    ledger: &Ledger,
    kind: SlotKind,
    secret: &SlotSecret,
) -> Result<Option<Unlocked>, LedgerError> {
    for slot in slots(ledger)?.into_iter().filter(|slot| slot.kind == kind) {
        match open_slot(&slot, secret, ledger.store_id()) {
            Ok(root) => return Ok(Some(Unlocked { root, slot: slot.id })),
            Err(VaultError::WrongSecret) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}

/// Waits for this process's turn to stretch a passphrase, so that a hundred at once need the
/// memory of one. The turn ends when the file is dropped.
#[must_use]
pub fn take_turn(locks: &Path) -> Option<File> {
    DirBuilder::new().recursive(true).mode(0o700).create(locks).ok()?;
    let path = locks.join("kdf.lock");
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path);
    let file = file.ok()?;
    for _ in 0..TURN_PATIENCE {
        match file.try_lock() {
            Ok(()) => return Some(file),
            Err(TryLockError::WouldBlock) => std::thread::sleep(TURN_PAUSE),
            Err(TryLockError::Error(_)) => return None,
        }
    }
    None
}
