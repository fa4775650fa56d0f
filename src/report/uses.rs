//! How far a key is used, measure by measure.

use crate::domain::cost::Measure;
use crate::domain::status::Status;

use super::KeyView;

/// What is used of one measure, limited or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// Which.
    pub measure: Measure,
    /// The key's cap on it, where it has one.
    pub limit: Option<u64>,
    /// What the requests that were metered have used.
    pub used: u64,
    /// What requests in flight and child keys hold.
    pub held: u64,
    /// What child keys hold of that.
    pub lent: u64,
    /// What is neither used nor held of the cap, where there is one; nothing once the key has
    /// ended.
    pub remaining: Option<u64>,
}

impl KeyView {
    /// How far the key is used by this measure.
    #[must_use]
    pub fn use_of(&self, measure: Measure) -> Use {
        let limit = self.record.limits.caps.on(measure);
        let used = measure.of(&self.usage.cost);
        let held = self.usage.set_aside(measure);
        let remaining = limit.map(|limit| match self.status {
            Status::Live => limit.saturating_sub(used).saturating_sub(held),
            Status::Ended(_) => 0,
        });
        let lent = self.usage.lent.of(measure);
        Use { measure, limit, used, held, lent, remaining }
    }

    /// How far it is used, by every measure.
    pub fn uses(&self) -> impl Iterator<Item = Use> + '_ {
        Measure::ALL.iter().map(|(measure, ..)| self.use_of(*measure))
    }
}

impl Use {
    /// Whether there is anything to say of it: a cap, or something used or held.
    #[must_use]
    pub const fn is_of_note(&self) -> bool {
        self.limit.is_some() || self.used > 0 || self.held > 0
    }
}
