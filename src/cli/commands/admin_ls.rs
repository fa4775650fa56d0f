//! `till admin ls|show`: admin tokens and trusts, and what is left of their bounds.

use std::fmt::Write as _;

use clap::Args;
use serde::Serialize;

use crate::domain::minter::Proof;
use crate::domain::time::Timestamp;
use crate::domain::totals::Total;
use crate::ledger::{Book, Ledger, Refusal};
use crate::report::{MinterView, minters};

use super::super::context::Context;
use super::super::escaped::escaped;
use super::super::failure::Failure;
use super::super::figures_json::MoneyJson;
use super::super::style::DIM;
use super::super::table::{Cell, Column, Table};
use super::super::time_text::relative;

/// List the admin tokens and trusts; needs no unlock
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  till admin ls\n  till admin ls --json")]
pub struct LsArgs {
    /// Unlock the store and check every row's MAC
    #[arg(long)]
    pub verify: bool,
}

/// Everything about one admin token or trust; needs no unlock
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  till admin show ci\n  till admin show ci --json")]
pub struct ShowArgs {
    /// Its name, from `till admin ls`
    pub name: String,
}

/// One of them as JSON. Times are RFC 3339.
#[derive(Debug, Serialize)]
pub(super) struct MinterJson<'a> {
    name: &'a str,
    kind: &'a str,
    /// On minting alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audience: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    claims: Vec<String>,
    providers: Vec<&'a str>,
    may_bring_keys: bool,
    max_delegate: u8,
    live_keys: u64,
    max_live_keys: Option<u64>,
    minted: u64,
    max_activations: Option<u64>,
    max_tokens: Option<u64>,
    max_input_tokens: Option<u64>,
    max_output_tokens: Option<u64>,
    max_spend: Option<MoneyJson>,
    max_expires: Option<String>,
    models: Vec<String>,
    allow: Vec<String>,
    networks: Vec<String>,
    totals: Vec<TotalJson>,
    expires_at: Option<String>,
    created_at: String,
}

/// One total; figures are keys, activations, tokens or picodollars.
#[derive(Debug, Serialize)]
struct TotalJson {
    on: String,
    window: Option<&'static str>,
    limit: u64,
    granted: u64,
    remaining: u64,
}

impl<'a> MinterJson<'a> {
    /// The minter as JSON.
    pub(super) fn new(view: &'a MinterView) -> Self {
        let MinterView { minter, usage } = view;
        let bounds = &minter.bounds;
        let trust = minter.trust();
        Self {
            name: &minter.name,
            kind: kind(view),
            token: None,
            issuer: trust.map(|trust| trust.issuer.as_str()),
            audience: trust.map(|trust| trust.audience.as_str()),
            claims: claims(view),
            providers: bounds.masters.iter().map(|(_, provider)| provider.as_str()).collect(),
            may_bring_keys: bounds.bring_keys,
            max_delegate: bounds.delegate,
            live_keys: usage.live_keys,
            max_live_keys: usage.max_live_keys,
            minted: usage.minted,
            max_activations: bounds.activations,
            max_tokens: bounds.caps.tokens,
            max_input_tokens: bounds.caps.input_tokens,
            max_output_tokens: bounds.caps.output_tokens,
            max_spend: bounds.caps.spend.map(Into::into),
            max_expires: bounds.lifetime.map(|span| span.to_string()),
            models: bounds.scope.models.iter().map(ToString::to_string).collect(),
            allow: bounds.scope.allow.iter().map(ToString::to_string).collect(),
            networks: bounds.scope.networks.iter().map(ToString::to_string).collect(),
            totals: usage.totals.iter().map(TotalJson::from).collect(),
            expires_at: bounds.expires_at.map(Timestamp::to_rfc3339),
            created_at: minter.created_at.to_rfc3339(),
        }
    }

    /// The same, with the token itself.
    pub(super) fn with_token(mut self, token: &'a str) -> Self {
        self.token = Some(token);
        self
    }
}

impl From<&Total> for TotalJson {
    fn from(total: &Total) -> Self {
        Self {
            on: total.quantity.name(),
            window: total.window.map(crate::domain::rate::Period::letter),
            limit: total.limit,
            granted: total.granted,
            remaining: total.limit.saturating_sub(total.granted),
        }
    }
}

/// Runs `till admin ls`.
///
/// # Errors
/// Where the store cannot be read, or, with `--verify`, a row is not as it was written.
pub(super) fn run(context: &Context, args: &LsArgs) -> Result<(), Failure> {
    let ledger = context.open()?;
    let unlocked = args.verify.then(|| context.unlock(&ledger)).transpose()?;
    let keys = unlocked.map(|unlocked| unlocked.root.proxy_keys());
    let book = keys.as_ref().map_or(Book::unverified(), |keys| Book::verified(keys.row_mac()));
    let (found, now) = ledger.view(|rows, now| Ok((minters(rows, book, now)?, now)))?;
    if context.globals.json {
        return context.print_json(&found.iter().map(MinterJson::new).collect::<Vec<_>>());
    }
    if found.is_empty() {
        context.terminal.say("no admin tokens; mint one with `till admin mint --name ci …`");
        return Ok(());
    }
    let mut table = Table::new([
        Column::left("NAME").flexible(),
        Column::left("KIND"),
        Column::left("PROVIDERS").gives_way(2),
        Column::right("LIVE"),
        Column::right("MINTED").gives_way(1),
        Column::left("TOTALS").gives_way(3),
        Column::left("EXPIRES"),
    ]);
    for view in &found {
        let MinterView { minter, usage } = view;
        let live = match usage.max_live_keys {
            Some(most) => format!("{}/{most}", usage.live_keys),
            None => usage.live_keys.to_string(),
        };
        let ended = minter.has_expired(now);
        let end = minter.bounds.expires_at;
        let end = end.map_or("never".to_owned(), |end| relative(end, now));
        table.row([
            minter.name.clone().into(),
            kind(view).into(),
            opens(view).into(),
            live.into(),
            usage.minted.to_string().into(),
            totals(view).join(", ").into(),
            if ended { Cell::from("expired").styled(DIM) } else { end.into() },
        ]);
    }
    context.terminal.out(table.render(&context.terminal))
}

/// Runs `till admin show`.
///
/// # Errors
/// Where there is none of the name, or the store cannot be read.
pub(super) fn show(context: &Context, args: &ShowArgs) -> Result<(), Failure> {
    let ledger = context.open()?;
    let view = find(&ledger, &args.name)?;
    if context.globals.json {
        return context.print_json(&MinterJson::new(&view));
    }
    let now = ledger.view(|_, now| Ok(now))?;
    context.terminal.out(format!("{}\n", lines(&view, now)))
}

/// The one of this name.
///
/// # Errors
/// Where there is none, or the store cannot be read.
pub(super) fn find(ledger: &Ledger, name: &str) -> Result<MinterView, Failure> {
    let all = ledger.view(|rows, now| minters(rows, Book::unverified(), now))?;
    let found = all.into_iter().find(|view| view.minter.name == name);
    found.ok_or_else(|| Refusal::NoSuchMinter(name.to_owned()).into())
}

/// Everything about one of them, a line each.
pub(super) fn lines(view: &MinterView, now: Timestamp) -> String {
    let MinterView { minter, usage } = view;
    let bounds = &minter.bounds;
    let mut lines: Vec<(String, String)> =
        vec![("name".into(), minter.name.clone()), ("kind".into(), kind(view).to_owned())];
    let mut line = |name: &str, value: String| lines.push((name.to_owned(), value));
    if let Some(trust) = minter.trust() {
        line("issuer", trust.issuer.clone());
        line("audience", trust.audience.clone());
        line("claims", claims(view).join(", "));
    }
    line("opens", opens(view));
    let most = usage.max_live_keys.map(|most| format!(" of {most}")).unwrap_or_default();
    line("live keys", format!("{}{most}", usage.live_keys));
    line("minted", usage.minted.to_string());
    let mut each: Vec<String> = Vec::new();
    each.extend(bounds.activations.map(|most| format!("{most} activations")));
    each.extend(bounds.caps.iter().map(|(measure, most)| measure.words(most)));
    each.extend(bounds.lifetime.map(|span| span.to_string()));
    line("each key", each.join(", "));
    let lists = [
        ("models", bounds.scope.models.iter().map(ToString::to_string).collect::<Vec<_>>()),
        ("allow", bounds.scope.allow.iter().map(ToString::to_string).collect()),
        ("addresses", bounds.scope.networks.iter().map(ToString::to_string).collect()),
        ("together", totals(view)),
    ];
    for (name, list) in lists {
        line(name, list.join(", "));
    }
    let when = |at: Timestamp| format!("{} ({})", at.to_rfc3339(), relative(at, now));
    line("expires", bounds.expires_at.map_or("never".to_owned(), when));
    line("made", when(minter.created_at));
    let mut text = String::new();
    for (name, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name:<10} {}", escaped(value));
    }
    text.trim_end().to_owned()
}

/// `token`, or whose identity it is.
fn kind(view: &MinterView) -> &str {
    match &view.minter.proof {
        Proof::Token { .. } => "token",
        Proof::Identity(trust) => &trust.kind,
    }
}

fn claims(view: &MinterView) -> Vec<String> {
    let claims = view.minter.trust().map(|trust| trust.claims.as_slice()).unwrap_or_default();
    claims.iter().map(|(claim, pattern)| format!("{claim}={pattern}")).collect()
}

/// What its keys may open.
fn opens(view: &MinterView) -> String {
    let bounds = &view.minter.bounds;
    let mut names: Vec<&str> = bounds.masters.iter().map(|(_, name)| name.as_str()).collect();
    if bounds.bring_keys {
        names.push("(brought)");
    }
    names.join(",")
}

/// The totals: `420 of 5000 activations, $3.20 of $50.00/d`.
fn totals(view: &MinterView) -> Vec<String> {
    let shown = view.usage.totals.iter().map(|total| {
        let granted = total.quantity.words(total.granted);
        let granted = granted.split(' ').next().unwrap_or_default();
        format!("{granted} of {total}")
    });
    shown.collect()
}
