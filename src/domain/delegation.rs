//! Keys that are made from keys: what a child may be, and what it takes of its parent.
//!
//! A child is never wider than its parent. What cannot be seen when it is made is held against
//! every key above it at each admission.

use std::num::NonZeroU32;

use super::cost::{Caps, Measure};
use super::ids::MasterId;
use super::key::{KeyRecord, Usage};
use super::limits::{Counting, Limits, MaxPrice, OnCancel, Overshoot};
use super::pause::OnSpike;
use super::rate::Rate;
use super::scope::Scope;
use super::share::Share;
use super::time::Timestamp;
use super::unfit::Unfit;

/// The most generations below a key that the operator minted.
pub const MAX_GENERATIONS: u8 = 8;
/// The most keys below a key that live at once.
pub const MAX_DESCENDANTS: u64 = 1_000;

/// What child keys are asked to be. What is left open is as the parent's.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Wish {
    /// What their maker calls them.
    pub name: String,
    /// `k=v` pairs.
    pub labels: Vec<(String, String)>,
    /// The providers that they open; none for all of the parent's.
    pub providers: Vec<String>,
    /// Their activations.
    pub activations: Option<u64>,
    /// Their tokens and money.
    pub caps: Caps,
    /// The end of their time.
    pub expires_at: Option<Timestamp>,
    /// Requests in a time; the parent's rate holds all the same.
    pub rate: Option<Rate>,
    /// Requests at once; the parent's limit holds all the same.
    pub concurrency: Option<NonZeroU32>,
    /// What uses up an activation.
    pub counting: Option<Counting>,
    /// Whether their caps can be overrun.
    pub overshoot: Option<Overshoot>,
    /// What becomes of a request whose client has gone.
    pub on_cancel: Option<OnCancel>,
    /// What becomes of them when something unusual is seen of them.
    pub on_spike: Option<OnSpike>,
    /// The dearest model that a router may choose.
    pub max_price: Option<MaxPrice>,
    /// What they may be used for.
    pub scope: Scope,
    /// How many generations may be made from them.
    pub delegate: u8,
}

/// What a child is to be, all that the parent decides included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Child {
    /// What it opens.
    pub masters: Vec<(MasterId, String)>,
    /// What it may use up.
    pub limits: Limits,
    /// What it may be used for.
    pub scope: Scope,
}

/// What `wish` comes to as a child of this key.
///
/// # Errors
/// Where the key may make none, or the child would be wider than it.
pub fn child_of(parent: &KeyRecord, wish: &Wish) -> Result<Child, Unfit> {
    let most = parent.delegate.checked_sub(1).ok_or(Unfit::NotAllowed)?;
    if wish.delegate > most {
        return Err(Unfit::Generations { asked: wish.delegate, most });
    }
    let above = &parent.limits;
    if wish.counting.is_some_and(|counting| counting != above.counting) {
        return Err(Unfit::Looser("count-answered"));
    }
    let limits = Limits {
        activations: wish.activations,
        expires_at: wish.expires_at,
        rate: wish.rate,
        concurrency: wish.concurrency,
        counting: above.counting,
        caps: wish.caps,
        least_spend: above.least_spend,
        overshoot: wish.overshoot.unwrap_or(above.overshoot),
        on_cancel: wish.on_cancel.unwrap_or(above.on_cancel),
        on_spike: wish.on_spike.unwrap_or(above.on_spike),
        max_price: wish.max_price,
        // What waits for its limit to be raised does not end by itself, and gives nothing back.
        ..Limits::default()
    };
    let mut child =
        Child { masters: masters_of(parent, &wish.providers)?, limits, scope: wish.scope.clone() };
    inherit(parent, &mut child.limits, &mut child.scope);
    fit(parent, (&child.limits, &child.scope), None)?;
    Ok(child)
}

/// Fills in what is open and the parent's is not: the end, prices, lists.
pub fn inherit(parent: &KeyRecord, limits: &mut Limits, scope: &mut Scope) {
    limits.expires_at = limits.expires_at.or(parent.limits.expires_at);
    limits.max_price = limits.max_price.or(parent.limits.max_price);
    *scope = std::mem::take(scope).filled(&parent.scope);
}

/// Refuses what is wider than the parent, as far as that can be shown. Of a key that was there
/// before, only what has changed is looked at: its parent may have been narrowed since.
///
/// # Errors
/// What is wider.
pub fn fit(
    parent: &KeyRecord,
    (limits, scope): (&Limits, &Scope),
    before: Option<&KeyRecord>,
) -> Result<(), Unfit> {
    let old = before.map(|key| (&key.limits, &key.scope));
    let above = &parent.limits;
    let later = |end: Timestamp| limits.expires_at.is_none_or(|own| own > end);
    if old.is_none_or(|(old, _)| old.expires_at != limits.expires_at)
        && let Some(end) = above.expires_at
        && later(end)
    {
        return Err(Unfit::Later(end.to_rfc3339()));
    }
    if limits.counting != above.counting
        && old.is_none_or(|(old, _)| old.counting != limits.counting)
    {
        return Err(Unfit::Looser("count-answered"));
    }
    if limits.overshoot == Overshoot::LastCall
        && above.overshoot == Overshoot::Never
        && old.is_none_or(|(old, _)| old.overshoot != limits.overshoot)
    {
        return Err(Unfit::Looser("overshoot"));
    }
    if limits.on_cancel == OnCancel::Drain
        && above.on_cancel == OnCancel::Stop
        && old.is_none_or(|(old, _)| old.on_cancel != limits.on_cancel)
    {
        return Err(Unfit::Looser("on-cancel"));
    }
    if limits.on_spike == OnSpike::Alert
        && above.on_spike == OnSpike::Pause
        && old.is_none_or(|(old, _)| old.on_spike != limits.on_spike)
    {
        return Err(Unfit::Looser("on-spike"));
    }
    if old.is_none_or(|(old, _)| old.max_price != limits.max_price)
        && let Some(most) = above.max_price
        && limits
            .max_price
            .is_none_or(|own| own.prompt > most.prompt || own.completion > most.completion)
    {
        return Err(Unfit::Looser("max-price"));
    }
    if old.is_none_or(|(_, old)| old != scope) {
        parent.scope.holds(scope).map_err(Unfit::Scope)?;
    }
    Ok(())
}

/// What a key with these limits takes of its parent: of each measure in which that is limited.
///
/// # Errors
/// A limit that it needs.
pub fn carve(parent: &KeyRecord, usage: &Usage, limits: &Limits) -> Result<Share, Unfit> {
    let above = &parent.limits;
    if let Some(limit) = above.activations
        && limits.activations.is_none()
    {
        let remaining = activations_left(parent, usage, limit).to_string();
        return Err(Unfit::LimitNeeded { what: "activations", remaining });
    }
    for gauge in usage.gauges(above) {
        if limits.caps.on(gauge.measure).is_none() {
            let remaining = gauge.measure.words(gauge.remaining());
            return Err(Unfit::LimitNeeded { what: gauge.measure.name(), remaining });
        }
    }
    Ok(Share::of_limits(limits, above))
}

/// The parent's figures after so much more was lent of it.
///
/// # Errors
/// Where it is more than remains.
pub fn lend(parent: &KeyRecord, usage: &Usage, more: Share) -> Result<Usage, Unfit> {
    let limits = &parent.limits;
    if let Some(limit) = limits.activations {
        let left = activations_left(parent, usage, limit);
        if more.activations > left {
            let words = |count| format!("{count} activations");
            return Err(Unfit::Remainder {
                asked: words(more.activations),
                remaining: words(left),
            });
        }
    }
    for gauge in usage.gauges(limits) {
        let asked = more.of(gauge.measure);
        if asked > gauge.remaining() {
            let [asked, remaining] = [asked, gauge.remaining()].map(|it| gauge.measure.words(it));
            return Err(Unfit::Remainder { asked, remaining });
        }
    }
    Ok(Usage { lent: usage.lent.plus(more), ..*usage })
}

/// The activations that can be lent: what neither they nor the attempts of are used or held.
fn activations_left(parent: &KeyRecord, usage: &Usage, limit: u64) -> u64 {
    let left = usage.remaining(limit);
    match (parent.limits.counting, parent.limits.attempts()) {
        (Counting::Answered, Some(most)) => {
            let attempts = most.saturating_sub(Share::taken(usage).attempts);
            let each = super::limits::ATTEMPTS_PER_ACTIVATION;
            left.min(attempts.checked_div(each).unwrap_or_default())
        }
        _ => left,
    }
}

fn masters_of(parent: &KeyRecord, wanted: &[String]) -> Result<Vec<(MasterId, String)>, Unfit> {
    if wanted.is_empty() {
        return Ok(parent.masters.clone());
    }
    if let Some(unknown) = wanted.iter().find(|name| parent.master_for(name).is_none()) {
        return Err(Unfit::Provider(unknown.clone()));
    }
    let chosen = parent.masters.iter().filter(|(_, name)| wanted.contains(name));
    Ok(chosen.cloned().collect())
}

/// The name of the limit of a measure that was added to a key or taken from it, if there is one.
#[must_use]
pub fn added_limit(old: &Limits, new: &Limits) -> Option<&'static str> {
    if old.activations.is_none() && new.activations.is_some() {
        return Some("activations");
    }
    if old.counting != new.counting {
        return Some("count-answered");
    }
    let added =
        |row: &&(Measure, _, _)| old.caps.on(row.0).is_none() && new.caps.on(row.0).is_some();
    Measure::ALL.iter().find(added).map(|(_, _, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{KeyId, KeySeq, Revision};
    use crate::domain::money::Picodollars;

    fn parent(limits: Limits) -> KeyRecord {
        KeyRecord {
            seq: KeySeq(1),
            id: KeyId::from_bits(1),
            lookup: [0; 32],
            name: String::new(),
            labels: Vec::new(),
            masters: vec![(MasterId(1), "openai".into()), (MasterId(2), "anthropic".into())],
            limits,
            scope: Scope::default(),
            ends_with: None,
            minter: None,
            parent: None,
            delegate: 2,
            created_at: Timestamp(0),
            revision: Revision(1),
        }
    }

    fn of(limit: u64) -> Limits {
        Limits { activations: Some(limit), ..Limits::default() }
    }

    #[test]
    fn a_child_takes_of_what_remains() {
        let parent = parent(of(50));
        let usage = Usage { used: 10, held: 5, ..Usage::default() };
        let share = carve(&parent, &usage, &of(20)).unwrap();
        let once = lend(&parent, &usage, share).unwrap();
        assert_eq!((once.lent.activations, once.remaining(50)), (20, 15));
        let refused =
            Unfit::Remainder { asked: "20 activations".into(), remaining: "15 activations".into() };
        assert_eq!(lend(&parent, &once, share), Err(refused));
        let needed = Unfit::LimitNeeded { what: "activations", remaining: "15".into() };
        assert_eq!(carve(&parent, &once, &Limits::default()), Err(needed));
    }

    #[test]
    fn attempts_are_lent_with_the_activations_that_they_are_for() {
        let parent = parent(Limits { counting: Counting::Answered, ..of(10) });
        let usage = Usage { used: 1, attempts: 25, ..Usage::default() };
        let limits = Limits { counting: Counting::Answered, ..of(4) };
        let share = carve(&parent, &usage, &limits).unwrap();
        assert_eq!((share.activations, share.attempts), (4, 16));
        assert!(matches!(lend(&parent, &usage, share), Err(Unfit::Remainder { .. })));
        let limits = Limits { activations: Some(3), ..limits };
        let share = carve(&parent, &usage, &limits).unwrap();
        assert_eq!(lend(&parent, &usage, share).unwrap().lent.attempts, 12);
    }

    #[test]
    fn a_child_is_no_wider_than_its_parent() {
        let limits = Limits {
            expires_at: Some(Timestamp(100)),
            max_price: Some(MaxPrice { prompt: Picodollars(5), completion: Picodollars(5) }),
            on_spike: OnSpike::Pause,
            ..of(50)
        };
        let parent = parent(limits);
        let wish = Wish { activations: Some(5), ..Wish::default() };
        let child = child_of(&parent, &wish).unwrap();
        assert_eq!(child.limits.expires_at, Some(Timestamp(100)));
        assert_eq!(child.limits.max_price, parent.limits.max_price);
        assert_eq!(child.limits.on_spike, OnSpike::Pause);
        assert_eq!(child.masters, parent.masters);
        let dear = MaxPrice { prompt: Picodollars(6), completion: Picodollars(1) };
        let cases = [
            (Wish { delegate: 2, ..wish.clone() }, "delegation_too_deep"),
            (Wish { expires_at: Some(Timestamp(101)), ..wish.clone() }, "expiry_later"),
            (Wish { providers: vec!["groq".into()], ..wish.clone() }, "scope_wider"),
            (Wish { overshoot: Some(Overshoot::LastCall), ..wish.clone() }, "limit_looser"),
            (Wish { on_cancel: Some(OnCancel::Drain), ..wish.clone() }, "limit_looser"),
            (Wish { on_spike: Some(OnSpike::Alert), ..wish.clone() }, "limit_looser"),
            (Wish { counting: Some(Counting::Answered), ..wish.clone() }, "limit_looser"),
            (Wish { max_price: Some(dear), ..wish.clone() }, "limit_looser"),
        ];
        for (wish, code) in cases {
            assert_eq!(child_of(&parent, &wish).unwrap_err().rule().1, code, "{wish:?}");
        }
        let alone = KeyRecord { delegate: 0, ..parent };
        assert_eq!(child_of(&alone, &wish), Err(Unfit::NotAllowed));
    }
}
