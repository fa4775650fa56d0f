//! What time and kill rows have ended is written into the keys' own rows.

use crate::domain::ids::KeySeq;
use crate::domain::key::{EndCause, KeyRecord};
use crate::domain::time::Timestamp;
use crate::store::rows::key_number;
use crate::store::{Rows, Scan, StoreError, Table};

use super::super::error::LedgerError;
use super::super::operation::Operation;
use super::super::session::{Session, number_of, scan_prefix};
use super::end::{end_key, usage_of};

/// The most keys that one sweep ends: the next one goes on.
const MOST: usize = 256;

/// Ends the keys that have expired or were killed without an unlock.
#[derive(Debug)]
pub struct Sweep;

/// What a sweep did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Swept {
    /// How many keys it ended.
    pub ended: u64,
    /// Whether it stopped at its limit.
    pub more: bool,
}

impl Sweep {
    /// Whether a sweep would find something: a look without a transaction.
    ///
    /// # Errors
    /// Where the storage fails.
    pub fn is_due(rows: &dyn Rows, now: Timestamp) -> Result<bool, StoreError> {
        Ok(!expired(rows, now)?.is_empty() || rows.len(Table::Kills)? > 0)
    }
}

impl Operation for Sweep {
    type Outcome = Swept;

    fn apply(&self, session: &mut Session<'_>) -> Result<Swept, LedgerError> {
        let mut due: Vec<(KeySeq, EndCause)> = Vec::new();
        for seq in expired(session.rows(), session.now())? {
            due.push((seq, EndCause::Expired));
        }
        for key in session.list_keys(Table::Kills, &[])?.into_iter().take(MOST) {
            due.push((KeySeq(number_of(&key)?), EndCause::Revoked));
        }
        let more = due.len() > MOST;
        let mut ended: u64 = 0;
        for (seq, cause) in due.into_iter().take(MOST) {
            let Some(record) = session.get::<KeyRecord>(&seq)? else {
                session.delete(Table::Kills, &seq)?;
                continue;
            };
            let usage = usage_of(session, seq)?;
            if usage.ended.is_none() {
                end_key(session, &record, usage, cause)?;
                ended = ended.saturating_add(1);
            } else {
                session.delete(Table::Kills, &seq)?;
            }
        }
        Ok(Swept { ended, more })
    }
}

/// Keys whose time is over and that nobody has ended yet, at most [`MOST`] and one.
fn expired(rows: &dyn Rows, now: Timestamp) -> Result<Vec<KeySeq>, StoreError> {
    let mut found = Vec::new();
    scan_prefix(rows, Table::Expiries, &[], &mut |key, _| {
        if number_of(key)? > now.0 || found.len() > MOST {
            return Ok(Scan::Stop);
        }
        let seq = key_number(key, 1).map_err(|bad| StoreError::Damaged(bad.to_string()))?;
        found.push(KeySeq(seq));
        Ok(Scan::Continue)
    })?;
    Ok(found)
}
