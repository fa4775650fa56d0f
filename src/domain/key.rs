//! Proxy keys: what one is, and what it has used.

use super::cost::{Cost, Measure};
use super::demand::Gauge;
use super::ids::{InstanceId, KeyId, KeySeq, MasterId, MinterId, Revision};
use super::limits::Limits;
use super::rate::ArrivalTime;
use super::scope::Scope;
use super::share::Share;
use super::time::Timestamp;

/// What a proxy key is. Written when it is minted and edited, not when it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// Its number in the store.
    pub seq: KeySeq,
    /// Its public id.
    pub id: KeyId,
    /// The keyed hash of its text, which the index must agree with.
    pub lookup: [u8; 32],
    /// What the operator calls it; may be empty.
    pub name: String,
    /// `k=v` pairs for the operator's own use.
    pub labels: Vec<(String, String)>,
    /// What it opens, in the order of minting: the master's number and its provider.
    pub masters: Vec<(MasterId, String)>,
    /// What it may use up.
    pub limits: Limits,
    /// What it may be used for.
    pub scope: Scope,
    /// The only process that it is good at, where it is one's own.
    pub ends_with: Option<InstanceId>,
    /// Who minted it; none where that was the operator, or the holder of a key.
    pub minter: Option<MinterId>,
    /// The key that it was made from; none where the operator minted it.
    pub parent: Option<KeySeq>,
    /// How many generations of keys may be made from it, one from the other; none where nothing.
    pub delegate: u8,
    /// When it was minted.
    pub created_at: Timestamp,
    /// How often the row was written.
    pub revision: Revision,
}

impl KeyRecord {
    /// The master that it opens for this provider.
    #[must_use]
    pub fn master_for(&self, provider: &str) -> Option<MasterId> {
        self.masters.iter().find(|(_, name)| name == provider).map(|(id, _)| *id)
    }

    /// The providers that it opens, in the order of minting.
    pub fn providers(&self) -> impl Iterator<Item = &str> {
        self.masters.iter().map(|(_, provider)| provider.as_str())
    }
}

/// What a proxy key has used: the row that every request reads and writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Usage {
    /// How often the row was written. Only grows.
    pub revision: Revision,
    /// The revision of the record that these figures belong to.
    pub record: Revision,
    /// Activations consumed.
    pub used: u64,
    /// Activations set aside for requests in flight.
    pub held: u64,
    /// Requests that were sent and have ended.
    pub attempts: u64,
    /// Of those, the ones that the upstream answered with success.
    pub answered: u64,
    /// Tokens and money consumed.
    pub cost: Cost,
    /// Tokens and money set aside for requests in flight: the most that they may cost.
    pub cost_held: Cost,
    /// What its child keys have of it: held, not used.
    pub lent: Share,
    /// Requests in flight of all keys below it.
    pub below: u64,
    /// The keys below it, of every generation, that have not ended.
    pub descendants: u64,
    /// What it has of its parent, of every measure in which that is limited. None for a key without
    /// one, and once everything has returned.
    pub carved: Option<Share>,
    /// The rate's state.
    pub arrival: ArrivalTime,
    /// When it was last admitted; zero where it never was.
    pub last_used_at: Timestamp,
    /// Since when it is paused; zero where it is not. It stands here and not in the record: every
    /// admission reads the newest of this row, and a pause changes nothing of what the key is.
    pub paused_at: Timestamp,
    /// The end of the key, where it has come.
    pub ended: Option<Ended>,
}

/// A key's end. It never comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Why.
    pub cause: EndCause,
    /// When it was noticed.
    pub at: Timestamp,
}

/// Why a key ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EndCause {
    /// Its activations are used.
    Activations,
    /// Its time is over.
    Expired,
    /// The operator revoked it.
    Revoked,
    /// The master key that it depends on was removed or replaced.
    MasterGone,
    /// Its tokens are used.
    Tokens,
    /// Its money is spent.
    Spend,
    /// The run that it was minted for is over.
    RunOver,
    /// A key that it was made from has ended.
    ParentEnded,
}

impl EndCause {
    /// Every cause.
    pub const ALL: [Self; 8] = [
        Self::Activations,
        Self::Expired,
        Self::Revoked,
        Self::MasterGone,
        Self::Tokens,
        Self::Spend,
        Self::RunOver,
        Self::ParentEnded,
    ];

    /// The cause's name, as tables and JSON print it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Activations => "activations",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::MasterGone => "master-gone",
            Self::Tokens => "tokens",
            Self::Spend => "spend",
            Self::RunOver => "run-over",
            Self::ParentEnded => "parent-ended",
        }
    }
}

impl EndCause {
    /// The end that a used-up cap on this measure is.
    #[must_use]
    pub const fn of(measure: Measure) -> Self {
        match measure {
            Measure::Tokens | Measure::InputTokens | Measure::OutputTokens => Self::Tokens,
            Measure::Spend => Self::Spend,
        }
    }
}

impl Usage {
    /// How far each of the key's caps on tokens and money is used.
    pub fn gauges(&self, limits: &Limits) -> impl Iterator<Item = Gauge> + use<> {
        let usage = *self;
        limits.caps.iter().map(move |(measure, limit)| Gauge {
            measure,
            limit,
            used: measure.of(&usage.cost),
            held: usage.set_aside(measure),
        })
    }

    /// What requests in flight and child keys hold of a measure.
    #[must_use]
    pub const fn set_aside(&self, measure: Measure) -> u64 {
        measure.of(&self.cost_held).saturating_add(self.lent.of(measure))
    }

    /// The activations that requests in flight and child keys hold.
    #[must_use]
    pub const fn activations_set_aside(&self) -> u64 {
        self.held.saturating_add(self.lent.activations)
    }

    /// What is left of `limit` activations: neither used nor held.
    #[must_use]
    pub const fn remaining(&self, limit: u64) -> u64 {
        limit.saturating_sub(self.used).saturating_sub(self.activations_set_aside())
    }

    /// The requests in flight of the key and of all below it.
    #[must_use]
    pub const fn in_flight(&self) -> u64 {
        self.held.saturating_add(self.below)
    }

    /// Whether nothing is outstanding: no request in flight, of its own or below it, and no key
    /// below it that lives. To a key that has ended nothing can come then any more.
    #[must_use]
    pub const fn is_at_rest(&self) -> bool {
        self.in_flight() == 0 && self.descendants == 0
    }

    /// The same row with a child's figures counted to it.
    #[must_use]
    pub fn taking_in(mut self, child: &Self) -> Self {
        self.used = self.used.saturating_add(child.used);
        self.attempts = self.attempts.saturating_add(child.attempts);
        self.answered = self.answered.saturating_add(child.answered);
        self.cost = self.cost.plus(child.cost);
        self
    }

    /// Since when the key is paused, where it is.
    #[must_use]
    pub fn paused_since(&self) -> Option<Timestamp> {
        Some(self.paused_at).filter(|at| *at > Timestamp::default())
    }

    /// The same row, paused now; the first pause stays.
    #[must_use]
    pub fn pause(mut self, at: Timestamp) -> Self {
        let since = self.paused_since();
        // A clock at zero is no clock, and must not make a pause none.
        self.paused_at = since.unwrap_or(at.max(Timestamp(1)));
        self
    }

    /// The same row, not paused.
    #[must_use]
    pub fn resume(mut self) -> Self {
        self.paused_at = Timestamp::default();
        self
    }

    /// The same row, ended now; the first end stays.
    #[must_use]
    pub fn end(mut self, cause: EndCause, at: Timestamp) -> Self {
        self.ended.get_or_insert(Ended { cause, at });
        self
    }
}
