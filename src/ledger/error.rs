//! What keeps an operation from being done.

use std::io;
use std::path::PathBuf;

use crate::domain::bounds::OutOfBounds;
use crate::domain::cost::Measure;
use crate::domain::ids::{KeyId, MasterId};
use crate::domain::time::Span;
use crate::domain::unfit::Unfit;
use crate::store::StoreError;
use crate::vault::VaultError;

/// Why an operation was not done. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The rules refuse it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A ciphertext could not be made or opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// No slot opens with the secret that was given.
    #[error("the secret opens no unlock slot of this store")]
    WrongSecret,
    /// The anchor cannot be read.
    #[error("the anchor `{}` cannot be read or written: {error}", .path.display())]
    Anchor {
        /// Its file.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// The store is older than what was seen of it.
    #[error("the store went back: it is at generation {found}, and {expected} was seen")]
    RolledBack {
        /// The store's generation.
        found: u64,
        /// What the anchor remembers.
        expected: u64,
    },
}

impl LedgerError {
    /// Whether rows are not as they were written, which concerns the operation that read them
    /// alone: operations read before they write, and this one has written nothing.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        matches!(self, Self::Store(StoreError::Damaged(_) | StoreError::Forged(_)))
    }
}

/// What an operation answered, or nothing where rows that it read are not as they were written.
///
/// # Errors
/// Every other failure.
pub(super) fn tolerating_damage<T>(
    result: Result<T, LedgerError>,
) -> Result<Option<T>, LedgerError> {
    match result {
        Err(failure) if failure.is_damage() => Ok(None),
        result => result.map(Some),
    }
}

/// What the rules refuse.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such key.
    #[error("there is no such key")]
    NoSuchKey,
    /// No such master.
    #[error("there is no master key `{0}`")]
    NoSuchMaster(String),
    /// No such slot.
    #[error("there is no unlock slot {0}")]
    NoSuchSlot(u64),
    /// No such provider among those that were added.
    #[error("there is no provider `{0}` among those that were added")]
    NoSuchProvider(String),
    /// The name is in use.
    #[error("the name `{0}` is taken")]
    NameTaken(String),
    /// The key is a tombstone.
    #[error("the key {0} has ended, and ended keys never come back")]
    KeyEnded(KeyId),
    /// Nothing would bring the key to an end.
    #[error("the key would have no end")]
    Unbounded,
    /// The end lies in the past.
    #[error("the expiry is in the past")]
    PastExpiry,
    /// The limit is below what is used already.
    #[error("the limit of {limit} is not above the {used} that are used or in flight")]
    BelowUsed {
        /// The limit that was asked for.
        limit: u64,
        /// What is used or held.
        used: u64,
    },
    /// A cap is below what is used already.
    #[error("the limit of {limit} is not above the {used} that are used or in flight")]
    CapBelowUsed {
        /// The limit that was asked for.
        limit: String,
        /// What is used or held.
        used: String,
    },
    /// More of something that the key has no limit of.
    #[error("the key has no limit of {} that could be raised", .0.name())]
    NoCapToExtend(Measure),
    /// The cap is 0 or above the greatest.
    #[error("a limit of {} is not between 1 and {}", .0.name(), greatest(*.0))]
    CapOutOfRange(Measure),
    /// More activations for a key that has no limit of them.
    #[error("the key has no limit of activations that could be raised")]
    NothingToExtend,
    /// The limit is 0 or above the greatest.
    #[error("a limit of {0} activations is not between 1 and 1000000000000")]
    LimitOutOfRange(u64),
    /// Two masters of one provider in one key.
    #[error("the key would open two master keys of the provider `{0}`")]
    ProviderTwice(String),
    /// Live keys depend on the master.
    #[error("{} on it", counted(*.0, "live proxy key depends", "live proxy keys depend"))]
    KeysDepend(u64),
    /// Master keys depend on the provider.
    #[error("{} on it", counted(*.0, "master key depends", "master keys depend"))]
    MastersDepend(u64),
    /// Processes that forward would be left behind.
    #[error("{} on this store", counted(*.0, "proxy runs", "proxies run"))]
    ProxiesRun(usize),
    /// The process that a key should end with has ended.
    #[error("the process that the key should end with is not there")]
    NoSuchProcess,
    /// No such minter.
    #[error("there is no admin token or trust `{0}`")]
    NoSuchMinter(String),
    /// The minter was taken away, or its time is over.
    #[error("the admin token was revoked or has expired")]
    MinterGone,
    /// A minter whose keys could open nothing.
    #[error("its keys could open nothing")]
    OpensNothing,
    /// The keys would be outside their minter's bounds.
    #[error(transparent)]
    OutOfBounds(#[from] OutOfBounds),
    /// The minter may not open this master.
    #[error("the admin token may not open the master key {0}")]
    NotGranted(MasterId),
    /// The minter may open master keys of the store alone.
    #[error("the admin token may not bring real keys of its own")]
    MayNotBring,
    /// The wall clock cannot be right, and nobody has unlocked the store to say that it is.
    #[error("the wall clock is {} ahead of what its boot clock allows", .0.rounded())]
    ClockSuspect(Span),
    /// The identity token has been used, or may have been.
    #[error("the identity token was used before, or is too old to tell; show a new one")]
    Replayed,
    /// A child key would be wider than its parent, or take more than that has left.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// No such target of alerts.
    #[error("there is no target of alerts `{0}`")]
    NoSuchTarget(String),
    /// More targets of alerts than a store has.
    #[error(
        "there are {} targets of alerts, and more are not taken",
        crate::domain::alert_target::MAX_TARGETS
    )]
    TooManyTargets,
    /// Without it, nobody could unlock the store again.
    #[error("it is the only unlock slot that lasts")]
    LastSlot,
}

impl From<OutOfBounds> for LedgerError {
    fn from(beyond: OutOfBounds) -> Self {
        Self::Refused(beyond.into())
    }
}

impl From<crate::store::rows::Malformed> for LedgerError {
    fn from(malformed: crate::store::rows::Malformed) -> Self {
        Self::Store(StoreError::Damaged(malformed.to_string()))
    }
}

/// The greatest limit, in words.
fn greatest(measure: Measure) -> String {
    measure.words(super::op::most(measure))
}

fn counted(count: impl TryInto<u64>, one: &str, many: &str) -> String {
    match count.try_into().unwrap_or(u64::MAX) {
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    }
}
