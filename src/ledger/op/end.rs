//! The end of a key: its grants are erased, a tombstone stays.

use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{KeySeq, MasterId};
use crate::domain::key::{EndCause, KeyRecord, Usage};
use crate::domain::status::{Status, status};
use crate::store::rows::RowKey;
use crate::store::{StoreError, Table};

use super::super::error::{LedgerError, Refusal};
use super::super::operation::Operation;
use super::super::session::Session;

/// Ends keys for one cause; those that have ended already stay as they are.
#[derive(Debug)]
pub struct EndKeys {
    /// Which.
    pub keys: Vec<KeySeq>,
    /// Why.
    pub cause: EndCause,
}

impl Operation for EndKeys {
    /// How many were ended.
    type Outcome = u64;

    fn apply(&self, session: &mut Session<'_>) -> Result<u64, LedgerError> {
        let mut ended: u64 = 0;
        for seq in &self.keys {
            let Some(record) = session.get::<KeyRecord>(seq)? else { continue };
            let usage = usage_of(session, *seq)?;
            if usage.ended.is_none() {
                end_key(session, &record, usage, self.cause)?;
                ended = ended.saturating_add(1);
            }
        }
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

/// Ends one key.
pub(super) fn end_key(
    session: &mut Session<'_>,
    record: &KeyRecord,
    usage: Usage,
    cause: EndCause,
) -> Result<(), LedgerError> {
    let mut usage = usage.end(cause, session.now());
    usage.revision = usage.revision.next();
    session.put(&record.seq, &usage)?;
    bury(session, record, cause)
}

/// What follows on a usage row that says that the key has ended.
pub(super) fn bury(
    session: &mut Session<'_>,
    record: &KeyRecord,
    cause: EndCause,
) -> Result<(), LedgerError> {
    for grant in session.list_keys(Table::Grants, &record.seq.to_key())? {
        session.rows_mut().delete(Table::Grants, &grant)?;
    }
    if let Some(end) = record.limits.expires_at {
        session.delete(Table::Expiries, &(end, record.seq))?;
    }
    session.delete(Table::Kills, &record.seq)?;
    let event = Event::new(EventKind::KeyEnded, session.now()).key(record.seq).note(cause.name());
    Ok(session.event(&event)?)
}

/// The live keys that open this master.
///
/// # Errors
/// Where the storage fails, or a row is not as it was written.
pub fn live_keys_of(session: &Session<'_>, master: MasterId) -> Result<Vec<KeySeq>, LedgerError> {
    let mut live = Vec::new();
    for (_, record) in session.list::<KeyRecord>(&[])? {
        if record.masters.iter().any(|(id, _)| *id == master) && is_live(session, &record)? {
            live.push(record.seq);
        }
    }
    Ok(live)
}

/// Whether the key lives at the session's time.
pub(super) fn is_live(session: &Session<'_>, record: &KeyRecord) -> Result<bool, LedgerError> {
    let usage = usage_of(session, record.seq)?;
    let killed = session.rows().get(Table::Kills, &record.seq.to_key())?.is_some();
    Ok(status(record, &usage, killed, session.now()) == Status::Live)
}

/// The record of a key that lives.
pub(super) fn live_record(session: &Session<'_>, seq: KeySeq) -> Result<KeyRecord, LedgerError> {
    let record = session.get::<KeyRecord>(&seq)?.ok_or(Refusal::NoSuchKey)?;
    if is_live(session, &record)? { Ok(record) } else { Err(Refusal::KeyEnded(record.id).into()) }
}
