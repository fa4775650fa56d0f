//! Real keys in the text of a variable: by the variable's name, as a known master, by their form.

use std::ffi::OsStr;

use super::inventory::Known;
use super::slot::Told;
use super::swap::{DISTINCT, holds};
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
        known: &[(SecretText, Known)],
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

    /// The keys in the middle of other text, as in `Authorization: Bearer sk-…`. A master key may
    /// consist of any characters; others are told by those that keys have.
    pub(super) fn inside(text: &str, known: &[(SecretText, Known)]) -> Vec<Self> {
        let sealed = known.iter().filter(|(secret, _)| holds(OsStr::new(text), secret));
        let mut found: Vec<_> = sealed.map(Self::of_master).collect();
        let part_of_key = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        let words = text.split(|c| !part_of_key(c)).filter(|word| word.len() >= DISTINCT);
        let words = words.filter(|word| !word.starts_with(PREFIX));
        let masters = found.len();
        for word in words {
            let sealed = found.iter().take(masters).any(|one| one.secret.expose().contains(word));
            found.extend(Self::shaped(word).filter(|_| !sealed));
        }
        found
    }

    fn sealed(text: &str, known: &[(SecretText, Known)]) -> Option<Self> {
        known.iter().find(|(secret, _)| secret.expose() == text).map(Self::of_master)
    }

    fn of_master((secret, known): &(SecretText, Known)) -> Self {
        let home = Some((known.provider.clone(), Told::Sealed));
        Self { secret: secret.clone(), home, master: Some(known.master.clone()) }
    }

    fn shaped(text: &str) -> Option<Self> {
        let row = find_builtin(provider_of_key(text)?)?;
        let home = Some((row.clone(), Told::ByShape)).filter(|_| !text.starts_with(SUBSCRIPTION));
        Some(Self { secret: text.to_owned().into(), home, master: None })
    }
}
