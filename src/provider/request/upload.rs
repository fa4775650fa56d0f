//! Multipart bodies, whose fields are not read.

use super::inquiry::Inquiry;
use super::plan::Plan;
use super::refusal::Refusal;
use super::tariff::{Rates, Tariff};
use crate::domain::demand::Demand;
use crate::provider::api::Api;
use crate::provider::json::Edits;

/// What is held of a request whose output nothing bounds.
pub(super) const SOFT_OUTPUT: u64 = 4_096;

/// Whether a content type is that of an upload.
pub(super) fn is_multipart(content_type: &str) -> bool {
    let start = content_type.trim_start().get(.."multipart/".len());
    start.is_some_and(|start| start.eq_ignore_ascii_case("multipart/"))
}

/// A plan for an upload: its usage is metered, and nothing bounds it before.
pub(super) fn plan(inquiry: &Inquiry<'_>, api: Api) -> Result<Plan, Refusal> {
    if !inquiry.soft {
        return Err(Refusal::unmetered(
            "a multipart body hides its model and has no bound: mint the key without limits on \
             tokens and money, or limit it in tokens with `--overshoot last-call`",
        ));
    }
    if inquiry.spend {
        return Err(Refusal::unpriced(
            "a multipart body hides its model, so that its price is not known: use a key without \
             a limit on money",
        ));
    }
    let demand = Demand {
        output: SOFT_OUTPUT,
        least_output: SOFT_OUTPUT,
        bounded: false,
        priced: false,
        ..Demand::FREE
    };
    Ok(Plan {
        demand,
        api: Some(api),
        models: Vec::new(),
        hide_usage: false,
        edits: Edits::default(),
        limits: Vec::new(),
        tariff: Tariff::new(inquiry, Rates::None),
        shows_all: false,
    })
}
