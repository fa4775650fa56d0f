//! Keys of another machine's store, as the commands that show keys take them.

use std::num::NonZeroU32;

use jiff::Timestamp as Instant;

use crate::admin::AdminKey;
use crate::domain::cost::{Caps, Cost};
use crate::domain::ids::{KeyId, KeySeq, MasterId, Revision};
use crate::domain::key::{EndCause, Ended, KeyRecord, Usage};
use crate::domain::limits::{Counting, Limits, OnCancel, Overshoot};
use crate::domain::money::Picodollars;
use crate::domain::pattern::Pattern;
use crate::domain::pause::{OnSpike, Pause};
use crate::domain::scope::Scope;
use crate::domain::status::Status;
use crate::domain::time::Timestamp;
use crate::report::KeyView;
use crate::wire::max_price::max_price;

use super::super::exit::Exit;
use super::super::failure::Failure;

/// Keys, and what the master keys are called that they open.
#[derive(Debug)]
pub struct Seen {
    /// The keys.
    pub keys: Vec<KeyView>,
    /// What each master key is called.
    pub masters: Vec<(MasterId, String)>,
}

/// The keys as they are shown. Master keys are numbered by their names.
///
/// # Errors
/// Where one is not as this version of till knows keys.
pub fn views(keys: &[AdminKey]) -> Result<Seen, Failure> {
    let mut names: Vec<(MasterId, String)> = Vec::new();
    let mut views = Vec::new();
    for key in keys {
        for name in &key.masters {
            if names.iter().all(|(_, known)| known != name) {
                let number = u64::try_from(names.len()).unwrap_or(u64::MAX);
                names.push((MasterId(number), name.clone()));
            }
        }
        views.push(view(key, &names).ok_or_else(|| {
            Failure::new(Exit::Failed, format!("the key `{}` cannot be read", key.id))
                .why("the admin API is that of another version of till")
                .hint("use the version that the server has")
        })?);
    }
    Ok(Seen { keys: views, masters: names })
}

fn view(key: &AdminKey, names: &[(MasterId, String)]) -> Option<KeyView> {
    let record = KeyRecord {
        seq: KeySeq(0),
        id: key.id.parse::<KeyId>().ok()?,
        lookup: [0; 32],
        name: key.name.clone(),
        labels: key.labels.iter().map(|(k, v)| (k.clone(), v.clone())).collect(),
        masters: masters(key, names),
        limits: limits(key)?,
        scope: scope(key)?,
        ends_with: None,
        minter: None,
        parent: None,
        delegate: key.delegate,
        created_at: when(&key.created_at)?,
        revision: Revision(0),
    };
    let ended = match &key.ended_reason {
        None => None,
        Some(reason) => {
            let cause = EndCause::ALL.into_iter().find(|cause| cause.name() == reason)?;
            let at = key.ended_at.as_deref().and_then(when);
            Some((cause, at))
        }
    };
    let usage = Usage {
        used: key.used_activations,
        held: key.held_activations,
        attempts: key.attempts,
        answered: key.answered,
        cost: Cost {
            input: key.used_input_tokens,
            output: key.used_output_tokens,
            spend: money(&key.used_spend)?,
        },
        cost_held: Cost {
            input: key.held_input_tokens,
            output: key.held_output_tokens,
            spend: money(&key.held_spend)?,
        },
        descendants: key.children,
        last_used_at: key.last_used_at.as_deref().and_then(when).unwrap_or_default(),
        ended: ended.and_then(|(cause, at)| at.map(|at| Ended { cause, at })),
        ..Usage::default()
    };
    let status = ended.map_or(Status::Live, |(cause, _)| Status::Ended(cause));
    let pause = match (&key.paused_key, &key.paused_at) {
        (Some(paused), Some(since)) => {
            Some(Pause { key: paused.parse().ok()?, since: when(since)? })
        }
        _ => None,
    };
    let grants = usize::try_from(key.grants).ok()?;
    Some(KeyView { record, usage, status, pause, parent: None, grants })
}

/// What it opens, in order: a name for each provider, where the master key is still there.
fn masters(key: &AdminKey, names: &[(MasterId, String)]) -> Vec<(MasterId, String)> {
    let whole = key.masters.len() == key.providers.len();
    let each = key.providers.iter().enumerate().map(|(at, provider)| {
        let name = key.masters.get(at).filter(|_| whole);
        let known = names.iter().find(|(_, known)| Some(known) == name);
        (known.map_or(MasterId(u64::MAX), |(id, _)| *id), provider.clone())
    });
    each.collect()
}

fn limits(key: &AdminKey) -> Option<Limits> {
    Some(Limits {
        activations: key.max_activations,
        expires_at: match &key.expires_at {
            Some(text) => Some(when(text)?),
            None => None,
        },
        rate: match &key.rate {
            Some(text) => Some(text.parse().ok()?),
            None => None,
        },
        concurrency: key.concurrency.and_then(NonZeroU32::new),
        counting: if key.count_answered { Counting::Answered } else { Counting::Sent },
        caps: Caps {
            tokens: key.max_tokens,
            input_tokens: key.max_input_tokens,
            output_tokens: key.max_output_tokens,
            spend: match &key.max_spend {
                Some(text) => Some(money(text)?),
                None => None,
            },
        },
        overshoot: if key.overshoot == "last-call" {
            Overshoot::LastCall
        } else {
            Overshoot::Never
        },
        on_cancel: if key.on_cancel == "drain" { OnCancel::Drain } else { OnCancel::Stop },
        on_spike: OnSpike::from_name(&key.on_spike).unwrap_or_default(),
        max_price: match &key.max_price {
            Some([prompt, completion]) => Some(max_price(&format!("{prompt},{completion}")).ok()?),
            None => None,
        },
        ..Limits::default()
    })
}

fn scope(key: &AdminKey) -> Option<Scope> {
    Some(Scope {
        models: key
            .models
            .iter()
            .map(|text| Pattern::over_names(text).ok())
            .collect::<Option<_>>()?,
        allow: key.allow.iter().map(|text| text.parse().ok()).collect::<Option<_>>()?,
        networks: key
            .ip_whitelist
            .iter()
            .map(|text| crate::wire::network(text).ok())
            .collect::<Option<_>>()?,
    })
}

fn when(text: &str) -> Option<Timestamp> {
    let instant: Instant = text.parse().ok()?;
    u64::try_from(instant.as_millisecond()).ok().map(Timestamp)
}

fn money(text: &str) -> Option<Picodollars> {
    Picodollars::from_decimal(text)
}
