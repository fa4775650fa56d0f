//! `till key ls`: the proxy keys, at a glance.

use clap::{Args, ValueEnum};

use crate::domain::cost::Measure;
use crate::domain::ids::MasterId;
use crate::domain::status::Status;
use crate::domain::time::Timestamp;
use crate::ledger::Book;
use crate::report::{KeyView, Use, keys};
use crate::wire::names::label;

use super::super::amount::short;
use super::super::bar::bar;
use super::super::context::Context;
use super::super::failure::Failure;
use super::super::key_json::{KeyJson, cause_text, remaining};
use super::super::remote::admin::Remote;
use super::super::remote::view::Seen;
use super::super::style::{DIM, GOOD, WARNING};
use super::super::table::{Cell, Column, Table};
use super::super::terminal::Terminal;
use super::super::time_text::relative;
use super::super::tree::tree;
use super::key::{end_with_its_run, master_names, name_of};
use super::key_remote;

/// Cells of the bar.
const BAR: usize = 8;

/// List the proxy keys; needs no unlock
///
/// What is shown is as it is written; `--verify` unlocks the store and checks that nothing was
/// edited.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till key ls
  till key ls --status live --sort remaining
  till key ls --tree
  till key ls --provider openai --label team=search --json")]
pub struct LsArgs {
    /// Only live, only paused or only ended ones
    #[arg(long, value_name = "STATUS")]
    pub status: Option<StatusFilter>,
    /// Only those that open this provider
    #[arg(long)]
    pub provider: Option<String>,
    /// Only those with this label; may be given more than once
    #[arg(long, value_name = "K=V", value_parser = label)]
    pub label: Vec<(String, String)>,
    /// In this order
    #[arg(long, default_value = "created", value_name = "ORDER")]
    pub sort: Order,
    /// The other way round
    #[arg(long)]
    pub reverse: bool,
    /// Show each key below the one that it was made from
    #[arg(long)]
    pub tree: bool,
    /// Unlock the store and check every row's MAC
    #[arg(long)]
    pub verify: bool,
}

/// Which keys are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StatusFilter {
    /// Those that can be used
    Live,
    /// Those that can be used again after `till key resume`
    Paused,
    /// Tombstones
    Ended,
}

/// The order of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Order {
    /// By minting, the oldest first
    Created,
    /// By name
    Name,
    /// By what is left, the least first
    Remaining,
    /// By expiry, the next first
    Expires,
    /// By last use, the latest first
    Used,
}

/// Runs the command.
///
/// # Errors
/// Where the store cannot be read, or, with `--verify`, a row is not as it was written.
pub fn run(context: &Context, args: &LsArgs) -> Result<(), Failure> {
    let Listed { keys: mut found, masters, now } = match Remote::of(context)? {
        Some(remote) => Listed::remote(&remote)?,
        None => Listed::of_store(context, args.verify)?,
    };
    found.retain(|view| is_wanted(view, args));
    sort(&mut found, args);
    let branches =
        if args.tree { into_tree(&mut found, context.terminal.utf8) } else { Vec::new() };
    if context.globals.json {
        let rows = found.iter().map(|view| KeyJson::new(view, |id| name_of(&masters, id)));
        return context.print_json(&rows.collect::<Vec<_>>());
    }
    if found.is_empty() {
        context.terminal.say("no such keys; mint one with `till key mint openai -n 50`");
        return Ok(());
    }
    context.terminal.out(table(&found, &branches, &context.terminal, now))
}

/// Keys, what the master keys are called that they open, and when that is.
struct Listed {
    keys: Vec<KeyView>,
    masters: Vec<(MasterId, String)>,
    now: Timestamp,
}

impl Listed {
    fn of_store(context: &Context, verify: bool) -> Result<Self, Failure> {
        let ledger = context.open()?;
        let unlocked = verify.then(|| context.unlock(&ledger)).transpose()?;
        let verifying = unlocked.map(|unlocked| unlocked.root.proxy_keys());
        let verified = verifying.as_ref().map(|keys| Book::verified(keys.row_mac()));
        let book = verified.unwrap_or(Book::unverified());
        let (mut keys, now) = ledger.view(|rows, now| Ok((keys(rows, book, now)?, now)))?;
        for view in &mut keys {
            end_with_its_run(&ledger, view);
        }
        Ok(Self { keys, masters: master_names(&ledger)?, now })
    }

    fn remote(remote: &Remote<'_>) -> Result<Self, Failure> {
        let Seen { keys, masters } = key_remote::keys(remote)?;
        Ok(Self { keys, masters, now: key_remote::now() })
    }
}

fn is_wanted(view: &KeyView, args: &LsArgs) -> bool {
    let status = match view.status {
        Status::Live if view.pause.is_some() => StatusFilter::Paused,
        Status::Live => StatusFilter::Live,
        Status::Ended(_) => StatusFilter::Ended,
    };
    args.status.is_none_or(|wanted| wanted == status)
        && args
            .provider
            .as_ref()
            .is_none_or(|provider| view.record.providers().any(|known| known == provider))
        && args.label.iter().all(|label| view.record.labels.contains(label))
}

fn sort(found: &mut [KeyView], args: &LsArgs) {
    let left = |view: &KeyView| {
        view.record.limits.activations.map_or(u64::MAX, |limit| remaining(view, limit))
    };
    match args.sort {
        Order::Created => {}
        Order::Name => found.sort_by(|a, b| a.record.name.cmp(&b.record.name)),
        Order::Remaining => found.sort_by_key(left),
        Order::Expires => {
            found.sort_by_key(|view| view.record.limits.expires_at.map_or(u64::MAX, |at| at.0));
        }
        Order::Used => {
            found.sort_by_key(|view| std::cmp::Reverse(view.usage.last_used_at));
        }
    }
    if args.reverse {
        found.reverse();
    }
}

/// Puts the keys into the order of their tree, and answers with the branch before each.
fn into_tree(found: &mut Vec<KeyView>, utf8: bool) -> Vec<String> {
    let all: Vec<_> = found.iter().map(|view| (view.record.seq, view.record.parent)).collect();
    let (order, branches): (Vec<usize>, Vec<String>) = tree(&all, utf8).into_iter().unzip();
    *found = order.into_iter().filter_map(|at| found.get(at).cloned()).collect();
    branches
}

fn table(found: &[KeyView], branches: &[String], terminal: &Terminal, now: Timestamp) -> String {
    let mut table = Table::new([
        Column::left("ID"),
        Column::left("NAME").flexible(),
        Column::left("PROVIDERS").gives_way(4),
        Column::left("STATUS"),
        Column::right("USED"),
        Column::left("").gives_way(1),
        Column::right("HELD").gives_way(3),
        Column::left("TOKENS").optional().gives_way(6),
        Column::left("SPEND").optional().gives_way(5),
        Column::left("EXPIRES"),
        Column::left("LAST USE").gives_way(2),
    ]);
    for (at, view) in found.iter().enumerate() {
        let branch = branches.get(at).map_or("", String::as_str);
        let KeyView { record, usage, .. } = view;
        let (used, bar) = match record.limits.activations {
            Some(limit) => (
                format!("{}/{limit}", usage.used),
                bar(usage.used, usage.activations_set_aside(), limit, BAR, terminal.utf8),
            ),
            None => (usage.used.to_string(), String::new()),
        };
        let name = if record.name.is_empty() { "-" } else { &record.name };
        table.row([
            format!("{branch}{}", record.id).into(),
            name.into(),
            record.providers().collect::<Vec<_>>().join(",").into(),
            status_cell(view),
            used.into(),
            bar.into(),
            usage.activations_set_aside().to_string().into(),
            tokens_text(view).into(),
            use_text(&view.use_of(Measure::Spend)).unwrap_or_default().into(),
            record.limits.expires_at.map_or("never".into(), |end| relative(end, now)).into(),
            last_use(usage.last_used_at, now).into(),
        ]);
    }
    table.render(terminal)
}

/// The tokens of each kind that are used, as in `12k/100k out 3k/10k`; nothing where none are, nor
/// limited.
fn tokens_text(view: &KeyView) -> String {
    let all = [
        ("", Measure::Tokens, false),
        ("in ", Measure::InputTokens, true),
        ("out ", Measure::OutputTokens, true),
    ];
    let shown = all.into_iter().filter_map(|(name, measure, only_limited)| {
        let what = view.use_of(measure);
        let shown = use_text(&what).filter(|_| what.limit.is_some() || !only_limited);
        shown.map(|text| format!("{name}{text}"))
    });
    shown.collect::<Vec<_>>().join(" ")
}

/// What is used, of how much.
fn use_text(what: &Use) -> Option<String> {
    let used = short(what.measure, what.used);
    match what.limit {
        Some(limit) => Some(format!("{used}/{}", short(what.measure, limit))),
        None => what.is_of_note().then_some(used),
    }
}

fn status_cell(view: &KeyView) -> Cell {
    match view.status {
        Status::Live if view.pause.is_some() => Cell::from("paused").styled(WARNING),
        Status::Live => Cell::from("live").styled(GOOD),
        Status::Ended(cause) => Cell::from(cause_text(cause)).styled(DIM),
    }
}

/// When the key was last used, in words.
#[must_use]
pub fn last_use(at: Timestamp, now: Timestamp) -> String {
    if at.0 == 0 { "never".to_owned() } else { relative(at, now) }
}
