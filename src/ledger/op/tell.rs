//! What is unusual is told: once for each figure, key and hour, by whichever process finds it.

use std::net::IpAddr;

use crate::domain::event::{Event, EventKind};
use crate::domain::ids::KeySeq;
use crate::domain::key::KeyRecord;
use crate::domain::pause::OnSpike;
use crate::domain::rollup::RollupKey;
use crate::domain::spike::{Addresses, Found, Sighting, Subject, Unusual, network_of};
use crate::store::{Rows, Scan, StoreError, Table};

use super::super::error::{LedgerError, tolerating_damage};
use super::super::operation::Operation;
use super::super::session::{Session, scan_prefix};
use super::pause::PauseKeys;

/// Rows that the table keeps at the most.
pub const MAX_UNUSUAL: u64 = 10_000;
/// What is told of a key in an hour at the most: addresses come without end.
const MOST: usize = 32;

/// Tells what was found of a key or master key in an hour.
#[derive(Clone, Debug)]
pub struct TellUnusual {
    /// The hour, counted from the epoch.
    pub hour: u64,
    /// Whom it is about.
    pub about: Subject,
    /// What was found; what is told already is not told again.
    pub found: Vec<Found>,
}

impl Operation for TellUnusual {
    /// All that is told of it in the hour by now.
    type Outcome = Unusual;

    fn apply(&self, session: &mut Session<'_>) -> Result<Unusual, LedgerError> {
        tell(session, (self.hour, self.about), &self.found)
    }
}

/// Takes in that keys were used from client addresses, and tells those that are new.
#[derive(Clone, Debug)]
pub struct SeeAddresses {
    /// Key and address, each once.
    pub seen: Vec<(KeySeq, IpAddr)>,
}

impl Operation for SeeAddresses {
    type Outcome = ();

    fn apply(&self, session: &mut Session<'_>) -> Result<(), LedgerError> {
        let hour = RollupKey::hour_of(session.now());
        for (key, address) in &self.seen {
            let network = network_of(*address);
            // A row that is not as it was written begins anew: no request waits for it.
            let row = tolerating_damage(session.get::<Addresses>(key).map_err(LedgerError::from))?;
            let mut row = row.flatten().unwrap_or_default();
            let found = match row.see(network, session.now()) {
                Sighting::Known => continue,
                Sighting::Learnt => None,
                Sighting::New => Some(Found::Address(network.to_string())),
                Sighting::Many => Some(Found::ManyAddresses),
            };
            session.put(key, &row)?;
            if let Some(found) = found {
                tell(session, (hour, Subject::Key(*key)), &[found])?;
            }
        }
        Ok(())
    }
}

fn tell(
    session: &mut Session<'_>,
    place: (u64, Subject),
    found: &[Found],
) -> Result<Unusual, LedgerError> {
    let (_, about) = place;
    let told = tolerating_damage(session.get::<Unusual>(&place).map_err(LedgerError::from))?;
    let mut told = told.flatten().unwrap_or_default();
    let mut news = Vec::new();
    for found in found {
        if !told.has(found) && told.found.len() < MOST {
            told.found.push(found.clone());
            news.push(found);
        }
    }
    if news.is_empty() {
        return Ok(told);
    }
    for found in &news {
        let event = Event::new(EventKind::Spike, session.now()).count(found.amount());
        let event = match about {
            Subject::Key(key) => event.key(key),
            Subject::Master(master) => event.master(master),
        };
        session.event(&event.note(found.to_string()))?;
    }
    if let (Subject::Key(key), Some(first), false) = (about, news.first(), told.paused)
        && pauses(session, key)?
    {
        // Once in an hour: whoever resumes the key has looked.
        let pause = PauseKeys { keys: vec![key], why: first.to_string() };
        told.paused = tolerating_damage(pause.apply(session))?.is_some();
    }
    session.put(&place, &told)?;
    drop_oldest(session)?;
    Ok(told)
}

/// Whether a spike pauses a key: it, or one that it was made from, says so.
fn pauses(session: &Session<'_>, key: KeySeq) -> Result<bool, LedgerError> {
    let mut next = Some(key);
    while let Some(seq) = next {
        let record = session.get::<KeyRecord>(&seq).map_err(LedgerError::from);
        let Some(record) = tolerating_damage(record)?.flatten() else { break };
        if record.limits.on_spike == OnSpike::Pause {
            return Ok(true);
        }
        next = record.parent;
    }
    Ok(false)
}

fn drop_oldest(session: &mut Session<'_>) -> Result<(), StoreError> {
    if Rows::len(session.rows(), Table::Unusual)? <= MAX_UNUSUAL {
        return Ok(());
    }
    let mut oldest = None;
    scan_prefix(session.rows(), Table::Unusual, &[], &mut |key, _| {
        oldest = Some(key.to_vec());
        Ok(Scan::Stop)
    })?;
    match oldest {
        Some(oldest) => session.rows_mut().delete(Table::Unusual, &oldest).map(drop),
        None => Ok(()),
    }
}
