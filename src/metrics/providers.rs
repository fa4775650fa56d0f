//! How long providers took, by their names, in bounded number.

use std::sync::{Arc, PoisonError, RwLock};

use super::bounded::OTHER;
use super::buckets::Buckets;
use super::exposition::Exposition;
use super::table::{FIRST_BYTE, WHOLE};

/// Providers that are told apart.
const PROVIDERS: usize = 40;

/// The providers that requests went to.
#[derive(Debug, Default)]
pub(super) struct Providers(RwLock<Vec<Arc<Provider>>>);

/// One of them.
#[derive(Debug)]
pub(super) struct Provider {
    pub(super) name: String,
    pub(super) first_byte: Buckets,
    pub(super) whole: Buckets,
}

impl Providers {
    /// The provider of this name; beyond the bound, the one of all others.
    pub(super) fn of(&self, name: &str) -> Arc<Provider> {
        let named = |all: &[Arc<Provider>], name: &str| {
            all.iter().find(|one| one.name == name).map(Arc::clone)
        };
        let known = named(&self.0.read().unwrap_or_else(PoisonError::into_inner), name);
        known.unwrap_or_else(|| {
            let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
            let name = if all.len() < PROVIDERS { name } else { OTHER };
            named(&all, name).unwrap_or_else(|| {
                let (first_byte, whole) = (Buckets::of(&FIRST_BYTE), Buckets::of(&WHOLE));
                let new = Arc::new(Provider { name: name.to_owned(), first_byte, whole });
                all.push(Arc::clone(&new));
                new
            })
        })
    }

    pub(super) fn write(&self, text: &mut Exposition) {
        let mut all = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        text.family(&FIRST_BYTE);
        for Provider { name, first_byte, .. } in all.iter().map(|one| &**one) {
            text.histogram(&FIRST_BYTE, &[name], &first_byte.cumulative());
        }
        text.family(&WHOLE);
        for Provider { name, whole, .. } in all.iter().map(|one| &**one) {
            text.histogram(&WHOLE, &[name], &whole.cumulative());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_the_bound_they_are_one() {
        let providers = Providers::default();
        for number in 0..1_000 {
            providers.of(&format!("p{number}")).whole.observe(number);
        }
        let all = providers.0.read().unwrap();
        let counts: Vec<_> = all.iter().map(|one| one.whole.cumulative().count).collect();
        assert_eq!(counts.len(), PROVIDERS + 1);
        assert_eq!((counts.iter().sum(), all[PROVIDERS].name.as_str()), (1_000_u64, OTHER));
    }
}
