//! The last look at what the command gets: no real key may stand in the middle of it.

use std::ffi::{OsStr, OsString};

use super::super::environment::Environment;
use super::choices::Choices;
use super::inventory::{Fate, Inventory};
use super::note::Note;
use super::swap::{holds, swap};
use crate::domain::key_text::KeyText;
use crate::provider::key_shape::provider_of_key;
use crate::vault::SecretText;

/// What to look for, and what stands there afterwards.
pub(super) struct Sweep<'a> {
    pub(super) inventory: &'a Inventory,
    pub(super) choices: &'a Choices,
    pub(super) key: &'a KeyText,
}

impl Sweep<'_> {
    /// Takes real keys out of all variables but those that are kept.
    pub(super) fn variables(&self, environment: &mut Environment) -> Vec<Note> {
        let mut notes = Vec::new();
        let variables: Vec<_> = environment.variables().map(own).collect();
        for (name, value) in variables {
            let shown = name.to_string_lossy();
            if self.choices.keeps(&shown) {
                continue;
            }
            if self.hidden().any(|secret| holds(&value, secret)) {
                environment.remove(&name);
                notes.push(Note::said(format!(
                    "`{shown}` is removed: a real key stands in it; `--keep-env {shown}` leaves it"
                )));
            } else if let Some(value) = swap(&value, self.replaced(), self.key.expose()) {
                environment.set(&name, value);
                notes.push(Note::said(format!(
                    "a real key stood in `{shown}`: the proxy key stands there now; `--keep-env \
                     {shown}` leaves it as it was"
                )));
            }
        }
        notes
    }

    /// Takes real keys out of the arguments, and says what cannot be helped.
    pub(super) fn arguments(&self, command: &mut [OsString]) -> Vec<Note> {
        let mut notes = Vec::new();
        let mut found = false;
        for word in command.iter_mut() {
            let secrets = self.replaced().chain(self.hidden());
            let secrets = secrets.filter(|secret| !self.is_given(secret));
            if let Some(text) = swap(word, secrets, self.key.expose()) {
                *word = text;
                found = true;
            }
        }
        if found {
            notes.push(Note::warned(
                "a real key stood in the command's arguments: the proxy key stands there now; \
                 other processes can read arguments, and shells remember them",
            ));
        }
        let words = command.iter().filter_map(|word| word.to_str());
        let words = words.flat_map(|word| word.split(['=', ' ', ':', '"', '\'']));
        let mut unknown = words.filter(|word| !self.is_given(&(*word).to_owned().into()));
        if let Some(provider) = unknown.find_map(provider_of_key) {
            notes.push(Note::warned(format!(
                "a key of `{provider}` seems to stand in the command's arguments, and is left \
                 there; put it into a variable, and till replaces it"
            )));
        }
        notes
    }

    /// The secrets that the proxy key stands in for.
    fn replaced(&self) -> impl Iterator<Item = &SecretText> {
        self.inventory.keys.iter().map(|key| &key.secret)
    }

    /// Those that nothing stands in for, and that the command does not get: what removed variables
    /// held, what kept ones hold outside these, and the store's.
    fn hidden(&self) -> impl Iterator<Item = &SecretText> {
        let beside = &self.inventory.beside;
        let left = |secret: &SecretText| {
            beside.iter().any(|one| one.fate == Fate::Left && one.secret == *secret)
        };
        let hidden = beside.iter().filter(move |one| match one.fate {
            Fate::Removed => true,
            Fate::Kept => !left(&one.secret),
            Fate::Left => false,
        });
        let masters = self.inventory.masters.iter();
        let masters = masters
            .filter(move |secret| !left(secret) && self.replaced().all(|own| own != *secret));
        hidden.map(|one| &one.secret).chain(masters)
    }

    /// Whether the command gets the secret in some variable.
    fn is_given(&self, secret: &SecretText) -> bool {
        let mut beside = self.inventory.beside.iter();
        beside.any(|one| one.fate != Fate::Removed && one.secret == *secret)
    }
}

fn own((name, value): (&OsStr, &OsStr)) -> (OsString, OsString) {
    (name.to_owned(), value.to_owned())
}
