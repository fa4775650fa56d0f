//! What a token is, and what is left of its bounds.

use serde::Serialize;

use crate::domain::ids::KeySeq;
use crate::domain::minter::Minter;
use crate::domain::time::Timestamp;
use crate::domain::totals::{MinterUsage, Quantity, Total};
use crate::ledger::Book;
use crate::report::KeyView;

use super::fault::Answer;
use super::keys::seqs;
use super::router::Admin;

/// The answer, in the words of published clients: a token is a tenant.
#[derive(Debug, Serialize)]
pub(super) struct Answered {
    account: Account,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Account {
    scope: &'static str,
    tenant: Tenant,
    keys_used: u64,
    tenants: u64,
    activations_used_this_month: u64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Tenant {
    id: String,
    email: &'static str,
    plan: &'static str,
    max_keys: Option<u64>,
    max_activations_per_month: Option<u64>,
    activations_this_month: u64,
    status: &'static str,
    // till's own.
    max_live_keys: Option<u64>,
    live_keys: u64,
    max_activations: Option<u64>,
    max_tokens: Option<u64>,
    max_input_tokens: Option<u64>,
    max_output_tokens: Option<u64>,
    max_spend: Option<String>,
    max_expires: Option<String>,
    providers: Vec<String>,
    may_bring_keys: bool,
    max_delegate: u8,
    totals: Vec<TotalJson>,
    expires_at: Option<String>,
    proxy_url: Option<String>,
}

/// One total: figures are keys, activations, tokens or picodollars.
#[derive(Debug, Serialize)]
struct TotalJson {
    quantity: String,
    bound: String,
    limit: u64,
    granted: u64,
    remaining: u64,
}

/// What the minter may, and what it has done.
pub(super) fn account(admin: &Admin, minter: &Minter) -> Answer<Answered> {
    let book = Book::verified(admin.operator.proxy.row_mac());
    let (usage, this_month) = admin.ledger.view(|rows, now| {
        let usage = book.get::<MinterUsage>(rows, &minter.id)?.unwrap_or_default().at(now);
        let mut used: u64 = 0;
        for seq in seqs(rows, minter.id, KeySeq(0))? {
            let Some(view) = KeyView::read(rows, book, seq, now)? else { continue };
            if month(view.record.created_at) == month(now) {
                used = used.saturating_add(view.usage.used);
            }
        }
        Ok((usage, used))
    })?;
    let bounds = &minter.bounds;
    let activations = usage.totals.iter().find(|total| total.quantity == Quantity::Activations);
    let tenant = Tenant {
        id: minter.name.clone(),
        email: "",
        plan: "till",
        max_keys: usage.max_live_keys,
        max_activations_per_month: activations.map(|total| total.limit),
        activations_this_month: this_month,
        status: "active",
        max_live_keys: usage.max_live_keys,
        live_keys: usage.live_keys,
        max_activations: bounds.activations,
        max_tokens: bounds.caps.tokens,
        max_input_tokens: bounds.caps.input_tokens,
        max_output_tokens: bounds.caps.output_tokens,
        max_spend: bounds.caps.spend.map(|spend| spend.to_string().replace('$', "")),
        max_expires: bounds.lifetime.map(|span| span.to_string()),
        providers: bounds.masters.iter().map(|(_, provider)| provider.clone()).collect(),
        may_bring_keys: bounds.bring_keys,
        max_delegate: bounds.delegate,
        totals: usage.totals.iter().map(TotalJson::from).collect(),
        expires_at: bounds.expires_at.map(Timestamp::to_rfc3339),
        proxy_url: admin.proxy_url.clone(),
    };
    Ok(Answered {
        account: Account {
            scope: "tenant",
            tenant,
            keys_used: usage.live_keys,
            tenants: 1,
            activations_used_this_month: this_month,
        },
    })
}

impl From<&Total> for TotalJson {
    fn from(total: &Total) -> Self {
        Self {
            quantity: total.quantity.name(),
            bound: total.to_string(),
            limit: total.limit,
            granted: total.granted,
            remaining: total.limit.saturating_sub(total.granted),
        }
    }
}

/// The month of a point in time, in UTC: `2026-11`.
fn month(at: Timestamp) -> String {
    at.to_rfc3339().chars().take(7).collect()
}
