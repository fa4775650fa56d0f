//! Price files: JSON of providers, their models, and what each costs in dollars a unit, with the
//! field names of the price table that the `LiteLLM` project publishes.
//!
//! A field that is not known here is ignored; one that is known and malformed refuses the file.

use std::collections::BTreeMap;

use super::model_price::{Mode, Price};
use super::multiplier::Multiplier;
use super::rates::{Kind, Rate, Rates};
use super::{PriceFault, Tier};
use crate::domain::money::Picodollars;
use crate::provider::json::{Node, Value};

/// Prices by provider and model.
pub(super) type Rows = BTreeMap<String, BTreeMap<String, Price>>;

/// What each amount must be.
const AMOUNT: &str = "must be a number of dollars from 0 up";

/// Reads a whole file.
pub(super) fn rows(text: &str) -> Result<Rows, PriceFault> {
    let document =
        Node::parse(text.as_bytes()).map_err(|fault| PriceFault::Json(fault.to_string()))?;
    let file = File { text };
    let mut rows = Rows::new();
    file.object(&document, "the file")?;
    for provider in document.members() {
        file.object(&provider.node, &format!("`{}`", provider.name))?;
        let models = rows.entry(provider.name.to_string()).or_default();
        for model in provider.node.members() {
            let row = Row { file: &file, provider: &provider.name, model: &model.name };
            models.insert(model.name.to_string(), row.price(&model.node)?);
        }
    }
    Ok(rows)
}

/// The rate that a field of this name is; none where it is another field.
fn rate_field(name: &str) -> Option<(Kind, Tier, u64)> {
    Kind::ALL.iter().find_map(|(kind, field)| {
        let (tier, above) = scope(name.strip_prefix(field)?)?;
        Some((*kind, tier, above))
    })
}

/// The service tier and the threshold that the end of a field's name says: `_above_272k_tokens`,
/// `_flex`, both or neither.
fn scope(rest: &str) -> Option<(Tier, u64)> {
    let (above, rest) = match rest.strip_prefix("_above_") {
        Some(rest) => {
            let (thousands, rest) = rest.split_once("k_tokens")?;
            (thousands.parse::<u64>().ok()?.checked_mul(1_000)?, rest)
        }
        None => (0, rest),
    };
    if rest.is_empty() {
        return Some((Tier::Standard, above));
    }
    let name = rest.strip_prefix('_').filter(|name| !name.is_empty())?;
    let (tier, _) = Tier::ALL.into_iter().find(|(_, known)| *known == name)?;
    Some((tier, above))
}

struct File<'a> {
    text: &'a str,
}

impl File<'_> {
    fn fault(&self, node: &Node<'_>, place: &str, what: &str) -> PriceFault {
        let before = self.text.get(..node.span.start).unwrap_or_default();
        let line = before.matches('\n').count().saturating_add(1);
        PriceFault::Value { line, what: format!("{place} {what}") }
    }

    fn object(&self, node: &Node<'_>, place: &str) -> Result<(), PriceFault> {
        match node.value {
            Value::Object(_) => Ok(()),
            _ => Err(self.fault(node, place, "must be an object")),
        }
    }
}

struct Row<'a> {
    file: &'a File<'a>,
    provider: &'a str,
    model: &'a str,
}

impl Row<'_> {
    fn price(&self, row: &Node<'_>) -> Result<Price, PriceFault> {
        let place = format!("`{}` of `{}`", self.model, self.provider);
        self.file.object(row, &place)?;
        let mode = self.mode(row)?;
        let search = self.search(row)?;
        let each_call = search.filter(|_| self.searches_in_every_call());
        let entry = row.get("provider_specific_entry");
        if let Some(entry) = entry {
            self.file.object(entry, &self.place("provider_specific_entry"))?;
        }
        let factor = |name, long| match entry.and_then(|entry| entry.get(name)) {
            Some(node) => self.multiplier(node, name).map(Some),
            None => row.get(long).map(|node| self.multiplier(node, long)).transpose(),
        };
        let images = self.dollars(row, "input_cost_per_image")?.unwrap_or_default();
        Ok(Price {
            mode,
            max_input: self.count(row, "max_input_tokens")?,
            max_output: self.count(row, "max_output_tokens")?,
            rates: self.rates(row)?,
            fee: self
                .dollars(row, "input_cost_per_request")?
                .unwrap_or_default()
                .plus(each_call.unwrap_or_default()),
            search: search.filter(|_| each_call.is_none()),
            each_call,
            session: self.dollars(row, "code_interpreter_cost_per_session")?,
            writes_by_itself: self.provider != "anthropic",
            by_the_image: mode == Mode::Embedding && images > Picodollars(0),
            unbounded: self.model.contains("deep-research")
                || self.dollars(row, "citation_cost_per_token")?.is_some(),
            us: factor("us", "regional_processing_uplift_multiplier_us")?,
            eu: factor("eu", "regional_processing_uplift_multiplier_eu")?,
            fast: factor("fast", "fast")?,
        })
    }

    /// Whether the model searches the web once in every call, unasked.
    fn searches_in_every_call(&self) -> bool {
        let search_model = ["-search-preview", "-search-api"];
        self.provider == "perplexity" || search_model.iter().any(|part| self.model.contains(part))
    }

    fn mode(&self, row: &Node<'_>) -> Result<Mode, PriceFault> {
        let Some(node) = row.get("mode") else { return Ok(Mode::Text) };
        Ok(match node.text().ok_or_else(|| self.fault(node, "mode", "must be a text"))? {
            "chat" | "responses" | "completion" => Mode::Text,
            "embedding" => Mode::Embedding,
            "audio_transcription" => Mode::Transcription,
            "audio_speech" => Mode::Speech,
            "image_generation" => Mode::Image,
            _ => Mode::Other,
        })
    }

    fn rates(&self, row: &Node<'_>) -> Result<Rates, PriceFault> {
        let mut rates = Rates::default();
        for member in row.members() {
            if let Some((kind, tier, above)) = rate_field(&member.name) {
                let each = self.amount(&member.node, &member.name)?;
                rates.add(Rate { kind, tier, above, each });
            }
        }
        Ok(rates)
    }

    /// The fee of one web search: of the largest, where it depends on the size.
    fn search(&self, row: &Node<'_>) -> Result<Option<Picodollars>, PriceFault> {
        let name = "search_context_cost_per_query";
        let Some(node) = row.get(name) else { return Ok(None) };
        self.file.object(node, &self.place(name))?;
        let sizes = node.members().iter().map(|size| self.amount(&size.node, &size.name));
        Ok(sizes.collect::<Result<Vec<_>, _>>()?.into_iter().max())
    }

    fn count(&self, row: &Node<'_>, name: &str) -> Result<Option<u64>, PriceFault> {
        let Some(node) = row.get(name) else { return Ok(None) };
        let count = node.count();
        count.map(Some).ok_or_else(|| self.fault(node, name, "must be a whole number from 0 up"))
    }

    fn dollars(&self, row: &Node<'_>, name: &str) -> Result<Option<Picodollars>, PriceFault> {
        row.get(name).map(|node| self.amount(node, name)).transpose()
    }

    fn amount(&self, node: &Node<'_>, name: &str) -> Result<Picodollars, PriceFault> {
        let amount = node.number().and_then(Picodollars::from_decimal);
        amount.ok_or_else(|| self.fault(node, name, AMOUNT))
    }

    fn multiplier(&self, node: &Node<'_>, name: &str) -> Result<Multiplier, PriceFault> {
        let factor = node.number().and_then(Multiplier::from_decimal);
        factor.ok_or_else(|| self.fault(node, name, "must be a number from 0 up"))
    }

    fn place(&self, name: &str) -> String {
        format!("`{name}` of `{}`", self.model)
    }

    fn fault(&self, node: &Node<'_>, name: &str, what: &str) -> PriceFault {
        self.file.fault(node, &self.place(name), what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_fields_say_what_they_are_for() {
        let cases = [
            ("input_cost_per_token", Some((Kind::Input, Tier::Standard, 0))),
            ("input_cost_per_token_cache_hit", Some((Kind::CacheRead, Tier::Standard, 0))),
            (
                "cache_creation_input_token_cost_above_1hr_above_100k_tokens",
                Some((Kind::CacheWriteHour, Tier::Standard, 100_000)),
            ),
            (
                "output_cost_per_token_above_272k_tokens_ultrafast",
                Some((Kind::Output, Tier::Ultrafast, 272_000)),
            ),
            ("input_cost_per_token_batches", None),
            ("input_cost_per_token_above_200k_tokens_batches", None),
            ("input_cost_per_token_", None),
            ("input_cost_per_tokens", None),
            ("output_cost_per_second", None),
        ];
        for (name, field) in cases {
            assert_eq!(rate_field(name), field, "{name}");
        }
    }

    #[test]
    fn a_malformed_file_is_refused_with_the_line() {
        let cases = [
            ("{\n", "it is no JSON: EOF while parsing an object at line 2 column 0"),
            ("[]", "line 1: the file must be an object"),
            ("{\n\"a\": 5}", "line 2: `a` must be an object"),
            ("{\n\"a\": {\n\"m\": []}}", "line 3: `m` of `a` must be an object"),
            (
                "{\"a\": {\"m\": {\n\n\"input_cost_per_token\": -1e-6}}}",
                "line 3: `input_cost_per_token` of `m` must be a number of dollars from 0 up",
            ),
            (
                "{\"a\": {\"m\": {\n\"output_cost_per_token_flex\": \"1\"}}}",
                "line 2: `output_cost_per_token_flex` of `m` must be a number of dollars from 0 up",
            ),
            (
                "{\"a\": {\"m\": {\n\"max_output_tokens\": 1.5}}}",
                "line 2: `max_output_tokens` of `m` must be a whole number from 0 up",
            ),
            ("{\"a\": {\"m\": {\n\"mode\": 1}}}", "line 2: `mode` of `m` must be a text"),
            (
                "{\"a\": {\"m\": {\"provider_specific_entry\": {\n\"us\": \"x\"}}}}",
                "line 2: `us` of `m` must be a number from 0 up",
            ),
            (
                "{\"a\": {\"m\": {\"search_context_cost_per_query\": 1}}}",
                "line 1: `search_context_cost_per_query` of `m` must be an object",
            ),
            ("{\"a\": {\"m\": {}},\n\"a\": {}}", "the field `a` is there twice, in line 2"),
        ];
        for (text, message) in cases {
            assert_eq!(rows(text).unwrap_err().to_string(), message, "{text}");
        }
    }
}
