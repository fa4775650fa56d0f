//! What was unusual, as `till usage` says it: in lines, and in JSON.

use serde::Serialize;

use crate::domain::rollup::RollupKey;
use crate::domain::spike::Found;
use crate::report::Told;

use super::super::escaped::escaped;

/// One thing, in JSON.
#[derive(Debug, Serialize)]
pub(super) struct UnusualJson<'a> {
    /// The beginning of the hour.
    hour: String,
    /// The key's id; null where it is about a master key.
    key: Option<&'a str>,
    /// The master key's name; null where it is about a key.
    master: Option<&'a str>,
    /// `requests`, `spend`, `denials`, `errors`, `model` or `address`.
    what: &'static str,
    /// The figure when it was noticed, in requests or picodollars.
    amount: Option<u64>,
    /// The usual peak of it.
    usual: Option<u64>,
    /// It in words.
    text: String,
}

/// All of it, in JSON.
pub(super) fn answer(told: &[Told]) -> Vec<UnusualJson<'_>> {
    let json = |told: &'_ Told| {
        let (amount, usual) = match &told.found {
            Found::Figure(finding) => (Some(finding.amount), Some(finding.usual)),
            _ => (None, None),
        };
        (RollupKey::start(told.hour).to_rfc3339(), told.found.what(), amount, usual)
    };
    let each = told.iter().map(|told| {
        let (hour, what, amount, usual) = json(told);
        let (key, master) = (told.key.as_deref(), told.master.as_deref());
        UnusualJson { hour, key, master, what, amount, usual, text: told.found.to_string() }
    });
    each.collect()
}

/// A line for one thing, fit for a terminal.
pub(super) fn line(told: &Told) -> String {
    let hour: String = RollupKey::start(told.hour).to_rfc3339().replace('T', " ");
    let hour: String = hour.chars().take(16).collect();
    let whom = match (told.of_master, &told.key, &told.master) {
        (false, Some(key), _) => format!("key {key}"),
        (false, None, _) => "a key that is no more".to_owned(),
        (true, _, Some(master)) => format!("master `{}`", escaped(master)),
        (true, _, None) => "a master key that is no more".to_owned(),
    };
    format!("unusual: {hour} UTC, {whom}: {}", escaped(&told.found.to_string()))
}
