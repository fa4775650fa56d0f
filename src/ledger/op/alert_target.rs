//! `alert add|rm`: where alerts go.

use crate::domain::alert::{AlertCursor, Topic};
use crate::domain::alert_target::{AlertTarget, Delivery, MAX_TARGETS, TargetKind};
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{EventSeq, TargetId};
use crate::domain::pattern::Pattern;
use crate::store::Table;
use crate::store::rows::{ALERT_CURSOR_KEY, RowKey};
use crate::vault::{AlertContext, SecretText, seal_alert};

use super::super::error::{LedgerError, Refusal};
use super::super::operation::Operation;
use super::super::session::Session;

/// The sealed fields, by what they are bound to.
pub const ADDRESS: &str = "alert address";
/// The other one.
pub const SECRET: &str = "alert secret";

/// Adds a target.
#[derive(Debug)]
pub struct AddTarget {
    /// What the operator calls it.
    pub name: String,
    /// How it is told.
    pub kind: TargetKind,
    /// What may be seen of the address.
    pub shown: String,
    /// The address: a URL, or the words of a command as a JSON array.
    pub address: SecretText,
    /// What messages are signed with.
    pub secret: Option<SecretText>,
    /// Whether plain http and private addresses are allowed.
    pub local: bool,
    /// What it is told.
    pub topics: Vec<Topic>,
    /// Keys of which it is told; all where there are none.
    pub keys: Vec<Pattern>,
    /// Labels that such a key must have.
    pub labels: Vec<(String, String)>,
}

impl Operation for AddTarget {
    type Outcome = AlertTarget;

    fn apply(&self, session: &mut Session<'_>) -> Result<AlertTarget, LedgerError> {
        let others = session.list_intact::<AlertTarget>(&[])?;
        if others.iter().any(|(_, other)| other.name == self.name) {
            return Err(Refusal::NameTaken(self.name.clone()).into());
        }
        if others.len() >= MAX_TARGETS {
            return Err(Refusal::TooManyTargets.into());
        }
        let mut cursor = session.get::<AlertCursor>(ALERT_CURSOR_KEY)?.unwrap_or_default();
        let id = TargetId(cursor.next_target.max(1));
        let (store, keys) = (session.store(), session.keys());
        let sealed =
            |field, text| seal_alert(keys.alert(), AlertContext { store, id, field }, text);
        let target = AlertTarget {
            id,
            name: self.name.clone(),
            kind: self.kind,
            shown: self.shown.clone(),
            address: sealed(ADDRESS, &self.address)?,
            secret: self.secret.as_ref().map(|secret| sealed(SECRET, secret)).transpose()?,
            local: self.local,
            topics: self.topics.clone(),
            keys: self.keys.clone(),
            labels: self.labels.clone(),
            created_at: session.now(),
            delivery: Delivery::default(),
        };
        session.put(&id, &target)?;
        let added = Event::new(EventKind::AlertTargetChanged, session.now());
        session.event(&added.count(id.0).note(format!("added `{}`", self.name)))?;
        cursor.next_target = id.0.saturating_add(1);
        if others.is_empty() {
            // Nobody wanted to know what was before.
            let next_event = EventSeq(session.generation());
            cursor = AlertCursor { next_event, failed_unlocks: 0, refused: 0, ..cursor };
        }
        session.put(ALERT_CURSOR_KEY, &cursor)?;
        Ok(target)
    }
}

/// Takes a target away, with what waits for it.
#[derive(Debug)]
pub struct RemoveTarget {
    /// Which.
    pub name: String,
}

impl Operation for RemoveTarget {
    /// How many alerts waited for it.
    type Outcome = u64;

    fn apply(&self, session: &mut Session<'_>) -> Result<u64, LedgerError> {
        let all = session.list_intact::<AlertTarget>(&[])?;
        let found = all.into_iter().map(|(_, target)| target).find(|one| one.name == self.name);
        let target = found.ok_or_else(|| Refusal::NoSuchTarget(self.name.clone()))?;
        let waiting = session.list_keys(Table::Alerts, &target.id.to_key())?;
        for key in &waiting {
            session.rows_mut().delete(Table::Alerts, key)?;
        }
        session.delete(Table::AlertTargets, &target.id)?;
        let removed = Event::new(EventKind::AlertTargetChanged, session.now());
        session.event(&removed.count(target.id.0).note(format!("took `{}` away", self.name)))?;
        Ok(u64::try_from(waiting.len()).unwrap_or(u64::MAX))
    }
}
