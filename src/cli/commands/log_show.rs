//! `till log`: what happened, newest last.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use clap::Args;

use crate::domain::denial::Reason;
use crate::domain::ids::{EventSeq, KeySeq, MasterId};
use crate::domain::pattern::Pattern;
use crate::domain::time::{Span, Timestamp};
use crate::ledger::{Book, Ledger};
use crate::report::log::{Entry, Filter, Kind, Page, What, denials, dropped, head, last, page};
use crate::store::StoreError;
use crate::wire::parse_past;

use super::super::context::Context;
use super::super::counted::counted;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::key::{find, master_names};
use super::log_json::{DroppedJson, EntryJson};
use super::log_line::{dropped_text, line};

/// Lines that are shown where nobody said how many.
const LINES: usize = 50;
/// How often a log that is followed is looked at.
const PAUSE: Duration = Duration::from_millis(250);
/// How far back counts of denials are looked at again: they ride along in later commits.
const LATE: Span = Span::minutes(3);

/// What is shown.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Go on: show what is to come
    #[arg(short, long)]
    pub follow: bool,
    /// So many lines, the newest [default: 50]
    #[arg(short = 'n', long, value_name = "N", conflicts_with = "all")]
    pub lines: Option<usize>,
    /// All lines, and a summary of those that were dropped
    #[arg(long)]
    pub all: bool,
    /// Nothing older: a span as in `24h`, or a time
    #[arg(long, value_name = "SPAN|TIME")]
    pub since: Option<String>,
    /// Nothing from then on: a span before now, or a time
    #[arg(long, value_name = "SPAN|TIME", conflicts_with = "follow")]
    pub until: Option<String>,
    /// About this proxy key: its id, or `#NUMBER` of one whose tombstone was dropped
    #[arg(long, value_name = "ID")]
    pub key: Option<String>,
    /// About this master key: its name, or `#NUMBER` of one that was removed
    #[arg(long, value_name = "NAME")]
    pub master: Option<String>,
    /// About master keys of this provider
    #[arg(long, value_name = "NAME")]
    pub provider: Option<String>,
    /// Settlements of requests for models like this
    #[arg(long, value_name = "GLOB", value_parser = glob)]
    pub model: Option<Pattern>,
    /// Of these kinds: `key-minted`, `settled`, `denied`, …
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = kind)]
    pub kind: Vec<Kind>,
}

impl ShowArgs {
    /// Whether anything of it was given.
    #[must_use]
    pub fn says_something(&self) -> bool {
        let Self { follow, lines, all, since, until, key, master, provider, model, kind } = self;
        (*follow || *all || lines.is_some() || !kind.is_empty() || model.is_some())
            || [since, until, key, master, provider].iter().any(|text| text.is_some())
    }
}

/// Shows the log.
///
/// # Errors
/// Where the store cannot be read, or what is asked for is not there.
pub fn run(context: &Context, args: &ShowArgs) -> Result<(), Failure> {
    let ledger = context.open()?;
    let filter = filter(&ledger, args)?;
    if context.terminal.stderr_is_tty && context.terminal.stdout_is_tty {
        context.terminal.say("what follows is as it is written; `till log verify` checks it");
    }
    let mut shown = Shown { context, ledger: &ledger, filter: &filter, denied: HashMap::new() };
    let next = if args.all { shown.all()? } else { shown.newest(args.lines.unwrap_or(LINES))? };
    if args.follow { shown.follow(next) } else { Ok(()) }
}

/// What is being shown.
struct Shown<'a> {
    context: &'a Context,
    ledger: &'a Ledger,
    filter: &'a Filter,
    /// The counts of denials that were shown.
    denied: HashMap<(Timestamp, Option<KeySeq>, Reason), u64>,
}

impl Shown<'_> {
    fn view<T>(
        &self,
        look: impl Fn(&dyn crate::store::Rows) -> Result<T, StoreError>,
    ) -> Result<T, Failure> {
        Ok(self.ledger.view(|rows, _| look(rows))?)
    }

    /// Shows the newest lines, and answers with where the log goes on.
    fn newest(&mut self, count: usize) -> Result<EventSeq, Failure> {
        let filter = self.filter;
        let late = self.late();
        let (found, from, denied) = self.view(|rows| {
            let page = last(rows, filter, count)?;
            let whole = page.entries.len() < count;
            let from = page.entries.first().filter(|_| !whole).map(|entry| entry.at);
            let from = from.unwrap_or_default();
            // Those that are looked at again later are not new then.
            Ok((page, from, denials(rows, filter, from.min(late))?))
        })?;
        self.seen(&denied);
        let mut denied = denied;
        denied.retain(|entry| entry.at.after(Span::minutes(1)) > from);
        let mut merge = Merge::new(denied);
        let mut entries = Vec::new();
        for entry in found.entries {
            entries.extend(merge.before(&entry));
            entries.push(entry);
        }
        entries.extend(merge.rest());
        let surplus = entries.len().saturating_sub(count);
        self.print(entries.get(surplus..).unwrap_or_default())?;
        if entries.is_empty() {
            self.context.terminal.say("nothing of that is in the log");
        }
        Ok(found.next)
    }

    /// Shows everything, page by page, and answers with where the log goes on.
    fn all(&mut self) -> Result<EventSeq, Failure> {
        let filter = self.filter;
        let (denied, gone) = self.view(|rows| {
            let gone = dropped(rows, Book::unverified());
            Ok((denials(rows, filter, Timestamp(0))?, gone.unwrap_or_default()))
        })?;
        if let Some(gone) = gone {
            if self.context.globals.json {
                self.context.terminal.line(&json(&DroppedJson::new(&gone))?)?;
            } else {
                self.context.terminal.line(&dropped_text(&gone))?;
            }
        }
        self.seen(&denied);
        let mut merge = Merge::new(denied);
        let mut next = EventSeq(0);
        loop {
            let found = self.view(|rows| page(rows, filter, next))?;
            let mut entries = Vec::new();
            for entry in found.entries {
                entries.extend(merge.before(&entry));
                entries.push(entry);
            }
            self.print(&entries)?;
            next = found.next;
            if found.is_last || !self.context.terminal.is_read() {
                break;
            }
        }
        self.print(&merge.rest())?;
        Ok(next)
    }

    /// Shows what is to come, until nobody reads it any more.
    fn follow(&mut self, mut next: EventSeq) -> Result<(), Failure> {
        let (filter, mut waits) = (self.filter, false);
        while self.context.terminal.is_read() {
            std::thread::sleep(PAUSE);
            let since = self.late();
            let looked = self.ledger.view(|rows, _| {
                let end = head(rows)?.next;
                // A store that an older copy was put in the place of begins anew.
                let from = next.min(end);
                let page = if from < end {
                    page(rows, filter, from)?
                } else {
                    Page { entries: Vec::new(), next: from, is_last: true, missed: 0 }
                };
                Ok((page, denials(rows, filter, since)?))
            });
            let (found, denied) = match looked {
                Err(StoreError::Busy) => {
                    if !waits {
                        self.context.terminal.warn("the store is held by another process; waiting");
                    }
                    waits = true;
                    continue;
                }
                looked => looked?,
            };
            waits = false;
            if found.missed > 0 {
                let missed = counted(found.missed, "event");
                let what = format!("{missed} had been dropped before they could be shown");
                self.context.terminal.warn(&what);
            }
            next = found.next;
            let mut merge = Merge::new(self.seen(&denied));
            let mut entries = Vec::new();
            for entry in found.entries {
                entries.extend(merge.before(&entry));
                entries.push(entry);
            }
            entries.extend(merge.rest());
            self.print(&entries)?;
        }
        Ok(())
    }

    /// From when on counts of denials may still grow.
    fn late(&self) -> Timestamp {
        Timestamp(self.ledger.reading().wall.0.saturating_sub(LATE.0))
    }

    /// Remembers counts of denials, and answers with what is new of them.
    fn seen(&mut self, denied: &[Entry]) -> Vec<Entry> {
        let mut now = HashMap::new();
        let mut fresh = Vec::new();
        for entry in denied {
            let What::Denied { key, reason, count } = entry.what else { continue };
            let about = (entry.at, key, reason);
            let before = self.denied.get(&about).copied().unwrap_or_default();
            if count > before {
                let count = count.saturating_sub(before);
                fresh.push(Entry { what: What::Denied { key, reason, count }, ..entry.clone() });
            }
            now.insert(about, count);
        }
        self.denied = now;
        fresh
    }

    fn print(&self, entries: &[Entry]) -> Result<(), Failure> {
        if entries.is_empty() {
            return Ok(());
        }
        if !self.context.globals.json {
            let lines = entries.iter().map(|entry| line(entry, &self.context.terminal) + "\n");
            return self.context.terminal.out(lines.collect::<String>());
        }
        let mut text = String::new();
        for entry in entries {
            text.push_str(&json(&EntryJson::new(entry))?);
            text.push('\n');
        }
        self.context.terminal.out(text)
    }
}

fn json(object: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string(object).map_err(|error| {
        Failure::new(Exit::Failed, "the answer cannot be written as JSON").why(error)
    })
}

/// Denials, which have no number, on their way in between events.
struct Merge(VecDeque<Entry>);

impl Merge {
    fn new(denials: Vec<Entry>) -> Self {
        Self(denials.into())
    }

    /// Those that belong before this event.
    fn before(&mut self, event: &Entry) -> Vec<Entry> {
        let mut first = Vec::new();
        while let Some(denied) = self.0.pop_front_if(|denied| denied.at <= event.at) {
            first.push(denied);
        }
        first
    }

    fn rest(self) -> Vec<Entry> {
        self.0.into()
    }
}

fn filter(ledger: &Ledger, args: &ShowArgs) -> Result<Filter, Failure> {
    let now = ledger.view(|_, now| Ok(now))?;
    let time = |text: &Option<String>, flag: &str| {
        let at = text.as_ref().map(|text| parse_past(text, now)).transpose();
        at.map_err(|why| {
            Failure::new(Exit::Usage, format!("`{flag}` is no time"))
                .why(why)
                .hint(format!("give it as in `{flag} 24h` or `{flag} 2026-12-01T00:00Z`"))
        })
    };
    let numbered = |text: &str| text.strip_prefix('#').and_then(|number| number.parse().ok());
    let key = match &args.key {
        Some(text) => Some(match numbered(text) {
            Some(number) => KeySeq(number),
            None => find(ledger, text)?,
        }),
        None => None,
    };
    let master = match &args.master {
        Some(text) => Some(match numbered(text) {
            Some(number) => MasterId(number),
            None => named(ledger, text)?,
        }),
        None => None,
    };
    Ok(Filter {
        since: time(&args.since, "--since")?,
        until: time(&args.until, "--until")?,
        key,
        master,
        provider: args.provider.clone(),
        model: args.model.clone(),
        kinds: args.kind.clone(),
    })
}

fn named(ledger: &Ledger, name: &str) -> Result<MasterId, Failure> {
    let found = master_names(ledger)?.into_iter().find(|(_, known)| known == name);
    found.map(|(id, _)| id).ok_or_else(|| {
        Failure::new(Exit::NotFound, format!("there is no master key `{name}`"))
            .hint("list those that there are with `till master ls`")
            .hint("of one that was removed give the number, as in `--master '#3'`")
    })
}

fn glob(text: &str) -> Result<Pattern, String> {
    Pattern::over_names(text)
}

fn kind(text: &str) -> Result<Kind, String> {
    Kind::from_name(text).ok_or_else(|| {
        let names: Vec<&str> = Kind::names().collect();
        format!("it is none of {}", names.join(", "))
    })
}
