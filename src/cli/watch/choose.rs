//! Which keys are shown, and in which order.

use std::cmp::Reverse;
use std::sync::Arc;

use clap::ValueEnum;

use crate::cli::commands::key_show::state_text;
use crate::domain::ids::KeySeq;
use crate::report::watch::{Snapshot, Watched};

use super::state::State;

/// The order of the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, ValueEnum)]
pub enum Order {
    /// By last use, the latest first
    #[default]
    LastUsed,
    /// By what is left of the tightest limit, the least first
    Remaining,
    /// By money spent, the most first
    Spend,
    /// By requests in the last minute, the most first
    Rate,
    /// By name
    Name,
    /// By expiry, the next first
    Expiry,
}

impl Order {
    /// Every order, as `s` goes through them, with what they are called.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::LastUsed, "last use"),
        (Self::Remaining, "what is left"),
        (Self::Spend, "spend"),
        (Self::Rate, "rate"),
        (Self::Name, "name"),
        (Self::Expiry, "expiry"),
    ];

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(order, _)| *order == self).map_or("", |(_, name)| name)
    }

    /// The order after it; after the last the first.
    #[must_use]
    pub fn next(self) -> Self {
        let after = Self::ALL.iter().skip_while(|(order, _)| *order != self).nth(1);
        after.map_or_else(Self::default, |(order, _)| *order)
    }
}

/// The keys that are shown, in their order.
#[must_use]
pub fn chosen(snapshot: &Snapshot, state: &State) -> Vec<Arc<Watched>> {
    let words: Vec<String> = state.filter.split_whitespace().map(str::to_lowercase).collect();
    let wanted = |key: &&Arc<Watched>| {
        (state.ended || key.is_live()) && (words.is_empty() || has_all(key, &words))
    };
    let mut found: Vec<_> = snapshot.keys.iter().filter(wanted).cloned().collect();
    match state.order {
        Order::LastUsed => found.sort_by_key(|key| Reverse(last_used(key))),
        Order::Remaining => {
            found.sort_by_key(|key| key.tightest().map_or(u64::MAX, |limit| limit.share()));
        }
        Order::Spend => found.sort_by_key(|key| Reverse(key.view.usage.cost.spend)),
        Order::Rate => found.sort_by_key(|key| Reverse((key.rate.minute, last_used(key)))),
        Order::Name => found.sort_by(|a, b| name(a).cmp(&name(b))),
        Order::Expiry => {
            let end = |key: &Arc<Watched>| key.view.record.limits.expires_at;
            found.sort_by_key(|key| end(key).map_or(u64::MAX, |at| at.0));
        }
    }
    if state.reversed {
        found.reverse();
    }
    found
}

/// The newest first where nothing was used yet.
fn last_used(key: &Watched) -> (u64, KeySeq) {
    (key.view.usage.last_used_at.0, key.view.record.seq)
}

/// Keys without a name come last.
fn name(key: &Watched) -> (bool, &str) {
    let name = key.view.record.name.as_str();
    (name.is_empty(), name)
}

fn has_all(key: &Watched, words: &[String]) -> bool {
    let record = &key.view.record;
    let mut text = format!("{} {} {}", record.id, record.name, state_text(&key.view));
    for provider in record.providers() {
        text.push(' ');
        text.push_str(provider);
    }
    for (name, value) in &record.labels {
        text.push(' ');
        text.push_str(name);
        text.push('=');
        text.push_str(value);
    }
    let text = text.to_lowercase();
    words.iter().all(|word| text.contains(word))
}
