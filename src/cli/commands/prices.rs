//! `till prices ls|show|set|rm`: what models cost.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::provider::nearest::nearest;
use crate::provider::price::{Kind, PRICES_DATE, Price, Rate, Tier};

use super::super::context::Context;
use super::super::escaped::escaped;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::style::DIM;
use super::super::table::{Cell, Column, Table};
use super::prices_edit::{self, RmArgs, SetArgs};
use super::prices_files::Prices;
use super::prices_json::{json, per_million};

/// What models cost
#[derive(Debug, Subcommand)]
#[expect(missing_docs, reason = "each says it where its arguments are")]
pub enum PricesCommand {
    Ls(LsArgs),
    Show(ShowArgs),
    Set(SetArgs),
    Rm(RmArgs),
}

/// Which prices are looked at.
#[derive(Debug, Args)]
pub struct PricesFlag {
    /// A file of prices over those in till and those set [default: `TILL_PRICES`]
    #[arg(long, value_name = "FILE")]
    pub prices: Option<PathBuf>,
}

/// List the prices, in dollars for a million tokens
///
/// They are the list prices that came with till, those set with `till prices set` over them, and a
/// file of your own over both. A model without a usable price is refused on keys limited in spend.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till prices ls
  till prices ls openai
  till prices ls --prices my-prices.json --json")]
pub struct LsArgs {
    /// The provider alone
    pub provider: Option<String>,
    /// Which prices.
    #[command(flatten)]
    pub flag: PricesFlag,
}

/// Everything about the price of one model, in dollars for a million tokens
///
/// The model may go by a dated name or an alias. Where a price depends on the hour, it is the dear
/// one; free quotas count for nothing.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till prices show gpt-5
  till prices show claude-sonnet-4-5-20250929 --json
  till prices show gpt-oss-120b --provider groq")]
pub struct ShowArgs {
    /// The model
    pub model: String,
    /// The provider, where several have it
    #[arg(short, long)]
    pub provider: Option<String>,
    /// Which prices.
    #[command(flatten)]
    pub flag: PricesFlag,
}

/// One row of the table, and where it comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'a> {
    pub(super) provider: &'a str,
    pub(super) model: &'a str,
    pub(super) price: &'a Price,
    /// The file; none of a price that came with till.
    pub(super) source: Option<&'a Path>,
}

/// Runs the command.
///
/// # Errors
/// Where a price file cannot be read or written, or what was named is not there.
pub fn run(context: &Context, command: &PricesCommand) -> Result<(), Failure> {
    match command {
        PricesCommand::Ls(args) => list(context, args),
        PricesCommand::Show(args) => show(context, args),
        PricesCommand::Set(args) => prices_edit::set(context, args),
        PricesCommand::Rm(args) => prices_edit::remove(context, args),
    }
}

fn list(context: &Context, args: &LsArgs) -> Result<(), Failure> {
    let prices = Prices::read(context, args.flag.prices.as_deref())?;
    let wanted = |found: &Found<'_>| args.provider.as_deref().is_none_or(|p| p == found.provider);
    let found: Vec<_> = prices.rows().filter(wanted).collect();
    if let (Some(provider), true) = (&args.provider, found.is_empty()) {
        return Err(no_provider(&prices, provider));
    }
    if context.globals.json {
        let rows: Vec<_> = found.iter().map(json).collect();
        return context.print_json(&rows);
    }
    let mut table = Table::new([
        Column::left("PROVIDER"),
        Column::left("MODEL").flexible(),
        Column::right("INPUT"),
        Column::right("CACHED").gives_way(3),
        Column::right("OUTPUT"),
        Column::right("MAX OUTPUT").gives_way(2),
        Column::left("USABLE").gives_way(4),
        Column::left("SOURCE").gives_way(1),
    ]);
    for row in &found {
        let each = |kind| {
            let standard =
                |rate: &&Rate| (rate.kind, rate.tier, rate.above) == (kind, Tier::Standard, 0);
            let rate = row.price.rates().find(standard);
            rate.map_or_else(|| "-".to_owned(), |rate| per_million(rate.each))
        };
        table.row([
            row.provider.into(),
            row.model.into(),
            each(Kind::Input).into(),
            each(Kind::CacheRead).into(),
            each(Kind::Output).into(),
            or_dash(row.price.max_output).into(),
            (if row.price.usable().is_ok() { "yes" } else { "no" }).into(),
            Cell::from(source(row)).styled(DIM),
        ]);
    }
    context.terminal.out(table.render(&context.terminal))
}

fn show(context: &Context, args: &ShowArgs) -> Result<(), Failure> {
    let prices = Prices::read(context, args.flag.prices.as_deref())?;
    let found = prices.find(&args.model, args.provider.as_deref());
    if found.is_empty() {
        return Err(no_model(&prices, args));
    }
    if context.globals.json {
        let rows: Vec<_> = found.iter().map(json).collect();
        return context.print_json(&rows);
    }
    let texts: Vec<_> = found.iter().map(|row| described(context, row)).collect();
    context.terminal.out(texts.join("\n"))
}

/// One row in full.
fn described(context: &Context, row: &Found<'_>) -> String {
    let price = row.price;
    let usable = match price.usable() {
        Ok(()) => "yes".to_owned(),
        Err(why) => format!("no: {why}; keys limited in spend refuse the model"),
    };
    let mut lines = vec![
        ("model", row.model.to_owned()),
        ("provider", row.provider.to_owned()),
        ("source", source(row)),
        ("usable", usable),
        ("max input", or_dash(price.max_input)),
        ("max output", or_dash(price.max_output)),
    ];
    if price.fee().0 > 0 {
        lines.push(("each call", price.fee().to_string()));
    }
    lines.extend(price.search().map(|fee| ("each search", fee.to_string())));
    lines.extend(price.session().map(|fee| ("each session", fee.to_string())));
    lines.extend(price.multipliers().map(|(name, factor)| (name, format!("times {factor}"))));
    let mut text = String::new();
    for (name, value) in lines {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name:<12} {}", escaped(&value));
    }
    let mut table = Table::new([
        Column::left("TOKENS"),
        Column::left("TIER"),
        Column::right("INPUT ABOVE"),
        Column::right("PER MILLION"),
    ]);
    for rate in price.rates() {
        let above = if rate.above == 0 { "-".to_owned() } else { rate.above.to_string() };
        table.row([
            rate.kind.name().into(),
            rate.tier.name().into(),
            above.into(),
            per_million(rate.each).into(),
        ]);
    }
    if price.rates().next().is_some() {
        text.push('\n');
        text.push_str(&table.render(&context.terminal));
    }
    text
}

fn source(row: &Found<'_>) -> String {
    match row.source {
        Some(path) => path.display().to_string(),
        None => format!("built in, {PRICES_DATE}"),
    }
}

fn or_dash(count: Option<u64>) -> String {
    count.map_or_else(|| "-".to_owned(), |count| count.to_string())
}

fn no_provider(prices: &Prices, name: &str) -> Failure {
    let failure =
        Failure::new(Exit::NotFound, format!("there are no prices of a provider `{name}`"));
    let failure = match nearest(name, prices.rows().map(|row| row.provider)) {
        Some(near) => failure.hint(format!("perhaps `{near}` is meant")),
        None => failure,
    };
    failure.hint(format!("set one with `till prices set {name} MODEL --input USD --output USD`"))
}

fn no_model(prices: &Prices, args: &ShowArgs) -> Failure {
    let wanted = |row: &Found<'_>| args.provider.as_deref().is_none_or(|p| p == row.provider);
    let failure = Failure::new(Exit::NotFound, format!("`{}` has no price", args.model));
    let failure = match nearest(&args.model, prices.rows().filter(wanted).map(|row| row.model)) {
        Some(near) => failure.hint(format!("perhaps `{near}` is meant")),
        None => failure.hint("list what there is with `till prices ls`"),
    };
    let provider = args.provider.as_deref().unwrap_or("PROVIDER");
    failure.hint(format!(
        "set one with `till prices set {provider} {} --input USD --output USD --max-output N`",
        args.model
    ))
}
