//! Pauses: a key that is kept from use until it is resumed.
//!
//! A pause is not an end. The key keeps its grants, its children and what it holds, requests in
//! flight finish, and its time runs on. Whatever was made from a paused key is paused with it.

use super::denial::{Denial, Reason};
use super::ids::KeyId;
use super::key::{KeyRecord, Usage};
use super::time::Timestamp;

/// What becomes of a key of which something unusual was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum OnSpike {
    /// It is said, and nothing else.
    #[default]
    Alert,
    /// The key is paused.
    Pause,
}

impl OnSpike {
    /// As flags and JSON have it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Pause => "pause",
        }
    }

    /// What has this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Alert, Self::Pause].into_iter().find(|how| how.name() == name)
    }
}

/// The pause that keeps a key from being used: its own, or that of a key that it was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// The key that was paused.
    pub key: KeyId,
    /// When it was.
    pub since: Timestamp,
}

/// The pause that a key is under: `keys` are itself and those that it was made from, the nearest
/// first.
pub fn pause<'a>(keys: impl IntoIterator<Item = (&'a KeyRecord, &'a Usage)>) -> Option<Pause> {
    keys.into_iter().find_map(|(key, usage)| {
        let since = usage.paused_since()?;
        Some(Pause { key: key.id, since })
    })
}

/// The denial of a key that is paused.
#[must_use]
pub fn paused_denial(key: KeyId, pause: Pause) -> Denial {
    let paused = pause.key;
    let message = if paused == key {
        format!("the key {key} is paused; `till key resume {key}` lifts that")
    } else {
        format!(
            "the key {paused}, which this one was made from, is paused; `till key resume \
             {paused}` lifts that"
        )
    };
    Denial::new(Reason::KeyPaused, message).of(key)
}
