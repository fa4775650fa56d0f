//! `till prices set|rm`: prices of your own, in `prices.json` beside the store.

use clap::Args;

use crate::domain::money::Picodollars;
use crate::provider::json::{Edits, Node};
use crate::provider::nearest::nearest;
use crate::provider::price::{Mode, PriceTable};
use crate::provider::{builtin, find_builtin};

use super::super::amount::tokens;
use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::prices::Found;
use super::prices_book::PriceBook;
use super::prices_files::beside;
use super::prices_json::{json, plain};

/// Set the price of a model, in dollars for a million tokens; running proxies take it up
///
/// It is written to `prices.json` beside the store, and takes the place of everything that came
/// with till about the model's price: service tiers and long contexts too. The most tokens stay as
/// they came, unless they are given. Setting it again changes what is given, and nothing else.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till prices set openai gpt-7 --input 2.50 --output 15 --max-output 128k
  till prices set openai gpt-7 --cache-read 0.25
  till prices set together acme/summarizer --input 0.10 --output 0.40 --max-output 4096")]
pub struct SetArgs {
    /// The provider
    pub provider: String,
    /// The model, as requests name it
    pub model: String,
    /// What is set.
    #[command(flatten)]
    pub rates: RateArgs,
}

/// The parts of a price that can be set; one at least is.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub struct RateArgs {
    /// Input tokens
    #[arg(long, value_name = "USD", value_parser = usd_per_million)]
    pub input: Option<Picodollars>,
    /// Output tokens
    #[arg(long, value_name = "USD", value_parser = usd_per_million)]
    pub output: Option<Picodollars>,
    /// Input tokens that are read from a cache [default: as other input]
    #[arg(long, value_name = "USD", value_parser = usd_per_million)]
    pub cache_read: Option<Picodollars>,
    /// Input tokens that are written to a cache [default: as other input]
    #[arg(long, value_name = "USD", value_parser = usd_per_million)]
    pub cache_write: Option<Picodollars>,
    /// The most input tokens of a call
    #[arg(long, value_name = "N", value_parser = tokens)]
    pub max_input: Option<u64>,
    /// The most output tokens of a call; without it, a call has no bound
    #[arg(long, value_name = "N", value_parser = tokens)]
    pub max_output: Option<u64>,
}

/// Remove a price that was set; what came with till holds again
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  till prices rm openai gpt-7")]
pub struct RmArgs {
    /// The provider
    pub provider: String,
    /// The model
    pub model: String,
}

/// Reads dollars for a million tokens, as the price of one: whole picodollars, rounded up.
fn usd_per_million(text: &str) -> Result<Picodollars, &'static str> {
    let number = text.strip_prefix('$').unwrap_or(text);
    Picodollars::from_decimal(&format!("{number}e-6")).ok_or("write it as in 2.50, 15 or 0")
}

/// Runs `till prices set`.
///
/// # Errors
/// Where the file is malformed, or cannot be read or written.
pub(super) fn set(context: &Context, args: &SetArgs) -> Result<(), Failure> {
    let path = beside(context)?;
    let SetArgs { provider, model, rates } = args;
    if find_builtin(provider).is_none()
        && let Some(near) = nearest(provider, builtin().iter().map(|known| &*known.name))
    {
        context.terminal.warn(&format!(
            "`{provider}` is no provider that comes with till; perhaps `{near}` is meant"
        ));
    }
    let mut book = PriceBook::open(&path)?;
    let row = book.row(provider, model).map_or_else(|| fresh(provider, model), str::to_owned);
    let row = rates.over(&row).map_err(|why| book.malformed(why))?;
    book.put(provider, model, row);
    let table = book.save()?;
    let Some(found) = table.find(provider, model) else { return Ok(()) };
    if context.globals.json {
        let found = Found { provider, model: found.model, price: found.price, source: Some(&path) };
        return context.print_json(&json(&found));
    }
    context.terminal.say(&format!("set the price of `{model}` of `{provider}`"));
    if let Err(why) = found.price.usable() {
        context.terminal.warn(&format!("{why}: keys limited in spend still refuse `{model}`"));
    }
    Ok(())
}

/// Runs `till prices rm`.
///
/// # Errors
/// Where there is no such price, the file is malformed, or it cannot be read or written.
pub(super) fn remove(context: &Context, args: &RmArgs) -> Result<(), Failure> {
    let RmArgs { provider, model } = args;
    let mut book = PriceBook::open(&beside(context)?)?;
    if !book.take(provider, model) {
        let what = format!("no price was set for `{model}` of `{provider}`");
        return Err(Failure::new(Exit::NotFound, what)
            .why("only prices that were set with `till prices set` can be removed")
            .hint("see where a price comes from with `till prices ls`"));
    }
    book.save()?;
    context.terminal.say(&format!("removed the price of `{model}` of `{provider}`"));
    Ok(())
}

/// The row of a model that has none in the file: what it does and takes, as far as that came with
/// till, and no price.
fn fresh(provider: &str, model: &str) -> String {
    let Some(known) = PriceTable::builtin().find(provider, model) else {
        return "{}".to_owned();
    };
    let limits = [
        ("max_input_tokens", known.price.max_input),
        ("max_output_tokens", known.price.max_output),
    ];
    let limits = limits
        .into_iter()
        .filter_map(|(name, limit)| limit.map(|limit| format!("\"{name}\":{limit}")));
    let mode = (known.price.mode == Mode::Embedding).then(|| "\"mode\":\"embedding\"".to_owned());
    format!("{{{}}}", limits.chain(mode).collect::<Vec<_>>().join(","))
}

impl RateArgs {
    /// The row with what is given in it.
    fn over(&self, row: &str) -> Result<String, String> {
        let node = Node::parse(row.as_bytes()).map_err(|fault| fault.to_string())?;
        let fields = [
            ("input_cost_per_token", self.input.map(plain)),
            ("output_cost_per_token", self.output.map(plain)),
            ("cache_read_input_token_cost", self.cache_read.map(plain)),
            ("cache_creation_input_token_cost", self.cache_write.map(plain)),
            ("max_input_tokens", self.max_input.map(|limit| limit.to_string())),
            ("max_output_tokens", self.max_output.map(|limit| limit.to_string())),
        ];
        let mut edits = Edits::default();
        for (name, value) in fields {
            if let Some(value) = value {
                edits.set(&node, name, value);
            }
        }
        String::from_utf8(edits.apply(row.as_bytes())).map_err(|fault| fault.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_typed_for_a_million_tokens() {
        let cases = [
            ("2.50", Ok(2_500_000)),
            ("$15", Ok(15_000_000)),
            ("0.0000001", Ok(1)),
            ("0", Ok(0)),
            ("-1", Err(())),
            ("1e3", Err(())),
            ("two", Err(())),
            ("", Err(())),
        ];
        for (text, each) in cases {
            assert_eq!(usd_per_million(text).map_err(|_| ()), each.map(Picodollars), "{text}");
        }
    }

    #[test]
    fn a_price_is_set_over_what_is_there() {
        let rates = RateArgs {
            input: Some(Picodollars(2_500_000)),
            output: None,
            cache_read: None,
            cache_write: None,
            max_input: None,
            max_output: Some(4_096),
        };
        let row = r#"{"mine":1,"input_cost_per_token":1e-6}"#;
        let expected = r#"{"max_output_tokens":4096,"mine":1,"input_cost_per_token":0.0000025}"#;
        assert_eq!(rates.over(row).unwrap(), expected);
        assert!(fresh("openai", "gpt-5").contains("\"max_output_tokens\":128000"));
        assert!(fresh("openai", "text-embedding-3-small").contains("\"mode\":\"embedding\""));
        assert_eq!(fresh("own", "m"), "{}");
    }
}
