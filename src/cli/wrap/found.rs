//! Real keys in the text of a variable: by the variable's name, as a known master, by their form.

use super::inventory::Known;
use super::slot::Told;
use super::swap::DISTINCT;
use crate::domain::key_text::PREFIX;
use crate::provider::environment::{OTHER_KEY_VARIABLES, provider_of_variable};
use crate::provider::key_shape::provider_of_key;
use crate::provider::{Provider, find_builtin};
use crate::vault::{MasterTextError, SecretText, check_master};

/// What the tokens of a Claude subscription begin with: no API takes them as keys.
const SUBSCRIPTION: &str = "sk-ant-oat";

/// A real key in a variable.
pub(super) struct Found {
    pub(super) secret: SecretText,
    /// Whose it is, and how that is known; none where till forwards to no such API.
    pub(super) home: Option<(Provider, Told)>,
    /// What the store calls it.
    pub(super) master: Option<String>,
}

impl Found {
    /// What a variable's whole text is.
    pub(super) fn in_variable(
        name: &str,
        text: &str,
        known: &dyn Fn(&str) -> Option<Known>,
    ) -> Option<Self> {
        if text.starts_with(PREFIX) {
            return None;
        }
        let named = provider_of_variable(name);
        let other = OTHER_KEY_VARIABLES.contains(&name);
        let secret = match check_master(text) {
            Ok(secret) => secret,
            // Some local servers want any text for a key.
            Err(MasterTextError::Empty | MasterTextError::TooShort) => return None,
            Err(_) if other || named.is_some_and(|row| row.meter) => {
                return Some(Self { secret: text.to_owned().into(), home: None, master: None });
            }
            Err(_) => return None,
        };
        if let Some(sealed) = Self::sealed(text, known) {
            return Some(sealed);
        }
        if other || text.starts_with(SUBSCRIPTION) {
            return Some(Self { secret, home: None, master: None });
        }
        let Some(row) = named else { return Self::shaped(text) };
        Some(Self { secret, home: Some((row.clone(), Told::ByName)), master: None })
    }

    /// The keys in the middle of other text, as in `Authorization: Bearer sk-…`.
    pub(super) fn inside(text: &str, known: &dyn Fn(&str) -> Option<Known>) -> Vec<Self> {
        let part_of_key = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        let words = text.split(|c| !part_of_key(c)).filter(|word| word.len() >= DISTINCT);
        let words = words.filter(|word| !word.starts_with(PREFIX));
        words.filter_map(|word| Self::sealed(word, known).or_else(|| Self::shaped(word))).collect()
    }

    fn sealed(text: &str, known: &dyn Fn(&str) -> Option<Known>) -> Option<Self> {
        let Known { provider, master } = known(text)?;
        let home = Some((provider, Told::Sealed));
        Some(Self { secret: text.to_owned().into(), home, master: Some(master) })
    }

    fn shaped(text: &str) -> Option<Self> {
        let row = find_builtin(provider_of_key(text)?)?;
        let home = Some((row.clone(), Told::ByShape)).filter(|_| !text.starts_with(SUBSCRIPTION));
        Some(Self { secret: text.to_owned().into(), home, master: None })
    }
}
