//! What the command gets: its environment without real keys, its arguments, and what is said
//! about both.

use std::ffi::{OsStr, OsString};

use super::super::environment::{Environment, LEADING_TO_SECRETS};
use super::asked::Asked;
use super::clients::{Agent, Recognised};
use super::inventory::{Fate, Inventory};
use super::left_lying::left_lying;
use super::note::Note;
use super::places::Places;
use super::slot::{Route, Slot, Told};
use super::swap::swap;
use super::sweep::Sweep;
use super::{claude_code, codex, gemini_cli, no_proxy, unknown};
use crate::domain::key_text::{KeyText, PREFIX};
use crate::provider::Provider;
use crate::provider::environment::names;

/// The variable that `till left` reads the proxy key from.
const OWN_KEY: &str = "TILL_KEY";
/// The variable that `till left` finds the proxy by.
const OWN_URL: &str = "TILL_URL";
/// The switch that makes Google's SDKs call another API.
const VERTEX: &str = "GOOGLE_GENAI_USE_VERTEXAI";

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
pub fn hand_over(asked: &Asked, inventory: &Inventory, offer: &Offer, places: &Places) -> Handover {
    let mut making = Making {
        asked,
        offer,
        client: asked.client(),
        environment: asked.environment.clone(),
        notes: Vec::new(),
    };
    for name in asked.choices.drop.iter().filter(|name| asked.choices.drops(name)) {
        making.environment.remove(name);
    }
    making.drop_leading_to_secrets();
    making.put_proxy_key(inventory);
    for provider in offer.served {
        making.serve(provider, inventory);
    }
    making.set(OWN_KEY, offer.key.expose());
    making.set(OWN_URL, making.base().to_owned());
    making.except_from_web_proxies();
    making.warn_of_ways_past();
    let mut command = making.for_client(places);
    let Making { client, mut environment, mut notes, .. } = making;
    let sweep = Sweep { inventory, choices: asked.choices, key: offer.key };
    notes.extend(sweep.variables(&mut environment));
    notes.extend(sweep.arguments(&mut command));
    notes.extend(unknown::left(&environment, inventory, asked.choices));
    notes.extend(left_lying(client.map(|client| client.agent), places));
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
                    "`{name}` is removed, as it leads to what unlocks a store or mints keys; \
                     `--keep-env {name}` leaves it"
                )));
            }
        }
    }

    /// The proxy key and the URLs, in place of the real keys.
    fn put_proxy_key(&mut self, inventory: &Inventory) {
        for key in &inventory.keys {
            for variable in &key.variables {
                let value = self.environment.get_os(variable);
                let value =
                    value.and_then(|value| swap(value, [&key.secret], self.offer.key.expose()));
                if let Some(value) = value {
                    self.set(variable, value);
                }
            }
            self.route(&key.provider, &key.routes);
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
        let before = self.asked.environment;
        let held = variables
            .iter()
            .find(|variable| before.get(variable).is_some_and(|value| value.starts_with(PREFIX)));
        if let Some(held) = held {
            self.notes.push(Note::said(format!(
                "`{held}` holds a proxy key already, and is left; `--drop-env {held}` removes it"
            )));
            return;
        }
        // The destination is the master's own, whatever base URL is set.
        let Ok(slot) = Slot::of(provider, Told::Sealed, self.asked) else { return };
        let taken = slot.routes.iter().any(|route| self.routed(&route.variable).is_some());
        let Some(variable) = variables.first().filter(|_| !slot.routes.is_empty() && !taken) else {
            let why = if let Some(base) = &slot.kept {
                &format!("`{base}` is kept, so that its clients do not call till")
            } else if taken {
                "the variables of its clients lead to another provider"
            } else {
                "no variable points its clients at till"
            };
            self.notes.push(Note::said(format!(
                "nothing is set for `{name}`: {why}; the command can call {} with the key in \
                 `{OWN_KEY}`",
                self.url(provider, "")
            )));
            return;
        };
        if self.asked.choices.drops(variable) {
            return;
        }
        self.set(variable, self.offer.key.expose());
        self.notes.extend(slot.notes);
        self.route(provider, &slot.routes);
    }

    /// Points the provider's clients at the proxy. A base URL that the operator drops is the one
    /// that was set: without any, they would send the proxy key to the provider.
    fn route(&mut self, provider: &Provider, routes: &[Route]) {
        for route in routes {
            let url = self.url(provider, &route.path);
            self.environment.set(&route.variable, url);
        }
    }

    /// Loopback is reached without a web proxy.
    fn except_from_web_proxies(&mut self) {
        let host = self.base().split_once("://").map_or("", |(_, rest)| rest);
        let host = host.rsplit_once(':').map_or(host, |(host, _)| host).to_owned();
        for (name, value) in no_proxy::exceptions(&self.environment, &host) {
            self.set(name, value);
        }
    }

    /// Where a switch in the environment leads past the proxy.
    fn warn_of_ways_past(&mut self) {
        let is_on = |name: &str| {
            self.environment.get(name).is_some_and(|value| !matches!(value, "0" | "false"))
        };
        let vertex = is_on(VERTEX);
        let clouds = claude_code::CLOUDS.into_iter().filter(|name| is_on(name));
        let clouds = clouds.filter(|_| self.routed("ANTHROPIC_BASE_URL").is_some());
        let clouds = clouds.map(|name| {
            Note::warned(format!(
                "`{name}` is set: Claude Code calls another cloud, past till; `--drop-env {name}` \
                 removes it"
            ))
        });
        let clouds: Vec<_> = clouds.collect();
        self.notes.extend(clouds);
        if vertex && self.routed("GOOGLE_GEMINI_BASE_URL").is_some() {
            self.notes.push(Note::warned(format!(
                "`{VERTEX}` is set: Google's SDKs call Vertex AI, past till; `--drop-env {VERTEX}` \
                 removes it"
            )));
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

fn changes(before: &Environment, after: &Environment) -> Vec<Change> {
    let old = |name: &OsStr| before.variables().find(|(one, _)| *one == name);
    let new = |name: &OsStr| after.variables().any(|(one, _)| one == name);
    let set = after.variables().filter(|(name, value)| old(name) != Some((*name, *value)));
    let set = set.map(|(name, value)| Change::Set(name.to_owned(), value.to_owned()));
    let removed = before.variables().filter(|(name, _)| !new(name));
    set.chain(removed.map(|(name, _)| Change::Removed(name.to_owned()))).collect()
}

#[cfg(test)]
mod tests;
