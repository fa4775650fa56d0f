//! One line of the log, with the names of what it is about.

use crate::domain::denial::Reason;
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{EventSeq, KeyId, KeySeq, MasterId};
use crate::domain::time::Timestamp;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// An event.
    Event(EventSeq, Event),
    /// An event that cannot be read: it was edited, or is damaged.
    Unreadable(EventSeq),
    /// Requests that were denied within a minute, for one reason.
    Denied {
        /// Whose, where that was known.
        key: Option<KeySeq>,
        /// Why.
        reason: Reason,
        /// How many.
        count: u64,
    },
}

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When; of denials the minute's beginning.
    pub at: Timestamp,
    /// What.
    pub what: What,
    /// The key's id and name, where its row is still there.
    pub key: Option<(KeyId, String)>,
    /// The master key's name, where its row is still there.
    pub master: Option<String>,
    /// The provider, where it is known.
    pub provider: Option<String>,
}

impl Entry {
    /// The event, where it is one.
    #[must_use]
    pub const fn event(&self) -> Option<&Event> {
        match &self.what {
            What::Event(_, event) => Some(event),
            What::Unreadable(_) | What::Denied { .. } => None,
        }
    }

    /// The event's number.
    #[must_use]
    pub const fn seq(&self) -> Option<EventSeq> {
        match self.what {
            What::Event(seq, _) | What::Unreadable(seq) => Some(seq),
            What::Denied { .. } => None,
        }
    }

    /// The number of the key that it is about.
    #[must_use]
    pub fn key_seq(&self) -> Option<KeySeq> {
        match &self.what {
            What::Event(_, event) => event.key,
            What::Denied { key, .. } => *key,
            What::Unreadable(_) => None,
        }
    }

    /// The number of the master key that it is about.
    #[must_use]
    pub fn master_id(&self) -> Option<MasterId> {
        self.event().and_then(|event| event.master)
    }

    /// What the kind of it is called.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &self.what {
            What::Event(_, event) => event.kind.name(),
            What::Unreadable(_) => "unreadable",
            What::Denied { .. } => "denied",
        }
    }

    /// Whether whoever wrote it had unlocked the store when it happened. Counts of denials carry
    /// no MAC.
    #[must_use]
    pub fn is_authenticated(&self) -> bool {
        self.event().map(|event| event.kind).is_some_and(EventKind::is_authenticated)
    }
}
