//! Looking at a store again and again.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use crate::domain::clock::Reading;
use crate::domain::event::EventKind;
use crate::domain::hold::Instance;
use crate::domain::ids::{EventSeq, InstanceId, KeySeq};
use crate::domain::master::Master;
use crate::domain::master_usage::{MasterCap, MasterUsage};
use crate::domain::time::{Span, Timestamp};
use crate::ledger::instance::is_alive;
use crate::ledger::{Book, Ledger, scan_prefix};
use crate::report::log::{Entry, Filter, denials, head, last, page};
use crate::store::{Rows, Scan, StoreError, Table};

use super::alert::is_alert;
use super::keys::Keys;
use super::rates::Rates;
use super::snapshot::Snapshot;
use super::sums::{Sums, focus};

/// Events that are kept to be shown.
const KEPT: usize = 1_000;
/// Events that one look reads; of more only the newest.
const MOST: u64 = 20_000;
/// How far back alerts are counted.
const ALERTS: Span = Span::minutes(60);
/// How far back denials are shown: they are counted by the minute.
const DENIALS: Span = Span::minutes(5);

/// What is remembered from one look to the next.
#[derive(Debug, Default)]
pub struct Watcher {
    /// Where the log goes on; none before the first look.
    next: Option<EventSeq>,
    keys: Keys,
    log: VecDeque<Arc<Entry>>,
    /// When there were alerts; kept for longer than the log may be.
    alerts: VecDeque<Timestamp>,
    rates: Rates,
    sums: Sums,
    missed: u64,
}

/// What the new events say.
#[derive(Debug, Default)]
struct News {
    touched: BTreeSet<KeySeq>,
    ended: BTreeMap<KeySeq, u64>,
    /// Whether every key is to be read again: what has happened names none.
    all: bool,
}

impl Watcher {
    /// The store as it is now, read in one transaction, and of `key` more than of the others.
    ///
    /// # Errors
    /// Where the store does not answer, or is damaged. The next look begins anew then.
    pub fn look(&mut self, ledger: &Ledger, key: Option<KeySeq>) -> Result<Snapshot, StoreError> {
        let reading = ledger.reading();
        let mut known = std::mem::take(self);
        let looked = ledger.view(|rows, now| known.read(ledger, rows, (now, reading), key));
        let snapshot = looked?;
        *self = known;
        Ok(snapshot)
    }

    fn read(
        &mut self,
        ledger: &Ledger,
        rows: &dyn Rows,
        (now, reading): (Timestamp, Reading),
        key: Option<KeySeq>,
    ) -> Result<Snapshot, StoreError> {
        let news = self.read_events(rows)?;
        if news.all {
            self.keys.read_all(rows, now)?;
        } else {
            self.keys.read_again(rows, news.touched, now)?;
        }
        let mut alive: BTreeMap<InstanceId, bool> = BTreeMap::new();
        let mut lives = |id| *alive.entry(id).or_insert_with(|| is_alive(ledger, id));
        self.keys.judge(rows, now, |id| !lives(id))?;
        let mut proxies = instances(rows)?;
        proxies.retain(|proxy| lives(proxy.id));
        let settled = !news.ended.is_empty();
        self.rates.enter(reading, news.ended);
        let (rate, rates) = self.rates.rates();
        let (hour, day) = self.sums.look(rows, (now, reading), settled)?;
        Ok(Snapshot {
            store: ledger.store_id(),
            at: now,
            keys: self.keys.with_rates(&rates),
            proxies,
            caps: caps(rows, now)?,
            log: self.log_with_denials(rows, now)?,
            missed: self.missed,
            alerts: self.alerts_since(Timestamp(now.0.saturating_sub(ALERTS.0))),
            rate,
            hour,
            day,
            focus: key.map(|key| focus(rows, key, now)).transpose()?,
        })
    }

    fn read_events(&mut self, rows: &dyn Rows) -> Result<News, StoreError> {
        let filter = Filter::default();
        let Some(from) = self.next else {
            let page = last(rows, &filter, KEPT)?;
            self.log = page.entries.into_iter().map(Arc::new).collect();
            self.alerts = self.log.iter().filter(|it| is_alert(it)).map(|it| it.at).collect();
            self.next = Some(page.next);
            return Ok(News { all: true, ..News::default() });
        };
        let mut news = News::default();
        let head = head(rows)?;
        let newest = EventSeq(head.next.0.saturating_sub(MOST)).max(head.first);
        let mut next = from;
        if newest > from {
            self.missed = self.missed.saturating_add(newest.0.saturating_sub(from.0));
            (next, news.all) = (newest, true);
        }
        // A log that went back is another one.
        news.all |= head.next < from;
        loop {
            let page = page(rows, &filter, next)?;
            next = page.next;
            for entry in page.entries {
                news.enter(&entry);
                if is_alert(&entry) {
                    self.alerts.push_back(entry.at);
                }
                self.log.push_back(Arc::new(entry));
                if self.log.len() > KEPT {
                    self.log.pop_front();
                }
            }
            if page.is_last {
                break;
            }
        }
        while self.alerts.len() > KEPT {
            self.alerts.pop_front();
        }
        self.next = Some(next);
        Ok(news)
    }

    fn alerts_since(&self, from: Timestamp) -> u64 {
        let recent = self.alerts.iter().filter(|at| **at >= from).count();
        u64::try_from(recent).unwrap_or(u64::MAX)
    }

    fn log_with_denials(
        &self,
        rows: &dyn Rows,
        now: Timestamp,
    ) -> Result<Vec<Arc<Entry>>, StoreError> {
        let from = Timestamp(now.0.saturating_sub(DENIALS.0));
        let denied = denials(rows, &Filter::default(), from)?;
        let mut log: Vec<_> = self.log.iter().cloned().collect();
        if !denied.is_empty() {
            log.extend(denied.into_iter().map(Arc::new));
            // They are of their minute's beginning; events stay in their own order.
            log.sort_by_key(|entry| entry.at);
        }
        Ok(log)
    }
}

impl News {
    fn enter(&mut self, entry: &Entry) {
        let Some(event) = entry.event() else {
            self.all = true;
            return;
        };
        if let Some(key) = event.key {
            self.touched.insert(key);
            // Those that were made from it are under the same pause, and have no event of it.
            self.all |= matches!(event.kind, EventKind::KeyPaused | EventKind::KeyResumed);
            if event.kind == EventKind::Settled && event.facts.is_some() {
                let count = self.ended.entry(key).or_default();
                *count = count.saturating_add(1);
            }
        } else {
            // What ends or drops keys without naming each.
            self.all |= !matches!(
                event.kind,
                EventKind::Unlocked | EventKind::InstanceStarted | EventKind::InstanceStopped
            );
        }
    }
}

fn instances(rows: &dyn Rows) -> Result<Vec<Instance>, StoreError> {
    let mut found = Vec::new();
    scan_prefix(rows, Table::Instances, &[], &mut |key, bytes| {
        found.push(Book::unverified().read::<Instance>(key, bytes)?);
        Ok(Scan::Continue)
    })?;
    found.sort_by_key(|instance| instance.started_at);
    Ok(found)
}

fn caps(rows: &dyn Rows, now: Timestamp) -> Result<Vec<(String, MasterCap)>, StoreError> {
    let (book, mut found) = (Book::unverified(), Vec::new());
    scan_prefix(rows, Table::Masters, &[], &mut |key, bytes| {
        let master: Master = book.read(key, bytes)?;
        let usage = book.get::<MasterUsage>(rows, &master.id)?.unwrap_or_default();
        found.extend(usage.at(now).caps.into_iter().map(|cap| (master.name.clone(), cap)));
        Ok(Scan::Continue)
    })?;
    Ok(found)
}
