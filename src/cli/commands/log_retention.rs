//! `till log retention`: how much of the log is kept.

use clap::Args;
use serde::Serialize;

use crate::domain::retention::{MAX_EVENTS, MIN_AGE, MIN_EVENTS, Retention};
use crate::domain::time::Span;
use crate::ledger::op::{SetRetention, Trim};
use crate::ledger::{Book, Ledger};
use crate::report::log::{dropped, head, retention};
use crate::vault::ProxyKeys;

use super::super::context::Context;
use super::super::counted::counted;
use super::super::failure::Failure;
use super::log_json::DroppedJson;
use super::log_line::dropped_text;

/// Show or set how much of the log is kept
///
/// Older events go as new ones come; what they were is summed up, and the sums are kept. Without
/// flags it shows what is kept, and needs no unlock.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till log retention
  till log retention --events 2000000
  till log retention --age 90d
  till log retention --age none")]
pub struct RetentionArgs {
    /// So many events at the most
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(MIN_EVENTS..=MAX_EVENTS))]
    pub events: Option<u64>,
    /// None that is older than this span; `none` for events of any age
    #[arg(long, value_name = "SPAN", value_parser = age)]
    pub age: Option<Age>,
}

/// How old events may become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Age(Option<Span>);

/// The answer as JSON.
#[derive(Debug, Serialize)]
struct RetentionJson {
    max_events: u64,
    max_age: Option<String>,
    events: u64,
    dropped: Option<DroppedJson>,
}

/// Shows or sets what is kept.
///
/// # Errors
/// Where the store cannot be read, or, to set it, unlocked or written.
pub fn run(context: &Context, args: &RetentionArgs) -> Result<(), Failure> {
    let ledger = context.open()?;
    if args.events.is_none() && args.age.is_none() {
        return show(context, &ledger);
    }
    let before = ledger.view(|rows, _| retention(rows, Book::unverified()))?;
    let after = Retention {
        events: args.events.unwrap_or(before.events),
        age: args.age.map_or(before.age, |Age(age)| age),
    };
    let narrower = after.events < before.events
        || after.age.is_some_and(|age| before.age.is_none_or(|before| age < before));
    if narrower {
        context.confirm(&format!("keep {}, and drop the others?", words(after)))?;
    }
    let keys = context.unlock(&ledger)?.root.proxy_keys();
    ledger.run(&keys, &SetRetention { retention: after })?;
    trim(&ledger, &keys)?;
    if context.globals.json {
        return show(context, &ledger);
    }
    context.terminal.say(&format!("from now on the log keeps {}", words(after)));
    Ok(())
}

/// Drops what is not to be kept, a part of it with each transaction, so that no proxy waits long.
fn trim(ledger: &Ledger, keys: &ProxyKeys) -> Result<(), Failure> {
    let mut first = ledger.view(|rows, _| head(rows))?.first;
    loop {
        ledger.run(keys, &Trim)?;
        let now = ledger.view(|rows, _| head(rows))?.first;
        if now == first {
            return Ok(());
        }
        first = now;
    }
}

fn show(context: &Context, ledger: &Ledger) -> Result<(), Failure> {
    let (kept, gone, head) = ledger.view(|rows, _| {
        let book = Book::unverified();
        Ok((retention(rows, book)?, dropped(rows, book)?, head(rows)?))
    })?;
    let events = head.next.0.saturating_sub(head.first.0);
    if context.globals.json {
        return context.print_json(&RetentionJson {
            max_events: kept.events,
            max_age: kept.age.map(|age| age.to_string()),
            events,
            dropped: gone.as_ref().map(DroppedJson::new),
        });
    }
    let mut text = format!("the log keeps {}; it has {events}\n", words(kept));
    if let Some(gone) = &gone {
        text.push_str(&dropped_text(gone));
        text.push('\n');
    }
    context.terminal.out(text)
}

fn words(retention: Retention) -> String {
    let events = counted(retention.events, "event");
    match retention.age {
        Some(age) => format!("{events} at the most, none older than {age}"),
        None => format!("{events} at the most, of any age"),
    }
}

fn age(text: &str) -> Result<Age, String> {
    if text == "none" {
        return Ok(Age(None));
    }
    let span: Span =
        text.parse().map_err(|error: crate::domain::time::NotASpan| error.to_string())?;
    if span < MIN_AGE {
        return Err(format!("it must be {MIN_AGE} at the least, or `none`"));
    }
    Ok(Age(Some(span)))
}
