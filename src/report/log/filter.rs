//! Which lines of the log are wanted.

use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{KeySeq, MasterId};
use crate::domain::pattern::Pattern;
use crate::domain::time::Timestamp;

/// How long denials are counted together, in milliseconds.
const MINUTE: u64 = 60_000;

/// A kind of line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Events of this kind.
    Event(EventKind),
    /// Denials.
    Denied,
}

impl Kind {
    /// Every kind's name.
    pub fn names() -> impl Iterator<Item = &'static str> {
        EventKind::ALL.iter().map(|(_, _, name, _)| *name).chain(["denied"])
    }

    /// The kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "denied" => Some(Self::Denied),
            name => EventKind::from_name(name).map(Self::Event),
        }
    }
}

/// What is wanted; what is not said is wanted all.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Nothing before this.
    pub since: Option<Timestamp>,
    /// Nothing from this on.
    pub until: Option<Timestamp>,
    /// About this key.
    pub key: Option<KeySeq>,
    /// About this master key.
    pub master: Option<MasterId>,
    /// About this provider.
    pub provider: Option<String>,
    /// About models like this.
    pub model: Option<Pattern>,
    /// Of these kinds; all where there are none.
    pub kinds: Vec<Kind>,
}

impl Filter {
    /// Whether everything is wanted.
    #[must_use]
    pub fn is_open(&self) -> bool {
        let Self { since, until, key, master, provider, model, kinds } = self;
        (since.is_none() && until.is_none() && key.is_none() && master.is_none())
            && (provider.is_none() && model.is_none() && kinds.is_empty())
    }

    /// Whether an event is wanted, but for its provider.
    #[must_use]
    pub fn wants(&self, event: &Event) -> bool {
        let named = event.facts.as_ref().map(|facts| facts.model.as_str());
        self.is_within(event.at)
            && (self.kinds.is_empty() || self.kinds.contains(&Kind::Event(event.kind)))
            && self.key.is_none_or(|key| event.key == Some(key))
            && self.master.is_none_or(|master| event.master == Some(master))
            && self.model.as_ref().is_none_or(|wanted| {
                named.is_some_and(|model| !model.is_empty() && wanted.matches(model))
            })
    }

    /// Whether a provider is wanted; none is where it is not known.
    #[must_use]
    pub fn wants_provider(&self, provider: Option<&str>) -> bool {
        self.provider.as_deref().is_none_or(|wanted| provider == Some(wanted))
    }

    /// Whether denials are wanted. What master key and model they were for is not known.
    #[must_use]
    pub fn wants_denial(&self, at: Timestamp, key: Option<KeySeq>) -> bool {
        // The minute that a time lies in is shown whole.
        let minute = self.since.map(|since| Timestamp(since.0.saturating_sub(MINUTE)));
        self.wants_denials()
            && minute.is_none_or(|minute| at > minute)
            && self.until.is_none_or(|until| at < until)
            && self.key.is_none_or(|wanted| key == Some(wanted))
    }

    /// Whether any denials can be wanted.
    #[must_use]
    pub fn wants_denials(&self) -> bool {
        (self.kinds.is_empty() || self.kinds.contains(&Kind::Denied))
            && (self.master.is_none() && self.provider.is_none() && self.model.is_none())
    }

    fn is_within(&self, at: Timestamp) -> bool {
        self.since.is_none_or(|since| at >= since) && self.until.is_none_or(|until| at < until)
    }
}
