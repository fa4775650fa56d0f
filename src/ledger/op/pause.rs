//! `key pause` and `key resume`: keys that are kept from use until they are resumed.

use crate::domain::event::{Event, EventKind};
use crate::domain::ids::KeySeq;
use crate::domain::key::KeyRecord;

use super::super::error::{LedgerError, Refusal};
use super::super::operation::Operation;
use super::super::session::Session;
use super::end::{is_live, live_record};
use super::lineage::Kin;
use super::record_cache::RecordCache;

/// Pauses keys, and with them all that were made from them. Those that are paused, that have
/// ended, or that are gone are passed over.
#[derive(Debug)]
pub struct PauseKeys {
    /// Which.
    pub keys: Vec<KeySeq>,
    /// Why, for the log.
    pub why: String,
}

/// Lifts the pauses of keys. Those that are not paused themselves are passed over.
#[derive(Debug)]
pub struct ResumeKeys {
    /// Which.
    pub keys: Vec<KeySeq>,
}

impl Operation for PauseKeys {
    /// Those that are paused now and were not before.
    type Outcome = Vec<KeySeq>;

    fn apply(&self, session: &mut Session<'_>) -> Result<Vec<KeySeq>, LedgerError> {
        let mut cache = RecordCache::default();
        let mut kin = Kin::new(&mut cache);
        let mut paused = Vec::new();
        for seq in &self.keys {
            let Some(record) = session.get::<KeyRecord>(seq)? else { continue };
            if !is_live(session, &record)? {
                continue;
            }
            kin.find(session, *seq)?;
            let usage = kin.usage(*seq);
            if usage.paused_since().is_none() {
                kin.set(*seq, usage.pause(session.now()));
                paused.push(*seq);
            }
        }
        kin.write(session)?;
        for seq in &paused {
            let event = Event::new(EventKind::KeyPaused, session.now()).key(*seq);
            session.event(&event.note(self.why.as_str()))?;
        }
        Ok(paused)
    }
}

impl Operation for ResumeKeys {
    /// Those whose pause was lifted.
    type Outcome = Vec<KeySeq>;

    /// Refused where one of them is gone or has ended; then none is resumed.
    fn apply(&self, session: &mut Session<'_>) -> Result<Vec<KeySeq>, LedgerError> {
        let mut cache = RecordCache::default();
        let mut kin = Kin::new(&mut cache);
        let mut resumed = Vec::new();
        for seq in &self.keys {
            live_record(session, *seq)?;
            kin.find(session, *seq)?.ok_or(Refusal::NoSuchKey)?;
            let usage = kin.usage(*seq);
            if usage.paused_since().is_some() {
                kin.set(*seq, usage.resume());
                resumed.push(*seq);
            }
        }
        kin.write(session)?;
        for seq in &resumed {
            session.event(&Event::new(EventKind::KeyResumed, session.now()).key(*seq))?;
        }
        Ok(resumed)
    }
}
