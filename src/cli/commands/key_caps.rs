//! The limits of a key in tokens and money, as they are typed for `mint` and `edit`.

use clap::{Args, ValueEnum};

use crate::domain::cost::Caps;
use crate::domain::limits::{MaxPrice, OnCancel, Overshoot};
use crate::domain::money::Picodollars;
use crate::wire::max_price::max_price;

use super::super::amount::{money, tokens};

/// What a key's requests may cost.
#[derive(Clone, Debug, Args)]
pub struct CapFlags {
    /// Tokens that it works for, input and output together: 5000, 100k, 1.5M
    ///
    /// Input that the provider reads from its cache counts too: an agent that sends its context
    /// again with each request is charged for all of it each time. `--output-tokens` or `--spend`
    /// fit such an agent better.
    ///
    /// A request on a key that is limited in tokens or money holds the most that it may cost,
    /// which brings down its own output limit where the key cannot pay it. What has no bound is
    /// refused: context that is kept upstream, tools and searches of the provider that nothing
    /// limits, background, batch and realtime requests, endpoints without a meter; with `--spend`
    /// also models without a price (see `till prices`). docs/metering.md has all of it.
    #[arg(long, value_name = "AMOUNT", value_parser = tokens, allow_negative_numbers = true)]
    pub tokens: Option<u64>,
    /// Input tokens that it works for, cached ones too
    #[arg(long, value_name = "AMOUNT", value_parser = tokens, allow_negative_numbers = true)]
    pub input_tokens: Option<u64>,
    /// Output tokens that it works for, reasoning too
    #[arg(long, value_name = "AMOUNT", value_parser = tokens, allow_negative_numbers = true)]
    pub output_tokens: Option<u64>,
    /// Money that it works for, in US dollars: 5, 5.00, 0.25
    #[arg(long, value_name = "USD", value_parser = money, allow_negative_numbers = true)]
    pub spend: Option<Picodollars>,
    /// Whether its limits in tokens and money can be overrun [default: never]
    #[arg(long, value_name = "HOW")]
    pub overshoot: Option<OvershootFlag>,
    /// What becomes of a request that is limited so, when its client hangs up [default: stop]
    #[arg(long, value_name = "HOW")]
    pub on_cancel: Option<OnCancelFlag>,
    /// The dearest model that `openrouter` may choose, in US dollars for a million tokens of input
    /// and of output: 1,4
    ///
    /// `prompt=1,completion=4` says the same. It chooses the model's host, and so the
    /// price, itself: without this there is no bound for `--spend`.
    #[arg(long, value_name = "PROMPT,COMPLETION", value_parser = max_price,
          allow_hyphen_values = true)]
    pub max_price: Option<MaxPrice>,
}

/// What `--overshoot` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OvershootFlag {
    /// A request is brought down to what the key can pay, or refused
    Never,
    /// By the requests that are in flight when a limit is reached; what has no bound is let through
    LastCall,
}

/// What `--on-cancel` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OnCancelFlag {
    /// The provider is told at once, and the most that it may bill is charged
    Stop,
    /// The answer is read to its end, and charged exactly
    Drain,
}

impl CapFlags {
    /// The caps that are given.
    #[must_use]
    pub const fn caps(&self) -> Caps {
        Caps {
            tokens: self.tokens,
            input_tokens: self.input_tokens,
            output_tokens: self.output_tokens,
            spend: self.spend,
        }
    }
}

impl From<OvershootFlag> for Overshoot {
    fn from(flag: OvershootFlag) -> Self {
        match flag {
            OvershootFlag::Never => Self::Never,
            OvershootFlag::LastCall => Self::LastCall,
        }
    }
}

impl From<OnCancelFlag> for OnCancel {
    fn from(flag: OnCancelFlag) -> Self {
        match flag {
            OnCancelFlag::Stop => Self::Stop,
            OnCancelFlag::Drain => Self::Drain,
        }
    }
}
