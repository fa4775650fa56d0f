//! Events: the rows of the audit log.

use super::ids::{InstanceId, KeySeq, MasterId};
use super::rollup::Facts;
use super::settlement::Charge;
use super::time::Timestamp;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each has its meaning in the table below")]
pub enum EventKind {
    StoreCreated,
    SlotAdded,
    SlotRemoved,
    Rekeyed,
    MasterAdded,
    MasterRotated,
    MasterRemoved,
    MasterLimited,
    ProviderAdded,
    ProviderRemoved,
    MinterAdded,
    MinterRemoved,
    AdminRefused,
    KeyMinted,
    KeyEdited,
    KeyEnded,
    KeyReturned,
    KeysPruned,
    Admitted,
    Settled,
    InstanceStarted,
    InstanceStopped,
    InstanceRecovered,
    UnlockFailed,
    KeyStopped,
    Unlocked,
    RetentionChanged,
    NoteUnreadable,
    Spike,
    KeyPaused,
    KeyResumed,
    AlertTargetChanged,
    AlertFailed,
    StoreRestored,
    FormatRaised,
}

impl EventKind {
    /// Every kind: its number on disk, its name, and what it means.
    #[rustfmt::skip]
    pub const ALL: [(Self, u8, &'static str, &'static str); 35] = [
        (Self::StoreCreated, 1, "store-created", "the store was made"),
        (Self::SlotAdded, 2, "slot-added", "an unlock slot was added; `count` is its number"),
        (Self::SlotRemoved, 3, "slot-removed", "an unlock slot was removed; `count` is its number"),
        (Self::Rekeyed, 4, "rekeyed", "the store has a new root key, and every proxy key ended"),
        (Self::MasterAdded, 5, "master-added", "a master key was sealed"),
        (Self::MasterRotated, 6, "master-rotated", "a master key was replaced"),
        (Self::MasterRemoved, 7, "master-removed", "a master key was erased"),
        (Self::MasterLimited, 19, "master-limited", "a master key's caps were changed"),
        (Self::ProviderAdded, 8, "provider-added", "a provider was added"),
        (Self::ProviderRemoved, 9, "provider-removed", "a provider was removed"),
        (Self::MinterAdded, 20, "minter-added", "an admin token or a trust was made; `count` is its number"),
        (Self::MinterRemoved, 21, "minter-removed", "an admin token or a trust was taken away; `count` is its number"),
        (Self::AdminRefused, 22, "admin-refused", "the admin API refused credentials; `count` says how often, `note` from where"),
        (Self::KeyMinted, 10, "key-minted", "a proxy key was minted; `count` is its activations, `note` by whom, or of which key it was made"),
        (Self::KeyEdited, 11, "key-edited", "a proxy key's limits, scope or names were changed"),
        (Self::KeyEnded, 12, "key-ended", "a proxy key ended; `note` says why"),
        (Self::KeyReturned, 23, "key-returned", "what a child key used was counted to its parent; `count` is its activations, `note` names the parent"),
        (Self::KeysPruned, 13, "keys-pruned", "tombstones were dropped; `count` says how many"),
        (Self::Admitted, 14, "admitted", "a request was admitted; `count` is its hold's number"),
        (Self::Settled, 15, "settled", "a request ended; `count` is its hold's number, `note` how"),
        (Self::InstanceStarted, 16, "instance-started", "a proxy started"),
        (Self::InstanceStopped, 17, "instance-stopped", "a proxy stopped in good order"),
        (Self::InstanceRecovered, 18, "instance-recovered", "a dead proxy's holds were charged; `count` says how many"),
        (Self::UnlockFailed, 24, "unlock-failed", "a secret opened no unlock slot; not authenticated, at the time it claims"),
        (Self::KeyStopped, 25, "key-stopped", "a proxy key was stopped without an unlock; not authenticated, at the time it claims"),
        (Self::Unlocked, 26, "unlocked", "the store was unlocked; `count` is the slot's number; once an hour for each slot"),
        (Self::RetentionChanged, 27, "retention-changed", "how many events are kept was changed; `count` says it, `note` for how long"),
        (Self::NoteUnreadable, 28, "note-unreadable", "what was noted without an unlock cannot be read; not authenticated"),
        (Self::Spike, 29, "spike", "something unusual was seen; `note` says what, `count` is its figure"),
        (Self::KeyPaused, 30, "key-paused", "a proxy key was paused; `note` says why"),
        (Self::KeyResumed, 31, "key-resumed", "a paused proxy key was resumed"),
        (Self::AlertTargetChanged, 32, "alert-target-changed", "a target of alerts was added or taken away; `note` says which"),
        (Self::AlertFailed, 33, "alert-failed", "alerts were given up, undelivered; `count` says how many, `note` to where and why"),
        (Self::StoreRestored, 34, "store-restored", "a backup was put in the store's place; `count` keys ended, `note` says of which generation and time it was"),
        (Self::FormatRaised, 35, "format-raised", "a store of an older format was brought forward; `count` is its format now, `note` says which it had"),
    ];

    /// The kind's number on disk.
    #[must_use]
    pub fn number(self) -> u8 {
        Self::ALL.iter().find(|(kind, ..)| *kind == self).map_or(0, |(_, number, ..)| *number)
    }

    /// The kind with this number on disk.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.iter().find(|(_, known, ..)| *known == number).map(|(kind, ..)| *kind)
    }

    /// The kind's name, as the log prints it.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, ..)| *kind == self).map_or("", |(_, _, name, _)| name)
    }
}

impl EventKind {
    /// The kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, _, known, _)| *known == name).map(|(kind, ..)| *kind)
    }

    /// Whether whoever wrote it had unlocked the store when it happened. What happened without an
    /// unlock was noted by whoever can write the file, and was taken into the log later.
    #[must_use]
    pub const fn is_authenticated(self) -> bool {
        !matches!(self, Self::UnlockFailed | Self::KeyStopped | Self::NoteUnreadable)
    }
}

/// One event. Never holds a credential, a body or a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When, by the clock that decided.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
    /// The proxy key it is about.
    pub key: Option<KeySeq>,
    /// The master key it is about.
    pub master: Option<MasterId>,
    /// The process that did it, where it is one that forwards.
    pub instance: Option<InstanceId>,
    /// What a request in flight holds, where it was admitted, or what was charged, where it ended.
    pub charge: Option<Charge>,
    /// What the request was that has ended, where it was sent.
    pub facts: Option<Facts>,
    /// A figure; the kind says which.
    pub count: u64,
    /// A word; the kind says which.
    pub note: String,
}

impl Event {
    /// An event with nothing but its kind and time.
    #[must_use]
    pub fn new(kind: EventKind, at: Timestamp) -> Self {
        Self {
            at,
            kind,
            key: None,
            master: None,
            instance: None,
            charge: None,
            facts: None,
            count: 0,
            note: String::new(),
        }
    }

    /// The same, about this key.
    #[must_use]
    pub fn key(mut self, key: KeySeq) -> Self {
        self.key = Some(key);
        self
    }

    /// The same, about this master.
    #[must_use]
    pub fn master(mut self, master: MasterId) -> Self {
        self.master = Some(master);
        self
    }

    /// The same, done by this instance.
    #[must_use]
    pub fn by(mut self, instance: InstanceId) -> Self {
        self.instance = Some(instance);
        self
    }

    /// The same, with what it costs.
    #[must_use]
    pub fn charge(mut self, charge: Charge) -> Self {
        self.charge = Some(charge);
        self
    }

    /// The same, with what the request was.
    #[must_use]
    pub fn facts(mut self, facts: Facts) -> Self {
        self.facts = Some(facts);
        self
    }

    /// The same, with this figure.
    #[must_use]
    pub fn count(mut self, count: u64) -> Self {
        self.count = count;
        self
    }

    /// The same, with this word.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }
}
