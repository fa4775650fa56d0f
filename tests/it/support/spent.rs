//! What keys have used and hold, as `till key show` tells it.

use std::path::Path;

use serde_json::Value;

use super::home::{Home, Key};
use super::upstream::{Place, Upstream};
use super::wait_until;

impl Home {
    /// One figure of a limit in `key show`, as in `tokens` and `used`: tokens, or picodollars.
    #[track_caller]
    pub(crate) fn figure(&self, key: &Key, limit: &str, figure: &str) -> u64 {
        read(&self.show(key), limit, figure)
    }

    /// What `key show` says once nothing of the key is in flight.
    #[track_caller]
    pub(crate) fn settled(&self, key: &Key) -> Value {
        let mut shown = Value::Null;
        wait_until("nothing is held", || {
            shown = self.show(key);
            read(&shown, "activations", "held") == 0
        });
        for limit in ["tokens", "input_tokens", "output_tokens", "spend"] {
            assert_eq!(read(&shown, limit, "held"), 0, "{limit}: {shown}");
        }
        shown
    }

    /// Once nothing is in flight: the input and output tokens used, and picodollars.
    #[track_caller]
    pub(crate) fn spent(&self, key: &Key) -> (u64, u64, u64) {
        let shown = self.settled(key);
        let used = |limit| read(&shown, limit, "used");
        (used("input_tokens"), used("output_tokens"), used("spend"))
    }

    /// A home with this provider alone, as the upstream is it.
    pub(crate) fn with_provider(provider: &str, upstream: &Upstream) -> Self {
        let home = Self::new();
        home.add_provider(provider, upstream);
        home
    }

    /// Adds this provider, as the upstream is it.
    #[track_caller]
    pub(crate) fn add_provider(&self, provider: &str, upstream: &Upstream) {
        self.add_master(provider, &upstream.base_url(root(provider)));
    }

    /// The file of prices beside the store.
    pub(crate) fn prices(&self) -> std::path::PathBuf {
        self.store().parent().unwrap_or_else(|| Path::new(".")).join("prices.json")
    }
}

/// One figure of what `key show --json` or `master limit --json` printed.
#[track_caller]
pub(crate) fn read(shown: &Value, limit: &str, figure: &str) -> u64 {
    let amount = &shown[limit][figure];
    let found = amount.as_u64().or_else(|| amount["picodollars"].as_u64());
    found.unwrap_or_else(|| panic!("no {figure} of {limit}: {shown:#}"))
}

/// Where this provider takes its key.
pub(crate) fn place(provider: &str) -> Place {
    match provider {
        "anthropic" => Place::raw("x-api-key"),
        "google" => Place::raw("x-goog-api-key"),
        _ => Place::bearer(),
    }
}

/// The root of this provider's paths.
fn root(provider: &str) -> &'static str {
    match provider {
        "google" => "/v1beta",
        "groq" => "/openai/v1",
        "openrouter" => "/api/v1",
        "cohere" => "/v2",
        "deepseek" | "perplexity" => "",
        _ => "/v1",
    }
}
