//! `till usage --verify`: the sums against the events.

use crate::domain::rollup::{Rollup, RollupKey};
use crate::ledger::{Book, Ledger};
use crate::report::{KeyView, verify_usage};

use super::super::context::Context;
use super::super::counted::counted;
use super::super::exit::Exit;
use super::super::failure::Failure;

/// Says that they agree, or where they do not.
///
/// # Errors
/// Where they differ, a row is not as it was written, or the storage fails.
pub(super) fn check(context: &Context, ledger: &Ledger, book: Book<'_>) -> Result<(), Failure> {
    let (verified, id) = ledger.view(|rows, now| {
        let verified = verify_usage(rows, book)?;
        let key = verified.differs.as_ref().map(|differs| differs.key);
        let view = key.map(|key| KeyView::read(rows, book, key, now)).transpose()?;
        Ok((verified, view.flatten().map(|view| view.record.id)))
    })?;
    let Some(differs) = verified.differs else {
        let requests = counted(verified.requests, "request");
        let since = match verified.from {
            0 => String::new(),
            from => format!(" since {}", RollupKey::start(from).to_rfc3339()),
        };
        context.terminal.say(&format!("the sums agree with the events of {requests}{since}"));
        return Ok(());
    };
    let key = id.map_or(format!("number {}", differs.key), |id| format!("`{id}`"));
    let hour = RollupKey::start(differs.hour).to_rfc3339();
    let [sums, events] = [&differs.sums, &differs.events].map(figures);
    let what = format!("the sums of the hour {hour}, key {key}, are not those of its events");
    Err(Failure::new(Exit::StoreDamaged, what)
        .why(format!("the sums say {sums}; the events {events}"))
        .hint("put a good copy of the file in its place; keys and limits do not depend on it"))
}

fn figures(sums: &Rollup) -> String {
    format!(
        "{}, {} and {} tokens, {}",
        counted(sums.sent, "request"),
        sums.cost.input,
        sums.cost.output,
        sums.cost.spend
    )
}
