//! What the command gets: its environment without real keys, its arguments, and what is said
//! about both.

use std::ffi::{OsStr, OsString};

use super::super::environment::{Environment, LEADING_TO_SECRETS};
use super::asked::Asked;
use super::clients::{Agent, Recognised};
use super::inventory::{Beside, Fate, Inventory};
use super::left_lying::left_lying;
use super::note::Note;
use super::places::Places;
use super::slot::Slot;
use super::swap::{Swapped, holds, swap};
use super::{claude_code, codex, gemini_cli};
use crate::domain::key_text::{KeyText, PREFIX};
use crate::provider::Provider;
use crate::provider::environment::names;
use crate::provider::key_shape::provider_of_key;
use crate::vault::SecretText;

/// The variable that `till left` reads the proxy key from.
const OWN_KEY: &str = "TILL_KEY";

/// What the command gets in place of real keys.
#[derive(Clone, Copy, Debug)]
pub struct Offer<'a> {
    /// The proxy key.
    pub key: &'a KeyText,
    /// Where the proxy is: `http://127.0.0.1:40123`.
    pub url: &'a str,
    /// What the key opens beyond the keys of the inventory: masters of the store, a key that was
    /// typed.
    pub served: &'a [Provider],
    /// Whether the key is limited in tokens or dollars.
    pub bounded: bool,
}

/// What to start.
#[derive(Clone, Debug)]
pub struct Handover {
    /// All variables of the command.
    pub environment: Environment,
    /// The program and its arguments.
    pub command: Vec<OsString>,
    /// How the environment differs from the one that was asked about, by name.
    pub changes: Vec<Change>,
    /// What there is to say, beside what the inventory says.
    pub notes: Vec<Note>,
}

/// A variable that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It has this value.
    Set(OsString, OsString),
    /// It is not there.
    Removed(OsString),
}

/// Decides what the command gets.
#[must_use]
pub fn hand_over(
    asked: &Asked,
    inventory: &Inventory,
    offer: &Offer,
    places: &Places,
) -> Handover {
    let mut making = Making {
        asked,
        offer,
        client: asked.client(),
        environment: asked.environment.clone(),
        notes: Vec::new(),
    };
    making.drop_leading_to_secrets();
    making.put_proxy_key(inventory);
    for provider in offer.served {
        making.serve(provider, inventory);
    }
    making.set(OWN_KEY, offer.key.expose());
    let mut command = making.for_client(places);
    for name in asked.choices.drop.iter().filter(|name| asked.choices.drops(name)) {
        making.environment.remove(name);
    }
    making.sweep_variables(inventory);
    making.sweep_arguments(inventory, &mut command);
    making.notes.extend(left_lying(making.client.map(|client| client.agent), places));
    let Making { environment, notes, .. } = making;
    Handover { changes: changes(asked.environment, &environment), environment, command, notes }
}

/// A handover as it comes about.
struct Making<'a> {
    asked: &'a Asked<'a>,
    offer: &'a Offer<'a>,
    client: Option<Recognised>,
    environment: Environment,
    notes: Vec<Note>,
}

impl Making<'_> {
    /// Nothing that till sets goes over what the operator said of a variable.
    fn set(&mut self, name: &str, value: impl Into<OsString>) {
        let choices = self.asked.choices;
        if !choices.keeps(name) && !choices.drops(name) {
            self.environment.set(name, value);
        }
    }

    fn drop_leading_to_secrets(&mut self) {
        for name in LEADING_TO_SECRETS {
            if !self.asked.choices.keeps(name) && self.environment.remove(name) {
                self.notes.push(Note::said(format!(
                    "`{name}` is removed, as it leads to what unlocks a store; `--keep-env {name}` \
                     leaves it"
                )));
            }
        }
    }

    /// The proxy key and the URLs, in place of the real keys.
    fn put_proxy_key(&mut self, inventory: &Inventory) {
        for key in &inventory.keys {
            for variable in &key.variables {
                self.set(variable, self.offer.key.expose());
            }
            for route in &key.routes {
                let url = self.url(&key.provider, &route.path);
                self.set(&route.variable, url);
            }
            if key.provider.name == "github"
                && let Some(variable) = key.variables.first()
            {
                self.notes.push(Note::said(format!(
                    "`{variable}` holds the proxy key, which `gh` and `git` cannot use: they do \
                     not read `GITHUB_API_URL`; `--keep-env {variable}` leaves them the real key"
                )));
            }
        }
        for beside in inventory.beside.iter().filter(|beside| beside.fate == Fate::Removed) {
            self.environment.remove(&beside.variable);
        }
    }

    /// A provider that the key opens although no variable had a key of it.
    fn serve(&mut self, provider: &Provider, inventory: &Inventory) {
        if inventory.keys.iter().any(|key| key.provider.name == provider.name) {
            return;
        }
        let name = &provider.name;
        let variables = names(provider).keys;
        let held = variables.iter().find(|variable| {
            self.environment.get(variable).is_some_and(|value| value.starts_with(PREFIX))
        });
        if let Some(held) = held {
            self.notes.push(Note::said(format!(
                "`{held}` holds a proxy key already, and is left; `--drop-env {held}` removes it"
            )));
            return;
        }
        // The destination is the master's own, whatever base URL is set.
        let Ok(slot) = Slot::of(provider, true, self.asked) else { return };
        let Some(variable) = variables.first().filter(|_| !slot.routes.is_empty()) else {
            self.notes.push(Note::said(format!(
                "nothing is set for `{name}`: no variable points its clients at till; the command \
                 can call {} with the key in `{OWN_KEY}`",
                self.url(provider, "")
            )));
            return;
        };
        self.set(variable, self.offer.key.expose());
        for route in slot.routes {
            let before = self.asked.environment.get(&route.variable).is_some();
            if before && !self.asked.choices.keeps(&route.variable) {
                self.notes.push(Note::said(format!(
                    "`{}` was set, and leads to till now: requests go on to {}",
                    route.variable,
                    provider.base_url()
                )));
            }
            let url = self.url(provider, &route.path);
            self.set(&route.variable, url);
        }
    }

    /// What a known client needs beside. Returns the command.
    fn for_client(&mut self, places: &Places) -> Vec<OsString> {
        let mut command = self.asked.command.to_vec();
        let Some(Recognised { agent, arguments }) = self.client else { return command };
        let own = command.get(arguments..).unwrap_or_default();
        match agent {
            Agent::Codex => {
                let url = self.routed("OPENAI_BASE_URL");
                let key = codex::KEYS.into_iter().find(|name| self.holds_proxy_key(name));
                if let (Some(url), Some(key)) = (url, key) {
                    let (flags, note) = codex::flags(own, &url, key, self.offer.bounded);
                    self.notes.extend(note);
                    command.splice(arguments..arguments, flags);
                }
            }
            Agent::ClaudeCode if self.routed("ANTHROPIC_BASE_URL").is_some() => {
                // With `ANTHROPIC_API_KEY` it asks its user before it goes on.
                self.set("ANTHROPIC_AUTH_TOKEN", self.offer.key.expose());
                let proxied = self.holds_proxy_key("ANTHROPIC_API_KEY");
                if proxied && self.holds_proxy_key("ANTHROPIC_AUTH_TOKEN") {
                    self.environment.remove("ANTHROPIC_API_KEY");
                }
                self.notes.extend(claude_code::overrides(&self.environment, own, places));
            }
            Agent::GeminiCli if self.routed("GOOGLE_GEMINI_BASE_URL").is_some() => {
                self.notes.extend(gemini_cli::missing(places));
            }
            Agent::Cursor => self.notes.push(Note::warned(
                "Cursor cannot use a proxy key: its own servers call the models, and cannot reach \
                 till on this machine",
            )),
            Agent::ClaudeCode | Agent::GeminiCli | Agent::Aider => {}
        }
        command
    }

    /// Takes real keys out of all other variables.
    fn sweep_variables(&mut self, inventory: &Inventory) {
        let variables: Vec<_> = self.environment.variables().map(own).collect();
        for (name, value) in variables {
            let shown = name.to_string_lossy();
            let left = |one: &&Beside| one.fate != Fate::Removed && *one.variable == *shown;
            if self.asked.choices.keeps(&shown) || inventory.beside.iter().any(|one| left(&one)) {
                continue;
            }
            if hidden(inventory).any(|secret| holds(&value, secret)) {
                self.environment.remove(&name);
                self.notes.push(Note::said(format!(
                    "`{shown}` is removed: a real key stands in it; `--keep-env {shown}` leaves it"
                )));
                continue;
            }
            let key = self.offer.key.expose();
            let secrets = inventory.keys.iter().map(|key| &key.secret);
            if let Swapped::Swapped(value) = swap(&value, secrets, key) {
                self.environment.set(&name, value);
                self.notes.push(Note::said(format!(
                    "a real key stood in `{shown}`: the proxy key stands there now; `--keep-env \
                     {shown}` leaves it as it was"
                )));
            }
        }
    }

    /// Takes real keys out of the arguments, and says what cannot be helped.
    fn sweep_arguments(&mut self, inventory: &Inventory, command: &mut [OsString]) {
        let mut found = false;
        for word in command.iter_mut() {
            let kept = |secret: &SecretText| {
                let beside = inventory.beside.iter().filter(|one| one.fate != Fate::Removed);
                beside.into_iter().any(|one| one.secret == *secret)
            };
            let secrets = inventory.keys.iter().map(|key| &key.secret).chain(hidden(inventory));
            let secrets = secrets.filter(|secret| !kept(secret));
            if let Swapped::Swapped(text) = swap(word, secrets, self.offer.key.expose()) {
                *word = text;
                found = true;
            }
        }
        if found {
            self.notes.push(Note::warned(
                "a real key stood in the command's arguments: the proxy key stands there now; \
                 other processes can read arguments, and shells remember them",
            ));
        }
        let known = |word: &str| inventory.beside.iter().any(|one| one.secret.expose() == word);
        let words = command.iter().filter_map(|word| word.to_str());
        let mut words = words.flat_map(|word| word.split(['=', ' ', ':', '"', '\'']));
        if let Some(provider) =
            words.find_map(|word| provider_of_key(word).filter(|_| !known(word)))
        {
            self.notes.push(Note::warned(format!(
                "a key of `{provider}` seems to stand in the command's arguments, and is left \
                 there; put it into a variable, and till replaces it"
            )));
        }
    }

    /// The URL of the proxy that the variable now holds, if it does.
    fn routed(&self, variable: &str) -> Option<String> {
        let value = self.environment.get(variable)?;
        let own = value.strip_prefix(self.base())?.starts_with('/');
        own.then(|| value.to_owned())
    }

    fn holds_proxy_key(&self, variable: &str) -> bool {
        self.environment.get(variable) == Some(self.offer.key.expose())
    }

    fn url(&self, provider: &Provider, path: &str) -> String {
        format!("{}/{}{path}", self.base(), provider.name)
    }

    fn base(&self) -> &str {
        self.offer.url.trim_end_matches('/')
    }
}

/// The secrets that have no proxy key to stand in for them, and that the command does not get.
fn hidden(inventory: &Inventory) -> impl Iterator<Item = &SecretText> {
    let of = |fate: fn(Fate) -> bool| inventory.beside.iter().filter(move |one| fate(one.fate));
    let left = move |secret: &SecretText| {
        of(|fate| fate == Fate::Left).any(|one| one.secret == *secret)
    };
    let removed = of(|fate| fate != Fate::Left).map(|one| &one.secret);
    removed.filter(move |secret| !left(secret))
}

fn own((name, value): (&OsStr, &OsStr)) -> (OsString, OsString) {
    (name.to_owned(), value.to_owned())
}

fn changes(before: &Environment, after: &Environment) -> Vec<Change> {
    let old = |name: &OsStr| before.variables().find(|(one, _)| *one == name);
    let new = |name: &OsStr| after.variables().any(|(one, _)| one == name);
    let set = after.variables().filter(|(name, value)| old(name) != Some((*name, *value)));
    let set = set.map(|(name, value)| Change::Set(name.to_owned(), value.to_owned()));
    let removed = before.variables().filter(|(name, _)| !new(name));
    set.chain(removed.map(|(name, _)| Change::Removed(name.to_owned()))).collect()
}
