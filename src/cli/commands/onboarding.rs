//! A first `till proxy`, in a terminal: from nothing to the lines to paste.

use std::path::Path;

use crate::domain::key_text::KeyText;
use crate::domain::limits::Limits;
use crate::domain::scope::Scope;
use crate::domain::time::Span;
use crate::ledger::op::KeyTemplate;
use crate::ledger::{Book, Ledger};
use crate::provider::{Provider, environment};
use crate::report::masters;
use crate::store::Table;
use crate::vault::{OperatorKeys, ProxyKeys, check_master};

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::harden::harden;
use super::init::make;
use super::key_mint::mint;
use super::master_add::{NewMaster, seal};
use super::unlock_add::new_secret;

/// The limits of a first key: enough to try it, and soon over.
const ACTIVATIONS: u64 = 50;
const HOURS: u64 = 24;

const NOTHING_SEALED: &str = "no API key is sealed yet; seal one with `till master add openai`";

/// What a first start leads to.
#[derive(Debug)]
pub struct Welcome {
    /// The new store.
    pub ledger: Ledger,
    /// What a forwarder needs of its keys.
    pub keys: ProxyKeys,
    /// A first proxy key, where there was something to open with it.
    pub first: Option<FirstKey>,
}

/// A proxy key to begin with.
#[derive(Debug)]
pub struct FirstKey {
    /// The key.
    key: KeyText,
    /// What it opens.
    opens: Vec<Provider>,
}

/// Makes a store, seals what the environment holds, and mints a first key.
///
/// # Errors
/// Where nothing is answered, or the store cannot be made.
pub fn run(context: &Context, path: &Path) -> Result<Welcome, Failure> {
    let terminal = &context.terminal;
    harden(terminal, context.cores);
    terminal.say(&format!("there is no store yet; it will be `{}`", path.display()));
    terminal.say("choose a passphrase: it unlocks the store, and cannot be recovered");
    let new = new_secret(context)?;
    let (root, _) = make(context, path, &new)?;
    let ledger = context.open()?;
    let first = seal_and_mint(context, &ledger, &root.operator_keys())?;
    Ok(Welcome { ledger, keys: root.proxy_keys(), first })
}

/// Goes on with a store that holds no master key yet: in a terminal, from sealing on; elsewhere it
/// says what is missing.
///
/// # Errors
/// Where nothing is answered, or the store cannot be written.
pub fn resume(
    context: &Context,
    ledger: &Ledger,
    operator: &OperatorKeys,
) -> Result<Option<FirstKey>, Failure> {
    if ledger.view(|rows, _| rows.len(Table::Masters))? > 0 {
        return Ok(None);
    }
    if context.terminal.can_ask() {
        return seal_and_mint(context, ledger, operator);
    }
    context.terminal.say(NOTHING_SEALED);
    Ok(None)
}

fn seal_and_mint(
    context: &Context,
    ledger: &Ledger,
    operator: &OperatorKeys,
) -> Result<Option<FirstKey>, Failure> {
    let opens = seal_found(context, ledger, operator)?;
    if opens.is_empty() {
        context.terminal.say(NOTHING_SEALED);
        return Ok(None);
    }
    let key = first_key(context, ledger, operator)?;
    Ok(Some(FirstKey { key, opens }))
}

/// Shows the lines that point clients at the proxy.
pub fn show_lines(context: &Context, url: &str, first: &FirstKey) {
    let terminal = &context.terminal;
    terminal.say(&format!(
        "minted a first key, of {ACTIVATIONS} activations within {HOURS} hours; paste in another \
         terminal:\n"
    ));
    for provider in &first.opens {
        for (name, value) in environment::lines_for(provider, url, first.key.expose()) {
            terminal.say(&format!("  export {name}='{value}'"));
        }
    }
    terminal.say("\nmint more with `till key mint`; see what is left with `till key ls`\n");
}

/// Offers to seal the real keys that the environment holds.
fn seal_found(
    context: &Context,
    ledger: &Ledger,
    operator: &OperatorKeys,
) -> Result<Vec<Provider>, Failure> {
    let mut sealed: Vec<Provider> = Vec::new();
    for (variable, provider) in environment::key_variables() {
        let Some(value) = context.environment.get(variable) else { continue };
        let known = sealed.iter().any(|one| one.name == provider.name);
        let Ok(secret) = check_master(value) else { continue };
        let question = format!("seal the key of `{}` that `{variable}` holds?", provider.name);
        if known || !context.terminal.confirm(&question)? {
            continue;
        }
        let new = NewMaster {
            name: &provider.name,
            secret: &secret,
            base: None,
            headers: Vec::new(),
            ends_with: None,
        };
        seal(ledger, operator, provider, new)?;
        sealed.push(provider.clone());
    }
    if !sealed.is_empty() {
        context.terminal.say(
            "take the real keys out of your environment and its files: agents can read them there",
        );
    }
    Ok(sealed)
}

fn first_key(
    context: &Context,
    ledger: &Ledger,
    operator: &OperatorKeys,
) -> Result<KeyText, Failure> {
    let (sealed, now) = ledger.view(|rows, now| {
        let book = Book::verified(operator.proxy.row_mac());
        Ok((masters(rows, book, now)?, now))
    })?;
    let template = KeyTemplate {
        name: "first".to_owned(),
        labels: Vec::new(),
        masters: sealed.iter().map(|view| view.master.id).collect(),
        limits: Limits {
            activations: Some(ACTIVATIONS),
            expires_at: Some(now.after(Span::minutes(HOURS.saturating_mul(60)))),
            ..Limits::default()
        },
        scope: Scope::default(),
        unlimited: false,
        ends_with: None,
        delegate: 0,
    };
    let mut minted = mint(context, ledger, operator, &template, 1)?;
    let key = minted.pop().map(|minted| minted.text);
    key.ok_or_else(|| Failure::new(super::super::exit::Exit::Failed, "no key was minted"))
}
