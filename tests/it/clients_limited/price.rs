//! What tokens cost by the list prices, reckoned here once more.

use std::path::Path;

use serde_json::{Value, json};

/// The tokens that an answer uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Used {
    /// Cached ones included.
    pub(super) input: u64,
    pub(super) cache_read: u64,
    pub(super) output: u64,
}

/// The list has no price for any of Gemini's models that show all that they bill.
pub(super) fn own_prices() -> Value {
    json!({"google": {"gemini-2.0-flash": {
        "mode": "chat", "max_input_tokens": 1_048_576, "max_output_tokens": 8_192,
        "input_cost_per_token": 1e-7, "output_cost_per_token": 4e-7,
    }}})
}

/// A model's prices, in picodollars a token.
#[derive(Debug)]
pub(super) struct Price(Value);

impl Price {
    /// The price of a model; one of the operator's own goes before the list.
    pub(super) fn of(provider: &str, model: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let list = std::fs::read(folder.join("src/provider/price/list-prices.json")).unwrap();
        let list: Value = serde_json::from_slice(&list).unwrap();
        let rows = [own_prices(), list].map(|mut table| table[provider][model].take());
        let row = rows.into_iter().find(Value::is_object);
        Self(row.unwrap_or_else(|| panic!("`{model}` of `{provider}` has no price")))
    }

    /// What the tokens cost, exactly.
    pub(super) fn exact(&self, used: Used) -> u64 {
        let fresh = (used.input - used.cache_read) * self.rate("input_cost_per_token", "");
        let cached = match used.cache_read {
            0 => 0,
            count => count * self.rate("cache_read_input_token_cost", ""),
        };
        fresh + cached + used.output * self.rate("output_cost_per_token", "")
    }

    /// The most that the tokens may cost in the service tier that ends in `tier`.
    pub(super) fn at_most(&self, input: u64, output: u64, tier: &str) -> u64 {
        input * self.rate("input_cost_per_token", tier)
            + output * self.rate("output_cost_per_token", tier)
    }

    /// The most input tokens of a call.
    pub(super) fn context(&self) -> u64 {
        self.0["max_input_tokens"].as_u64().expect("a number of tokens")
    }

    fn rate(&self, name: &str, tier: &str) -> u64 {
        let number = &self.0[format!("{name}{tier}")];
        assert!(number.is_number(), "no {name}{tier}: {}", self.0);
        picodollars(&number.to_string())
    }
}

/// A decimal of dollars, such as `1.75e-7`, in picodollars.
fn picodollars(decimal: &str) -> u64 {
    let (digits, exponent) = decimal.split_once('e').unwrap_or((decimal, "0"));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let places = 12 + exponent.parse::<i32>().unwrap() - i32::try_from(fraction.len()).unwrap();
    let digits: u64 = format!("{whole}{fraction}").parse().unwrap();
    let power = |places: i32| 10u64.pow(places.unsigned_abs());
    if places >= 0 {
        return digits * power(places);
    }
    assert_eq!(digits % power(places), 0, "less than a picodollar: {decimal}");
    digits / power(places)
}
