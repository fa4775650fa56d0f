//! What a proxy key is to be, in JSON: what the admin API is asked for, and a key that makes others.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::domain::cost::{MAX_TOKENS, Measure};
use crate::domain::delegation::MAX_GENERATIONS;
use crate::domain::limits::{Counting, Limits, MAX_ACTIVATIONS, OnCancel};
use crate::domain::money::{MAX_SPEND, NotMoney, Picodollars};
use crate::domain::pattern::Pattern;
use crate::domain::pause::OnSpike;
use crate::domain::scope::{Allow, Scope};
use crate::domain::time::Timestamp;
use crate::vault::SecretText;

use super::max_price::max_price;
use super::metadata;
use super::names;
use super::when::parse_expiry;

mod members;

/// Picodollars in a cent.
const CENT: u64 = 10_000_000_000;
/// Keys that one request may ask for.
pub const MAX_COUNT: u32 = 1_000;
/// Bytes of a key's labels at the most, and of its lists: each key has its own copy, and is kept after
/// its end.
const MOST_TEXT: usize = 8 * 1024;

/// A request for proxy keys. Fields that are not here are refused by name.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct KeyRequest {
    /// The provider, or master key, that it opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Further ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub providers: Vec<String>,
    /// A real key of the provider's that it is to open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream_key: Option<Secret>,
    /// Requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_activations: Option<u64>,
    /// Input and output tokens together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u64>,
    /// Input tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_input_tokens: Option<u64>,
    /// Output tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output_tokens: Option<u64>,
    /// Money, in US dollars as text: `"5.00"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_spend: Option<String>,
    /// Money, in whole US cents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_spend_cents: Option<u64>,
    /// When it ends: a span from now, or a point in time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// Requests in a time: `"60/m"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<String>,
    /// Requests at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<u32>,
    /// Models that it may use.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// Endpoints that it may call.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<String>,
    /// Client addresses that may use it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ip_whitelist: Vec<String>,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Texts for its holder's own use.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "members::once_each")]
    pub labels: BTreeMap<String, String>,
    /// The same, of any JSON values; `name` in it is the key's name.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "members::metadata_of")]
    pub metadata: Option<Map<String, Value>>,
    /// Whether only what was answered uses up an activation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count_answered: Option<bool>,
    /// What becomes of a request whose client has gone: `stop` or `drain`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_cancel: Option<String>,
    /// What becomes of it when something unusual is seen of it: `alert` or `pause`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_spike: Option<String>,
    /// The dearest model that a router may choose: `"1,4"`, dollars per million tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_price: Option<String>,
    /// How many generations of keys may be made from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delegate: Option<u8>,
    /// How many keys, all alike.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
}

/// A secret in JSON. Its `Debug` shows nothing of it.
#[derive(Debug)]
pub struct Secret(pub SecretText);

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(String::deserialize(deserializer)?.into()))
    }
}

/// A field that cannot be taken: which, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{field}`: {why}")]
pub struct FieldFault {
    /// Its name.
    pub field: &'static str,
    /// What is wrong with it, in words.
    pub why: String,
}

impl FieldFault {
    /// A fault of this field.
    #[must_use]
    pub fn new(field: &'static str, why: impl Into<String>) -> Self {
        Self { field, why: why.into() }
    }
}

impl KeyRequest {
    /// The providers and master keys that it names, each once.
    #[must_use]
    pub fn targets(&self) -> Vec<&str> {
        let all = self.provider.iter().chain(&self.providers);
        all.map(String::as_str).collect()
    }

    /// How many keys are asked for.
    ///
    /// # Errors
    /// Where it is none, or more than [`MAX_COUNT`].
    pub fn count(&self) -> Result<u32, FieldFault> {
        let count = self.count.unwrap_or(1);
        if (1..=MAX_COUNT).contains(&count) {
            Ok(count)
        } else {
            Err(FieldFault::new("count", format!("it must be from 1 to {MAX_COUNT}")))
        }
    }

    /// How many generations of keys may be made from it.
    ///
    /// # Errors
    /// Where that is more than [`MAX_GENERATIONS`].
    pub fn generations(&self) -> Result<u8, FieldFault> {
        let delegate = self.delegate.unwrap_or_default();
        if delegate > MAX_GENERATIONS {
            let why = format!("{delegate} is not from 0 to {MAX_GENERATIONS}");
            return Err(FieldFault::new("delegate", why));
        }
        Ok(delegate)
    }

    /// What it may use up. What the cheapest request can cost is for whoever knows what it opens.
    ///
    /// # Errors
    /// The first field that cannot be taken.
    pub fn limits(&self, now: Timestamp) -> Result<Limits, FieldFault> {
        let mut limits = Limits {
            activations: in_range("max_activations", self.max_activations, MAX_ACTIVATIONS)?,
            expires_at: parsed("expires", self.expires.as_deref(), |text| parse_expiry(text, now))?,
            rate: parsed("rate", self.rate.as_deref(), |text| {
                text.parse().map_err(|error: crate::domain::rate::NotARate| error.to_string())
            })?,
            concurrency: self.concurrency.map(at_once).transpose()?,
            counting: match self.count_answered {
                Some(true) => Counting::Answered,
                _ => Counting::Sent,
            },
            on_cancel: parsed("on_cancel", self.on_cancel.as_deref(), on_cancel)?
                .unwrap_or_default(),
            on_spike: parsed("on_spike", self.on_spike.as_deref(), on_spike)?.unwrap_or_default(),
            max_price: parsed("max_price", self.max_price.as_deref(), max_price)?,
            ..Limits::default()
        };
        let tokens = [
            (Measure::Tokens, "max_tokens", self.max_tokens),
            (Measure::InputTokens, "max_input_tokens", self.max_input_tokens),
            (Measure::OutputTokens, "max_output_tokens", self.max_output_tokens),
        ];
        for (measure, field, cap) in tokens {
            limits.caps.set(measure, in_range(field, cap, MAX_TOKENS)?);
        }
        limits.caps.spend = self.spend()?;
        Ok(limits)
    }

    /// What it may be used for.
    ///
    /// # Errors
    /// The first field that cannot be taken.
    pub fn scope(&self) -> Result<Scope, FieldFault> {
        let lists = [
            ("models", &self.models),
            ("allow", &self.allow),
            ("ip_whitelist", &self.ip_whitelist),
        ];
        for (field, texts) in lists {
            within(field, texts.iter().map(String::len))?;
        }
        let allow = |text: &str| {
            let allow: Allow = text.parse()?;
            allow.check_reachable().map(|()| allow)
        };
        Ok(Scope {
            models: list("models", &self.models, Pattern::over_names)?,
            allow: list("allow", &self.allow, allow)?,
            networks: list("ip_whitelist", &self.ip_whitelist, network)?,
        })
    }

    /// What it is called, and its labels.
    ///
    /// # Errors
    /// Where one is too long, holds control characters, or is given twice.
    pub fn name_and_labels(&self) -> Result<(String, Vec<(String, String)>), FieldFault> {
        let mut name = self.name.clone();
        let mut labels = Vec::new();
        for (key, value) in &self.labels {
            let refused = |why| FieldFault::new("labels", why);
            if key.is_empty() {
                return Err(refused("a label has no name".to_owned()));
            }
            let key = names::name(key).map_err(refused)?;
            labels.push((key, names::name(value).map_err(refused)?));
        }
        for (key, value) in self.metadata.iter().flatten() {
            match (key.as_str(), value) {
                ("name", Value::String(text)) if name.is_none() => name = Some(text.clone()),
                ("name", _) => {
                    let why = "`name` in it must be a text, and stands there or beside it";
                    return Err(FieldFault::new("metadata", why));
                }
                _ => {
                    if self.labels.contains_key(key) {
                        let why = format!("`{key}` is among the labels too");
                        return Err(FieldFault::new("metadata", why));
                    }
                    let label = metadata::to_label(key, value);
                    labels.push(label.map_err(|why| FieldFault::new("metadata", why))?);
                }
            }
        }
        within("labels", labels.iter().flat_map(|(name, value)| [name.len(), value.len()]))?;
        let name = names::name(name.as_deref().unwrap_or_default());
        Ok((name.map_err(|why| FieldFault::new("name", why))?, labels))
    }

    fn spend(&self) -> Result<Option<Picodollars>, FieldFault> {
        match (&self.max_spend, self.max_spend_cents) {
            (Some(_), Some(_)) => {
                Err(FieldFault::new("max_spend", "`max_spend_cents` says it already"))
            }
            (Some(text), None) => parsed("max_spend", Some(text), |text| {
                text.parse().map_err(|error: NotMoney| error.to_string())
            }),
            (None, cents) => {
                let most = MAX_SPEND.0.checked_div(CENT).unwrap_or_default();
                let cents = in_range("max_spend_cents", cents, most)?;
                Ok(cents.map(|cents| Picodollars(cents.saturating_mul(CENT))))
            }
        }
    }
}

fn within(field: &'static str, lengths: impl Iterator<Item = usize>) -> Result<(), FieldFault> {
    let whole = lengths.fold(0, usize::saturating_add);
    if whole > MOST_TEXT {
        let why = format!("it has {whole} bytes, and at most {MOST_TEXT} are taken");
        return Err(FieldFault::new(field, why));
    }
    Ok(())
}

fn in_range(
    field: &'static str,
    figure: Option<u64>,
    most: u64,
) -> Result<Option<u64>, FieldFault> {
    match figure {
        Some(figure) if !(1..=most).contains(&figure) => {
            Err(FieldFault::new(field, format!("{figure} is not from 1 to {most}")))
        }
        figure => Ok(figure),
    }
}

fn at_once(limit: u32) -> Result<NonZeroU32, FieldFault> {
    NonZeroU32::new(limit).ok_or_else(|| FieldFault::new("concurrency", "0 is not from 1 up"))
}

fn parsed<T>(
    field: &'static str,
    text: Option<&str>,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<Option<T>, FieldFault> {
    text.map(parse).transpose().map_err(|why| FieldFault::new(field, why))
}

fn list<T>(
    field: &'static str,
    texts: &[String],
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<Vec<T>, FieldFault> {
    let parsed = texts.iter().map(|text| parse(text).map_err(|why| FieldFault::new(field, why)));
    parsed.collect()
}

fn on_cancel(text: &str) -> Result<OnCancel, String> {
    match text {
        "stop" => Ok(OnCancel::Stop),
        "drain" => Ok(OnCancel::Drain),
        _ => Err("it must be `stop` or `drain`".to_owned()),
    }
}

fn on_spike(text: &str) -> Result<OnSpike, String> {
    OnSpike::from_name(text).ok_or_else(|| "it must be `alert` or `pause`".to_owned())
}

/// A network, or one address, as in `10.0.0.0/8` or `127.0.0.1`.
///
/// # Errors
/// How to write one.
pub fn network(text: &str) -> Result<IpNet, String> {
    let address = text.parse::<std::net::IpAddr>().map(IpNet::from);
    address.or_else(|_| text.parse()).map_err(|_| "write it as in 10.0.0.0/8 or 127.0.0.1".into())
}

#[cfg(test)]
mod tests;
