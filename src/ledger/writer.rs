//! The writer thread: everything that waits goes into one transaction, and is answered after it.
//!
//! No admission is answered before it is durable. One whose caller has gone is released; one whose
//! commit failed is denied, and released if the commit turns out to have become durable after all.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;
use tracing::warn;

use crate::domain::denial::{Denial, Reason};
use crate::domain::ids::{HoldId, InstanceId, KeyId};
use crate::domain::time::Span;
use crate::vault::ProxyKeys;

use super::admission::Admission;
use super::batch::Batch;
use super::desk::{Desk, Job, denial_of, draining};
use super::error::LedgerError;
use super::handle::Ledger;
use super::instance::recover_dead;
use super::op::{
    Admit, Admitted, Delegate, Minted, NotMade, RecordCache, SeeAddresses, Settle, Sweep,
    end_unclaimed, release_unknown,
};
use super::operation::Operation;
use super::session::{ClockPolicy, Session};
use super::tally;

/// Jobs that one transaction takes at the most.
const BATCH: usize = 1_024;
/// How often the writer looks after expired keys, dead processes and the anchor.
const ROUND: Span = Span::seconds(10);
/// How long after a look at dead processes the next one may follow.
const RECOVERY_PAUSE: Span = Span::seconds(1);
/// How long an idle writer waits before it tries again what has failed.
const PATIENCE: Duration = Duration::from_millis(500);

/// The writer's own state.
#[derive(Debug)]
pub(super) struct Writer {
    ledger: Ledger,
    keys: ProxyKeys,
    instance: InstanceId,
    desk: Arc<Desk>,
    cache: RecordCache,
    /// Numbers of holds that were handed out and whose settlement is not durable yet.
    in_flight: HashSet<u64>,
    next_hold: u64,
    unsettled: Vec<Settle>,
    making: Vec<Making>,
    /// Keys that were made, or may have been, and that nobody has: they end, and what they have
    /// returns.
    unclaimed: Vec<KeyId>,
    /// The last commit failed and may be durable: what it admitted must be released first.
    in_doubt: bool,
    generation: u64,
    last_round: Span,
    last_recovery: Span,
}

/// An admission that waits for its commit.
#[derive(Debug)]
struct Waiting {
    admit: Box<Admit>,
    reply: oneshot::Sender<Result<Admission, Denial>>,
    hold: HoldId,
}

/// Keys that are to be made from a key.
#[derive(Debug)]
struct Making {
    wish: Box<Delegate>,
    reply: oneshot::Sender<Result<Vec<Minted>, NotMade>>,
}

impl Writer {
    pub(super) fn new(
        ledger: Ledger,
        keys: ProxyKeys,
        instance: InstanceId,
        desk: Arc<Desk>,
    ) -> Self {
        let now = ledger.reading().boot;
        Self {
            ledger,
            keys,
            instance,
            desk,
            cache: RecordCache::default(),
            in_flight: HashSet::new(),
            next_hold: 1,
            unsettled: Vec::new(),
            making: Vec::new(),
            unclaimed: Vec::new(),
            in_doubt: false,
            generation: 0,
            last_round: now,
            last_recovery: now,
        }
    }

    /// Works until it is told to stop, or nobody is left to tell it anything.
    pub(super) fn run(mut self, jobs: &Receiver<Job>) {
        loop {
            let mut waiting = Vec::new();
            let mut stopping = None;
            let first = match jobs.recv_timeout(PATIENCE) {
                Ok(job) => Some(job),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => break,
            };
            for job in first.into_iter().chain(jobs.try_iter().take(BATCH)) {
                match job {
                    Job::Admit(admit, reply) => {
                        let hold = HoldId { instance: self.instance, number: self.next_hold };
                        self.next_hold = self.next_hold.saturating_add(1);
                        waiting.push(Waiting { admit, reply, hold });
                    }
                    Job::Delegate(wish, reply) => self.making.push(Making { wish, reply }),
                    Job::Settle(settle) => self.unsettled.push(settle),
                    Job::Stop(done) => stopping = Some(done),
                }
            }
            self.process(waiting);
            if let Some(done) = stopping {
                self.last_words(jobs);
                let _ = done.send(());
                break;
            }
            self.look_around();
        }
    }

    fn process(&mut self, mut waiting: Vec<Waiting>) {
        if waiting.is_empty()
            && self.unsettled.is_empty()
            && self.making.is_empty()
            && self.unclaimed.is_empty()
            && !self.in_doubt
        {
            return;
        }
        waiting.retain(|waiting| {
            let gone = waiting.reply.is_closed();
            if gone {
                self.desk.leave();
            }
            !gone
        });
        let decisions = self.decide(&waiting);
        let decided = waiting.into_iter().zip(decisions);
        let (blocked, answered): (Vec<_>, Vec<_>) =
            decided.partition(|(_, decision)| is_blocked_by_holds(decision));
        self.answer(answered);
        if blocked.is_empty() || !self.recover() {
            return self.answer(blocked);
        }
        // These alone are decided on again: what is admitted stays admitted once.
        let waiting: Vec<_> = blocked.into_iter().map(|(waiting, _)| waiting).collect();
        let decisions = self.decide(&waiting);
        self.answer(waiting.into_iter().zip(decisions));
    }

    fn answer(&mut self, decided: impl IntoIterator<Item = (Waiting, Result<Admitted, Denial>)>) {
        for (waiting, decision) in decided {
            self.desk.leave();
            let answer = decision.map(|admitted| {
                self.in_flight.insert(waiting.hold.number);
                let Waiting { hold, ref admit, .. } = waiting;
                Admission::new(hold, admit.master, admitted, Arc::clone(&self.desk))
            });
            // One that only waits is counted by whoever waits, at the end of it.
            if let Err(denial) = &answer
                && denial.reason != Reason::LimitHeld
            {
                self.desk.tally.count(
                    Some(waiting.admit.key),
                    denial.reason,
                    self.ledger.reading().wall,
                );
            }
            // An admission that nobody takes releases itself when it is dropped here.
            let _ = waiting.reply.send(answer);
        }
        self.desk.counting.holds(self.in_flight.len());
    }

    /// Decides on everything that waits, in one durable transaction.
    fn decide(&mut self, waiting: &[Waiting]) -> Vec<Result<Admitted, Denial>> {
        let making = self.take_making();
        let counts = self.desk.tally.take();
        let mut done = Batch::default();
        let Self {
            ledger, keys, cache, unsettled, unclaimed, in_doubt, in_flight, instance, ..
        } = self;
        let gate = self.desk.gate();
        let jobs = unsettled.len().saturating_add(waiting.len()).saturating_add(making.len());
        let start = Instant::now();
        let outcome = ledger.commit(keys, ClockPolicy::Distrust, |session: &mut Session<'_>| {
            done = Batch::default();
            if *in_doubt {
                release_unknown(session, *instance, in_flight, cache)?;
            }
            end_unclaimed(session, unclaimed)?;
            done.settle(session, cache, unsettled)?;
            for Waiting { admit, hold, .. } in waiting {
                done.admit(session, cache, admit, *hold)?;
            }
            for Making { wish, .. } in &making {
                done.delegate(session, cache, wish, *instance)?;
            }
            if session.has_changed() && !counts.is_empty() {
                tally::write(session.rows_mut(), &counts)?;
            }
            Ok(session.has_changed())
        });
        drop(gate);
        match outcome {
            Ok((changed, generation)) => {
                if changed {
                    self.desk.counting.committed(jobs, start.elapsed());
                } else {
                    self.desk.tally.put_back(counts);
                }
                self.generation = generation;
                self.committed(done, making)
            }
            Err(failure) => {
                self.desk.counting.failed();
                self.desk.tally.put_back(counts);
                self.in_doubt = true;
                let denial = denial_of(&failure);
                self.unclaimed.extend(done.made_ids());
                for Making { reply, .. } in making {
                    self.desk.leave();
                    let _ = reply.send(Err(denial.clone().into()));
                }
                waiting.iter().map(|_| Err(denial.clone())).collect()
            }
        }
    }

    /// The wishes for keys that somebody still waits for.
    fn take_making(&mut self) -> Vec<Making> {
        let mut making = std::mem::take(&mut self.making);
        making.retain(|making| {
            let gone = making.reply.is_closed();
            if gone {
                self.desk.leave();
            }
            !gone
        });
        making
    }

    /// Remembers what is durable now, hands out the keys that were made, and returns the decisions.
    fn committed(&mut self, done: Batch, making: Vec<Making>) -> Vec<Result<Admitted, Denial>> {
        self.in_doubt = false;
        if !self.unsettled.is_empty() {
            self.desk.tell_settled();
        }
        for settle in self.unsettled.drain(..) {
            if !done.stuck.contains(&settle.hold.number) {
                self.in_flight.remove(&settle.hold.number);
            }
        }
        for (key, revision) in done.revisions {
            self.cache.committed(key, revision);
        }
        for (master, revision) in done.masters {
            self.cache.committed_master(master, revision);
        }
        self.unclaimed.clear();
        for (Making { reply, .. }, answer) in making.into_iter().zip(done.made) {
            self.desk.leave();
            if let Err(Ok(children)) = reply.send(answer) {
                self.unclaimed.extend(children.iter().map(|child| child.record.id));
            }
        }
        done.decisions
    }

    /// Charges what dead processes hold, if it was not looked for just now.
    fn recover(&mut self) -> bool {
        let now = self.ledger.reading().boot;
        if now < Span(self.last_recovery.0.saturating_add(RECOVERY_PAUSE.0)) {
            return false;
        }
        self.last_recovery = now;
        let _gate = self.desk.gate();
        match recover_dead(&self.ledger, &self.keys, Some(self.instance)) {
            Ok(recovered) => recovered.processes > 0,
            Err(failure) => {
                warn!(%failure, "dead processes could not be looked for");
                false
            }
        }
    }

    fn look_around(&mut self) {
        let now = self.ledger.reading().boot;
        // Beside a store that does not answer, requests would wait for the round as well.
        if self.in_doubt {
            return;
        }
        let due = now >= Span(self.last_round.0.saturating_add(ROUND.0));
        if !due && !self.desk.take_sweep_request() {
            return;
        }
        self.last_round = now;
        self.recover();
        if let Err(failure) = self.sweep() {
            warn!(%failure, "expired and stopped keys could not be ended");
        }
        self.raise_anchor();
    }

    fn raise_anchor(&self) {
        if let Err(failure) = self.ledger.raise_anchor(self.generation) {
            warn!(%failure, "a store that goes back will not be noticed");
        }
    }

    fn sweep(&mut self) -> Result<(), LedgerError> {
        let due = self.ledger.view(|rows, now| Sweep::is_due(rows, now))?;
        let counts = self.desk.tally.take();
        let see = SeeAddresses { seen: self.desk.sightings.take() };
        if !due && counts.is_empty() && see.seen.is_empty() {
            return Ok(());
        }
        let gate = self.desk.gate();
        let written = self.ledger.commit(&self.keys, ClockPolicy::Distrust, |session| {
            Sweep.apply(session)?;
            see.apply(session)?;
            if !counts.is_empty() {
                tally::write(session.rows_mut(), &counts)?;
            }
            Ok(())
        });
        drop(gate);
        match written {
            Ok(((), generation)) => {
                self.generation = generation;
                Ok(())
            }
            Err(failure) => {
                self.desk.tally.put_back(counts);
                self.desk.sightings.put_back(see.seen);
                Err(failure)
            }
        }
    }

    /// Settles what ended while the stop was on its way, trying for a while where the store fails.
    fn last_words(&mut self, jobs: &Receiver<Job>) {
        for _ in 0..4 {
            for job in jobs.try_iter() {
                match job {
                    Job::Settle(settle) => self.unsettled.push(settle),
                    Job::Admit(_, reply) => {
                        self.desk.leave();
                        let _ = reply.send(Err(draining()));
                    }
                    Job::Delegate(_, reply) => {
                        self.desk.leave();
                        let _ = reply.send(Err(draining().into()));
                    }
                    Job::Stop(done) => drop(done.send(())),
                }
            }
            self.process(Vec::new());
            if self.unsettled.is_empty() && self.unclaimed.is_empty() && !self.in_doubt {
                break;
            }
        }
        if let Err(failure) = self.sweep() {
            warn!(%failure, "the last counts of denials could not be written");
        }
        self.raise_anchor();
    }
}

fn is_blocked_by_holds(decision: &Result<Admitted, Denial>) -> bool {
    matches!(
        decision,
        Err(Denial {
            reason: Reason::ActivationLimit | Reason::ConcurrencyLimited | Reason::LimitHeld,
            ..
        })
    )
}
