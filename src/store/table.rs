//! The tables of a store.

/// One table. The name is part of the format (`docs/format.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Table {
    /// What the store is: format, id, counters, the head of the audit chain, the clock.
    Meta,
    /// Unlock slots, by number.
    Slots,
    /// Master keys, by number.
    Masters,
    /// Caps on master keys, and how far they are used. Hot where there are any.
    MasterUsage,
    /// Providers that were added, by name.
    Providers,
    /// Keyed hash of a proxy key → its number.
    KeyIndex,
    /// Public id of a proxy key → its number.
    KeyIds,
    /// What a proxy key is: limits, scope, names. Cold.
    Keys,
    /// What a proxy key has used. Hot, small.
    Usage,
    /// Proxy key and master key → the master's data key, wrapped.
    Grants,
    /// Proxy keys that were stopped without an unlock.
    Kills,
    /// Expiry and key number: what ends when.
    Expiries,
    /// Running processes that may hold something.
    Instances,
    /// What requests in flight have set aside.
    Holds,
    /// The audit log.
    Events,
    /// Events made without an unlock, not authenticated. Bounded.
    Notes,
    /// Denials, counted by key, reason and minute. Bounded.
    Denials,
}

impl Table {
    /// Every table, in the order of the enum.
    pub const ALL: [Self; 17] = [
        Self::Meta,
        Self::Slots,
        Self::Masters,
        Self::MasterUsage,
        Self::Providers,
        Self::KeyIndex,
        Self::KeyIds,
        Self::Keys,
        Self::Usage,
        Self::Grants,
        Self::Kills,
        Self::Expiries,
        Self::Instances,
        Self::Holds,
        Self::Events,
        Self::Notes,
        Self::Denials,
    ];

    /// The table's name on disk.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Meta => "meta",
            Self::Slots => "slots",
            Self::Masters => "masters",
            Self::MasterUsage => "master_usage",
            Self::Providers => "providers",
            Self::KeyIndex => "key_index",
            Self::KeyIds => "key_ids",
            Self::Keys => "keys",
            Self::Usage => "usage",
            Self::Grants => "grants",
            Self::Kills => "kills",
            Self::Expiries => "expiries",
            Self::Instances => "instances",
            Self::Holds => "holds",
            Self::Events => "events",
            Self::Notes => "notes",
            Self::Denials => "denials",
        }
    }

    /// The table's place in [`Table::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        #[expect(clippy::as_conversions, reason = "the discriminant of a fieldless enum")]
        {
            self as usize
        }
    }
}
