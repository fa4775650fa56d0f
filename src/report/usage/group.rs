//! What is added up together, and what it is called.

use crate::domain::denial::Reason;
use crate::domain::ids::{KeySeq, MasterId};
use crate::domain::rollup::RollupKey;
use crate::domain::time::Timestamp;

use super::names::Names;
use super::sums::Sums;

/// Hours in a day.
const HOURS: u64 = 24;

/// What is added up together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// What one proxy key used.
    Key,
    /// What went out with one master key.
    Master,
    /// What went to one provider.
    Provider,
    /// What named one model.
    Model,
    /// What keys used whose label of this name has one value.
    Label(String),
    /// What was used in an hour, in UTC.
    Hour,
    /// What was used in a day, in UTC.
    Day,
    /// What was denied for one reason.
    Reason,
}

/// What was used by one group.
#[derive(Clone, Debug)]
pub struct Group {
    /// What it is, for programs: a key's id, a master key's number, a provider, model, label value,
    /// point in time, or code of a denial. Nothing where that is not known, or there is none.
    pub id: Option<String>,
    /// What it is called, for people.
    pub name: String,
    /// What it used.
    pub sums: Sums,
}

/// The same before it has a name. The order is that of the groups.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum GroupKey {
    Key(KeySeq),
    Master(MasterId),
    Provider(String),
    Model(String),
    Label(Option<String>),
    Hour(u64),
    Day(u64),
    Reason(Reason),
    /// A denial that says nothing of what is asked.
    Unknown,
}

impl GroupKey {
    /// The group of what was used.
    pub(super) fn of_use(by: &Grouping, names: &Names, about: RollupKey) -> Self {
        match by {
            Grouping::Key => Self::Key(about.key),
            Grouping::Master => Self::Master(about.master),
            Grouping::Provider => match names.provider_of(about.master) {
                Some(provider) => Self::Provider(provider.to_owned()),
                None => Self::Unknown,
            },
            Grouping::Model => Self::Model(about.model),
            Grouping::Label(name) => Self::label(names, about.key, name),
            Grouping::Hour => Self::Hour(about.hour),
            Grouping::Day => Self::Day(day_of(about.hour)),
            Grouping::Reason => Self::Unknown,
        }
    }

    /// The group of what was denied.
    pub(super) fn of_denial(
        by: &Grouping,
        names: &Names,
        hour: u64,
        key: KeySeq,
        reason: Reason,
    ) -> Self {
        match by {
            Grouping::Key if key != KeySeq(0) => Self::Key(key),
            Grouping::Master => {
                names.only_master_of(key).map_or(Self::Unknown, |(master, _)| Self::Master(master))
            }
            Grouping::Provider => names
                .only_master_of(key)
                .map_or(Self::Unknown, |(_, provider)| Self::Provider(provider.to_owned())),
            Grouping::Key | Grouping::Model => Self::Unknown,
            Grouping::Label(name) => Self::label(names, key, name),
            Grouping::Hour => Self::Hour(hour),
            Grouping::Day => Self::Day(day_of(hour)),
            Grouping::Reason => Self::Reason(reason),
        }
    }

    fn label(names: &Names, key: KeySeq, name: &str) -> Self {
        Self::Label(names.label_of(key, name).map(str::to_owned))
    }

    /// The group with its name.
    pub(super) fn named(self, names: &Names, sums: Sums) -> Group {
        let (id, name) = match self {
            Self::Key(seq) => match names.key(seq) {
                Some(record) => (Some(record.id.to_string()), record.name.clone()),
                None => (None, format!("(removed key {seq})")),
            },
            Self::Master(master) => match (names.master(master), names.provider_of(master)) {
                (Some(name), _) => (Some(master.to_string()), name.to_owned()),
                (None, Some(provider)) => {
                    (Some(master.to_string()), format!("(removed master {master}, {provider})"))
                }
                (None, None) => (Some(master.to_string()), format!("(removed master {master})")),
            },
            Self::Model(model) if model.is_empty() => (None, "(no model)".to_owned()),
            Self::Provider(text) | Self::Model(text) | Self::Label(Some(text)) => {
                (Some(text.clone()), text)
            }
            Self::Label(None) => (None, "(no such label)".to_owned()),
            Self::Hour(hour) => {
                let at = RollupKey::start(hour).to_rfc3339();
                (Some(at.clone()), short(&at, 16))
            }
            Self::Day(day) => {
                let at: Timestamp = RollupKey::start(day.saturating_mul(HOURS));
                let date = short(&at.to_rfc3339(), 10);
                (Some(date.clone()), date)
            }
            Self::Reason(reason) => {
                (Some(reason.rule().code.to_owned()), reason.rule().code.to_owned())
            }
            Self::Unknown => (None, "(unknown)".to_owned()),
        };
        Group { id, name, sums }
    }
}

fn day_of(hour: u64) -> u64 {
    hour.checked_div(HOURS).unwrap_or_default()
}

/// The first so many characters of a point in time, with a space between date and time.
fn short(at: &str, length: usize) -> String {
    at.chars().take(length).map(|c| if c == 'T' { ' ' } else { c }).collect()
}
