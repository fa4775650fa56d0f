//! Proxy keys that live for longer than anybody needs them.

use crate::domain::key::{KeyRecord, Usage};
use crate::domain::limits::Limits;
use crate::domain::time::{Span, Timestamp};

use super::check::Check;
use super::finding::Finding;

/// How long a key may lie unused.
const UNUSED: Span = Span::minutes(30 * 24 * 60);

/// What is to be said of a live key. One of a run ends with that.
pub(super) fn of_key(record: &KeyRecord, usage: &Usage, now: Timestamp) -> Vec<Finding> {
    if record.ends_with.is_some() {
        return Vec::new();
    }
    let Limits { expires_at, .. } = record.limits;
    let since = now.since(usage.last_used_at.max(record.created_at));
    let open = match (record.limits.are_bounded(), expires_at) {
        (false, _) => Some(Check::KeyUnlimited),
        (true, None) => Some(Check::KeyWithoutExpiry),
        (true, Some(_)) => None,
    };
    let unused = (since > UNUSED).then_some(Check::KeyUnused);
    let id = record.id.as_str();
    let name = if record.name.is_empty() { String::new() } else { format!(" ({})", record.name) };
    let place = format!("key {id}{name}");
    let found = open.into_iter().chain(unused);
    found.map(|check| Finding::new(check, place.clone(), id)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests_of::record;
    use super::*;

    const DAY: u64 = 86_400_000;

    fn checks(limits: Limits, used_at: u64, now: u64) -> Vec<Check> {
        let usage = Usage { last_used_at: Timestamp(used_at), ..Usage::default() };
        let found = of_key(&record(limits), &usage, Timestamp(now));
        found.into_iter().map(|finding| finding.check).collect()
    }

    #[test]
    fn keys_without_an_end_and_without_use_are_said() {
        let expiring = Limits { expires_at: Some(Timestamp(99 * DAY)), ..Limits::default() };
        let counted = Limits { activations: Some(5), ..Limits::default() };
        assert_eq!(checks(Limits::default(), 0, 0), [Check::KeyUnlimited]);
        assert_eq!(checks(counted, 0, 0), [Check::KeyWithoutExpiry]);
        assert_eq!(checks(expiring.clone(), 0, 30 * DAY), []);
        assert_eq!(checks(expiring.clone(), 0, 31 * DAY), [Check::KeyUnused]);
        assert_eq!(checks(expiring, 5 * DAY, 31 * DAY), []);
    }

    #[test]
    fn a_runs_key_ends_with_it() {
        use crate::domain::ids::InstanceId;
        let record = KeyRecord { ends_with: Some(InstanceId(1)), ..record(Limits::default()) };
        assert_eq!(of_key(&record, &Usage::default(), Timestamp(99 * DAY)), []);
    }
}
