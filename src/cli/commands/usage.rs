//! `till usage`: what was used, by keys, models, hours and more.

use clap::{Args, ValueEnum};

use crate::domain::ids::KeySeq;
use crate::domain::pattern::Pattern;
use crate::domain::rollup::RollupKey;
use crate::domain::time::Timestamp;
use crate::ledger::{Book, Ledger};
use crate::report::{Group, Grouping, Hours, Metric, UsageQuery, UsageView, usage};
use crate::wire::names::label;
use crate::wire::parse_past;

use super::super::context::Context;
use super::super::counted::counted;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::key::find;
use super::{usage_csv, usage_json, usage_plot, usage_table, usage_unusual, usage_verify};

/// Pieces of the small course in a table: two hours each in a day.
const PIECES: usize = 13;

/// What was used, by key, model, hour and more; needs no unlock
///
/// Sums are kept by the hour, in UTC: a span that begins or ends within an hour is shown with the
/// whole of it. Tokens and money are known where a key or its master is limited in them, or the
/// proxy runs with `--meter-all`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till usage
  till usage --by model --since 7d --sort spend
  till usage --by label=team --since 2026-11-01 --until 2026-12-01 --csv
  till usage --by reason
  till usage --plot=spend --since 30d
  till usage --verify")]
pub struct UsageArgs {
    /// Add up by key, master, provider, model, label=NAME, hour, day, or reason of denials
    #[arg(long, value_name = "WHAT", default_value = "key", value_parser = grouping)]
    pub by: Grouping,
    /// From then on: a span ago, or a point in time (in UTC, if it does not say)
    #[arg(long, value_name = "SPAN|TIME", default_value = "24h")]
    pub since: String,
    /// Until then [default: now]
    #[arg(long, value_name = "SPAN|TIME")]
    pub until: Option<String>,
    /// Only this key
    #[arg(long, value_name = "ID")]
    pub key: Option<String>,
    /// Only requests to this provider
    #[arg(long)]
    pub provider: Option<String>,
    /// Only requests for such models; `*` stands for anything
    #[arg(long, value_name = "GLOB", value_parser = Pattern::over_names)]
    pub model: Option<Pattern>,
    /// Only keys with this label; may be given more than once
    #[arg(long, value_name = "K=V", value_parser = label)]
    pub label: Vec<(String, String)>,
    /// In this order [default: requests, the most first; hours and days as they came]
    #[arg(long, value_name = "ORDER")]
    pub sort: Option<Order>,
    /// The other way round
    #[arg(long)]
    pub reverse: bool,
    /// Print comma-separated values (RFC 4180), in tokens, picodollars and milliseconds
    #[arg(long, conflicts_with_all = ["json", "plot"])]
    pub csv: bool,
    /// Draw a chart of a figure over the time [default figure: requests]
    #[arg(long, value_name = "FIGURE", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "requests", conflicts_with = "json")]
    pub plot: Option<Figure>,
    /// Unlock the store, check every row's MAC, and hold the sums against the events that are kept
    #[arg(long)]
    pub verify: bool,
}

/// The order of the groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Order {
    /// By what they are
    Name,
    /// By requests, the most first
    Requests,
    /// By errors, the most first
    Errors,
    /// By denials, the most first
    Denied,
    /// By tokens, the most first
    Tokens,
    /// By money, the most first
    Spend,
    /// By the slowest answers but for 5 %, the slowest first
    Latency,
}

/// A figure that is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Figure {
    /// Requests that were sent
    Requests,
    /// Those that were not answered with success
    Errors,
    /// Requests that till itself answered with a denial
    Denied,
    /// Tokens of both kinds
    Tokens,
    /// Input tokens
    Input,
    /// Input tokens from a cache
    Cached,
    /// Output tokens
    Output,
    /// Money
    Spend,
}

impl Figure {
    /// The same below the command line.
    const fn metric(self) -> Metric {
        match self {
            Self::Requests => Metric::Requests,
            Self::Errors => Metric::Errors,
            Self::Denied => Metric::Denied,
            Self::Tokens => Metric::Tokens,
            Self::Input => Metric::Input,
            Self::Cached => Metric::Cached,
            Self::Output => Metric::Output,
            Self::Spend => Metric::Spend,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// Where what is asked makes no sense, the store cannot be read, or, with `--verify`, something is
/// not as it was written.
pub fn run(context: &Context, args: &UsageArgs) -> Result<(), Failure> {
    let ledger = context.open()?;
    let unlocked = args.verify.then(|| context.unlock(&ledger)).transpose()?;
    let keys = unlocked.map(|unlocked| unlocked.root.proxy_keys());
    let book = keys.as_ref().map_or(Book::unverified(), |keys| Book::verified(keys.row_mac()));
    if args.verify {
        usage_verify::check(context, &ledger, book)?;
    }
    let now = ledger.view(|_, now| Ok(now))?;
    let query = query(context, &ledger, args, now)?;
    let mut view = ledger.view(|rows, _| usage(rows, book, &query))?;
    sort(&mut view.groups, args);
    if args.csv {
        context.terminal.out(usage_csv::text(&view, &args.by))?;
    } else if context.globals.json {
        context.print_json(&usage_json::answer(&view, &query))?;
    } else if view.groups.is_empty() {
        context.terminal.say(&format!("nothing was sent or denied {}", span(query.hours)));
    } else if args.plot.is_some() {
        context.terminal.out(usage_plot::text(&view, &query, &context.terminal))?;
    } else {
        context.terminal.out(usage_table::text(&view, &args.by, &context.terminal))?;
        context.terminal.say(&format!("\n{}", span(query.hours)));
        if view.total.used.estimated > 0 {
            context.terminal.say(&format!(
                "{}: what {} cost is an upper bound, since no last word on it came",
                usage_table::at_most(&context.terminal),
                counted(view.total.used.estimated, "request")
            ));
        }
    }
    if !context.globals.json {
        for told in &view.unusual {
            context.terminal.say(&usage_unusual::line(told));
        }
    }
    warn(context, args, &query, &view);
    Ok(())
}

/// What else must be known of the figures.
fn warn(context: &Context, args: &UsageArgs, query: &UsageQuery, view: &UsageView) {
    if view.later > 0 && args.until.is_none() {
        let later = counted(view.later, "request");
        context.terminal.warn(&format!(
            "{later} came at times that are yet to come, and are not shown: the clock was ahead"
        ));
    }
    if let Some(kept) = view.kept_from.filter(|kept| *kept > query.hours.first) {
        let kept = RollupKey::start(kept).to_rfc3339();
        context.terminal.warn(&format!("not everything is kept from before {kept}"));
    }
    if args.model.is_some() && args.by != Grouping::Reason {
        context.terminal.say("denials are not counted by model, and are left out");
    }
}

/// The hours in words.
fn span(hours: Hours) -> String {
    let word = |hour| {
        let at = RollupKey::start(hour).to_rfc3339().replace('T', " ");
        at.chars().take(16).collect::<String>()
    };
    format!("from {} to {} UTC", word(hours.first), word(hours.last.saturating_add(1)))
}

fn query(
    context: &Context,
    ledger: &Ledger,
    args: &UsageArgs,
    now: Timestamp,
) -> Result<UsageQuery, Failure> {
    if args.by == Grouping::Reason && args.model.is_some() {
        return Err(Failure::new(Exit::Usage, "`--model` says nothing of reasons")
            .why("denials are not counted by model")
            .hint("leave `--model` away, or `--by reason`"));
    }
    let key: Option<KeySeq> = args.key.as_ref().map(|id| find(ledger, id)).transpose()?;
    let mut query = UsageQuery {
        by: args.by.clone(),
        hours: hours(args, now)?,
        key,
        provider: args.provider.clone(),
        model: args.model.clone(),
        labels: args.label.clone(),
        pieces: PIECES,
        metric: if args.by == Grouping::Reason { Metric::Denied } else { Metric::Requests },
    };
    if let Some(figure) = args.plot {
        query.metric = figure.metric();
        query.pieces = usage_plot::pieces(&context.terminal);
    }
    Ok(query)
}

/// The hours that a span touches.
fn hours(args: &UsageArgs, now: Timestamp) -> Result<Hours, Failure> {
    let point = |flag: &str, text: &str| {
        let wrong =
            |why| Failure::new(Exit::Usage, format!("`{flag}` is no time that was")).why(why);
        let hint = format!("write it as in `{flag} 24h` or `{flag} 2026-12-01T09:00`");
        parse_past(text, now).map_err(|why| wrong(why).hint(hint))
    };
    let since = point("--since", &args.since)?;
    let until = args.until.as_ref().map(|text| point("--until", text)).transpose()?;
    let until = until.unwrap_or(now);
    if since > until {
        return Err(Failure::new(Exit::Usage, "`--until` is before `--since`")
            .why(format!("{} is before {}", until.to_rfc3339(), since.to_rfc3339()))
            .hint("a span is how long ago: `--since 2d --until 1d` is the day before yesterday"));
    }
    let first = RollupKey::hour_of(since);
    // An hour that begins with the end is not part of it; the one that is now is.
    let last = match args.until {
        Some(_) => RollupKey::hour_of(Timestamp(until.0.saturating_sub(1))),
        None => RollupKey::hour_of(until),
    };
    Ok(Hours { first, last: last.max(first) })
}

fn sort(groups: &mut [Group], args: &UsageArgs) {
    let order = args.sort.unwrap_or(match args.by {
        Grouping::Hour | Grouping::Day => Order::Name,
        Grouping::Reason => Order::Denied,
        _ => Order::Requests,
    });
    let figure = |group: &Group| {
        let used = &group.sums.used;
        match order {
            Order::Name => 0,
            Order::Requests => used.sent,
            Order::Errors => group.sums.errors(),
            Order::Denied => group.sums.denied(),
            Order::Tokens => used.cost.tokens(),
            Order::Spend => used.cost.spend.0,
            Order::Latency => used.latency.percentile(95).unwrap_or_default(),
        }
    };
    groups.sort_by_key(|group| std::cmp::Reverse(figure(group)));
    if args.reverse {
        groups.reverse();
    }
}

fn grouping(text: &str) -> Result<Grouping, String> {
    Ok(match text {
        "key" => Grouping::Key,
        "master" => Grouping::Master,
        "provider" => Grouping::Provider,
        "model" => Grouping::Model,
        "hour" => Grouping::Hour,
        "day" => Grouping::Day,
        "reason" => Grouping::Reason,
        _ => match text.split_once('=') {
            Some(("label", name)) if !name.is_empty() => Grouping::Label(name.to_owned()),
            _ => {
                let known = "key, master, provider, model, label=NAME, hour, day, reason";
                return Err(format!("it is one of {known}"));
            }
        },
    })
}
