//! What is typed for a key, as the admin API is asked for it.

use crate::domain::cost::Measure;
use crate::domain::limits::{Counting, MaxPrice, OnCancel, Overshoot};
use crate::domain::pause::OnSpike;
use crate::domain::time::{Span, Timestamp};
use crate::wire::KeyRequest;
use crate::wire::max_price::per_million;

use super::super::commands::key_limits::LimitFlags;
use super::super::exit::Exit;
use super::super::failure::Failure;

/// The request for a key of these limits that opens these targets. What is not said is for the bounds
/// of the token.
///
/// # Errors
/// Where a limit cannot be asked for over the network.
pub fn request(
    targets: &[String],
    flags: &LimitFlags,
    now: Timestamp,
) -> Result<KeyRequest, Failure> {
    let limits = flags.limits(now)?;
    if limits.overshoot == Overshoot::LastCall {
        return Err(Failure::new(
            Exit::Usage,
            "`--overshoot last-call` cannot be asked for remotely",
        )
        .why("a key could go beyond the bounds of its token")
        .hint("leave it out, or mint the key where the store is"));
    }
    let cap = |measure| limits.caps.on(measure);
    let scope = flags.scope();
    let mut targets = targets.iter().cloned();
    Ok(KeyRequest {
        provider: targets.next(),
        providers: targets.collect(),
        max_activations: limits.activations,
        max_tokens: cap(Measure::Tokens),
        max_input_tokens: cap(Measure::InputTokens),
        max_output_tokens: cap(Measure::OutputTokens),
        max_spend: limits.caps.spend.map(|spend| spend.to_string().replace('$', "")),
        expires: expires(flags.expires.as_deref(), limits.expires_at),
        rate: limits.rate.map(|rate| rate.to_string()),
        concurrency: limits.concurrency.map(std::num::NonZeroU32::get),
        models: scope.models.iter().map(ToString::to_string).collect(),
        allow: scope.allow.iter().map(ToString::to_string).collect(),
        ip_whitelist: scope.networks.iter().map(ToString::to_string).collect(),
        count_answered: (limits.counting == Counting::Answered).then_some(true),
        on_cancel: (limits.on_cancel == OnCancel::Drain).then(|| "drain".to_owned()),
        on_spike: flags.on_spike.map(|how| OnSpike::from(how).name().to_owned()),
        max_price: limits.max_price.map(price),
        ..KeyRequest::default()
    })
}

/// A span stays one, and counts from the server's clock; a point in time is said in UTC, since the
/// server may be in another zone.
fn expires(text: Option<&str>, at: Option<Timestamp>) -> Option<String> {
    let text = text?.trim();
    match text.parse::<Span>() {
        Ok(_) => Some(text.to_owned()),
        Err(_) => at.map(Timestamp::to_rfc3339),
    }
}

fn price(price: MaxPrice) -> String {
    let [prompt, completion] =
        [price.prompt, price.completion].map(|each| per_million(each).to_string().replace('$', ""));
    format!("{prompt},{completion}")
}
