//! What was found to be unusual, and told.

use std::fmt;

use super::Figure;
use crate::domain::ids::{KeySeq, MasterId};

/// Whom something unusual is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A proxy key.
    Key(KeySeq),
    /// A master key, over all its proxy keys.
    Master(MasterId),
}

/// A figure that is unusual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which.
    pub figure: Figure,
    /// How much there was in the hour when it was noticed.
    pub amount: u64,
    /// The usual peak of an hour.
    pub usual: u64,
    /// Whether it is an hour in which usually hardly anything is used.
    pub quiet: bool,
}

/// Something unusual.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A figure.
    Figure(Finding),
    /// A model that the key did not ask before.
    Model(String),
    /// A client address that the key was not used from before: a network.
    Address(String),
    /// More addresses than are told apart.
    ManyAddresses,
}

/// What was told of a key or master key in an hour.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Unusual {
    /// In the order in which it was noticed.
    pub found: Vec<Found>,
    /// Whether it has paused the key.
    pub paused: bool,
}

impl Found {
    /// What it is about: a figure's name, `model` or `address`.
    #[must_use]
    pub fn what(&self) -> &'static str {
        match self {
            Self::Figure(finding) => finding.figure.name(),
            Self::Model(_) => "model",
            Self::Address(_) | Self::ManyAddresses => "address",
        }
    }

    /// The figure, where it is one; nothing for the others.
    #[must_use]
    pub const fn amount(&self) -> u64 {
        match self {
            Self::Figure(finding) => finding.amount,
            _ => 0,
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Figure(finding) => {
                let Finding { figure, amount, usual, quiet } = finding;
                let (name, amount) = (figure.name(), figure.words(*amount));
                let usual = figure.words(*usual);
                write!(f, "{name}: {amount} in the hour, usually at most {usual}")?;
                if *quiet { write!(f, ", and hardly any at this time of day") } else { Ok(()) }
            }
            Self::Model(model) => write!(f, "a new model: {model}"),
            Self::Address(network) => write!(f, "a new client address: {network}"),
            Self::ManyAddresses => {
                write!(f, "many client addresses: new ones are not told any more")
            }
        }
    }
}

impl Unusual {
    /// Whether something is told already: each figure is once in an hour, and so is a model.
    #[must_use]
    pub fn has(&self, found: &Found) -> bool {
        self.found.iter().any(|known| match (known, found) {
            (Found::Figure(known), Found::Figure(found)) => known.figure == found.figure,
            (Found::Model(_), Found::Model(_)) => true,
            _ => known == found,
        })
    }
}
