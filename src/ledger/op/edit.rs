//! `key edit` and `key extend`: changes to a live key.

use std::num::NonZeroU32;

use ipnet::IpNet;

use crate::domain::cost::Measure;
use crate::domain::delegation::{added_limit, carve, fit, inherit, lend};
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::KeySeq;
use crate::domain::key::{KeyRecord, Usage};
use crate::domain::limits::{
    ATTEMPTS_PER_ACTIVATION, Counting, MAX_ACTIVATIONS, MaxPrice, OnCancel, Overshoot,
};
use crate::domain::money::Picodollars;
use crate::domain::pattern::Pattern;
use crate::domain::pause::OnSpike;
use crate::domain::rate::Rate;
use crate::domain::scope::Allow;
use crate::domain::settlement::end_if_used_up;
use crate::domain::share::Share;
use crate::domain::time::{Span, Timestamp};
use crate::domain::unfit::Unfit;
use crate::store::Table;
use crate::store::rows::RowKey;

use super::super::error::{LedgerError, Refusal};
use super::super::operation::Operation;
use super::super::session::Session;
use super::end::live_record;
use super::lineage::Kin;
use super::mint::check_limits;
use super::mint_as::recount;
use super::record_cache::RecordCache;

/// A new figure, or so much more than the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount<T, D> {
    /// This.
    Set(T),
    /// More by this.
    Add(D),
    /// No limit.
    Lift,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyChange {
    /// Its name.
    Name(String),
    /// A label; none of this name where there is no value.
    Label(String, Option<String>),
    /// Its activations.
    Activations(Amount<u64, u64>),
    /// The end of its time; what is added counts from its end, or from now where it has none.
    Expiry(Amount<Timestamp, Span>),
    /// Its rate.
    Rate(Option<Rate>),
    /// Its concurrency.
    Concurrency(Option<NonZeroU32>),
    /// What uses up an activation.
    Counting(Counting),
    /// Its cap on tokens or money.
    Cap(Measure, Amount<u64, u64>),
    /// What its cheapest request can cost.
    LeastSpend(Picodollars),
    /// Whether its caps can be overrun.
    Overshoot(Overshoot),
    /// What becomes of a request whose client has gone.
    OnCancel(OnCancel),
    /// What becomes of it when something unusual is seen of it.
    OnSpike(OnSpike),
    /// The dearest model that a router may choose.
    MaxPrice(Option<MaxPrice>),
    /// Its models, all of them.
    Models(Vec<Pattern>),
    /// Its endpoints, all of them.
    Allow(Vec<Allow>),
    /// Its client addresses, all of them.
    Networks(Vec<IpNet>),
}

/// Changes one live key.
#[derive(Debug)]
pub struct Edit {
    /// Which.
    pub key: KeySeq,
    /// How.
    pub changes: Vec<KeyChange>,
    /// Whether a key without an end is meant.
    pub unlimited: bool,
}

impl Operation for Edit {
    /// The key as it is now.
    type Outcome = KeyRecord;

    fn apply(&self, session: &mut Session<'_>) -> Result<KeyRecord, LedgerError> {
        let old = live_record(session, self.key)?;
        let mut cache = RecordCache::default();
        let mut kin = Kin::new(&mut cache);
        kin.find(session, self.key)?;
        let mut usage = kin.usage(self.key);
        let mut new = old.clone();
        for change in &self.changes {
            change.apply(&mut new, session.now())?;
        }
        if let Some(parent) = old.parent {
            let parent = kin.find(session, parent)?.ok_or(Refusal::NoSuchKey)?;
            let of_parent = kin.usage(parent.seq);
            let anew = carve_anew(&parent, &of_parent, &usage, &old, &mut new);
            let (of_parent, carved) = anew.map_err(Refusal::from)?;
            kin.set(parent.seq, of_parent);
            usage.carved = Some(carved);
        }
        let unlimited = self.unlimited || !old.limits.are_bounded();
        check_limits(&new.limits, unlimited, session)?;
        check_children(&old, &new, &usage).map_err(Refusal::from)?;
        let taken = taken(&new, &usage);
        if let Some(limit) = new.limits.activations
            && limit <= taken
            && new.limits.activations != old.limits.activations
        {
            return Err(Refusal::BelowUsed { limit, used: taken }.into());
        }
        check_caps(&old, &new, &usage, session.now())?;
        new.revision = old.revision.next();
        usage.record = new.revision;
        kin.set(self.key, usage);
        if old.limits.expires_at != new.limits.expires_at {
            if let Some(end) = old.limits.expires_at {
                session.delete(Table::Expiries, &(end, self.key))?;
            }
            if let Some(end) = new.limits.expires_at {
                session.rows_mut().put(Table::Expiries, &(end, self.key).to_key(), &[])?;
            }
        }
        if old.limits != new.limits {
            recount(session, &old, &new)?;
        }
        session.put(&self.key, &new)?;
        kin.write(session)?;
        let limit = new.limits.activations.unwrap_or_default();
        session
            .event(&Event::new(EventKind::KeyEdited, session.now()).key(self.key).count(limit))?;
        Ok(new)
    }
}

/// Holds a changed child key against its parent: what it has more is carved out of what the parent
/// has left, and what it has less returns. Answers with the parent's figures and the new share.
fn carve_anew(
    parent: &KeyRecord,
    of_parent: &Usage,
    usage: &Usage,
    old: &KeyRecord,
    new: &mut KeyRecord,
) -> Result<(Usage, Share), Unfit> {
    inherit(parent, &mut new.limits, &mut new.scope);
    fit(parent, (&new.limits, &new.scope), Some(old))?;
    let before = usage.carved.unwrap_or_default();
    let after = carve(parent, of_parent, &new.limits)?;
    if before == after {
        return Ok((*of_parent, after));
    }
    let without = Usage { lent: of_parent.lent.minus(before), ..*of_parent };
    Ok((lend(parent, &without, after)?, after))
}

/// Child keys have nothing of a limit that is new, and would be beyond it.
fn check_children(old: &KeyRecord, new: &KeyRecord, usage: &Usage) -> Result<(), Unfit> {
    if usage.descendants == 0 && usage.below == 0 {
        return Ok(());
    }
    added_limit(&old.limits, &new.limits).map_or(Ok(()), |what| Err(Unfit::HasChildren(what)))
}

/// What a new limit has to be above: what is used, in flight or with child keys, and what the
/// attempts that were made need, or the key could neither be used nor come to its end.
fn taken(key: &KeyRecord, usage: &Usage) -> u64 {
    let Share { activations, attempts, .. } = Share::taken(usage);
    match key.limits.counting {
        Counting::Sent => activations,
        Counting::Answered => {
            activations.max(attempts.checked_div(ATTEMPTS_PER_ACTIVATION).unwrap_or_default())
        }
    }
}

/// A new cap has to be above what is used or in flight, and leave enough for a request.
fn check_caps(
    old: &KeyRecord,
    new: &KeyRecord,
    usage: &Usage,
    now: Timestamp,
) -> Result<(), Refusal> {
    for gauge in usage.gauges(&new.limits) {
        let taken = gauge.used.saturating_add(gauge.held);
        let changed = old.limits.caps.on(gauge.measure) != Some(gauge.limit);
        let ends = end_if_used_up(new, *usage, now).ended.is_some();
        if changed && (gauge.limit < taken || ends) {
            let words = |figure| gauge.measure.words(figure);
            return Err(Refusal::CapBelowUsed { limit: words(gauge.limit), used: words(taken) });
        }
    }
    Ok(())
}

impl KeyChange {
    fn apply(&self, key: &mut KeyRecord, now: Timestamp) -> Result<(), Refusal> {
        match self.clone() {
            Self::Name(name) => key.name = name,
            Self::Label(label, value) => {
                key.labels.retain(|(known, _)| *known != label);
                key.labels.extend(value.map(|value| (label, value)));
            }
            Self::Activations(Amount::Set(limit)) => key.limits.activations = Some(limit),
            Self::Activations(Amount::Add(more)) => {
                let old = key.limits.activations.ok_or(Refusal::NothingToExtend)?;
                let limit = old.saturating_add(more);
                if limit > MAX_ACTIVATIONS {
                    return Err(Refusal::LimitOutOfRange(limit));
                }
                key.limits.activations = Some(limit);
            }
            Self::Activations(Amount::Lift) => key.limits.activations = None,
            Self::Expiry(Amount::Set(end)) => key.limits.expires_at = Some(end),
            Self::Expiry(Amount::Add(span)) => {
                key.limits.expires_at = Some(key.limits.expires_at.unwrap_or(now).after(span));
            }
            Self::Expiry(Amount::Lift) => key.limits.expires_at = None,
            Self::Rate(rate) => key.limits.rate = rate,
            Self::Concurrency(limit) => key.limits.concurrency = limit,
            Self::Counting(counting) => key.limits.counting = counting,
            Self::Cap(measure, change) => {
                let old = key.limits.caps.on(measure);
                let cap = match change {
                    Amount::Set(cap) => Some(cap),
                    Amount::Add(more) => {
                        Some(old.ok_or(Refusal::NoCapToExtend(measure))?.saturating_add(more))
                    }
                    Amount::Lift => None,
                };
                key.limits.caps.set(measure, cap);
            }
            Self::LeastSpend(least) => key.limits.least_spend = least,
            Self::Overshoot(overshoot) => key.limits.overshoot = overshoot,
            Self::OnCancel(on_cancel) => key.limits.on_cancel = on_cancel,
            Self::OnSpike(on_spike) => key.limits.on_spike = on_spike,
            Self::MaxPrice(price) => key.limits.max_price = price,
            Self::Models(models) => key.scope.models = models,
            Self::Allow(allow) => key.scope.allow = allow,
            Self::Networks(networks) => key.scope.networks = networks,
        }
        Ok(())
    }
}
