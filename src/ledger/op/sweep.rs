//! What time and kill rows have ended is written into the keys' own rows.

use crate::domain::ids::KeySeq;
use crate::domain::key::EndCause::{Expired, Revoked};
use crate::domain::key::{EndCause, KeyRecord};
use crate::domain::time::Timestamp;
use crate::store::rows::key_number;
use crate::store::{Rows, Scan, StoreError, Table};

use super::super::error::{LedgerError, tolerating_damage};
use super::super::operation::Operation;
use super::super::session::{Session, number_of, scan_prefix};
use super::end::{EndKeys, erase_grants};

/// The most rows of each kind that one sweep acts on: the next one goes on.
const MOST: usize = 256;
/// After so many ends the next sweep goes on.
const MOST_ENDED: u64 = 256;

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
        let expired = expired(session.rows(), session.now())?;
        let killed = session.list_keys(Table::Kills, &[])?;
        let mut more = expired.len() > MOST || killed.len() > MOST;
        let (mut ended, mut acted): (u64, bool) = (0, false);
        for (end, seq) in expired.into_iter().take(MOST) {
            // A key takes all that were made from it with it: fewer of them fit.
            if ended >= MOST_ENDED {
                more = true;
                break;
            }
            // The index carries no MAC: the record says when the key ends, and the row goes.
            acted |= session.delete(Table::Expiries, &(end, seq))?;
            let Some(record) = intact_record(session, seq)? else { continue };
            if record.limits.expires_at == Some(end) {
                ended = ended.saturating_add(end_once(session, seq, Expired)?.unwrap_or_default());
            }
        }
        for key in killed.into_iter().take(MOST) {
            if ended >= MOST_ENDED {
                more = true;
                break;
            }
            let seq = KeySeq(number_of(&key)?);
            if intact_record(session, seq)?.is_none() {
                continue;
            }
            // Where a row of its own or above it was edited, what stands against it stays.
            if let Some(more) = end_once(session, seq, Revoked)? {
                ended = ended.saturating_add(more);
                session.delete(Table::Kills, &seq)?;
                acted = true;
            }
        }
        // What can only stay as it is does not keep anybody at it.
        Ok(Swept { ended, more: more && acted })
    }
}

/// The key's record. One whose rows were edited loses its grants, and stops nobody else: what
/// stands against it stays, for it can be neither read nor written.
fn intact_record(session: &mut Session<'_>, seq: KeySeq) -> Result<Option<KeyRecord>, LedgerError> {
    let record = session.get::<KeyRecord>(&seq).map_err(LedgerError::from);
    let Some(record) = tolerating_damage(record)? else {
        erase_grants(session, seq)?;
        return Ok(None);
    };
    if record.is_none() {
        session.delete(Table::Kills, &seq)?;
    }
    Ok(record)
}

/// Ends a key that has not ended yet, and those that were made from it; says how many there were.
/// None where rows were edited: then its grants are erased, and nothing else can be done.
fn end_once(
    session: &mut Session<'_>,
    seq: KeySeq,
    cause: EndCause,
) -> Result<Option<u64>, LedgerError> {
    let end = EndKeys { keys: vec![seq], cause };
    let ended = tolerating_damage(end.apply(session))?;
    if ended.is_none() {
        erase_grants(session, seq)?;
    }
    Ok(ended)
}

/// Expiries that have passed and that nobody has acted on yet, at most [`MOST`] and one.
fn expired(rows: &dyn Rows, now: Timestamp) -> Result<Vec<(Timestamp, KeySeq)>, StoreError> {
    let mut found = Vec::new();
    scan_prefix(rows, Table::Expiries, &[], &mut |key, _| {
        let end = Timestamp(number_of(key)?);
        if end > now || found.len() > MOST {
            return Ok(Scan::Stop);
        }
        let seq = key_number(key, 1).map_err(|bad| StoreError::Damaged(bad.to_string()))?;
        found.push((end, KeySeq(seq)));
        Ok(Scan::Continue)
    })?;
    Ok(found)
}
