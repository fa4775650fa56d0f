//! What can be wrong with the log, in words.

use std::fmt;

use crate::domain::ids::EventSeq;
use crate::domain::time::Timestamp;

/// What is wrong with the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// These events are missing, from the first to the last.
    Missing(EventSeq, EventSeq),
    /// The event is not as it was written. The time is what it says now, where it can be read.
    Edited(EventSeq, Option<Timestamp>),
    /// In the place of the first lies what was written as the second.
    Moved(EventSeq, EventSeq, Option<Timestamp>),
    /// A row lies where no event can be.
    Inserted(EventSeq, Option<Timestamp>),
    /// A row lies in the table under a key that is no number of an event.
    Foreign,
    /// The newest event is not the one that the state row knows.
    Head(EventSeq),
    /// What is known of dropped events does not end where the log begins.
    Summary(EventSeq),
    /// The row of this name is not as it was written.
    Row(&'static str),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |at: &Option<Timestamp>| match at {
            Some(at) => format!(", which says that it is of {}", at.to_rfc3339()),
            None => ", which cannot be read".to_owned(),
        };
        match self {
            Self::Missing(first, last) if first == last => write!(f, "event {first} was removed"),
            Self::Missing(first, last) => write!(f, "the events {first} to {last} were removed"),
            Self::Edited(seq, at) => write!(f, "event {seq} was edited{}", of(at)),
            Self::Moved(place, origin, at) => {
                write!(f, "in the place of event {place} lies event {origin}{}", of(at))
            }
            Self::Inserted(seq, at) => {
                write!(f, "event {seq}{} lies where there is none", of(at))
            }
            Self::Foreign => f.write_str("a row lies in the table of events that is none"),
            Self::Head(seq) => {
                write!(f, "the newest event, {seq}, is not the one that was written last")
            }
            Self::Summary(seq) => write!(
                f,
                "what was noted of dropped events does not lead to event {seq}, the oldest"
            ),
            Self::Row(name) => write!(f, "the row `{name}` of `meta` was edited"),
        }
    }
}
