//! What the tests of this folder share: a command in an environment, and what comes of it.

use std::ffi::OsString;
use std::path::Path;

use super::super::environment::Environment;
use super::{
    Asked, Choices, Handover, Inventory, Known, Offer, Places, Unusable, hand_over, take_inventory,
};
use crate::domain::key_text::{KeyText, SECRET_BYTES};
use crate::provider::Provider;
use crate::vault::SecretText;

/// Variables, and what is expected of them.
pub(super) type Row<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str]);

/// Where the proxy of the tests is.
pub(super) const PROXY: &str = "http://127.0.0.1:4100";

/// The proxy key of the tests.
pub(super) fn proxy_key() -> KeyText {
    KeyText::from_random(&[7; SECRET_BYTES])
}

/// A key that is nobody's, with a prefix that says whose it would be.
pub(super) fn real(prefix: &str) -> String {
    format!("{prefix}0aB1cD2eF30aB1cD2eF30aB1cD2eF30aB1cD2eF30aB1cD2e")
}

/// A command, its environment, and what was said about it.
#[derive(Clone, Debug, Default)]
pub(super) struct Case {
    pub(super) environment: Environment,
    pub(super) choices: Choices,
    pub(super) command: Vec<OsString>,
    pub(super) served: Vec<Provider>,
    pub(super) bounded: bool,
    /// The store's master keys.
    pub(super) known: Vec<(SecretText, Known)>,
}

impl Case {
    /// `env` in this environment.
    pub(super) fn of(variables: &[(&str, &str)]) -> Self {
        let variables = variables.iter().map(|(name, value)| (*name, *value));
        Self { environment: Environment::from_pairs(variables), ..Self::default() }
    }

    pub(super) fn running(mut self, command: &str) -> Self {
        self.command = command.split_whitespace().map(OsString::from).collect();
        self
    }

    pub(super) fn keeping(mut self, name: &str) -> Self {
        self.choices.keep.push(name.to_owned());
        self
    }

    pub(super) fn dropping(mut self, name: &str) -> Self {
        self.choices.drop.push(name.to_owned());
        self
    }

    pub(super) fn only(mut self, names: &[&str]) -> Self {
        self.choices.only = Some(names.iter().map(|name| (*name).to_owned()).collect());
        self
    }

    pub(super) fn asked(&self) -> Asked<'_> {
        Asked { environment: &self.environment, choices: &self.choices, command: &self.command }
    }

    pub(super) fn inventory(&self) -> Result<Inventory, Unusable> {
        take_inventory(&self.asked(), &self.known)
    }

    /// What the command gets where no file lies about.
    pub(super) fn handover(&self) -> (Inventory, Handover) {
        let inventory = self.inventory().unwrap();
        let key = proxy_key();
        let offer = Offer { key: &key, url: PROXY, served: &self.served, bounded: self.bounded };
        let places = Places { home: None, folder: Path::new("/nowhere"), read: &|_: &Path| None };
        let handover = hand_over(&self.asked(), &inventory, &offer, &places);
        (inventory, handover)
    }

    /// The command's variables but for till's own: `key` stands for the proxy key, `url` for where
    /// the proxy is.
    pub(super) fn variables(&self) -> Vec<String> {
        let (_, handover) = self.handover();
        let key = proxy_key();
        let lines = handover.environment.variables().map(|(name, value)| {
            let line = format!("{}={}", name.display(), value.display());
            line.replace(key.expose(), "key").replace(PROXY, "url")
        });
        lines.filter(|line| line != "TILL_KEY=key" && line != "TILL_URL=url").collect()
    }

    /// All that was said.
    pub(super) fn notes(&self) -> String {
        let (inventory, handover) = self.handover();
        let notes = inventory.notes.into_iter().chain(handover.notes);
        notes.map(|note| note.text + "\n").collect()
    }
}
