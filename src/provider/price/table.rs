//! The price table.

use std::sync::LazyLock;

use super::read::{self, Rows};
use super::{Price, PriceFault, model_name};
use crate::domain::money::Picodollars;

/// The published list prices, in dollars.
const LIST_PRICES: &str = include_str!("list-prices.json");

/// A test reads the file, so that no binary is without it.
static BUILTIN: LazyLock<PriceTable> =
    LazyLock::new(|| PriceTable(read::rows(LIST_PRICES).unwrap_or_default()));

/// Prices by provider and model.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct PriceTable(Rows);

/// A model's price, and the row that it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Priced<'a> {
    /// The name of the row: the model as the table has it.
    pub model: &'a str,
    /// Its price.
    pub price: &'a Price,
}

impl PriceTable {
    /// The list prices in the binary, as of [`super::PRICES_DATE`].
    #[must_use]
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// This table with an operator's file over it: a row of the file takes the place of the whole
    /// row of that provider and model, or is added.
    ///
    /// # Errors
    /// What in the file is malformed, with the line: then nothing of it counts.
    pub fn overridden(&self, text: &str) -> Result<Self, PriceFault> {
        let mut rows = self.0.clone();
        for (provider, models) in read::rows(text)? {
            rows.entry(provider).or_default().extend(models);
        }
        Ok(Self(rows))
    }

    /// The price of a model, which may go by a dated name, an alias or the name of a fine-tune.
    #[must_use]
    pub fn find(&self, provider: &str, model: &str) -> Option<Priced<'_>> {
        let models = self.0.get(provider)?;
        let name = model_name::resolve(models, model)?;
        models.get_key_value(name).map(|(model, price)| Priced { model, price })
    }

    /// What one web search costs at the most at this provider, by any of its rows; none where no
    /// row says.
    #[must_use]
    pub fn dearest_search(&self, provider: &str) -> Option<Picodollars> {
        let rows = self.0.get(provider)?.values();
        rows.filter_map(|price| price.search.or(price.each_call)).max()
    }

    /// Every row: the provider, the model, its price.
    pub fn rows(&self) -> impl Iterator<Item = (&str, &str, &Price)> {
        self.0.iter().flat_map(|(provider, models)| {
            models.iter().map(move |(model, price)| (provider.as_str(), model.as_str(), price))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::price::Unusable;
    use proptest::prelude::*;

    #[test]
    fn the_list_prices_are_read() {
        let table = PriceTable(read::rows(LIST_PRICES).unwrap());
        assert_eq!(&table, PriceTable::builtin());
        assert_eq!(table.rows().count(), 1_007);
        let unusable = |why| table.rows().filter(|(.., price)| price.usable() == Err(why)).count();
        assert_eq!(unusable(Unusable::NoMaximum), 167);
        assert_eq!(unusable(Unusable::Unpriced), 119);
        assert_eq!(unusable(Unusable::Zero), 31);
    }

    #[test]
    fn names_lead_to_rows_of_the_same_model() {
        let cases = [
            ("openai", "gpt-4.1-nano-2025-04-14", Some("gpt-4.1-nano-2025-04-14")),
            ("openai", "gpt-4o", Some("gpt-4o")),
            ("openai", "gpt-4o-latest", Some("gpt-4o-2024-05-13")),
            ("openai", "gpt-4o-2023-01-01", Some("gpt-4o-2024-05-13")),
            ("openai", "gpt-4o-audio-preview", Some("gpt-4o-audio-preview-2025-06-03")),
            ("openai", "gpt-4o-nano", None),
            ("openai", "gpt-4", Some("gpt-4")),
            ("openai", "gpt-3.5-turbo-instruct:20230824-v2", None),
            ("openai", "ft:gpt-4.1-2025-04-14:acme::7p4lURel", Some("ft:gpt-4.1-2025-04-14")),
            ("openai", "ft:gpt-4.1:acme::7p4lURel", None),
            ("openai", "ft:gpt-5:acme::7p4lURel", None),
            ("openai", "text-embedding-3-small", Some("text-embedding-3-small")),
            ("openai", "", None),
            ("anthropic", "claude-sonnet-4-5-20250929", Some("claude-sonnet-4-5-20250929")),
            ("anthropic", "claude-sonnet-5@20260601", Some("claude-sonnet-5")),
            ("anthropic", "claude-3-haiku-20240307", None),
            ("google", "models/gemini-3.1-pro-preview", Some("gemini-3.1-pro-preview")),
            ("google", "gemini-3-pro-preview", None),
            ("google", "gemini-2.5-flash-001", Some("gemini-2.5-flash")),
            ("mistral", "magistral-medium-2507", None),
            ("mistral", "magistral-medium", Some("magistral-medium-latest")),
            ("cohere", "command-r", Some("command-r-08-2024")),
            ("nobody", "gpt-4o", None),
        ];
        for (provider, model, row) in cases {
            let found = PriceTable::builtin().find(provider, model).map(|found| found.model);
            assert_eq!(found, row, "{provider} {model}");
        }
    }

    #[test]
    fn a_search_costs_at_most_what_the_dearest_row_says() {
        let dearest = |provider| PriceTable::builtin().dearest_search(provider);
        assert_eq!(dearest("anthropic"), Some(Picodollars(10_000_000_000)));
        assert_eq!(dearest("perplexity"), Some(Picodollars(14_000_000_000)));
        assert_eq!(dearest("deepseek"), None);
    }

    #[test]
    fn a_file_replaces_rows_whole_and_adds_others() {
        let text = r#"{"openai": {"gpt-5": {"input_cost_per_token": 1e-6}}, "own": {"m": {}}}"#;
        let table = PriceTable::builtin().overridden(text).unwrap();
        let five = table.find("openai", "gpt-5").unwrap().price;
        assert_eq!((five.max_output, five.search()), (None, None));
        assert_eq!(five.usable(), Err(Unusable::Unpriced));
        assert!(table.find("own", "m").is_some());
        assert_eq!(table.rows().count(), PriceTable::builtin().rows().count() + 1);
        assert!(PriceTable::builtin().overridden("{").is_err());
    }

    proptest! {
        #[test]
        fn no_file_and_no_name_panics(text in "\\PC*", name in "\\PC{0,20}(-[0-9]{3,8})?") {
            let _ = PriceTable::default().overridden(&text);
            let _ = PriceTable::builtin().find("openai", &name);
        }
    }
}
