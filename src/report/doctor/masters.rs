//! Master keys that are old, or that nothing bounds.

use crate::domain::ids::MasterId;
use crate::domain::key::KeyRecord;
use crate::domain::time::{Span, Timestamp};

use super::super::MasterView;
use super::check::Check;
use super::finding::Finding;

/// How old a master key may become.
const OLD: Span = Span::minutes(365 * 24 * 60);

/// What is to be said of a master key, beside the live keys.
pub(super) fn of_master<'a>(
    view: &MasterView,
    mut live: impl Iterator<Item = &'a KeyRecord>,
    now: Timestamp,
) -> Vec<Finding> {
    let MasterView { master, usage, .. } = view;
    let age = now.since(master.rotated_at.unwrap_or(master.created_at));
    let old = (age > OLD).then_some(Check::MasterOld);
    let uncapped = usage.caps.is_empty() && live.any(|key| spends_freely(key, master.id));
    let uncapped = uncapped.then_some(Check::MasterUncapped);
    let place = format!("master key {}", master.name);
    let found = old.into_iter().chain(uncapped);
    found
        .map(|check| {
            Finding::new(check, place.clone(), &master.name).ending_in(master.last4.clone())
        })
        .collect()
}

/// Whether nothing but time ends what the key spends on this master.
fn spends_freely(key: &KeyRecord, master: MasterId) -> bool {
    let opens = key.masters.iter().any(|(id, _)| *id == master);
    opens && key.limits.activations.is_none() && !key.limits.caps.any()
}

#[cfg(test)]
mod tests {
    use super::super::tests_of::{master, record};
    use super::*;
    use crate::domain::cost::Measure;
    use crate::domain::limits::Limits;
    use crate::domain::master_usage::MasterCap;

    const DAY: u64 = 86_400_000;

    #[test]
    fn old_and_uncapped_ones_are_said() {
        let mut view = master();
        let free = record(Limits::default());
        let counted = record(Limits { activations: Some(5), ..Limits::default() });
        let checks = |view: &MasterView, keys: &[&KeyRecord], day: u64| {
            let found = of_master(view, keys.iter().copied(), Timestamp(day * DAY));
            found.into_iter().map(|finding| finding.check).collect::<Vec<_>>()
        };
        assert_eq!(checks(&view, &[], 365), []);
        assert_eq!(checks(&view, &[], 366), [Check::MasterOld]);
        assert_eq!(checks(&view, &[&counted], 1), []);
        assert_eq!(checks(&view, &[&counted, &free], 1), [Check::MasterUncapped]);
        let (measure, since) = (Measure::Tokens, Timestamp(0));
        view.usage.caps =
            vec![MasterCap { measure, limit: 1, window: None, since, used: 0, held: 0 }];
        view.master.rotated_at = Some(Timestamp(300 * DAY));
        assert_eq!(checks(&view, &[&free], 400), []);
    }
}
