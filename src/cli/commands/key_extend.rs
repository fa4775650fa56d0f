//! `till key extend`: more of what a live key has.

use clap::{ArgGroup, Args};

use crate::domain::cost::Caps;
use crate::domain::money::Picodollars;
use crate::domain::time::Span;
use crate::ledger::op::{Amount, KeyChange};

use super::super::amount::{money, tokens};
use super::super::context::Context;
use super::super::failure::Failure;
use super::key::find;
use super::key_edit::apply;
use super::key_limits::{activations, expiry};

/// Give a live proxy key more activations, tokens, money or time
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till key extend 4f9k -n 50                 50 more activations
  till key extend 4f9k --spend 2.50          two and a half dollars more
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
    /// Tokens to add, of input and output together: 5000, 100k, 1.5M
    #[arg(long, value_name = "AMOUNT", value_parser = tokens, allow_negative_numbers = true,
          group = "more")]
    pub tokens: Option<u64>,
    /// Input tokens to add
    #[arg(long, value_name = "AMOUNT", value_parser = tokens, allow_negative_numbers = true,
          group = "more")]
    pub input_tokens: Option<u64>,
    /// Output tokens to add
    #[arg(long, value_name = "AMOUNT", value_parser = tokens, allow_negative_numbers = true,
          group = "more")]
    pub output_tokens: Option<u64>,
    /// US dollars to add: 5, 5.00, 0.25
    #[arg(long, value_name = "USD", value_parser = money, allow_negative_numbers = true,
          group = "more")]
    pub spend: Option<Picodollars>,
    /// Time to add to its end (or to now, where it has none), or its new end
    #[arg(long, value_name = "WHEN", group = "more")]
    pub expires: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// Where the key is unknown or has ended, or the rules refuse the change.
pub fn run(context: &Context, args: &ExtendArgs) -> Result<(), Failure> {
    let ledger = context.open()?;
    let mut changes = Vec::new();
    changes.extend(args.activations.map(|more| KeyChange::Activations(Amount::Add(more))));
    let ExtendArgs { tokens, input_tokens, output_tokens, spend, .. } = *args;
    let more = Caps { tokens, input_tokens, output_tokens, spend };
    changes.extend(more.iter().map(|(measure, more)| KeyChange::Cap(measure, Amount::Add(more))));
    if let Some(text) = &args.expires {
        changes.push(KeyChange::Expiry(match text.parse::<Span>() {
            Ok(span) if span > Span(0) => Amount::Add(span),
            _ => {
                let now = ledger.view(|_, now| Ok(now))?;
                Amount::Set(expiry(text, now)?)
            }
        }));
    }
    apply(context, &ledger, find(&ledger, &args.id)?, changes, false)
}
