//! `till alert ls`: the targets, and what became of what they were sent.

use clap::Args;
use serde::Serialize;

use crate::domain::time::Timestamp;
use crate::ledger::Book;
use crate::report::alerts::{TargetView, targets};

use super::super::context::Context;
use super::super::escaped::escaped;
use super::super::failure::Failure;
use super::super::table::{Column, Table};
use super::super::time_text::relative;

/// List who is told, what waits, and what came of the last tries; needs no unlock
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  till alert ls\n  till alert ls --json")]
pub struct LsArgs {
    /// Unlock the store and check every row's MAC
    #[arg(long)]
    pub verify: bool,
}

/// One target as JSON. Times are RFC 3339.
#[derive(Debug, Serialize)]
struct TargetJson<'a> {
    name: &'a str,
    kind: &'static str,
    to: &'a str,
    on: Vec<&'static str>,
    keys: Vec<&'a str>,
    labels: Vec<String>,
    local: bool,
    waiting: u64,
    delivered: u64,
    given_up: u64,
    failures: u64,
    succeeded_at: Option<String>,
    failed_at: Option<String>,
    failed_why: Option<&'a str>,
    created_at: String,
}

impl<'a> From<&'a TargetView> for TargetJson<'a> {
    fn from(view: &'a TargetView) -> Self {
        let TargetView { target, waiting } = view;
        let delivery = &target.delivery;
        let failed = delivery.failed.as_ref();
        Self {
            name: &target.name,
            kind: target.kind.name(),
            to: &target.shown,
            on: target.topics.iter().map(|topic| topic.row().name).collect(),
            keys: target.keys.iter().map(crate::domain::pattern::Pattern::as_str).collect(),
            labels: target.labels.iter().map(|(name, value)| format!("{name}={value}")).collect(),
            local: target.local,
            waiting: *waiting,
            delivered: delivery.delivered,
            given_up: delivery.given_up,
            failures: delivery.failures,
            succeeded_at: delivery.succeeded_at.map(Timestamp::to_rfc3339),
            failed_at: failed.map(|(at, _)| at.to_rfc3339()),
            failed_why: failed.map(|(_, why)| why.as_str()),
            created_at: target.created_at.to_rfc3339(),
        }
    }
}

/// Runs the command.
///
/// # Errors
/// Where the store cannot be read, or, with `--verify`, a row is not as it was written.
pub(super) fn run(context: &Context, args: &LsArgs) -> Result<(), Failure> {
    let ledger = context.open()?;
    let unlocked = args.verify.then(|| context.unlock(&ledger)).transpose()?;
    let keys = unlocked.map(|unlocked| unlocked.root.proxy_keys());
    let book = keys.as_ref().map_or(Book::unverified(), |keys| Book::verified(keys.row_mac()));
    let (found, now) = ledger.view(|rows, now| Ok((targets(rows, book)?, now)))?;
    if context.globals.json {
        return context.print_json(&found.iter().map(TargetJson::from).collect::<Vec<_>>());
    }
    if found.is_empty() {
        context
            .terminal
            .say("nobody is told; add somebody with `till alert add NAME --webhook URL`");
        return Ok(());
    }
    let mut table = Table::new([
        Column::left("NAME").flexible(),
        Column::left("TO"),
        Column::left("ON").gives_way(2),
        Column::right("WAITING"),
        Column::right("GIVEN UP").gives_way(1),
        Column::left("LAST SUCCESS"),
        Column::left("LAST FAILURE").gives_way(3),
    ]);
    for view in &found {
        let TargetView { target, waiting } = view;
        let delivery = &target.delivery;
        let on: Vec<&str> = target.topics.iter().map(|topic| topic.row().name).collect();
        let success = delivery.succeeded_at.map_or("never".to_owned(), |at| relative(at, now));
        let failure = delivery.failed.as_ref();
        let failure = failure.map(|(at, why)| format!("{}: {}", relative(*at, now), escaped(why)));
        table.row([
            escaped(&target.name).into_owned().into(),
            format!("{} {}", target.kind.name(), escaped(&target.shown)).into(),
            on.join(",").into(),
            waiting.to_string().into(),
            delivery.given_up.to_string().into(),
            success.into(),
            failure.unwrap_or_else(|| "-".to_owned()).into(),
        ]);
    }
    context.terminal.out(table.render(&context.terminal))
}
