//! Requests of every API, and what becomes of them.

use std::sync::{Arc, LazyLock};

use bytes::Bytes;

use super::{Inquiry, Plan, Refusal, plan};
use crate::domain::denial::Reason;
use crate::domain::limits::MaxPrice;
use crate::domain::money::Picodollars;
use crate::provider::find_builtin;
use crate::provider::price::PriceTable;

mod answers;
mod bounds;
mod clients;
mod outputs;
mod properties;
mod refusals;
mod rewrites;
mod unbound;

static PRICES: LazyLock<Arc<PriceTable>> =
    LazyLock::new(|| Arc::new(PriceTable::builtin().clone()));

const CHAT: &str = "/v1/chat/completions";
const RESPONSES: &str = "/v1/responses";
const MESSAGES: &str = "/v1/messages";
const GEMINI: &str = "/v1beta/models/gemini-2.5-flash:generateContent";
const ROUTER: &str = "/api/v1/chat/completions";

/// A request on a key that is limited in money, and strict.
fn inquiry<'a>(provider: &str, path: &'a str, body: &'a str) -> Inquiry<'a> {
    Inquiry {
        provider: find_builtin(provider).unwrap(),
        method: "POST",
        path,
        query: None,
        content_type: Some("application/json"),
        body: body.as_bytes(),
        prices: &PRICES,
        spend: true,
        max_price: (provider == "openrouter").then_some(MaxPrice {
            prompt: Picodollars(3_000_000),
            completion: Picodollars(15_000_000),
        }),
        soft: false,
        watched: false,
    }
}

fn planned(provider: &str, path: &str, body: &str) -> Result<Plan, Refusal> {
    plan(&inquiry(provider, path, body))
}

fn sure(provider: &str, path: &str, body: &str) -> Plan {
    planned(provider, path, body).unwrap_or_else(|refusal| panic!("{body}: {refusal}"))
}

fn reason(provider: &str, path: &str, body: &str) -> Option<Reason> {
    planned(provider, path, body).err().map(|refusal| refusal.reason)
}

/// The body with this grant in it.
fn body(plan: &Plan, body: &str, granted: u64) -> String {
    let body = plan.body(Bytes::copy_from_slice(body.as_bytes()), granted);
    String::from_utf8(body.to_vec()).unwrap()
}
