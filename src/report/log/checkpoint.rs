//! An exported head of the log, and a store held against it.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::domain::ids::{EventSeq, StoreId};
use crate::domain::time::Timestamp;
use crate::vault::ProxyKeys;

use super::verify::Verified;

/// Bytes of a link, and of a tag.
const LEN: usize = 32;

/// A head of the log, as it is exported. It holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// The store.
    pub store: String,
    /// Its generation: the number of the event that comes next.
    pub generation: u64,
    /// The link of the newest event, in hexadecimal.
    pub head: String,
    /// When it was exported, as RFC 3339 writes it.
    pub at: String,
    /// What vouches for it, in hexadecimal.
    pub mac: String,
}

/// Why a text is no checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotACheckpoint {
    /// It is not what was exported.
    #[error("it is not what `till log checkpoint` writes: {0}")]
    Malformed(String),
    /// It is of another store.
    #[error("it is a checkpoint of the store {0}")]
    OtherStore(String),
}

/// What a store cannot be that agrees with a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotTrue {
    /// It was edited, or the store has another root key since.
    Unvouched,
    /// The store is older.
    RolledBack,
    /// The store has come as far on another way.
    Forked,
}

/// What a store is that agrees with a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// It goes on from there.
    GoesOn,
    /// It is not older; the event was dropped since, and more cannot be said.
    Dropped,
}

impl Checkpoint {
    /// The head of a log.
    #[must_use]
    pub fn new(store: StoreId, verified: &Verified, keys: &ProxyKeys, now: Timestamp) -> Self {
        let (generation, at) = (verified.next.0, now.to_rfc3339());
        let mac = keys.checkpoint().tag(store, generation, &verified.head, &at);
        Self {
            store: store.to_string(),
            generation,
            head: to_hex(&verified.head),
            at,
            mac: to_hex(&mac),
        }
    }

    /// Reads what was exported.
    ///
    /// # Errors
    /// Where it is something else, or of another store.
    pub fn parse(text: &str, store: StoreId) -> Result<Self, NotACheckpoint> {
        let read: Self = serde_json::from_str(text.trim())
            .map_err(|error| NotACheckpoint::Malformed(error.to_string()))?;
        let hex = |text| from_hex(text).map(drop);
        if hex(&read.head).and(hex(&read.mac)).is_none() {
            let what = "`head` and `mac` are 64 hexadecimal digits";
            return Err(NotACheckpoint::Malformed(what.to_owned()));
        }
        if read.store != store.to_string() {
            return Err(NotACheckpoint::OtherStore(read.store));
        }
        Ok(read)
    }

    /// The event whose link it is; none of a log without any.
    #[must_use]
    pub fn event(&self) -> EventSeq {
        EventSeq(self.generation.saturating_sub(1))
    }
}

/// Holds a store against a checkpoint. `verified` is the walk that was asked for the link of the
/// checkpoint's event; what is wrong with the chain itself it says.
///
/// # Errors
/// What the store is instead.
pub fn check(
    checkpoint: &Checkpoint,
    store: StoreId,
    verified: &Verified,
    keys: &ProxyKeys,
) -> Result<Checked, NotTrue> {
    let (Some(head), Some(mac)) = (from_hex(&checkpoint.head), from_hex(&checkpoint.mac)) else {
        return Err(NotTrue::Unvouched);
    };
    let about = (store, checkpoint.generation);
    if !keys.checkpoint().verify(about, &head, &checkpoint.at, &mac) {
        return Err(NotTrue::Unvouched);
    }
    if verified.next.0 < checkpoint.generation {
        return Err(NotTrue::RolledBack);
    }
    let event = checkpoint.event();
    let link = if event.0.saturating_add(1) == verified.first.0 {
        Some(verified.tail)
    } else {
        verified.link
    };
    match link {
        Some(link) if link == head => Ok(Checked::GoesOn),
        None if event < verified.first => Ok(Checked::Dropped),
        _ => Err(NotTrue::Forked),
    }
}

fn to_hex(bytes: &[u8; LEN]) -> String {
    let mut text = String::new();
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn from_hex(text: &str) -> Option<[u8; LEN]> {
    if text.len() != LEN.saturating_mul(2) || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; LEN];
    for (at, byte) in bytes.iter_mut().enumerate() {
        let start = at.saturating_mul(2);
        let digits = text.get(start..start.saturating_add(2))?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(bytes)
}
