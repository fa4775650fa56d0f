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
    /// Master keys that came with a request, by number, with how many keys open them.
    Brought,
    /// Keyed hash of such a master key → its number.
    BroughtIndex,
    /// Providers that were added, by name.
    Providers,
    /// Those who may mint without an unlock, by number.
    Minters,
    /// What they have minted, and the totals of it.
    MinterUsage,
    /// Keyed hash of an admin token → its minter's number.
    MinterIndex,
    /// Minter and proxy key: what each has minted.
    MinterKeys,
    /// End of its time and keyed hash of each identity token that was used.
    UsedTokens,
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
    /// Proxy key and one that was made from it and lives.
    Children,
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
    /// What was used, summed by hour, key, master key and model. Bounded.
    Rollups,
    /// Where alerts go, by number.
    AlertTargets,
    /// Alerts that wait to be delivered, by target and number. Bounded.
    Alerts,
    /// What was alerted of last: levels of limits, and times.
    AlertLevels,
    /// What was told as unusual, by hour and key or master key. Bounded.
    Unusual,
    /// The client addresses that each proxy key was used from. Each row bounded.
    Addresses,
}

impl Table {
    /// Every table, in the order of the enum.
    pub const ALL: [Self; 31] = [
        Self::Meta,
        Self::Slots,
        Self::Masters,
        Self::MasterUsage,
        Self::Brought,
        Self::BroughtIndex,
        Self::Providers,
        Self::Minters,
        Self::MinterUsage,
        Self::MinterIndex,
        Self::MinterKeys,
        Self::UsedTokens,
        Self::KeyIndex,
        Self::KeyIds,
        Self::Keys,
        Self::Usage,
        Self::Grants,
        Self::Kills,
        Self::Expiries,
        Self::Children,
        Self::Instances,
        Self::Holds,
        Self::Events,
        Self::Notes,
        Self::Denials,
        Self::Rollups,
        Self::AlertTargets,
        Self::Alerts,
        Self::AlertLevels,
        Self::Unusual,
        Self::Addresses,
    ];

    /// The table's name on disk.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Meta => "meta",
            Self::Slots => "slots",
            Self::Masters => "masters",
            Self::MasterUsage => "master_usage",
            Self::Brought => "brought",
            Self::BroughtIndex => "brought_index",
            Self::Providers => "providers",
            Self::Minters => "minters",
            Self::MinterUsage => "minter_usage",
            Self::MinterIndex => "minter_index",
            Self::MinterKeys => "minter_keys",
            Self::UsedTokens => "used_tokens",
            Self::KeyIndex => "key_index",
            Self::KeyIds => "key_ids",
            Self::Keys => "keys",
            Self::Usage => "usage",
            Self::Grants => "grants",
            Self::Kills => "kills",
            Self::Expiries => "expiries",
            Self::Children => "children",
            Self::Instances => "instances",
            Self::Holds => "holds",
            Self::Events => "events",
            Self::Notes => "notes",
            Self::Denials => "denials",
            Self::Rollups => "rollups",
            Self::AlertTargets => "alert_targets",
            Self::Alerts => "alerts",
            Self::AlertLevels => "alert_levels",
            Self::Unusual => "unusual",
            Self::Addresses => "addresses",
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
