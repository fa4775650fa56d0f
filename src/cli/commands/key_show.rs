//! `till key show`: everything about one proxy key.

use std::fmt::Write as _;

use clap::Args;

use crate::domain::cost::Measure;
use crate::domain::ids::MasterId;
use crate::domain::limits::{Counting, Limits, MaxPrice};
use crate::domain::pause::OnSpike;
use crate::domain::status::Status;
use crate::domain::time::Timestamp;
use crate::ledger::Book;
use crate::report::{KeyView, Use};
use crate::wire::max_price::per_million;

use super::super::bar::bar;
use super::super::context::Context;
use super::super::counted::counted;
use super::super::escaped::escaped;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::key_json::{KeyJson, cause_text, on_cancel_name, overshoot_name, remaining};
use super::super::remote::admin::Remote;
use super::super::remote::view::{Seen, views};
use super::super::time_text::relative;
use super::key::{find, master_names, name_of, view};
use super::key_ls::last_use;
use super::key_remote;

/// Cells of the bar.
const BAR: usize = 20;

/// Everything about one proxy key; needs no unlock
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  till key show 4f9k\n  till key show 4f9k --json")]
pub struct ShowArgs {
    /// Its id, or the beginning of it
    pub id: String,
    /// Unlock the store and check the rows' MACs
    #[arg(long)]
    pub verify: bool,
}

/// Runs the command.
///
/// # Errors
/// Where the key is unknown, or the store cannot be read.
pub fn run(context: &Context, args: &ShowArgs) -> Result<(), Failure> {
    let Shown { view, names, now } = match Remote::of(context)? {
        Some(remote) => Shown::remote(&remote, &args.id)?,
        None => Shown::of_store(context, args)?,
    };
    if context.globals.json {
        return context.print_json(&KeyJson::new(&view, |id| name_of(&names, id)));
    }
    let masters = view.record.masters.iter().map(|(id, provider)| {
        let name = name_of(&names, *id).unwrap_or_else(|| "(removed)".to_owned());
        if name == *provider { name } else { format!("{name} ({provider})") }
    });
    let masters = masters.collect::<Vec<_>>().join(", ");
    context.terminal.out(text(&view, &masters, context.terminal.utf8, now))
}

/// A key, what the master keys are called that it opens, and when that is.
struct Shown {
    view: KeyView,
    names: Vec<(MasterId, String)>,
    now: Timestamp,
}

impl Shown {
    fn of_store(context: &Context, args: &ShowArgs) -> Result<Self, Failure> {
        let ledger = context.open()?;
        let seq = find(&ledger, &args.id)?;
        let unlocked = args.verify.then(|| context.unlock(&ledger)).transpose()?;
        let keys = unlocked.map(|unlocked| unlocked.root.proxy_keys());
        let book = keys.as_ref().map_or(Book::unverified(), |keys| Book::verified(keys.row_mac()));
        let view = view(&ledger, book, seq)?;
        let now = ledger.view(|_, now| Ok(now))?;
        Ok(Self { view, names: master_names(&ledger)?, now })
    }

    fn remote(remote: &Remote<'_>, id: &str) -> Result<Self, Failure> {
        let Seen { keys, masters: names } = views(&[remote.find(id)?])?;
        let view = keys.into_iter().next();
        let gone = || Failure::new(Exit::NotFound, "the key is gone");
        Ok(Self { view: view.ok_or_else(gone)?, names, now: key_remote::now() })
    }
}

/// Whether the key lives, or why it does not.
#[must_use]
pub(in super::super) fn state_text(view: &KeyView) -> &'static str {
    match view.status {
        Status::Ended(cause) => cause_text(cause),
        Status::Live if view.pause.is_some() => "paused",
        Status::Live => "live",
    }
}

/// Everything about the key, a line for each thing.
#[must_use]
pub(in super::super) fn text(view: &KeyView, masters: &str, utf8: bool, now: Timestamp) -> String {
    let KeyView { record, usage, status, pause, grants, parent } = view;
    let mut lines: Vec<(&str, String)> = vec![("id", record.id.to_string())];
    let when = |at: Timestamp| format!("{} ({})", at.to_rfc3339(), relative(at, now));
    lines.push(("name", record.name.clone()));
    lines.push((
        "status",
        match (status, usage.ended) {
            (Status::Live, _) => match pause {
                None => "live".to_owned(),
                Some(pause) if pause.key == record.id => format!("paused: {}", when(pause.since)),
                Some(pause) => {
                    format!("paused with the key {}: {}", pause.key, when(pause.since))
                }
            },
            (Status::Ended(cause), Some(ended)) => {
                format!("ended: {}, {}", cause_text(*cause), when(ended.at))
            }
            (Status::Ended(cause), None) => format!("ended: {}", cause_text(*cause)),
        },
    ));
    lines.push(("opens", masters.to_owned()));
    if record.parent.is_some() {
        let parent = parent.map_or("(pruned)".to_owned(), |parent| parent.to_string());
        lines.push(("made from", parent));
    }
    if record.delegate > 0 {
        let children = counted(usage.descendants, "live key");
        let generations = counted(record.delegate.into(), "generation");
        lines.push(("delegates", format!("{generations}; {children} below it")));
    }
    lines.push((
        "activations",
        match record.limits.activations {
            Some(limit) => format!(
                "{} used, {} held{}, {} remaining of {limit}  {}",
                usage.used,
                usage.activations_set_aside(),
                by_children(&usage.lent.activations.to_string(), usage.lent.activations),
                remaining(view, limit),
                bar(usage.used, usage.activations_set_aside(), limit, BAR, utf8)
            ),
            None => format!("{} used, {} held, no limit", usage.used, usage.held),
        },
    ));
    let uses = view.uses().filter(Use::is_of_note);
    lines.extend(uses.map(|what| {
        let lent = usage.lent.of(what.measure);
        (name_in_lines(what.measure), use_text(&what, lent, utf8))
    }));
    let Limits { overshoot, on_cancel, max_price, .. } = &record.limits;
    if record.limits.caps.any() {
        lines.push(("overshoot", overshoot_name(*overshoot).to_owned()));
        lines.push(("on cancel", on_cancel_name(*on_cancel).to_owned()));
    }
    if record.limits.on_spike == OnSpike::Pause {
        lines.push(("on spike", record.limits.on_spike.name().to_owned()));
    }
    lines.extend(max_price.map(|price| ("max price", max_price_text(&price))));
    lines.push(("attempts", format!("{}, {} answered", usage.attempts, usage.answered)));
    if record.limits.counting == Counting::Answered {
        lines.push(("counts", "what was answered (not 429, 5xx, or no answer)".to_owned()));
    }
    lines.push(("expires", record.limits.expires_at.map_or("never".to_owned(), when)));
    lines.extend(record.limits.rate.map(|rate| ("rate", rate.to_string())));
    lines.extend(record.limits.concurrency.map(|limit| ("concurrency", limit.to_string())));
    let lists = [
        ("models", record.scope.models.iter().map(ToString::to_string).collect::<Vec<_>>()),
        ("allow", record.scope.allow.iter().map(ToString::to_string).collect()),
        ("addresses", record.scope.networks.iter().map(ToString::to_string).collect()),
        ("labels", record.labels.iter().map(|(name, value)| format!("{name}={value}")).collect()),
    ];
    let lists = lists.into_iter().filter(|(_, list)| !list.is_empty());
    lines.extend(lists.map(|(name, list)| (name, list.join(", "))));
    lines.push(("grants", format!("{grants} of {}", record.masters.len())));
    lines.push(("minted", when(record.created_at)));
    lines.push(("last use", last_use(usage.last_used_at, now)));
    let width = lines.iter().map(|(name, _)| name.len()).max().unwrap_or_default().max(12);
    let mut text = String::new();
    for (name, value) in lines.into_iter().filter(|(_, value)| !value.is_empty()) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name:<width$} {}", escaped(&value));
    }
    text
}

const fn name_in_lines(measure: Measure) -> &'static str {
    match measure {
        Measure::Tokens => "tokens",
        Measure::InputTokens => "input tokens",
        Measure::OutputTokens => "output tokens",
        Measure::Spend => "spend",
    }
}

/// What is used of one measure, held and left: `$0.25 used, $0.10 held, $4.65 remaining of $5.00`.
fn use_text(what: &Use, lent: u64, utf8: bool) -> String {
    let figure = |figure| match what.measure {
        Measure::Spend => what.measure.words(figure),
        _ => figure.to_string(),
    };
    let taken = format!(
        "{} used, {} held{}",
        figure(what.used),
        figure(what.held),
        by_children(&figure(lent), lent)
    );
    match (what.limit, what.remaining) {
        (Some(limit), Some(remaining)) => format!(
            "{taken}, {} remaining of {}  {}",
            figure(remaining),
            figure(limit),
            bar(what.used, what.held, limit, BAR, utf8)
        ),
        _ => format!("{taken}, no limit"),
    }
}

/// How much of what is held child keys hold.
fn by_children(figure: &str, lent: u64) -> String {
    if lent > 0 { format!(" ({figure} by child keys)") } else { String::new() }
}

fn max_price_text(price: &MaxPrice) -> String {
    let [prompt, completion] = [price.prompt, price.completion].map(per_million);
    format!("{prompt} for a million tokens of input, {completion} of output")
}
