//! The end of a request: its hold is replaced by what was used.

use std::collections::HashSet;

use crate::domain::cost::Cost;
use crate::domain::event::{Event, EventKind};
use crate::domain::hold::Hold;
use crate::domain::ids::{HoldId, InstanceId, KeySeq, MasterId, Revision};
use crate::domain::key::Usage;
use crate::domain::master_usage::MasterUsage;
use crate::domain::rollup::{Facts, RollupKey};
use crate::domain::settlement::{Charge, Outcome, charge, counts, settle};
use crate::store::Table;
use crate::store::rows::{RowKey, key_number};

use super::super::error::{LedgerError, tolerating_damage};
use super::super::operation::Operation;
use super::super::session::Session;
use super::lineage::Kin;
use super::record_cache::RecordCache;

/// Settles one hold. One that is settled already stays as it is, so that a settlement that comes
/// late, or twice, does nothing.
#[derive(Clone, Debug)]
pub struct Settle {
    /// Which.
    pub hold: HoldId,
    /// How its request ended.
    pub outcome: Outcome,
    /// What its answer said that it costs, or what is known to be the most; none where nothing is
    /// known.
    pub read: Option<Charge>,
    /// What the request was.
    pub facts: Facts,
}

/// What a settlement made of its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The key.
    pub key: KeySeq,
    /// Its figures.
    pub usage: Usage,
    /// The revisions of all figures that were written: its own, and those of keys above and below.
    pub written: Vec<(KeySeq, Revision)>,
    /// Its master key, and the revision of that one's caps, where they were written.
    pub master: Option<(MasterId, Revision)>,
    /// What was charged.
    pub charge: Charge,
}

impl Operation for Settle {
    /// None where the hold was settled before.
    type Outcome = Option<Settled>;

    fn apply(&self, session: &mut Session<'_>) -> Result<Self::Outcome, LedgerError> {
        self.apply_with(session, &mut RecordCache::default())
    }
}

impl Settle {
    /// The same, by a process that remembers: figures that went back must not become newer ones.
    ///
    /// # Errors
    /// As [`Operation::apply`].
    pub fn apply_with(
        &self,
        session: &mut Session<'_>,
        cache: &mut RecordCache,
    ) -> Result<Option<Settled>, LedgerError> {
        let Some(hold) = session.get::<Hold>(&self.hold)? else { return Ok(None) };
        let mut kin = Kin::new(cache);
        let Some(record) = kin.find(session, hold.key)? else { return Ok(None) };
        let usage = kin.usage(hold.key);
        let charge = charge(hold.cost, self.outcome, self.read);
        let amounts = (hold.cost, charge.cost);
        let next = settle(&record, &usage, self.outcome, amounts, session.now());
        kin.set(hold.key, next);
        for one in kin.above(session, &record)?.0 {
            let usage = kin.usage(one.seq);
            kin.set(one.seq, Usage { below: usage.below.saturating_sub(1), ..usage });
        }
        match usage.ended {
            None if next.ended.is_some() => kin.follow_end(session, &record)?,
            None => {}
            Some(_) => kin.give_back(session, &record)?,
        }
        let master = settled_master(session, kin.cache(), &hold, &charge.cost)?;
        // Everything is read by now.
        session.delete(Table::Holds, &self.hold)?;
        if let Some(master) = &master {
            session.put(&hold.master, master)?;
        }
        let mut settled = Event::new(EventKind::Settled, session.now())
            .key(hold.key)
            .master(hold.master)
            .by(self.hold.instance)
            .count(self.hold.number);
        if charge != Charge::default() {
            settled = settled.charge(charge);
        }
        if self.outcome != Outcome::NotSent {
            settled = settled.facts(self.facts.clone());
            let about = RollupKey {
                hour: RollupKey::hour_of(session.now()),
                key: hold.key,
                master: hold.master,
                model: self.facts.model.clone(),
            };
            let activation = counts(record.limits.counting, self.outcome);
            session.sum(about, |sum| sum.count(self.outcome, activation, &charge, &self.facts));
        }
        session.event(&settled.note(word(self.outcome)))?;
        let mut usage = kin.usage(hold.key);
        usage.revision = usage.revision.next();
        let written = kin.write(session)?;
        let master = master.map(|master| (hold.master, master.revision));
        Ok(Some(Settled { key: hold.key, usage, written, master, charge }))
    }
}

/// What the settlement makes of the caps of the master that the request went out with; none where
/// it changes nothing of them.
fn settled_master(
    session: &Session<'_>,
    cache: &RecordCache,
    hold: &Hold,
    cost: &Cost,
) -> Result<Option<MasterUsage>, LedgerError> {
    if (hold.cost, *cost) == (Cost::default(), Cost::default()) {
        return Ok(None);
    }
    // One that was removed since has no caps any more.
    let Some(mut master) = cache.master_usage(session, hold.master)? else { return Ok(None) };
    if master.caps.is_empty() {
        return Ok(None);
    }
    master.settle(hold.admitted_at, &hold.cost, cost);
    master.revision = master.revision.next();
    Ok(Some(master))
}

/// Releases every hold of an instance that it knows nothing of: admissions of a commit that failed
/// and became durable all the same.
///
/// # Errors
/// Where the storage fails, or a row is not as it was written.
pub(crate) fn release_unknown(
    session: &mut Session<'_>,
    instance: InstanceId,
    known: &HashSet<u64>,
    cache: &mut RecordCache,
) -> Result<(), LedgerError> {
    for key in session.list_keys(Table::Holds, &instance.to_key())? {
        let number = key_number(&key, 1)?;
        if !known.contains(&number) {
            let hold = HoldId { instance, number };
            // One on a key whose rows were edited stays as it is.
            let settle =
                Settle { hold, outcome: Outcome::NotSent, read: None, facts: Facts::default() };
            tolerating_damage(settle.apply_with(session, cache))?;
        }
    }
    Ok(())
}

/// The outcome as the log writes it.
fn word(outcome: Outcome) -> String {
    match outcome {
        Outcome::NotSent => "not-sent".to_owned(),
        Outcome::Answered(status) => status.to_string(),
        Outcome::Unanswered => "unanswered".to_owned(),
        Outcome::Abandoned => "abandoned".to_owned(),
    }
}
