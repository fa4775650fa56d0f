//! What till refused, by key and reason.

use crate::domain::denial::Reason;
use crate::domain::ids::KeyId;

use super::bounded::{Bounded, Whose};
use super::count::Count;
use super::exposition::Exposition;
use super::table::DENIALS;

/// All that was refused.
#[derive(Debug, Default)]
pub(super) struct Refusals(Bounded<Reason, Count>);

impl Refusals {
    /// Counts a refusal, `now` in seconds since the process counts.
    pub(super) fn count(&self, key: Option<KeyId>, reason: Reason, now: u64) {
        let whose = key.map_or(Whose::Nobody, Whose::Key);
        for whose in [whose, Whose::Other] {
            let add = || self.0.count(whose, |known| *known == reason, now, |count| count.add(1));
            // Reasons are few.
            if add() || (self.0.make(whose, reason, now, usize::MAX) && add()) {
                return;
            }
        }
    }

    pub(super) fn write(&self, text: &mut Exposition) {
        text.family(&DENIALS);
        let mut found =
            self.0.look(|whose, reason, count| (whose, reason.rule().code, count.value()));
        found.sort_unstable();
        for (whose, code, count) in found {
            text.sample(&DENIALS, &[whose.label(), code], count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::exposition::Format;
    use super::*;

    #[test]
    fn they_are_counted_and_bounded() {
        let refusals = Refusals::default();
        let key = KeyId::from_bits(1);
        for _ in 0..3 {
            refusals.count(Some(key), Reason::RateLimited, 0);
            refusals.count(None, Reason::KeyUnknown, 0);
        }
        for number in 0..5_000 {
            refusals.count(Some(KeyId::from_bits(number)), Reason::KeyExpired, 0);
        }
        let mut text = Exposition::new(Format::Text);
        refusals.write(&mut text);
        let text = text.finish();
        assert!(text.contains(&format!("{{key=\"{key}\",reason=\"rate_limited\"}} 3\n")), "{text}");
        assert!(text.contains("{key=\"unknown\",reason=\"key_unknown\"} 3\n"), "{text}");
        assert!(text.contains("{key=\"other\",reason=\"key_expired\"} "), "{text}");
        assert!(text.lines().count() < 600);
        let counts = text.lines().filter(|line| line.contains("key_expired"));
        let sum: u64 =
            counts.map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()).sum();
        assert_eq!(sum, 5_000);
    }
}
