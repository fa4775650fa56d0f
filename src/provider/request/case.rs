//! One request while it is being read.

use super::Inquiry;
use super::refusal::Refusal;
use crate::domain::money::Picodollars;
use crate::provider::api::Api;
use crate::provider::json::{Edits, Node};
use crate::provider::price::Price;

/// What was found out of a request so far.
pub(super) struct Case<'a> {
    pub(super) inquiry: &'a Inquiry<'a>,
    pub(super) api: Api,
    pub(super) root: &'a Node<'a>,
    /// The models that it names; there is at least one.
    pub(super) models: Vec<String>,
    /// The row of the first of them.
    pub(super) price: Option<&'a Price>,
    /// Runs of the model: more than one where tools run upstream.
    pub(super) runs: u64,
    /// Whether tools read upstream what the request does not show.
    pub(super) reads_upstream: bool,
    /// What tools that run upstream are charged at the most, beside tokens.
    pub(super) tool_fees: Picodollars,
    /// What of that is charged for the call itself, and in no count of the answer.
    pub(super) session_fee: Picodollars,
    /// Changes that make the request have a bound.
    pub(super) edits: Edits,
    /// Why it has none, if it has none.
    unbound: Option<String>,
}

impl<'a> Case<'a> {
    pub(super) fn new(
        inquiry: &'a Inquiry<'a>,
        api: Api,
        root: &'a Node<'a>,
        models: Vec<String>,
    ) -> Self {
        let model = models.first().map_or("", String::as_str);
        let found = inquiry.prices.find(&inquiry.provider.name, model);
        Self {
            inquiry,
            api,
            root,
            models,
            price: found.map(|found| found.price),
            runs: 1,
            reads_upstream: false,
            tool_fees: Picodollars(0),
            session_fee: Picodollars(0),
            edits: Edits::default(),
            unbound: None,
        }
    }

    /// The provider's name.
    pub(super) fn provider(&self) -> &'a str {
        &self.inquiry.provider.name
    }

    /// The model, or the first of several.
    pub(super) fn model(&self) -> &str {
        self.models.first().map_or("", String::as_str)
    }

    /// What one web search costs at the most that a tool makes: where the model's row does not say,
    /// the dearest of the provider's. Those of Perplexity are in the fee of each call.
    pub(super) fn search_price(&self) -> Option<Picodollars> {
        let own = self.price.and_then(Price::search);
        let dearest = || match self.provider() {
            "perplexity" => None,
            provider => self.inquiry.prices.dearest_search(provider),
        };
        own.or_else(dearest)
    }

    /// Notes that nothing bounds the request: why, and what to do instead.
    pub(super) fn unbound(&mut self, why: impl std::fmt::Display, instead: &str) {
        let message = format!("{why}: {instead}, or mint the key with `--overshoot last-call`");
        self.unbound.get_or_insert(message);
    }

    /// Whether something bounds it.
    ///
    /// # Errors
    /// Where nothing does and the key does not admit that.
    pub(super) fn is_bounded(&self) -> Result<bool, Refusal> {
        match &self.unbound {
            None => Ok(true),
            Some(_) if self.inquiry.soft => Ok(false),
            Some(message) => Err(Refusal::unmetered(message.clone())),
        }
    }
}
