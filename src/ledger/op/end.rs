//! The end of a key: its grants are erased, a tombstone stays.

use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{KeySeq, MasterId};
use crate::domain::key::{EndCause, KeyRecord, Usage};
use crate::domain::status::Status;
use crate::store::rows::RowKey;
use crate::store::{StoreError, Table};

use super::super::book::Book;
use super::super::error::{LedgerError, Refusal, tolerating_damage};
use super::super::operation::Operation;
use super::super::session::{Session, number_of};
use super::super::standing::standing;
use super::brought::closed_by;
use super::lineage::Kin;
use super::mint_as::give_back;
use super::record_cache::RecordCache;

/// Ends keys for one cause, and with them all that were made from them; those that have ended
/// already stay as they are.
#[derive(Debug)]
pub struct EndKeys {
    /// Which.
    pub keys: Vec<KeySeq>,
    /// Why.
    pub cause: EndCause,
}

impl Operation for EndKeys {
    /// How many were ended, those that were made from them included.
    type Outcome = u64;

    fn apply(&self, session: &mut Session<'_>) -> Result<u64, LedgerError> {
        let mut cache = RecordCache::default();
        let mut kin = Kin::new(&mut cache);
        for seq in &self.keys {
            if session.get::<KeyRecord>(seq)?.is_some() {
                usage_of(session, *seq)?;
                if let Some(record) = kin.find(session, *seq)? {
                    kin.end(session, &record, self.cause)?;
                }
            }
        }
        let ended = kin.ended();
        kin.write(session)?;
        Ok(ended)
    }
}

/// The usage row of a key that has a record.
///
/// # Errors
/// Where it is missing: then nothing is known of what the key has used.
pub fn usage_of(session: &Session<'_>, seq: KeySeq) -> Result<Usage, LedgerError> {
    let usage = session.get::<Usage>(&seq)?;
    Ok(usage.ok_or_else(|| StoreError::Damaged(format!("key {seq} has no usage row")))?)
}

/// What follows on a usage row that says that the key has ended.
pub(super) fn bury(
    session: &mut Session<'_>,
    record: &KeyRecord,
    usage: &Usage,
    cause: EndCause,
) -> Result<(), LedgerError> {
    give_back(session, record, usage)?;
    closed_by(session, record)?;
    erase_grants(session, record.seq)?;
    if let Some(end) = record.limits.expires_at {
        session.delete(Table::Expiries, &(end, record.seq))?;
    }
    session.delete(Table::Kills, &record.seq)?;
    if let Some(parent) = record.parent {
        session.delete(Table::Children, &(parent, record.seq))?;
    }
    let event = Event::new(EventKind::KeyEnded, session.now()).key(record.seq).note(cause.name());
    Ok(session.event(&event)?)
}

/// Erases what a key opens master keys with.
pub(super) fn erase_grants(session: &mut Session<'_>, seq: KeySeq) -> Result<(), LedgerError> {
    for grant in session.list_keys(Table::Grants, &seq.to_key())? {
        session.rows_mut().delete(Table::Grants, &grant)?;
    }
    Ok(())
}

/// The live keys that open this master. One whose rows were edited is not among them: it is refused
/// wherever it is used.
///
/// # Errors
/// Where the storage fails, or a row is not as it was written.
pub fn live_keys_of(session: &Session<'_>, master: MasterId) -> Result<Vec<KeySeq>, LedgerError> {
    let mut live = Vec::new();
    for record in intact_records(session)? {
        let opens = record.masters.iter().any(|(id, _)| *id == master);
        if opens && tolerating_damage(is_live(session, &record))? == Some(true) {
            live.push(record.seq);
        }
    }
    Ok(live)
}

/// Every key's record that is as it was written.
pub(super) fn intact_records(session: &Session<'_>) -> Result<Vec<KeyRecord>, LedgerError> {
    let mut records = Vec::new();
    for key in session.list_keys(Table::Keys, &[])? {
        let seq = KeySeq(number_of(&key)?);
        let record = session.get::<KeyRecord>(&seq).map_err(LedgerError::from);
        records.extend(tolerating_damage(record)?.flatten());
    }
    Ok(records)
}

/// Whether the key lives at the session's time, and every key that it was made from.
pub(super) fn is_live(session: &Session<'_>, record: &KeyRecord) -> Result<bool, LedgerError> {
    let usage = usage_of(session, record.seq)?;
    let book = Book::verified(session.keys().row_mac());
    Ok(standing(session.rows(), book, record, &usage, session.now())? == Status::Live)
}

/// The record of a key that lives.
pub(super) fn live_record(session: &Session<'_>, seq: KeySeq) -> Result<KeyRecord, LedgerError> {
    let record = session.get::<KeyRecord>(&seq)?.ok_or(Refusal::NoSuchKey)?;
    if is_live(session, &record)? { Ok(record) } else { Err(Refusal::KeyEnded(record.id).into()) }
}
