//! The limits and the scope of a key, as they are typed for `mint` and `edit`.

use std::num::NonZeroU32;

use clap::{Args, ValueEnum};
use ipnet::IpNet;

use crate::domain::limits::{Counting, Limits, MAX_ACTIVATIONS};
use crate::domain::pattern::Pattern;
use crate::domain::pause::OnSpike;
use crate::domain::rate::Rate;
use crate::domain::scope::{Allow, Scope};
use crate::domain::time::Timestamp;
use crate::wire::{network, parse_expiry};

use super::super::exit::Exit;
use super::super::failure::Failure;
use super::key_caps::CapFlags;

/// What a key may use up, and what it may be used for.
#[derive(Clone, Debug, Args)]
pub struct LimitFlags {
    /// How many requests it works for, 1 to 1000000000000
    ///
    /// Every request that was sent counts, whatever was answered; one that could not be sent is
    /// given back. When all are used the key destroys itself.
    #[arg(short = 'n', long, value_name = "N", value_parser = activations,
          allow_negative_numbers = true)]
    pub activations: Option<u64>,
    /// What its requests may cost.
    #[command(flatten)]
    pub caps: CapFlags,
    /// When it ends: a span from now (90s, 30m, 2h, 7d), or a time (2026-12-01T00:00Z)
    #[arg(long, value_name = "WHEN")]
    pub expires: Option<String>,
    /// Requests in a time: 5/s, 60/m, 1000/h, 5000/d; a burst of the whole count is allowed
    #[arg(long, value_name = "RATE", value_parser = rate)]
    pub rate: Option<Rate>,
    /// Requests in flight at once
    #[arg(long, value_name = "N", value_parser = concurrency, allow_negative_numbers = true)]
    pub concurrency: Option<NonZeroU32>,
    /// Models that it may use, with `*` and `?`: 'gpt-4o*'; may be given more than once
    ///
    /// The model is read from the path or from a JSON body of up to 16 MiB. Larger bodies get 413;
    /// compressed, multipart and ambiguous ones are refused.
    #[arg(long, value_name = "GLOB", value_parser = model)]
    pub model: Vec<Pattern>,
    /// Endpoints that it may call, on the path sent upstream: 'POST /v1/chat/*'; may be given more
    /// than once
    ///
    /// `*` stands for one segment or a part of it, `**` for any number. Without a method, any.
    /// Without `--allow` a key reaches what the provider's table calls metered or free, or, of an
    /// API without a meter, everything but minting endpoints.
    #[arg(long, value_name = "METHOD PATH", value_parser = allow)]
    pub allow: Vec<Allow>,
    /// Client addresses that may use it: 10.0.0.0/8 or 127.0.0.1; may be given more than once
    #[arg(long, value_name = "NET", value_parser = network)]
    pub ip: Vec<IpNet>,
    /// Count only what was answered: 429, 5xx and no answer are given back
    ///
    /// The attempts are capped at four times the activations.
    #[arg(long)]
    pub count_answered: bool,
    /// What becomes of it when something unusual is seen of it [default: alert]
    #[arg(long, value_name = "HOW")]
    pub on_spike: Option<OnSpikeFlag>,
}

/// What `--on-spike` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OnSpikeFlag {
    /// It is said, and nothing else
    Alert,
    /// The key is paused: its requests are refused until `till key resume`
    Pause,
}

impl From<OnSpikeFlag> for OnSpike {
    fn from(flag: OnSpikeFlag) -> Self {
        match flag {
            OnSpikeFlag::Alert => Self::Alert,
            OnSpikeFlag::Pause => Self::Pause,
        }
    }
}

impl LimitFlags {
    /// All limits. What the cheapest request can cost is for whoever knows what the key opens.
    ///
    /// # Errors
    /// As [`LimitFlags::expires_at`].
    pub fn limits(&self, now: Timestamp) -> Result<Limits, Failure> {
        Ok(Limits {
            activations: self.activations,
            expires_at: self.expires_at(now)?,
            rate: self.rate,
            concurrency: self.concurrency,
            counting: self.counting(),
            caps: self.caps.caps(),
            overshoot: self.caps.overshoot.map(Into::into).unwrap_or_default(),
            on_cancel: self.caps.on_cancel.map(Into::into).unwrap_or_default(),
            on_spike: self.on_spike.map(Into::into).unwrap_or_default(),
            max_price: self.caps.max_price,
            ..Limits::default()
        })
    }

    /// What it may be used for.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope { models: self.model.clone(), allow: self.allow.clone(), networks: self.ip.clone() }
    }

    /// When it ends, as a point in time.
    ///
    /// # Errors
    /// Where the text is no time to come.
    pub fn expires_at(&self, now: Timestamp) -> Result<Option<Timestamp>, Failure> {
        self.expires.as_deref().map(|text| expiry(text, now)).transpose()
    }

    /// What uses up an activation.
    #[must_use]
    pub fn counting(&self) -> Counting {
        if self.count_answered { Counting::Answered } else { Counting::Sent }
    }
}

/// The point in time that `--expires` means.
///
/// # Errors
/// Where the text is no time to come.
pub fn expiry(text: &str, now: Timestamp) -> Result<Timestamp, Failure> {
    parse_expiry(text, now).map_err(|why| {
        Failure::new(Exit::Usage, format!("`--expires {text}` is no time to come"))
            .why(why)
            .hint("write it as in `--expires 2h`, `--expires 7d` or `--expires 2026-12-01T00:00Z`")
    })
}

/// An activation limit.
pub(super) fn activations(text: &str) -> Result<u64, String> {
    let hint = format!("it must be a whole number from 1 to {MAX_ACTIVATIONS}");
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(hint);
    }
    text.parse().ok().filter(|limit| (1..=MAX_ACTIVATIONS).contains(limit)).ok_or(hint)
}

fn rate(text: &str) -> Result<Rate, String> {
    text.parse().map_err(|error: crate::domain::rate::NotARate| error.to_string())
}

fn concurrency(text: &str) -> Result<NonZeroU32, String> {
    text.parse().map_err(|_| "it must be a whole number from 1 to 4294967295".to_owned())
}

pub(super) fn model(text: &str) -> Result<Pattern, String> {
    Pattern::over_names(text)
}

pub(super) fn allow(text: &str) -> Result<Allow, String> {
    let allow: Allow = text.parse()?;
    allow.check_reachable()?;
    Ok(allow)
}
