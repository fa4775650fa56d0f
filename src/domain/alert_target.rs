//! Where alerts go, and what waits to be delivered there.

use super::alert::Topic;
use super::ids::{AlertId, TargetId};
use super::key::KeyRecord;
use super::pattern::Pattern;
use super::sealed::Sealed;
use super::time::Timestamp;

/// The most targets of a store.
pub const MAX_TARGETS: usize = 16;

/// A place that is told.
#[derive(Clone, Debug)]
pub struct AlertTarget {
    /// Its number in the store.
    pub id: TargetId,
    /// What the operator calls it.
    pub name: String,
    /// How it is told.
    pub kind: TargetKind,
    /// What may be seen of the address: a host, or a program.
    pub shown: String,
    /// The address, sealed: a URL, or the words of a command as a JSON array.
    pub address: Sealed,
    /// What messages to it are signed with, sealed.
    pub secret: Option<Sealed>,
    /// Whether plain http and private addresses are allowed.
    pub local: bool,
    /// What it is told.
    pub topics: Vec<Topic>,
    /// Keys of which it is told: by id or name. All where there are none.
    pub keys: Vec<Pattern>,
    /// Labels that such a key must have, every one.
    pub labels: Vec<(String, String)>,
    /// When it was added.
    pub created_at: Timestamp,
    /// What became of what it was sent.
    pub delivery: Delivery,
}

/// How a target is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetKind {
    /// A signed POST of JSON.
    Webhook,
    /// A POST in the shape of Slack's incoming webhooks.
    Slack,
    /// A command with the JSON on its standard input.
    Command,
}

impl TargetKind {
    /// Every kind: its number on disk, and its name.
    pub const ALL: [(Self, u8, &'static str); 3] =
        [(Self::Webhook, 1, "webhook"), (Self::Slack, 2, "slack"), (Self::Command, 3, "command")];

    /// Its number on disk.
    #[must_use]
    pub fn number(self) -> u8 {
        Self::ALL.iter().find(|row| row.0 == self).map_or(0, |row| row.1)
    }

    /// The kind with this number on disk.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.iter().find(|row| row.1 == number).map(|row| row.0)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|row| row.0 == self).map_or("", |row| row.2)
    }
}

/// What became of what a target was sent.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Delivery {
    /// Failures since the last success.
    pub failures: u64,
    /// Not before this it is tried again.
    pub next_at: Timestamp,
    /// When it last took an alert.
    pub succeeded_at: Option<Timestamp>,
    /// When it last took none, and why.
    pub failed: Option<(Timestamp, String)>,
    /// Alerts that it took.
    pub delivered: u64,
    /// Alerts that were given up, or that went to make room for newer ones.
    pub given_up: u64,
}

/// An alert that waits for one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingAlert {
    /// Its number, which is the same at all targets.
    pub id: AlertId,
    /// When it was noticed.
    pub at: Timestamp,
    /// The message as JSON: what is signed and sent, the same at each try.
    pub body: String,
    /// The message as one line, for people.
    pub text: String,
}

impl AlertTarget {
    /// Whether it is told of this. A target that names keys or labels is told of such keys alone;
    /// what has no topic concerns all.
    #[must_use]
    pub fn wants(&self, topic: Option<Topic>, key: Option<&KeyRecord>) -> bool {
        let Some(topic) = topic else { return true };
        if !self.topics.contains(&topic) {
            return false;
        }
        if self.keys.is_empty() && self.labels.is_empty() {
            return true;
        }
        key.is_some_and(|key| {
            let id = key.id.to_string();
            let named = |pattern: &Pattern| pattern.matches(&id) || pattern.matches(&key.name);
            (self.keys.is_empty() || self.keys.iter().any(named))
                && self.labels.iter().all(|label| key.labels.contains(label))
        })
    }
}
