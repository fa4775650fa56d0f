//! `till key edit`: changes to a live key.

use clap::{Args, ValueEnum};

use crate::domain::cost::Measure;
use crate::domain::ids::KeySeq;
use crate::domain::key::KeyRecord;
use crate::domain::limits::{Counting, Limits};
use crate::domain::time::Timestamp;
use crate::ledger::op::{Amount, Edit, KeyChange};
use crate::ledger::{Book, Ledger};
use crate::provider::Provider;
use crate::report::all_providers;
use crate::wire::names::{label, name};

use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::key_json::KeyJson;
use super::super::names::check_labels;
use super::key::{find, master_names, name_of, view};
use super::key_limits::LimitFlags;
use super::key_reach::check_reach;
use super::least_spend::least_spend;

/// Change what a live proxy key may do; a running proxy goes by it from the next request on
///
/// What is given replaces what was; lists are replaced whole. Ended keys never come back.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till key edit 4f9k -n 100
  till key edit 4f9k --spend 5.00 --output-tokens 100k
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
    Tokens,
    InputTokens,
    OutputTokens,
    Spend,
    MaxPrice,
    Expires,
    Rate,
    Concurrency,
    Model,
    Allow,
    Ip,
    CountAnswered,
}

/// Runs the command.
///
/// # Errors
/// Where the key is unknown or has ended, or the rules refuse the change.
pub fn run(context: &Context, args: &EditArgs) -> Result<(), Failure> {
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
    let caps = &limits.caps;
    let given = caps.caps().iter();
    changes.extend(given.map(|(measure, cap)| KeyChange::Cap(measure, Amount::Set(cap))));
    changes.extend(caps.overshoot.map(|how| KeyChange::Overshoot(how.into())));
    changes.extend(caps.on_cancel.map(|how| KeyChange::OnCancel(how.into())));
    changes.extend(caps.max_price.map(|price| KeyChange::MaxPrice(Some(price))));
    changes.extend(limits.on_spike.map(|how| KeyChange::OnSpike(how.into())));
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
    let key = find(&ledger, &args.id)?;
    let record = view(&ledger, Book::unverified(), key)?.record;
    let after = limits_after(&record.limits, args);
    let providers = providers_of(&ledger, &record)?;
    check_reach(&after, &providers)?;
    changes.extend(least_after(context, args, &record, &after, &providers)?);
    apply(context, &ledger, key, changes, args.unlimited)
}

/// Changes a live key, and says what it is now.
///
/// # Errors
/// Where the store cannot be unlocked or written, or the rules refuse the change.
pub(super) fn apply(
    context: &Context,
    ledger: &Ledger,
    key: KeySeq,
    changes: Vec<KeyChange>,
    unlimited: bool,
) -> Result<(), Failure> {
    let unlocked = context.unlock(ledger)?;
    let keys = unlocked.root.proxy_keys();
    let record = ledger.run(&keys, &Edit { key, changes, unlimited })?;
    if context.globals.json {
        let view = view(ledger, Book::verified(keys.row_mac()), key)?;
        let names = master_names(ledger)?;
        return context.print_json(&KeyJson::new(&view, |id| name_of(&names, id)));
    }
    let activations = record.limits.activations.map_or("no limit of".into(), |n| n.to_string());
    let caps = record.limits.caps.iter().map(|(measure, cap)| format!("{}, ", measure.words(cap)));
    let caps: String = caps.collect();
    let end = record.limits.expires_at.map_or("never".into(), Timestamp::to_rfc3339);
    let key = record.id;
    context
        .terminal
        .say(&format!("changed the key {key}: {activations} activations, {caps}expires {end}"));
    Ok(())
}

/// The key's limits as they will be, as far as they decide which providers it can reach.
fn limits_after(old: &Limits, args: &EditArgs) -> Limits {
    let mut limits = old.clone();
    for what in &args.clear {
        match cleared(*what) {
            KeyChange::Cap(measure, _) => limits.caps.set(measure, None),
            KeyChange::MaxPrice(_) => limits.max_price = None,
            _ => {}
        }
    }
    let given = &args.limits.caps;
    for (measure, cap) in given.caps().iter() {
        limits.caps.set(measure, Some(cap));
    }
    limits.overshoot = given.overshoot.map_or(limits.overshoot, Into::into);
    limits.max_price = given.max_price.or(limits.max_price);
    limits
}

/// What the cheapest request will cost, where the change may move that.
fn least_after(
    context: &Context,
    args: &EditArgs,
    record: &KeyRecord,
    after: &Limits,
    providers: &[Provider],
) -> Result<Option<KeyChange>, Failure> {
    let cleared = args.clear.contains(&Clearable::Model);
    let given = &args.limits.model;
    if after.caps.spend == record.limits.caps.spend && given.is_empty() && !cleared {
        return Ok(None);
    }
    let models = if given.is_empty() && !cleared { &record.scope.models } else { given };
    least_spend(context, after, models, providers).map(|least| Some(KeyChange::LeastSpend(least)))
}

/// The providers that the key opens.
fn providers_of(ledger: &Ledger, record: &KeyRecord) -> Result<Vec<Provider>, Failure> {
    let mut all = ledger.view(|rows, _| all_providers(rows, Book::unverified()))?;
    all.retain(|provider| record.providers().any(|name| name == provider.name));
    Ok(all)
}

/// One command either sets a thing or lifts it.
fn check_contradictions(args: &EditArgs) -> Result<(), Failure> {
    let labels = args.label.iter().map(|(name, _)| name);
    check_labels(labels.chain(&args.unlabel).map(String::as_str))?;
    let limits = &args.limits;
    let set = |what: Clearable| match what {
        Clearable::Activations => limits.activations.is_some(),
        Clearable::Tokens => limits.caps.tokens.is_some(),
        Clearable::InputTokens => limits.caps.input_tokens.is_some(),
        Clearable::OutputTokens => limits.caps.output_tokens.is_some(),
        Clearable::Spend => limits.caps.spend.is_some(),
        Clearable::MaxPrice => limits.caps.max_price.is_some(),
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
        Clearable::Tokens => KeyChange::Cap(Measure::Tokens, Amount::Lift),
        Clearable::InputTokens => KeyChange::Cap(Measure::InputTokens, Amount::Lift),
        Clearable::OutputTokens => KeyChange::Cap(Measure::OutputTokens, Amount::Lift),
        Clearable::Spend => KeyChange::Cap(Measure::Spend, Amount::Lift),
        Clearable::MaxPrice => KeyChange::MaxPrice(None),
        Clearable::Expires => KeyChange::Expiry(Amount::Lift),
        Clearable::Rate => KeyChange::Rate(None),
        Clearable::Concurrency => KeyChange::Concurrency(None),
        Clearable::Model => KeyChange::Models(Vec::new()),
        Clearable::Allow => KeyChange::Allow(Vec::new()),
        Clearable::Ip => KeyChange::Networks(Vec::new()),
        Clearable::CountAnswered => KeyChange::Counting(Counting::Sent),
    }
}
