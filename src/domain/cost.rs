//! What a request costs beside its activation: tokens and money, and the caps on them.

use super::denial::Reason;
use super::money::Picodollars;

/// The most tokens that a limit can be: enough for any use, and far from overflowing.
pub const MAX_TOKENS: u64 = 1_000_000_000_000_000;

/// Tokens and money: what was used, what is held, or what a request may use at the most. Sums
/// saturate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Cost {
    /// Input tokens, those that the provider read from a cache included.
    pub input: u64,
    /// Output tokens that are billed, reasoning included.
    pub output: u64,
    /// Money.
    pub spend: Picodollars,
}

impl Cost {
    /// Both kinds of tokens.
    #[must_use]
    pub const fn tokens(self) -> u64 {
        self.input.saturating_add(self.output)
    }

    /// The sum of both.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            input: self.input.saturating_add(other.input),
            output: self.output.saturating_add(other.output),
            spend: self.spend.plus(other.spend),
        }
    }

    /// The difference, in each part at least nothing.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self {
            input: self.input.saturating_sub(other.input),
            output: self.output.saturating_sub(other.output),
            spend: self.spend.minus(other.spend),
        }
    }

    /// In each part the larger.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self {
            input: self.input.max(other.input),
            output: self.output.max(other.output),
            spend: self.spend.max(other.spend),
        }
    }
}

/// What a cap can be on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Input and output tokens together.
    Tokens,
    /// Input tokens alone.
    InputTokens,
    /// Output tokens alone.
    OutputTokens,
    /// Money, in picodollars.
    Spend,
}

impl Measure {
    /// Every measure: itself, its number on disk, and its name in JSON, flags and messages.
    pub const ALL: [(Self, u8, &'static str); 4] = [
        (Self::Tokens, 1, "tokens"),
        (Self::InputTokens, 2, "input-tokens"),
        (Self::OutputTokens, 3, "output-tokens"),
        (Self::Spend, 4, "spend"),
    ];

    /// The measure's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|row| row.0 == self).map_or("", |row| row.2)
    }

    /// Its number on disk.
    #[must_use]
    pub fn number(self) -> u8 {
        Self::ALL.iter().find(|row| row.0 == self).map_or(0, |row| row.1)
    }

    /// The measure with this number on disk.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.iter().find(|row| row.1 == number).map(|row| row.0)
    }

    /// Its part of a cost: tokens, or picodollars.
    #[must_use]
    pub const fn of(self, cost: &Cost) -> u64 {
        match self {
            Self::Tokens => cost.tokens(),
            Self::InputTokens => cost.input,
            Self::OutputTokens => cost.output,
            Self::Spend => cost.spend.0,
        }
    }

    /// A figure of this measure in words: `1200 tokens`, `$0.25`.
    #[must_use]
    pub fn words(self, figure: u64) -> String {
        match self {
            Self::Tokens => format!("{figure} tokens"),
            Self::InputTokens => format!("{figure} input tokens"),
            Self::OutputTokens => format!("{figure} output tokens"),
            Self::Spend => Picodollars(figure).to_string(),
        }
    }

    /// The reason of a denial where a key's cap on it is used up.
    #[must_use]
    pub const fn reason(self) -> Reason {
        match self {
            Self::Tokens | Self::InputTokens | Self::OutputTokens => Reason::TokenLimit,
            Self::Spend => Reason::SpendLimit,
        }
    }
}

/// A key's caps on what its requests cost. `None` means that it is not limited in that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Caps {
    /// Input and output tokens together, 1 to [`MAX_TOKENS`].
    pub tokens: Option<u64>,
    /// Input tokens, 1 to [`MAX_TOKENS`].
    pub input_tokens: Option<u64>,
    /// Output tokens, 1 to [`MAX_TOKENS`].
    pub output_tokens: Option<u64>,
    /// Money, up to [`super::money::MAX_SPEND`].
    pub spend: Option<Picodollars>,
}

impl Caps {
    /// The caps that are set, with their figures.
    pub fn iter(&self) -> impl Iterator<Item = (Measure, u64)> + use<> {
        let all = [
            (Measure::Tokens, self.tokens),
            (Measure::InputTokens, self.input_tokens),
            (Measure::OutputTokens, self.output_tokens),
            (Measure::Spend, self.spend.map(|spend| spend.0)),
        ];
        all.into_iter().filter_map(|(measure, cap)| cap.map(|cap| (measure, cap)))
    }

    /// The cap on one measure.
    #[must_use]
    pub fn on(&self, measure: Measure) -> Option<u64> {
        self.iter().find(|(known, _)| *known == measure).map(|(_, cap)| cap)
    }

    /// The place of the cap on one measure.
    pub fn set(&mut self, measure: Measure, cap: Option<u64>) {
        match measure {
            Measure::Tokens => self.tokens = cap,
            Measure::InputTokens => self.input_tokens = cap,
            Measure::OutputTokens => self.output_tokens = cap,
            Measure::Spend => self.spend = cap.map(Picodollars),
        }
    }

    /// Whether any is set: then requests and answers must be read.
    #[must_use]
    pub fn any(&self) -> bool {
        *self != Self::default()
    }
}
