//! Which real keys the environment holds, by name and by value, and what becomes of each.

use super::asked::Asked;
use super::found::Found;
use super::note::Note;
use super::slot::{Route, Slot, Unusable};
use crate::domain::key_text::PREFIX;
use crate::provider::environment::{names, provider_of_variable};
use crate::provider::{BaseUrl, Provider};
use crate::vault::SecretText;

/// A master key of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Where it goes, as [`crate::provider::destination`] says.
    pub provider: Provider,
    /// What the store calls it.
    pub master: String,
}

/// A real key that the command gets a proxy key for.
#[derive(Clone, Debug)]
pub struct RealKey {
    /// Whose key it is.
    pub provider: Provider,
    /// The key.
    pub secret: SecretText,
    /// The variables that hold it, alone or in the middle of other text.
    pub variables: Vec<String>,
    /// Where its requests go on to, when not where the provider's row says: the user had set it.
    pub base_url: Option<BaseUrl>,
    /// What the store calls it, where it is sealed there already.
    pub master: Option<String>,
    /// The variables that then hold a URL of the proxy.
    pub(super) routes: Vec<Route>,
}

/// What becomes of a variable with a real key that gets no proxy key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// The command does not get it.
    Removed,
    /// The command gets it as it is, since its API is no AI's.
    Left,
    /// The command gets it as it is, since the operator says so.
    Kept,
}

/// A variable with a real key that gets no proxy key.
#[derive(Clone, Debug)]
pub(super) struct Beside {
    pub(super) variable: String,
    pub(super) secret: SecretText,
    pub(super) fate: Fate,
}

/// All real keys of an environment.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// Those to mint a proxy key for, one for each provider.
    pub keys: Vec<RealKey>,
    /// What there is to say.
    pub notes: Vec<Note>,
    pub(super) beside: Vec<Beside>,
    /// The store's master keys, wherever they may turn up.
    pub(super) masters: Vec<SecretText>,
}

/// Finds the real keys. `known` are the store's master keys.
///
/// # Errors
/// Where a base URL was set for a key, and cannot be used.
pub fn take_inventory(asked: &Asked, known: &[(SecretText, Known)]) -> Result<Inventory, Unusable> {
    let masters = known.iter().map(|(secret, _)| secret.clone()).collect();
    let mut inventory = Inventory { masters, ..Inventory::default() };
    let mut candidates = Vec::new();
    for (name, value) in asked.environment.variables() {
        let (Some(name), Some(value)) = (name.to_str(), value.to_str()) else { continue };
        let whole = Found::in_variable(name, value.trim(), known);
        let found = whole.map_or_else(|| Found::inside(value, known), |found| vec![found]);
        for found in found {
            candidates.extend(inventory.sort(asked, name, found)?);
        }
    }
    candidates.sort_by_key(|candidate| candidate.rank);
    for candidate in candidates {
        inventory.admit(candidate);
    }
    inventory.tell_of_outer_run(asked);
    Ok(inventory)
}

/// A key that can be replaced.
struct Candidate {
    /// The place of the variable in its provider's order.
    rank: usize,
    key: RealKey,
    notes: Vec<Note>,
}

impl Inventory {
    /// Decides about one variable: what can be replaced comes back.
    fn sort(
        &mut self,
        asked: &Asked,
        name: &str,
        found: Found,
    ) -> Result<Option<Candidate>, Unusable> {
        let Found { secret, home, master } = found;
        let variable = name.to_owned();
        if asked.choices.keeps(name) {
            self.notes.push(Note::warned(format!(
                "`{name}` is kept, with the real key: the command can read it"
            )));
            self.beside.push(Beside { variable, secret, fate: Fate::Kept });
            return Ok(None);
        }
        if asked.choices.drops(name) {
            self.beside.push(Beside { variable, secret, fate: Fate::Removed });
            return Ok(None);
        }
        let Some((home, told)) = home else {
            self.set_aside(variable, secret, true, "till cannot forward with what it holds");
            return Ok(None);
        };
        let slot = Slot::of(&home, told, asked)?;
        let provider = slot.provider;
        let why = if !asked.choices.covers(&provider.name) {
            format!("`--only` does not name `{}`", provider.name)
        } else if let Some(base) = &slot.kept {
            format!("`{base}` is kept, so that its clients do not call till")
        } else if slot.routes.is_empty() {
            format!("no variable points the clients of `{}` at till", provider.name)
        } else {
            let position = names(&provider).keys.iter().position(|own| own == name);
            let key = RealKey {
                provider,
                secret,
                variables: vec![variable],
                base_url: slot.base_url,
                master,
                routes: slot.routes,
            };
            let rank = position.unwrap_or(usize::MAX);
            return Ok(Some(Candidate { rank, key, notes: slot.notes }));
        };
        self.set_aside(variable, secret, provider.meter, &why);
        Ok(None)
    }

    /// What gets no proxy key is removed where it opens an AI, and else left.
    fn set_aside(&mut self, variable: String, secret: SecretText, ai: bool, why: &str) {
        let (fate, note) = if ai {
            let note = format!(
                "`{variable}` is removed: {why}; `--keep-env {variable}` leaves it, with the real \
                 key"
            );
            (Fate::Removed, Note::said(note))
        } else {
            let note = format!(
                "`{variable}` is left, with the real key: {why}; `--drop-env {variable}` removes it"
            );
            (Fate::Left, Note::warned(note))
        };
        // Several keys may stand in one variable.
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
        self.beside.push(Beside { variable, secret, fate });
    }

    /// In a run within a run the real keys are gone already.
    fn tell_of_outer_run(&mut self, asked: &Asked) {
        let mut names = asked.environment.variables().filter_map(|(name, value)| {
            let name = name.to_str().filter(|name| provider_of_variable(name).is_some())?;
            value.to_str()?.trim().starts_with(PREFIX).then_some(name)
        });
        let held = names.find(|name| !asked.choices.drops(name));
        if let Some(held) = held.filter(|_| self.keys.is_empty()) {
            self.notes.push(Note::said(format!(
                "`{held}` holds a proxy key of till already: this seems to be a run within another, \
                 which has the real key"
            )));
        }
    }

    /// Takes a key in; of several different ones of a provider the first is used.
    fn admit(&mut self, candidate: Candidate) {
        let Candidate { key, notes, .. } = candidate;
        let name = &key.provider.name;
        let Some(used) = self.keys.iter_mut().find(|used| used.provider.name == *name) else {
            self.notes.extend(notes);
            self.keys.push(key);
            return;
        };
        if used.secret == key.secret {
            let new = key.variables.into_iter().filter(|name| !used.variables.contains(name));
            let new: Vec<_> = new.collect();
            used.variables.extend(new);
            let new = key
                .routes
                .into_iter()
                .filter(|route| used.routes.iter().all(|known| known.variable != route.variable));
            let new: Vec<_> = new.collect();
            used.routes.extend(new);
            return;
        }
        let used = used.variables.first().cloned().unwrap_or_default();
        for variable in key.variables {
            self.notes.push(Note::said(format!(
                "`{variable}` is removed: it holds another key of `{name}` than `{used}`, which \
                 is used; `--keep-env {variable}` leaves it, with the real key"
            )));
            let secret = key.secret.clone();
            self.beside.push(Beside { variable, secret, fate: Fate::Removed });
        }
    }
}

#[cfg(test)]
mod tests;
