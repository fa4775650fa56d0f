//! `till key edit` and `till key extend`: changes to a live key.

use clap::{ArgGroup, Args, ValueEnum};

use crate::domain::time::{Span, Timestamp};
use crate::ledger::op::{Amount, Edit, KeyChange};
use crate::ledger::{Book, Ledger};

use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::key_json::KeyJson;
use super::super::names::{check_labels, label, name};
use super::key::{find, master_names, name_of, view};
use super::key_limits::{LimitFlags, activations, expiry};

/// Change what a live proxy key may do; a running proxy goes by it from the next request on
///
/// What is given replaces what was; lists are replaced whole. Ended keys never come back.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till key edit 4f9k -n 100
  till key edit 4f9k --rate 10/m --model 'gpt-4o-mini'
  till key edit 4f9k --name nightly --label team=search
  till key edit 4f9k --clear rate --clear model")]
pub struct EditArgs {
    /// Its id, or the beginning of it
    pub id: String,
    /// What is to be.
    #[command(flatten)]
    pub limits: LimitFlags,
    /// What you call it
    #[arg(long, value_parser = name)]
    pub name: Option<String>,
    /// A label to set; may be given more than once
    #[arg(long, value_name = "K=V", value_parser = label)]
    pub label: Vec<(String, String)>,
    /// A label to remove; may be given more than once
    #[arg(long, value_name = "K")]
    pub unlabel: Vec<String>,
    /// What is to be lifted; may be given more than once
    #[arg(long, value_name = "LIMIT")]
    pub clear: Vec<Clearable>,
    /// Allow that nothing brings the key to an end
    #[arg(long)]
    pub unlimited: bool,
}

/// What `--clear` lifts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[expect(missing_docs, reason = "each is named as the flag that sets it")]
pub enum Clearable {
    Activations,
    Expires,
    Rate,
    Concurrency,
    Model,
    Allow,
    Ip,
    CountAnswered,
}

/// Give a live proxy key more activations or time
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till key extend 4f9k -n 50                 50 more activations
  till key extend 4f9k --expires 1h          an hour more than it had
  till key extend 4f9k --expires 2026-12-01T00:00Z")]
#[command(group(ArgGroup::new("more").required(true).multiple(true)))]
pub struct ExtendArgs {
    /// Its id, or the beginning of it
    pub id: String,
    /// Activations to add
    #[arg(short = 'n', long, value_name = "N", value_parser = activations,
          allow_negative_numbers = true, group = "more")]
    pub activations: Option<u64>,
    /// Time to add to its end (or to now, where it has none), or its new end
    #[arg(long, value_name = "WHEN", group = "more")]
    pub expires: Option<String>,
}

/// Runs `key edit`.
///
/// # Errors
/// Where the key is unknown or has ended, or the rules refuse the change.
pub fn edit(context: &Context, args: &EditArgs) -> Result<(), Failure> {
    check_contradictions(args)?;
    let ledger = context.open()?;
    let now = ledger.view(|_, now| Ok(now))?;
    let mut changes: Vec<KeyChange> = args.clear.iter().map(|what| cleared(*what)).collect();
    let limits = &args.limits;
    changes.extend(args.name.clone().map(KeyChange::Name));
    changes.extend(args.unlabel.iter().map(|name| KeyChange::Label(name.clone(), None)));
    let labels = args.label.iter().cloned();
    changes.extend(labels.map(|(name, value)| KeyChange::Label(name, Some(value))));
    changes.extend(limits.activations.map(|limit| KeyChange::Activations(Amount::Set(limit))));
    changes.extend(limits.expires_at(now)?.map(|end| KeyChange::Expiry(Amount::Set(end))));
    changes.extend(limits.rate.map(|rate| KeyChange::Rate(Some(rate))));
    changes.extend(limits.concurrency.map(|limit| KeyChange::Concurrency(Some(limit))));
    if limits.count_answered {
        changes.push(KeyChange::Counting(limits.counting()));
    }
    if !limits.model.is_empty() {
        changes.push(KeyChange::Models(limits.model.clone()));
    }
    if !limits.allow.is_empty() {
        changes.push(KeyChange::Allow(limits.allow.clone()));
    }
    if !limits.ip.is_empty() {
        changes.push(KeyChange::Networks(limits.ip.clone()));
    }
    if changes.is_empty() {
        return Err(Failure::new(Exit::Usage, "there is nothing to change")
            .hint("see `till key edit --help` for what can be"));
    }
    apply(context, &ledger, &args.id, changes, args.unlimited)
}

/// Runs `key extend`.
///
/// # Errors
/// Where the key is unknown or has ended, or the rules refuse the change.
pub fn extend(context: &Context, args: &ExtendArgs) -> Result<(), Failure> {
    let ledger = context.open()?;
    let mut changes = Vec::new();
    changes.extend(args.activations.map(|more| KeyChange::Activations(Amount::Add(more))));
    if let Some(text) = &args.expires {
        changes.push(KeyChange::Expiry(match text.parse::<Span>() {
            Ok(span) if span > Span(0) => Amount::Add(span),
            _ => {
                let now = ledger.view(|_, now| Ok(now))?;
                Amount::Set(expiry(text, now)?)
            }
        }));
    }
    apply(context, &ledger, &args.id, changes, false)
}

fn apply(
    context: &Context,
    ledger: &Ledger,
    id: &str,
    changes: Vec<KeyChange>,
    unlimited: bool,
) -> Result<(), Failure> {
    let key = find(ledger, id)?;
    let unlocked = context.unlock(ledger)?;
    let keys = unlocked.root.proxy_keys();
    let record = ledger.run(&keys, &Edit { key, changes, unlimited })?;
    if context.globals.json {
        let view = view(ledger, Book::verified(keys.row_mac()), key)?;
        let names = master_names(ledger)?;
        return context.print_json(&KeyJson::new(&view, |id| name_of(&names, id)));
    }
    let activations = record.limits.activations.map_or("no limit of".into(), |n| n.to_string());
    let end = record.limits.expires_at.map_or("never".into(), Timestamp::to_rfc3339);
    context
        .terminal
        .say(&format!("changed the key {}: {activations} activations, expires {end}", record.id));
    Ok(())
}

/// One command either sets a thing or lifts it.
fn check_contradictions(args: &EditArgs) -> Result<(), Failure> {
    let labels = args.label.iter().map(|(name, _)| name);
    check_labels(labels.chain(&args.unlabel).map(String::as_str))?;
    let limits = &args.limits;
    let set = |what: Clearable| match what {
        Clearable::Activations => limits.activations.is_some(),
        Clearable::Expires => limits.expires.is_some(),
        Clearable::Rate => limits.rate.is_some(),
        Clearable::Concurrency => limits.concurrency.is_some(),
        Clearable::Model => !limits.model.is_empty(),
        Clearable::Allow => !limits.allow.is_empty(),
        Clearable::Ip => !limits.ip.is_empty(),
        Clearable::CountAnswered => limits.count_answered,
    };
    let Some(both) = args.clear.iter().copied().find(|what| set(*what)) else { return Ok(()) };
    let name = both.to_possible_value().map(|value| value.get_name().to_owned());
    let name = name.unwrap_or_default();
    Err(Failure::new(Exit::Usage, format!("`--{name}` and `--clear {name}` contradict each other"))
        .why("the one sets what the other lifts")
        .hint("what is given replaces what was: leave `--clear` out"))
}

fn cleared(what: Clearable) -> KeyChange {
    match what {
        Clearable::Activations => KeyChange::Activations(Amount::Lift),
        Clearable::Expires => KeyChange::Expiry(Amount::Lift),
        Clearable::Rate => KeyChange::Rate(None),
        Clearable::Concurrency => KeyChange::Concurrency(None),
        Clearable::Model => KeyChange::Models(Vec::new()),
        Clearable::Allow => KeyChange::Allow(Vec::new()),
        Clearable::Ip => KeyChange::Networks(Vec::new()),
        Clearable::CountAnswered => KeyChange::Counting(crate::domain::limits::Counting::Sent),
    }
}
