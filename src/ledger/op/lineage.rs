//! Keys and the keys that they were made from: how an end, and what comes back with it, goes
//! through a tree.
//!
//! Every operation that moves a key's figures does it here. It reads what it needs, changes that in
//! memory, and writes each row once at its end: so an operation that fails has written nothing.

use std::sync::Arc;

use crate::domain::delegation::MAX_GENERATIONS;
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{KeySeq, Revision};
use crate::domain::key::{EndCause, KeyRecord, Usage};
use crate::domain::settlement::end_if_used_up;
use crate::domain::share::Share;
use crate::store::Table;
use crate::store::rows::{RowKey, key_number};

use super::super::error::{LedgerError, tolerating_damage};
use super::super::session::Session;
use super::super::standing::too_deep;
use super::end::bury;
use super::record_cache::RecordCache;

/// Keys of one tree, as far as one operation reads and changes them.
pub(super) struct Kin<'c> {
    cache: &'c mut RecordCache,
    members: Vec<Member>,
    returned: Vec<Returned>,
}

/// One key.
struct Member {
    record: Arc<KeyRecord>,
    before: Usage,
    now: Usage,
}

/// What a child key came to.
struct Returned {
    child: KeySeq,
    parent: Arc<KeyRecord>,
    used: u64,
}

impl<'c> Kin<'c> {
    /// Nobody yet.
    pub(super) fn new(cache: &'c mut RecordCache) -> Self {
        Self { cache, members: Vec::new(), returned: Vec::new() }
    }

    /// Reads a key, if the store has it.
    ///
    /// # Errors
    /// Where the storage fails, or a row is not as it was written or went back.
    pub(super) fn find(
        &mut self,
        session: &Session<'_>,
        seq: KeySeq,
    ) -> Result<Option<Arc<KeyRecord>>, LedgerError> {
        if let Some(member) = self.members.iter().find(|member| member.record.seq == seq) {
            return Ok(Some(Arc::clone(&member.record)));
        }
        let Some(usage) = session.get::<Usage>(&seq)? else { return Ok(None) };
        let record = self.cache.record(session, seq, &usage)?;
        self.members.push(Member { record: Arc::clone(&record), before: usage, now: usage });
        Ok(Some(record))
    }

    /// Reads the keys above one, the nearest first, as far as they are there, and whether all are.
    ///
    /// # Errors
    /// As [`Kin::find`].
    pub(super) fn above(
        &mut self,
        session: &Session<'_>,
        record: &KeyRecord,
    ) -> Result<(Vec<Arc<KeyRecord>>, bool), LedgerError> {
        let mut found: Vec<Arc<KeyRecord>> = Vec::new();
        let mut next = record.parent;
        while let Some(seq) = next {
            if found.len() >= usize::from(MAX_GENERATIONS) {
                return Err(too_deep(record.seq).into());
            }
            let Some(one) = self.find(session, seq)? else { return Ok((found, false)) };
            next = one.parent;
            found.push(one);
        }
        Ok((found, true))
    }

    /// What the process remembers.
    pub(super) fn cache(&self) -> &RecordCache {
        self.cache
    }

    /// The figures of a key that was read.
    pub(super) fn usage(&self, seq: KeySeq) -> Usage {
        self.member(seq).map_or_else(Usage::default, |member| member.now)
    }

    /// Changes the figures of a key that was read.
    pub(super) fn set(&mut self, seq: KeySeq, usage: Usage) {
        if let Some(member) = self.members.iter_mut().find(|member| member.record.seq == seq) {
            member.now = usage;
        }
    }

    /// Ends a key, and every key below it; what they do not need any more returns.
    ///
    /// # Errors
    /// As [`Kin::find`].
    pub(super) fn end(
        &mut self,
        session: &Session<'_>,
        record: &KeyRecord,
        cause: EndCause,
    ) -> Result<(), LedgerError> {
        let usage = self.usage(record.seq);
        if usage.ended.is_some() {
            return Ok(());
        }
        self.set(record.seq, usage.end(cause, session.now()));
        self.follow_end(session, record)
    }

    /// What follows on an end that the key's figures say already.
    ///
    /// # Errors
    /// As [`Kin::find`].
    pub(super) fn follow_end(
        &mut self,
        session: &Session<'_>,
        record: &KeyRecord,
    ) -> Result<(), LedgerError> {
        // Itself first: what ends below it is asked whether everything above is at rest.
        for one in self.above(session, record)?.0 {
            let usage = self.usage(one.seq);
            let descendants = usage.descendants.saturating_sub(1);
            self.set(one.seq, Usage { descendants, ..usage });
        }
        if self.usage(record.seq).descendants > 0 {
            self.end_children(session, record)?;
        }
        self.give_back(session, record)
    }

    /// Ends the keys that were made from one. The index carries no MAC: the child's own record says
    /// whose it is. One whose rows were edited is refused wherever it is used.
    fn end_children(
        &mut self,
        session: &Session<'_>,
        record: &KeyRecord,
    ) -> Result<(), LedgerError> {
        for key in session.list_keys(Table::Children, &record.seq.to_key())? {
            let seq = KeySeq(key_number(&key, 1)?);
            let Some(Some(child)) = tolerating_damage(self.find(session, seq))? else { continue };
            if child.parent == Some(record.seq) {
                self.end(session, &child, EndCause::ParentEnded)?;
            }
        }
        Ok(())
    }

    /// Returns to the parent what a key that has ended does not need any more: at once what it can
    /// never use, and with its last request everything, its figures too.
    ///
    /// # Errors
    /// As [`Kin::find`].
    pub(super) fn give_back(
        &mut self,
        session: &Session<'_>,
        record: &KeyRecord,
    ) -> Result<(), LedgerError> {
        let usage = self.usage(record.seq);
        let (Some(_), Some(carved), Some(parent)) = (usage.ended, usage.carved, record.parent)
        else {
            return Ok(());
        };
        // Pruned, or ended with its root: nobody is there to return it to.
        let Some(parent) = self.find(session, parent)? else { return Ok(()) };
        let of_parent = self.usage(parent.seq);
        if !usage.is_at_rest() {
            let kept = carved.min(Share::taken(&usage));
            let lent = of_parent.lent.minus(carved.minus(kept));
            self.set(parent.seq, Usage { lent, ..of_parent });
            self.set(record.seq, Usage { carved: Some(kept), ..usage });
            return self.give_back(session, &parent);
        }
        let lent = of_parent.lent.minus(carved);
        let of_parent = Usage { lent, ..of_parent }.taking_in(&usage);
        self.set(parent.seq, of_parent);
        self.set(record.seq, Usage { carved: None, ..usage });
        let child = record.seq;
        self.returned.push(Returned { child, parent: Arc::clone(&parent), used: usage.used });
        if of_parent.ended.is_some() {
            return self.give_back(session, &parent);
        }
        match end_if_used_up(&parent, of_parent, session.now()).ended {
            Some(ended) => self.end(session, &parent, ended.cause),
            None => Ok(()),
        }
    }

    /// How many of the keys that were read have ended in this operation.
    pub(super) fn ended(&self) -> u64 {
        let new = |one: &&Member| one.before.ended.is_none() && one.now.ended.is_some();
        u64::try_from(self.members.iter().filter(new).count()).unwrap_or(u64::MAX)
    }

    /// Writes what has changed: each row once, its revision one up, and the events of what ended
    /// and returned. Answers with the new revisions.
    ///
    /// # Errors
    /// Where the storage fails.
    pub(super) fn write(
        self,
        session: &mut Session<'_>,
    ) -> Result<Vec<(KeySeq, Revision)>, LedgerError> {
        let mut written = Vec::with_capacity(self.members.len());
        for Member { record, before, now } in &self.members {
            if before == now {
                continue;
            }
            let revision = before.revision.next();
            session.put(&record.seq, &Usage { revision, ..*now })?;
            written.push((record.seq, revision));
            if now.ended.is_some() {
                self.cache.forget(record.seq);
            }
            if before.ended.is_none()
                && let Some(ended) = now.ended
            {
                bury(session, record, now, ended.cause)?;
            }
        }
        for Returned { child, parent, used } in self.returned {
            let event = Event::new(EventKind::KeyReturned, session.now()).key(child).count(used);
            session.event(&event.note(format!("to {}", parent.id)))?;
        }
        Ok(written)
    }

    fn member(&self, seq: KeySeq) -> Option<&Member> {
        self.members.iter().find(|member| member.record.seq == seq)
    }
}
